"""Whole replies as servers of the field send them, and what each becomes."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from webapp.contract.client import MeterServerClient
from webapp.contract.errors import Refused, Unreadable
from webapp.contract.profile import Profile
from webapp.contract.replies import LatestReadings, Supply

from .tiny_server import TinyServer, answer

TEN = datetime(2026, 11, 22, 4, 30, tzinfo=UTC)
TEN_AT_NIGHT = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)
GRID, BALANCE = 4_312_750, 41_250


@pytest.fixture
def plays(server: TinyServer, recorded: Path) -> Any:
    def plays(name: str, *headers: str) -> None:
        server.behaviour = answer((recorded / name).read_bytes(), "200 OK", *headers)

    return plays


# File → the grid register in Wh and the balance in paise, row by row.
NUMBERS: list[tuple[str, list[tuple[int | None, int | None]]]] = [
    ("numbers_beside_strings.json", [(GRID, BALANCE), (4_312_000, -3_500), (GRID, 0)]),
    ("indian_grouping.json", [(104_312_750, 12_345_600), (104_312_750, -12_345_600), (104_312_750, 1_250)]),
    (
        "amounts_with_their_unit.json",
        [
            (GRID, 50_000),
            (GRID, 50_000),
            (GRID, -12_345_600),
            (GRID, 50_050),
            (GRID, 50_000),
            (GRID, None),
            (GRID, None),
            (None, None),
        ],
    ),
    ("decimal_commas.json", [(None, None)] * 3),
    (
        "numbers_that_are_none.json",
        [
            (None, None),
            (None, None),
            (None, BALANCE),
            (1_230_000, None),
            (None, 0),
            (None, None),
            (None, BALANCE),
        ],
    ),
    ("two_wallets.json", [(GRID, BALANCE), (GRID, None)]),
    ("a_meter_named_twice.json", [(GRID, BALANCE), (1_000, BALANCE)]),
    ("a_key_said_twice.json", [(GRID, None), (GRID, BALANCE)]),
    ("half_the_site.json", [(GRID, BALANCE)]),
    ("rows_that_are_none.json", [(GRID, BALANCE)]),
    ("every_balance_zero.json", [(GRID, 0)] * 3),
    ("keys_with_spaces.json", [(GRID, BALANCE)]),
    ("data_within_data.json", [(GRID, BALANCE)] * 2),
    ("a_single_object.json", [(GRID, BALANCE)]),
    ("utf8_with_a_mark.json", [(GRID, BALANCE)]),
    ("utf16.json", [(GRID, BALANCE)]),
]


@pytest.mark.parametrize(("name", "numbers"), NUMBERS, ids=[name for name, _ in NUMBERS])
def test_a_number_is_exact_or_unknown(
    plays: Any, client: MeterServerClient, name: str, numbers: list[tuple[int | None, int | None]]
) -> None:
    plays(name)
    rows = client.latest_readings().rows
    assert [(row.grid_wh, row.balance_paise) for row in rows] == numbers
    for row in rows:
        blank = name == "two_wallets.json"  # unknown without a doubt: there is nothing there
        assert blank or {doubt.field for doubt in row.doubts} == {
            field for field, value in (("grid", row.grid_wh), ("balance", row.balance_paise)) if value is None
        }


def test_a_time_is_exact_or_unknown(plays: Any, client: MeterServerClient) -> None:
    plays("times_of_all_kinds.json")
    times = [row.read_at for row in client.latest_readings().rows]
    assert times == [TEN] * 5 + [None] * 5 + [TEN_AT_NIGHT, None]


def test_a_meters_number_keeps_its_noughts(plays: Any, client: MeterServerClient) -> None:
    plays("meter_numbers_as_numbers.json")
    assert [row.meter_no for row in client.latest_readings().rows] == ["10000101", "0012345"]


@pytest.mark.parametrize("header", ["", "Content-Type: application/json; charset=utf-8"])
def test_a_letter_that_is_lost_makes_a_name_unknown(
    plays: Any, client: MeterServerClient, header: str
) -> None:
    plays("latin1.json", *([header] if header else []))
    (row,) = client.latest_readings().rows
    assert (row.unit_no, row.meter_no, row.grid_wh) == (None, "10000101", GRID)
    assert [doubt.field for doubt in row.doubts] == ["unit_no"]


@pytest.mark.parametrize("charset", ["ISO-8859-1", '"windows-1252"', "latin1"])
def test_latin_letters_are_read_where_they_are_declared(
    plays: Any, client: MeterServerClient, charset: str
) -> None:
    plays("latin1.json", f"Content-Type: application/json; charset={charset}")
    assert client.latest_readings().rows[0].unit_no == "Café-1"


@pytest.mark.parametrize("charset", ["hex", "punycode", "utf-7", "unicode_escape", "no-such", "idna"])
def test_another_charset_is_not_believed(plays: Any, client: MeterServerClient, charset: str) -> None:
    plays("latest_readings.json", f"Content-Type: application/json; charset={charset}")
    assert len(client.latest_readings().rows) == 3


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("two_replies.ndjson", "not JSON"),
        ("error_page.html", "a web page"),
        ("login_page.html", "a web page"),
        ("empty.txt", "an empty answer"),
    ],
)
def test_what_is_no_reply_is_unreadable(plays: Any, client: MeterServerClient, name: str, what: str) -> None:
    plays(name)
    with pytest.raises(Unreadable, match=what):
        client.latest_readings()


def test_half_the_site_says_so(plays: Any, client: MeterServerClient) -> None:
    plays("half_the_site.json")
    assert client.latest_readings().losses == ("The meter server announced 240 rows and sent 1.",)
    plays("rows_that_are_none.json")
    assert client.latest_readings().losses == ("Rows without a legible meter number, left out: 5.",)


def test_the_grids_wallet_is_the_balance(server: TinyServer, plays: Any) -> None:
    renamed = {"operations": {"latest_readings": {"fields": {"balance": "dg_balance"}}}}
    plays("two_wallets.json")
    client = MeterServerClient(server.base_url, "GV01", Profile.from_mapping(renamed))
    assert [row.balance_paise for row in client.latest_readings().rows] == [9_900, 5_000]


def test_a_company_that_names_its_wallet_never_lends_us_another(server: TinyServer, plays: Any) -> None:
    renamed = {"operations": {"latest_readings": {"fields": {"balance": "grid_wallet", "grid": "kwh"}}}}
    plays("two_wallets.json")
    client = MeterServerClient(server.base_url, "GV01", Profile.from_mapping(renamed))
    readings: LatestReadings = client.latest_readings()
    assert [(row.balance_paise, row.grid_wh) for row in readings.rows] == [(None, None)] * 2
    assert "“grid” is missing, in 2 of 2 rows." in readings.deviations


def test_a_recharge_is_read(plays: Any, client: MeterServerClient) -> None:
    plays("recharge_done.json")
    done = client.recharge("10000101", 50_000)
    assert (done.amount_paise, done.balance_paise, done.token) == (50_000, 91_250, "1234 5678 9012 3456 7890")
    assert (done.pending, done.date_time, done.deviations) == (False, TEN, ())


def test_a_queue_is_pending(plays: Any, client: MeterServerClient) -> None:
    plays("recharge_queued.json")
    assert client.recharge("10000101", 50_000).pending
    status = client.recharge_status("TX-1")
    assert (status.pending, status.words) == (True, "Recharge request is pending; in queue")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("recharge_refused.json", "Not Recharged"),
        ("already_started.json", "Operation Not Successful; Meter was already STARTED"),
    ],
)
def test_a_refusal_keeps_the_servers_words(
    plays: Any, client: MeterServerClient, name: str, words: str
) -> None:
    plays(name)
    with pytest.raises(Refused) as refusal:
        client.start_meter("10000101")
    assert refusal.value.words == words


def test_a_relay_that_only_sent_is_neither_on_nor_off(plays: Any, client: MeterServerClient) -> None:
    plays("relay_sent.json")
    assert client.stop_meter("10000101").supply is Supply.UNKNOWN
    status = client.meter_status("10000101")
    assert (status.supply, status.supply_word) == (Supply.UNKNOWN, "SENT")


def test_a_generators_reading_is_put_right(plays: Any, client: MeterServerClient) -> None:
    plays("generator_reading_swapped.json")
    read = client.dg_reading("DG1")
    assert (read.register_wh, read.read_at) == (812_250, TEN)
    assert "stand in each other’s place" in read.deviations[0]


def test_seconds_since_1970_are_no_energy(plays: Any, client: MeterServerClient) -> None:
    plays("generator_reading_in_seconds.json")
    read = client.dg_reading("DG1")
    assert (read.register_wh, read.read_at) == (None, None)
    assert [doubt.field for doubt in read.doubts] == ["read_at"]


def test_fuel_in_another_unit_than_the_profiles_is_unknown(plays: Any, client: MeterServerClient) -> None:
    plays("generator_fuel.json")
    assert client.dg_fuel("DG1").fuel_ml is None
    client.profile = Profile.from_mapping({"fuel_unit": "percent"})
    assert client.dg_fuel("DG1").fuel_percent_hundredths == 6_125


def test_a_meter_change_is_read(plays: Any, client: MeterServerClient) -> None:
    plays("meter_changed.json")
    (change,) = client.meter_changes(date(2026, 11, 1), date(2026, 11, 30)).rows
    assert (change.old_meter_no, change.new_meter_no) == ("10000101", "20000101")
    assert (change.old_end_grid_wh, change.old_start_grid_wh, change.new_start_grid_wh) == (GRID, None, None)
    assert (change.meter_change_date, change.reading_start_date) == (date(2026, 11, 21), date(2026, 11, 21))
