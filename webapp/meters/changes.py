"""Meters that took another's place (contract, operation 5): asked for, judged, applied.

The old meter retires with its last register, the new one takes its unit, and use goes on from what
the new one began with: no jump and no gap.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, or_, select, update

from webapp.alerts.news import tell
from webapp.contract import replies
from webapp.contract.errors import MeterServerError, Refused
from webapp.extensions import db, reading
from webapp.meters import joining, usage
from webapp.meters.change_rules import Side, moment_of, why_not
from webapp.meters.models import Meter, MeterChange, MeterDoubt, Reading, Unit
from webapp.meters.storing import driver_of_session
from webapp.societies.models import MeterServer

EVERY = timedelta(days=1)
LOOKED_BACK = timedelta(days=31)  # a change is often told days after it was made
OF_REGISTERS = ("grid", "dg")


def due(now: datetime) -> list[int]:
    """Servers that answer by now and were not asked for a day."""
    wanted = select(MeterServer.id).where(
        MeterServer.answered_at.is_not(None),
        MeterServer.failures == 0,
        or_(MeterServer.changes_asked_at.is_(None), MeterServer.changes_asked_at <= now - EVERY),
    )
    with reading():
        found = list(db.session.scalars(wanted))
        db.session.rollback()
    return found


def ask_lately(server_id: int) -> None:
    """What was changed in the last month; tried again soon where the server does not answer."""
    today = datetime.now(UTC).date() + timedelta(days=1)
    ask_between(server_id, today - LOOKED_BACK, today)


def ask_between(server_id: int, first: date, last: date) -> None:
    """Ask behind a page, which shows what became of it."""
    try:
        ask(server_id, first, last)
    except MeterServerError as error:
        server = db.session.get_one(MeterServer, server_id)
        server.changes_said = str(error)
        tell(server.society_id, "meters", datetime.now(UTC))
        db.session.commit()


def ask(server_id: int, first: date, last: date) -> int:
    """Ask for the changes between two days of the site, both included; how many are new to us.

    Raises MeterServerError. The caller's transaction must be closed.
    """
    server = db.session.get_one(MeterServer, server_id)
    client, offers = server.client(), server.profile.offers("meter_changes")
    db.session.rollback()
    if not offers:
        return take_all(server_id, [], datetime.now(UTC))
    with client:
        try:
            rows, said = client.meter_changes(first, last).rows, None
        except Refused as refused:
            # “Not Details” is how the document says that there was none (clause 5); a person reads which.
            rows, said = [], refused.words or str(refused)
    return take_all(server_id, rows, datetime.now(UTC), said)


def take_all(
    server_id: int, rows: Sequence[replies.MeterChange], now: datetime, said: str | None = None
) -> int:
    """Store what a reply told, and apply what fits; how many were new to us. Commits.

    ``said`` are the server's words where it told nothing.
    """
    server = db.session.get_one(MeterServer, server_id)
    server.changes_asked_at, server.changes_said = now, said
    new = 0
    for row in rows:
        if not _is_known(server, row):
            _take(server, row, now)
            new += 1
    tell(server.society_id, "meters", now)
    db.session.commit()
    return new


def _is_known(server: MeterServer, row: replies.MeterChange) -> bool:
    same = select(MeterChange.id).where(
        MeterChange.server_id == server.id,
        MeterChange.old_meter_no == (row.old_meter_no or ""),
        MeterChange.new_meter_no == (row.new_meter_no or ""),
        MeterChange.changed_on.is_not_distinct_from(row.meter_change_date),
    )
    return db.session.scalar(same) is not None


def _take(server: MeterServer, row: replies.MeterChange, now: datetime) -> None:
    old, new = _meter(server, row.old_meter_no), _meter(server, row.new_meter_no)
    noon = _at(server, row.meter_change_date, time(12)) if row.meter_change_date else None
    why = why_not(row, _side(old), _side(new), noon, now)
    change = MeterChange(
        society_id=server.society_id,
        server_id=server.id,
        unit_id=_unit_id(server, row, old, new),
        unit_no=row.unit_no or "",
        old_meter_no=row.old_meter_no or "",
        new_meter_no=row.new_meter_no or "",
        old_end_grid_wh=row.old_end_grid_wh,
        old_end_dg_wh=row.old_end_dg_wh,
        new_start_grid_wh=row.new_start_grid_wh,
        new_start_dg_wh=row.new_start_dg_wh,
        changed_on=row.meter_change_date,
        reads_from=row.reading_start_date,
        seen_at=now,
        state="waiting",
        why=why or "",
    )
    db.session.add(change)
    db.session.flush()
    if why is None:
        apply(change, server, now)


def _unit_id(
    server: MeterServer, row: replies.MeterChange, old: Meter | None, new: Meter | None
) -> int | None:
    known = old or new
    if known:
        return known.unit_id
    return db.session.scalar(
        select(Unit.id).filter_by(society_id=server.society_id, unit_no=row.unit_no, is_named=True)
    )


def apply(change: MeterChange, server: MeterServer, now: datetime, by_id: int | None = None) -> None:
    """Retire the old meter, and let the new one go on from where it began; commits nothing."""
    assert change.changed_on is not None
    old, new = _meter(server, change.old_meter_no), _meter(server, change.new_meter_no)
    starts = _at(server, change.changed_on, time(0))
    read = [at for at in (old.grid_at, old.dg_at) if at] if old else []
    moment = moment_of(starts, max(read, default=None), now)
    if old is not None:
        _end(old, change, server, moment)
        if old is new:
            _begin_anew(old, change, moment, now)
        else:
            old.retired_at, old.doubt = moment, None
            new = new or _join(server, change, old)
    if old is not None and new is not None and new is not old:
        _begin(new, change, server, moment)  # else the unit's history with us began later
    change.state, change.why = "applied", ""
    change.settled_at, change.settled_by_id = now, by_id
    if new is not None:
        change.unit_id = new.unit_id


def dismiss(change: MeterChange, by_id: int, now: datetime) -> None:
    """A person says that it is not so; commits nothing."""
    change.state, change.settled_at, change.settled_by_id = "dismissed", now, by_id


def _end(old: Meter, change: MeterChange, server: MeterServer, moment: datetime) -> None:
    """What the old meter used from its last reading to its end."""
    for register in OF_REGISTERS:
        end: int | None = getattr(change, f"old_end_{register}_wh")
        used_wh: int | None = getattr(old, f"used_{register}_wh")
        used_at: datetime | None = getattr(old, f"used_{register}_at")
        last: int | None = getattr(old, f"{register}_wh")
        end = last if end is None else end
        if end is not None and used_wh is not None and used_at is not None and end >= used_wh:
            _account(old, register, server, (used_at, used_wh), (max(moment, used_at), end))
            setattr(old, f"used_{register}_wh", end)
            setattr(old, f"used_{register}_at", max(moment, used_at))
        if end is not None and last is not None and end >= last:
            setattr(old, f"{register}_wh", end)
            setattr(old, f"{register}_at", moment)
    _end_doubts(old, moment)


def _end_doubts(meter: Meter, now: datetime) -> None:
    db.session.execute(update(MeterDoubt).filter_by(meter_id=meter.id, ended_at=None).values(ended_at=now))


def _begin_anew(meter: Meter, change: MeterChange, moment: datetime, now: datetime) -> None:
    """The new meter has the old one's number: its registers start again, and that is no doubt."""
    for register in OF_REGISTERS:
        start: int | None = getattr(change, f"new_start_{register}_wh")
        for prefix in ("", "used_"):
            setattr(meter, f"{prefix}{register}_wh", start)
            setattr(meter, f"{prefix}{register}_at", None if start is None else moment)
    meter.doubt = None
    _end_doubts(meter, now)


