"""Each way to go wrong, as a caller sees it, and what it did to the meter."""

import http.client
import json
import threading
import time

import pytest

from .calling import A_101, Caller, Clock


def test_a_dropped_reply_leaves_the_meter_credited_and_the_call_counted(caller: Caller) -> None:
    before = float(caller.balance())
    caller.fault("recharge", "drop_reply", times=1)
    with pytest.raises(http.client.RemoteDisconnected):
        caller.order("recharge", amount="500")
    assert round(float(caller.balance()) - before, 2) == 500
    assert caller.world()["calls"] == {"recharge": 1}


def test_a_reset_leaves_the_meter_as_it_was(caller: Caller) -> None:
    before = caller.balance()
    caller.fault("recharge", "reset_before")
    with pytest.raises(ConnectionResetError):
        caller.order("recharge", amount="500")
    assert caller.balance() == before


def test_a_truncated_reply_ends_early(caller: Caller) -> None:
    caller.fault("latest_readings", "truncate")
    with pytest.raises(http.client.IncompleteRead):
        caller.ask("latest-readings")


def test_a_garbled_reply_is_no_json(caller: Caller) -> None:
    caller.fault("latest_readings", "garble")
    status, body = caller.ask_raw("latest-readings")
    assert status == 200
    with pytest.raises(UnicodeDecodeError):
        json.loads(body)


def test_an_html_page_comes_with_200(caller: Caller) -> None:
    caller.fault("dg_status", "html")
    status, body = caller.ask_raw("dg-status", dg_number="DG1")
    assert (status, body[:15]) == (200, b"<!doctype html>")


def test_a_500_speaks_of_refusal_after_the_effect(caller: Caller) -> None:
    before = float(caller.balance())
    caller.fault("recharge", "http_500")
    status, body = caller.order_raw("recharge", amount="500")
    assert (status, json.loads(body)["status"]) == (500, "Error")
    assert round(float(caller.balance()) - before, 2) == 500


def test_a_redirect_leads_to_a_login_page_without_an_effect(caller: Caller) -> None:
    before = caller.balance()
    caller.fault("recharge", "redirect")
    assert caller.order_raw("recharge", amount="500")[0] == 302
    assert b"Sign in" in caller.raw("GET", "/login")[1]
    assert caller.balance() == before


def test_a_refusal_has_no_effect(caller: Caller) -> None:
    caller.fault("stop_meter", "refuse")
    assert caller.order("stop-meter")["Remarks"] == " Meter not Accessible"
    assert caller.world()["meters"][A_101]["supply"] == "on"


def test_a_frozen_server_repeats_its_last_reply(caller: Caller, clock: Clock) -> None:
    last = caller.ask("latest-readings")
    caller.fault("latest_readings", "freeze")
    clock.now += 3_600
    assert caller.ask("latest-readings") == last


def test_a_frozen_server_that_said_nothing_yet_is_an_hour_late(caller: Caller) -> None:
    caller.fault("latest_readings", "freeze")
    assert caller.ask("latest-readings")["data"][0]["date_time"] == "2026-06-11 11:00:00"


def test_a_frozen_server_acts_once_and_says_so_again(caller: Caller) -> None:
    before = float(caller.balance())
    caller.fault("recharge", "freeze")
    assert caller.order("recharge", amount="500") == caller.order("recharge", amount="500")
    assert round(float(caller.balance()) - before, 2) == 500


def test_every_balance_is_zero_where_there_is_one(caller: Caller) -> None:
    caller.fault("latest_readings", "zero")
    assert {row["balance"] for row in caller.ask("latest-readings")["data"]} == {"0.00", None}


def test_half_the_site_is_missing(caller: Caller) -> None:
    caller.fault("latest_readings", "half")
    assert len(caller.ask("latest-readings")["data"]) == 120


