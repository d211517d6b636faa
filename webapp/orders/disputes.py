"""A recharge that a person settled one way and the meter server, later, the other: managers hear of it.

Written in the transaction of the step itself: call before ``advance``, which commits or undoes both.
"""

from datetime import datetime

from webapp.alerts.models import Alert
from webapp.alerts.raising import clear, managers_of, raise_alert
from webapp.orders.models import Order
from webapp.orders.telling import what
from webapp.sentences import Sentence


def open_dispute(order: Order, now: datetime) -> None:
    alert = Alert(
        society_id=order.society_id,
        kind="order_disputed",
        about=_about(order),
        title=Sentence("%(order)s to %(unit)s is disputed", order=what(order), unit=order.unit.unit_no),
        detail=Sentence("It was settled by hand, and then the meter server said otherwise. Settle it again."),
        is_urgent=True,
        raised_at=now,
    )
    raise_alert(alert, mail_to=managers_of(order.society_id))


def end_dispute(order: Order, now: datetime) -> None:
    clear(order.society_id, _about(order), now)


def _about(order: Order) -> str:
    return f"order {order.id} disputed"
