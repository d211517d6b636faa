"""A duplicate message is harmless: of many workers one sends."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from tests.conftest import Desk
from tests.orders.giving import give, order_of, send
from webapp.orders.rules import KINDS, Kind

WORKERS = 4


def test_of_four_workers_with_the_same_order_one_sends_it(desk: Desk) -> None:
    for kind in (Kind.RECHARGE, Kind.CUT, Kind.LOAD):
        at_once(desk, kind)


def at_once(desk: Desk, kind: Kind) -> None:
    desk.fault(KINDS[kind].operation, "delay", seconds=0.3)
    order_id, ready = give(desk, kind), Barrier(WORKERS)

    def work(_number: int) -> str:
        ready.wait()
        return send(desk, order_id)

    with ThreadPoolExecutor(WORKERS) as workers:
        states = list(workers.map(work, range(WORKERS)))
    assert desk.calls(KINDS[kind].operation) == 1
    assert states.count("sending") >= 1  # they found it taken, and left it
    assert [event.state.value for event in order_of(desk, order_id).events][:2] == ["created", "sending"]