def _join(server: MeterServer, change: MeterChange, old: Meter) -> Meter:
    """The new meter, known before its first reading: it takes the old one's unit."""
    row = replies.Reading(change.new_meter_no, old.unit.unit_no if old.unit.is_named else None)
    joining.join(server, [row])
    new = _meter(server, change.new_meter_no)
    assert new is not None
    made_up, new.unit = new.unit, old.unit
    new.rank, new.tower = old.rank, old.tower
    if made_up is not old.unit:
        db.session.flush()
        db.session.delete(made_up)
    return new


def _begin(new: Meter, change: MeterChange, server: MeterServer, moment: datetime) -> None:
    """What the new meter used from its fitting to the first reading that we have."""
    for register in OF_REGISTERS:
        start: int | None = getattr(change, f"new_start_{register}_wh")
        if start is None:
            continue
        first = _first(new, register)
        if getattr(new, f"used_{register}_at") is None:
            setattr(new, f"used_{register}_wh", start)
            setattr(new, f"used_{register}_at", moment)
        elif first and first[0] > moment and first[1] >= start:
            _account(new, register, server, (moment, start), first)


def _account(
    meter: Meter, register: str, server: MeterServer, start: tuple[datetime, int], end: tuple[datetime, int]
) -> None:
    db.session.flush()
    driver = driver_of_session()
    usage.add_piece(driver, meter.id, register, server.society_id, server.society.zone, start, end)


def _first(meter: Meter, register: str) -> tuple[datetime, int] | None:
    column: Any = getattr(Reading, f"{register}_wh")
    wanted = select(Reading.read_at, column).where(Reading.meter_id == meter.id, column.is_not(None))
    row = db.session.execute(wanted.order_by(Reading.read_at).limit(1)).first()
    return (row[0], row[1]) if row else None


def _meter(server: MeterServer, meter_no: str | None) -> Meter | None:
    if not meter_no:
        return None
    found: Meter | None = db.session.scalar(select(Meter).filter_by(server_id=server.id, meter_no=meter_no))
    return found


def _side(meter: Meter | None) -> Side | None:
    if meter is None:
        return None
    first = db.session.scalar(select(func.min(Reading.read_at)).filter_by(meter_id=meter.id))
    return Side(
        meter.unit.unit_no if meter.unit.is_named else "",
        meter.grid_wh,
        meter.grid_at,
        meter.dg_wh,
        meter.dg_at,
        first,
        meter.retired_at is not None,
    )


def _at(server: MeterServer, day: date, hour: time) -> datetime:
    """A day of the site, at that hour, in UTC."""
    return datetime.combine(day, hour, server.profile.timezone).astimezone(UTC)
