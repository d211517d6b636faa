"""Operation 1: the fast road, the careful one, and that they agree."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from webapp.contract.client import MeterServerClient
from webapp.contract.errors import Unreadable
from webapp.contract.profile import Profile
from webapp.contract.replies import Doubt, LatestReadings, Reading, Supply

from .tiny_server import TinyServer, answer

ROW = {
    "unit_no": "A-101",
    "meter_no": "M1",
    "dg": "12.50",
    "grid": "4312.75",
    "date_time": "2026-11-22 10:00:00",
    "balance": "412.50",
    "status": "On",
}
A_101 = Reading(
    meter_no="10000101",
    unit_no="A-101",
    grid_wh=4_312_750,
    dg_wh=12_500,
    balance_paise=41_250,
    read_at=datetime(2026, 11, 22, 4, 30, tzinfo=UTC),
    supply=Supply.ON,
    supply_word="On",
)


@pytest.fixture
def read(server: TinyServer, client: MeterServerClient) -> Any:
    def read(data: object, count: object = "1") -> LatestReadings:
        server.behaviour = answer({"status": "success", "message": "m", "count": count, "data": data})
        return client.latest_readings()

    return read


def test_a_recorded_reply_is_read_exactly(
    server: TinyServer, client: MeterServerClient, recorded: Path
) -> None:
    server.behaviour = answer((recorded / "latest_readings.json").read_bytes())
    readings = client.latest_readings()
    assert readings.rows[0] == A_101
    assert [row.balance_paise for row in readings.rows] == [41_250, -3_510, 0]
    assert [row.grid_wh for row in readings.rows] == [4_312_750, 981_200, 77_105]
    assert readings.words == "Meter Readings and Balances" and readings.deviations == ()


def test_the_documents_own_sample_is_read(
    server: TinyServer, client: MeterServerClient, recorded: Path
) -> None:
    server.behaviour = answer((recorded / "as_in_the_document.txt").read_bytes())
    assert client.latest_readings().rows == [A_101]


def test_a_bent_reply_gives_every_meter_it_names(
    server: TinyServer, client: MeterServerClient, recorded: Path
) -> None:
    server.behaviour = answer((recorded / "as_the_field_bends_it.json").read_bytes())
    readings = client.latest_readings()
    assert [row.meter_no for row in readings.rows] == ["20000001", "20000002", "20000005"]
    assert readings.losses == (
        "The meter server announced 9 rows and sent 5.",
        "Rows without a legible meter number, left out: 2.",
    )


def test_a_bent_row_says_what_it_can(server: TinyServer, client: MeterServerClient, recorded: Path) -> None:
    server.behaviour = answer((recorded / "as_the_field_bends_it.json").read_bytes())
    first = client.latest_readings().rows[0]
    assert (first.unit_no, first.grid_wh, first.dg_wh) == ("B-1", 104_312_750, 12_500)
    assert (first.balance_paise, first.supply, first.supply_word) == (None, Supply.ON, "started")
    assert first.read_at == A_101.read_at and first.doubts == ()


def test_doubt_is_per_field(server: TinyServer, client: MeterServerClient, recorded: Path) -> None:
    server.behaviour = answer((recorded / "as_the_field_bends_it.json").read_bytes())
    second = client.latest_readings().rows[1]
    assert (second.unit_no, second.grid_wh, second.dg_wh, second.read_at) == (None, None, None, None)
    assert second.supply is Supply.UNKNOWN and second.supply_word == "Tripped"
    assert set(second.doubts) == {
        Doubt("grid", "“N/A” is not a number"),
        Doubt("read_at", "“soon” is not a time"),
        Doubt("supply", "“Tripped” is neither on nor off"),
    }


@pytest.mark.parametrize("blank", ["", "  ", None])
def test_blank_is_unknown_and_never_zero(read: Any, blank: str | None) -> None:
    (row,) = read([{**dict.fromkeys(ROW, blank), "meter_no": "M1"}]).rows
    assert row == Reading(meter_no="M1")


def test_what_is_missing_is_unknown_and_never_zero(read: Any) -> None:
    assert read([{"meter_no": "M1"}]).rows == [Reading(meter_no="M1")]


SPELLINGS: list[tuple[str, object, dict[str, object]]] = [
    ("grid", 4312.75, {"grid_wh": 4_312_750}),
    ("grid", 4312, {"grid_wh": 4_312_000}),
    ("grid", "1,23,456.789", {"grid_wh": 123_456_789}),
    ("grid", "1.23456789E7", {"grid_wh": 12_345_678_900}),
    ("grid", True, {"grid_wh": None}),
    ("grid", {"kwh": 5}, {"grid_wh": None}),
    ("grid", 10**30, {"grid_wh": None}),
    ("grid", "9" * 400, {"grid_wh": None}),
    ("balance", "-0.50", {"balance_paise": -50}),
    ("balance", "412,50", {"balance_paise": None}),
    ("date_time", "2026- 11-22 10:00:00", {"read_at": A_101.read_at}),
    ("date_time", "2026-11-22T10:00:00.000", {"read_at": A_101.read_at}),
    ("date_time", "22-11-2026 10:00:00", {"read_at": A_101.read_at}),
    ("date_time", "2026-11-22 10:00:60", {"read_at": None}),
    ("date_time", 20261122, {"read_at": None}),
    ("status", "DOWN", {"supply": Supply.OFF, "supply_word": "DOWN"}),
    ("status", " uP ", {"supply": Supply.ON, "supply_word": "uP"}),
    ("status", True, {"supply": Supply.UNKNOWN, "supply_word": "true"}),
    ("unit_no", 101, {"unit_no": "101"}),
    ("unit_no", " A\u200b-1\x00 ", {"unit_no": "A-1"}),
    ("unit_no", "A\ud800", {"unit_no": None}),
    ("unit_no", "A\ufffd", {"unit_no": None}),
    ("unit_no", "x" * 65, {"unit_no": None}),
    ("meter_no", 7, {"meter_no": "7"}),
    ("meter_no", " M 7\t", {"meter_no": "M 7"}),
]


@pytest.mark.parametrize(("field", "spelled", "read_as"), SPELLINGS)
def test_a_field_is_read_as_servers_spell_it(
    read: Any, field: str, spelled: object, read_as: dict[str, object]
) -> None:
    (row,) = read([{**ROW, field: spelled}]).rows
    assert {name: getattr(row, name) for name in read_as} == read_as
    assert bool(row.doubts) == (None in read_as.values() or Supply.UNKNOWN in read_as.values())
    assert all(len(doubt.reason) < 120 for doubt in row.doubts)


@pytest.mark.parametrize(("field", "spelled", "_read_as"), SPELLINGS)
def test_both_roads_agree(read: Any, field: str, spelled: object, _read_as: object) -> None:
    row = {**ROW, field: spelled}
    fast = read([row])
    careful = read([{key.upper(): value for key, value in row.items()}])
    assert (fast.rows, fast.losses) == (careful.rows, careful.losses)


@pytest.mark.parametrize("meter_no", ["", None, "x" * 65, 1.5, True, ["M1"], 10**80])
def test_a_row_without_a_legible_meter_is_counted(read: Any, meter_no: object) -> None:
    readings = read([ROW, {**ROW, "meter_no": meter_no}], count="2")
    assert [row.meter_no for row in readings.rows] == ["M1"]
    assert readings.losses == ("Rows without a legible meter number, left out: 1.",)


def test_a_single_object_is_a_list_of_one(read: Any) -> None:
    assert [row.meter_no for row in read(ROW).rows] == ["M1"]


@pytest.mark.parametrize("nothing", [None, [], ""])
def test_success_without_rows_is_an_empty_list_that_says_so(read: Any, nothing: object) -> None:
    readings = read(nothing, count="0")
    assert readings.rows == [] and readings.deviations == ("The meter server sent no rows.",)


@pytest.mark.parametrize("data", ["none today", 5, True])
def test_data_that_is_no_list_is_unreadable(read: Any, data: object) -> None:
    with pytest.raises(Unreadable):
        read(data)


@pytest.mark.parametrize("count", ["", None, "n", {}, [], "1.0", 1])
def test_only_a_number_is_a_count_that_disagrees(read: Any, count: object) -> None:
    assert read([ROW], count=count).deviations == ()


def test_both_rows_of_a_duplicated_meter_are_kept(read: Any) -> None:
    rows = read([ROW, {**ROW, "grid": "1"}], count="2").rows
    assert [row.grid_wh for row in rows] == [4_312_750, 1_000]


@pytest.mark.parametrize("theirs", ["meterNumber", "METERNUMBER", "Meter Number", "meter_no"])
def test_a_renamed_field_is_found_however_it_is_cased(server: TinyServer, theirs: str) -> None:
    spelled = {"latest_readings": {"fields": {"meter_no": "meterNumber", "status": "supply"}}}
    client = MeterServerClient(server.base_url, "GV01", Profile.from_mapping({"operations": spelled}))
    row = {key: value for key, value in ROW.items() if key not in ("meter_no", "status")}
    server.behaviour = answer(
        {"status": "success", "message": "", "count": "1", "data": [{**row, theirs: "M9", "supply": "Off"}]}
    )
    (reading,) = client.latest_readings().rows
    assert (reading.meter_no, reading.supply, reading.doubts) == ("M9", Supply.OFF, ())


@pytest.mark.parametrize("number", ["9" * 5000, "NaN", "-Infinity", "1e999999999", "0." + "3" * 5000])
def test_an_impossible_number_costs_only_its_field(
    server: TinyServer, client: MeterServerClient, number: str
) -> None:
    row = json.dumps(ROW).replace('"12.50"', number)
    server.behaviour = answer(f'{{"status": "success", "data": [{row}]}}')
    (reading,) = client.latest_readings().rows
    assert (reading.grid_wh, reading.balance_paise) == (4_312_750, 41_250)
    assert reading.dg_wh == (333 if number.startswith("0.") else None)


def test_a_number_keeps_every_digit(server: TinyServer, client: MeterServerClient) -> None:
    row = json.dumps(ROW).replace('"4312.75"', "99999999.9990")
    server.behaviour = answer(f'{{"status": "success", "data": [{row}]}}')
    assert client.latest_readings().rows[0].grid_wh == 99_999_999_999
