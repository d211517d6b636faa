"""A list of units and residents taken over: planned by what is there, done as it was shown or not at all."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import insert, select, update

from webapp.extensions import db
from webapp.meters.joining import ensure_units
from webapp.meters.models import Unit
from webapp.people.lists import planning
from webapp.people.lists.plans import Home, Person, Plan
from webapp.people.lists.rows import Row
from webapp.people.models import Membership, Residence, User
from webapp.people.papers import Upload
from webapp.people.residing import NewResident, home_row, settle_many, tell_moved
from webapp.people.rules import day_at, moment_of
from webapp.societies.models import Society


class WorldChangedError(Exception):
    """What was shown is not what would be done now. Nothing was done."""


def keep(society: Society, rows: Sequence[Row], file_name: str, is_complete: bool, by: User) -> Upload:
    """The list as it was read, for a preview; commits nothing."""
    upload = Upload(
        society_id=society.id,
        made_by_id=by.id,
        made_at=datetime.now(UTC),
        file_name="".join(mark for mark in file_name if mark.isprintable())[:120],
        rows=msgspec.to_builtins(rows),
        is_complete=is_complete,
    )
    db.session.add(upload)
    db.session.flush()
    return upload


def planned(upload: Upload, society: Society, now: datetime) -> Plan:
    """What the list would change now."""
    rows = msgspec.convert(upload.rows, list[Row])
    units = db.session.scalars(select(Unit.unit_no).filter_by(society_id=society.id, is_named=True))
    today = day_at(now, society.zone)
    return planning.plan(rows, _people(society), units, today, upload.is_complete)


def _people(society: Society) -> list[Person]:
    """Everybody of the society, and where they live, lived or will; wrong entries are left out."""
    homes: dict[int, list[Home]] = defaultdict(list)
    lived = (
        select(Residence.id, Residence.user_id, Residence.since, Residence.until, Unit.unit_no)
        .join(Unit, Unit.id == Residence.unit_id)
        .where(Residence.society_id == society.id, Residence.cancelled_at.is_(None))
        .order_by(Residence.since)
    )
    zone = society.zone
    for id, user_id, since, until, unit_no in db.session.execute(lived):
        ended = day_at(until, zone) if until else None
        homes[user_id].append(Home(unit_no, day_at(since, zone), ended, id))
    members = (
        select(User.id, User.name, User.phone, User.email, Membership.email, User.password_hash != "")
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.society_id == society.id)
        .order_by(User.id)
    )
    return [
        Person(id, name, phone, _addresses(email, kept), bool(email and has_password), homes.get(id, []))
        for id, name, phone, email, kept, has_password in db.session.execute(members)
    ]


def _addresses(*emails: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(email for email in emails if email))


def carry_out(upload: Upload, society: Society, shown: str, by: User) -> int:
    """Do what was ``shown`` (the hash of its plan): all of it in the caller's transaction. How many rows
    changed something. Raises WorldChangedError where it would be something else by now."""
    now = datetime.now(UTC)
    plan = planned(upload, society, now)
    claimed = (
        update(Upload).filter_by(id=upload.id, done_at=None).values(done_at=now, done_rows=plan.effective)
    )
    if plan.hash != shown or not db.session.execute(claimed).rowcount:  # type: ignore[attr-defined]
        raise WorldChangedError
    _apply(plan, society, by, now)
    return plan.effective


def _apply(plan: Plan, society: Society, by: User, now: datetime) -> None:
    wanted = dict.fromkeys([*plan.units, *_named(plan)])
    units = ensure_units(society.id, wanted) if wanted else {}
    _settle(plan, society, units, by, now)
    for home_id, _user_id, until in plan.departures:
        moment = moment_of(until, society.zone)
        db.session.execute(update(Residence).filter_by(id=home_id, until=None).values(until=moment))
    for user_id, name, phone, email in plan.details:
        db.session.execute(update(User).filter_by(id=user_id).values(name=name, phone=phone))
        if email:
            same = update(Membership).filter_by(user_id=user_id, society_id=society.id)
            db.session.execute(same.values(email=email))
    moved = {user_id for _, user_id, _ in plan.departures} | {user_id for user_id, _ in plan.arrivals}
    if moved:
        tell_moved(society, sorted(moved), now)


def _named(plan: Plan) -> list[str]:
    homes = [home for person in plan.newcomers for home in person.homes]
    return [home.unit for home in [*homes, *(home for _, home in plan.arrivals)]]


def _settle(plan: Plan, society: Society, units: dict[str, int], by: User, now: datetime) -> None:
    """Newcomers with their first home; then everybody's further ones."""

    def resident(person: Person | None, home: Home) -> NewResident:
        name, phone, emails = (person.name, person.phone, person.emails) if person else ("", "", ())
        return NewResident(units[home.unit], name, phone, "".join(emails[:1]), home.since, home.until)

    firsts = [resident(person, person.homes[0]) for person in plan.newcomers]
    ids = settle_many(society, firsts, by)
    pairs = zip(ids, plan.newcomers, strict=True)
    further = [(user_id, home) for user_id, person in pairs for home in person.homes[1:]] + plan.arrivals
    today = day_at(now, society.zone)
    rows: list[dict[str, Any]] = [
        home_row(society, user_id, resident(None, home), by, now, today) for user_id, home in further
    ]
    if rows:
        db.session.execute(insert(Residence), rows)
