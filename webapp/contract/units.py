"""Marks that stand beside a number and take nothing from its certainty: “₹ 500”, “4312.75 kWh”."""

import re
from collections.abc import Mapping
from typing import Literal

Unit = Literal["rupees", "kWh", "litre", "percent"]

# “CR” and “DR” are none: whose credit it is, the company knows and we do not.
_RUPEES = r"(?:₹|rs\.?|inr)"
_PATTERNS: Mapping[Unit, re.Pattern[str]] = {
    "rupees": re.compile(rf"([+-]?)\s*{_RUPEES}\s*([+-]?\d.*?)\s*(?:/-)?|()(.+?)\s*(?:/-|{_RUPEES})", re.I),
    "kWh": re.compile(r"()(.+?)\s*kwh", re.I),
    "litre": re.compile(r"()(.+?)\s*(?:l|ltrs?\.?|lit(?:re|er)s?)", re.I),
    "percent": re.compile(r"()(.+?)\s*(?:%|percent|per cent)", re.I),
}


def unmarked(value: object, unit: Unit) -> str | None:
    """The number without its unit, as text still to be read; None where no such unit stands there."""
    found = _PATTERNS[unit].fullmatch(value.strip()) if isinstance(value, str) and len(value) < 100 else None
    return "".join(part for part in found.groups() if part) if found else None
