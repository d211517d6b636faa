"""Sending an order: by exactly one worker, exactly once, and never late."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self, TypeVar

from flask import current_app
from msgspec.structs import replace
from sqlalchemy import select

from webapp.contract.client import MeterServerClient
from webapp.contract.errors import MeterServerError, Refused, Unanswered
from webapp.contract.replies import LoadUpdated, MeterStatus, Recharge, RechargeStatus, Switched
from webapp.extensions import db, reading
from webapp.meters.models import Meter
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


@dataclass(frozen=True)
class NamedMeter:
    """A meter as its server names it, for as long as its order is asked about and no row is held."""

    server_id: int
    meter_no: str

    @classmethod
    def of(cls, order: Order) -> Self:
        return cls(order.meter.server_id, order.meter.meter_no)


Named = TypeVar("Named", Recharge, RechargeStatus, Switched, MeterStatus, LoadUpdated)


def in_our_spelling(reply: Named, meter: NamedMeter) -> Named:
    """Return the reply with the meter's number as we asked, where “123” means our “000123” and no other.

    Contract, reading 19. Commits nothing.
    """
    said = reply.meter_no
    if said is None or said == meter.meter_no or not rules.same_number(said, meter.meter_no):
        return reply
    with reading():
        rows = select(Meter.meter_no).where(
            Meter.server_id == meter.server_id, Meter.meter_no != meter.meter_no
        )
        has_twin = any(rules.same_number(said, other) for other in db.session.scalars(rows))
        db.session.rollback()
    return reply if has_twin else replace(reply, meter_no=meter.meter_no)


Ask = Callable[[MeterServerClient], Move]


def _recharge(order: Order) -> Ask:
    meter, amount = NamedMeter.of(order), order.amount_paise
    assert amount is not None
    meter_no, profile = meter.meter_no, order.meter.server.profile
    is_final, can_ask = profile.recharge_success_is_final, profile.offers("recharge_status")

    def ask(client: MeterServerClient) -> Move:
        try:
            reply = in_our_spelling(client.recharge(meter_no, amount), meter)
        except Unanswered as refusal:
            if refusal.transaction_id and can_ask:
                answer = ask_status(client, meter, refusal.transaction_id)
                return rules.after_doubted_refusal(meter_no, refusal, answer)
            return rules.after_failure(Kind.RECHARGE, refusal)
        except MeterServerError as error:
            return rules.after_failure(Kind.RECHARGE, error)
        return rules.after_recharge(meter_no, amount, reply, is_final)

    return ask


def _switch(order: Order) -> Ask:
    meter, what = NamedMeter.of(order), order.what
    meter_no = meter.meter_no

    def ask(client: MeterServerClient) -> Move:
        command = client.start_meter if what.kind is Kind.RESTORE else client.stop_meter
        try:
            return rules.after_switching(meter_no, in_our_spelling(command(meter_no), meter))
        except Refused as refused:
            assert what.wants is not None
            return rules.after_refused_switching(what.wants, refused, meter_no, read_back(client, meter))
        except MeterServerError as error:
            return rules.after_failure(what.kind, error)

    return ask


def _load(order: Order) -> Ask:
    meter, grid_w, dg_w = NamedMeter.of(order), order.load_grid_w, order.load_dg_w
    assert grid_w is not None
    assert dg_w is not None

    def ask(client: MeterServerClient) -> Move:
        try:
            reply = in_our_spelling(client.update_load(meter.meter_no, grid_w, dg_w), meter)
        except MeterServerError as error:
            return rules.after_failure(Kind.LOAD, error)
        return rules.after_load(meter.meter_no, reply)

    return ask


SENDERS: dict[Kind, Callable[[Order], Ask]] = {
    Kind.RECHARGE: _recharge,
    Kind.CUT: _switch,
    Kind.RESTORE: _switch,
    Kind.LOAD: _load,
}


def read_back(client: MeterServerClient, meter: NamedMeter) -> MeterStatus | MeterServerError:
    """Operation 8, its failure as a value: no answer is an answer here."""
    try:
        return in_our_spelling(client.meter_status(meter.meter_no), meter)
    except MeterServerError as error:
        return error


def ask_status(
    client: MeterServerClient, meter: NamedMeter, transaction_id: str
) -> RechargeStatus | MeterServerError:
    """Operation 4, its failure as a value."""
    try:
        return in_our_spelling(client.recharge_status(transaction_id), meter)
    except MeterServerError as error:
        return error
