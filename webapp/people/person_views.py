"""A person in the society's register: what they are, where they live, their way in."""

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from webapp.columns import LARGEST_ID
from webapp.extensions import db
from webapp.people import inviting, listing, resetting, residing, roles
from webapp.people.forms import days, today
from webapp.people.gate import Visit, society_page
from webapp.people.handing import invited, link, public
from webapp.people.models import REGISTRARS, Membership, Residence, Role
from webapp.people.register_views import ASSIGNABLE, PEOPLE, Answer, address
from webapp.people.residing import UNITS
from webapp.people.rules import NotSoError, day_at, day_of, email_of, name_of, phone_of
from webapp.people.sentences import said

pages = Blueprint("person", __name__)
PERSON = f"{PEOPLE}/<int(max={LARGEST_ID}):user_id>"
HOME = f"{PERSON}/homes/<int(max={LARGEST_ID}):home_id>"


@pages.get(PERSON)
@society_page(*REGISTRARS)
def person(visit: Visit, user_id: int) -> str:
    return _person(visit, _member(visit, user_id))


def _member(visit: Visit, user_id: int) -> Membership:
    found = db.session.scalar(select(Membership).filter_by(society_id=visit.society.id, user_id=user_id))
    if found is None:
        abort(404)
    return found


def _person(visit: Visit, member: Membership, **more: Any) -> str:
    homes = (
        select(Residence, UNITS.c.unit_no, UNITS.c.key)
        .join(UNITS, UNITS.c.id == Residence.unit_id)
        .where(Residence.user_id == member.user_id, Residence.society_id == visit.society.id)
        .order_by(Residence.since.desc(), Residence.id.desc())
    )
    return render_template(
        "people/person.html",
        member=member,
        person=member.user,
        homes=db.session.execute(homes).all(),
        invitation=listing.invitation_for(visit.society, member.user, visit.now),
        may_reset=resetting.may_hand_over(member.user, visit.society.id, visit.user),
        day_of=lambda moment: day_at(moment, visit.society.zone),
        today=today(visit),
        typed=request.form,
        visit=visit,
        **more,
    )


def _refused(visit: Visit, user_id: int, at: str, error: NotSoError) -> tuple[str, int]:
    """The page again, with what was not so where it was pressed."""
    problem = said(error)
    db.session.rollback()
    return _person(visit, _member(visit, user_id), at=at, problem=problem), 422


def _done(visit: Visit, user_id: int) -> Response:
    db.session.commit()
    return redirect(address(visit, user_id), 303)


@pages.post(f"{PERSON}/details")
@society_page(*REGISTRARS)
def details(visit: Visit, user_id: int) -> Answer:
    """Name and phone of somebody who cannot sign in; the address at which the office would invite them."""
    member = _member(visit, user_id)
    form = request.form
    try:
        if member.user.can_sign_in:
            raise NotSoError("keeps_own")
        name, phone = name_of(form.get("name", "")), phone_of(form.get("phone", ""))
        if not name:
            raise NotSoError("name_missing")
        member.email = email_of(form["email"]) if form.get("email", "").strip() else ""
    except NotSoError as error:
        return _refused(visit, user_id, "details", error)
    member.user.name, member.user.phone = name, phone
    return _done(visit, user_id)


@pages.post(f"{PERSON}/invite")
@society_page(*REGISTRARS)
def invite(visit: Visit, user_id: int) -> Answer:
    """A resident whom a list named, to come in themselves."""
    member = _member(visit, user_id)
    try:
        if member.user.can_sign_in:
            raise NotSoError("already_member", name=member.user.display_name)
        email = email_of(request.form.get("email", ""))
        member.email = email
        token = inviting.invite(
            visit.society, email, Role.RESIDENT, visit.user, member.user.name, member.user
        )
    except NotSoError as error:
        return _refused(visit, user_id, "invite", error)
    return invited(visit, email, token)


@pages.post(f"{PERSON}/role")
@society_page(*REGISTRARS)
def role(visit: Visit, user_id: int) -> Answer:
    wanted, member = request.form.get("role", ""), _member(visit, user_id)
    if wanted not in {each.value for each in ASSIGNABLE} or not member.user.can_sign_in:
        abort(400)
    try:
        roles.set_role(member, Role(wanted))
    except NotSoError as error:
        return _refused(visit, user_id, "role", error)
    return _done(visit, user_id)


@pages.post(f"{PERSON}/remove")
@society_page(*REGISTRARS)
def remove(visit: Visit, user_id: int) -> Answer:
    """Staff no more. Residents move out instead: what they were stays known."""
    member = _member(visit, user_id)
    if member.role is Role.RESIDENT:
        abort(400)
    try:
        roles.remove(member)
    except NotSoError as error:
        return _refused(visit, user_id, "role", error)
    db.session.commit()
    return redirect(url_for("register.people", society=visit.society.slug), 303)


@pages.post(f"{PERSON}/move-in")
@society_page(*REGISTRARS)
def move_in(visit: Visit, user_id: int) -> Answer:
    member = _member(visit, user_id)
    try:
        residing.move_in(member.user, visit.society, request.form.get("unit", ""), days(visit), visit.user)
    except NotSoError as error:
        return _refused(visit, user_id, "move_in", error)
    return _done(visit, user_id)


@pages.post(f"{HOME}/move-out")
@society_page(*REGISTRARS)
def move_out(visit: Visit, user_id: int, home_id: int) -> Answer:
    home = _home(visit, user_id, home_id)
    try:
        residing.move_out(home, visit.society, day_of(request.form.get("on", "")))
    except NotSoError as error:
        return _refused(visit, user_id, f"home-{home_id}", error)
    return _done(visit, user_id)


@pages.post(f"{HOME}/correct")
@society_page(*REGISTRARS)
def correct(visit: Visit, user_id: int, home_id: int) -> Answer:
    """A wrong entry: entered anew with other days, or never so."""
    home = _home(visit, user_id, home_id)
    try:
        right = None if request.form.get("never") == "yes" else days(visit)
        residing.correct(home, visit.society, right, visit.user)
    except NotSoError as error:
        return _refused(visit, user_id, f"home-{home_id}", error)
    return _done(visit, user_id)


def _home(visit: Visit, user_id: int, home_id: int) -> Residence:
    found = db.session.get(Residence, home_id)
    is_theirs = found is not None and (found.society_id, found.user_id) == (visit.society.id, user_id)
    if found is None or not is_theirs or found.cancelled_at:
        abort(404)
    return found


@pages.post(f"{PERSON}/reset")
@society_page(*REGISTRARS)
def reset(visit: Visit, user_id: int) -> Answer:
    """A way to a new password, to hand over where no mail is sent."""
    user = _member(visit, user_id).user
    if not resetting.may_hand_over(user, visit.society.id, visit.user):
        return _refused(visit, user_id, "reset", NotSoError("elsewhere"))
    email, token = user.email or "", resetting.make(user, visit.user)
    db.session.commit()
    way = public(url_for("account.reset", token=token))
    letter = _("Choose a new password for Meterdesk within an hour:\n\n%(address)s\n", address=way)
    return link(visit, "reset", way, email, (_("A new password for Meterdesk"), letter))
