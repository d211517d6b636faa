"""The list of units as a page shows it: its chips, its headings, its links, its filter in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Self
from urllib.parse import urlencode

from flask import request, url_for
from flask_babel import gettext as _

from webapp.looks import rupees
from webapp.meters import counting
from webapp.meters.list_rules import YES, Counts, Filter, Totals
from webapp.meters.listing import Listing, Page
from webapp.people.gate import Visit
from webapp.societies.models import Society

BUTTONS = (("recharge", "recharge"), ("cut", "stop_meter"), ("restore", "start_meter"))


@dataclass(frozen=True)
class Chip:
    """A filter to switch on or off. ``count``: how many it would show, beside the other filters."""

    text: str
    count: int
    on: bool
    href: str


@dataclass(frozen=True)
class Heading:
    """A column to sort by; ``sorted`` is ascending, descending, or nothing."""

    text: str
    css: str
    sorted: str
    href: str


@dataclass(frozen=True)
class Listed:
    """Everything that the list's template shows."""

    CHIPS_AT_MOST: ClassVar = 10  # towers; more are a list to choose from

    wanted: Filter
    page: Page
    counts: Counts
    totals: Totals
    address: "Address"
    offers: dict[int, frozenset[str]]
    society: Society

    def chips(self) -> list[Chip]:
        society = self.society
        low = rupees(society.low_balance_paise, society.currency)
        everything = Chip(_("All"), self.totals.all, not self.wanted.is_narrow, self.address.of(Filter()))
        facets = (
            ("supply", "on", _("On"), True), ("supply", "off", _("Off"), True),
            ("supply", "unknown", _("Unknown"), False),
            ("balance", "below0", _("Below %(limit)s", limit=rupees(0, society.currency)) + " ·", False),
            ("balance", "low", _("Below %(limit)s", limit=low) + " ·", False),
            ("balance", "none", _("No balance") + " ·", False), ("doubt", YES, _("Doubtful") + " ·", False),
            ("missing", YES, _("Missing") + " ·", False), ("stale", YES, _("Old readings") + " ·", False),
        )  # fmt: skip
        found = [(self._chip(name, word, text), always) for name, word, text, always in facets]
        return [everything, *(chip for chip, always in found if always or chip.count or chip.on)]

    def towers(self) -> list[Chip]:
        """In their order, where there are several."""
        towers = self.totals.towers
        named = [self._chip("tower", tower, tower) for tower in towers]
        return named if len(towers) > 1 or self.wanted.tower else []

    def _chip(self, name: str, word: str, text: str) -> Chip:
        on = getattr(self.wanted, name) == word
        href = self.address.with_(self.wanted, **{name: "" if on else word})
        return Chip(text, self.counts.of.get((name, word), 0), on, href)

    def headings(self) -> Iterator[Heading]:
        columns = (
            ("unit", _("Unit"), ""), ("balance", _("Balance"), "end"), ("supply", _("Supply"), ""),
            ("grid", _("Grid kWh"), "end wide"), ("dg", _("DG kWh"), "end wide"),
            ("today", _("Today kWh"), "end wide"), ("read", _("Read"), "read"),
        )  # fmt: skip
        for name, text, css in columns:
            now = {name: "ascending", f"-{name}": "descending"}.get(self.wanted.sort, "")
            turned = f"-{name}" if self.wanted.sort == name else name
            href = self.address.with_(self.wanted, sort="" if turned == "unit" else turned)
            yield Heading(text, css, now, href)


@dataclass(frozen=True)
class Address:
    """The list's address, made once and not for each link."""

    path: str

    @classmethod
    def of_list(cls, visit: Visit) -> Self:
        return cls(url_for("desk.units", society=visit.society.slug))

    def of(self, wanted: Filter) -> str:
        return self.with_(wanted)

    def with_(self, wanted: Filter, **changed: str) -> str:
        words = wanted.words(**changed)
        return f"{self.path}?{urlencode(words)}" if words else self.path


def listed(visit: Visit) -> Listed:
    """As the address wants it."""
    society, wanted = visit.society, Filter.of(request.args)
    page = Listing(society, wanted, visit.now).page(request.args.get("after"), request.args.get("before"))
    return Listed(
        wanted,
        page,
        counting.counts(society, wanted, visit.now),
        counting.known(society, visit.now).totals,
        Address.of_list(visit),
        {server.id: _offered(server.profile.offers) for server in society.meter_servers},
        society,
    )


def _offered(offers: Any) -> frozenset[str]:
    return frozenset(kind for kind, operation in BUTTONS if offers(operation))


def in_words(wanted: Filter, society: Society) -> str:
    """The filter and the order as a sentence, for paper."""
    low = rupees(society.low_balance_paise, society.currency)
    said = {
        ("supply", "on"): _("supply on"),
        ("supply", "off"): _("supply off"),
        ("supply", "unknown"): _("supply unknown"),
        ("balance", "below0"): _("balance below %(limit)s", limit=rupees(0, society.currency)),
        ("balance", "low"): _("balance below %(limit)s", limit=low),
        ("balance", "none"): _("no balance known"),
        ("doubt", YES): _("doubtful readings"),
        ("missing", YES): _("missing from the server's last reply"),
        ("stale", YES): _("old readings"),
    }
    parts = [text for (name, word), text in said.items() if getattr(wanted, name) == word]
    if wanted.tower:
        parts.insert(0, _("tower %(tower)s", tower=wanted.tower))
    if wanted.q:
        parts.append(_("matching “%(q)s”", q=wanted.q))
    return ", ".join(parts) or _("all units")


def order_in_words(sort: str) -> str:
    names = {
        "unit": _("by unit"), "balance": _("by balance"), "supply": _("by supply"), "grid": _("by grid kWh"),
        "dg": _("by DG kWh"), "today": _("by today's kWh"), "read": _("by time of reading"),
    }  # fmt: skip
    falling = f", {_('falling')}" if sort.startswith("-") else ""
    return f"{names[sort.removeprefix('-')]}{falling}"
