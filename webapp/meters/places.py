"""A place in a sorted list, told in an address: a page goes on from it, whatever came or went.

The list's order is a column, those without a value last both ways, and among equals the units' own.
"""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from sqlalchemy import ColumnElement, and_, or_, true, tuple_

from webapp.meters.models import Meter

Whole = Annotated[int, msgspec.Meta(ge=-(10**18), le=10**18)]  # what the database can compare


class Place(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """A row's place in one order: its value there, its unit's rank, its id."""

    sort: str
    value: Any
    rank: str
    id: Whole

    def told(self) -> str:
        return base64.urlsafe_b64encode(msgspec.json.encode(self)).decode().rstrip("=")


class _Text(Place, array_like=True, forbid_unknown_fields=True):
    value: str


class _Number(Place, array_like=True, forbid_unknown_fields=True):
    value: Whole | None


class _Time(Place, array_like=True, forbid_unknown_fields=True):
    value: Annotated[datetime, msgspec.Meta(tz=True)] | None


_KINDS: dict[str, type[Place]] = {"unit": _Text, "supply": _Text, "read": _Time}


def place_of(told: str | None, sort: str) -> Place | None:
    """None where it makes no sense, or is a place in another order: the page is the first, then."""
    if not told:
        return None
    kind = _KINDS.get(sort.removeprefix("-"), _Number)
    try:
        place = msgspec.json.decode(base64.urlsafe_b64decode(told + "=" * (-len(told) % 4)), type=kind)
        if isinstance(place.value, datetime):
            place.value.astimezone(UTC)  # a time at the edge of the calendar has none
    except (ValueError, OverflowError, msgspec.MsgspecError):
        return None
    return place if place.sort == sort else None


@dataclass(frozen=True)
class Stretch:
    """Rows that follow each other in an index, and their order."""

    where: ColumnElement[bool]
    order: tuple[Any, ...]


def stretches(column: Any, sort: str, place: Place | None, backwards: bool) -> list[Stretch]:
    """What lies beyond the place. One condition for all of it would read an index from its beginning."""
    falling = sort.startswith("-") != backwards
    by_unit = column is Meter.rank
    ties = Ties.of_equal_ranks(falling) if by_unit else Ties.of_equals(backwards)
    order = (column.desc() if falling else column, *ties.order)
    never_unknown = by_unit or column is Meter.supply
    unknown = [] if never_unknown else [Stretch(column.is_(None), ties.order)]
    known = [Stretch(true() if never_unknown else column.is_not(None), order)]
    if place is None:
        return [*unknown, *known] if backwards else [*known, *unknown]
    further = ties.further(place)
    if place.value is None:
        return [Stretch(and_(column.is_(None), further), ties.order), *(known if backwards else [])]
    from_here = column <= place.value if falling else column >= place.value
    beyond = column < place.value if falling else column > place.value
    rest = Stretch(and_(from_here, or_(beyond, further)), order)
    return [rest, *([] if backwards else unknown)]


@dataclass(frozen=True)
class Ties:
    """Which of two equals comes first."""

    columns: tuple[Any, ...]
    falling: bool

    @classmethod
    def of_equals(cls, falling: bool) -> "Ties":
        return cls((Meter.rank, Meter.id), falling)

    @classmethod
    def of_equal_ranks(cls, falling: bool) -> "Ties":
        """As the index by rank has them, in either direction."""
        return cls((Meter.id,), falling)

    @property
    def order(self) -> tuple[Any, ...]:
        return tuple(column.desc() if self.falling else column for column in self.columns)

    def further(self, place: Place) -> ColumnElement[bool]:
        there = tuple_(*((place.rank, place.id)[-len(self.columns) :]))
        return tuple_(*self.columns) < there if self.falling else tuple_(*self.columns) > there
