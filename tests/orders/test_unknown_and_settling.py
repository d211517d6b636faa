"""Recharges whose outcome is not known: what makes them so, and who may say how they ended."""

import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier, Event
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.conftest import Desk, SignIn
from tests.contract.tiny_server import TinyServer, answer
from tests.orders.giving import (
    a_dead_port,
    a_dead_process,
    change,
    change_server,
    give,
    given,
    look,
    order_of,
    send,
    sweep,
)
from webapp.alerts.models import Alert
from webapp.extensions import db
from webapp.orders import settling
from webapp.orders.models import Order
from webapp.people.models import User

GOOD: dict[str, Any] = {
    "unit_no": "A-101", "meter_no": "M000101", "amount": "500.00", "transaction_id": "T1",
    "token": "1234 5678", "balance": "912.50", "remarks": "",
}  # fmt: skip
FOUND = {"outcome": "credited", "reason": "The company's portal shows it.", "reference": "REF-9"}


def replied(desk: Desk, status: str = "200 OK", word: str = "success", **data: object) -> Order:
    """A recharge that a meter server of one reply answers."""
    with TinyServer() as server:
        change_server(desk, base_url=server.base_url)
        server.behaviour = answer(
            {"status": word, "message": "So it is.", "data": {**GOOD, **data}}, status=status
        )
        order = given(desk)
        assert [asked.method for asked in server.asked].count("POST") == 1
    return order


def over(desk: Desk) -> None:
    """As if a manager had settled every order, so that the meter may be asked again."""
    change(desk, update(Order).values(closed_at=datetime.now(UTC)))


def test_whatever_happens_to_the_reply_the_recharge_is_unknown_and_was_sent_once(desk: Desk) -> None:
    faults = ["drop_reply", "truncate", "garble", "html", "http_500", "redirect", "reset_before"]
    numbers = [no for no, meter in desk.world()["meters"].items() if meter["balance"]]
    for fault, meter_no in zip(faults, numbers, strict=False):
        desk.fault("recharge", fault, times=1)
        order = given(desk, meter_no=meter_no)
        assert (fault, order.state.value, order.is_open) == (fault, "unknown", True)
        assert send(desk, order.id) == "unknown"
    sweep(desk)
    look(desk)
    assert desk.calls("recharge") == len(faults)


def test_a_meter_server_that_nobody_answers_for_was_not_sent_anything(desk: Desk) -> None:
    change_server(desk, base_url=a_dead_port())
    order = given(desk)
    assert (order.state.value, order.is_open) == ("not_sent", False)


def test_a_reply_too_late_for_the_time_out_leaves_it_unknown(desk: Desk) -> None:
    change_server(desk, timeout_s=0.3)
    desk.fault("recharge", "delay", seconds=2, times=1)
    assert (given(desk).state.value, desk.calls("recharge")) == ("unknown", 1)


OUTCOMES = (
    ("200 OK", "Error", "refused"),
    ("422 Unprocessable", "Error", "refused"),
    ("404 Not Found", "error", "refused"),
    ("500 Oops", "error", "unknown"),
    ("503 Busy", "success", "unknown"),
    ("302 Found", "error", "unknown"),
    ("400 Bad", "success", "unknown"),
    ("201 Created", "success", "done"),
)


def test_only_a_no_that_can_be_believed_is_a_refusal(desk: Desk) -> None:
    for status, word, state in OUTCOMES:
        nothing_done = {} if word == "success" else {"transaction_id": "", "token": None}
        order = replied(desk, status, word, **nothing_done)
        assert (status, word, order.state.value) == (status, word, state)
        assert "So it is." in (order.words or "")
        over(desk)


@pytest.mark.parametrize("word", ["error", "Recharged", "1"])
def test_what_may_have_been_credited_is_never_said_to_be_refused(
    desk: Desk, sign_in: SignIn, word: str
) -> None:
    order = replied(desk, "200 OK", word)
    page = sign_in("office@greenview.example").get(f"/s/greenview/orders/{order.id}").text
    assert (order.state.value, order.is_open) == ("unknown", True)
    assert "Do not pay again" in page
    assert "Nothing was charged" not in page and "Try again" not in page


