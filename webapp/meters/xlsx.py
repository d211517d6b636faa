"""The list as a workbook: numbers as numbers, times in the society's zone."""

import io
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from webapp.meters.models import Meter
from webapp.quantities import MILLI_PLACES, PAISE_PLACES, decimal_of
from webapp.societies.models import Society

MIMETYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MONEY, ENERGY, TIME = "#,##0.00", "#,##0.00", "yyyy-mm-dd hh:mm:ss"
COLUMNS = (
    ("Unit", 14, None), ("Meter", 16, None), ("Supply", 10, None), ("Balance", 14, MONEY),
    ("Grid kWh", 14, ENERGY), ("DG kWh", 12, ENERGY), ("Load grid kW", 13, "0.###"),
    ("Load DG kW", 13, "0.###"), ("Read", 20, TIME), ("Asked", 20, TIME), ("Doubt", 60, None),
)  # fmt: skip


def workbook(meters: Iterable[Meter], society: Society) -> bytes:
    """A file of these meters in their order; what is unknown is an empty cell."""
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet("Units")
    sheet.freeze_panes = "B2"
    for number, (_, width, _) in enumerate(COLUMNS):
        sheet.column_dimensions[chr(ord("A") + number)].width = width
    zoned = {"Read": f"Read ({society.timezone})", "Asked": f"Asked ({society.timezone})"}
    sheet.append([zoned.get(name, name) for name, _, _ in COLUMNS])
    rows = 1
    for meter in meters:
        rows += 1
        cells = zip(_values(meter, society.zone), COLUMNS, strict=True)
        sheet.append([_cell(sheet, value, style) for value, (_, _, style) in cells])
    sheet.auto_filter.ref = f"A1:{chr(ord('A') + len(COLUMNS) - 1)}{rows}"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _values(meter: Meter, zone: ZoneInfo) -> tuple[object, ...]:
    return (
        meter.unit.unit_no,
        meter.meter_no,
        meter.supply,
        _number(meter.balance_paise, PAISE_PLACES),
        _number(meter.grid_wh, MILLI_PLACES),
        _number(meter.dg_wh, MILLI_PLACES),
        _number(meter.load_grid_w, MILLI_PLACES),
        _number(meter.load_dg_w, MILLI_PLACES),
        _time(meter.read_at, zone),
        _time(meter.fetched_at, zone),
        meter.doubt,
    )


def _cell(sheet: Any, value: Any, style: str | None) -> Any:
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"  # a text that begins with = is a text, and no formula
    if style:
        cell.number_format = style
    return cell


def _number(value: int | None, places: int) -> object:
    return None if value is None else decimal_of(value, places)


def _time(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    """Without its zone, which no spreadsheet knows: it stands at the head of the column."""
    return moment.astimezone(zone).replace(tzinfo=None, microsecond=0) if moment else None
