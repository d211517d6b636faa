"""The list as a file for a spreadsheet. Its columns are stable: scripts rely on them."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime

from webapp.meters.models import Meter
from webapp.quantities import MILLI_PLACES, PAISE_PLACES, plain

HEADER = (
    "unit_id", "unit_no", "meter_id", "meter_no", "supply", "balance", "grid_kwh", "dg_kwh",
    "load_grid_kw", "load_dg_kw", "read_at", "fetched_at", "doubt",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def lines(meters: Iterable[Meter]) -> Iterator[str]:
    """Plain decimals, ISO 8601 UTC, blank for unknown."""
    yield _line(HEADER)
    for meter in meters:
        yield _line(_row(meter))


def _row(meter: Meter) -> tuple[str, ...]:
    return (
        _defused(meter.unit.key),
        _defused(meter.unit.unit_no),
        _defused(meter.key),
        _defused(meter.meter_no),
        meter.supply,
        plain(meter.balance_paise, PAISE_PLACES),
        plain(meter.grid_wh, MILLI_PLACES),
        plain(meter.dg_wh, MILLI_PLACES),
        plain(meter.load_grid_w, MILLI_PLACES),
        plain(meter.load_dg_w, MILLI_PLACES),
        _time(meter.read_at),
        _time(meter.fetched_at),
        _defused(meter.doubt or ""),
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
