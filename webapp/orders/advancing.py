"""The one place where an order changes its state."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import insert, update

from webapp.alerts.news import tell
from webapp.extensions import db
from webapp.meters.loads import keep_load
from webapp.orders.models import Order, OrderEvent
from webapp.orders.rules import Kind, Move, State


def advance(
    order: Order,
    from_states: Collection[State],
    move: Move,
    now: datetime,
    by_id: int | None = None,
    **facts: object,
) -> bool:
    """Move the order by compare-and-set, with its row of evidence; commits.

    False, and nothing changed, where the order is in none of ``from_states`` any more: somebody
    else moved it first, and what they did stands.
    """
    values = {name: value for name, value in (move.facts | facts).items() if value is not None}
    look_at = None if move.look_in_s is None else now + timedelta(seconds=move.look_in_s)
    moved = db.session.execute(
        update(Order)
        .where(Order.id == order.id, Order.state_name.in_([state.value for state in from_states]))
        .values(
            state_name=move.state.value,
            changed_at=now,
            closed_at=now if move.closes(order.kind) else None,
            next_look_at=look_at,
            words=move.words or Order.words,
            **values,
        )
    )
    if not moved.rowcount:  # type: ignore[attr-defined]
        db.session.rollback()
        return False
    note_down(order.id, move, now, by_id)
    if order.kind is Kind.LOAD and move.state is State.DONE:
        _keep_load(order, now)
    tell(order.society_id, "orders", now, ids=[order.id], units=[order.unit_id], meters=[order.meter_id])
    db.session.commit()
    return True


def _keep_load(order: Order, now: datetime) -> None:
    sent_at, grid_w, dg_w = order.sent_at, order.load_grid_w, order.load_dg_w
    assert sent_at is not None
    assert grid_w is not None
    assert dg_w is not None
    keep_load(order.meter_id, grid_w, dg_w, sent_at, now)


def note_down(order_id: int, move: Move, now: datetime, by_id: int | None = None) -> None:
    """A row of evidence; commits nothing."""
    db.session.execute(
        insert(OrderEvent).values(
            order_id=order_id,
            at=now,
            state_name=move.state.value,
            by_id=by_id,
            note=move.note,
            words=move.words or None,
        )
    )
