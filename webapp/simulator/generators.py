"""A generator's energy register and its tank, from the load it carried and the hours it ran."""

from dataclasses import dataclass

from webapp.simulator.draws import between, draws
from webapp.simulator.timeline import Totals

_LOSSES = 1.04  # between the generator's meter and the homes'
_ML_PER_WH = 0.27
_REFUELLED_UNDER, _REFUELLED_TO = 0.15, 0.92  # shares of the tank
_HOMES = 240  # a site with more has bigger generators and tanks
_TANKS_L = (400, 250)


@dataclass(frozen=True)
class LoadChange:
    """From ``at`` on the load of one habit differs by ``scale``; ``before_wh`` is per generator, scale 1."""

    at: float
    habit: int
    scale: float
    before_wh: tuple[float, ...]


@dataclass
class Load:
    """What the connected homes are, together: the scale of each habit at the epoch, and changes since."""

    scales: list[float]
    changes: list[LoadChange]

    def carried_wh(self, generator: int, at: float, totals: Totals) -> float:
        """Energy the generator has delivered since the epoch."""
        carried = totals.carried_wh[generator]
        since = (
            change.scale * (carried[change.habit] - change.before_wh[generator])
            for change in self.changes
            if change.at <= at
        )
        return sum(map(float.__mul__, self.scales, carried)) + sum(since)


@dataclass(frozen=True)
class Generator:
    """One DG. Litres and energy are functions of what it carried and how long it ran."""

    dg_no: str
    meter_no: str
    number: int  # its place in the site's list
    tank_ml: float
    idle_ml_per_s: float
    first_wh: float
    first_ml: float

    def energy_wh(self, carried_wh: float) -> float:
        """The register (operation 10)."""
        return self.first_wh + carried_wh * _LOSSES

    def fuel_ml(self, carried_wh: float, running_s: float) -> float:
        """What is in the tank (operation 13): refilled whenever it fell under 15 %."""
        burned = self.idle_ml_per_s * running_s + _ML_PER_WH * carried_wh * _LOSSES
        missing = self.tank_ml * _REFUELLED_UNDER - (self.first_ml - burned)
        fill = self.tank_ml * (_REFUELLED_TO - _REFUELLED_UNDER)
        fills = -(-missing // fill) if missing > 0 else 0
        return self.first_ml - burned + fills * fill


def made(seed: int, site_id: str, dg_nos: tuple[str, ...], units: int) -> list[Generator]:
    """The site's generators, sized for its units."""
    size = max(1.0, units / _HOMES)
    return [_one(seed, site_id, dg_no, number, size) for number, dg_no in enumerate(dg_nos)]


def _one(seed: int, site_id: str, dg_no: str, number: int, size: float) -> Generator:
    register, level, *_ = draws(seed, site_id, "generator", dg_no)
    tank = _TANKS_L[number % len(_TANKS_L)] * 1_000 * size
    return Generator(
        dg_no,
        f"{site_id}-{dg_no}",
        number,
        tank,
        tank / 400 * 3 / 3_600,  # about three litres an hour for the larger one
        between(register, 5e6, 4e7),
        tank * between(level, 0.5, 0.9),
    )
