"""Paise, watt-hours, watts, millilitres and times: exact parsing and scaling, nothing else.

Quantities are integers in the smallest unit; ``Decimal`` only at the edges, never ``float``.
"""

import contextlib
import re
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from zoneinfo import ZoneInfo

PAISE_PLACES = 2  # ₹ → paise
MILLI_PLACES = 3  # kWh → Wh, kW → W, litre → ml
LARGEST = 10**15  # beyond this no meter, purse or tank: a garbled number, and it must fit 64 bits

# Groups end in three digits, in India as in the west: “412,50” is a decimal comma, not 41,250.
_GROUPED = re.compile(
    r"[+-]?(?:(?:\d{1,2}(?:,\d{2})*,\d{3}|\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)", re.ASCII
)
# Some servers print their floats, and a register of 12345678.9 as 1.23456789E7.
_EXPONENT = re.compile(r"[eE][+-]?\d{1,2}$", re.ASCII)
_USUAL_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d.*", re.ASCII)
_TIMES = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%d-%m-%Y %H:%M:%S",
    "%d-%m-%Y %H:%M",
    "%Y-%m-%d",
    "%d-%m-%Y",
)


class NotAQuantity(ValueError):  # noqa: N818
    """The text is not the number or time it should be; ``str()`` says so in words."""


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
        if not _GROUPED.fullmatch(_EXPONENT.sub("", text)):
            raise NotAQuantity(f"“{text[:40]}” is not a number")
        text = text.replace(",", "")
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise NotAQuantity(f"“{text[:40]}” is not a number") from error
    if not number.is_finite() or number.adjusted() > 15 or abs(number) >= LARGEST // 10**places:
        raise NotAQuantity(f"“{text[:40]}” is no possible quantity")
    return int(number.scaleb(places).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def typed_by_a_person(text: str, places: int) -> int:
    """What a person typed as money or load, exactly: no rounding, so too many decimals are refused.

    Accepts a leading ₹, spaces and Indian or western grouping. Raises NotAQuantity.
    """
    bare = text.strip().removeprefix("₹").strip()
    if not _GROUPED.fullmatch(bare):
        raise NotAQuantity("That is not a number.")
    if len(bare.partition(".")[2]) > places:
        raise NotAQuantity(f"At most {places} decimals.")
    return _scaled_carefully(bare, bare, places)


def decimal_of(value: int, places: int) -> Decimal:
    """The integer back as a Decimal of the larger unit: 41250 paise → Decimal("412.50")."""
    return Decimal(value).scaleb(-places)


def plain(value: int | None, places: int) -> str:
    """For CSV and for the wire: ``412.50``; unknown is blank."""
    return "" if value is None else f"{decimal_of(value, places):.{places}f}"


def site_time(text: object, zone: ZoneInfo) -> datetime | None:
    """A server's local time as aware UTC; None where blank or null (contract, reading 6).

    Takes the stray space after the year that the document itself shows, a ``T``, and
    ``DD-MM-YYYY``. A time that names its own offset is that moment, whatever ``zone`` says.
    Raises NotAQuantity for anything else.
    """
    if text is None:
        return None
    bare = " ".join(spelled(text).replace("T", " ", 1).split())
    bare = re.sub(r"-\s+|\s+-", "-", bare)
    if not bare:
        return None
    try:
        moment = _usual_time(bare) or _other_time(bare)
        if moment is not None:
            return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        pass  # the 30th of February, or a year whose start lies before the calendar's
    raise NotAQuantity(f"“{spelled(text)[:40]}” is not a time")


def _usual_time(bare: str) -> datetime | None:
    # A poll reads one for each meter, and strptime takes eight times as long.
    return datetime.fromisoformat(bare) if _USUAL_TIME.fullmatch(bare) else None


def _other_time(bare: str) -> datetime | None:
    for spelling in _TIMES:
        with contextlib.suppress(ValueError):
            return datetime.strptime(bare, spelling)  # noqa: DTZ007 - the caller knows the zone
    return None


def site_text(moment: datetime, zone: ZoneInfo) -> str:
    """The contract's own spelling of a moment: ``YYYY-MM-DD HH:mm:ss``, local to the site."""
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