def test_a_pending_recharge_is_asked_about_and_keeps_its_lane(desk: Desk) -> None:
    order = replied(desk, "200 OK", "pending", transaction_id="T1")
    assert (order.state.value, order.is_open, order.transaction_id) == ("waiting", True, "T1")


def test_a_reply_about_another_meter_or_amount_is_no_evidence_of_ours(desk: Desk) -> None:
    other = replied(desk, meter_no="M000102", token="of another home")
    assert (other.state.value, other.token, other.balance_after_paise) == ("unknown", None, None)
    over(desk)
    less = replied(desk, amount="50.00")
    assert (less.state.value, less.transaction_id, less.is_open) == ("unknown", "T1", True)


def test_an_unknown_recharge_gathers_evidence_and_is_not_settled_by_it(desk: Desk) -> None:
    desk.fault("recharge", "drop_reply", times=1)
    order = given(desk)
    look(desk)
    seen = order_of(desk, order.id)
    assert (seen.state.value, seen.is_open, seen.looks) == ("unknown", True, 1)
    assert "its balance is ₹" in seen.events[-1].note


def settle(client: Any, order: Order, **found: str) -> Any:
    return client.post(f"/s/greenview/orders/{order.id}/settle", data=found)


def unknown(desk: Desk) -> Order:
    desk.fault("recharge", "drop_reply", times=1)
    return given(desk)


def test_a_manager_settles_it_once_with_a_reason(desk: Desk, sign_in: SignIn) -> None:
    order, manager = unknown(desk), sign_in("manager@greenview.example")
    answers = [
        settle(manager, order, **found)
        for found in ({}, {"outcome": "credited", "reason": " "}, FOUND, {**FOUND, "outcome": "not_credited"})
    ]
    assert [said.status_code for said in answers] == [422, 422, 303, 422]
    settled = order_of(desk, order.id)
    assert (settled.state.value, settled.transaction_id, settled.is_open) == ("done", "REF-9", False)
    assert (settled.events[-1].by_id, settled.next_look_at) != (None, settled.created_at)
    look(desk)
    assert (order_of(desk, order.id).state.value, desk.calls("recharge")) == ("done", 1)


def test_what_was_not_credited_can_be_recharged_again(desk: Desk, sign_in: SignIn) -> None:
    order = unknown(desk)
    settle(sign_in("manager@greenview.example"), order, **{**FOUND, "outcome": "not_credited"})
    assert order_of(desk, order.id).state.value == "cancelled"
    assert given(desk).state.value == "done"


def test_the_office_may_not_settle_it(desk: Desk, sign_in: SignIn) -> None:
    order = unknown(desk)
    assert settle(sign_in("office@greenview.example"), order, **FOUND).status_code == 403
    assert order_of(desk, order.id).state.value == "unknown"


def test_of_two_managers_at_once_one_settles_it(desk: Desk) -> None:
    order, ready = unknown(desk), Barrier(2)

    def settle_it(credited: bool) -> bool:
        with desk.app.app_context():
            found = db.session.get_one(Order, order.id)
            by = db.session.scalars(select(User)).first()
            assert by is not None
            db.session.rollback()
            ready.wait()
            try:
                settling.settle_by_hand(found, credited, "I looked.", "", by, datetime.now(UTC))
            except settling.CannotSettleError:
                return False
            return True

    with ThreadPoolExecutor(2) as managers:
        assert sorted(managers.map(settle_it, [True, False])) == [False, True]
    assert len(order_of(desk, order.id).events) == 4


