"""Operation 1 by the fast road: a well-formed reply straight into typed rows.

A poll of ten thousand meters comes through here every few minutes, so the loop is written for
speed: column by column, with no call of ours for a value where the common spelling will do.
"""

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from webapp.contract.deviations import Deviations, other_time, quoted
from webapp.contract.envelope import SUCCESS
from webapp.contract.reading import losses, reading_of
from webapp.contract.replies import LatestReadings, Reading
from webapp.contract.rows import SUPPLY_WORDS, Row, SiteTimes
from webapp.contract.wording import LONGEST_IDENTIFIER, joined
from webapp.quantities import MILLI_PLACES, PAISE_PLACES, NotAQuantity, scaled

_TEXT = str | int | None
# Of any kind, because then ``float_hook`` gives a number's own digits, as no float would.
_NUMBER = Any
# None has a default: a field that seems missing may only be spelled in another case.
_ROW: Mapping[str, Any] = {
    "unit_no": _TEXT,
    "meter_no": str | int,
    "dg": _NUMBER,
    "grid": _NUMBER,
    "date_time": str | None,
    "balance": _NUMBER,
    "status": str | None,
}
_AROUND = ("status", "message", "count", "data")
_COLUMNS = {n: re.compile(rf"(?:-?\d{{1,11}}\.\d{{{n}}} )*", re.ASCII) for n in (1, 2, 3)}
_SUPPLIES = {
    spelling: supply
    for word, supply in SUPPLY_WORDS.items()
    for spelling in (word, word.title(), word.upper())
}


def read_fast(
    body: bytes, spellings: Mapping[str, str], times: SiteTimes, noted: Deviations | None = None
) -> LatestReadings | None:
    """The reply; None where it is not a well-formed success and the careful road must look at it."""
    try:
        reply = _decoder(tuple(spellings.items())).decode(body.removeprefix(codecs.BOM_UTF8))
    except (ValueError, RecursionError):
        return None
    if reply.status.strip().casefold() != SUCCESS or _says_twice(body, spellings, reply.data):
        return None
    noted = noted or Deviations()
    rows = _readings(reply.data, times, noted)
    _note_times(reply.data, times, noted)
    legible = [row for row in rows if row is not None]
    noted.losses = losses(reply.count, len(rows), len(rows) - len(legible))
    words = joined((reply.message, reply.Remarks, reply.remarks))
    return LatestReadings(legible, words, noted.losses, noted.sentences(len(rows)))


def _says_twice(body: bytes, spellings: Mapping[str, str], rows: list[Any]) -> bool:
    """Whether an object may give a key twice, of which the decoder would take the last."""
    if body.count(b":") <= len(rows) * len(_ROW) + len(_AROUND) + _colons_in_times(rows):
        return False  # one for each key that there must be, and none besides
    within = {spellings.get(name, name) for name in _ROW}
    return any(
        body.count(f'"{key}"'.encode()) > len(rows) * (key in within) + (key in _AROUND)
        for key in within.union(_AROUND)
    )


def _colons_in_times(rows: list[Any]) -> int:
    return "".join([row.date_time for row in rows if row.date_time]).count(":")


def _note_times(rows: list[Any], times: SiteTimes, noted: Deviations) -> None:
    unusual = times.unusual(row.date_time for row in rows)
    if unusual:
        noted.note(other_time("date_time"), quoted(unusual[0]), len(unusual))


@lru_cache(maxsize=64)
def _decoder(spellings: tuple[tuple[str, str], ...]) -> msgspec.json.Decoder[Any]:
    """Raises ValueError where two fields are spelled alike."""
    row = msgspec.defstruct("Row", list(_ROW.items()), rename=dict(spellings), gc=False)
    reply = msgspec.defstruct(
        "Reply",
        [
            ("status", str),
            ("message", str | None),
            ("count", str | int | None),
            ("data", list[row]),  # type: ignore[valid-type]
            ("Remarks", str | None, None),
            ("remarks", str | None, None),
        ],
    )
    return msgspec.json.Decoder(reply, float_hook=str)


def _readings(rows: list[Any], times: SiteTimes, noted: Deviations) -> list[Reading | None]:
    """All rows at once where every one is spelled as most are; else row by row."""
    if not rows:
        return []
    try:
        return list(map(Reading, *_columns(rows, times)))
    except (_Uncommon, NotAQuantity, TypeError, KeyError):
        return [_reading(row, times, noted) for row in rows]


class _Uncommon(Exception):  # noqa: N818
    """A column holds what only a look at each value can read."""


def _columns(rows: list[Any], times: SiteTimes) -> Iterator[Iterable[Any]]:
    """The arguments of Reading, each for all rows. Raises where one row is odd."""
    yield _plain_texts([row.meter_no for row in rows])
    yield _plain_texts([row.unit_no for row in rows])
    yield _numbers([row.grid for row in rows], MILLI_PLACES)
    yield _numbers([row.dg for row in rows], MILLI_PLACES)
    yield _numbers([row.balance for row in rows], PAISE_PLACES)
    stamps, words = [row.date_time for row in rows], [row.status for row in rows]
    yield map({stamp: times.read(stamp) for stamp in set(stamps)}.__getitem__, stamps)
    yield map(_SUPPLIES.__getitem__, words)
    yield words


def _plain_texts(texts: list[str]) -> list[str]:
    """Identifiers that can all stand as they are."""
    if list(map(str.strip, texts)) != texts or not all(texts) or not _is_legible("".join(texts)):
        raise _Uncommon
    if len(max(texts, key=len)) > LONGEST_IDENTIFIER:
        raise _Uncommon
    return texts


def _numbers(values: list[Any], places: int) -> list[int | None]:
    """A column at once where all of it is text with as many decimals: a third of ``scaled``'s time."""
    decimals = len(str(values[0]).partition(".")[2])
    if decimals in _COLUMNS and decimals <= places and set(map(type, values)) == {str}:
        text = " ".join(values) + " "
        if _COLUMNS[decimals].fullmatch(text):
            padded = text.replace(".", "").replace(" ", "0" * (places - decimals) + " ").split()
            if len(padded) == len(values):  # no value had a space within
                return list(map(int, padded))
    return [scaled(value, places) for value in values]


def _reading(row: Any, times: SiteTimes, noted: Deviations) -> Reading | None:
    meter_no, unit_no, word = row.meter_no, row.unit_no, row.status
    try:
        if not _are_plain(meter_no, unit_no):
            raise NotAQuantity
        return Reading(
            meter_no,
            unit_no,
            scaled(row.grid, MILLI_PLACES),
            scaled(row.dg, MILLI_PLACES),
            scaled(row.balance, PAISE_PLACES),
            times.read(row.date_time),
            _SUPPLIES[word],
            word,
        )
    except (NotAQuantity, KeyError):
        # Only this row is odd: the careful road says what is wrong with it.
        return reading_of(Row({name: getattr(row, name) for name in _ROW}, {}, times), noted)


def _are_plain(meter_no: object, unit_no: object) -> bool:
    """Whether both can stand as they are; not blank, so that neither begins or ends with a space."""
    return (
        isinstance(meter_no, str)
        and isinstance(unit_no, str)
        and _is_legible(meter_no + unit_no)
        and meter_no.strip() == meter_no != ""
        and unit_no.strip() == unit_no != ""
        and len(meter_no) <= LONGEST_IDENTIFIER >= len(unit_no)
    )


def _is_legible(text: str) -> bool:
    return text.isprintable() and "\ufffd" not in text
