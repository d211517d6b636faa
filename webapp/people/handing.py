"""Handing somebody a link that is a key: shown once, and mailed where that is possible."""

from flask import current_app, render_template, url_for
from flask_babel import gettext as _

from webapp.extensions import db
from webapp.people import letters
from webapp.people.gate import Visit


def invited(visit: Visit, email: str, token: str) -> str:
    """The link, shown this once, and mailed where that is possible."""
    society = visit.society.name
    db.session.commit()
    address = public(url_for("account.invitation", token=token))
    body = _(
        "%(who)s invites you to %(society)s on Meterdesk. Come in by this link within 7 days:\n\n"
        "%(address)s\n",
        who=visit.user.display_name,
        society=society,
        address=address,
    )
    return link(
        visit, "invitation", address, email, (_("Your invitation to %(society)s", society=society), body)
    )


def public(path: str) -> str:
    return f"{current_app.config['METERDESK'].public_url}{path}"


def link(visit: Visit, what: str, address: str, email: str, letter: tuple[str, str]) -> str:
    mails = bool(current_app.config["METERDESK"].mail_url)
    if mails:
        letters.post(email, *letter)
    return render_template(
        "people/link.html", what=what, address=address, email=email, mails=mails, visit=visit
    )
