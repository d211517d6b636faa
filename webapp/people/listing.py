"""The society's people as a list: searched, by name, at the cost of a page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select, tuple_
from sqlalchemy.orm import contains_eager

from webapp.columns import LIKE_ESCAPE, like_part
from webapp.extensions import db
from webapp.people.models import Membership, Residence, Role, User, lives_in
from webapp.people.papers import Invitation
from webapp.people.residing import UNITS
from webapp.societies.models import Society

A_PAGE = 50
GROUPS = ("staff", "residents", "moved_out")
SORTED_BY = func.lower(User.name)


@dataclass(frozen=True)
class Wanted:
    """Who is shown; words that are not known are taken as not said."""

    q: str = ""
    who: str = ""
    after: int = 0  # the user id that the page before ended with

    @classmethod
    def of(cls, args: Any) -> "Wanted":
        who, after = args.get("who", ""), args.get("after", "")
        is_id = after.isdecimal() and len(after) < 16
        return cls(args.get("q", "").strip()[:64], who if who in GROUPS else "", int(after) if is_id else 0)


@dataclass(frozen=True)
class Person:
    """A row of the list: the membership (with its user), where they live now, an open invitation."""

    membership: Membership
    units: tuple[str, ...]
    invitation: Invitation | None


@dataclass(frozen=True)
class Page:
    people: list[Person]
    after: int | None


def page(society: Society, wanted: Wanted, now: datetime) -> Page:
    rows = _wanted(society, wanted, now).options(contains_eager(Membership.user))
    if place := _place(society, wanted.after):
        name, user_id = place
        rows = rows.where(tuple_(SORTED_BY, User.id) > (name, user_id))
    found = list(db.session.scalars(rows.order_by(SORTED_BY, User.id).limit(A_PAGE + 1)))
    shown = found[:A_PAGE]
    units = units_of(society, [each.user_id for each in shown], now)
    invited = _invited(society, [each.user_id for each in shown], now)
    people = [Person(each, units.get(each.user_id, ()), invited.get(each.user_id)) for each in shown]
    return Page(people, shown[-1].user_id if len(found) > A_PAGE else None)


def _place(society: Society, user_id: int) -> tuple[str, int] | None:
    """Of one's own people only: another's place would tell how their name begins."""
    member = select(SORTED_BY, User.id).join(Membership).where(Membership.society_id == society.id)
    found = db.session.execute(member.where(User.id == user_id)).first()
    return (found[0], found[1]) if found else None


def count(society: Society, wanted: Wanted, now: datetime) -> int:
    rows = _wanted(society, wanted, now).with_only_columns(func.count(Membership.id))
    return db.session.scalar(rows) or 0


def waiting(society: Society, now: datetime, q: str = "") -> list[Invitation]:
    """Invitations that still hold, of people whom no list knows yet; the newest first."""
    rows = _open(society, now).where(Invitation.user_id.is_(None)).order_by(Invitation.id.desc())
    if q:
        rows = rows.where(or_(*_like((Invitation.email, Invitation.name), q)))
    return list(db.session.scalars(rows.limit(A_PAGE)))


def units_of(society: Society, user_ids: Iterable[int], now: datetime) -> dict[int, tuple[str, ...]]:
    """The units that are theirs now, by user id."""
    rows = (
        select(Residence.user_id, UNITS.c.unit_no)
        .join(UNITS, UNITS.c.id == Residence.unit_id)
        .where(*lives_in(society.id, now), Residence.user_id.in_(list(user_ids)))
        .order_by(UNITS.c.rank)
    )
    found: dict[int, tuple[str, ...]] = {}
    for user_id, unit_no in db.session.execute(rows):
        found[user_id] = (*found.get(user_id, ()), unit_no)
    return found


def _open(society: Society, now: datetime) -> Select[Invitation]:
    still = (Invitation.used_at.is_(None), Invitation.revoked_at.is_(None), Invitation.ends_at > now)
    return select(Invitation).where(Invitation.society_id == society.id, *still)


def _invited(society: Society, user_ids: list[int], now: datetime) -> dict[int, Invitation]:
    rows = _open(society, now).where(Invitation.user_id.in_(user_ids))
    return {each.user_id: each for each in db.session.scalars(rows) if each.user_id is not None}


def invitation_for(society: Society, user: User, now: datetime) -> Invitation | None:
    return _invited(society, [user.id], now).get(user.id)


def _wanted(society: Society, wanted: Wanted, now: datetime) -> Select[Membership]:
    rows = select(Membership).join(Membership.user).where(Membership.society_id == society.id)
    lives_here = exists().where(*lives_in(society.id, now), Residence.user_id == User.id)
    is_resident = Membership.role_name == Role.RESIDENT.value
    if wanted.who == "staff":
        rows = rows.where(~is_resident)
    elif wanted.who == "residents":
        rows = rows.where(lives_here)
    elif wanted.who == "moved_out":
        rows = rows.where(is_resident, ~lives_here)
    return rows.where(_found(society, wanted.q, now)) if wanted.q else rows


def _found(society: Society, q: str, now: datetime) -> ColumnElement[bool]:
    """By name, address or phone; or by the unit where they live."""
    is_there = exists().where(
        *lives_in(society.id, now),
        Residence.user_id == User.id,
        UNITS.c.id == Residence.unit_id,
        UNITS.c.unit_no.ilike(like_part(q).removeprefix("%"), escape=LIKE_ESCAPE),
    )
    phone = "".join(q.split()) if any(mark.isdigit() for mark in q) else q
    return or_(*_like((User.name, User.email, Membership.email), q), *_like((User.phone,), phone), is_there)


def _like(columns: Iterable[Any], q: str) -> list[ColumnElement[bool]]:
    return [column.ilike(like_part(q), escape=LIKE_ESCAPE) for column in columns]
