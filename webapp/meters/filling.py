"""Readings from before our first poll, where somebody can give them: they join what was read since."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from webapp.columns import time_from_text, time_text
from webapp.meters import usage
from webapp.meters.storing import driver_of_session
from webapp.meters.usage_rules import ESTIMATED_FROM
from webapp.meters.usage_rules import days as days_between
from webapp.societies.models import MeterServer

KEEP = """
INSERT OR IGNORE INTO reading (meter_id, read_at, fetched_at, grid_wh, dg_wh, balance_paise, supply)
VALUES (?, ?, ?, ?, ?, ?, ?)
"""
FIRST = "SELECT meter_no, meter_id, min(r.read_at) FROM reading r JOIN meter m ON m.id = r.meter_id"
# From each reading to the next, up to the first that we took ourselves.
PIECES = """
INSERT INTO piece
SELECT meter_id, unixepoch(read_at), wh, unixepoch(next_at), next_wh,
       unixepoch(next_at) - unixepoch(read_at) > {gap}
FROM (SELECT meter_id, read_at, {r}_wh AS wh,
             lead(read_at) OVER own AS next_at, lead({r}_wh) OVER own AS next_wh
      FROM reading WHERE meter_id = ?1 AND read_at <= ?2 AND {r}_wh IS NOT NULL
      WINDOW own AS (PARTITION BY meter_id ORDER BY read_at))
WHERE next_at IS NOT NULL AND next_wh >= wh
"""
BALANCES = """
UPDATE usage_day SET balance_paise=(
  SELECT balance_paise FROM reading WHERE meter_id=?1 AND balance_paise IS NOT NULL AND read_at < ?3
  ORDER BY read_at DESC LIMIT 1)
WHERE meter_id=?1 AND day=?2
"""


@dataclass(frozen=True)
class Past:
    """A meter as it was at a moment: Wh, paise (None: postpaid), supply as we spell it."""

    read_at: datetime
    grid_wh: int
    dg_wh: int
    balance_paise: int | None
    supply: str


def first_readings(server: MeterServer) -> dict[str, tuple[int, datetime]]:
    """By meter_no, the id of each meter and when its history begins."""
    rows = driver_of_session().execute(f"{FIRST} WHERE m.server_id = ? GROUP BY m.id", (server.id,))
    return {meter_no: (meter_id, time_from_text(first)) for meter_no, meter_id, first in rows}


def fill(server: MeterServer, pasts: Collection[tuple[int, datetime, Sequence[Past]]]) -> None:
    """For each meter id: put its past before its ``first`` reading; commits nothing.

    Only what lies before ``first`` is taken, and its use is told apart up to there; to be called
    once for a meter, since afterwards its history begins earlier.
    """
    driver = driver_of_session()
    rows = [_row(meter_id, each) for meter_id, first, past in pasts for each in past if each.read_at < first]
    if not rows:
        return
    driver.executemany(KEEP, rows)
    begins, ends = time_from_text(min(row[1] for row in rows)), max(first for _, first, _ in pasts)
    for register in usage.REGISTERS:
        usage.clear(driver)
        limits = [(meter_id, time_text(first)) for meter_id, first, _ in pasts]
        driver.executemany(PIECES.format(r=register, gap=int(ESTIMATED_FROM.total_seconds())), limits)
        usage.share(driver, register, server.society_id, begins, ends, server.society.zone, every_hour=True)
    days = list(days_between(begins, ends, server.society.zone))
    evenings = [
        (meter_id, day.day.isoformat(), time_text(day.end)) for meter_id, _, _ in pasts for day in days
    ]
    driver.executemany(BALANCES, evenings)


def _row(meter_id: int, past: Past) -> tuple[int, str, str, int, int, int | None, str]:
    at = time_text(past.read_at)
    return (meter_id, at, at, past.grid_wh, past.dg_wh, past.balance_paise, past.supply)
