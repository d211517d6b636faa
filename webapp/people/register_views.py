"""The society's register of people, for managers and operators: the list, a person, invitations."""

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from webapp.columns import LARGEST_ID
from webapp.extensions import db
from webapp.people import inviting, listing, residing
from webapp.people.forms import days, today
from webapp.people.gate import Visit, society_page, wants_fragment
from webapp.people.handing import invited
from webapp.people.listing import Wanted
from webapp.people.models import REGISTRARS, Membership, Residence, Role, User
from webapp.people.papers import Invitation
from webapp.people.residing import NewResident
from webapp.people.rules import NotSoError, check_span, email_of, name_of, phone_of
from webapp.people.sentences import said

pages = Blueprint("register", __name__)
Answer = Response | str | tuple[str, int]
PEOPLE = "/s/<society>/people"
INVITATION = f"{PEOPLE}/invitations/<int(max={LARGEST_ID}):invitation_id>"
ASSIGNABLE = (Role.MANAGER, Role.OFFICE)


@pages.get(PEOPLE)
@society_page(*REGISTRARS)
def people(visit: Visit) -> str:
    wanted = Wanted.of(request.args)
    template = "people/_people.html" if wants_fragment() else "people/people.html"
    return render_template(
        template,
        wanted=wanted,
        page=listing.page(visit.society, wanted, visit.now),
        count=listing.count(visit.society, wanted, visit.now),
        waiting=listing.waiting(visit.society, visit.now, wanted.q) if wanted.who in ("", "staff") else [],
        visit=visit,
    )


@pages.route(f"{PEOPLE}/new", methods=["GET", "POST"])
@society_page(*REGISTRARS)
def new(visit: Visit) -> Answer:
    """Staff by invitation; a resident with or without one, who lives there in either case."""
    if request.method == "GET":
        return _new(visit)
    role = request.form.get("role", "")
    try:
        if role == Role.RESIDENT.value:
            return _new_resident(visit)
        if role not in {each.value for each in ASSIGNABLE}:
            abort(400)
        email, name = request.form.get("email", ""), request.form.get("name", "")
        if not email.strip():
            raise NotSoError("email_missing")
        token = inviting.invite(visit.society, email, Role(role), visit.user, name)
    except NotSoError as error:
        db.session.rollback()
        return _new(visit, problem=said(error)), 422
    return invited(visit, email_of(email), token)


def _new(visit: Visit, **more: Any) -> str:
    typed = request.form or request.args
    return render_template("people/new.html", typed=typed, today=today(visit), visit=visit, **more)


def _new_resident(visit: Visit) -> Answer:
    """Raises NotSoError."""
    form, society = request.form, visit.society
    name, phone = name_of(form.get("name", "")), phone_of(form.get("phone", ""))
    email = email_of(form["email"]) if form.get("email", "").strip() else ""
    unit_id = residing.unit_id_of(society, form.get("unit", ""))
    since, until = days(visit)
    check_span(since, until, today(visit))
    if not name:
        raise NotSoError("name_missing")
    _refuse_member(visit, email)
    row = NewResident(unit_id, name, phone, email, since, until)
    user_id = residing.settle_many(society, [row], visit.user)[0]
    if not email or form.get("invite") != "yes":
        db.session.commit()
        return redirect(address(visit, user_id), 303)
    user = db.session.get_one(User, user_id)
    token = inviting.invite(society, email, Role.RESIDENT, visit.user, name, user)
    return invited(visit, email, token)


def _refuse_member(visit: Visit, email: str) -> None:
    """Who is in the society already moves in on their own page, rather than becoming two."""
    same = select(Membership).filter_by(society_id=visit.society.id).join(User)
    member = db.session.scalar(same.where((User.email == email) | (Membership.email == email)).limit(1))
    if email and member is not None:
        raise NotSoError("already_member", name=member.user.display_name)


@pages.post(f"{INVITATION}/again")
@society_page(*REGISTRARS)
def invite_again(visit: Visit, invitation_id: int) -> Answer:
    found = _open_invitation(visit, invitation_id)
    email = found.email
    try:
        token = inviting.again(found, visit.user)
    except NotSoError:  # they came in by another way meanwhile
        abort(404)
    return invited(visit, email, token)


@pages.post(f"{INVITATION}/revoke")
@society_page(*REGISTRARS)
def revoke(visit: Visit, invitation_id: int) -> Response:
    found = _open_invitation(visit, invitation_id)
    back = address(visit, found.user_id) if found.user_id else url_for(".people", society=visit.society.slug)
    inviting.revoke(found)
    db.session.commit()
    return redirect(back, 303)


def _open_invitation(visit: Visit, invitation_id: int) -> Invitation:
    found = db.session.get(Invitation, invitation_id)
    if found is None or found.society_id != visit.society.id or found.used_at or found.revoked_at:
        abort(404)
    return found


def address(visit: Visit, user_id: int) -> str:
    return url_for("person.person", society=visit.society.slug, user_id=user_id)


@pages.app_context_processor
def _for_templates() -> dict[str, Any]:
    return {"residents_of": residents_of}


def residents_of(visit: Visit, unit_id: int) -> list[tuple[Residence, User]]:
    """Who lives in the unit, will, or did in the last year: those who are there first."""
    rows = (
        select(Residence, User)
        .join(User, User.id == Residence.user_id)
        .filter(Residence.unit_id == unit_id, Residence.society_id == visit.society.id)
        .filter(Residence.cancelled_at.is_(None))
        .order_by(Residence.until.is_(None).desc(), Residence.since.desc())
        .limit(20)
    )
    return [(home, user) for home, user in db.session.execute(rows)]
