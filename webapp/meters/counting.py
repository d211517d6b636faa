"""How many meters there are of each kind: one pass when there is news, remembered in between."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from sqlalchemy import ColumnElement, case, func, select

from webapp.alerts.models import News
from webapp.extensions import db
from webapp.meters.list_rules import SPANS, Counts, Filter, Kind, Totals, counted, totalled
from webapp.meters.models import Meter, UsageDay
from webapp.meters.usage_rules import day_start
from webapp.meters.wanting import (
    in_band,
    in_use,
    is_missing,
    is_stale,
    matching,
    of_today,
    today_of,
    used_since,
)
from webapp.societies.models import Society


@dataclass(frozen=True)
class Known:
    """A society's meters as they were with that news, and until when they stay so without any."""

    newest: int | None
    paces: tuple[tuple[int, int], ...]  # of the servers: what is old depends on them
    until: datetime
    kinds: list[Kind]

    @cached_property
    def totals(self) -> Totals:
        return totalled(self.kinds)

    @cached_property
    def everything(self) -> Counts:
        return counted(self.kinds, Filter())


_remembered: dict[tuple[str, int, int], Known] = {}


def known(society: Society, now: datetime) -> Known:
    """Every change of a meter is told as news in its own transaction; only old age comes without."""
    key = (str(db.engine.url), society.id, society.low_balance_paise)
    newest = db.session.scalar(select(func.max(News.id)).where(News.society_id == society.id))
    paces = tuple((server.id, server.poll_every_s) for server in society.meter_servers)
    held = _remembered.get(key)
    as_it_is = (newest, paces)
    if held is None or newest is None or (held.newest, held.paces) != as_it_is or now >= held.until:
        held = _remembered[key] = Known(newest, paces, _until(society, now), _kinds(society, now))
    return held


def counts(society: Society, wanted: Filter, now: datetime) -> Counts:
    """Of what is wanted."""
    if wanted.q:
        return counted(_kinds(society, now, matching(society, wanted.q, now)), wanted)
    held = known(society, now)
    return counted(held.kinds, wanted) if wanted.is_narrow else held.everything


def _until(society: Society, now: datetime) -> datetime:
    """When the next reading gets old, or the day ends, whichever is first."""
    ages = select(Meter.server_id, func.min(Meter.read_at)).where(in_use(society), ~is_stale(society, now))
    oldest = {row[0]: row[1] for row in db.session.execute(ages.group_by(Meter.server_id))}
    found = ((server, oldest.get(server.id)) for server in society.meter_servers)
    stale = [read_at + server.stale_after for server, read_at in found if read_at]
    tomorrow = today_of(society, now)[0] + timedelta(days=1)
    return min([*stale, day_start(tomorrow, society.zone)])


def _kinds(society: Society, now: datetime, *only: ColumnElement[bool]) -> list[Kind]:
    today, midnight = today_of(society, now)
    band = case(*((in_band(society, word), word) for word in ("none", "below0", "low")), else_="fine")
    span = case(*((in_band(society, word), word) for word in SPANS), else_="")
    is_doubted, is_old = Meter.doubt.is_not(None), is_stale(society, now)
    alike = (Meter.supply, band, is_doubted, is_missing(society), is_old, Meter.tower)
    rows = (
        select(
            *alike,
            func.count(),
            func.coalesce(func.sum(Meter.balance_paise), 0),
            func.sum(used_since(midnight)),
            span,
        )
        .outerjoin(UsageDay, of_today(today))
        .where(in_use(society), *only)
        .group_by(*alike, span)
    )
    return [Kind(*row) for row in db.session.execute(rows)]
