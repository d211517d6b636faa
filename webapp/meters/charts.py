"""The numbers under a chart: a unit's use by hour, day or month, and a society's by day or month."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from webapp.extensions import db
from webapp.meters.models import Meter, Reading, SocietyDay, UsageDay, UsageHour
from webapp.meters.pace_rules import LOOKED_BACK, DaysLeft, days_left, paise_a_day
from webapp.meters.usage_rules import HOUR, day_start, hour_start
from webapp.societies.models import Society

SPANS = ("24h", "30d", "12m")
HOME_SPAN = "14d"
_DAYS = {"30d": 30, "14d": 14}


@dataclass(frozen=True)
class Window:
    """The time that somebody may see: of a residence, say. ``until`` is not in it any more."""

    since: datetime | None = None
    until: datetime | None = None

    def first(self, moment: datetime) -> datetime:
        return max(moment, self.since) if self.since else moment

    def last(self, moment: datetime) -> datetime:
        return min(moment, self.until) if self.until else moment


EVERYTHING = Window()


@dataclass(frozen=True)
class Bar:
    """One hour, day or month. Wh, paise; None is unknown. ``is_open``: it is not over yet."""

    at: datetime
    grid_wh: int | None = None
    dg_wh: int | None = None
    balance_paise: int | None = None
    is_estimated: bool = False
    is_open: bool = False

    def __add__(self, other: "Bar") -> "Bar":
        """Two meters of one unit, or a day's use and what has come since the last full hour."""
        return replace(
            self,
            grid_wh=_sum(self.grid_wh, other.grid_wh),
            dg_wh=_sum(self.dg_wh, other.dg_wh),
            balance_paise=self.balance_paise if other.balance_paise is None else other.balance_paise,
            is_estimated=self.is_estimated or other.is_estimated,
        )


@dataclass(frozen=True)
class Chart:
    """Bars without a gap in their times: what is not known is None."""

    span: str
    bars: list[Bar] = field(default_factory=list)

    @property
    def is_known(self) -> bool:
        return any(bar.grid_wh is not None or bar.dg_wh is not None for bar in self.bars)

    @property
    def grid_wh(self) -> int | None:
        return _total(bar.grid_wh for bar in self.bars)

    @property
    def dg_wh(self) -> int | None:
        return _total(bar.dg_wh for bar in self.bars)


def of_meters(
    meters: Collection[Meter], span: str, zone: ZoneInfo, now: datetime, window: Window = EVERYTHING
) -> Chart:
    """The use of a unit, which is that of all the meters it ever had, in the span that ends now."""
    end = window.last(now)
    if span == "24h":
        return Chart(span, _hourly(meters, zone, now, end, window))
    daily = _daily(meters, _first_day(span, zone, end, window), zone, now, end)
    return Chart(span, _monthly(daily, zone) if span == "12m" else daily)


def of_society(society: Society, span: str, now: datetime) -> Chart:
    """The use of all homes, by day or month, up to the last full hour."""
    first = _first_day(span, society.zone, now, EVERYTHING)
    rows = select(SocietyDay).where(SocietyDay.society_id == society.id, SocietyDay.day >= first)
    known = {row.day: _day_bar(row.day, society.zone, row) for row in db.session.scalars(rows)}
    bars = _every_day(known, first, now.astimezone(society.zone).date(), society.zone)
    return Chart(span, _monthly(bars, society.zone) if span == "12m" else bars)


def lasting(meter: Meter, now: datetime, window: Window = EVERYTHING) -> DaysLeft:
    """How long the meter's balance lasts at the pace of its last seven days."""
    first = window.first(now - LOOKED_BACK)
    rows = (
        select(Reading.read_at, Reading.balance_paise)
        .where(Reading.meter_id == meter.id, Reading.read_at >= first)
        .order_by(Reading.read_at)
    )
    pace = paise_a_day([(row.read_at, row.balance_paise) for row in db.session.execute(rows)])
    return days_left(meter.balance_paise, pace, is_prepaid=meter.balance_at is not None or bool(meter.doubt))


def usual_wh(chart: Chart) -> int | None:
    """Grid and generator together on an ordinary day: the mean of the last seven whole ones."""
    whole = [bar for bar in chart.bars if not bar.is_open and bar.grid_wh is not None][-7:]
    if not whole:
        return None
    return sum((bar.grid_wh or 0) + (bar.dg_wh or 0) for bar in whole) // len(whole)


def _first_day(span: str, zone: ZoneInfo, end: datetime, window: Window) -> date:
    today = end.astimezone(zone).date()
    if span == "12m":
        first = date(today.year - 1, today.month, 1)
        first = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    else:
        first = today - timedelta(days=_DAYS[span] - 1)
    return max(first, window.since.astimezone(zone).date()) if window.since else first


