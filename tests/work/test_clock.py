"""The clock: runs jobs where it holds the lease, and nowhere else."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from tests.conftest import Desk
from webapp import clock as clocks
from webapp.clock import LEASE, Clock
from webapp.extensions import db
from webapp.generators.models import Generator
from webapp.meters import polling
from webapp.societies.models import MeterServer
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


class SteppingTime:
    """The standard module ``time``, but for a time of day that can be set."""

    monotonic = staticmethod(time.monotonic)

    def __init__(self) -> None:
        self.step_s = 0.0

    def time(self) -> float:
        return time.time() + self.step_s


def put_off(by: timedelta) -> None:
    """What a clock that was ahead leaves in the rows."""
    then = datetime.now(UTC) + by
    db.session.execute(update(MeterServer).values(next_poll_at=then, polling_until=then))
    names = ("next_state_at", "next_fuel_at", "next_register_at", "asking_until", "hint_asked_at")
    db.session.execute(update(Generator).values(dict.fromkeys(names, then)))
    db.session.commit()


@pytest.mark.parametrize("step_s", [-3600, -86_400, -11])
def test_a_clock_that_is_set_back_stops_no_job_and_no_poll(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, step_s: float
) -> None:
    world, ticks = SteppingTime(), []
    monkeypatch.setattr(clocks, "time", world)
    monkeypatch.setattr(clocks, "LOOK_FOR_STEPS_EVERY_S", 0.05)
    clock = ticking(desk.app, lambda: ticks.append(1))
    clock.start()
    until(lambda: len(ticks) > 1)
    for job in clock._scheduler.get_jobs():  # as the scheduler sees them after the step
        job.modify(next_run_time=datetime.now(UTC) + timedelta(hours=5))
    with desk.app.app_context():
        put_off(timedelta(hours=5))
        assert polling.due(datetime.now(UTC)) == []
    ticks.clear()
    world.step_s = step_s
    until(lambda: len(ticks) > 1)
    clock.stop()
    with desk.app.app_context():
        assert polling.due(datetime.now(UTC)) == [desk.server_id]
        generator = db.session.query(Generator).first()
        assert generator is not None
        assert (generator.next_state_at, generator.asking_until, generator.hint_asked_at) == (None,) * 3


@pytest.mark.parametrize("step_s", [0, -5, 3600])
def test_a_clock_that_is_set_forward_or_corrected_a_little_takes_up_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, step_s: float
) -> None:
    world = SteppingTime()
    monkeypatch.setattr(clocks, "time", world)
    monkeypatch.setattr(clocks, "LOOK_FOR_STEPS_EVERY_S", 0.02)
    clock = ticking(desk.app)
    clock.start()
    with desk.app.app_context():
        put_off(timedelta(hours=5))
    world.step_s = step_s
    time.sleep(0.3)
    clock.stop()
    with desk.app.app_context():
        assert polling.due(datetime.now(UTC)) == []
