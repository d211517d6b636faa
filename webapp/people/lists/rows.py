"""What a row of a list says: columns by their headers, cells by what spreadsheets make of them. Pure."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from webapp.people.lists.sheets import Cell, Exponent, Line
from webapp.people.rules import UNIT_AT_MOST, NotSoError, Problem, day_of, email_of, name_of, phone_of

HEADERS_WITHIN = 10  # rows: above the header there may be a title
COLUMNS = {
    "unit": "unit unitno unitnumber unitid flat flatno flatnumber house houseno housenumber "
            "apartment apartmentno apt aptno door doorno shop shopno villa villano plot plotno "
            "यूनिट यूनिटनंबर फ्लैट फ्लैटनंबर फ्लैटनं मकान मकाननंबर घर",
    "name": "name fullname resident residentname owner ownername tenant tenantname occupant membername "
            "नाम निवासी मालिक",
    "phone": "phone phoneno phonenumber mobile mobileno mobilenumber contact contactno contactnumber "
             "cell whatsapp फोन फोननंबर मोबाइल मोबाइलनंबर संपर्क",
    "email": "email emailid emailaddress mail mailid ईमेल ईमेलआईडी",
    "since": "from since fromdate startdate movein moveindate movedin livessince livingsince से कबसे",
    "until": "until till to todate enddate moveout moveoutdate movedout leaves तक कबतक",
}  # fmt: skip
_COLUMN_OF = {word: column for column, words in COLUMNS.items() for word in words.split()}
ERRORS = re.compile(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!)")


@dataclass(frozen=True)
class Row:
    """A row that was understood, or its problem."""

    line: int
    unit: str
    name: str = ""
    phone: str = ""
    email: str = ""
    since: date | None = None
    until: date | None = None
    problem: Problem | None = None
    unit_is_read: bool = True  # else ``unit`` is the cell as it stands

    @property
    def says(self) -> tuple[object, ...]:
        """Everything but where it stands."""
        return (self.unit, self.name.casefold(), self.phone, self.email, self.since, self.until)


def understood(lines: Sequence[Line]) -> list[Row]:
    """The rows under the header. Raises NotSoError where the file as a whole is none."""
    if not lines:
        raise NotSoError("file_empty")
    place, columns = _header(lines)
    rows = [_row(line, columns) for line in lines[place + 1 :]]
    if not rows:
        raise NotSoError("file_empty")
    return rows


def _header(lines: Sequence[Line]) -> tuple[int, dict[str, int]]:
    for place, line in enumerate(lines[:HEADERS_WITHIN]):
        columns: dict[str, int] = {}
        for at, cell in enumerate(line.cells):
            column = _COLUMN_OF.get(_bare(cell))
            if column in columns:
                both = f"{line.cells[columns[column]]}, {cell}"
                raise NotSoError("file_twice", column=column, found=both[:120])
            if column:
                columns[column] = at
        if "unit" in columns:
            return place, columns
    found = ", ".join(str(cell) for cell in lines[0].cells if cell is not None)
    raise NotSoError("file_no_unit", found=found[:120] or "–")


def _bare(cell: Cell) -> str:
    """A header without its blanks, points and nuktas: “Flat No.” is “flatno”."""
    plain = unicodedata.normalize("NFC", str(cell or "")).casefold()
    return "".join(mark for mark in plain if unicodedata.category(mark)[0] in "LMN" and mark != "\u093c")


def _row(line: Line, columns: dict[str, int]) -> Row:
    said: dict[str, Any] = {}
    try:
        for column, at in sorted(columns.items(), key=lambda each: each[0] != "unit"):
            cell = line.cells[at] if at < len(line.cells) else None
            said[column] = READERS[column](cell)
        _whole(said)
    except NotSoError as error:
        name = _shown(line, columns.get("name"))
        if unit := said.get("unit"):
            return Row(line.number, unit, name, problem=error.problem)
        as_it_stands = _shown(line, columns["unit"])
        return Row(line.number, as_it_stands, name, problem=error.problem, unit_is_read=False)
    return Row(line.number, **said)


def _whole(said: dict[str, Any]) -> None:
    if not said["unit"]:
        raise NotSoError("row_empty_unit")
    if not said.get("name") and any(said.get(column) for column in ("phone", "email", "since", "until")):
        raise NotSoError("row_no_name")


def _shown(line: Line, at: int | None) -> str:
    """A cell as it may stand beside its problem."""
    cell = line.cells[at] if at is not None and at < len(line.cells) else None
    return "".join(mark for mark in str("" if cell is None else cell) if mark.isprintable())[:UNIT_AT_MOST]


def _text(cell: Cell) -> str:
    """Raises NotSoError for what no person wrote."""
    if isinstance(cell, float):
        if abs(cell) >= 1e15:
            raise NotSoError("row_number", text=str(cell))
        cell = int(cell) if cell.is_integer() else cell
    text = unicodedata.normalize("NFC", " ".join(str("" if cell is None else cell).split()))
    if not text.isprintable() or "\ufffd" in text:
        raise NotSoError("row_broken")
    if text.startswith("=") or ERRORS.fullmatch(text):
        raise NotSoError("row_formula", text=text[:40])
    return text.removesuffix(".0") if re.fullmatch(r"\d+\.0", text) else text


def _unit(cell: Cell) -> str:
    if isinstance(cell, date):
        raise NotSoError("row_unit_day")
    if isinstance(cell, Exponent) or (isinstance(cell, float) and not cell.is_integer()):
        raise NotSoError("row_number", text=str(cell))  # a flat 1E2 or 1.10, which the spreadsheet reckoned
    text = _text(cell)
    if re.fullmatch(r"\d+[.,]\d+E\+\d+", text):
        raise NotSoError("row_number", text=text)
    if len(text) > UNIT_AT_MOST:
        raise NotSoError("row_unit_long")
    return text


def _email(cell: Cell) -> str:
    text = _text(cell)
    return email_of(text.removeprefix("mailto:")) if text else ""


def _day(cell: Cell) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = _text(cell)
    return day_of(text) if text else None


READERS: dict[str, Callable[[Cell], Any]] = {
    "unit": _unit,
    "name": lambda cell: name_of(_text(cell)),
    "phone": lambda cell: phone_of(_text(cell)),
    "email": _email,
    "since": _day,
    "until": _day,
}
