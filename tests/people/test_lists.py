"""Lists as offices keep them: encodings, delimiters, headers, and what spreadsheets make of cells."""

import io
import zipfile
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from webapp.people.lists import sheets
from webapp.people.lists.rows import Row, understood
from webapp.people.rules import NotSoError

SECOND_OF_JANUARY = datetime(2026, 1, 2)  # noqa: DTZ001 - as a workbook has it
PLAIN = "Unit,Name,Phone\nA-101,Zoë D’Souza,9876543210\n"


def rows_of(content: bytes) -> list[Row]:
    return understood(sheets.read(content))


def workbook(*lines: list[Any]) -> bytes:
    book, content = Workbook(), io.BytesIO()
    assert book.active is not None
    for line in lines:
        book.active.append(line)
    book.save(content)
    return content.getvalue()


def problem_of(content: bytes) -> str:
    with pytest.raises(NotSoError) as refused:
        rows_of(content)
    return refused.value.problem.kind


def problems_in(content: bytes) -> list[str | None]:
    return [row.problem.kind if row.problem else None for row in rows_of(content)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_a_list_is_read_however_the_spreadsheet_wrote_it(encoding: str, delimiter: str, ending: str) -> None:
    content = PLAIN.replace(",", delimiter).replace("\n", ending).encode(encoding)
    assert rows_of(content) == [Row(2, "A-101", "Zoë D’Souza", "9876543210")]


def test_excels_own_word_for_the_delimiter_is_no_row() -> None:
    assert rows_of(f"sep=;\n{PLAIN.replace(',', ';')}".encode())[0].unit == "A-101"


@pytest.mark.parametrize(
    "header",
    [
        "Name,Flat No.,Mobile No",
        "resident name;UNIT NO;Contact",
        "नाम,फ़्लैट,मोबाइल",
        "Owner Name,House,WhatsApp",
        "Name,unit,phone",
    ],
)
def test_columns_are_known_by_their_headers_in_any_order(header: str) -> None:
    line = "Ravi;A-1;9876543210" if ";" in header else "Ravi,A-1,9876543210"
    assert rows_of(f"{header}\n{line}\n".encode()) == [Row(2, "A-1", "Ravi", "9876543210")]


def test_a_title_above_the_header_and_empty_rows_are_passed_over() -> None:
    assert rows_of(b"Green View,,\n,,\nUnit,Name,Phone\n,,\nA-1,Ravi,\n")[0].line == 5


def test_a_name_with_a_line_break_in_quotes_is_one_name() -> None:
    assert rows_of(b'unit,name\nA-1,"Ravi\nSharma"\n')[0].name == "Ravi Sharma"


def test_cells_of_excel_are_what_a_person_meant() -> None:
    content = workbook(
        ["Unit", "Name", "Phone", "From", "Until"],
        [101, "Ravi", 9876543210, SECOND_OF_JANUARY, date(2026, 5, 1)],
        [102.0, "Sita", 9876543210.0, "02-01-2026", None],
    )
    first, second = rows_of(content)
    assert first == Row(2, "101", "Ravi", "9876543210", "", date(2026, 1, 2), date(2026, 5, 1))
    assert second == Row(3, "102", "Sita", "9876543210", "", date(2026, 1, 2))


def test_a_csv_made_of_numbers_reads_the_same() -> None:
    assert rows_of(b"unit,name,phone\n101.0,Ravi,9876543210.0\n")[0] == Row(2, "101", "Ravi", "9876543210")


def test_what_a_spreadsheet_spoilt_is_refused_with_its_reason() -> None:
    content = workbook(
        ["unit", "name", "phone", "from"],
        ["A-1", "Ravi", "9.87E+09", None],
        [SECOND_OF_JANUARY, "Sita", None, None],
        ["=A1", "Mira", None, None],
        ["A-4", '=HYPERLINK("http://evil.example")', None, None],
        ["A-5", "#N/A", None, None],
        ["A-6", "Anil", 1e17, None],
        ["A-7", "Uma", None, "31-02-2026"],
        [None, "Nobody", None, None],
        ["A-9", None, "9876543210", None],
        ["x" * 65, "Long", None, None],
    )
    assert problems_in(content) == [
        "phone_rounded", "row_unit_day", "row_formula", "row_formula", "row_formula", "row_number", "day",
        "row_empty_unit", "row_no_name", "row_unit_long",
    ]  # fmt: skip


def test_letters_that_hide_or_turn_are_refused() -> None:
    assert problems_in("unit,name\nA-1,Ra\u202evi\nA-2,R\x01avi\n".encode()) == ["row_broken", "row_broken"]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "file_missing"),
        (b"\n\n", "file_empty"),
        (b"unit,name\n", "file_empty"),
        (b"name,phone\nRavi,9876543210\n", "file_no_unit"),
        (b"unit,flat\nA-1,A-2\n", "file_twice"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "file_xls"),
        (b"PK\x03\x04 and no more", "file_broken"),
        (b"unit\n" + b"A-1\n" * 10_001, "file_rows"),
        (b"unit\n" + b"," * 60 + b"x\n", "file_wide"),
        (b"x" * (1024 * 1024 + 1), "file_large"),
    ],
)
def test_a_file_that_is_no_list_says_so_in_one_sentence(content: bytes, kind: str) -> None:
    assert problem_of(content) == kind


