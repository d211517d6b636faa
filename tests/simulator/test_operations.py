"""The thirteen operations as the document words them."""

import json

import pytest

from webapp.contract.operations import OPERATIONS

from .calling import A_101, Caller, Clock

READING = {"unit_no", "meter_no", "dg", "grid", "date_time", "balance", "status"}
EVERYTHING = {
    "site_id": "GV01",
    "meter_no": A_101,
    "dg_number": "DG1",
    "amount": "1",
    "load_dg": "1",
    "load_grid": "4.5",
    "url": "http://127.0.0.1:9/",
    "from_date": "2025-01-01",
    "to_date": "2026-06-01",
}


def test_the_whole_site_comes_in_one_reply(caller: Caller) -> None:
    reply = caller.ask("latest-readings")
    assert (reply["status"], reply["count"], len(reply["data"])) == ("success", "240", 240)
    first = reply["data"][0]
    assert set(first) == READING
    assert (first["unit_no"], first["meter_no"], first["status"]) == ("A-101", A_101, "On")
    assert first["date_time"] == "2026-06-11 12:00:00"


def test_one_meter_is_found_with_and_without_its_site(caller: Caller) -> None:
    with_site = caller.ask("meter-reading", meter_no=A_101)
    without = Caller.body(caller.raw("GET", f"/meter-reading?meter_no={A_101}"))
    assert with_site == without
    assert set(with_site["data"]) == READING


@pytest.mark.parametrize("name", [name for name in OPERATIONS if name != "recharge_status"])
def test_every_operation_answers_with_the_document_s_fields(caller: Caller, name: str) -> None:
    operation = OPERATIONS[name]
    if name == "start_meter":
        caller.order("stop-meter")
    inputs = {key: EVERYTHING[key] for key in operation.params}
    ask = caller.ask if operation.method == "GET" else caller.order
    data = ask(operation.path, **inputs)["data"]
    assert set(data[0] if isinstance(data, list) else data) == set(operation.fields)


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda operation: operation.name)
def test_every_operation_has_its_error(caller: Caller, operation: object) -> None:
    name = getattr(operation, "path", "")
    nowhere = {"site_id": "XX99", "meter_no": "X"}
    ask = caller.ask if getattr(operation, "method", "") == "GET" else caller.order
    reply = ask(name, **nowhere)
    assert reply["status"].lower() == "error"
    assert reply.get("data") is None


def test_a_recharge_raises_the_balance_by_exactly_its_amount(caller: Caller) -> None:
    before = caller.balance()
    data = caller.order("recharge", amount="500")["data"]
    assert round(float(data["balance"]) - float(before), 2) == 500
    assert caller.balance() == data["balance"]
    assert (data["amount"], len(data["token"])) == ("500.00", 20)


def test_a_recharge_can_be_asked_about(caller: Caller) -> None:
    transaction_id = caller.order("recharge", amount="500")["data"]["transaction_id"]
    reply = caller.ask("recharge-status", transaction_id=transaction_id)
    assert (reply["status"], reply["data"]["meter_no"]) == ("success", A_101)
    assert caller.ask("recharge-status", transaction_id="never")["message"] == "No such record found"


@pytest.mark.parametrize("amount", ["0", "-5", "", "many", "1.234", "1e3", "inf"])
def test_a_bad_amount_is_refused_and_credits_nothing(caller: Caller, amount: str) -> None:
    before = caller.balance()
    assert caller.order("recharge", amount=amount) == {
        "status": "Error",
        "message": "Not Recharged",
        "count": "0",
        "data": None,
    }
    assert caller.balance() == before


def test_a_postpaid_meter_has_no_balance_and_takes_no_recharge(caller: Caller) -> None:
    rows = caller.ask("latest-readings")["data"]
    postpaid = next(row["meter_no"] for row in rows if row["balance"] is None)
    assert caller.order("recharge", meter_no=postpaid, amount="500")["status"] == "Error"


def test_a_stopped_meter_uses_nothing_until_it_is_started(caller: Caller, clock: Clock) -> None:
    assert caller.order("stop-meter")["data"]["status"] == "STOPPED"
    assert caller.ask("meter-status", meter_no=A_101)["data"]["status"] == "Off"
    before = caller.world()["meters"][A_101]
    clock.now += 86_400
    assert caller.world()["meters"][A_101] == before
    assert caller.order("start-meter")["data"]["status"] == "STARTED"
    clock.now += 86_400
    assert caller.world()["meters"][A_101]["grid_kwh"] > before["grid_kwh"]


def test_starting_what_is_started_is_refused_in_the_document_s_words(caller: Caller) -> None:
    assert caller.order("start-meter")["Remarks"] == " Meter was already STARTED"
    caller.order("stop-meter")
    assert caller.order("stop-meter")["Remarks"] == " Meter was already STOPPED"


def test_loads_are_remembered(caller: Caller) -> None:
    caller.order("update-load", load_dg="1.5", load_grid="4")
    assert caller.world()["loads"] == {A_101: {"load_dg": "1.5", "load_grid": "4"}}
    assert (
        caller.order("update-load", load_dg="lots", load_grid="4")["Remarks"] == " Meter Load was not updated"
    )


def test_commands_may_come_as_json_and_in_the_query(caller: Caller) -> None:
    body = json.dumps({"site_id": "GV01", "meter_no": A_101, "amount": 10.5})
    assert Caller.body(caller.raw("POST", "/recharge", body, "application/json"))["data"]["amount"] == "10.50"
    in_query = f"/recharge?site_id=GV01&meter_no={A_101}&amount=20"
    assert Caller.body(caller.raw("POST", in_query))["data"]["amount"] == "20.00"


def test_a_command_asked_by_get_does_nothing(caller: Caller) -> None:
    before = caller.balance()
    assert caller.ask_raw("recharge", meter_no=A_101, amount="500")[0] == 405
    assert caller.balance() == before


def test_calls_are_counted_by_site(caller: Caller) -> None:
    caller.ask("dg-status", dg_number="DG1")
    caller.ask("dg-status", dg_number="DG2")
    caller.ask("dg-status", site_id="LS01", dg_number="DG1")
    assert caller.world()["calls"] == {"dg_status": 2}
    assert caller.world("LS01")["calls"] == {"dg_status": 1}


def test_a_balance_can_be_set_by_the_back_door(caller: Caller) -> None:
    assert caller.raw("POST", f"/_world/GV01/meters/{A_101}", '{"balance": "12.00"}')[0] == 200
    assert caller.balance() == "12.00"


def test_replaced_meters_have_their_ends_and_beginnings(caller: Caller) -> None:
    rows = caller.ask("meter-changes", from_date="2025-01-01", to_date="2026-06-01")["data"]
    assert len(rows) == 2
    for row in rows:
        assert float(row["old_end_grid"]) > float(row["old_start_grid"])
        assert row["new_start_grid"] == "0.00"
    assert (
        caller.ask("meter-changes", from_date="2025-01-01", to_date="2025-01-02")["message"] == "Not Details"
    )
