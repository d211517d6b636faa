"""How long a balance lasts. Pure: the contract has no tariff, so the purse itself is the measure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from itertools import pairwise

LOOKED_BACK = timedelta(days=7)
ENOUGH = timedelta(days=2)  # of known time; from less than that nobody should plan a month
LONGEST_GAP = timedelta(hours=6)  # between two readings: over a longer one a recharge may hide
MOST_DAYS = 365


class Left(Enum):
    """What can be said of how long a balance lasts."""

    DAYS = "days"
    NO_USE = "no use"
    UNKNOWN = "unknown"
    GONE = "gone"  # zero or below: nothing is left
    POSTPAID = "postpaid"


@dataclass(frozen=True)
class DaysLeft:
    """``days`` is whole, and only there with Left.DAYS; ``paise_a_day`` wherever the pace is known."""

    left: Left
    days: int | None = None
    paise_a_day: int | None = None


def paise_a_day(readings: Iterable[tuple[datetime, int | None]]) -> int | None:
    """What the balance falls by in a day, from readings in their order; None where too little is known.

    A rise is a recharge and says nothing of use, so its stretch is left out, as is one over a gap.
    """
    spent, known = 0, timedelta()
    for (at, before), (then, after) in pairwise(readings):
        if before is None or after is None or after > before or then - at > LONGEST_GAP:
            continue
        spent += before - after
        known += then - at
    if known < ENOUGH:
        return None
    return round(spent * timedelta(days=1) / known)


def days_left(balance_paise: int | None, pace: int | None, *, is_prepaid: bool = True) -> DaysLeft:
    """How many days the balance lasts at that pace."""
    if balance_paise is None:
        return DaysLeft(Left.UNKNOWN if is_prepaid else Left.POSTPAID)
    if balance_paise <= 0:
        return DaysLeft(Left.GONE, paise_a_day=pace)
    if pace is None:
        return DaysLeft(Left.UNKNOWN)
    if pace <= 0:
        return DaysLeft(Left.NO_USE, paise_a_day=0)
    return DaysLeft(Left.DAYS, min(balance_paise // pace, MOST_DAYS), pace)
