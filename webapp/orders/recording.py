"""Recording an order: committed before a byte leaves, once for each form however often it is sent."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webapp.alerts.news import tell
from webapp.extensions import db
from webapp.meters.models import Meter
from webapp.orders.advancing import note_down
from webapp.orders.models import Order
from webapp.orders.rules import KINDS, NEVER_CHARGED, Kind, Move, State
from webapp.people.models import User
from webapp.sentences import Sentence


@dataclass(frozen=True)
class Wish:
    """What a person asked for."""

    kind: Kind
    client_key: str  # made with the form; the same form is the same order
    amount_paise: int | None = None
    load_grid_w: int | None = None
    load_dg_w: int | None = None
    reason: str = ""
    seen_order: int | None = None  # the home's newest recharge on the form; 0: it had none


class StillOpenError(Exception):
    """An order of this kind is open for the meter; a second could charge or switch it twice."""

    def __init__(self, order: Order) -> None:
        super().__init__(f"order {order.id} is still open")
        self.order = order


class NewerRechargeError(Exception):
    """The home was recharged after the form was opened: whoever sees only the form may pay twice."""

    def __init__(self, order: Order) -> None:
        super().__init__(f"order {order.id} is newer than the form")
        self.order = order


class FormUsedError(Exception):
    """The form's key belongs to an order for something else."""


def record(meter: Meter, wish: Wish, asked_by: User, now: datetime) -> tuple[Order, bool]:
    """Commit the order. The order, and whether it is new (a form sent again gives its first order).

    Raises StillOpenError, NewerRechargeError and FormUsedError.
    """
    earlier = _of_form(meter, wish)
    if earlier is not None:
        return earlier, False
    open_already = open_in_lane(meter, wish.kind)
    if open_already is not None:
        raise StillOpenError(open_already)
    if wish.kind is Kind.RECHARGE and wish.seen_order is not None:
        newest = newest_recharge(meter.unit_id)
        if newest is not None and newest.id > wish.seen_order:
            raise NewerRechargeError(newest)
    meter_id = meter.id
    try:
        return _insert(meter, wish, asked_by, now), True
    except IntegrityError:
        # Another press, tab or person was quicker by a hair: what they recorded is the order.
        db.session.rollback()
        meter = db.session.get_one(Meter, meter_id)
        earlier = _of_form(meter, wish)
        if earlier is not None:
            return earlier, False
        open_already = open_in_lane(meter, wish.kind)
        if open_already is None:
            raise
        raise StillOpenError(open_already) from None


def _of_form(meter: Meter, wish: Wish) -> Order | None:
    order = db.session.scalar(
        select(Order).filter_by(society_id=meter.society_id, client_key=wish.client_key)
    )
    if order is None:
        return None
    asked = (order.meter_id, order.kind, order.amount_paise, order.load_grid_w, order.load_dg_w)
    if asked != (meter.id, wish.kind, wish.amount_paise, wish.load_grid_w, wish.load_dg_w):
        raise FormUsedError
    return order


def open_in_lane(meter: Meter, kind: Kind) -> Order | None:
    """The order that must be settled before another of this kind can be given."""
    found: Order | None = db.session.scalar(
        select(Order).filter_by(meter_id=meter.id, lane=KINDS[kind].lane, closed_at=None)
    )
    return found


def newest_recharge(unit_id: int) -> Order | None:
    """Return the home's newest recharge, but for those that surely charged nothing."""
    found: Order | None = db.session.scalar(
        select(Order)
        .filter_by(unit_id=unit_id, kind_name=Kind.RECHARGE.value)
        .where(Order.state_name.not_in([state.value for state in NEVER_CHARGED]))
        .order_by(Order.id.desc())
        .limit(1)
    )
    return found


def _insert(meter: Meter, wish: Wish, asked_by: User, now: datetime) -> Order:
    order = Order(
        society_id=meter.society_id,
        meter_id=meter.id,
        unit_id=meter.unit_id,
        kind_name=wish.kind.value,
        lane=KINDS[wish.kind].lane,
        state_name=State.CREATED.value,
        client_key=wish.client_key,
        asked_by_id=asked_by.id,
        amount_paise=wish.amount_paise,
        load_grid_w=wish.load_grid_w,
        load_dg_w=wish.load_dg_w,
        reason=wish.reason,
        balance_before_paise=meter.balance_paise,
        balance_before_at=meter.balance_at,
        created_at=now,
        changed_at=now,
    )
    db.session.add(order)
    db.session.flush()
    note_down(order.id, Move(State.CREATED, wish.reason or Sentence("Asked for.")), now, asked_by.id)
    tell(order.society_id, "orders", now, ids=[order.id], units=[order.unit_id], meters=[order.meter_id])
    db.session.commit()
    return order
