"""The list of units as a page shows it: its chips, its headings, its links, its filter in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Self
from urllib.parse import urlencode

from flask import request, url_for
from flask_babel import gettext as _

from webapp.contract.replies import Supply
from webapp.looks import rupees
from webapp.meters import counting
from webapp.meters.list_rules import FACETS, SPANS, YES, Counts, Filter, Totals, span_of
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
        everything = Chip(_("All"), self.totals.all, not self.wanted.is_narrow, self.address.of(Filter()))
        facets = (
            ("supply", "on", _("On")), ("supply", "off", _("Off")), ("supply", "unknown", _("Unknown")),
            *(("balance", band, _of_band(band, self.society) + " ·") for band in FACETS["balance"]),
            ("doubt", YES, _("Doubtful") + " ·"), ("missing", YES, _("Missing") + " ·"),
            ("stale", YES, _("Old readings") + " ·"),
        )  # fmt: skip
        found = ((name, word, self._chip(name, word, text)) for name, word, text in facets)
        return [everything, *(chip for name, word, chip in found if self._is_useful(name, word, chip))]

    def _is_useful(self, name: str, word: str, chip: Chip) -> bool:
        """It would leave something and take something away; spans are asked for on another page."""
        if chip.on or word in (Supply.ON.value, Supply.OFF.value):
            return True
        if word == "fine":
            return any(self.counts.of.get((name, other)) for other in ("low", "none")) and chip.count > 0
        return word not in SPANS and chip.count > 0

    def towers(self) -> list[Chip]:
        """In their order, where there are several and they fit in a row."""
        return [self._chip("tower", tower, tower) for tower in self._towers if not self.has_many_towers]

    @property
    def has_many_towers(self) -> bool:
        return len(self.totals.towers) > self.CHIPS_AT_MOST

    def tower_options(self) -> Iterator[tuple[str, int]]:
        """Where they are many: each with how many it would show. An address for each would cost too much."""
        for tower in self._towers:
            yield tower, self.counts.of.get(("tower", tower), 0)

    @property
    def _towers(self) -> tuple[str, ...]:
        towers = self.totals.towers
        return towers if len(towers) > 1 or self.wanted.tower else ()

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


def _ends(band: str, society: Society) -> tuple[str, str]:
    """Of a band of balances, as money; '' where it has no end."""
    low, high = (
        "" if paise is None else rupees(paise, society.currency)
        for paise in span_of(band, society.low_balance_paise)
    )
    return low, high


def _of_band(band: str, society: Society) -> str:
    """As its chip is called."""
    if band == "none":
        return str(_("No balance"))
    low, high = _ends(band, society)
    if low and high:
        return str(_("%(low)s to below %(high)s", low=low, high=high))
    return str(_("%(low)s and more", low=low) if low else _("Below %(limit)s", limit=high))


def _band_in_words(band: str, society: Society) -> str:
    if band == "none":
        return str(_("no balance known"))
    low, high = _ends(band, society)
    if low and high:
        return str(_("balance from %(low)s to below %(high)s", low=low, high=high))
    return str(_("balance of %(low)s or more", low=low) if low else _("balance below %(limit)s", limit=high))


def in_words(wanted: Filter, society: Society) -> str:
    """The filter as a sentence, for paper."""
    said = {
        ("supply", "on"): _("supply on"),
        ("supply", "off"): _("supply off"),
        ("supply", "unknown"): _("supply unknown"),
        ("balance", wanted.balance): _band_in_words(wanted.balance or "none", society),
        ("doubt", YES): _("doubtful readings"),
        ("missing", YES): _("missing from the server's last reply"),
        ("stale", YES): _("old readings"),
    }
    parts = [text for (name, word), text in said.items() if word and getattr(wanted, name) == word]
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
    order: str = names[sort.removeprefix("-")]
    return str(_("%(order)s, falling", order=order)) if sort.startswith("-") else order
