"""The list as a workbook for a person: numbers as numbers, times in the society's zone, their language."""

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from webapp.meters.listing import Row
from webapp.meters.rules import SUPPLY
from webapp.quantities import MILLI_PLACES, PAISE_PLACES, decimal_of
from webapp.sentences import Sentence, told
from webapp.societies.models import Society

MIMETYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MONEY, ENERGY, LOAD, TIME = "#,##0.00", "#,##0.00", "0.###", "yyyy-mm-dd hh:mm:ss"


@dataclass(frozen=True)
class Column:
    """``value``: what stands in it; an unknown is an empty cell."""

    name: Sentence
    width: int
    value: Callable[[Row, ZoneInfo], object]
    style: str = ""


COLUMNS = (
    Column(Sentence("Unit"), 14, lambda row, _: row.unit_no),
    Column(Sentence("Lives there"), 24, lambda row, _: row.who),
    Column(Sentence("Meter"), 16, lambda row, _: row.meter_no),
    Column(Sentence("Supply"), 10, lambda row, _: told(SUPPLY[row.supply])),
    Column(Sentence("Balance"), 14, lambda row, _: _number(row.balance_paise, PAISE_PLACES), MONEY),
    Column(Sentence("Grid kWh"), 14, lambda row, _: _number(row.grid_wh, MILLI_PLACES), ENERGY),
    Column(Sentence("DG kWh"), 12, lambda row, _: _number(row.dg_wh, MILLI_PLACES), ENERGY),
    Column(Sentence("Used today kWh"), 16, lambda row, _: _number(row.used_wh, MILLI_PLACES), ENERGY),
    Column(Sentence("Load grid kW"), 13, lambda row, _: _number(row.load_grid_w, MILLI_PLACES), LOAD),
    Column(Sentence("Load DG kW"), 13, lambda row, _: _number(row.load_dg_w, MILLI_PLACES), LOAD),
    Column(Sentence("Read"), 24, lambda row, zone: _time(row.read_at, zone), TIME),
    Column(Sentence("Asked"), 24, lambda row, zone: _time(row.fetched_at, zone), TIME),
    Column(Sentence("Doubt"), 60, lambda row, _: told(row.doubt)),
)


def workbook(rows: Iterable[Row], society: Society) -> bytes:
    """A file of these meters in their order. Written row by row: what is held at a time stays small."""
    book, zone = Workbook(write_only=True), society.zone
    sheet: Any = book.create_sheet(told(Sentence("Units")))
    sheet.freeze_panes = "B2"
    for number, column in enumerate(COLUMNS, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    sheet.append([_heading(sheet, column, society) for column in COLUMNS])
    lines = 1
    for row in rows:
        sheet.append([_cell(sheet, column.value(row, zone), column.style) for column in COLUMNS])
        lines += 1
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(COLUMNS))}{lines}"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _heading(sheet: Any, column: Column, society: Society) -> Any:
    """A time's says its zone, a balance's its currency: no cell can."""
    more = {TIME: f" ({society.timezone})", MONEY: f" ({society.currency})"}
    said = more.get(column.style, "") if column.name in ("Balance", "Read", "Asked") else ""
    cell = WriteOnlyCell(sheet, told(column.name) + said)
    cell.font = Font(bold=True)
    return cell


def _cell(sheet: Any, value: object, style: str) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        value = ILLEGAL_CHARACTERS_RE.sub("", value)
    cell = WriteOnlyCell(sheet, cast(Any, value))
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
