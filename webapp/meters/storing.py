"""Storing a poll: one transaction of a few set-based statements, however many the meters.

The rows of most polls are plain (newer, legible, plausible) and take the short way; the others
are judged one by one. Statements go to the driver as they are: ten times as fast here as the ORM.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Any

from webapp.columns import time_from_text, time_text
from webapp.contract.replies import LatestReadings, Reading, Supply
from webapp.extensions import db
from webapp.meters import joining, rules
from webapp.meters.rules import Judged, Known
from webapp.societies.models import MeterServer

SELECT_KNOWN = """
SELECT m.meter_no, m.id, u.unit_no, u.is_named, m.grid_wh, m.grid_at, m.dg_wh, m.dg_at, m.balance_paise,
       m.balance_at, m.supply, m.supply_word, m.supply_at, m.read_at, m.doubt, m.kept_at, m.unit_id
FROM meter m JOIN unit u ON u.id = m.unit_id WHERE m.server_id = ?
"""
UPDATE_PLAIN = """
UPDATE meter SET grid_wh=?2, grid_at=?3, dg_wh=?4, dg_at=?3, balance_paise=?5, balance_at=?3, supply=?6,
       supply_word=?7, supply_at=?3, read_at=?3, fetched_at=?8, kept_at=?9 WHERE id=?1
"""
UPDATE_JUDGED = """
UPDATE meter SET grid_wh=?2, grid_at=?3, dg_wh=?4, dg_at=?5, balance_paise=?6, balance_at=?7, supply=?8,
       supply_word=?9, supply_at=?10, read_at=?11, fetched_at=?12, kept_at=?13, doubt=?14 WHERE id=?1
"""
INSERT_READING = """
INSERT OR IGNORE INTO reading (meter_id, read_at, fetched_at, grid_wh, dg_wh, balance_paise, supply)
VALUES (?, ?, ?, ?, ?, ?, ?)
"""
SELECT_DOUBTS = """
SELECT d.meter_id, d.field, d.kind, d.reason FROM meter_doubt d JOIN meter m ON m.id = d.meter_id
WHERE d.ended_at IS NULL AND m.server_id = ?
"""
INSERT_DOUBT = "INSERT INTO meter_doubt (meter_id, field, kind, reason, since) VALUES (?, ?, ?, ?, ?)"
END_DOUBT = "UPDATE meter_doubt SET ended_at=? WHERE meter_id=? AND field=? AND ended_at IS NULL"

(
    METER_NO, ID, UNIT_NO, IS_NAMED, GRID, GRID_AT, DG, DG_AT, BALANCE,
    BALANCE_AT, SUPPLY, WORD, SUPPLY_AT, READ_AT, DOUBT, KEPT_AT, UNIT_ID,
) = range(17)  # fmt: skip

PLAIN_WORD: dict[Supply | None, str] = {
    state: state.value for state in Supply
}  # the driver is slow with anything but plain text


@dataclass
class Batch:
    """What one reply changes, gathered before it is written."""

    fetched_at: datetime
    plain: list[tuple[Any, ...]] = field(default_factory=list)
    judged: list[tuple[Any, ...]] = field(default_factory=list)
    history: list[tuple[Any, ...]] = field(default_factory=list)
    new_doubts: list[tuple[Any, ...]] = field(default_factory=list)
    ended_doubts: list[tuple[Any, ...]] = field(default_factory=list)
    moves: list[tuple[int, str]] = field(default_factory=list)
    newest: datetime | None = None
    news: int = 0  # rows newer than what we held
    old: int = 0  # rows older than what we held


@dataclass(frozen=True)
class Stored:
    """What a poll did: ids of the meters it named and of their units, and what was odd."""

    meters: list[int]
    units: list[int]
    remark: str | None
    newest_read_at: datetime | None


def store(server: MeterServer, reply: LatestReadings, fetched_at: datetime) -> Stored:
    """Judge and write a reply; commits nothing. What the reply does not name is left as it was."""
    driver = db.session.connection().connection.driver_connection
    assert driver is not None
    once, twice = _once_and_twice(reply.rows)
    known = _held(driver, server, reply)
    new = [row for row in once if row.meter_no not in known]
    if new or any(no not in known for no in twice):
        joining.join(server, new, [no for no in twice if no not in known])
        known = _held(driver, server, reply)
    zeroed = rules.all_zeroed((known[row.meter_no][BALANCE], row.balance_paise) for row in once)
    batch = Batch(fetched_at)
    doubts = _open_doubts(driver.execute(SELECT_DOUBTS, (server.id,)))
    _gather(batch, once, known, doubts, zeroed)
    for meter_no in twice:
        reason = "the reply had two different rows for this meter, so both are kept apart"
        _add(batch, known[meter_no], _kept_apart(known[meter_no], reason), doubts)
    _write(driver, batch)
    joining.move(server, batch.moves)
    named = [known[row.meter_no] for row in once] + [known[no] for no in twice]
    remark = _remark(server, reply, batch, len(named), len(known), zeroed)
    return Stored(
        list(map(itemgetter(ID), named)), list(map(itemgetter(UNIT_ID), named)), remark, batch.newest
    )


def _held(driver: Any, server: MeterServer, reply: LatestReadings) -> dict[str, tuple[Any, ...]]:
    """What we hold, by meter_no: of all the server's meters, or of the only one it speaks of."""
    if len(reply.rows) == 1:
        found = driver.execute(f"{SELECT_KNOWN} AND m.meter_no = ?", (server.id, reply.rows[0].meter_no))
    else:
        found = driver.execute(SELECT_KNOWN, (server.id,))
    return {row[METER_NO]: row for row in found}


