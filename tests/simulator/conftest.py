"""A box on a free port whose clock the tests set, and someone to call it."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from webapp.simulator.server import SimulatorServer

from .calling import Caller, Clock

NOON = datetime(2026, 6, 11, 12, 0, tzinfo=ZoneInfo("Asia/Kolkata")).timestamp()


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def caller(clock: Clock) -> Iterator[Caller]:
    with SimulatorServer(port=0, clock=clock) as server:
        yield Caller(server)
