"""What becomes of orders whose message or whose sender was lost."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from tests.conftest import Desk, SignIn
from tests.orders.giving import a_dead_process, change, give, look, order_of, send, sweep
from webapp.orders import settling
from webapp.orders.models import Order
from webapp.orders.rules import Kind, State
from webapp.orders.sending import this_process


def left_sending(desk: Desk, kind: Kind, sender: str, age_s: float = 0) -> int:
    """An order as a sender that stopped in the middle leaves it."""
    order_id, then = give(desk, kind), datetime.now(UTC) - timedelta(seconds=age_s)
    values = {"state_name": State.SENDING.value, "sender": sender, "sent_at": then, "changed_at": then}
    change(desk, update(Order).where(Order.id == order_id).values(values))
    return order_id


def test_an_order_whose_message_was_lost_is_sent_once_by_the_sweep(desk: Desk) -> None:
    order_id = give(desk, age_s=3)
    sweep(desk)
    sweep(desk)
    assert (order_of(desk, order_id).state.value, desk.calls("recharge")) == ("done", 1)


def test_an_order_is_left_to_its_own_message_at_first(desk: Desk) -> None:
    order_id = give(desk)
    sweep(desk)
    assert (order_of(desk, order_id).state.value, desk.calls("recharge")) == ("created", 0)


def test_an_order_that_nobody_took_for_a_minute_is_never_sent(desk: Desk) -> None:
    ids = [give(desk, kind, age_s=61) for kind in (Kind.RECHARGE, Kind.CUT, Kind.LOAD)]
    sweep(desk)
    assert [send(desk, order_id) for order_id in ids] == ["not_sent"] * 3
    assert not {"recharge", "stop_meter", "update_load"} & desk.world()["calls"].keys()
    assert not any(order_of(desk, order_id).is_open for order_id in ids)


def test_the_page_does_not_blame_the_meter_server_for_what_was_never_sent(
    desk: Desk, sign_in: SignIn
) -> None:
    order_id = give(desk, age_s=61)
    sweep(desk)
    page = sign_in("office@greenview.example").get(f"/s/greenview/orders/{order_id}").text
    assert "within a minute" in page
    assert "could not be reached" not in page


def test_an_order_whose_sender_died_is_unknown_and_not_sent_again(desk: Desk) -> None:
    ids = [left_sending(desk, kind, a_dead_process()) for kind in (Kind.RECHARGE, Kind.LOAD)]
    sweep(desk)
    assert [send(desk, order_id) for order_id in ids] == ["unknown"] * 2
    assert "stopped while it was being sent" in order_of(desk, ids[0]).events[-1].note
    look(desk)
    assert not {"recharge", "update_load"} & desk.world()["calls"].keys()


def test_a_cut_whose_sender_died_is_settled_by_reading_the_meter_back(desk: Desk) -> None:
    order_id = left_sending(desk, Kind.RESTORE, a_dead_process())
    sweep(desk)
    look(desk)
    assert (order_of(desk, order_id).state.value, desk.calls("start_meter")) == ("done", 0)


def test_a_sender_that_lives_is_left_in_peace_until_no_server_can_take_so_long(desk: Desk) -> None:
    fresh = left_sending(desk, Kind.RECHARGE, this_process(), age_s=30)
    old = left_sending(desk, Kind.CUT, this_process(), age_s=60)
    sweep(desk)
    assert (order_of(desk, fresh).state.value, order_of(desk, old).state.value) == ("sending", "unknown")


def test_a_sender_of_an_earlier_run_with_our_process_id_is_dead(desk: Desk) -> None:
    host, pid, _run, more = this_process().split("|")
    order_id = left_sending(desk, Kind.RECHARGE, f"{host}|{pid}|of another run|{more}")
    sweep(desk)
    assert order_of(desk, order_id).state.value == "unknown"


def test_an_order_of_a_clock_that_was_ahead_is_not_sent_and_its_lane_opens(desk: Desk) -> None:
    ahead = give(desk, age_s=-3600)
    assert order_of(desk, ahead).is_open
    sweep(desk)
    assert (order_of(desk, ahead).state.value, desk.calls("recharge")) == ("not_sent", 0)
    assert send(desk, give(desk)) == "done"


def test_clocks_that_differ_by_seconds_stop_no_order(desk: Desk) -> None:
    assert send(desk, give(desk, age_s=-5)) == "done"


def test_a_look_that_a_wrong_clock_put_off_for_hours_is_due_now(desk: Desk) -> None:
    desk.fault("recharge", "drop_reply", times=1)
    order_id = give(desk)
    assert send(desk, order_id) == "unknown"
    then = datetime.now(UTC) + timedelta(hours=5)
    change(desk, update(Order).where(Order.id == order_id).values(next_look_at=then))
    with desk.app.app_context():
        assert settling.due(datetime.now(UTC)) == [order_id]
        settling.look(order_id)
    found = order_of(desk, order_id)
    assert found.looks == 1
    assert found.next_look_at is not None and found.next_look_at < datetime.now(UTC) + timedelta(minutes=11)
    with desk.app.app_context():
        assert settling.due(datetime.now(UTC)) == []
