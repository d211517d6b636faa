"""A generator's callback stored and answered, beside a bare Flask POST with one durable INSERT."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from statistics import median

from tests.bench.caller import Burst, Caller, burst, paced
from tests.bench.pairs import Figure, Goal, p99, paired
from tests.bench.served import Bench, bare

CONNECTIONS = (1, 4)
EACH = 40  # calls of a turn
PACE = 200  # calls a second
CALLERS = 16
GOAL = Goal("ratio", "≥", 0.5)
PROMPT = Goal("p99_ms", "≤", 100)
SENT = b'{"dg_no": "DG1", "status": "ON"}'

Make = Callable[[ExitStack], Callable[[], None]]


def figures(bench: Bench) -> Iterator[Figure]:
    with bare(bench.desk.folder) as floor_server:
        ours = _caller(bench.ours().port, f"/hooks/dg/{bench.desk.token('DG1')}")
        floor = _caller(floor_server.port, "/hook")
        for connections in CONNECTIONS:
            yield _in_turns(ours, floor, connections, bench.size.rounds)
        times, theirs = (_paced(make, bench.size.seconds) for make in (ours, floor))
        yield paired(f"DG webhook at {PACE} a second", PROMPT, times, theirs)


def _caller(port: int, path: str) -> Make:
    def make(stack: ExitStack) -> Callable[[], None]:
        caller = stack.enter_context(Caller(port))

        def call() -> None:
            assert caller.post(path, SENT, "application/json").status == 200

        return call

    return make


def _in_turns(ours: Make, floor: Make, connections: int, rounds: int) -> Figure:
    found: tuple[list[Burst], list[Burst]] = ([], [])
    with ExitStack() as stack:
        calls = [[make(stack) for _ in range(connections)] for make in (ours, floor)]
        for _ in range(rounds + 1):
            for bursts, each in zip(found, calls, strict=True):
                bursts.append(burst(each, EACH))
    for bursts in found:
        del bursts[0]  # that was to warm up
    times, others = ([time for one in bursts for time in one.times] for bursts in found)
    rate, other_rate = (median(one.rate for one in bursts) for bursts in found)
    return Figure(
        f"DG webhook stored and answered, {connections} at once", "/s", rate, len(times),
        floor=other_rate, p99_ms=p99(times), floor_p99_ms=p99(others), goal=GOAL,
        note=f"{median(times):.1f} ms each, floor {median(others):.1f}",
    )  # fmt: skip


def _paced(make: Make, seconds: float) -> list[float]:
    with ExitStack() as stack:
        return paced([make(stack) for _ in range(CALLERS)], PACE, seconds)
