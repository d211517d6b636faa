"""Giving orders as a form would, without a browser, and doing what the workers and the clock do."""

import socket
import subprocess
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import selectinload

from tests.conftest import Desk
from webapp.extensions import db
from webapp.meters.models import Meter
from webapp.orders import sending, tasks
from webapp.orders.models import Order
from webapp.orders.recording import Wish, record
from webapp.orders.rules import Kind
from webapp.people.models import User
from webapp.societies.models import MeterServer
from webapp.work.lease import new_holder

_keys = count(1)


def press(client: FlaskClient, kind: str = "recharge", meter: str = "M000101", **typed: str) -> Any:
    """What a browser sends when the button is pressed."""
    return client.post(f"/s/greenview/meters/{meter}/{kind}", data={"client_key": "key of the form"} | typed)


def give(desk: Desk, kind: Kind = Kind.RECHARGE, meter_no: str = "M000101", age_s: float = 0) -> int:
    """Record an order, ``age_s`` ago; its message is lost. Its id."""
    more: dict[Kind, dict[str, Any]] = {
        Kind.RECHARGE: {"amount_paise": 500_00},
        Kind.CUT: {"reason": "Wiring works"},
        Kind.LOAD: {"load_grid_w": 5_000, "load_dg_w": 1_500},
    }
    wish = Wish(kind, f"key of form {next(_keys)}", **more.get(kind, {}))
    with desk.app.app_context():
        meter = db.session.scalars(select(Meter).filter_by(meter_no=meter_no)).one()
        user = db.session.scalars(select(User).filter_by(email="manager@greenview.example")).one()
        order, _ = record(meter, wish, user, datetime.now(UTC) - timedelta(seconds=age_s))
        return order.id


def send(desk: Desk, order_id: int) -> str:
    """Send it here and now; its state then."""
    with desk.app.app_context():
        order = sending.send(order_id)
        assert order is not None
        return order.state.value


def given(desk: Desk, kind: Kind = Kind.RECHARGE, meter_no: str = "M000101") -> Order:
    """Give an order and send it; the order then."""
    order_id = give(desk, kind, meter_no)
    send(desk, order_id)
    return order_of(desk, order_id)


def order_of(desk: Desk, order_id: int) -> Order:
    return desk.one(select(Order).filter_by(id=order_id).options(selectinload(Order.events)))


def look(desk: Desk) -> None:
    """The time of every next look has come."""
    change(desk, update(Order).where(Order.next_look_at.is_not(None)).values(next_look_at=datetime.now(UTC)))
    with desk.app.app_context():
        tasks.nudge_looks()
    desk.work()


def sweep(desk: Desk) -> None:
    with desk.app.app_context():
        for job in tasks.SWEEPS:
            job.run()
    desk.work()


def change(desk: Desk, statement: Any) -> None:
    with desk.app.app_context():
        db.session.execute(statement)
        db.session.commit()


def change_server(desk: Desk, **values: Any) -> None:
    change(desk, update(MeterServer).where(MeterServer.id == desk.server_id).values(**values))


def a_dead_process() -> str:
    """The name, as a sender or a lease's holder, of a process that is gone."""
    gone = subprocess.Popen(["true"])
    gone.wait()
    host, _, run, more = new_holder().split("|")
    return f"{host}|{gone.pid}|{run}|{more}"


def a_dead_port() -> str:
    """A base URL where nobody listens."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/"
