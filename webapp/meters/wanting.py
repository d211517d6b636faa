"""What a filter asks for, as conditions that the database answers."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, false, func, or_, select
from sqlalchemy.orm import aliased

from webapp.columns import LIKE_ESCAPE, like_part
from webapp.meters.list_rules import YES, Filter, span_of
from webapp.meters.living import homes_of_people
from webapp.meters.models import Meter, Unit, UsageDay
from webapp.meters.usage_rules import day_start
from webapp.societies.models import Society

Other = aliased(Meter)


def in_use(society: Society) -> ColumnElement[bool]:
    return and_(Meter.society_id == society.id, Meter.retired_at.is_(None))


def conditions(society: Society, wanted: Filter, now: datetime) -> Iterator[ColumnElement[bool]]:
    """Of the society's meters in use, those that are wanted."""
    yield in_use(society)
    if wanted.q:
        yield matching(society, wanted.q, now)
    if wanted.supply:
        yield Meter.supply == wanted.supply
    if wanted.balance:
        yield in_band(society, wanted.balance)
    if wanted.tower:
        yield Meter.tower == wanted.tower
    if wanted.doubt == YES:
        yield Meter.doubt.is_not(None)
    if wanted.missing == YES:
        yield is_missing(society)
    if wanted.stale == YES:
        yield is_stale(society, now)


def in_band(society: Society, band: str) -> ColumnElement[bool]:
    """The meters whose balance is in that band; one of FACETS."""
    if band == "none":
        return Meter.balance_paise.is_(None)
    least, most = span_of(band, society.low_balance_paise)
    ends = [] if least is None else [Meter.balance_paise >= least]
    return and_(*ends, *([] if most is None else [Meter.balance_paise < most]))


def matching(society: Society, q: str, now: datetime) -> ColumnElement[bool]:
    """A part of the unit's or the meter's number, or of the name or phone of who lives there.

    Each part is looked for in an index of its own; one condition for all would read every meter.
    """
    like = like_part(q)
    servers = [server.id for server in society.meter_servers]
    numbers = select(Other.id).where(
        Other.server_id.in_(servers), Other.meter_no.like(like, escape=LIKE_ESCAPE)
    )
    units = select(Unit.id).where(Unit.society_id == society.id, Unit.unit_no.like(like, escape=LIKE_ESCAPE))
    homes = homes_of_people(society.id, like, now)
    return Meter.id.in_(numbers.union(select(Other.id).where(Other.unit_id.in_(units.union(homes)))))


def is_missing(society: Society) -> ColumnElement[bool]:
    """As ``Meter.is_missing``, for the database."""
    named = (
        and_(
            Meter.server_id == server.id,
            or_(Meter.fetched_at.is_(None), Meter.fetched_at < server.answered_at),
        )
        for server in society.meter_servers
        if server.answered_at
    )
    return or_(false(), *named)


def is_stale(society: Society, now: datetime) -> ColumnElement[bool]:
    """As ``Meter.is_stale``, for the database."""
    old = (
        and_(Meter.server_id == server.id, Meter.read_at < now - server.stale_after)
        for server in society.meter_servers
    )
    return or_(Meter.read_at.is_(None), *old)


def today_of(society: Society, now: datetime) -> tuple[date, datetime]:
    """The society's day, and when it began."""
    today = now.astimezone(society.zone).date()
    return today, day_start(today, society.zone)


def of_today(today: Any) -> ColumnElement[bool]:
    """To join the day's use to its meter."""
    return and_(UsageDay.meter_id == Meter.id, UsageDay.day == today)


def used_since(midnight: Any) -> Any:
    """Wh of both registers since then, where the day is joined; NULL where neither register's is known."""
    grid = case((Meter.used_grid_at >= midnight, Meter.grid_wh - Meter.used_grid_wh))
    dg = case((Meter.used_dg_at >= midnight, Meter.dg_wh - Meter.used_dg_wh))
    parts = (UsageDay.grid_wh, UsageDay.dg_wh, grid, dg)
    whole: Any = func.coalesce(parts[0], 0)
    for part in parts[1:]:
        whole = whole + func.coalesce(part, 0)
    return case((func.coalesce(*parts).is_not(None), whole))
