"""Operations 2 to 13: what each answer becomes."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from webapp.contract import replies
from webapp.contract.client import MeterServerClient
from webapp.contract.errors import Unreadable
from webapp.contract.profile import Profile
from webapp.contract.replies import Doubt, Supply

from .tiny_server import TinyServer, answer

TEN = datetime(2026, 11, 22, 4, 30, tzinfo=UTC)


def says(server: TinyServer, data: object, message: str = "") -> None:
    server.behaviour = answer({"status": "success", "message": message, "data": data})


def test_one_meter_is_read(server: TinyServer, client: MeterServerClient) -> None:
    blank = dict.fromkeys(("unit_no", "dg", "balance", "status"), "")
    says(server, {"meter_no": "M1", "grid": "5", "date_time": "2026-11-22 10:00:00"} | blank)
    assert client.meter_reading("M1") == replies.Reading(meter_no="M1", grid_wh=5_000, read_at=TEN)


def test_a_list_of_one_is_one(server: TinyServer, client: MeterServerClient) -> None:
    says(server, [{"meter_no": "M1", "grid": 5}])
    assert client.meter_reading("M1").grid_wh == 5_000


def test_a_reading_of_no_meter_is_unreadable(server: TinyServer, client: MeterServerClient) -> None:
    says(server, {"grid": "5"})
    with pytest.raises(Unreadable, match="without a legible meter number"):
        client.meter_reading("M1")


QUESTIONS: list[Any] = [
    lambda c: c.meter_reading("M1"),
    lambda c: c.meter_status("M1"),
    lambda c: c.dg_reading("DG1"),
    lambda c: c.dg_status("DG1"),
    lambda c: c.dg_fuel("DG1"),
]


@pytest.mark.parametrize("ask", QUESTIONS)
@pytest.mark.parametrize("data", [None, "", [], [{}, {}], "ok", 5, [5]])
def test_a_question_needs_its_row(
    server: TinyServer, client: MeterServerClient, ask: Any, data: object
) -> None:
    says(server, data)
    with pytest.raises(Unreadable, match="belong"):
        ask(client)


def test_a_recharge_gives_all_it_says(server: TinyServer, client: MeterServerClient) -> None:
    row = {"unit_no": "A-101", "meter_no": "M1", "amount": "500.00", "transaction_id": "T1"}
    late = {"token": "1234 5678", "date_time": "2026-11-22 10:00:00", "balance": 912.5, "remarks": "thanks"}
    says(server, row | late, "Meter Recharged")
    assert client.recharge("M1", 50_000) == replies.Recharge(
        meter_no="M1",
        unit_no="A-101",
        amount_paise=50_000,
        transaction_id="T1",
        token="1234 5678",
        date_time=TEN,
        balance_paise=91_250,
        words="Meter Recharged; thanks",
    )


@pytest.mark.parametrize("data", [None, "", "credited", []])
def test_a_command_that_succeeded_needs_no_row(
    server: TinyServer, client: MeterServerClient, data: object
) -> None:
    says(server, data, "Meter Recharged")
    recharged, stopped = client.recharge("M1", 50_000), client.stop_meter("M1")
    assert (recharged.words, recharged.amount_paise, recharged.pending) == ("Meter Recharged", None, False)
    assert (stopped.words, stopped.meter_no, stopped.supply) == ("Meter Recharged", None, None)
    assert client.update_load("M1", 1, 1).words == "Meter Recharged"


def test_a_recharge_is_not_lost_over_its_details(server: TinyServer, client: MeterServerClient) -> None:
    says(server, {"meter_no": ["?"], "amount": "five hundred", "transaction_id": 42, "date_time": "now"})
    done = client.recharge("M1", 50_000)
    assert (done.meter_no, done.amount_paise, done.transaction_id) == (None, None, "42")
    assert {doubt.field for doubt in done.doubts} == {"meter_no", "amount", "date_time"}


def test_a_recharge_status_gives_its_transaction(server: TinyServer, client: MeterServerClient) -> None:
    says(server, {"meter_no": "M1", "transaction_id": "T1", "remarks": ""}, "Recharge success")
    status = client.recharge_status("T1")
    assert (status.transaction_id, status.pending, status.words) == ("T1", False, "Recharge success")


def test_meter_changes_are_read(server: TinyServer, client: MeterServerClient) -> None:
    row = {
        "unit_no": "A-1",
        "old_meter_no": "M1",
        "old_end_grid": "99.5",
        "old_start_dg": "",
        "new_meter_no": 2,
    }
    says(server, [row | {"meter_change_date": "2026-11-22", "reading_start_date": "23-11-2026 00:10"}, {}])
    changes = client.meter_changes(date(2026, 11, 1), date(2026, 11, 30))
    (change,) = changes.rows
    assert (change.old_meter_no, change.new_meter_no) == ("M1", "2")
    assert (change.old_end_grid_wh, change.old_start_dg_wh, change.new_start_grid_wh) == (99_500, None, None)
    assert (change.meter_change_date, change.reading_start_date) == (date(2026, 11, 22), date(2026, 11, 23))
    assert changes.losses == ("Rows without a legible meter number, left out: 1.",)


def test_a_switch_says_what_was_accepted(server: TinyServer, client: MeterServerClient) -> None:
    says(server, {"unit_no": "A-1", "meter_no": "M1", "status": "STOPPED"}, "Meter Stopped")
    expected = replies.Switched(meter_no="M1", unit_no="A-1", supply=Supply.OFF, words="Meter Stopped")
    assert client.stop_meter("M1") == expected
    assert client.start_meter("M1") == expected


def test_a_meters_status_has_three_states(server: TinyServer, client: MeterServerClient) -> None:
    says(server, {"meter_no": "M1", "status": "Faulty", "remarks": "relay"})
    status = client.meter_status("M1")
    assert (status.supply, status.supply_word, status.words) == (Supply.UNKNOWN, "Faulty", "relay")


def test_a_load_that_was_updated_says_so(server: TinyServer, client: MeterServerClient) -> None:
    says(server, {"meter_no": "M1", "status": "Load Updated"}, "Meter load updated")
    assert client.update_load("M1", 5_000, 2_000).words == "Meter load updated"


REGISTERS: list[tuple[object, object, int | None, datetime | None, set[str]]] = [
    ("812.25", "2026-11-22 10:00:00", 812_250, TEN, set()),
    ("2026-11-22 10:00:00", "812.25", 812_250, TEN, set()),
    ("2026- 11-22 10:00:00", 812.25, 812_250, TEN, set()),
    ("2026-11-22 10:00:00", "", None, TEN, set()),
    ("", "812.25", 812_250, None, set()),
    ("812.25", "5", 812_250, None, {"read_at"}),
    ("2026-11-22 10:00:00", "2026-11-22 10:00:00", None, TEN, {"register"}),
    ("2026-11-22 10:00:00", "?", None, TEN, {"register"}),
    ("?", "812.25", 812_250, None, {"read_at"}),
    (None, None, None, None, set()),
    ("2026-11-22 10:00:00", "812.25 kWh", 812_250, TEN, set()),
    ("812.25", 1_763_784_000, 812_250, None, {"read_at"}),
    (1_763_784_000, "812.25", 812_250, None, {"read_at"}),
    (1_763_784_000_000, "", None, None, {"register"}),
    ("1763784000", "2026-11-22 10:00:00", None, TEN, {"register"}),
]


@pytest.mark.parametrize(("reading", "date_time", "register_wh", "read_at", "doubts"), REGISTERS)
def test_a_swapped_generator_reading_is_put_right(
    server: TinyServer,
    client: MeterServerClient,
    reading: object,
    date_time: object,
    register_wh: int | None,
    read_at: datetime | None,
    doubts: set[str],
) -> None:
    says(server, {"dg_no": "DG1", "meter_no": "M9", "reading": reading, "date_time": date_time})
    read = client.dg_reading("DG1")
    assert (read.dg_no, read.register_wh, read.read_at) == ("DG1", register_wh, read_at)
    assert {doubt.field for doubt in read.doubts} == doubts


def test_sensing_gives_the_address_that_was_kept(server: TinyServer, client: MeterServerClient) -> None:
    says(server, {"dg_no": 1, "url": "https://x.example/h"}, "DG Sensing URL configured")
    kept = client.dg_sensing("1", "https://x.example/h")
    assert (kept.dg_no, kept.url, kept.words) == ("1", "https://x.example/h", "DG Sensing URL configured")


@pytest.mark.parametrize(
    ("word", "state"), [("ON", Supply.ON), ("Off", Supply.OFF), ("idle", Supply.UNKNOWN), ("", None)]
)
def test_a_generator_is_on_off_or_unknown(
    server: TinyServer, client: MeterServerClient, word: str, state: Supply | None
) -> None:
    says(server, {"dg_no": "DG1", "status": word})
    status = client.dg_status("DG1")
    assert (status.state, status.word) == (state, word)


def test_fuel_is_litres_or_per_cent_by_the_profile(server: TinyServer, client: MeterServerClient) -> None:
    says(server, {"dg_no": "DG1", "fuel_balance": "61.25", "datetime": "2026-11-22 10:00:00"})
    litres = client.dg_fuel("DG1")
    assert (litres.fuel_ml, litres.fuel_percent_hundredths, litres.read_at) == (61_250, None, TEN)
    client.profile = Profile.from_mapping({"fuel_unit": "percent"})
    per_cent = client.dg_fuel("DG1")
    assert (per_cent.fuel_ml, per_cent.fuel_percent_hundredths) == (None, 6_125)


def test_fuel_that_is_no_number_is_doubted(server: TinyServer, client: MeterServerClient) -> None:
    says(server, {"dg_no": "DG1", "fuel_balance": "half", "date_time": "2026-11-22 10:00:00"})
    fuel = client.dg_fuel("DG1")
    assert (fuel.fuel_ml, fuel.read_at) == (None, TEN)
    assert fuel.doubts == (Doubt("fuel", "“half” is not a number"),)