def _hourly(
    meters: Collection[Meter], zone: ZoneInfo, now: datetime, end: datetime, window: Window
) -> list[Bar]:
    present = hour_start(end, zone)
    first = present - 23 * HOUR
    ids = [meter.id for meter in meters]
    known: dict[datetime, Bar] = {}
    wanted = select(UsageHour).where(
        UsageHour.meter_id.in_(ids), UsageHour.hour_at >= window.first(first), UsageHour.hour_at <= end
    )
    for row in db.session.scalars(wanted):
        _add(known, Bar(row.hour_at, row.grid_wh, row.dg_wh, None, row.is_estimated))
    if end >= now:
        for meter in meters:
            _add(known, replace(_tail(meter, present), at=present, is_open=True))
    balances = _balances(ids, zone, window.first(first), end)
    times = (present - n * HOUR for n in range(23, -1, -1))
    bars = [replace(known.get(at, Bar(at)), balance_paise=balances.get(at)) for at in times]
    return [bar for bar in bars if not window.since or bar.at >= window.since]


def _balances(ids: list[int], zone: ZoneInfo, first: datetime, last: datetime) -> dict[datetime, int]:
    """The last balance read in each hour."""
    rows = (
        select(Reading.read_at, Reading.balance_paise)
        .where(Reading.meter_id.in_(ids), Reading.read_at >= first, Reading.read_at <= last)
        .where(Reading.balance_paise.is_not(None))
        .order_by(Reading.read_at)
    )
    return {hour_start(row.read_at, zone): row.balance_paise for row in db.session.execute(rows)}


def _daily(meters: Collection[Meter], first: date, zone: ZoneInfo, now: datetime, end: datetime) -> list[Bar]:
    today = end.astimezone(zone).date()
    known: dict[date, Bar] = {}
    ids = [meter.id for meter in meters]
    rows = select(UsageDay).where(UsageDay.meter_id.in_(ids), UsageDay.day >= first, UsageDay.day <= today)
    for row in db.session.scalars(rows):
        bar = _day_bar(row.day, zone, row)
        known[row.day] = known[row.day] + bar if row.day in known else bar
    if end >= now:
        for meter in meters:
            known[today] = known.get(today, Bar(day_start(today, zone))) + _tail(
                meter, day_start(today, zone)
            )
    return _every_day(known, first, today, zone)


def _every_day(known: dict[date, Bar], first: date, today: date, zone: ZoneInfo) -> list[Bar]:
    every = (first + timedelta(days=n) for n in range((today - first).days + 1))
    return [replace(known.get(day, Bar(day_start(day, zone))), is_open=day == today) for day in every]


def _monthly(daily: Iterable[Bar], zone: ZoneInfo) -> list[Bar]:
    months: dict[date, Bar] = {}
    for bar in daily:
        first = bar.at.astimezone(zone).date().replace(day=1)
        before = months.get(first, Bar(day_start(first, zone)))
        months[first] = replace(before + bar, is_open=bar.is_open)
    return list(months.values())


def _day_bar(day: date, zone: ZoneInfo, row: UsageDay | SocietyDay) -> Bar:
    balance = row.balance_paise if isinstance(row, UsageDay) else None
    estimated = isinstance(row, UsageDay) and row.is_estimated
    return Bar(day_start(day, zone), row.grid_wh, row.dg_wh, balance, estimated)


def _tail(meter: Meter, since: datetime) -> Bar:
    """What the meter used from its accounted point to its last good reading, if that is since then."""
    return Bar(
        since,
        _since(meter.used_grid_wh, meter.used_grid_at, meter.grid_wh, meter.grid_at, since),
        _since(meter.used_dg_wh, meter.used_dg_at, meter.dg_wh, meter.dg_at, since),
        meter.balance_paise,
    )


def _since(
    used_wh: int | None, used_at: datetime | None, wh: int | None, at: datetime | None, since: datetime
) -> int | None:
    if used_wh is None or used_at is None or wh is None or at is None or used_at < since:
        return None
    return wh - used_wh


def _add(known: dict[Any, Bar], bar: Bar) -> None:
    known[bar.at] = known[bar.at] + bar if bar.at in known else bar


def _sum(one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return one if other is None else other
    return one + other


def _total(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def began(society: Society) -> date | None:
    """The first day of which the society's use is known."""
    return db.session.scalar(select(func.min(SocietyDay.day)).where(SocietyDay.society_id == society.id))
