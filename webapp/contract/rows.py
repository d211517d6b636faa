"""One object of a reply, read field by field: what is not understood is unknown, with a doubt."""

import contextlib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from webapp.contract.envelope import folded
from webapp.contract.replies import Doubt, Supply
from webapp.contract.wording import LONGEST_IDENTIFIER, LONGEST_QUOTE, identifier, sentence
from webapp.quantities import MILLI_PLACES, NotAQuantity, scaled, site_time, spelled

SUPPLY_WORDS: Mapping[str, Supply] = {
    "on": Supply.ON,
    "started": Supply.ON,
    "up": Supply.ON,
    "off": Supply.OFF,
    "stopped": Supply.OFF,
    "down": Supply.OFF,
}


_SECONDS = {f":{second:02}": timedelta(seconds=second) for second in range(60)}


class SiteTimes:
    """The site's local times as aware UTC. What one reply repeats is worked out once.

    By the minute: a zone's offset never changes within one, and ten thousand meters that are read
    at ten thousand different seconds share a few hundred minutes.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._minutes: dict[str, datetime] = {}
        self._others: dict[str, datetime | str | None] = {}

    def read(self, value: object) -> datetime | None:
        """None where blank. Raises NotAQuantity (contract, reading 6)."""
        text = value if isinstance(value, str) else "" if value is None else spelled(value)
        minute, second = self._minutes.get(text[:16]), _SECONDS.get(text[16:])
        if minute is not None and second is not None:
            return minute + second
        if text not in self._others:
            self._others[text] = self._first_seen(text)
        known = self._others[text]
        if isinstance(known, str):
            raise NotAQuantity(known)
        return known

    def _first_seen(self, text: str) -> datetime | str | None:
        try:
            moment = site_time(text, self.zone)
        except NotAQuantity as error:
            return str(error)
        if moment and text[13:14] == ":" and text[16:] in _SECONDS:
            self._minutes[text[:16]] = moment - _SECONDS[text[16:]]
        return moment


class Row:
    """Looks fields up by the company's spelling, then ours, tolerant of case and spaces.

    A method named for a kind of value returns None for what is unknown; where something stands
    there that it cannot understand, a doubt under ``quantity`` is added to ``doubts``.
    """

    def __init__(self, pairs: dict[str, object], spellings: Mapping[str, str], times: SiteTimes) -> None:
        self._pairs = pairs
        self._folded = {folded(key): value for key, value in reversed(pairs.items())}
        self._spellings = spellings
        self._times = times
        self._doubts: list[Doubt] = []

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        return tuple(self._doubts)

    def value(self, field: str) -> object:
        """What the server put there, as it is; None where it is missing."""
        for name in (self._spellings.get(field, field), field):
            if name in self._pairs:
                return self._pairs[name]
            if folded(name) in self._folded:
                return self._folded[folded(name)]
        return None

    def kind(self, field: str) -> str:
        """``number`` or ``time``, whichever the value can be read as; '' for neither, or blank."""
        value = self.value(field)
        for kind, read in (("number", partial(scaled, places=MILLI_PLACES)), ("time", self._times.read)):
            with contextlib.suppress(NotAQuantity):
                if read(value) is not None:
                    return kind
        return ""

    def doubt(self, quantity: str, reason: object) -> None:
        self._doubts.append(Doubt(quantity, sentence(str(reason))))

    def text(self, field: str, longest: int = LONGEST_IDENTIFIER) -> str | None:
        value = self.value(field)
        read = identifier(value, longest)
        if read is None:
            self.doubt(field, f"“{spelled(value)[:LONGEST_QUOTE]}” is not a legible {field}")
        return read or None

    def number(self, field: str, quantity: str, places: int) -> int | None:
        """An integer of 10**-places of the field's unit."""
        try:
            return scaled(self.value(field), places)
        except NotAQuantity as error:
            self.doubt(quantity, error)
            return None

    def time(self, field: str, quantity: str) -> datetime | None:
        """Aware UTC."""
        try:
            return self._times.read(self.value(field))
        except NotAQuantity as error:
            self.doubt(quantity, error)
            return None

    def day(self, field: str) -> date | None:
        """A date as the site's calendar has it, its time of day dropped."""
        moment = self.time(field, field)
        return moment.astimezone(self._times.zone).date() if moment else None

    def supply(self, field: str) -> tuple[Supply | None, str]:
        """The state and the word as the server spelled it (contract, reading 5)."""
        value = self.value(field)
        word = "" if value is None else sentence(spelled(value), LONGEST_QUOTE)
        if not word:
            return None, ""
        state = SUPPLY_WORDS.get(word.casefold(), Supply.UNKNOWN)
        if state is Supply.UNKNOWN:
            self.doubt("supply", f"“{word}” is neither on nor off")
        return state, word
