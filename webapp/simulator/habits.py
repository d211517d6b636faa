"""How kinds of units use power over a day and a year: a curve each, which a unit follows at its own scale."""

import math
from dataclasses import dataclass, field

from webapp.simulator.draws import between

DAY_S = 86_400
HOUR_S = 3_600
_HOTTEST = 140  # day of the year: 20 May, before the monsoon
_COLDEST = 8


@dataclass(frozen=True)
class Habit:
    """One kind of unit. ``watts`` has 24 entries, by local hour, for scale 1 on a mild day."""

    name: str
    watts: tuple[int, ...]
    cooling: float  # share added at the height of summer
    heating: float  # share added in the coldest week
    weekend: float = 1.0
    until_hour_wh: tuple[float, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Sum the curve up once: ``until_hour_wh[h]`` is the energy from midnight to hour h."""
        sums = [0.0]
        for watts in self.watts:
            sums.append(sums[-1] + watts)
        object.__setattr__(self, "until_hour_wh", tuple(sums))

    def energy_wh(self, second: float) -> float:
        """Energy from local midnight to ``second`` of the day (0..DAY_S), scale 1, mild day."""
        if second >= DAY_S:
            return self.until_hour_wh[24]
        hour, rest = divmod(second, HOUR_S)
        return self.until_hour_wh[int(hour)] + self.watts[int(hour)] * rest / HOUR_S

    def factor(self, day: int, draw: float) -> float:
        """How that local day (0 is Wednesday, 1 January 2025) differs from a mild weekday."""
        year_day = day % 365.25
        season = (
            1 + self.cooling * _bump(year_day, _HOTTEST, 45) + self.heating * _bump(year_day, _COLDEST, 25)
        )
        weekend = self.weekend if (day + 2) % 7 in (5, 6) else 1.0
        return season * weekend * between(draw, 0.85, 1.15)


def _bump(year_day: float, peak: float, width_days: float) -> float:
    away = abs(year_day - peak)
    return math.exp(-((min(away, 365.25 - away) / width_days) ** 2))


def _curve(night: int, morning: int, midday: int, evening: int, late: int) -> tuple[int, ...]:
    """24 hourly watts from five parts of the day: 0–5, 6–9, 10–16, 17–21 and 22–23 h."""
    return (night,) * 6 + (morning,) * 4 + (midday,) * 7 + (evening,) * 5 + (late,) * 2


HABITS: tuple[Habit, ...] = (
    Habit("family", _curve(170, 330, 220, 430, 330), cooling=0.75, heating=0.15, weekend=1.12),
    Habit("couple", _curve(140, 260, 70, 360, 300), cooling=0.70, heating=0.12, weekend=1.35),
    Habit("pensioners", _curve(130, 250, 240, 270, 180), cooling=0.55, heating=0.25),
    Habit("students", _curve(260, 120, 150, 300, 380), cooling=0.60, heating=0.10, weekend=1.10),
    Habit("at home", _curve(150, 280, 330, 380, 260), cooling=0.80, heating=0.15, weekend=0.95),
    Habit("shop", _curve(60, 180, 620, 700, 90), cooling=0.60, heating=0.0, weekend=1.15),
    Habit("common area", _curve(900, 500, 350, 1300, 1200), cooling=0.10, heating=0.0),
    Habit("vacant", _curve(6, 6, 6, 6, 6), cooling=0.0, heating=0.0),
)
FAMILY, COUPLE, PENSIONERS, STUDENTS, AT_HOME, SHOP, COMMON, VACANT = range(len(HABITS))
