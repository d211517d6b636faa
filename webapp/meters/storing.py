"""Storing a poll: one transaction of a few set-based statements, however many the meters.

The rows of most polls are plain and the database takes them by itself; the others are judged one
by one. Statements go to the driver as they are: ten times as fast here as the ORM.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from webapp.columns import time_text
from webapp.contract.replies import LatestReadings, Reading
from webapp.extensions import db
from webapp.meters import joining, plain, rules, usage
from webapp.meters.batch import SELECT_HELD, Batch, Held, held_by_number, open_doubts
from webapp.meters.remarks import Reply
from webapp.sentences import Sentence, together
from webapp.societies.models import MeterServer

SELECT_BALANCES = "SELECT meter_no, balance_paise FROM meter WHERE server_id = ?"
SELECT_STORED = "SELECT meter_no, id, unit_id FROM meter WHERE server_id = ? AND fetched_at = ?"
COUNT = "SELECT count(*) FROM meter WHERE server_id = ? AND retired_at IS NULL"
RETIRED = "SELECT meter_no FROM meter WHERE server_id = ? AND retired_at IS NOT NULL"
TWICE = Sentence("the reply had two different rows for this meter, so both are kept apart")


@dataclass(frozen=True)
class Stored:
    """What a poll did: how many of the server's meters it named, and what was odd."""

    fetched_at: datetime
    named: int
    known: int
    remark: str | None
    newest_read_at: datetime | None


def store(server: MeterServer, reply: LatestReadings, fetched_at: datetime) -> Stored:
    """Take or judge the reply of a poll; commits nothing. What it does not name is left as it was."""
    driver = driver_of_session()
    at = _after_last(server, fetched_at)
    once, twice = _once_and_twice(_in_use(driver, server.id, reply.rows))
    zeroed = _is_zeroed(driver, server.id, once)
    taken = plain.take(driver, server.id, once, at, zeroed)
    rest = once if taken < len(once) else []
    if taken and rest:
        done = _stored(driver, server.id, at)
        rest = [row for row in once if row.meter_no not in done]
    batch = _judge(driver, server, rest, twice, at, zeroed)
    usage.account(driver, server.id, server.society_id, server.society.zone, at)
    (known,) = driver.execute(COUNT, (server.id,)).fetchone()
    told = Reply(
        named=len(once) + len(twice),
        known=known,
        newer=taken + batch.newer,
        old=batch.old,
        future=batch.future,
        zeroed=zeroed,
        is_first=server.newest_read_at is None,
    )
    remark = together([*told.remarks(), *reply.losses]) or None
    return Stored(at, told.named, known, remark, _newest(reply.rows, at))


def store_one(server: MeterServer, row: Reading, fetched_at: datetime) -> tuple[int, int]:
    """Judge one meter's reading (operation 2); commits nothing. The ids of the meter and its unit."""
    driver = driver_of_session()
    _judge(driver, server, [row], [], fetched_at, zeroed=False)
    return _stored(driver, server.id, fetched_at)[row.meter_no]


def named_in(server: MeterServer, stored: Stored) -> list[tuple[int, int]]:
    """The ids of the meters that the reply named, each with its unit's."""
    found = _stored(driver_of_session(), server.id, stored.fetched_at)
    return list(found.values())


def driver_of_session() -> Any:
    """Within the session's transaction."""
    driver = db.session.connection().connection.driver_connection
    assert driver is not None
    return driver


def _after_last(server: MeterServer, fetched_at: datetime) -> datetime:
    """A moment that no reply had before: by it a meter tells whether this one named it."""
    last = server.answered_at
    return fetched_at if last is None or fetched_at > last else last + timedelta(microseconds=1)


def _in_use(driver: Any, server_id: int, rows: list[Reading]) -> list[Reading]:
    """Without the meters that were taken away: some servers go on telling them."""
    retired = {meter_no for (meter_no,) in driver.execute(RETIRED, (server_id,))}
    return [row for row in rows if row.meter_no not in retired] if retired else rows


def _once_and_twice(rows: list[Reading]) -> tuple[list[Reading], list[str]]:
    """The rows of meters named once (or twice alike), and the numbers of those told two ways."""
    by_number = {row.meter_no: row for row in rows}
    if len(by_number) == len(rows):
        return rows, []
    counts = Counter(row.meter_no for row in rows)
    several = {no for no, count in counts.items() if count > 1}
    twice = {row.meter_no for row in rows if row.meter_no in several and row != by_number[row.meter_no]}
    return [row for no, row in by_number.items() if no not in twice], sorted(twice)


def _is_zeroed(driver: Any, server_id: int, rows: list[Reading]) -> bool:
    if not rules.may_be_zeroed(row.balance_paise for row in rows):
        return False
    known = dict(driver.execute(SELECT_BALANCES, (server_id,)))
    return rules.all_zeroed((known.get(row.meter_no), row.balance_paise) for row in rows)


def _stored(driver: Any, server_id: int, at: datetime) -> dict[str, tuple[int, int]]:
    """By number, the id and unit id of each meter that this reply named and that is written."""
    found = driver.execute(SELECT_STORED, (server_id, time_text(at)))
    return {meter_no: (meter_id, unit_id) for meter_no, meter_id, unit_id in found}


def _judge(
    driver: Any, server: MeterServer, rows: list[Reading], twice: list[str], at: datetime, zeroed: bool
) -> Batch:
    """Judge and write these rows, and make their meters known where they are new."""
    if not rows and not twice:
        return Batch(at)
    batch = Batch(at, open_doubts(driver, server.id))
    held = _known(driver, server, rows, twice, at)
    for row in rows:
        before = held[row.meter_no]
        batch.add(before, rules.judge(before.known(), row, at, zeroed))
    for meter_no in twice:
        before = held[meter_no]
        batch.add(before, rules.kept_apart(before.known(), "meter_no", "twice", TWICE))
    batch.write(driver)
    joining.move(server, batch.moves)
    return batch


def _known(
    driver: Any, server: MeterServer, rows: list[Reading], twice: list[str], at: datetime
) -> dict[str, Held]:
    """What we hold of the meters of these rows, by number; those that are new join first."""
    numbers = [*(row.meter_no for row in rows), *twice]
    held = _held(driver, server.id, numbers, at)
    if any(no not in held for no in numbers):
        new = [row for row in rows if row.meter_no not in held]
        joining.join(server, new, [no for no in twice if no not in held])
        held = _held(driver, server.id, numbers, at)
    return held


def _held(driver: Any, server_id: int, numbers: list[str], at: datetime) -> dict[str, Held]:
    """Of the only meter in question, or of all that this reply has not stored yet."""
    if len(numbers) == 1:
        return held_by_number(driver.execute(f"{SELECT_HELD} AND m.meter_no = ?", (server_id, numbers[0])))
    query = f"{SELECT_HELD} AND m.fetched_at IS NOT ?"
    return held_by_number(driver.execute(query, (server_id, time_text(at))))


def _newest(rows: list[Reading], at: datetime) -> datetime | None:
    """The newest time in the reply that can be true."""
    times = {row.read_at for row in rows}
    believable = (moment for moment in times if moment and moment <= at + rules.CLOCK_SLACK)
    return max(believable, default=None)
