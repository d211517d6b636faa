"""Use told apart by the society's hours and days. Pure.

A register only rises, so use is a difference. Between two readings it is taken as steady, and whole
Wh are told apart so that the parts always add up to the difference.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

HOUR = timedelta(hours=1)
HOURS_TOLD = timedelta(days=3)  # of a longer gap only the days are told apart
ESTIMATED_FROM = timedelta(minutes=75)  # readings further apart say how much, but only about when


@dataclass(frozen=True)
class Span:
    """A stretch from ``start`` up to ``end`` (UTC), and the society's day in which it begins."""

    start: datetime
    end: datetime
    day: date


def hour_start(moment: datetime, zone: ZoneInfo) -> datetime:
    """The beginning of the society's hour: in India it is half past one of UTC's."""
    local = moment.astimezone(zone)
    return moment - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The moment (UTC) at which the society's day begins; a day may have 23 or 25 hours."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def hours(
    first: datetime, last: datetime, zone: ZoneInfo, at_most: timedelta | None = HOURS_TOLD
) -> Iterator[Span]:
    """The hours that the time from ``first`` to ``last`` touches, ``at_most`` so far back."""
    start = hour_start(max(first, last - at_most) if at_most else first, zone)
    while start < last:
        yield Span(start, start + HOUR, start.astimezone(zone).date())
        start += HOUR


def days(first: datetime, last: datetime, zone: ZoneInfo) -> Iterator[Span]:
    """The days that the time from ``first`` to ``last`` touches."""
    day = first.astimezone(zone).date()
    while (start := day_start(day, zone)) < last:
        following = day + timedelta(days=1)
        yield Span(start, day_start(following, zone), day)
        day = following
