"""Paise, watt-hours, watts, millilitres and times: exact parsing and scaling, nothing else.

Quantities are integers in the smallest unit; ``Decimal`` only at the edges, never ``float``.
"""

import contextlib
import re
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from unicodedata import decimal
from zoneinfo import ZoneInfo

from webapp.sentences import N_, Sentence

PAISE_PLACES = 2  # ₹ → paise
MILLI_PLACES = 3  # kWh → Wh, kW → W, litre → ml
LARGEST = 10**15  # beyond this no meter, purse or tank: a garbled number, and it must fit 64 bits

# Groups end in three digits, in India as in the west: “412,50” is a decimal comma, not 41,250; and so
# is “0,500”, for no group of thousands begins with a nought.
_GROUPED = re.compile(
    r"[+-]?(?:(?:(?!0)\d{1,2}(?:,\d{2})*,\d{3}|(?!0)\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)", re.ASCII
)
# Some servers print their floats, and a register of 12345678.9 as 1.23456789E7.
_EXPONENT = re.compile(r"[eE][+-]?\d{1,9}$", re.ASCII)
_USUAL_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d.*", re.ASCII)
_TIMES = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%d-%m-%Y %H:%M:%S",
    "%d-%m-%Y %H:%M",
    "%Y-%m-%d",
    "%d-%m-%Y",
    "%Y-%m-%d %I:%M:%S %p",
    "%Y-%m-%d %I:%M %p",
    "%d-%m-%Y %I:%M:%S %p",
    "%d-%m-%Y %I:%M %p",
)


NOT_A_NUMBER = Sentence("That is not a number.")


class NotAQuantity(ValueError):  # noqa: N818
    """The text is not the number or time it should be; ``said`` says so in words."""

    def __init__(self, said: Sentence = NOT_A_NUMBER) -> None:
        super().__init__(said)
        self.said = said


_NO_NUMBER = N_("“%(text)s” is not a number")


def scaled(value: object, places: int) -> int | None:
    """A server's number as an integer of 10**-places; None where unknown (contract, reading 3).

    Takes what servers send: strings with or without thousands separators, ints, Decimals and
    floats. Blank and null are unknown, never zero. More decimals than ``places`` are rounded
    half-even. Raises NotAQuantity for anything else, infinities and absurd sizes included.
    """
    if isinstance(value, str):
        # The common spelling, ten times as fast as Decimal: a poll reads 30,000 of these.
        whole, _, fraction = value.partition(".")
        digits = whole + fraction
        if (digits.isdecimal() or (whole[:1] == "-" and digits[1:].isdecimal())) and (
            len(whole) < 12 and len(fraction) <= places
        ):
            return int(digits + "0" * (places - len(fraction)))
    text = "" if value is None else spelled(value).strip()
    return _scaled_carefully(text, value, places) if text else None


def spelled(value: object) -> str:
    """The value as the server spelled it, for reading and for quoting; never raises.

    ``str`` of an integer beyond 4,300 digits raises, and of a nested object has no end.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return "{…}" if isinstance(value, dict) else "[…]"
    try:
        return str(value)
    except ValueError:
        return "an endless number"


def _scaled_carefully(text: str, value: object, places: int) -> int:
    if not isinstance(value, int | float | Decimal) or isinstance(value, bool):
        if not _GROUPED.fullmatch(_EXPONENT.sub("", _in_ascii(text))):
            raise NotAQuantity(Sentence(_NO_NUMBER, text=text[:40]))
        text = text.replace(",", "")
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise NotAQuantity(Sentence(_NO_NUMBER, text=text[:40])) from error
    if not number.is_finite() or number.adjusted() > 15 or abs(number) >= LARGEST // 10**places:
        raise NotAQuantity(Sentence("“%(text)s” is no possible quantity", text=text[:40]))
    # In one step: a scaling before it would round too, and “0.01499…9” become two paise.
    return int(number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN).scaleb(places))


def _in_ascii(text: str) -> str:
    """Digits of any script, such as Devanagari, are digits; other signs stay as they are."""
    return "".join(str(decimal(sign, sign)) for sign in text) if not text.isascii() else text


def typed_by_a_person(text: str, places: int) -> int:
    """What a person typed as money or load, exactly: no rounding, so too many decimals are refused.

    Accepts digits of any script, a leading ₹, spaces and Indian or western grouping. Raises NotAQuantity.
    """
    bare = _in_ascii(text.strip().removeprefix("₹").strip())
    if not _GROUPED.fullmatch(bare):
        raise NotAQuantity
    if len(bare.partition(".")[2]) > places:
        raise NotAQuantity(Sentence("At most %(n)s decimals.", n=places))
    return _scaled_carefully(bare, bare, places)


def decimal_of(value: int, places: int) -> Decimal:
    """The integer back as a Decimal of the larger unit: 41250 paise → Decimal("412.50")."""
    return Decimal(value).scaleb(-places)


def plain(value: int | None, places: int) -> str:
    """For CSV and for the wire: ``412.50``; unknown is blank."""
    return "" if value is None else f"{decimal_of(value, places):.{places}f}"


def site_time(text: object, zone: ZoneInfo) -> datetime | None:
    """A server's local time as aware UTC; None where blank or null (contract, reading 6).

    Takes the stray space after the year that the document itself shows, a ``T``, ``DD-MM-YYYY``
    and AM or PM. A time that names its own offset is that moment, whatever ``zone`` says. An hour
    that the site's clock shows twice is the earlier one: a value is rather older than newer.
    Raises NotAQuantity for anything else, an hour that the clock leaps over included.
    """
    moment = _written(text)
    if moment is None:
        return None
    try:
        utc = (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
        if moment.tzinfo or utc.astimezone(zone).replace(tzinfo=None) == moment:
            return utc
    except (ValueError, OverflowError):
        pass  # a year whose start lies before the calendar's
    raise _no_time(text)


def site_day(text: object, zone: ZoneInfo) -> date | None:
    """The day of a server's time in the site's calendar, as ``site_time`` reads it."""
    moment = _written(text)
    if moment is None or moment.tzinfo is None:
        return moment and moment.date()
    return moment.astimezone(zone).date()


def _written(text: object) -> datetime | None:
    """What the text says, aware only where it names its offset. Raises NotAQuantity."""
    bare = "" if text is None else " ".join(spelled(text).replace("T", " ", 1).split())
    if not bare:
        return None
    bare = re.sub(r"-\s+|\s+-", "-", bare)
    moment = _usual_time(bare) or _other_time(bare)
    if moment is None:
        raise _no_time(text)
    return moment


def _no_time(text: object) -> NotAQuantity:
    return NotAQuantity(Sentence("“%(text)s” is not a time", text=spelled(text)[:40]))


def _usual_time(bare: str) -> datetime | None:
    # A poll reads one for each meter, and strptime takes eight times as long.
    if _USUAL_TIME.fullmatch(bare):
        with contextlib.suppress(ValueError):
            return datetime.fromisoformat(bare.replace(" +", "+"))
    return None


def _other_time(bare: str) -> datetime | None:
    for spelling in _TIMES:
        with contextlib.suppress(ValueError):
            return datetime.strptime(bare, spelling)  # noqa: DTZ007 - the caller knows the zone
    return None


def site_text(moment: datetime, zone: ZoneInfo) -> str:
    """The contract's own spelling of a moment: ``YYYY-MM-DD HH:mm:ss``, local to the site."""
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
