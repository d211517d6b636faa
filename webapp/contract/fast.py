"""Operation 1 by the fast road: a well-formed reply straight into typed rows.

A poll of ten thousand meters comes through here every few minutes, so the loop is written for
speed: no exception and no call of ours where the common spelling will do.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from webapp.contract.envelope import SUCCESS
from webapp.contract.reading import deviations, reading_of
from webapp.contract.replies import LatestReadings, Reading
from webapp.contract.rows import SUPPLY_WORDS, Row, SiteTimes
from webapp.contract.wording import LONGEST_IDENTIFIER, joined
from webapp.quantities import MILLI_PLACES, PAISE_PLACES, NotAQuantity, scaled

_BOM = b"\xef\xbb\xbf"
_TEXT = str | int | None
_NUMBER = str | int | float | None
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
_SUPPLIES = {
    spelling: supply
    for word, supply in SUPPLY_WORDS.items()
    for spelling in (word, word.title(), word.upper())
}


def read_fast(body: bytes, spellings: Mapping[str, str], times: SiteTimes) -> LatestReadings | None:
    """The reply; None where it is not a well-formed success and the careful road must look at it."""
    try:
        reply = _decoder(tuple(spellings.items())).decode(body.removeprefix(_BOM))
    except (ValueError, RecursionError):
        return None
    if reply.status.strip().casefold() != SUCCESS:
        return None
    rows = list(_readings(reply.data, times))
    legible = [row for row in rows if row is not None]
    said = deviations(reply.count, len(rows), len(rows) - len(legible))
    words = joined((reply.message, reply.Remarks, reply.remarks))
    return LatestReadings(rows=legible, words=words, deviations=said)


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
    return msgspec.json.Decoder(reply)


def _readings(rows: Iterable[Any], times: SiteTimes) -> Iterator[Reading | None]:
    for row in rows:
        meter_no, unit_no, word = row.meter_no, row.unit_no, row.status
        try:
            if not _are_plain(meter_no, unit_no):
                raise NotAQuantity
            yield Reading(
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
            yield reading_of(Row({name: getattr(row, name) for name in _ROW}, {}, times))


def _are_plain(meter_no: object, unit_no: object) -> bool:
    """Whether both can stand as they are; not blank, so that neither begins or ends with a space."""
    return (
        isinstance(meter_no, str)
        and isinstance(unit_no, str)
        and (meter_no + unit_no).isprintable()
        and meter_no.strip() == meter_no != ""
        and unit_no.strip() == unit_no != ""
        and len(meter_no) <= LONGEST_IDENTIFIER >= len(unit_no)
    )
