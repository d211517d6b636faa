"""When the grid is there and what feeds the homes: a day's outages, and the day cut into segments."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache
from itertools import pairwise

from webapp.simulator.draws import between, draws
from webapp.simulator.habits import DAY_S, HOUR_S

ZONE = "Asia/Kolkata"
EPOCH = 1_735_669_800.0  # 2025-01-01 00:00 there, as a Unix time; that zone has had no DST since 1945
STARTS_AFTER_S = 10  # a generator needs this long to take the load: till then the homes are dark
STOPS_AFTER_S = 15  # and runs on, unloaded, this long after the grid is back
_SLOTS = ((0, 8), (8, 16), (16, 24))  # one outage at most in each, so that none overlap or cross midnight
_MOST_OUTAGES = ((0.30, 0), (0.68, 1), (0.90, 2), (1.0, 3))
_EVENING_H = (18, 23)


class Fed(Enum):
    """What feeds the homes."""

    GRID = "grid"
    DG = "dg"
    DARK = "dark"


@dataclass(frozen=True)
class Outage:
    """The grid is away from ``start`` to ``end``: Unix seconds."""

    start: float
    end: float

    @property
    def in_the_evening(self) -> bool:
        """It touches 18–23 h, when one generator is not enough."""
        midnight = EPOCH + day_of(self.start) * DAY_S
        return self.start < midnight + _EVENING_H[1] * HOUR_S and self.end > midnight + _EVENING_H[0] * HOUR_S


@dataclass(frozen=True)
class Forced:
    """A generator held ON or OFF by the back door, from ``since`` until ``until`` (infinity: still)."""

    since: float
    on: bool
    until: float = float("inf")

    def ended(self, at: float) -> "Forced":
        """The same, over at ``at``."""
        return replace(self, until=at)


@dataclass(frozen=True)
class Segment:
    """A stretch of one local day with nothing changing: ``running`` and ``carrying`` are per generator."""

    start: float
    end: float
    fed: Fed
    running: tuple[bool, ...]
    carrying: tuple[bool, ...]


def day_of(at: float) -> int:
    """The local day since the epoch; a time before the epoch counts as the epoch."""
    return max(0, int((at - EPOCH) // DAY_S))


@lru_cache(maxsize=2_048)
def outages(seed: int, site_id: str, day: int) -> tuple[Outage, ...]:
    """The day's outages, 0–3 of 5–90 minutes, in order: a function of the seed, the site and the day."""
    count_draw, order_draw, *rest = draws(seed, site_id, "outages", day)
    count = next(count for limit, count in _MOST_OUTAGES if count_draw < limit)
    first = int(order_draw * len(_SLOTS))
    chosen = sorted((first + step) % len(_SLOTS) for step in range(count))
    midnight = EPOCH + day * DAY_S
    return tuple(_outage(midnight, _SLOTS[slot], rest[2 * slot], rest[2 * slot + 1]) for slot in chosen)


def _outage(midnight: float, slot: tuple[int, int], length_draw: float, start_draw: float) -> Outage:
    # Squared: short outages are commoner than long ones.
    length = round(between(length_draw**2, 5 * 60, 90 * 60))
    latest = slot[1] * HOUR_S - length - 2 * STOPS_AFTER_S
    start = midnight + round(between(start_draw, slot[0] * HOUR_S, latest))
    return Outage(start, start + length)


def segments(day: int, dark: Sequence[Outage], forced: Sequence[Sequence[Forced]]) -> list[Segment]:
    """The local day cut where something changes; ``forced`` is one sequence per generator.

    The first generator runs in every outage, the others only in those of the evening.
    """
    midnight = EPOCH + day * DAY_S
    edges = {midnight, midnight + DAY_S}
    for outage in dark:
        edges |= {outage.start, outage.start + STARTS_AFTER_S, outage.end, outage.end + STOPS_AFTER_S}
    for intervals in forced:
        edges |= {edge for one in intervals for edge in (one.since, one.until)}
    inside = sorted(edge for edge in edges if midnight <= edge <= midnight + DAY_S)
    return [_segment(start, end, dark, forced) for start, end in pairwise(inside)]


def _segment(start: float, end: float, dark: Sequence[Outage], forced: Sequence[Sequence[Forced]]) -> Segment:
    at = (start + end) / 2
    away = any(outage.start <= at < outage.end for outage in dark)
    held = [next((one.on for one in reversed(mine) if one.since <= at < one.until), None) for mine in forced]
    natural = [_runs_by_itself(number, at, dark) for number in range(len(forced))]
    running = tuple(own if hold is None else hold for own, hold in zip(natural, held, strict=True))
    # With the grid there, only a generator someone forced on takes the load from it.
    carrying = running if away else tuple(bool(hold) for hold in held)
    fed = Fed.DG if any(carrying) else Fed.DARK if away else Fed.GRID
    return Segment(start, end, fed, running, carrying)


def _runs_by_itself(number: int, at: float, dark: Sequence[Outage]) -> bool:
    return any(
        outage.start + STARTS_AFTER_S <= at < outage.end + STOPS_AFTER_S
        and (number == 0 or outage.in_the_evening)
        for outage in dark
    )
