"""The whole thing at work: ten thousand meters polled every half minute, two hundred pages open.

Each page does as a browser does: what it shows it fetches anew when the stream says it changed.
"""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from statistics import median

from tests.bench.caller import Caller
from tests.bench.fanout import cookies
from tests.bench.pairs import Figure, Goal, p99
from tests.bench.process import Process
from tests.bench.served import Bench
from tests.bench.streams import Streams

GOAL = Goal("ours", "≤", 200)
POLL_EVERY_S = 30
POLLS = 2
MB = 1024 * 1024
FETCHERS = 6  # as a browser has at most to one server
SHOWN = ("/s/bench/now", "/s/bench/units")  # of the desk, when meters changed
BETWEEN_PAGES_S = 0.2


def figures(bench: Bench) -> Iterator[Figure]:
    count = bench.size.open_pages
    server = bench.ours(poll_every_s=POLL_EVERY_S)
    before = server.memory()
    with ExitStack() as stack:
        owners = cookies(bench.desk, server.port, count)
        pages = stack.enter_context(Streams(server.port, "/s/bench/events", owners))
        office = Office(server, owners)
        office.work(pages, POLLS)
    yield Figure(
        f"memory: {bench.size.meters:,} meters, {count} pages",
        "MB", max(office.memory) / MB, len(office.memory), goal=GOAL,
        note=f"the most of it; before the pages {before / MB:.0f} MB",
    )  # fmt: skip
    yield Figure(
        "… a units page meanwhile", "ms", median(office.times), len(office.times), p99_ms=p99(office.times),
        note=f"{office.fetched} times a page was shown anew, the slowest after {office.slowest_ms:.0f} ms",
    )  # fmt: skip


class Office:
    """Somebody who turns pages all the time, and the browsers of everybody else."""

    def __init__(self, server: Process, owners: list[str]) -> None:
        self.memory: list[int] = []
        self.times: list[float] = []
        self.fetched, self.slowest_ms = 0, 0.0
        self._server, self._owners = server, owners
        self._over = threading.Event()

    def work(self, pages: Streams, polls: int) -> None:
        with ThreadPoolExecutor(1) as other:
            turning = other.submit(self._turn_pages)
            try:
                for _ in range(polls):
                    self._poll(pages)
            finally:
                self._over.set()
            turning.result()

    def _poll(self, pages: Streams) -> None:
        heard = pages.heard(lambda each: each.kind == "meters", len(self._owners), POLL_EVERY_S + 30)
        assert len(heard) >= len(self._owners), "not every page heard of the poll"
        start = time.perf_counter()
        with ThreadPoolExecutor(FETCHERS) as fetchers:
            ends = list(fetchers.map(self._fetch, self._owners))
        self.fetched += len(ends)
        self.slowest_ms = max(self.slowest_ms, (max(ends) - start) * 1000)
        pages.forget()

    def _fetch(self, owner: str) -> float:
        """What an open page shows, anew; when it had it."""
        with Caller(self._server.port, Cookie=owner, HX_Request_Type="partial") as caller:
            for path in SHOWN:
                assert caller.get(path).status == 200, path
        return time.perf_counter()

    def _turn_pages(self) -> None:
        while not self._over.wait(BETWEEN_PAGES_S):
            start = time.perf_counter()
            with Caller(self._server.port, Cookie=self._owners[0]) as caller:
                assert caller.get("/s/bench/units").status == 200
            self.times.append((time.perf_counter() - start) * 1000)
            self.memory.append(self._server.memory())
