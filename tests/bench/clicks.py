"""A click on Recharge or Cut until its page hears the outcome, beside the meter server's own time."""

import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from urllib.parse import urlencode

import requests

from tests.bench.caller import TIMEOUT_S, Caller, csrf_token, signed_in
from tests.bench.desk import SITE
from tests.bench.pairs import Figure, Goal, paired
from tests.bench.served import Bench
from tests.bench.streams import Heard, Streams

GOAL = Goal("more", "≤", 15)
TURNS = 2  # of each round
PROGRAM = {"Accept": "application/json"}  # to whom an order tells its history
STEPS = 3  # created, sending, and what the meter server said
DELAYS_S = (0.0, 0.05)
CLICKS = {  # what is typed, the meter server's operation, and what that is told
    "recharge": ({"amount": "100"}, "recharge", {"amount": "100.00"}),
    "cut": ({"reason": "the bench"}, "stop-meter", {}),
}


@dataclass(frozen=True)
class Click:
    """Milliseconds after the click: its POST was answered, its order was sent, its outcome was heard."""

    answered: float
    sent: float
    heard: float


@dataclass(frozen=True)
class Office:
    """Somebody who clicks, and their open page."""

    caller: Caller
    page: Streams
    token: str

    def click(self, meter: str, kind: str) -> Click:
        typed = {**CLICKS[kind][0], "client_key": secrets.token_urlsafe(16), "csrf_token": self.token}
        at, start = time.time(), time.perf_counter()
        answer = self.caller.post(f"/s/bench/meters/{meter}/{kind}", urlencode(typed).encode())
        answered = time.perf_counter()
        assert answer.status == 303, answer.body
        number = int(answer.location.rpartition("/")[2])
        steps = self.page.heard(lambda heard: _is_of(heard, number), STEPS)
        assert len(steps) >= STEPS, steps
        sent = self._sent_at(answer.location) - at
        return Click(*(each * 1000 for each in (answered - start, sent, steps[STEPS - 1].at - start)))

    def _sent_at(self, address: str) -> float:
        order = json.loads(self.caller.get(address).body)
        [sending] = (step for step in order["history"] if step["state"] == "sending")
        return datetime.fromisoformat(sending["at"]).timestamp()


def _is_of(heard: Heard, order_id: int) -> bool:
    return heard.kind == "orders" and heard.what["ids"] == [order_id]


def figures(bench: Bench) -> Iterator[Figure]:
    meters = iter(bench.desk.meter_keys())
    port, simulator = bench.ours().port, bench.desk.simulator_port
    cookie = signed_in(port, bench.desk.email(0))
    page, caller = Streams(port, "/s/bench/events", [cookie]), Caller(port, Cookie=cookie, **PROGRAM)
    with page, caller:
        for kind in CLICKS:
            token = csrf_token(port, cookie, f"/s/bench/meters/{next(meters)}/{kind}")
            for delay_s in DELAYS_S:
                with slowed(simulator, delay_s):
                    yield _figure(Office(caller, page, token), meters, kind, delay_s, bench)


@contextmanager
def slowed(simulator_port: int, seconds: float) -> Iterator[None]:
    """Within, the meter server takes so long to answer."""
    address = f"http://127.0.0.1:{simulator_port}/_faults"
    fault = {"operation": "*", "kind": "delay", "seconds": seconds}
    requests.post(address, json=fault, timeout=TIMEOUT_S).raise_for_status()
    try:
        yield
    finally:
        requests.delete(address, timeout=TIMEOUT_S).raise_for_status()


def _figure(office: Office, meters: Iterator[str], kind: str, delay_s: float, bench: Bench) -> Figure:
    clicks, theirs = [], []
    for number in range(-1, TURNS * bench.size.rounds):  # one to warm up
        click = office.click(next(meters), kind)
        own = _own_time(bench.desk.simulator_port, next(meters), kind)
        if number >= 0:
            clicks.append(click)
            theirs.append(own)
    answered, sent = (median(getattr(click, name) for click in clicks) for name in ("answered", "sent"))
    return paired(
        f"{kind}, click → outcome; meter server + {delay_s * 1000:.0f} ms", GOAL,
        [click.heard for click in clicks], theirs, f"answered after {answered:.1f} ms, sent after {sent:.1f}",
    )  # fmt: skip


def _own_time(port: int, meter_no: str, kind: str) -> float:
    """Milliseconds that the meter server takes for the very same, asked directly as it is by us: afresh."""
    _, path, more = CLICKS[kind]
    body = urlencode({"site_id": SITE, "meter_no": meter_no, **more}).encode()
    start = time.perf_counter()
    with Caller(port) as caller:
        answer = caller.post(f"/{path}", body)
    assert b'"success"' in answer.body, answer.body
    return (time.perf_counter() - start) * 1000
