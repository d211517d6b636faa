"""Settling orders: looking again until the meter server's own word, or a person's, ends them."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, not_, or_, select, update

from webapp.contract.errors import MeterServerError
from webapp.extensions import db, reading
from webapp.looks import money
from webapp.meters import polling
from webapp.meters.models import Meter
from webapp.orders import rules
from webapp.orders.advancing import advance
from webapp.orders.disputes import end_dispute
from webapp.orders.models import Order
from webapp.orders.rules import UNKNOWN_LOOKS_S, Move, State
from webapp.orders.sending import NamedMeter, ask_status, read_back
from webapp.people.models import User
from webapp.sentences import N_, Sentence
from webapp.work.lease import is_dead

NUDGE_AGAIN = timedelta(seconds=2)  # a created order's message is lost if nobody took it by then
SENDER_LATE = timedelta(seconds=30)  # beyond the server's own deadline
LOOK_CLAIM = timedelta(seconds=60)
CLOCKS_DIFFER = timedelta(seconds=rules.CLOCKS_DIFFER_S)
LONGEST_LOOK = timedelta(seconds=rules.LONGEST_LOOK_S + rules.CLOCKS_DIFFER_S)
LOOKED_INTO = (State.ACCEPTED, State.WAITING, State.UNKNOWN)


def unsent(now: datetime) -> list[int]:
    """Return the created orders that no worker took, their message lost, or that a wrong clock recorded."""
    in_time = Order.created_at.between(now - NUDGE_AGAIN, now + CLOCKS_DIFFER)
    return _open_ids(Order.state_name == State.CREATED.value, not_(in_time))


def give_up_dead_senders() -> None:
    """An order whose sender died may or may not have gone out: it is unknown, and is not sent again."""
    now = datetime.now(UTC)
    for order_id in _open_ids(Order.state_name == State.SENDING.value):
        order = db.session.get_one(Order, order_id)
        limit = timedelta(seconds=2 * order.meter.server.timeout_s) + SENDER_LATE
        if is_dead(order.sender or "") or now - order.changed_at > limit:
            note = Sentence("Meterdesk stopped while it was being sent; the meter server may have taken it.")
            look = rules.first_look(order.kind)
            advance(order, {State.SENDING}, Move(State.UNKNOWN, note, look_in_s=look), now)
        db.session.rollback()


def due(now: datetime) -> list[int]:
    """Return the orders to look into now."""
    return _open_ids(_is_due(now))


def _is_due(now: datetime) -> ColumnElement[bool]:
    """Return whether its time has come, or is further ahead than any wait: then the clock was set back."""
    return or_(Order.next_look_at <= now, Order.next_look_at > now + LONGEST_LOOK)


def _open_ids(*conditions: object) -> list[int]:
    open_orders = select(Order.id).where(Order.closed_at.is_(None))  # the open ones have an index
    with reading():
        found = list(db.session.scalars(open_orders.where(*conditions)))  # type: ignore[arg-type]
        db.session.rollback()
    return found


def look(order_id: int) -> None:
    """Ask once what became of the order, if nobody else is asking."""
    now = datetime.now(UTC)
    if not _claim(order_id, now):
        return
    order = db.session.get_one(Order, order_id)
    if order.kind is rules.Kind.RECHARGE:
        ask = _ask_recharge_status if order.state is State.WAITING else _take_evidence
    else:
        ask = _read_back
    ask(order, now)


def _claim(order_id: int, now: datetime) -> bool:
    states = [state.value for state in LOOKED_INTO]
    claimed = db.session.execute(
        update(Order)
        .where(Order.id == order_id, _is_due(now), Order.state_name.in_(states))
        .values(looks=Order.looks + 1, next_look_at=now + LOOK_CLAIM)
    )
    db.session.commit()
    return bool(claimed.rowcount)  # type: ignore[attr-defined]


def _read_back(order: Order, now: datetime) -> None:
    client, meter = order.meter.server.client(), NamedMeter.of(order)
    state, wants, looks = order.state, order.what.wants, order.looks
    assert wants is not None
    db.session.rollback()
    with client:
        answer = read_back(client, meter)
    _step(order, state, rules.after_read_back(state, wants, meter.meter_no, answer, looks))


def _ask_recharge_status(order: Order, now: datetime) -> None:
    server, meter = order.meter.server, NamedMeter.of(order)
    client, transaction_id, looks = server.client(), order.transaction_id or "", order.looks
    is_late = now - (order.sent_at or order.created_at) > timedelta(seconds=server.recharge_queue_s)
    db.session.rollback()
    with client:
        answer = ask_status(client, meter, transaction_id)
    move = rules.after_recharge_status(meter.meter_no, transaction_id, answer, looks, is_late)
    _step(order, State.WAITING, move)


def _take_evidence(order: Order, now: datetime) -> None:
    """An unknown recharge: read the meter, and write down what its balance says for the manager.

    It settles nothing: homes use power and recharge elsewhere too, so a balance is a hint.
    """
    meter, order_id = order.meter, order.id
    looks, meter_no = order.looks, order.meter.meter_no
    try:
        row = polling.read_one(meter)
        balance = money(row.balance_paise)
        said = Sentence(
            "Meter %(meter)s was read: its balance is %(balance)s.", meter=meter_no, balance=balance
        )
    except MeterServerError as error:
        said = Sentence("The meter could not be read: %(why)s", why=str(error))
    next_in = UNKNOWN_LOOKS_S[looks] if looks < len(UNKNOWN_LOOKS_S) else None
    order = db.session.get_one(Order, order_id)
    _step(order, State.UNKNOWN, Move(State.UNKNOWN, said, look_in_s=next_in))


def _step(order: Order, state: State, move: Move) -> None:
    """Take the step; one that only looks again is written down where it says something new."""
    now = datetime.now(UTC)
    order = db.session.get_one(Order, order.id)
    if move.state is not state or order.events[-1].note != move.note:
        advance(order, {state}, move, now)
        return
    look_at = None if move.look_in_s is None else now + timedelta(seconds=move.look_in_s)
    db.session.execute(
        update(Order)
        .where(Order.id == order.id, Order.state_name == state.value)
        .values(next_look_at=look_at)
    )
    db.session.commit()


class CannotSettleError(ValueError):
    """It is not a manager's to settle, or not any more; ``str()`` says why."""