def _once_and_twice(rows: list[Reading]) -> tuple[list[Reading], list[str]]:
    """The rows of meters named once (or twice alike), and the numbers of those told two ways."""
    by_number = {row.meter_no: row for row in rows}
    if len(by_number) == len(rows):
        return rows, []
    counts = Counter(row.meter_no for row in rows)
    several = {no for no, count in counts.items() if count > 1}
    twice = {row.meter_no for row in rows if row.meter_no in several and row != by_number[row.meter_no]}
    return [row for no, row in by_number.items() if no not in twice], sorted(twice)


def _open_doubts(rows: Iterable[tuple[Any, ...]]) -> dict[int, dict[str, tuple[str, str]]]:
    found: dict[int, dict[str, tuple[str, str]]] = {}
    for meter_id, name, kind, reason in rows:
        found.setdefault(meter_id, {})[name] = (kind, reason)
    return found


def _gather(
    batch: Batch,
    rows: list[Reading],
    known: dict[str, tuple[Any, ...]],
    doubts: dict[int, dict[str, tuple[str, str]]],
    zeroed: bool,
) -> None:
    latest = batch.fetched_at + rules.CLOCK_SLACK
    fetched = time_text(batch.fetched_at)
    texts: dict[datetime, tuple[str, str]] = {}  # a reply has few different times
    plain, history = batch.plain.append, batch.history.append
    for row in rows:
        held = known[row.meter_no]
        at = row.read_at
        if at is not None and at not in texts:
            texts[at] = (time_text(at), time_text(at - rules.HISTORY_GRAIN))
            if at <= latest and (batch.newest is None or at > batch.newest):
                batch.newest = at
        if at is None or zeroed or not _is_plain(row, held, texts[at][0]) or at > latest:
            _add(batch, held, rules.judge(_known(held), row, batch.fetched_at, zeroed), doubts)
            continue
        text, before = texts[at]
        kept = held[KEPT_AT]
        if kept is None or kept <= before:
            kept = text
            history(
                (held[ID], text, fetched, row.grid_wh, row.dg_wh, row.balance_paise, PLAIN_WORD[row.supply])
            )
        batch.news += 1
        plain(
            (
                held[ID],
                row.grid_wh,
                text,
                row.dg_wh,
                row.balance_paise,
                PLAIN_WORD[row.supply],
                row.supply_word,
                fetched,
                kept,
            )
        )


def _is_plain(row: Reading, held: tuple[Any, ...], read_at: str) -> bool:
    """Whether nothing about the row could be doubted: then ``rules.judge`` would take it whole."""
    grid, dg = row.grid_wh, row.dg_wh
    return (
        not row.doubts
        and held[DOUBT] is None
        and grid is not None
        and dg is not None
        and row.balance_paise is not None
        and row.supply is not None
        and row.supply is not Supply.UNKNOWN
        and held[READ_AT] is not None
        and read_at > held[READ_AT]
        and held[GRID] is not None
        and held[DG] is not None
        and 0 <= grid - held[GRID] <= rules.STEADY_WH
        and 0 <= dg - held[DG] <= rules.STEADY_WH
        and row.unit_no == held[UNIT_NO]
    )


def _known(held: tuple[Any, ...]) -> Known:
    return Known(
        id=held[ID],
        unit_no=held[UNIT_NO],
        unit_is_named=bool(held[IS_NAMED]),
        grid_wh=held[GRID],
        grid_at=_time(held[GRID_AT]),
        dg_wh=held[DG],
        dg_at=_time(held[DG_AT]),
        balance_paise=held[BALANCE],
        balance_at=_time(held[BALANCE_AT]),
        supply=held[SUPPLY],
        supply_word=held[WORD],
        supply_at=_time(held[SUPPLY_AT]),
        read_at=_time(held[READ_AT]),
    )


