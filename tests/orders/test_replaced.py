"""Orders of a meter that was taken away: nothing is sent to it, and no rupee of it is forgotten."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from tests.conftest import Desk
from tests.orders.giving import change, give, given, look, order_of, send, sweep
from webapp.meters.models import Meter
from webapp.orders import rules
from webapp.orders.rules import Kind, State


def retire(desk: Desk) -> None:
    change(desk, update(Meter).filter_by(meter_no="M000101").values(retired_at=datetime.now(UTC)))


@pytest.mark.parametrize("kind", Kind)
def test_what_was_not_sent_yet_is_not_sent_to_a_meter_that_is_gone(desk: Desk, kind: Kind) -> None:
    order_id, operation = give(desk, kind), rules.KINDS[kind].operation
    retire(desk)
    assert (send(desk, order_id), desk.calls(operation)) == ("not_sent", 0)
    assert "replaced before it was sent" in order_of(desk, order_id).events[-1].note


def test_an_unknown_recharge_of_a_replaced_meter_waits_for_a_person_and_is_not_sent_again(
    desk: Desk,
) -> None:
    desk.fault("recharge", "drop_reply", times=1)
    order = given(desk)
    assert order.state is State.UNKNOWN
    retire(desk)
    sweep(desk)
    look(desk)
    order = order_of(desk, order.id)
    assert (order.state, order.closed_at, order.next_look_at) == (State.REVIEW, None, None)
    assert order.can_be_settled_by_hand and desk.calls("recharge") == 1


def test_a_cut_of_a_replaced_meter_is_over_and_says_to_look_at_the_new_one(desk: Desk) -> None:
    desk.fault("meter_status", "http_500", times=100)
    order = given(desk, Kind.CUT)
    assert order.is_open
    retire(desk)
    sweep(desk)
    order = order_of(desk, order.id)
    assert (order.state, order.is_open) == (State.MISMATCH, False)
    assert "Look at the new one" in order.events[-1].note


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("state", [State.SENDING, State.REVIEW])
def test_what_somebody_is_at_is_left_to_them(kind: Kind, state: State) -> None:
    assert rules.after_replacement(kind, state) is None


def test_orders_of_meters_in_use_are_left_alone(desk: Desk) -> None:
    order_id = give(desk, meter_no="M000102")
    retire(desk)
    sweep(desk)
    assert order_of(desk, order_id).state is State.CREATED
