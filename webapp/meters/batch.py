"""What one reply changes in the meters whose rows had to be judged, gathered before it is written."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from webapp.columns import time_from_text, time_text
from webapp.meters.judgement import Doubts, Judged, Known, doubts_after
from webapp.meters.rules import HISTORY_GRAIN
from webapp.sentences import kept, recalled, together

SELECT_HELD = """
SELECT m.meter_no, m.id, u.unit_no, u.is_named, m.grid_wh, m.grid_at, m.dg_wh, m.dg_at, m.balance_paise,
       m.balance_at, m.supply, m.supply_word, m.supply_at, m.read_at, m.fetched_at, m.kept_at
FROM meter m JOIN unit u ON u.id = m.unit_id WHERE m.server_id = ?
"""
SELECT_DOUBTS = """
SELECT d.meter_id, d.field, d.kind, d.reason FROM meter_doubt d JOIN meter m ON m.id = d.meter_id
WHERE d.ended_at IS NULL AND m.server_id = ?
"""
UPDATE = """
UPDATE meter SET grid_wh=?2, grid_at=?3, dg_wh=?4, dg_at=?5, balance_paise=?6, balance_at=?7, supply=?8,
       supply_word=?9, supply_at=?10, read_at=?11, fetched_at=?12, kept_at=?13, doubt=?14 WHERE id=?1
"""
KEEP = """
INSERT OR IGNORE INTO reading (meter_id, read_at, fetched_at, grid_wh, dg_wh, balance_paise, supply)
VALUES (?, ?, ?, ?, ?, ?, ?)
"""
BEGIN_DOUBT = "INSERT INTO meter_doubt (meter_id, field, kind, reason, since) VALUES (?, ?, ?, ?, ?)"
END_DOUBT = "UPDATE meter_doubt SET ended_at=? WHERE meter_id=? AND field=? AND ended_at IS NULL"


class Held(NamedTuple):
    """A row of SELECT_HELD; times as the database holds them."""

    meter_no: str
    id: int
    unit_no: str
    unit_is_named: int
    grid_wh: int | None
    grid_at: str | None
    dg_wh: int | None
    dg_at: str | None
    balance_paise: int | None
    balance_at: str | None
    supply: str
    supply_word: str
    supply_at: str | None
    read_at: str | None
    fetched_at: str | None
    kept_at: str | None

    def known(self) -> Known:
        return Known(
            id=self.id,
            unit_no=self.unit_no,
            unit_is_named=bool(self.unit_is_named),
            grid_wh=self.grid_wh,
            grid_at=_time(self.grid_at),
            dg_wh=self.dg_wh,
            dg_at=_time(self.dg_at),
            balance_paise=self.balance_paise,
            balance_at=_time(self.balance_at),
            supply=self.supply,
            supply_word=self.supply_word,
            supply_at=_time(self.supply_at),
            read_at=_time(self.read_at),
            fetched_at=_time(self.fetched_at),
        )


@dataclass
class Batch:
    """``doubts`` are those open before the reply, by meter id."""

    fetched_at: datetime
    doubts: dict[int, Doubts] = field(default_factory=dict)
    updates: list[tuple[Any, ...]] = field(default_factory=list)
    history: list[tuple[Any, ...]] = field(default_factory=list)
    begun: list[tuple[Any, ...]] = field(default_factory=list)
    ended: list[tuple[Any, ...]] = field(default_factory=list)
    moves: list[tuple[int, str]] = field(default_factory=list)
    newer: int = 0  # rows newer than what we held
    old: int = 0  # rows older than what we held
    future: int = 0  # rows whose time lies in the future

    def add(self, held: Held, judged: Judged) -> None:
        """One judged row, with what it changes in the meter's doubts and history."""
        self.old += judged.is_old
        self.future += judged.doubts.get("read_at", ("",))[0] == "future"
        self.newer += (_text(judged.read_at) or "") > (held.read_at or "")
        if judged.moves_to:
            self.moves.append((held.id, judged.moves_to))
        doubt = self._change_doubts(held.id, judged)
        kept_at = self._keep(held, judged)
        self.updates.append(_update(held.id, judged, time_text(self.fetched_at), kept_at, doubt))

    def _change_doubts(self, meter_id: int, judged: Judged) -> str | None:
        """Begin what is new and end what is over; all that is open, in sentences as they are kept."""
        before, at = self.doubts.get(meter_id, {}), time_text(self.fetched_at)
        after = doubts_after(before, judged)
        self.ended.extend((at, meter_id, name) for name in before if after.get(name) != before[name])
        self.begun.extend(
            (meter_id, name, kind, kept(reason), at)
            for name, (kind, reason) in after.items()
            if before.get(name) != (kind, reason)
        )
        return kept(together((reason for _, reason in after.values()), "; ")) if after else None

    def _keep(self, held: Held, judged: Judged) -> str | None:
        """Add a row of history where the grain has passed; when the last one was read."""
        last = _time(held.kept_at)
        if not judged.read_at or judged.is_old or judged.is_apart or "read_at" in judged.doubts:
            return held.kept_at
        if last is not None and judged.read_at - HISTORY_GRAIN < last:
            return held.kept_at
        read_at = time_text(judged.read_at)
        values = (("grid", judged.grid_wh), ("dg", judged.dg_wh), ("balance", judged.balance_paise))
        believed = (None if name in judged.doubts else value for name, value in values)
        self.history.append((held.id, read_at, time_text(self.fetched_at), *believed, judged.supply))
        return read_at

    def write(self, driver: Any) -> None:
        for statement, rows in (
            (UPDATE, self.updates),
            (KEEP, self.history),
            (END_DOUBT, self.ended),
            (BEGIN_DOUBT, self.begun),
        ):
            if rows:
                driver.executemany(statement, rows)


def open_doubts(driver: Any, server_id: int) -> dict[int, Doubts]:
    """By meter id, of all the server's meters."""
    found: dict[int, Doubts] = {}
    for meter_id, name, kind, reason in driver.execute(SELECT_DOUBTS, (server_id,)):
        found.setdefault(meter_id, {})[name] = (kind, recalled(reason))
    return found


def held_by_number(rows: Iterable[tuple[Any, ...]]) -> dict[str, Held]:
    return {held.meter_no: held for held in map(Held._make, rows)}


def _update(
    meter_id: int, judged: Judged, fetched: str, kept: str | None, doubt: str | None
) -> tuple[Any, ...]:
    return (
        meter_id,
        judged.grid_wh,
        _text(judged.grid_at),
        judged.dg_wh,
        _text(judged.dg_at),
        judged.balance_paise,
        _text(judged.balance_at),
        judged.supply,
        judged.supply_word,
        _text(judged.supply_at),
        _text(judged.read_at),
        fetched,
        kept,
        doubt,
    )


# The times of one reply are few, and one meter's values mostly share theirs.
@lru_cache(maxsize=4096)
def _text(moment: datetime | None) -> str | None:
    return None if moment is None else time_text(moment)


@lru_cache(maxsize=4096)
def _time(text: str | None) -> datetime | None:
    return None if text is None else time_from_text(text)
