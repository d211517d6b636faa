"""A file as rows of cells: CSV in whatever an office's spreadsheet writes, and XLSX. Knows no meaning."""

import codecs
import csv
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from webapp.people.rules import NotSoError

BYTES_AT_MOST = 1024 * 1024
UNPACKED_AT_MOST = 24 * BYTES_AT_MOST
PARTS_AT_MOST = 200
ROWS_AT_MOST, COLUMNS_AT_MOST = 10_000, 40
XLSX, XLS = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
DELIMITERS = ",;\t|"
UNREADABLE = (
    zipfile.BadZipFile,
    InvalidFileException,
    ParseError,
    zlib.error,
    csv.Error,
    KeyError,
    ValueError,
    TypeError,
    IndexError,
    AttributeError,
    OverflowError,
    EOFError,
    OSError,
    NotImplementedError,
)  # fmt: skip - openpyxl meets a broken workbook with any of these
FURTHEST_ROW = 100_000  # a row may say that it is the billionth, and all before it are gone through


class Exponent(float):
    """A number that its spreadsheet shows as 1.00E+02: it may have been typed as a text."""

    def __str__(self) -> str:
        return f"{float(self):.2E}"


Cell = str | int | float | bool | date | datetime | None


@dataclass(frozen=True)
class Line:
    """A row that is not empty, and where in the file it stands, from 1."""

    number: int
    cells: tuple[Cell, ...]


def read(content: bytes) -> list[Line]:
    """The rows of the first sheet. Raises NotSoError."""
    if not content:
        raise NotSoError("file_missing")
    if len(content) > BYTES_AT_MOST:
        raise NotSoError("file_large")
    if content.startswith(XLS):
        raise NotSoError("file_xls")
    try:
        return list(_bounded(_xlsx(content) if content.startswith(XLSX) else _csv(content)))
    except NotSoError:
        raise
    except UNREADABLE as error:
        raise NotSoError("file_broken") from error


def _bounded(rows: Iterable[tuple[int, Iterable[Cell]]]) -> Iterator[Line]:
    taken = 0
    for number, row in rows:
        if number > FURTHEST_ROW:
            raise NotSoError("file_rows", most=ROWS_AT_MOST)
        cells = tuple(row)
        if all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in cells):
            continue
        taken += 1
        if taken > ROWS_AT_MOST + 1:  # one is the header
            raise NotSoError("file_rows", most=ROWS_AT_MOST)
        if len(cells) > COLUMNS_AT_MOST and any(cell not in (None, "") for cell in cells[COLUMNS_AT_MOST:]):
            raise NotSoError("file_wide", most=COLUMNS_AT_MOST)
        yield Line(number, cells[:COLUMNS_AT_MOST])


def _xlsx(content: bytes) -> Iterator[tuple[int, Iterable[Cell]]]:
    """Formulas as the text that they are: nothing is reckoned here."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        parts = packed.infolist()
        if len(parts) > PARTS_AT_MOST or sum(part.file_size for part in parts) > UNPACKED_AT_MOST:
            raise NotSoError("file_bomb")
    book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # a file may lie about them
        # One column more than we take, so that a wider row is seen and a gap is never padded for ever.
        for number, row in enumerate(sheet.iter_rows(max_col=COLUMNS_AT_MOST + 1), 1):
            yield number, map(_value, row)
    finally:
        book.close()


def _value(cell: Any) -> Cell:
    value: Cell = cell.value
    if isinstance(value, int | float) and not isinstance(value, bool) and "E+" in (cell.number_format or ""):
        return Exponent(value)
    return value


def _csv(content: bytes) -> Iterator[tuple[int, Iterable[Cell]]]:
    text = _decoded(content).replace("\r\n", "\n").replace("\r", "\n")
    first, _, rest = text.partition("\n")
    delimiter = max(DELIMITERS, key=first.count)
    if first.lower().startswith("sep=") and len(first) == 5:  # as Excel tells itself
        text, delimiter = rest, first[4]
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    for row in lines:
        yield lines.line_num, row


def _decoded(content: bytes) -> str:
    for bom, encoding in BOMS:
        if content.startswith(bom):
            return content.decode(encoding)
    if b"\0" in content[:200]:  # UTF-16 without its mark: every second byte of Latin letters is empty
        return content.decode("utf-16-be" if content[:1] == b"\0" else "utf-16-le")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")
