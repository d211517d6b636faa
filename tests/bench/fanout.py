"""A generator's call until a thousand open pages show its alert, operation 12 asked in between.

The floor is the fan-out alone: a bare Flask hands the bytes of a POST to as many streams.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial

import requests

from tests.bench.caller import TIMEOUT_S, Caller, signed_in
from tests.bench.desk import DG_NOS, SITE, Desk
from tests.bench.pairs import Figure, Goal, paired
from tests.bench.served import Bench, bare
from tests.bench.streams import Streams
from webapp.alerts.views import STREAMS_EACH
from webapp.generators.rules import BETWEEN_HINTS

GOAL = Goal("p99_ms", "≤", 1000)
FRAME = b"data: " + b"x" * 800 + b'\n\nid: 1\nevent: alert\ndata: {"id": 1}\n\n'  # as long as ours
REST_S = BETWEEN_HINTS.total_seconds() + 0.3


@dataclass
class Yard:
    """Generators that turn when they are told to, and the calls of their meter server."""

    desk: Desk
    port: int
    runs: dict[str, bool] = field(default_factory=dict)
    rested_at: dict[str, float] = field(default_factory=dict)

    def turn(self) -> Callable[[], None]:
        """Turn the one that rested longest; the call that tells of it."""
        dg_no = min(DG_NOS, key=lambda each: self.rested_at.get(each, 0))
        time.sleep(max(0.0, self.rested_at.get(dg_no, 0) - time.monotonic()))
        self.force(dg_no, not self.runs.get(dg_no, True))
        return lambda: self.call(dg_no)

    def force(self, dg_no: str, runs: bool) -> None:
        address = f"http://127.0.0.1:{self.desk.simulator_port}/_world/{SITE}/generators/{dg_no}"
        said = {"status": "ON" if runs else "OFF"}
        requests.post(address, json=said, timeout=TIMEOUT_S).raise_for_status()
        self.runs[dg_no] = runs

    def call(self, dg_no: str) -> None:
        self.rested_at[dg_no] = time.monotonic() + REST_S
        with Caller(self.port) as caller:
            assert caller.post(f"/hooks/dg/{self.desk.token(dg_no)}", b"status=turned").status == 200


def figures(bench: Bench) -> Iterator[Figure]:
    count = bench.size.streams
    with ExitStack() as stack:
        port = bench.ours(streams=count).port
        floor_port = stack.enter_context(bare(bench.desk.folder, streams=count)).port
        yard = Yard(bench.desk, port)
        for _ in DG_NOS:  # to warm up, and to know how they stand
            yard.turn()()
        pages = stack.enter_context(Streams(port, "/s/bench/events", cookies(bench.desk, port, count)))
        floor_pages = stack.enter_context(Streams(floor_port, "/events", [""] * count))
        times, theirs = [], []
        for _ in range(bench.size.rounds):
            times += _heard_after(yard.turn(), pages, count)
            theirs += _heard_after(partial(_tell, floor_port), floor_pages, count)
    lost = bench.size.rounds * count - len(times)
    yield paired(f"DG webhook → {count:,} pages, confirmed", GOAL, times, theirs, f"{lost} not heard")


def _tell(port: int) -> None:
    with Caller(port) as caller:
        assert caller.post("/tell", FRAME).status == 200


def cookies(desk: Desk, port: int, count: int) -> list[str]:
    """Whose pages they are: each person has as many open as one may."""
    people = [signed_in(port, desk.email(person)) for person in range(-(-count // STREAMS_EACH))]
    return [people[page // STREAMS_EACH] for page in range(count)]


def _heard_after(tell: Callable[[], object], pages: Streams, count: int) -> list[float]:
    """Milliseconds until each page heard of the alert."""
    pages.forget()
    start = time.perf_counter()
    tell()
    heard = pages.heard(lambda each: each.kind == "alert", count, within_s=10)
    return [(each.at - start) * 1000 for each in heard]
