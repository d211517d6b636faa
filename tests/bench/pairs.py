"""Two ways to do the same, measured in turns, so that a busy machine is unfair to neither."""

import gc
import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field

Timed = Callable[[], object]
FEW = 20


@dataclass(frozen=True)
class Goal:
    """What a figure should be: one of its numbers, and the most or the least of it."""

    of: str  # "ratio", "ours", "more" (than the floor), "p99_ms"
    sign: str  # "≤" or "≥"
    limit: float

    def holds(self, figure: "Figure") -> bool:
        value: float = getattr(figure, self.of)
        return value <= self.limit if self.sign == "≤" else value >= self.limit

    def __str__(self) -> str:
        return f"{self.of.removesuffix('_ms')} {self.sign} {self.limit:g}"


@dataclass(frozen=True)
class Figure:
    """Ours and its floor or peer, in ``unit``; medians, unless the name says otherwise."""

    name: str
    unit: str  # ms, /s, s, MB, kB
    ours: float
    rounds: int
    floor: float | None = None
    p99_ms: float | None = None
    floor_p99_ms: float | None = None
    goal: Goal | None = None
    note: str = ""
    load: float = field(default_factory=lambda: os.getloadavg()[0])

    @property
    def ratio(self) -> float:
        """Of ours to the floor."""
        assert self.floor is not None
        return self.ours / self.floor

    @property
    def more(self) -> float:
        """Of ours than of the floor."""
        assert self.floor is not None
        return self.ours - self.floor

    @property
    def verdict(self) -> str:
        if self.goal is None:
            return ""
        return "holds" if self.goal.holds(self) else "FALLS SHORT"

    @property
    def is_busy(self) -> bool:
        """Others want the processors: the figure says as much of them as of us. One is the bench itself."""
        return self.load > (os.cpu_count() or 1) + 1

    def line(self) -> str:
        ratio = f"{self.ratio:.2f}" if self.floor else "–"
        busy = f"the machine is busy: load {self.load:.1f}" if self.is_busy else ""
        words = "; ".join(part for part in (f"N {self.rounds}", self.note, busy) if part)
        numbers = (self.ours, self.p99_ms, self.floor, self.floor_p99_ms)
        goal = str(self.goal or "")
        return _row(self.name, *map(_said, numbers), self.unit, ratio, goal, self.verdict, words)

    def as_dict(self) -> dict[str, object]:
        found = asdict(self) | {"goal": str(self.goal or ""), "verdict": self.verdict}
        if self.floor:
            found["ratio"] = round(self.ratio, 3)
        return {name: round(value, 3) if isinstance(value, float) else value for name, value in found.items()}


def _row(*cells: str) -> str:
    widths = (46, -9, -8, -9, -8, 3, -6, 13, 12, 0)
    padded = (
        cell.rjust(-width) if width < 0 else cell.ljust(width)
        for cell, width in zip(cells, widths, strict=True)
    )
    return " ".join(padded).rstrip()


HEAD = _row("what", "ours", "p99 ms", "floor", "p99 ms", "", "ratio", "goal", "", "")


def measured(
    name: str, goal: Goal, rounds: int, prepare: Callable[[int], tuple[Timed, Timed]], note: str = ""
) -> Figure:
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
    return paired(name, goal, ours, floor, note)


def paired(
    name: str, goal: Goal | None, ours: Sequence[float], floor: Sequence[float], note: str = ""
) -> Figure:
    """Of milliseconds, each measured in turns with its counterpart."""
    return Figure(
        name, "ms", statistics.median(ours), len(ours),
        floor=statistics.median(floor), p99_ms=p99(ours), floor_p99_ms=p99(floor), goal=goal, note=note,
    )  # fmt: skip


def _ms(run: Timed) -> float:
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) * 1000


def p99(times: Sequence[float]) -> float:
    """Of fewer than a hundred, their largest."""
    return sorted(times)[int(len(times) * 0.99)]


def _said(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}" if value >= 100 else f"{value:.2f}"
