"""The real server, killed and stopped in the middle of things: no rupee is lost or sent twice."""

import os
import signal
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.faults.server import Server, until
from webapp import create_app
from webapp.extensions import db
from webapp.meters.models import Meter
from webapp.orders.recording import Wish, record
from webapp.orders.rules import Kind
from webapp.people.models import User
from webapp.settings import settings_from

SWEEPS_S = 5  # every sweep has run by then


def on_its_way(server: Server, meter_no: str, seconds: float) -> str:
    """A recharge that the meter server has received and will answer after so many seconds."""
    before = server.calls("recharge")
    server.fault("recharge", "delay", seconds=seconds, times=1)
    address = server.recharge(meter_no)
    until(lambda: server.calls("recharge") == before + 1, 20, "the meter server received it")
    assert server.order(address)["state"] == "sending"
    return address


def test_a_recharge_killed_while_it_is_sent_is_unknown_and_is_not_sent_again(server: Server) -> None:
    address = on_its_way(server, server.prepaid()[0], seconds=8)
    sent = server.calls("recharge")
    server.kill()
    server.start()
    server.becomes(address, "unknown")
    time.sleep(SWEEPS_S)
    assert (server.order(address)["state"], server.calls("recharge")) == ("unknown", sent)


def test_a_worker_killed_alone_is_replaced_and_its_recharge_is_unknown(server: Server) -> None:
    address = on_its_way(server, server.prepaid()[1], seconds=8)
    sent, (worker,) = server.calls("recharge"), server.workers()
    os.kill(worker, signal.SIGKILL)
    until(lambda: server.workers() not in ([], [worker]), 30, "another worker has started")
    server.becomes(address, "unknown")
    assert server.calls("recharge") == sent


@pytest.mark.parametrize(("number", "meter"), [(signal.SIGINT, 2), (signal.SIGTERM, 3)])
def test_a_server_that_is_stopped_waits_for_the_recharge_on_its_way(
    server: Server, number: signal.Signals, meter: int
) -> None:
    address = on_its_way(server, server.prepaid()[meter], seconds=2)
    sent = server.calls("recharge")
    stream = f"{server.url}/s/greenview/events"
    with server.browser.get(stream, stream=True, timeout=20) as page:
        assert next(page.iter_lines()) == b": welcome"
        server.signal(number)
        server.ended()
    server.start()
    assert (server.order(address)["state"], server.calls("recharge")) == ("done", sent)


def test_what_was_recorded_but_not_sent_goes_out_once_or_never(server: Server) -> None:
    fresh, stale = server.prepaid()[4:6]
    sent = server.calls("recharge")
    server.kill()
    ids = [left_created(server, fresh, age_s=0), left_created(server, stale, age_s=61)]
    server.start()
    addresses = [f"{server.url}/s/greenview/orders/{order_id}" for order_id in ids]
    server.becomes(addresses[0], "done")
    server.becomes(addresses[1], "not_sent")
    time.sleep(SWEEPS_S)
    assert server.calls("recharge") == sent + 1


def left_created(server: Server, meter_no: str, age_s: float) -> int:
    """An order as a process leaves it that was killed right after the commit."""
    app = create_app(settings_from({"METERDESK_DATA": str(server.data)}))
    with app.app_context():
        meter = db.session.scalars(
            select(Meter).filter_by(meter_no=meter_no).where(Meter.society.has(slug="greenview"))
        ).one()
        manager = db.session.scalars(select(User).filter_by(email="manager@greenview.example")).one()
        wish = Wish(Kind.RECHARGE, f"key of form {meter_no}", amount_paise=100_00)
        order, _ = record(meter, wish, manager, datetime.now(UTC) - timedelta(seconds=age_s))
        order_id = order.id
        db.session.rollback()
        db.engine.dispose()
    return order_id
