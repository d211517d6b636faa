"""One object of a reply, read field by field: what is not understood is unknown, with a doubt."""

import contextlib
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from webapp.contract.deviations import doubted, missing, other_key, other_time, quoted, with_unit
from webapp.contract.envelope import folded, without_spelling
from webapp.contract.replies import Doubt, Supply
from webapp.contract.units import Unit, unmarked
from webapp.contract.wording import LONGEST_IDENTIFIER, LONGEST_QUOTE, identifier, legible, sentence
from webapp.quantities import MILLI_PLACES, PAISE_PLACES, NotAQuantity, scaled, site_day, site_time, spelled
from webapp.sentences import Sentence

SUPPLY_WORDS: Mapping[str, Supply] = {
    "on": Supply.ON,
    "started": Supply.ON,
    "up": Supply.ON,
    "off": Supply.OFF,
    "stopped": Supply.OFF,
    "down": Supply.OFF,
}

# A postpaid meter has no balance, and not every company has a token or remarks.
OPTIONAL_FIELDS = frozenset(("balance", "token", "remarks"))
NAMES = frozenset(("unit_no", "meter_no", "dg_no"))
LARGEST_REGISTER = 10**12  # Wh
# With the stray space that the document itself shows.
_USUAL_TIME = re.compile(r"\d{4}- ?\d\d-\d\d \d\d:\d\d:\d\d|", re.ASCII)
_SECONDS = {f":{second:02}": timedelta(seconds=second) for second in range(60)}


class SiteTimes:
    """The site's local times as aware UTC. What one reply repeats is worked out once.

    By the minute: a zone's offset never changes within one, and ten thousand meters that are read
    at ten thousand different seconds share a few hundred minutes.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._minutes: dict[str, datetime] = {}
        self._others: dict[str, datetime | Sentence | None] = {}
        self._unusual: set[str] = set()

    def read(self, value: object) -> datetime | None:
        """None where blank. Raises NotAQuantity (contract, reading 6)."""
        text = value if isinstance(value, str) else "" if value is None else spelled(value)
        minute, second = self._minutes.get(text[:16]), _SECONDS.get(text[16:])
        if minute is not None and second is not None:
            return minute + second
        if text not in self._others:
            self._others[text] = self._first_seen(text)
        known = self._others[text]
        if isinstance(known, Sentence):
            raise NotAQuantity(known)
        return known

    def unusual(self, stamps: Iterable[object]) -> list[str]:
        """Those of the times read so far that are not written as the contract writes them."""
        if not self._unusual:
            return []
        return [text for text in map(spelled, stamps) if not self._unusual.isdisjoint((text, text[:17]))]

    def _first_seen(self, text: str) -> datetime | Sentence | None:
        try:
            moment = site_time(text, self.zone)
        except NotAQuantity as error:
            return error.said
        is_usual = _USUAL_TIME.fullmatch(text) is not None
        if moment and text[13:14] == ":" and text[16:] in _SECONDS:
            self._minutes[text[:16]] = moment - _SECONDS[text[16:]]
            if not is_usual:
                self._unusual.add(text[:17])
        elif moment and not is_usual:
            self._unusual.add(text)
        return moment


class Row:
    """Looks fields up by the company's spelling, tolerant of case, spaces and underscores.

    A method named for a kind of value returns None for what is unknown; where something stands
    there that it cannot understand, a doubt under ``quantity`` is added to ``doubts``. What is
    understood but not the contract's is in ``deviations``, kind → example.
    """

    def __init__(self, pairs: dict[str, object], spellings: Mapping[str, str], times: SiteTimes) -> None:
        self._pairs = pairs
        self._folded = without_spelling(pairs)
        self._spellings = spellings
        self._times = times
        self._doubts: list[Doubt] = []
        self.deviations: dict[str, str] = {}

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        return tuple(self._doubts)

    def value(self, field: str) -> object:
        """What the server put there, as it is; None where it is missing."""
        for name in self._names(field):
            if name in self._pairs:
                return self._pairs[name]
            if folded(name) in self._folded:
                self.deviates(other_key(field))
                return self._folded[folded(name)]
        if field not in OPTIONAL_FIELDS:
            self.deviates(missing(field))
        return None

    def _names(self, field: str) -> tuple[str, ...]:
        """The company's, and ours only for whom a row is about: it may call another quantity so."""
        theirs = self._spellings.get(field, field)
        return (theirs, field) if field in NAMES and field not in self._spellings.values() else (theirs,)

    def kind(self, field: str) -> str:
        """``number`` or ``time``, whichever the value can be read as; '' for neither, or blank."""
        value = self.value(field)
        for kind, read in (("number", _register), ("time", self._times.read)):
            with contextlib.suppress(NotAQuantity):
                if read(value) is not None:
                    return kind
        return ""

    def deviates(self, kind: str, example: object = None) -> None:
        self.deviations.setdefault(kind, "" if example is None else quoted(example))

    def doubt(self, quantity: str, reason: Sentence) -> None:
        self._doubts.append(Doubt(quantity, legible(reason)))
        self.deviations.setdefault(doubted(quantity), self._doubts[-1].reason)

    def text(self, field: str, longest: int = LONGEST_IDENTIFIER) -> str | None:
        value = self.value(field)
        read = identifier(value, longest)
        if read is None:
            text = spelled(value)[:LONGEST_QUOTE]
            self.doubt(field, Sentence("“%(text)s” is not a legible %(field)s", text=text, field=field))
        return read or None

    def number(self, field: str, quantity: str, places: int, unit: Unit) -> int | None:
        """An integer of 10**-places of the field's unit."""
        value = self.value(field)
        try:
            return scaled(value, places)
        except NotAQuantity as error:
            bare = unmarked(value, unit)
            if bare is not None:
                with contextlib.suppress(NotAQuantity):
                    number = scaled(bare, places)
                    self.deviates(with_unit(field), value)
                    return number
            self.doubt(quantity, error.said)
            return None

    def rupees(self, field: str, quantity: str) -> int | None:
        """In paise."""
        return self.number(field, quantity, PAISE_PLACES, "rupees")

    def energy(self, field: str, quantity: str) -> int | None:
        """In Wh."""
        return self.number(field, quantity, MILLI_PLACES, "kWh")

    def time(self, field: str, quantity: str) -> datetime | None:
        """Aware UTC."""
        value = self.value(field)
        try:
            moment = self._times.read(value)
        except NotAQuantity as error:
            self.doubt(quantity, error.said)
            return None
        if self._times.unusual((value,)):
            self.deviates(other_time(field), value)
        return moment

    def day(self, field: str) -> date | None:
        """A date as the site's calendar has it, its time of day dropped."""
        try:
            return site_day(self.value(field), self._times.zone)
        except NotAQuantity as error:
            self.doubt(field, error.said)
            return None

    def supply(self, field: str) -> tuple[Supply | None, str]:
        """The state and the word as the server spelled it (contract, reading 5)."""
        value = self.value(field)
        word = "" if value is None else sentence(spelled(value), LONGEST_QUOTE)
        if not word:
            return None, ""
        state = SUPPLY_WORDS.get(word.casefold(), Supply.UNKNOWN)
        if state is Supply.UNKNOWN:
            self.doubt("supply", Sentence("“%(word)s” is neither on nor off", word=word))
        return state, word


def _register(value: object) -> int | None:
    """In Wh; None for what counts seconds since 1970 sooner than a generator's energy."""
    register = scaled(unmarked(value, "kWh") or value, MILLI_PLACES)
    return register if register is not None and abs(register) < LARGEST_REGISTER else None