def test_a_workbook_that_unpacks_to_a_mountain_is_not_opened() -> None:
    packed = io.BytesIO(workbook(["unit"], ["A-1"]))
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/worksheets/sheet9.xml", b"0" * (25 * 1024 * 1024))
    assert len(packed.getvalue()) < 100_000
    assert problem_of(packed.getvalue()) == "file_bomb"


def _with_sheet(xml: str) -> bytes:
    """A workbook whose sheet is this text."""
    source, made = zipfile.ZipFile(io.BytesIO(workbook(["unit"], ["A-1"]))), io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for part in source.infolist():
            is_sheet = part.filename == "xl/worksheets/sheet1.xml"
            file.writestr(part.filename, xml if is_sheet else source.read(part))
    return made.getvalue()


def test_a_workbook_that_multiplies_by_entities_is_refused() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    xml = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]><worksheet>&l8;</worksheet>'
    assert problem_of(_with_sheet(xml)) == "file_broken"


def test_a_cell_at_the_far_end_of_a_sheet_costs_no_more_than_a_cell() -> None:
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    cell = '<c r="{}" t="inlineStr"><is><t>{}</t></is></c>'
    far = f'<row r="3">{cell.format("A3", "A-1")}{cell.format("XFD3", "far")}</row>'
    rows = f'<row r="1">{cell.format("A1", "unit")}</row>{far}'
    xml = f"<worksheet {space}><sheetData>{rows}</sheetData></worksheet>"
    assert [row.unit for row in rows_of(_with_sheet(xml))] == ["A-1"]


@given(st.binary(max_size=300) | st.binary(max_size=300).map(lambda rest: b"PK\x03\x04" + rest))
def test_any_bytes_are_a_list_or_a_sentence(content: bytes) -> None:
    try:
        assert rows_of(content)
    except NotSoError as refused:
        assert refused.problem.kind.startswith("file_")


def test_a_row_that_says_it_is_the_billionth_is_refused_at_once() -> None:
    content = workbook(["Unit"], ["A-101"])
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].replace(b'r="A2"', b"")
    sheet = sheet.replace(b'<row r="2"', b'<row r="2000000000"')
    forged = io.BytesIO()
    with zipfile.ZipFile(forged, "w") as packed:
        for name, part in (parts | {"xl/worksheets/sheet1.xml": sheet}).items():
            packed.writestr(name, part)
    assert problem_of(forged.getvalue()) == "file_rows"


def test_a_unit_that_the_spreadsheet_reckoned_is_no_unit() -> None:
    book, content = Workbook(), io.BytesIO()
    assert book.active is not None
    for line in (["Unit", "Name"], [100, "Asha"], [1.1, "Binu"], [101.0, "Chitra"]):
        book.active.append(line)
    book.active["A2"].number_format = "0.00E+00"
    book.save(content)
    assert problems_in(content.getvalue()) == ["row_number", "row_number", None]


def test_a_row_with_a_problem_keeps_its_unit_as_it_is_read() -> None:
    (row,) = rows_of(b"Unit,Name,Phone\n101.0,Binu,none\n")
    assert (row.unit, row.unit_is_read, bool(row.problem)) == ("101", True, True)
    (odd,) = rows_of(b"Unit,Name,Phone\n=A1,Binu,\n")
    assert (odd.unit, odd.unit_is_read) == ("=A1", False)
