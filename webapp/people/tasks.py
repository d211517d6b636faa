"""Letters for forgotten passwords, and papers swept out."""

from datetime import UTC, datetime, timedelta

from flask import current_app
from flask_babel import gettext
from sqlalchemy import delete, select

from webapp.extensions import db
from webapp.languages import speaking
from webapp.people import letters, resetting
from webapp.people.models import User
from webapp.people.papers import Invitation, Reset, Upload
from webapp.work import Job, task

KEEP_UPLOADS = timedelta(days=2)
KEEP_LINKS = timedelta(days=90)


@task("mail")
def forgotten(email: str) -> None:
    """Behind the page, so that it answers alike, and as quickly, whether the address is known or not."""
    user = db.session.scalar(select(User).filter_by(email=email))
    if user is None or not user.can_sign_in or resetting.is_pestered(user):
        db.session.rollback()
        return
    token, language = resetting.make(user, None), user.language
    db.session.commit()
    address = f"{current_app.config['METERDESK'].public_url}/reset/{token}"
    with speaking(language):
        letters.post(
            email,
            gettext("A new password for Meterdesk"),
            gettext(
                "Somebody, most likely you, asked for a new password. Choose it here within an hour:\n\n"
                "%(address)s\n\nIf it was not you, do nothing: your password stays as it is.\n",
                address=address,
            ),
        )


def forget_old_papers() -> None:
    now = datetime.now(UTC)
    db.session.execute(delete(Upload).where(Upload.made_at < now - KEEP_UPLOADS))
    for kind in (Invitation, Reset):
        db.session.execute(delete(kind).where(kind.ends_at < now - KEEP_LINKS))
    db.session.commit()


JOBS = (Job("old papers", 6 * 3600, forget_old_papers),)
