"""Who lives where: moving in and out, and putting a wrong entry right. Nothing here commits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import column, insert, select, table, update

from webapp.extensions import db
from webapp.people.letters import moved
from webapp.people.models import Membership, Residence, Role, User
from webapp.people.papers import Reset
from webapp.people.rules import NotSoError, check_span, day_at, moment_of, overlaps
from webapp.societies.models import Society

UNITS = table("unit", column("id"), column("society_id"), column("unit_no"), column("key"), column("rank"))


@dataclass(frozen=True)
class NewResident:
    """Somebody who lives there, as a list names them; without an address they can be invited later."""

    unit_id: int
    name: str
    phone: str = ""
    email: str = ""
    since: date | None = None  # None: today
    until: date | None = None


def unit_id_of(society: Society, unit_no: str) -> int:
    """Raises NotSoError."""
    if not unit_no.strip():
        raise NotSoError("unit_missing")
    named = select(UNITS.c.id).where(UNITS.c.society_id == society.id, UNITS.c.unit_no == unit_no.strip())
    found: int | None = db.session.scalar(named)
    if found is None:
        raise NotSoError("no_unit", unit=unit_no.strip()[:64])
    return found


def move_in(
    user: User, society: Society, unit_no: str, days: tuple[date, date | None], by: User | None
) -> Residence:
    """From the first day's beginning to the last's, the society's days. Raises NotSoError."""
    now = datetime.now(UTC)
    unit_id = unit_id_of(society, unit_no)
    check_span(*days, day_at(now, society.zone))
    since, until = _moments(society, days)
    _refuse_overlap(user.id, unit_id, since, until, unit_no)
    home = Residence(
        user_id=user.id, society_id=society.id, unit_id=unit_id, since=since, until=until,
        added_at=now, added_by_id=by.id if by else None,
    )  # fmt: skip
    db.session.add(home)
    ensure_member(user, society)
    tell_moved(society, [user.id], now)
    return home


def move_out(home: Residence, society: Society, on: date) -> None:
    """The home is theirs until that day begins. Raises NotSoError."""
    now = datetime.now(UTC)
    if home.until is not None:
        raise NotSoError("already_ended", day=str(day_at(home.until, society.zone)))
    check_span(day_at(home.since, society.zone), on, day_at(now, society.zone))
    home.until = moment_of(on, society.zone)
    tell_moved(society, [home.user_id], now)


def correct(
    home: Residence, society: Society, days: tuple[date, date | None] | None, by: User
) -> Residence | None:
    """The entry was wrong: cancelled, and where ``days`` are given entered anew. Raises NotSoError."""
    now = datetime.now(UTC)
    if days is not None:
        check_span(*days, day_at(now, society.zone))
    home.cancelled_at, home.cancelled_by_id = now, by.id
    db.session.flush()
    tell_moved(society, [home.user_id], now)
    if days is None:
        return None
    since, until = _moments(society, days)
    unit_no = db.session.scalar(select(UNITS.c.unit_no).where(UNITS.c.id == home.unit_id)) or ""
    _refuse_overlap(home.user_id, home.unit_id, since, until, unit_no)
    right = Residence(
        user_id=home.user_id, society_id=society.id, unit_id=home.unit_id, since=since, until=until,
        added_at=now, added_by_id=by.id,
    )  # fmt: skip
    db.session.add(right)
    return right


def _moments(society: Society, days: tuple[date, date | None]) -> tuple[datetime, datetime | None]:
    since, until = days
    return moment_of(since, society.zone), moment_of(until, society.zone) if until else None


def _refuse_overlap(
    user_id: int, unit_id: int, since: datetime, until: datetime | None, unit_no: str
) -> None:
    rows = select(Residence).filter_by(user_id=user_id, unit_id=unit_id, cancelled_at=None)
    lived = [(home.since, home.until) for home in db.session.scalars(rows)]
    if overlaps((since, until), lived):
        raise NotSoError("lives_there", unit=unit_no)


def ensure_member(user: User, society: Society, email: str = "") -> Membership:
    """Staff who live there stay staff."""
    found: Membership | None = db.session.scalar(
        select(Membership).filter_by(user_id=user.id, society_id=society.id)
    )
    if found is None:
        found = Membership(user_id=user.id, society_id=society.id, role_name=Role.RESIDENT.value, email=email)
        db.session.add(found)
        db.session.flush()
        # A link that somebody of another society was handed is no way into this one.
        handed = update(Reset).filter_by(user_id=user.id, used_at=None).where(Reset.made_by_id.is_not(None))
        db.session.execute(handed.values(used_at=datetime.now(UTC)))
    return found


def tell_moved(society: Society, user_ids: Iterable[int], now: datetime) -> None:
    """Open pages of these people ask anew what is theirs."""
    moved.send(None, society_id=society.id, user_ids=list(user_ids), now=now)


def settle_many(society: Society, rows: Sequence[NewResident], by: User | None = None) -> list[int]:
    """Residents who are new, each with a home, without a way to sign in; their user ids, in order.

    For lists: nothing is looked up, so whoever calls has made sure that they are new and their days right.
    """
    if not rows:
        return []
    now = datetime.now(UTC)
    today = day_at(now, society.zone)
    made = insert(User).returning(User.id, sort_by_parameter_order=True)
    people = [{"name": row.name, "phone": row.phone} for row in rows]
    ids = list(db.session.scalars(made, people))
    members = [
        {"user_id": id, "society_id": society.id, "role_name": Role.RESIDENT.value, "email": row.email}
        for id, row in zip(ids, rows, strict=True)
    ]
    db.session.execute(insert(Membership), members)
    homes = [home_row(society, id, row, by, now, today) for id, row in zip(ids, rows, strict=True)]
    db.session.execute(insert(Residence), homes)
    return ids


def home_row(
    society: Society, user_id: int, row: NewResident, by: User | None, now: datetime, today: date
) -> dict[str, object]:
    since, until = _moments(society, (row.since or today, row.until))
    return {
        "user_id": user_id, "society_id": society.id, "unit_id": row.unit_id, "since": since, "until": until,
        "added_at": now, "added_by_id": by.id if by else None,
    }  # fmt: skip
