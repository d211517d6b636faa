"""The fast road and the careful one, on the same values: neither reads what the other would not."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from webapp.contract.client import MeterServerClient
from webapp.contract.operations import OPERATIONS
from webapp.contract.profile import Profile
from webapp.contract.replies import Reading

from .tiny_server import TinyServer, answer

FIELDS = OPERATIONS["latest_readings"].fields
GOOD = {
    "unit_no": '"A-101"',
    "meter_no": '"M1"',
    "dg": '"12.50"',
    "grid": '"4312.75"',
    "date_time": '"2026-11-22 10:00:00"',
    "balance": '"412.50"',
    "status": '"On"',
}
# JSON as text, so that a number has the digits that a server may write.
DIGITS = st.text("0123456789", min_size=1, max_size=30)
WRITTEN = st.from_regex(
    re.compile(r"-?(0|[1-9]\d{0,20})(\.\d{1,30})?([eE][+-]?\d{1,3})?", re.ASCII), fullmatch=True
)
GROUPED = st.from_regex(re.compile(r"[+-]?\d{0,3}([,.]\d{2,3}){1,3}(\.\d{0,4})?", re.ASCII), fullmatch=True)
TEXTS = (
    st.text(max_size=20)
    | WRITTEN
    | GROUPED
    | DIGITS
    | st.text("०१२३४५६७८९１２３٣².,-+eE", max_size=8)
    | st.sampled_from(
        ["₹ 500", "Rs.500.00", "5 CR", "0,500", "1.234,56", "0x1F", "NaN", "-0.00", "1e5", ".5", "5."]
    )
    | st.sampled_from(
        ["22-11-2026 10:00:00", "2026-11-22T10:00:00Z", "0000-00-00", "2026-11-22 10:00 PM", "On", "UP"]
    )
)
LITERALS = (
    TEXTS.map(lambda text: json.dumps(text, ensure_ascii=False))
    | TEXTS.map(json.dumps)
    | WRITTEN
    | st.sampled_from(
        ["null", "true", "false", "[]", "{}", '""', '" "', "[1]", '{"kwh": 5}', "18446744073709551617"]
    )
)
ROWS = st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, LITERALS)), min_size=1, max_size=4)


@pytest.fixture(scope="module")
def server() -> Iterator[TinyServer]:
    with TinyServer() as running:
        yield running


@pytest.fixture(scope="module")
def client(server: TinyServer) -> MeterServerClient:
    return MeterServerClient(server.base_url, "GV01", Profile(), timeout_s=20)


def readings(server: TinyServer, client: MeterServerClient, rows: list[dict[str, str]], status: str) -> Any:
    """Every row has every key, or no road but the careful one would take it."""
    written = [
        "{" + ",".join(f'"{key}":{value}' for key, value in (GOOD | row).items()) + "}" for row in rows
    ]
    around = f'"message":"","count":"{len(rows)}","data":[{",".join(written)}]'
    server.behaviour = answer(f'{{"{status}":"success",{around}}}')
    return client.latest_readings()


@given(rows=ROWS)
@example(rows=[{"grid": "0.0149999999999999999999999999999999999999999999"}])
@example(rows=[{"balance": "123456789012.00500000000000000001"}])
@example(rows=[{"grid": "1e400"}, {"grid": '"1e400"'}])
@example(rows=[{"grid": '"1.50 2.50"'}, {"grid": '""'}])
@settings(max_examples=400, deadline=None)
def test_both_roads_read_the_same(
    server: TinyServer, client: MeterServerClient, rows: list[dict[str, str]]
) -> None:
    fast = readings(server, client, rows, "status")
    careful = readings(server, client, rows, "Status")
    assert list(map(known, fast.rows)) == list(map(known, careful.rows))
    assert fast.losses == careful.losses


def known(reading: Reading) -> tuple[Reading, list[str]]:
    """The reading, and of its doubts the fields: one road quotes “1e400” and the other “1E+400”."""
    return replace(reading, doubts=()), [doubt.field for doubt in reading.doubts]


def exact(text: str) -> Decimal | None:
    """The number as anyone would work it out by hand: grouping only where no other reading is left."""
    groups = r"[+-]?([1-9]\d?(,\d\d)*|[1-9]\d{0,2}(,\d{3})*),\d{3}(\.\d*)?"
    bare = text.replace(",", "") if re.fullmatch(groups, text, re.ASCII) else text
    try:
        number = Decimal(bare)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


@given(text=(WRITTEN | GROUPED | DIGITS | st.text("०१२１２٣².,-+eE ", max_size=8)))
@example(text="0,500")
@example(text="1.234,56")
@settings(max_examples=400, deadline=None)
def test_a_number_that_is_read_is_the_one_that_was_written(
    server: TinyServer, client: MeterServerClient, text: str
) -> None:
    (row,) = readings(
        server, client, [{"grid": json.dumps(text), "balance": json.dumps(text)}], "status"
    ).rows
    for read, places in ((row.grid_wh, 3), (row.balance_paise, 2)):
        if read is not None:
            written = exact(text.strip())
            assert written is not None
            assert abs(written.scaleb(places) - read) <= Decimal("0.5")


@given(row=st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, LITERALS)))
@settings(max_examples=200, deadline=None)
def test_what_is_unknown_has_its_reason_unless_it_is_blank(
    server: TinyServer, client: MeterServerClient, row: dict[str, str]
) -> None:
    for reading in readings(server, client, [row], "status").rows:
        assert isinstance(reading, Reading)
        doubted = {doubt.field for doubt in reading.doubts}
        for field, name in (("grid", "grid_wh"), ("dg", "dg_wh"), ("balance", "balance_paise")):
            value = json.loads((GOOD | row)[field])
            is_blank = value is None or (isinstance(value, str) and not value.strip())
            assert (getattr(reading, name) is None) == (is_blank or field in doubted)
            assert not (is_blank and field in doubted)
