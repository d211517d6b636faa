"""Who lives in which unit, as the office's list shows and finds them. Never for a resident's pages."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, bindparam, or_, select

from webapp.columns import LIKE_ESCAPE, UtcTime
from webapp.extensions import db
from webapp.people.models import Residence, User, lives_in

LIVED = (
    select(Residence.unit_id, Residence.until, User.name, User.email)
    .join(User, User.id == Residence.user_id)
    .where(
        Residence.unit_id.in_(bindparam("ids", expanding=True)),
        Residence.cancelled_at.is_(None),
        Residence.since <= bindparam("now", type_=UtcTime),
    )
    .order_by(Residence.id)
)


def homes_of_people(society_id: int, like: str, now: datetime) -> Select[int]:
    """The unit ids of those who live there now and whose name or phone is like that."""
    phone = "".join(like.split()) if any(mark.isdigit() for mark in like) else like
    named = or_(User.name.like(like, escape=LIKE_ESCAPE), User.phone.like(phone, escape=LIKE_ESCAPE))
    return (
        select(Residence.unit_id)
        .join(User, User.id == Residence.user_id)
        .where(*lives_in(society_id, now), named)
    )


def lived_in(unit_ids: Collection[int], now: datetime) -> dict[int, str]:
    """The names of those who live in these units now, in the order in which they came.

    '' where somebody did and nobody does: it is known to be vacant. A unit of which nothing is known is
    not there.
    """
    found: dict[int, list[str]] = {}
    for unit_id, until, name, email in db.session.execute(LIVED, {"ids": list(unit_ids), "now": now}):
        here = found.setdefault(unit_id, [])
        if until is None or until > now:
            here.append(name or (email or "").partition("@")[0])
    return {unit_id: ", ".join(filter(None, names)) for unit_id, names in found.items()}
