"""The society's meters as a list: filtered, sorted, by keyset, at the cost of a page."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from webapp.alerts.models import News
from webapp.contract.replies import Supply
from webapp.extensions import db
from webapp.meters.models import Meter, Unit
from webapp.societies.models import Society

A_PAGE = 50
LIKE_ESCAPE = "\\"

BALANCES = ("below0", "low")
SUPPLIES = tuple(state.value for state in Supply)
SORTS = ("unit", "balance", "-balance")
Whole = Annotated[int, msgspec.Meta(ge=-(10**18), le=10**18)]  # what the database can compare


@dataclass(frozen=True)
class Filter:
    """What is shown; words that are not known are taken as not said."""

    q: str = ""
    supply: str = ""
    balance: str = ""
    doubt: str = ""
    sort: str = "unit"

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
            sort=one_of("sort", SORTS, "unit"),
        )

    def words(self, **changed: str) -> dict[str, str]:
        """As query parameters, without what says nothing."""
        said = {"q": self.q, "supply": self.supply, "balance": self.balance, "doubt": self.doubt}
        said |= {"sort": "" if self.sort == "unit" else self.sort} | changed
        return {name: value for name, value in said.items() if value}


@dataclass(frozen=True)
class Page:
    """Fifty meters and the way to the next fifty."""

    meters: list[Meter]
    after: str | None


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


def page(society: Society, wanted: Filter, after: str | None) -> Page:
    """The meters after that place. A place that cannot be read is the beginning."""
    column: Any = Meter.rank if wanted.sort == "unit" else Meter.balance_paise
    falling = wanted.sort == "-balance"
    rows = _wanted(society, wanted).options(contains_eager(Meter.unit), joinedload(Meter.server))
    rows = rows.order_by(*((column.desc(), Meter.id.desc()) if falling else (column, Meter.id)))
    found: list[Meter] = []
    for stretch in _stretches(column, _place(after, wanted), falling):
        found += db.session.scalars(rows.where(stretch).limit(A_PAGE + 1 - len(found)))
        if len(found) > A_PAGE:
            break
    last = found[A_PAGE - 1] if len(found) > A_PAGE else None
    return Page(found[:A_PAGE], _said(last, wanted) if last else None)


def everything(society: Society, wanted: Filter) -> Iterator[Meter]:
    """All that is wanted, by unit, for a file."""
    rows = _wanted(society, wanted).options(contains_eager(Meter.unit)).order_by(Meter.rank, Meter.id)
    yield from db.session.scalars(rows.execution_options(yield_per=500))


def _wanted(society: Society, wanted: Filter) -> Select[Any]:
    rows: Select[Any] = (
        select(Meter).join(Meter.unit).where(Meter.society_id == society.id, Meter.retired_at.is_(None))
    )
    if wanted.q:
        like = f"%{_escaped(wanted.q)}%"
        rows = rows.where(
            or_(Unit.unit_no.ilike(like, escape=LIKE_ESCAPE), Meter.meter_no.ilike(like, escape=LIKE_ESCAPE))
        )
    if wanted.supply:
        rows = rows.where(Meter.supply == wanted.supply)
    if wanted.balance:
        rows = rows.where(_balance(society, wanted.balance))
    if wanted.doubt:
        rows = rows.where(Meter.doubt.is_not(None))
    return rows


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


def _said(meter: Meter, wanted: Filter) -> str:
    value = meter.rank if wanted.sort == "unit" else meter.balance_paise
    return base64.urlsafe_b64encode(msgspec.json.encode((value, meter.id))).decode().rstrip("=")


class _ByUnit(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    value: str
    id: Whole


class _ByBalance(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    value: Whole | None
    id: Whole


def _place(after: str | None, wanted: Filter) -> tuple[Any, int] | None:
    if not after:
        return None
    kind: type[_ByUnit] | type[_ByBalance] = _ByUnit if wanted.sort == "unit" else _ByBalance
    try:
        place = msgspec.json.decode(base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)), type=kind)
    except (ValueError, msgspec.MsgspecError):
        return None
    return place.value, place.id


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

    row = db.session.execute(
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
    return Totals(*row)
