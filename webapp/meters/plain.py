"""The rows of most polls: newer, legible, plausible. The database takes them by compare-and-set.

A row that it does not take is judged in Python; whatever it takes, ``rules.judge`` would take whole.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from webapp.columns import time_text
from webapp.contract.replies import Reading, Supply
from webapp.meters.rules import CLOCK_SET, CLOCK_SLACK, HISTORY_GRAIN, STEADY_WH

TAKE = f"""
UPDATE meter SET grid_wh=?3, grid_at=?6, dg_wh=?4, dg_at=CASE WHEN ?4 IS NULL THEN dg_at ELSE ?6 END,
       balance_paise=?5, balance_at=CASE WHEN ?5 IS NULL THEN balance_at ELSE ?6 END,
       supply=?8, supply_word=?9, supply_at=?6, read_at=?6, fetched_at=?11,
       kept_at=CASE WHEN kept_at > ?7 THEN kept_at ELSE ?6 END
WHERE server_id=?1 AND meter_no=?2 AND doubt IS NULL AND read_at < ?6
  AND ?3 - grid_wh BETWEEN 0 AND {STEADY_WH}
  AND (?4 - dg_wh BETWEEN 0 AND {STEADY_WH} OR (?4 IS NULL AND dg_wh IS NULL))
  AND (?5 IS NOT NULL OR balance_paise IS NULL)
  AND (?10 IS NULL OR ?10 = (SELECT unit_no FROM unit WHERE unit.id = meter.unit_id))
"""  # noqa: S608 - our own numbers
KEEP = """
INSERT OR IGNORE INTO reading (meter_id, read_at, fetched_at, grid_wh, dg_wh, balance_paise, supply)
SELECT id, read_at, fetched_at, grid_wh, dg_wh, balance_paise, supply FROM meter
WHERE server_id=? AND fetched_at=? AND kept_at=read_at
"""

# The driver is slow with anything but plain text.
WORDS: dict[Supply | None, str] = {Supply.ON: "on", Supply.OFF: "off"}


def take(driver: Any, server_id: int, rows: list[Reading], fetched_at: datetime, zeroed: bool = False) -> int:
    """Store the rows that nothing speaks against, with their history; how many those were.

    No meter may be among ``rows`` twice, nor bear this ``fetched_at`` already.
    """
    fetched = time_text(fetched_at)
    candidates = _candidates(server_id, rows, fetched_at, fetched, zeroed)
    taken: int = driver.executemany(TAKE, candidates).rowcount if candidates else 0
    if taken:
        driver.execute(KEEP, (server_id, fetched))
    return taken


def _candidates(
    server_id: int, rows: list[Reading], fetched_at: datetime, fetched: str, zeroed: bool
) -> list[tuple[Any, ...]]:
    """Rows that are plain as far as they can tell by themselves, as TAKE binds them."""
    texts = _texts({row.read_at for row in rows}, fetched_at + CLOCK_SLACK)
    return [
        (
            server_id,
            row.meter_no,
            row.grid_wh,
            row.dg_wh,
            row.balance_paise,
            *texts[row.read_at],
            WORDS[row.supply],
            row.supply_word,
            row.unit_no,
            fetched,
        )
        for row in rows
        if row.read_at in texts
        and row.supply in WORDS
        and not row.doubts
        and not (zeroed and row.balance_paise == 0)
    ]


def _texts(times: Iterable[datetime | None], latest: datetime) -> dict[datetime | None, tuple[str, str]]:
    """Each believable time as the database holds it, and the one a grain of history before."""
    return {
        moment: (time_text(moment), time_text(moment - HISTORY_GRAIN))
        for moment in times
        if moment is not None and CLOCK_SET <= moment <= latest
    }
