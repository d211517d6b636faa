"""What a list of meters may be asked for, and how many there are of each kind. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

from webapp.contract.replies import Supply
from webapp.meters.rules import rank_of

COLUMNS = ("unit", "balance", "supply", "grid", "dg", "today", "read")
SORTS = (*COLUMNS, *(f"-{name}" for name in COLUMNS))
YES = "1"
Span = tuple[int | None, int | None]  # paise: from there, to below there; None: no end
# How the usage page tells balances apart, beside those below zero; a word is its rupees.
SPANS: Mapping[str, Span] = {
    "0-200": (0, 200_00),
    "200-500": (200_00, 500_00),
    "500-1000": (500_00, 1_000_00),
    "1000-": (1_000_00, None),
}
# What a list can be narrowed by, each with the words it knows; a tower is called what it is called.
FACETS: Mapping[str, tuple[str, ...]] = {
    "supply": tuple(state.value for state in Supply),
    "balance": ("below0", "low", "fine", "none", *SPANS),
    "doubt": (YES,),
    "missing": (YES,),
    "stale": (YES,),
    "tower": (),
}


def span_of(band: str, low_paise: int) -> Span:
    """The balances of a band, ``low_paise`` being the society's limit; not of "none", where none is known.

    Every meter is in exactly one of low, fine and none, and in one of below0, SPANS and none.
    """
    return {"below0": (None, 0), "low": (None, low_paise), "fine": (low_paise, None), **SPANS}[band]


@dataclass(frozen=True)
class Filter:
    """What is shown and in which order; words that are not known are taken as not said."""

    q: str = ""
    supply: str = ""
    balance: str = ""
    doubt: str = ""
    missing: str = ""
    stale: str = ""
    tower: str = ""
    sort: str = "unit"

    @property
    def is_narrow(self) -> bool:
        """Not everything is wanted."""
        return replace(self, sort="unit") != Filter()

    @classmethod
    def of(cls, args: Any) -> "Filter":
        """From an address."""
        said = {name: args.get(name, "") for name, known in FACETS.items() if args.get(name) in known}
        sort = args.get("sort", "")
        return cls(
            **said,
            q=args.get("q", "").strip()[:64],
            tower=args.get("tower", "").strip()[:64],
            sort=sort if sort in SORTS else "unit",
        )

    def words(self, **changed: str) -> dict[str, str]:
        """For an address, without what says nothing."""
        said = {name: getattr(self, name) for name in NAMES}
        said |= {"sort": "" if self.sort == "unit" else self.sort} | changed
        return {name: value for name, value in said.items() if value}


NAMES = tuple(field.name for field in fields(Filter))  # a page makes an address for each chip


@dataclass(frozen=True)
class Kind:
    """Meters that are alike in all that a list is narrowed by: how many, and their sums.

    ``band``: below0, low (of the rest), none (no balance is known), or fine. ``span``: one of SPANS, or
    '' where the balance is below zero or not known.
    """

    supply: str
    band: str
    doubt: bool
    missing: bool
    stale: bool
    tower: str
    count: int
    balance_paise: int
    used_wh: int | None
    span: str = ""

    @cached_property
    def said(self) -> dict[str, tuple[str, ...]]:
        """The words of each facet that hold for them."""
        bands = ("below0", "low") if self.band == "below0" else (self.band, self.span)
        flags = {name: (YES,) * bool(getattr(self, name)) for name in ("doubt", "missing", "stale")}
        return {"supply": (self.supply,), "balance": bands, **flags, "tower": (self.tower,)}

    def fails(self, wanted: Filter) -> list[str]:
        """The facets by which the filter leaves them out."""
        said = self.said
        return [name for name in FACETS if (word := getattr(wanted, name)) and word not in said[name]]


@dataclass(frozen=True)
class Counts:
    """Of what is shown: how many, their balances, and what they used today (None: not known).

    ``of``: for each facet and word, how many would be shown with it, the other facets as they are.
    """

    count: int
    balance_paise: int
    used_wh: int | None
    of: Mapping[tuple[str, str], int]


def counted(kinds: Iterable[Kind], wanted: Filter) -> Counts:
    count, paise, used, of = 0, 0, None, Counter[tuple[str, str]]()
    for kind in kinds:
        failed = kind.fails(wanted)
        if len(failed) > 1:
            continue
        for name in failed or FACETS:
            for word in kind.said[name]:
                of[name, word] += kind.count
        if not failed:
            count, paise = count + kind.count, paise + kind.balance_paise
            used = used if kind.used_wh is None else (used or 0) + kind.used_wh
    return Counts(count, paise, used, of)


@dataclass(frozen=True)
class Totals:
    """Of the whole society."""

    all: int
    below0_on: int
    balance_paise: int
    towers: tuple[str, ...]  # as people count


def totalled(kinds: Collection[Kind]) -> Totals:
    everything = counted(kinds, Filter())
    in_debt = counted(kinds, Filter(balance="below0", supply=Supply.ON.value))
    towers = sorted({kind.tower for kind in kinds if kind.tower}, key=rank_of)
    return Totals(everything.count, in_debt.count, everything.balance_paise, tuple(towers))
