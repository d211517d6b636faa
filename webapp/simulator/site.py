"""One site: its meters and generators at any moment, and what acting on a meter leaves behind."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from webapp.simulator.companies import PLAIN
from webapp.simulator.company import Company
from webapp.simulator.draws import draws
from webapp.simulator.generators import Load, LoadChange, made
from webapp.simulator.grid import EPOCH
from webapp.simulator.habits import DAY_S, HABITS, HOUR_S
from webapp.simulator.homes import Checkpoint, Meter, State, built
from webapp.simulator.state import KeptCheckpoint
from webapp.simulator.timeline import Timeline, Totals

_REPLACED_ON_DAYS = (117, 431)  # after the epoch, late in the morning


@dataclass(frozen=True)
class Replacement:
    """A meter that took another's place (operation 5); registers in Wh, ``at`` in Unix seconds."""

    meter: Meter
    old_meter_no: str
    at: float
    old_start: tuple[float, float]  # grid, DG
    old_end: tuple[float, float]


@dataclass(frozen=True)
class SiteSpec:
    """What a site is made of; ``letter`` begins its meter numbers, which are unique over sites."""

    site_id: str
    units: int
    letter: str
    dg_nos: tuple[str, ...]
    company: Company = PLAIN


class Site:
    """A society's meters and generators as a function of time. Times are Unix seconds, energy is Wh."""

    def __init__(self, seed: int, spec: SiteSpec) -> None:
        self.site_id = spec.site_id
        self.company = spec.company
        self.timeline = Timeline(seed, spec.site_id, len(spec.dg_nos))
        self.meters = {one.meter_no: one for one in built(seed, spec.site_id, spec.units, spec.letter)}
        self.generators = {one.dg_no: one for one in made(seed, spec.site_id, spec.dg_nos, spec.units)}
        self._load = Load([0.0] * len(HABITS), [])
        for meter in self.meters.values():
            if meter.checkpoints[0].supply_on:
                self._load.scales[meter.habit] += meter.scale
        self.replacements = self._replaced(seed, spec.letter)

    def states(self, at: float) -> Iterator[tuple[Meter, State]]:
        """Every meter as it is at ``at``, in the order of the units."""
        totals = self.timeline.totals(at)
        grid_wh, dg_wh = totals.grid_wh, totals.dg_wh
        return ((meter, meter.state(at, grid_wh, dg_wh)) for meter in self.meters.values())

    def state(self, meter: Meter, at: float) -> State:
        """One meter as it is at ``at``."""
        totals = self.timeline.totals(at)
        return meter.state(at, totals.grid_wh, totals.dg_wh)

    def mark(self, meter: Meter, state: State, at: float) -> KeptCheckpoint:
        """From ``at`` on the meter goes on from ``state``; the row to keep."""
        kept = KeptCheckpoint(
            self.site_id,
            meter.meter_no,
            max(at, meter.checkpoints[-1].at),  # a clock set back must not put the past out of order
            state.grid_wh,
            state.dg_wh,
            state.balance_paise,
            state.supply_on,
        )
        self.restore(kept)
        return kept

    def restore(self, kept: KeptCheckpoint) -> None:
        """Take up a kept checkpoint. One of a meter this box does not have is passed over."""
        meter = self.meters.get(kept.meter_no)
        if meter is None:
            return
        totals = self.timeline.totals(kept.at)
        was_on = meter.checkpoints[-1].supply_on
        meter.checkpoints.append(
            Checkpoint(
                kept.at,
                kept.grid_wh,
                kept.dg_wh,
                kept.balance_paise,
                kept.supply_on,
                totals.grid_wh[meter.habit],
                totals.dg_wh[meter.habit],
            )
        )
        if kept.supply_on is not was_on:
            self._load.changes.append(_load_change(meter, kept, totals))

    def energy_wh(self, dg_no: str, at: float) -> float:
        """A generator's register."""
        generator = self.generators[dg_no]
        return generator.energy_wh(self._load.carried_wh(generator.number, at, self.timeline.totals(at)))

    def fuel_ml(self, dg_no: str, at: float) -> float:
        """What a generator has in its tank."""
        generator = self.generators[dg_no]
        totals = self.timeline.totals(at)
        carried = self._load.carried_wh(generator.number, at, totals)
        return generator.fuel_ml(carried, totals.running_s[generator.number])

    def fuel_share(self, dg_no: str, at: float) -> float:
        """The same as a share of the tank."""
        return self.fuel_ml(dg_no, at) / self.generators[dg_no].tank_ml

    def runs(self, dg_no: str, at: float) -> bool:
        """Whether a generator is ON."""
        return self.timeline.running(at)[self.generators[dg_no].number]

    def ran(self, dg_no: str, first: float, last: float) -> list[tuple[float, float]]:
        """The runs of a generator that began after ``first`` and were over before ``last``."""
        return self.timeline.ran(self.generators[dg_no].number, first, last)

    def force(self, dg_no: str, on: bool | None, at: float) -> None:
        """Hold a generator ON or OFF from ``at``; None lets it go."""
        self.timeline.force(self.generators[dg_no].number, on, at)

    def _replaced(self, seed: int, letter: str) -> list[Replacement]:
        """Put new meters, counting from zero, in a few units on fixed days of the past."""
        candidates = [one for one in list(self.meters.values())[6:] if one.checkpoints[0].supply_on]
        chances = draws(seed, self.site_id, "replacements")
        chosen = [candidates[int(draw * len(candidates))] for draw in chances[: len(candidates)]]
        return [
            self._replace(meter, f"{letter}9{number:05d}", EPOCH + day * DAY_S + 11 * HOUR_S)
            for number, (day, meter) in enumerate(
                zip(_REPLACED_ON_DAYS, dict.fromkeys(chosen), strict=False), 1
            )
        ]

    def _replace(self, meter: Meter, old_meter_no: str, at: float) -> Replacement:
        first, end = meter.checkpoints[0], self.state(meter, at)
        old_start, old_end = (first.grid_wh, first.dg_wh), (end.grid_wh, end.dg_wh)
        self.mark(meter, replace(end, grid_wh=0.0, dg_wh=0.0), at)
        return Replacement(meter, old_meter_no, at, old_start, old_end)


def _load_change(meter: Meter, kept: KeptCheckpoint, totals: Totals) -> LoadChange:
    scale = meter.scale if kept.supply_on else -meter.scale
    return LoadChange(kept.at, meter.habit, scale, tuple(one[meter.habit] for one in totals.carried_wh))
