"""Two ways to do the same, measured in turns, so that a busy machine is unfair to neither."""

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

Timed = Callable[[], object]
FEW = 20


@dataclass(frozen=True)
class Figure:
    """Milliseconds of ours and of its floor; ``ratio`` is of the medians."""

    name: str
    ours_ms: float
    ours_p95_ms: float
    floor_ms: float
    floor_p95_ms: float
    ratio: float
    rounds: int
    goal: str

    def line(self) -> str:
        return (
            f"{self.name:<52}{self.ours_ms:>9.2f}{self.ours_p95_ms:>9.2f}"
            f"{self.floor_ms:>9.2f}{self.floor_p95_ms:>9.2f}{self.ratio:>8.2f}  {self.goal}"
        )

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


HEAD = f"{'what':<52}{'ours ms':>9}{'p95':>9}{'floor ms':>9}{'p95':>9}{'ratio':>8}  goal"


def measured(name: str, goal: str, rounds: int, prepare: Callable[[int], tuple[Timed, Timed]]) -> Figure:
    """``prepare(round)`` returns ours and the floor, ready to run; only running them is timed."""
    ours, floor = [], []
    for number in range(-2, rounds):  # two to warm up
        one, other = prepare(number)
        if rounds <= FEW:
            gc.collect()  # what was made to prepare a long one is nobody's debt
        times = (_ms(one), _ms(other)) if number % 2 else tuple(reversed((_ms(other), _ms(one))))
        if number >= 0:
            ours.append(times[0])
            floor.append(times[1])
    middle, floor_middle = statistics.median(ours), statistics.median(floor)
    return Figure(
        name, _round(middle), _p95(ours), _round(floor_middle), _p95(floor), _round(middle / floor_middle),
        rounds, goal,
    )  # fmt: skip


def _ms(run: Timed) -> float:
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) * 1000


def _p95(times: list[float]) -> float:
    return _round(sorted(times)[int(len(times) * 0.95)])


def _round(value: float) -> float:
    return round(value, 2)