def test_a_queued_recharge_waits_and_is_credited_later(caller: Caller, clock: Clock) -> None:
    before = float(caller.balance())
    caller.fault("recharge", "queue", seconds=60)
    reply = caller.order("recharge", amount="500")
    transaction_id = reply["data"]["transaction_id"]
    assert reply["status"] == "waiting"
    assert caller.ask("recharge-status", transaction_id=transaction_id)["status"] == "waiting"
    assert float(caller.balance()) == before
    clock.now += 61
    assert caller.ask("recharge-status", transaction_id=transaction_id)["status"] == "success"
    assert 498 < float(caller.balance()) - before <= 500


def test_a_server_that_pretends_leaves_supply_on(caller: Caller) -> None:
    caller.fault("stop_meter", "pretend", times=1)
    assert caller.order("stop-meter")["status"] == "success"
    assert caller.ask("meter-status", meter_no=A_101)["data"]["status"] == "On"


@pytest.mark.parametrize("kind", ["delay", "drip"])
def test_a_slow_reply_is_late_and_whole(caller: Caller, kind: str) -> None:
    caller.fault("dg_status", kind, seconds=0.3)
    began = time.monotonic()
    assert caller.ask("dg-status", dg_number="DG1")["status"] == "success"
    assert time.monotonic() - began >= 0.3


def test_a_slow_server_has_acted_before_it_answers(caller: Caller) -> None:
    caller.fault("stop_meter", "delay", seconds=5)
    caller.fault("stop_meter", "drop_reply")
    calling = threading.Thread(target=give_up, args=(caller,))
    calling.start()
    while caller.world()["meters"][A_101]["supply"] == "on":
        time.sleep(0.01)
    assert calling.is_alive()
    caller.server.box.stopping.set()
    calling.join()


def give_up(caller: Caller) -> None:
    with pytest.raises(http.client.RemoteDisconnected):
        caller.order("stop-meter")


def test_a_fault_ends_after_its_times(caller: Caller) -> None:
    caller.fault("*", "refuse", times=2)
    replies = [caller.ask("dg-status", dg_number="DG1")["status"] for _ in range(3)]
    assert replies == ["Error", "Error", "success"]


def test_times_are_counted_exactly_by_many_callers_at_once(caller: Caller) -> None:
    caller.fault("dg_fuel", "refuse", times=10)
    statuses: list[str] = []
    callers = [
        threading.Thread(target=lambda: statuses.append(caller.ask("dg-fuel", dg_number="DG1")["status"]))
        for _ in range(30)
    ]
    for one in callers:
        one.start()
    for one in callers:
        one.join()
    assert statuses.count("Error") == 10


def test_a_fault_may_be_one_site_s_alone(caller: Caller) -> None:
    caller.fault("dg_status", "refuse", site_id="LS01")
    assert caller.ask("dg-status", dg_number="DG1")["status"] == "success"
    assert caller.ask("dg-status", site_id="LS01", dg_number="DG1")["status"] == "Error"


def test_faults_are_listed_and_deleted(caller: Caller) -> None:
    caller.fault("recharge", "html", times=3)
    listed = Caller.body(caller.raw("GET", "/_faults"))["faults"]
    assert [(one["operation"], one["kind"], one["times"]) for one in listed] == [("recharge", "html", 3)]
    assert Caller.body(caller.raw("DELETE", "/_faults")) == {"faults": []}


@pytest.mark.parametrize(
    "body",
    [
        "[",
        "[]",
        "{}",
        '{"kind": "rain"}',
        '{"kind": ["html"]}',
        '{"operation": "x", "kind": "html"}',
        '{"operation": ["recharge"], "kind": "html"}',
        '{"operation": "recharge", "kind": "half"}',
        '{"kind": "html", "times": 0}',
        '{"kind": "html", "times": true}',
        '{"kind": "delay", "seconds": -1}',
        '{"kind": "delay", "seconds": NaN}',
        '{"kind": "delay", "seconds": Infinity}',
        '{"kind": "html", "site_id": "XX99"}',
        '{"kind": "html", "site_id": {}}',
        '{"kind": "html", "color": "red"}',
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(caller: Caller, body: str) -> None:
    assert caller.raw("POST", "/_faults", body)[0] == 400
    assert Caller.body(caller.raw("GET", "/_faults")) == {"faults": []}
