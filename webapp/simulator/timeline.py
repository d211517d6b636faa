"""What a site's habits have drawn from grid and generators since the epoch, summed day by day and kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from webapp.simulator.draws import draws
from webapp.simulator.grid import EPOCH, Fed, Forced, Outage, Segment, day_of, outages, segments
from webapp.simulator.habits import DAY_S, HABITS


@dataclass(frozen=True)
class Totals:
    """For scale 1: Wh per habit from the grid, Wh per generator and habit, seconds each generator ran."""

    grid_wh: tuple[float, ...]
    carried_wh: tuple[tuple[float, ...], ...]
    running_s: tuple[float, ...]

    @property
    def dg_wh(self) -> tuple[float, ...]:
        """Wh per habit from all generators together: what a home's DG register counts."""
        return tuple(map(sum, zip(*self.carried_wh, strict=True)))

    def __add__(self, other: "Totals") -> "Totals":
        """What went before and what came after."""
        return Totals(
            _sums(self.grid_wh, other.grid_wh),
            tuple(map(_sums, self.carried_wh, other.carried_wh)),
            _sums(self.running_s, other.running_s),
        )


def _sums(some: tuple[float, ...], more: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(map(float.__add__, some, more))


@lru_cache(maxsize=2_048)
def _factors(seed: int, site_id: str, day: int) -> tuple[float, ...]:
    """How that day differs from a mild one, per habit."""
    chances = draws(seed, site_id, "weather", day)
    return tuple(habit.factor(day, draw) for habit, draw in zip(HABITS, chances, strict=False))


class Timeline:
    """One site's past as a function of (seed, time) and of the states forced by the back door."""

    def __init__(self, seed: int, site_id: str, generators: int) -> None:
        self._seed = seed
        self._site_id = site_id
        self._forced: list[list[Forced]] = [[] for _ in range(generators)]
        self._mornings = [_Growing(generators).totals()]  # since the epoch, as each day begins
        self._today: tuple[int, list[Segment]] | None = None

    def outages(self, day: int) -> tuple[Outage, ...]:
        """The natural outages of a local day."""
        return outages(self._seed, self._site_id, day)

    def force(self, generator: int, on: bool | None, at: float) -> None:
        """Hold a generator ON or OFF from ``at`` (Unix seconds); None lets it go again."""
        mine = self._forced[generator]
        if mine and mine[-1].until > at:
            mine[-1] = mine[-1].ended(at)
        if on is not None:
            mine.append(Forced(at, on))
        del self._mornings[day_of(at) + 1 :]
        self._today = None

    def running(self, at: float) -> tuple[bool, ...]:
        """Which generators run, in the site's order."""
        return self._segment(at).running

    def fed(self, at: float) -> Fed:
        """What feeds the homes."""
        return self._segment(at).fed

    def ran(self, generator: int, first: float, last: float) -> list[tuple[float, float]]:
        """Each stretch for which the generator ran, if it lies wholly between the two times."""
        stretches: list[tuple[float, float]] = []
        for day in range(day_of(first), day_of(last) + 1):
            for part in segments(day, self.outages(day), self._held(day)):
                if not part.running[generator]:
                    continue
                if stretches and stretches[-1][1] == part.start:
                    stretches[-1] = (stretches[-1][0], part.end)
                else:
                    stretches.append((part.start, part.end))
        return [(start, end) for start, end in stretches if start > first and end < last]

    def totals(self, at: float) -> Totals:
        """The sums from the epoch to ``at``: at most one day's segments away from a kept morning."""
        at = max(at, EPOCH)
        day = day_of(at)
        while len(self._mornings) <= day:
            self._mornings.append(self._mornings[-1] + self._whole_day(len(self._mornings) - 1))
        parts = self._segments(day)
        return self._mornings[day] + _grown(parts, _factors(self._seed, self._site_id, day), at)

    def _segment(self, at: float) -> Segment:
        parts = self._segments(day_of(at))
        return next((one for one in parts if one.end > at), parts[-1])

    def _segments(self, day: int) -> list[Segment]:
        """The latest day asked about is kept: nearly every question is about today."""
        if self._today is None or self._today[0] != day:
            self._today = (day, segments(day, self.outages(day), self._held(day)))
        return self._today[1]

    def _whole_day(self, day: int) -> Totals:
        held = self._held(day)
        if not any(held):
            return _natural_day(self._seed, self._site_id, len(held), day)
        factors = _factors(self._seed, self._site_id, day)
        return _grown(segments(day, self.outages(day), held), factors, EPOCH + (day + 1) * DAY_S)

    def _held(self, day: int) -> list[list[Forced]]:
        midnight = EPOCH + day * DAY_S
        return [
            [one for one in mine if one.since < midnight + DAY_S and one.until > midnight]
            for mine in self._forced
        ]


@lru_cache(maxsize=4_096)
def _natural_day(seed: int, site_id: str, generators: int, day: int) -> Totals:
    """A whole day that nobody interfered with, on its own."""
    parts = segments(day, outages(seed, site_id, day), [[]] * generators)
    return _grown(parts, _factors(seed, site_id, day), EPOCH + (day + 1) * DAY_S)


def _grown(parts: Sequence[Segment], factors: tuple[float, ...], until: float) -> Totals:
    """What happened in a day's segments from its midnight to ``until``."""
    growing = _Growing(len(parts[0].running))
    midnight = parts[0].start
    reached = [0.0] * len(HABITS)
    for part in parts:
        if part.start >= until:
            break
        end = min(part.end, until)
        energies = [habit.energy_wh(end - midnight) for habit in HABITS]
        drawn = [factor * (now - then) for factor, now, then in zip(factors, energies, reached, strict=True)]
        growing.add(part, end - part.start, drawn)
        reached = energies
    return growing.totals()


class _Growing:
    """Totals being added to."""

    def __init__(self, generators: int) -> None:
        self._grid = [0.0] * len(HABITS)
        self._carried = [[0.0] * len(HABITS) for _ in range(generators)]
        self._running = [0.0] * generators

    def add(self, part: Segment, seconds: float, drawn_wh: list[float]) -> None:
        """So many seconds of the segment; generators that carry share the load evenly."""
        for number, on in enumerate(part.running):
            self._running[number] += seconds * on
        if part.fed is Fed.DARK:
            return
        takers = [mine for mine, takes in zip(self._carried, part.carrying, strict=True) if takes]
        for taker in takers or [self._grid]:
            for index, energy in enumerate(drawn_wh):
                taker[index] += energy / max(1, len(takers))

    def totals(self) -> Totals:
        """As they are now."""
        return Totals(tuple(self._grid), tuple(map(tuple, self._carried)), tuple(self._running))
