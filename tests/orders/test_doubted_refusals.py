"""A “no” that names a transaction is asked about once; a number without its noughts is the same meter."""

import socket
from typing import Any

import pytest
from sqlalchemy import update

from tests.conftest import Desk
from tests.contract.tiny_server import TinyServer, answer
from tests.orders.giving import change, change_server, give, order_of, send
from webapp.meters.models import Meter
from webapp.orders.models import Order
from webapp.orders.rules import Kind, State

NO = {"status": "error", "message": "no", "data": {"transaction_id": "T1", "token": "1234"}}
CREDITED = {"status": "success", "data": {"transaction_id": "T1", "meter_no": "M000101"}}


def answered(desk: Desk, *replies: object, kind: Kind = Kind.RECHARGE, meter_no: str = "M000101") -> Order:
    """An order to a meter server that gives these replies, one after the other."""
    left = [answer(reply) for reply in replies]

    def in_turn(wire: socket.socket) -> None:
        left.pop(0)(wire)

    with TinyServer() as server:
        change_server(desk, base_url=server.base_url)
        server.behaviour = in_turn
        order_id = give(desk, kind, meter_no)
        send(desk, order_id)
        assert [asked.path for asked in server.asked].count("/api/recharge") == (kind is Kind.RECHARGE)
    assert left == []
    return order_of(desk, order_id)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (CREDITED, State.DONE),
        ({"status": "waiting", "data": {"transaction_id": "T1"}}, State.WAITING),
        ({"status": "error", "message": "no such record"}, State.UNKNOWN),
        ({"status": "success", "data": {"transaction_id": "T2"}}, State.UNKNOWN),
        ({"status": "success", "data": {"meter_no": "M000102"}}, State.UNKNOWN),
        ("<html>", State.UNKNOWN),
    ],
)
def test_a_no_that_names_a_transaction_is_asked_about_once(desk: Desk, status: object, state: State) -> None:
    order = answered(desk, NO, status)
    assert (order.state, order.transaction_id, order.token) == (state, "T1", "1234")


def test_where_nobody_can_be_asked_the_transaction_is_kept_for_a_person(desk: Desk) -> None:
    change_server(desk, profile_data={"operations": {"recharge_status": False}})
    order = answered(desk, NO)
    assert (order.state, order.transaction_id) == (State.UNKNOWN, "T1")


def renamed(desk: Desk, *numbers: str) -> None:
    """Meters of the society get these numbers."""
    for unit_no, number in zip(("A-101", "A-102"), numbers, strict=False):
        change(
            desk, update(Meter).where(Meter.id == desk.meter(unit_no).id).values(meter_no=number, key=number)
        )


def credited(meter_no: Any) -> dict[str, Any]:
    return {"status": "success", "data": {"meter_no": meter_no, "amount": "500", "token": "1234"}}


@pytest.mark.parametrize(
    ("ours", "said"), [("000123", 123), ("000123", "123"), ("123", "0123"), ("M12", "m12")]
)
def test_a_number_without_its_noughts_is_the_same_meter(desk: Desk, ours: str, said: object) -> None:
    renamed(desk, ours)
    order = answered(desk, credited(said), meter_no=ours)
    assert (order.state, order.token) == (State.DONE, "1234")


@pytest.mark.parametrize("said", ["124", "1230", "M123", "10123"])
def test_another_number_is_another_meter(desk: Desk, said: str) -> None:
    renamed(desk, "000123")
    order = answered(desk, credited(said), meter_no="000123")
    assert (order.state, order.token) == (State.UNKNOWN, None)


def test_where_the_site_has_both_numbers_neither_stands_for_the_other(desk: Desk) -> None:
    renamed(desk, "000123", "123")
    order = answered(desk, credited("123"), meter_no="000123")
    assert (order.state, order.token) == (State.UNKNOWN, None)


def test_a_cut_is_read_back_under_either_spelling(desk: Desk) -> None:
    renamed(desk, "000123")
    order = answered(desk, {"status": "success", "data": {"meter_no": 123}}, kind=Kind.CUT, meter_no="000123")
    assert order.state is State.ACCEPTED
