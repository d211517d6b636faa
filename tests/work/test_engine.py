"""Worker threads in the process: what is nudged is done, once, and stopping lets it end."""

import time
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from tests.conftest import Desk
from tests.orders.giving import give, order_of
from webapp.meters.tasks import poll_server
from webapp.orders import tasks
from webapp.work import Engine, registry, task

WITHIN_S = 20


@pytest.fixture
def engine(app: Flask) -> Iterator[Engine]:
    found: Engine = app.extensions["work"]
    found.start()
    yield found
    found.stop()


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def nudge(desk: Desk, order_id: int, times: int = 1) -> None:
    with desk.app.app_context():
        for _ in range(times):
            tasks.send.nudge(order_id)


def test_what_is_nudged_often_is_done_once(desk: Desk, engine: Engine) -> None:
    order_id = give(desk)
    nudge(desk, order_id, times=8)
    until(lambda: order_of(desk, order_id).state.value == "done")
    assert desk.calls("recharge") == 1


def test_a_task_that_fails_takes_no_worker_with_it(desk: Desk, engine: Engine) -> None:
    with desk.app.app_context():
        for _ in range(2 * registry.QUEUES["orders"]):
            tasks.send.nudge({"not": "an id"})
    order_id = give(desk)
    nudge(desk, order_id)
    until(lambda: order_of(desk, order_id).state.value == "done")
    engine.stop()
    assert engine.brokers["orders"].dead_letters == []


def test_stopping_waits_for_the_order_that_is_on_its_way(desk: Desk, engine: Engine) -> None:
    desk.fault("recharge", "delay", seconds=1, times=1)
    order_id = give(desk)
    nudge(desk, order_id)
    until(lambda: desk.calls("recharge") == 1)
    engine.stop()
    assert order_of(desk, order_id).state.value == "done"


def test_orders_do_not_wait_behind_polls_nor_behind_looks() -> None:
    assert (tasks.send.queue, tasks.look.queue, poll_server.queue) == ("orders", "looks", "polls")


def test_a_queue_that_is_not_there_is_refused_when_the_task_is_declared() -> None:
    with pytest.raises(ValueError, match="no queue elsewhere"):
        task("elsewhere")
