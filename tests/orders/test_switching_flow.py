"""Cutting and restoring: done only when the meter, read back, says so."""

from sqlalchemy import select, update

from tests.conftest import Desk, SignIn
from tests.orders.giving import a_dead_port, change, change_server, give, given, look, order_of, press, send
from webapp.orders import settling
from webapp.orders.models import Order
from webapp.orders.rules import SWITCH_LOOKS_S, Kind


def supply(desk: Desk) -> str:
    return str(desk.world()["meters"]["M000101"]["supply"])


def test_a_cut_is_accepted_then_done_by_the_read_back(desk: Desk, sign_in: SignIn) -> None:
    press(sign_in("office@greenview.example"), "cut", reason="Wiring works")
    desk.work()
    order = desk.one(select(Order))
    assert (order.state.value, order.reason, supply(desk)) == ("accepted", "Wiring works", "off")
    look(desk)
    assert desk.one(select(Order)).state.value == "done"
    assert (desk.meter().supply, desk.calls("stop_meter"), desk.calls("meter_status")) == ("off", 1, 1)


def test_a_restore_brings_supply_back(desk: Desk) -> None:
    given(desk, Kind.CUT)
    look(desk)
    restore = given(desk, Kind.RESTORE)
    look(desk)
    assert (order_of(desk, restore.id).state.value, supply(desk)) == ("done", "on")


def test_already_started_is_done_because_the_meter_says_on(desk: Desk) -> None:
    order = given(desk, Kind.RESTORE)
    assert (order.state.value, order.words) == ("done", "Operation Not Successful; Meter was already STARTED")
    assert desk.calls("meter_status") == 1


def test_a_refused_cut_is_refused_in_the_servers_words(desk: Desk) -> None:
    desk.fault("stop_meter", "refuse", times=1)
    order = given(desk, Kind.CUT)
    assert (order.state.value, order.is_open, supply(desk)) == ("refused", False, "on")
    assert "not Accessible" in (order.words or "")


def test_a_cut_whose_reply_was_lost_is_settled_by_reading_back_and_not_sent_again(desk: Desk) -> None:
    for fault in ("drop_reply", "http_500", "html"):
        desk.fault("stop_meter", fault, times=1)
        cut = given(desk, Kind.CUT)
        assert cut.state.value == "unknown"
        look(desk)
        assert order_of(desk, cut.id).state.value == "done"
        given(desk, Kind.RESTORE)
        look(desk)
    assert desk.calls("stop_meter") == 3


def test_a_cut_that_never_shows_is_a_mismatch_when_the_looks_are_used_up(desk: Desk) -> None:
    desk.fault("stop_meter", "pretend", times=1)
    cut = given(desk, Kind.CUT)
    look(desk)
    assert (order_of(desk, cut.id).state.value, order_of(desk, cut.id).looks) == ("accepted", 1)
    change(desk, update(Order).values(looks=len(SWITCH_LOOKS_S) - 1))
    look(desk)
    ended = order_of(desk, cut.id)
    assert (ended.state.value, ended.is_open) == ("mismatch", False)
    assert "the meter says on" in ended.events[-1].note


def test_a_meter_that_cannot_be_read_back_leaves_the_cut_accepted(desk: Desk) -> None:
    desk.fault("meter_status", "drop_reply", times=2)
    cut = given(desk, Kind.CUT)
    look(desk)
    look(desk)
    waiting = order_of(desk, cut.id)
    assert (waiting.state.value, waiting.looks, len(waiting.events)) == ("accepted", 2, 4)
    look(desk)
    assert order_of(desk, cut.id).state.value == "done"


def test_a_cut_that_cannot_be_sent_is_not_sent_and_can_be_asked_again(desk: Desk) -> None:
    change_server(desk, base_url=a_dead_port())
    assert given(desk, Kind.CUT).state.value == "not_sent"
    change_server(desk, base_url=desk.box.url)
    assert given(desk, Kind.CUT).state.value == "accepted"


def test_a_cut_and_a_restore_are_never_open_together(desk: Desk, sign_in: SignIn) -> None:
    client = sign_in("office@greenview.example")
    cut = give(desk, Kind.CUT)
    assert press(client, "restore").status_code == 409
    assert send(desk, cut) == "accepted"
    assert press(client, "restore").status_code == 409
    look(desk)
    assert press(client, "restore").status_code == 303


def test_a_look_that_nobody_claims_twice_asks_once(desk: Desk) -> None:
    given(desk, Kind.CUT)
    desk.fault("meter_status", "drop_reply", times=1)
    look(desk)
    with desk.app.app_context():
        settling.look(1)
    assert (desk.one(select(Order)).looks, desk.calls("meter_status")) == (1, 1)