def _kept_apart(held: tuple[Any, ...], reason: str) -> Judged:
    return rules.kept_apart(_known(held), "meter_no", "twice", reason)


def _add(
    batch: Batch,
    held: tuple[Any, ...],
    judged: Judged,
    doubts: dict[int, dict[str, tuple[str, str]]],
) -> None:
    """One judged row into the batch, with what it changes in the meter's doubts and history."""
    fetched = time_text(batch.fetched_at)
    before = doubts.get(held[ID], {})
    after = before if judged.is_old else _settled_doubts(batch, held[ID], before, judged.doubts)
    read_at = _text(judged.read_at)
    batch.old += judged.is_old
    batch.news += bool(read_at and read_at > (held[READ_AT] or ""))
    kept = _kept_in_history(batch, held, judged, read_at, fetched)
    if judged.moves_to:
        batch.moves.append((held[ID], judged.moves_to))
    batch.judged.append(
        (
            held[ID],
            judged.grid_wh,
            _text(judged.grid_at),
            judged.dg_wh,
            _text(judged.dg_at),
            judged.balance_paise,
            _text(judged.balance_at),
            judged.supply,
            judged.supply_word,
            _text(judged.supply_at),
            read_at,
            fetched,
            kept,
            "; ".join(reason for _, reason in after.values()) or None,
        )
    )


def _settled_doubts(
    batch: Batch, meter_id: int, before: dict[str, tuple[str, str]], now: dict[str, tuple[str, str]]
) -> dict[str, tuple[str, str]]:
    """A doubt of the same kind goes on with its first reason; others end, and new ones begin."""
    fetched = time_text(batch.fetched_at)
    after = {}
    for name, (kind, reason) in now.items():
        if name in before and before[name][0] == kind:
            after[name] = before[name]
            continue
        after[name] = (kind, reason)
        batch.new_doubts.append((meter_id, name, kind, reason, fetched))
    batch.ended_doubts.extend(
        (fetched, meter_id, name) for name in before if name not in now or after[name] != before[name]
    )
    return after


def _kept_in_history(
    batch: Batch, held: tuple[Any, ...], judged: Judged, read_at: str | None, fetched: str
) -> str | None:
    """Add a row of history where a grain has passed and all of it is believed; when the last was."""
    kept: str | None = held[KEPT_AT]
    is_new = judged.read_at is not None and (
        kept is None or judged.read_at - rules.HISTORY_GRAIN >= time_from_text(kept)
    )
    if not is_new or judged.is_old or {"read_at", "meter_no"} & judged.doubts.keys():
        return kept
    believed = {name: None if name in judged.doubts else value for name, value in _values(judged)}
    batch.history.append(
        (held[ID], read_at, fetched, believed["grid"], believed["dg"], believed["balance"], judged.supply)
    )
    return read_at


def _values(judged: Judged) -> tuple[tuple[str, int | None], ...]:
    return (("grid", judged.grid_wh), ("dg", judged.dg_wh), ("balance", judged.balance_paise))


def _write(driver: Any, batch: Batch) -> None:
    for statement, rows in (
        (UPDATE_PLAIN, batch.plain),
        (UPDATE_JUDGED, batch.judged),
        (INSERT_READING, batch.history),
        (END_DOUBT, batch.ended_doubts),
        (INSERT_DOUBT, batch.new_doubts),
    ):
        if rows:
            driver.executemany(statement, rows)


def _remark(
    server: MeterServer, reply: LatestReadings, batch: Batch, named: int, known: int, zeroed: bool
) -> str | None:
    """What was odd in the reply as a whole, in sentences for the strip; None where nothing was."""
    said = []
    if named < known:  # never so for a lone meter, of which alone we asked
        said.append(
            f"{known - named} of {known} meters were missing from the last reply; "
            "their last good values are shown."
        )
    if zeroed:
        said.append(
            "The last reply said ₹0 for nearly every meter at once; the last good balances are shown."
        )
    if batch.old:
        said.append(f"The last reply was older than what we hold for {batch.old} meters; it was not taken.")
    elif named and not batch.news and server.newest_read_at:
        said.append("The last reply brought nothing new.")
    return " ".join([*said, *reply.deviations]) or None


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else time_text(moment)


def _time(text: str | None) -> datetime | None:
    return None if text is None else time_from_text(text)
