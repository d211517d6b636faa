"""Orders as work."""

from datetime import UTC, datetime

from webapp.extensions import db
from webapp.orders import replacing, sending, settling
from webapp.orders.models import Order
from webapp.orders.rules import State
from webapp.work import Job, task


@task("orders")
def send(order_id: int) -> None:
    sending.send(order_id)
    read_when_done(order_id)


@task("looks")
def look(order_id: int) -> None:
    settling.look(order_id)
    read_when_done(order_id)


@task("polls")
def read_again(meter_id: int) -> None:
    settling.read_again(meter_id)


def read_when_done(order_id: int) -> None:
    """A done order changed the meter: its own next reading should be on the page soon."""
    order = db.session.get(Order, order_id)
    if order is not None and order.state is State.DONE:
        read_again.nudge(order.meter_id)


def nudge_unsent() -> None:
    for order_id in settling.unsent(datetime.now(UTC)):
        send.nudge(order_id)


def nudge_looks() -> None:
    for order_id in settling.due(datetime.now(UTC)):
        look.nudge(order_id)


JOBS = (Job("orders to look into", 0.5, nudge_looks),)
SWEEPS = (
    Job("orders not taken", 2, nudge_unsent),
    Job("orders whose sender died", 2, settling.give_up_dead_senders),
    Job("orders whose meter was replaced", 5, replacing.review_replaced),
)