def settle_by_hand(
    order: Order, credited: bool, reason: str, reference: str, by: User, now: datetime
) -> None:
    """A manager found out what became of a recharge. Raises CannotSettleError."""
    if not order.can_be_settled_by_hand:
        raise CannotSettleError(Sentence("This order needs no settling by hand any more."))
    if not reason.strip():
        raise CannotSettleError(Sentence("Say how you know: whom you asked, what the meter shows."))
    state = State.DONE if credited else State.CANCELLED
    move = Move(state, _by_hand(credited, reason.strip()[:500], reference.strip()[:64]))
    facts = {"transaction_id": order.transaction_id or reference.strip()[:64] or None}
    end_dispute(order, now)
    if not advance(order, rules.SETTLED_BY_HAND, move, now, by.id, **facts):
        raise CannotSettleError(Sentence("Somebody else settled it a moment ago."))


def _by_hand(credited: bool, reason: str, reference: str) -> Sentence:
    found = Sentence("credited") if credited else Sentence("not credited")
    if not reference:
        return Sentence("Settled by hand: %(found)s. %(reason)s", found=found, reason=reason)
    with_it = N_("Settled by hand: %(found)s. %(reason)s Reference %(reference)s.")
    return Sentence(with_it, found=found, reason=reason, reference=reference)


def read_again(meter_id: int) -> None:
    """After an order is done: the page should show the meter's own next reading soon."""
    meter = db.session.get_one(Meter, meter_id)
    if not meter.server.profile.offers("meter_reading"):
        return
    with suppress(MeterServerError):  # the next poll reads it
        polling.read_one(meter)
