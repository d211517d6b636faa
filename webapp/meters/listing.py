"""The society's meters as a list: filtered, sorted, by keyset, at the cost of a page."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Date, bindparam, select

from webapp.columns import UtcTime
from webapp.extensions import db
from webapp.meters.list_rules import Filter
from webapp.meters.living import lived_in
from webapp.meters.models import Meter, Unit, UsageDay
from webapp.meters.places import Place, Stretch, place_of, stretches
from webapp.meters.wanting import conditions, of_today, today_of, used_since
from webapp.societies.models import Society

A_PAGE = 50
AT_ONCE = 500  # rows of a file that are held at a time
# Made once: what a page shows is read by one statement that knows its rows.
SHOWN = (
    select(
        Meter.id, Meter.key, Meter.meter_no, Meter.server_id, Meter.unit_id, Unit.unit_no, Unit.key,
        Meter.supply, Meter.supply_word, Meter.balance_paise, Meter.balance_at, Meter.grid_wh, Meter.grid_at,
        Meter.dg_wh, Meter.dg_at, Meter.load_grid_w, Meter.load_dg_w, Meter.read_at, Meter.fetched_at,
        Meter.doubt, used_since(bindparam("midnight", type_=UtcTime)),
    )
    .join(Unit, Unit.id == Meter.unit_id)
    .outerjoin(UsageDay, of_today(bindparam("today", type_=Date)))
    .where(Meter.id.in_(bindparam("ids", expanding=True)))
)  # fmt: skip


@dataclass(slots=True)
class Row:
    """A meter as the list shows it. ``who``: the names in its unit, '' where it is vacant."""

    id: int
    key: str
    meter_no: str
    server_id: int
    unit_id: int
    unit_no: str
    unit_key: str
    supply: str
    supply_word: str
    balance_paise: int | None
    balance_at: datetime | None
    grid_wh: int | None
    grid_at: datetime | None
    dg_wh: int | None
    dg_at: datetime | None
    load_grid_w: int | None
    load_dg_w: int | None
    read_at: datetime | None
    fetched_at: datetime | None
    doubt: str | None
    used_wh: int | None  # since the society's midnight
    who: str | None = None
    is_stale: bool = False
    is_missing: bool = False


@dataclass(frozen=True)
class Page:
    """Fifty meters, and the way to the fifty after and before them."""

    rows: list[Row]
    after: str | None
    before: str | None


@dataclass(frozen=True)
class _Found:
    id: int
    value: Any
    rank: str


class Listing:
    """The meters that a filter wants, as they are at a moment."""

    def __init__(self, society: Society, wanted: Filter, now: datetime) -> None:
        self._society, self._wanted, self._now = society, wanted, now
        self._today, self._midnight = today_of(society, now)
        self._servers = {server.id: server for server in society.meter_servers}
        self._column = self._sorted_by(wanted.sort.removeprefix("-"))

    def page(self, after: str | None = None, before: str | None = None) -> Page:
        """The meters after that place, or before it. A place that cannot be read is the beginning."""
        sort = self._wanted.sort
        behind, ahead = place_of(after, sort), place_of(before, sort)
        if ahead is not None:
            found = self._find(ahead, backwards=True)
            if len(found) > A_PAGE:
                shown = found[A_PAGE - 1 :: -1]
                return Page(self._rows(shown), self._told(shown[-1]), self._told(shown[0]))
            behind = None  # so near the beginning, it is the first page
        found = self._find(behind, backwards=False)
        shown = found[:A_PAGE]
        more = self._told(shown[-1]) if len(found) > A_PAGE else None
        return Page(self._rows(shown), more, self._told(shown[0]) if behind and shown else None)

    def everything(self) -> Iterator[Row]:
        """All that is wanted, in its order, for a file or for paper."""
        found = self._find(None, backwards=False, at_most=None)
        for start in range(0, len(found), AT_ONCE):
            yield from self._rows(found[start : start + AT_ONCE])

    def _sorted_by(self, name: str) -> Any:
        columns: dict[str, Any] = {
            "unit": Meter.rank,
            "balance": Meter.balance_paise,
            "supply": Meter.supply,
            "grid": Meter.grid_wh,
            "dg": Meter.dg_wh,
            "read": Meter.read_at,
        }
        return columns[name] if name in columns else used_since(self._midnight)

    def _find(self, place: Place | None, backwards: bool, at_most: int | None = A_PAGE + 1) -> list[_Found]:
        """Which rows come: first only these are sorted, and then only what is shown is read."""
        found: list[_Found] = []
        for stretch in stretches(self._column, self._wanted.sort, place, backwards):
            left = None if at_most is None else at_most - len(found)
            if left == 0:
                break
            found += [_Found(*row) for row in db.session.execute(self._stretch(stretch).limit(left))]
        return found

    def _stretch(self, stretch: Stretch) -> Any:
        rows = select(Meter.id, self._column, Meter.rank).where(
            *conditions(self._society, self._wanted, self._now), stretch.where
        )
        if self._wanted.sort.removeprefix("-") == "today":
            rows = rows.outerjoin(UsageDay, of_today(self._today))
        return rows.order_by(*stretch.order)

    def _rows(self, found: Sequence[_Found]) -> list[Row]:
        ids = [each.id for each in found]
        said = {"ids": ids, "today": self._today, "midnight": self._midnight}
        found_rows: Iterable[Any] = db.session.execute(SHOWN, said)
        rows = {row[0]: Row(*row) for row in found_rows}
        names = lived_in({row.unit_id for row in rows.values()}, self._now)
        for row in rows.values():
            server = self._servers[row.server_id]
            row.who = names.get(row.unit_id)
            row.is_stale = server.makes_old(row.read_at, self._now)
            row.is_missing = server.left_out(row.fetched_at)
        return [rows[key] for key in ids]

    def _told(self, found: _Found) -> str:
        return Place(self._wanted.sort, found.value, found.rank, found.id).told()
