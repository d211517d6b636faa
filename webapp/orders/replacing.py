"""Orders of a meter that was taken away: nothing goes to it any more, and what is open needs a person.

That a meter was replaced is known by its row, which the meters' room wrote.
"""

from datetime import UTC, datetime

from sqlalchemy import select

from webapp.extensions import db, reading
from webapp.meters.models import Meter
from webapp.orders import rules
from webapp.orders.advancing import advance
from webapp.orders.models import Order


def review_replaced() -> None:
    """Move every open order whose meter has retired."""
    for order_id in _open_of_retired():
        order = db.session.get_one(Order, order_id)
        move = rules.after_replacement(order.kind, order.state)
        if move is not None:
            advance(order, {order.state}, move, datetime.now(UTC))
        db.session.rollback()


def _open_of_retired() -> list[int]:
    open_orders = select(Order.id).join(Meter, Meter.id == Order.meter_id)
    with reading():
        found = list(
            db.session.scalars(open_orders.where(Order.closed_at.is_(None), Meter.retired_at.is_not(None)))
        )
        db.session.rollback()
    return found
