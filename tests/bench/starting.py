"""`make run` for the second time, until its first page is there."""

import time
from collections.abc import Iterator
from statistics import median
from tempfile import TemporaryDirectory

from tests.bench.pairs import Figure, Goal
from tests.bench.process import answers, running
from tests.bench.served import Bench
from tests.faults.server import free_port

GOAL = Goal("ours", "≤", 3)
STARTS = 3
SETTLE_S = 1  # a server that is ready may still fill its past in; a person lets it run, too


def figures(_bench: Bench) -> Iterator[Figure]:
    with TemporaryDirectory(prefix="meterdesk-bench-") as data:
        first = _started(data)
        times = [_started(data) for _ in range(STARTS)]
    yield Figure(
        "make run, second time, to first page", "s", median(times), STARTS, goal=GOAL,
        note=f"the first time {first:.1f} s; slowest {max(times):.1f} s",
    )  # fmt: skip


def _started(data: str) -> float:
    port = free_port()
    environ = {
        "METERDESK_DATA": data,
        "METERDESK_PORT": str(port),
        "METERDESK_SIMULATOR_PORT": str(free_port()),
    }
    start = time.perf_counter()
    with running(("make", "--silent", "run"), port, "/login", environ):
        found = time.perf_counter() - start
        while not answers(port, "/readyz"):
            time.sleep(0.1)
        time.sleep(SETTLE_S)
    return found