def test_a_reply_that_comes_after_a_manager_said_no_is_disputed_and_managers_hear_of_it(
    desk: Desk, sign_in: SignIn
) -> None:
    manager, go_on = sign_in("manager@greenview.example"), Event()
    good = answer({"status": "success", "message": "Meter Recharged", "data": GOOD})

    def slow(wire: socket.socket) -> None:
        go_on.wait(10)
        good(wire)

    with TinyServer() as server, ThreadPoolExecutor(1) as worker:
        server.behaviour = slow
        change_server(desk, base_url=server.base_url)
        order_id = give(desk)
        sent = worker.submit(send, desk, order_id)
        while not server.asked:
            assert not sent.done()
        change(desk, update(Order).values(sender=a_dead_process()))
        sweep(desk)
        settle(manager, order_of(desk, order_id), outcome="not_credited", reason="The portal has nothing.")
        assert order_of(desk, order_id).state.value == "cancelled"
        go_on.set()
        assert sent.result() == "disputed"
    assert "is disputed" in desk.one(select(Alert)).title
    settle(manager, order_of(desk, order_id), **FOUND)
    settled = order_of(desk, order_id)
    assert (settled.state.value, settled.token) == ("done", "1234 5678")
    assert desk.one(select(Alert)).cleared_at is not None


def test_a_reply_after_the_sender_was_given_up_knows_better(desk: Desk) -> None:
    go_on = Event()
    good = answer({"status": "success", "message": "Meter Recharged", "data": GOOD})

    def slow(wire: socket.socket) -> None:
        go_on.wait(10)
        good(wire)

    with TinyServer() as server, ThreadPoolExecutor(1) as worker:
        server.behaviour = slow
        change_server(desk, base_url=server.base_url)
        order_id = give(desk)
        sent = worker.submit(send, desk, order_id)
        while not server.asked:
            assert not sent.done()
        change(desk, update(Order).values(sender=a_dead_process()))
        sweep(desk)
        assert order_of(desk, order_id).state.value == "unknown"
        go_on.set()
        assert sent.result() == "done"


def test_a_queued_recharge_waits_and_is_done_when_operation_4_says_so(desk: Desk) -> None:
    desk.fault("recharge", "queue", seconds=0.6, times=1)
    order = given(desk)
    assert (order.state.value, order.balance_after_paise) == ("waiting", None)
    look(desk)
    assert order_of(desk, order.id).state.value == "waiting"
    deadline = datetime.now(UTC) + timedelta(seconds=20)
    while order_of(desk, order.id).state.value == "waiting" and datetime.now(UTC) < deadline:
        look(desk)
    done = order_of(desk, order.id)
    assert (done.state.value, done.transaction_id, desk.calls("recharge")) == (
        "done",
        order.transaction_id,
        1,
    )


def test_a_queue_that_takes_longer_than_the_company_may_is_for_a_person(desk: Desk, sign_in: SignIn) -> None:
    desk.fault("recharge", "queue", seconds=600, times=1)
    order = given(desk)
    change(desk, update(Order).values(sent_at=datetime.now(UTC) - timedelta(seconds=901)))
    look(desk)
    late = order_of(desk, order.id)
    assert (late.state.value, late.is_open, late.next_look_at) == ("review", True, None)
    assert settle(sign_in("manager@greenview.example"), order, **FOUND).status_code == 303
    assert order_of(desk, order.id).state.value == "done"


def test_a_queue_that_does_not_know_the_recharge_is_for_a_person(desk: Desk) -> None:
    desk.fault("recharge", "queue", seconds=600, times=1)
    desk.fault("recharge_status", "refuse", times=1)
    order = given(desk)
    look(desk)
    assert order_of(desk, order.id).state.value == "review"


def test_where_success_is_not_final_it_is_done_by_operation_4(desk: Desk) -> None:
    change_server(desk, profile_data={"recharge_success_is_final": False})
    order = given(desk)
    assert order.state.value == "waiting"
    look(desk)
    assert (order_of(desk, order.id).state.value, desk.calls("recharge_status")) == ("done", 1)
