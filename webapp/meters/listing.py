"""The society's meters as a list: filtered, sorted, by keyset, at the cost of a page."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

import msgspec
from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from webapp.alerts.models import News
from webapp.contract.replies import Supply
from webapp.extensions import db
from webapp.meters.models import Meter, Unit, UsageDay
from webapp.meters.rules import rank_of
from webapp.meters.usage_rules import day_start
from webapp.people.models import homes_of_people
from webapp.societies.models import Society

A_PAGE = 50
LIKE_ESCAPE = "\\"

BALANCES = ("below0", "low")
SUPPLIES = tuple(state.value for state in Supply)
COLUMNS = ("unit", "balance", "supply", "grid", "dg", "today", "read")
SORTS = (*COLUMNS, *(f"-{name}" for name in COLUMNS))
Whole = Annotated[int, msgspec.Meta(ge=-(10**18), le=10**18)]  # what the database can compare


@dataclass(frozen=True)
class Filter:
    """What is shown; words that are not known are taken as not said."""

    q: str = ""
    supply: str = ""
    balance: str = ""
    doubt: str = ""
    tower: str = ""
    sort: str = "unit"

    @property
    def is_narrow(self) -> bool:
        """Not everything is wanted."""
        return bool(self.q or self.supply or self.balance or self.doubt or self.tower)

    @classmethod
    def of(cls, args: Any) -> "Filter":
        def one_of(name: str, known: tuple[str, ...], default: str = "") -> str:
            said: str = args.get(name, default)
            return said if said in known else default

        return cls(
            q=args.get("q", "").strip()[:64],
            supply=one_of("supply", SUPPLIES),
            balance=one_of("balance", BALANCES),
            doubt=one_of("doubt", ("1",)),
            tower=args.get("tower", "").strip()[:32],
            sort=one_of("sort", SORTS, "unit"),
        )

    def words(self, **changed: str) -> dict[str, str]:
        """As query parameters, without what says nothing."""
        said = {"q": self.q, "supply": self.supply, "balance": self.balance, "doubt": self.doubt}
        said |= {"tower": self.tower}
        said |= {"sort": "" if self.sort == "unit" else self.sort} | changed
        return {name: value for name, value in said.items() if value}


@dataclass(frozen=True)
class Page:
    """Fifty meters and the way to the next fifty."""

    meters: list[Meter]
    after: str | None


@dataclass(frozen=True)
class Shown:
    """Of what is wanted: how many meters, and their balances together."""

    count: int
    balance_paise: int


@dataclass(frozen=True)
class Totals:
    """Of the whole society, for the chips above the list."""

    all: int
    on: int
    off: int
    unknown: int
    below0: int
    low: int
    doubtful: int
    balance_paise: int
    below0_on: int
    towers: tuple[str, ...] = ()


def page(society: Society, wanted: Filter, after: str | None, now: datetime) -> Page:
    """The meters after that place. A place that cannot be read is the beginning."""
    column = _column(society, wanted, now)
    falling = wanted.sort.startswith("-")
    rows = _wanted(society, wanted, now).add_columns(column.label("place"))
    rows = rows.options(contains_eager(Meter.unit), joinedload(Meter.server))
    rows = rows.order_by(*((column.desc(), Meter.id.desc()) if falling else (column, Meter.id)))
    found: list[tuple[Meter, Any]] = []
    for stretch in _stretches(column, _place(after, wanted), falling):
        rest = rows.where(stretch).limit(A_PAGE + 1 - len(found))
        found += [(row[0], row[1]) for row in db.session.execute(rest)]
        if len(found) > A_PAGE:
            break
    last = found[A_PAGE - 1] if len(found) > A_PAGE else None
    return Page([meter for meter, _ in found[:A_PAGE]], _said(*last, wanted) if last else None)


def everything(society: Society, wanted: Filter, now: datetime) -> Iterator[Meter]:
    """All that is wanted, by unit, for a file."""
    rows = _wanted(society, wanted, now).options(contains_eager(Meter.unit)).order_by(Meter.rank, Meter.id)
    yield from db.session.scalars(rows.execution_options(yield_per=500))


def shown(society: Society, wanted: Filter, now: datetime) -> Shown:
    """What the list holds on all its pages."""
    rows = _wanted(society, wanted, now).with_only_columns(
        func.count(Meter.id), func.coalesce(func.sum(Meter.balance_paise), 0)
    )
    row: Any = db.session.execute(rows).one()
    return Shown(*row)


def _column(society: Society, wanted: Filter, now: datetime) -> Any:
    """What the list is sorted by."""
    columns: dict[str, Any] = {
        "unit": Meter.rank,
        "balance": Meter.balance_paise,
        "supply": Meter.supply,
        "grid": Meter.grid_wh,
        "dg": Meter.dg_wh,
        "read": Meter.read_at,
    }
    name = wanted.sort.removeprefix("-")
    return columns[name] if name in columns else _used_today(society, now)


def _used_today(society: Society, now: datetime) -> Any:
    """As ``charts.used_today`` has it, for the database to sort by."""
    today = now.astimezone(society.zone).date()
    midnight = day_start(today, society.zone)
    kept = (
        select(func.coalesce(UsageDay.grid_wh, 0) + func.coalesce(UsageDay.dg_wh, 0))
        .where(UsageDay.meter_id == Meter.id, UsageDay.day == today)
        .correlate(Meter)
        .scalar_subquery()
    )
    grid = case((Meter.used_grid_at >= midnight, Meter.grid_wh - Meter.used_grid_wh))
    dg = case((Meter.used_dg_at >= midnight, Meter.dg_wh - Meter.used_dg_wh))
    known = or_(kept.is_not(None), grid.is_not(None), dg.is_not(None))
    return case((known, sum(func.coalesce(part, 0) for part in (kept, grid, dg))))


def _wanted(society: Society, wanted: Filter, now: datetime) -> Select[Any]:
    rows: Select[Any] = (
        select(Meter).join(Meter.unit).where(Meter.society_id == society.id, Meter.retired_at.is_(None))
    )
    if wanted.q:
        like = f"%{_escaped(wanted.q)}%"
        numbers = (column.ilike(like, escape=LIKE_ESCAPE) for column in (Unit.unit_no, Meter.meter_no))
        rows = rows.where(or_(*numbers, Unit.id.in_(homes_of_people(society.id, like, LIKE_ESCAPE, now))))
    if wanted.supply:
        rows = rows.where(Meter.supply == wanted.supply)
    if wanted.balance:
        rows = rows.where(_balance(society, wanted.balance))
    if wanted.doubt:
        rows = rows.where(Meter.doubt.is_not(None))
    if wanted.tower:
        rows = rows.where(_tower() == wanted.tower)
    return rows


def _tower() -> ColumnElement[str]:
    """A-101 is in tower A; a number without a hyphen is in none."""
    return func.substr(Unit.unit_no, 1, func.instr(Unit.unit_no, "-") - 1)


def _balance(society: Society, band: str) -> ColumnElement[bool]:
    return Meter.balance_paise < (0 if band == "below0" else society.low_balance_paise)


def _escaped(text: str) -> str:
    for char in (LIKE_ESCAPE, "%", "_"):
        text = text.replace(char, LIKE_ESCAPE + char)
    return text


def _stretches(column: Any, place: tuple[Any, int] | None, falling: bool) -> list[ColumnElement[bool]]:
    """What lies beyond the place: the meters that have a value, and after them those without.

    Each is a stretch of the index; one condition for both would read it from its beginning.
    """
    if place is None:
        return [column.is_not(None), column.is_(None)]
    value, key = place
    further = Meter.id < key if falling else Meter.id > key
    if value is None:
        return [and_(column.is_(None), further)]
    if falling:
        return [and_(column <= value, or_(column < value, further)), column.is_(None)]
    return [and_(column >= value, or_(column > value, further)), column.is_(None)]


def _said(meter: Meter, place: Any, wanted: Filter) -> str:
    value = place.isoformat() if isinstance(place, datetime) else place
    said = msgspec.json.encode((wanted.sort, value, meter.id))
    return base64.urlsafe_b64encode(said).decode().rstrip("=")


class _ByText(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    sort: str
    value: str
    id: Whole


class _ByNumber(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    sort: str
    value: Whole | None
    id: Whole


class _ByTime(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    sort: str
    value: Annotated[datetime, msgspec.Meta(tz=True)] | None
    id: Whole


_KINDS: dict[str, Any] = {"unit": _ByText, "supply": _ByText, "read": _ByTime}


def _place(after: str | None, wanted: Filter) -> tuple[Any, int] | None:
    """Where a page begins; None where it is no place in this order."""
    if not after:
        return None
    kind = _KINDS.get(wanted.sort.removeprefix("-"), _ByNumber)
    try:
        place = msgspec.json.decode(base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)), type=kind)
    except (ValueError, msgspec.MsgspecError):
        return None
    return (place.value, place.id) if place.sort == wanted.sort else None


_totals: dict[tuple[int, str, int], tuple[int | None, Totals]] = {}


def totals(society: Society) -> Totals:
    """Of all the society's meters: counted when there is news, for every change is told in its own
    transaction, and remembered in between."""
    database = str(db.engine.url)
    key = (society.id, database, society.low_balance_paise)
    newest = db.session.scalar(select(func.max(News.id)).where(News.society_id == society.id))
    seen = _totals.get(key)
    if seen is None or seen[0] != newest or newest is None:
        seen = _totals[key] = (newest, _counted(society))
    return seen[1]


def _counted(society: Society) -> Totals:
    """One pass over the society's meters."""

    def count(condition: Any) -> Any:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    row: Any = db.session.execute(
        select(
            func.count(Meter.id),
            count(Meter.supply == "on"),
            count(Meter.supply == "off"),
            count(Meter.supply == "unknown"),
            count(_balance(society, "below0")),
            count(_balance(society, "low")),
            count(Meter.doubt.is_not(None)),
            func.coalesce(func.sum(Meter.balance_paise), 0),
            count(and_(_balance(society, "below0"), Meter.supply == "on")),
        ).where(Meter.society_id == society.id, Meter.retired_at.is_(None))
    ).one()
    return replace(Totals(*row), towers=_towers(society))


def _towers(society: Society) -> tuple[str, ...]:
    found = db.session.scalars(select(_tower()).where(Unit.society_id == society.id).distinct())
    return tuple(sorted((tower for tower in found if tower), key=rank_of))
