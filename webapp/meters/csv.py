"""The list as a file for a spreadsheet. Its columns are stable: scripts rely on them."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime

from webapp.meters.listing import Row
from webapp.quantities import MILLI_PLACES, PAISE_PLACES, plain

HEADER = (
    "unit_id", "unit_no", "meter_id", "meter_no", "supply", "balance", "grid_kwh", "dg_kwh",
    "load_grid_kw", "load_dg_kw", "read_at", "fetched_at", "doubt",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def lines(rows: Iterable[Row]) -> Iterator[str]:
    """Plain decimals, ISO 8601 UTC, blank for unknown."""
    yield _line(HEADER)
    for row in rows:
        yield _line(_row(row))


def _row(row: Row) -> tuple[str, ...]:
    return (
        _defused(row.unit_key),
        _defused(row.unit_no),
        _defused(row.key),
        _defused(row.meter_no),
        row.supply,
        plain(row.balance_paise, PAISE_PLACES),
        plain(row.grid_wh, MILLI_PLACES),
        plain(row.dg_wh, MILLI_PLACES),
        plain(row.load_grid_w, MILLI_PLACES),
        plain(row.load_dg_w, MILLI_PLACES),
        _time(row.read_at),
        _time(row.fetched_at),
        _defused(row.doubt or ""),
    )


def _defused(text: str) -> str:
    """What a spreadsheet would run as a formula gets a leading apostrophe; a number stays one."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _time(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ""


def _line(cells: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()
