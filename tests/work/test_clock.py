"""The clock: runs jobs where it holds the lease, and nowhere else."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask

from webapp.clock import LEASE, Clock
from webapp.work import Job, lease


def ticking(app: Flask, *jobs: Callable[[], None]) -> Clock:
    app.extensions["jobs"] = [Job(f"job {number}", 0.05, run) for number, run in enumerate(jobs)]
    return Clock(app)


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_jobs_run_again_and_again_and_a_failing_one_stops_no_other(app: Flask) -> None:
    ticks, tries = [], []

    def fail() -> None:
        tries.append(1)
        raise ValueError("as it happens")

    clock = ticking(app, lambda: ticks.append(1), fail)
    clock.start()
    until(lambda: len(ticks) > 2 and len(tries) > 2)
    clock.stop()


def test_a_clock_that_stops_lets_the_next_one_start_at_once(app: Flask) -> None:
    first = ticking(app)
    first.start()
    first.stop()
    with app.app_context():
        assert lease.hold(LEASE, "elsewhere|1|run|a", datetime.now(UTC)) == 2


@pytest.mark.parametrize("taken", ["before it starts", "while it runs"])
def test_nothing_runs_while_another_holds_the_lease(app: Flask, taken: str) -> None:
    ticks: list[int] = []
    clock = ticking(app, lambda: ticks.append(1))
    if taken == "while it runs":
        clock.start()
        until(lambda: bool(ticks))
    with app.app_context():
        if taken == "while it runs":
            lease.release(LEASE, clock.holder, datetime.now(UTC))
        assert lease.hold(LEASE, "elsewhere|1|run|a", datetime.now(UTC))
    time.sleep(0.3)  # a job that had begun ends
    ticks.clear()
    if taken == "before it starts":
        clock.start()
    time.sleep(0.3)
    clock.stop()
    assert ticks == []
