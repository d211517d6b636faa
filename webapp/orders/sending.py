"""Sending an order: by exactly one worker, exactly once, and never late."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from flask import current_app

from webapp.contract.client import MeterServerClient
from webapp.contract.errors import MeterServerError, Refused
from webapp.contract.replies import MeterStatus
from webapp.extensions import db
from webapp.orders import rules
from webapp.orders.advancing import advance, note_down
from webapp.orders.disputes import open_dispute
from webapp.orders.models import Order
from webapp.orders.rules import CLOCKS_DIFFER_S, SEND_WITHIN_S, Kind, Move, State
from webapp.sentences import Sentence
from webapp.work.lease import new_holder

_me: dict[int, str] = {}


def this_process() -> str:
    """Our name as a sender; a fork gets one of its own."""
    return _me.setdefault(os.getpid(), new_holder())


def send(order_id: int) -> Order | None:
    """Send the order if it is still to be sent and nobody else does. The order as it is then."""
    now = datetime.now(UTC)
    order = db.session.get(Order, order_id)
    if order is None or order.state is not State.CREATED:
        return order
    if now - order.created_at > timedelta(seconds=SEND_WITHIN_S):
        return _too_late(order, now)
    if order.created_at - now > timedelta(seconds=CLOCKS_DIFFER_S):
        return _from_the_future(order, now)
    if order.meter.retired_at is not None:
        return _replaced(order, now)
    # All that can fail here comes before the claim: an order that says “sending” is being sent.
    ask, client = SENDERS[order.kind](order), order.meter.server.client()
    going = Move(State.SENDING, Sentence("On its way to the meter server."))
    if not advance(order, {State.CREATED}, going, now, sent_at=now, sender=this_process()):
        return order
    with client:
        move = ask(client)
    _settle_reply(order_id, move)
    return db.session.get_one(Order, order_id)


def _settle_reply(order_id: int, move: Move) -> None:
    """The reply is in hand. The sweep may have given the sender up meanwhile: the reply knows better."""
    order, now = db.session.get_one(Order, order_id), datetime.now(UTC)
    if advance(order, {State.SENDING, State.UNKNOWN}, move, now):
        return
    order = db.session.get_one(Order, order_id)
    current_app.logger.warning("order %s had a late reply: it would be %s", order_id, move.state)
    late = rules.after_late_reply(order.kind, order.state, move)
    if late.state is State.DISPUTED:
        open_dispute(order, now)
        advance(order, {order.state}, late, now)
        return
    note_down(order_id, late, now)
    db.session.commit()


def _too_late(order: Order, now: datetime) -> Order:
    note = Sentence("It could not be sent within a minute, so it was not sent at all.")
    advance(order, {State.CREATED}, Move(State.NOT_SENT, note), now)
    return order


def _from_the_future(order: Order, now: datetime) -> Order:
    """End an order of a clock that was ahead: waiting until its time comes would send it late."""
    note = Sentence("This machine's clock was set back before it was sent, so it was not sent at all.")
    advance(order, {State.CREATED}, Move(State.NOT_SENT, note), now)
    return order


def _replaced(order: Order, now: datetime) -> Order:
    move = rules.after_replacement(order.kind, State.CREATED)
    assert move is not None
    advance(order, {State.CREATED}, move, now)
    return order


Ask = Callable[[MeterServerClient], Move]


def _recharge(order: Order) -> Ask:
    meter_no, amount = order.meter.meter_no, order.amount_paise
    assert amount is not None
    is_final = order.meter.server.profile.recharge_success_is_final

    def ask(client: MeterServerClient) -> Move:
        try:
            reply = client.recharge(meter_no, amount)
        except MeterServerError as error:
            return rules.after_failure(Kind.RECHARGE, error)
        return rules.after_recharge(meter_no, amount, reply, is_final)

    return ask


def _switch(order: Order) -> Ask:
    meter_no, what = order.meter.meter_no, order.what

    def ask(client: MeterServerClient) -> Move:
        command = client.start_meter if what.kind is Kind.RESTORE else client.stop_meter
        try:
            return rules.after_switching(meter_no, command(meter_no))
        except Refused as refused:
            assert what.wants is not None
            return rules.after_refused_switching(what.wants, refused, meter_no, read_back(client, meter_no))
        except MeterServerError as error:
            return rules.after_failure(what.kind, error)

    return ask


def _load(order: Order) -> Ask:
    meter_no, grid_w, dg_w = order.meter.meter_no, order.load_grid_w, order.load_dg_w
    assert grid_w is not None
    assert dg_w is not None

    def ask(client: MeterServerClient) -> Move:
        try:
            reply = client.update_load(meter_no, grid_w, dg_w)
        except MeterServerError as error:
            return rules.after_failure(Kind.LOAD, error)
        return rules.after_load(meter_no, reply)

    return ask


SENDERS: dict[Kind, Callable[[Order], Ask]] = {
    Kind.RECHARGE: _recharge,
    Kind.CUT: _switch,
    Kind.RESTORE: _switch,
    Kind.LOAD: _load,
}


def read_back(client: MeterServerClient, meter_no: str) -> MeterStatus | MeterServerError:
    """Operation 8, its failure as a value: no answer is an answer here."""
    try:
        return client.meter_status(meter_no)
    except MeterServerError as error:
        return error
