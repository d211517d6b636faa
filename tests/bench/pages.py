"""Fifty units of ten thousand for somebody who is signed in, beside the same rows by others.

Everyone is behind gunicorn with our settings; they take turns.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from statistics import median

from tests.bench.caller import Burst, Caller, burst, signed_in
from tests.bench.pairs import Figure, Goal, p99
from tests.bench.process import Process
from tests.bench.served import Bench, bare, peers

PAGE = 50
EACH = 10  # pages of a turn
CONNECTIONS = (1, 4)
LISTS = {
    "Flask-Admin": ("/login", "/admin/meters/", b'class="col-meter_no"'),
    "Django admin": ("/admin/login/", "/admin/peers/meter/", b'class="field-meter_no"'),
}
GOALS = {
    "bare Flask + Jinja": Goal("ratio", "≥", 0.45),
    "Flask-Admin": Goal("ratio", "≥", 5),
    "Django admin": None,
}


@dataclass
class Contender:
    """Who shows the page, at which address, to whom; ``mark`` stands in every row."""

    server: Process
    path: str
    mark: bytes
    rows: int
    cookie: str = ""
    bursts: list[Burst] = field(default_factory=list)
    cpu_ms: float = 0

    def page(self, stack: ExitStack) -> Callable[[], None]:
        caller = stack.enter_context(Caller(self.server.port, Cookie=self.cookie))

        def call() -> None:
            answer = caller.get(self.path)
            assert (answer.status, answer.body.count(self.mark)) == (200, self.rows), answer.body[:500]

        return call


def figures(bench: Bench) -> Iterator[Figure]:
    with ExitStack() as stack:
        server = bench.ours()
        rows = min(PAGE, bench.size.meters)
        cookie = signed_in(server.port, bench.desk.email(0))
        ours = Contender(server, "/s/bench/units", b'id="meter-', rows, cookie)
        others = _others(bench, stack, rows)
        for connections in CONNECTIONS:
            _take_turns([ours, *others.values()], connections, bench.size.rounds)
            for name, other in others.items():
                yield _figure(f"units page, {connections} at once; floor: {name}", GOALS[name], ours, other)


def _others(bench: Bench, stack: ExitStack, rows: int) -> dict[str, Contender]:
    folder = bench.desk.folder
    server = stack.enter_context(bare(folder))
    more = min(PAGE + 1, bench.size.meters)  # one more than it shows tells whether there is a next page
    found = {"bare Flask + Jinja": Contender(server, "/units", b'id="meter-', more)}
    if not bench.with_peers:
        print("Flask-Admin and Django admin are left out: `make bench` makes their .venv-bench.")
        return found
    running = stack.enter_context(peers(folder))
    for name, (sign_in, path, mark) in LISTS.items():
        cookie = signed_in(running[name].port, "manager", sign_in)
        found[name] = Contender(running[name], path, mark, rows, cookie)
    return found


def _take_turns(all_of_them: list[Contender], connections: int, rounds: int) -> None:
    with ExitStack() as stack:
        pages = [[each.page(stack) for _ in range(connections)] for each in all_of_them]
        for each, calls in zip(all_of_them, pages, strict=True):
            burst(calls, 2)  # to warm up
            each.bursts.clear()
            each.cpu_ms = -each.server.cpu_ms()
        for _ in range(rounds):
            for each, calls in zip(all_of_them, pages, strict=True):
                each.bursts.append(burst(calls, EACH))
    for each in all_of_them:
        each.cpu_ms += each.server.cpu_ms()


def _figure(name: str, goal: Goal | None, ours: Contender, other: Contender) -> Figure:
    times, theirs = ([time for one in each.bursts for time in one.times] for each in (ours, other))
    return Figure(
        name, "/s", median(one.rate for one in ours.bursts), len(times), goal=goal,
        floor=median(one.rate for one in other.bursts), p99_ms=p99(times), floor_p99_ms=p99(theirs),
        note=f"{median(times):.1f} ms each, floor {median(theirs):.1f}; {_cpu(ours)}, floor {_cpu(other)}",
    )  # fmt: skip


def _cpu(contender: Contender) -> str:
    calls = sum(len(one.times) for one in contender.bursts)
    return f"{contender.cpu_ms / calls:.1f} ms of a processor"
