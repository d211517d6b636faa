"""Whether to believe that a meter took another's place. Pure.

Nobody's meter is retired on a word that does not fit what was read: then it waits for a person.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from webapp.contract.replies import MeterChange
from webapp.meters.rules import STEADY_W, STEADY_WH, kwh
from webapp.sentences import Sentence

READ_BEFORE = timedelta(days=1)  # a new meter may be read while it waits to be fitted, not for long


@dataclass(frozen=True)
class Side:
    """One of the two meters as we hold it; registers in Wh."""

    unit_no: str
    grid_wh: int | None = None
    grid_at: datetime | None = None
    dg_wh: int | None = None
    dg_at: datetime | None = None
    first_at: datetime | None = None  # its history begins
    is_retired: bool = False


def why_not(
    change: MeterChange, old: Side | None, new: Side | None, noon: datetime | None, now: datetime
) -> str | None:
    """Why a person should look before the change is applied, in a sentence; None where it fits.

    ``noon`` is the middle of the day of the change in the server's zone.
    """
    if noon is None or change.doubts or not (change.old_meter_no and change.new_meter_no):
        return Sentence("A part of it could not be read.")
    if noon - timedelta(days=1) > now:
        return Sentence("Its day lies in the future.")
    if old is None and new is None:
        return Sentence("Neither meter is known here.")
    return _of_units(change, old, new) or _of_old(change, old, noon) or _of_new(change, new, noon)


def _of_units(change: MeterChange, old: Side | None, new: Side | None) -> str | None:
    named = {side.unit_no for side in (old, new) if side} | {change.unit_no or ""}
    if len(named - {""}) > 1:
        return Sentence("The units differ: %(units)s.", units=", ".join(sorted(named - {""})))
    return None


def _of_old(change: MeterChange, old: Side | None, noon: datetime) -> str | None:
    if old is None:
        return None
    if old.is_retired:
        return Sentence("The old meter was taken away before.")
    return _ends(change.old_end_grid_wh, old.grid_wh, old.grid_at, noon) or _ends(
        change.old_end_dg_wh, old.dg_wh, old.dg_at, noon
    )


def _ends(end: int | None, last: int | None, last_at: datetime | None, noon: datetime) -> str | None:
    if end is None or last is None or last_at is None:
        return None
    if end < last:
        return Sentence(
            "The old meter is said to end at %(end)s kWh, and read %(last)s kWh before.",
            end=kwh(end),
            last=kwh(last),
        )
    hours = max(24.0, (noon - last_at) / timedelta(hours=1) + 24)
    if end - last > STEADY_WH + STEADY_W * hours:
        return Sentence(
            "The old meter is said to end %(kwh)s kWh above its last reading.", kwh=kwh(end - last)
        )
    return None


def _of_new(change: MeterChange, new: Side | None, noon: datetime) -> str | None:
    if new is None or change.old_meter_no == change.new_meter_no:
        return None
    if new.is_retired:
        return Sentence("The new meter is one that was taken away.")
    if new.first_at and new.first_at < noon - timedelta(hours=12) - READ_BEFORE:
        return Sentence("The new meter was read here long before that day.")
    for start, register in ((change.new_start_grid_wh, new.grid_wh), (change.new_start_dg_wh, new.dg_wh)):
        if start is not None and register is not None and start > register:
            return Sentence(
                "The new meter is said to begin at %(start)s kWh, and reads %(now)s kWh.",
                start=kwh(start),
                now=kwh(register),
            )
    return None


def moment_of(day_starts: datetime, last_read: datetime | None, now: datetime) -> datetime:
    """When the old meter stopped: on that day, and not before it was last read."""
    moment = max(day_starts, last_read) if last_read else day_starts
    return min(moment, now)
