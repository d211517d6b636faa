"""How our quantities look on a page: money, energy, times, in the reader's locale.

The society's zone is met only here."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import groupby
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal
from flask import Flask, g
from flask_babel import gettext as _
from markupsafe import Markup

from webapp.languages import locale_now
from webapp.quantities import MILLI_PLACES, PAISE_PLACES, decimal_of
from webapp.sentences import N_, Sentence

T = TypeVar("T", bound=Any)
UNKNOWN = "–"
_STEPS = ((60, 1, "s"), (3600, 60, "min"), (86400, 3600, "h"))
AGO = {
    "now": N_("just now"),
    "s": N_("%(n)s s ago"),
    "min": N_("%(n)s min ago"),
    "h": N_("%(n)s h ago"),
    "day": N_("1 day ago"),
    "days": N_("%(n)s days ago"),
}


def money(paise: int | None, currency: str = "INR") -> str:
    """``₹1,23,456.00``; a true minus sign before the currency, as a purse below zero is read."""
    if paise is None:
        return UNKNOWN
    return _money(paise, currency, locale_now())


@lru_cache(maxsize=4096)
def _money(paise: int, currency: str, locale: str) -> str:
    text = format_currency(decimal_of(abs(paise), PAISE_PLACES), currency, locale=locale)
    return f"−{text}" if paise < 0 else str(text)


def rupees(paise: int, currency: str = "INR") -> str:
    """Money in round figures, as a limit is said: ``₹200``."""
    return money(paise, currency).removesuffix(".00")


def count(number: int) -> str:
    """A whole number in the reader's grouping: ``10,000``, ``1,23,456``."""
    return _decimal(number * 1000, "#,##,##0", locale_now())


def day(date: date) -> str:
    """A day of the society's, which needs no zone."""
    return str(format_date(date, "d MMM y", locale=locale_now()))


def energy(wh: int | None) -> str:
    """kWh with two decimals."""
    return UNKNOWN if wh is None else _decimal(wh, "#,##,##0.00", locale_now())


def power(w: int | None) -> str:
    """kW with as many decimals as it has."""
    return UNKNOWN if w is None else _decimal(w, "#,##,##0.###", locale_now())


def litres(ml: int | None) -> str:
    """Whole litres, in full words elsewhere."""
    return UNKNOWN if ml is None else _decimal(ml, "#,##,##0", locale_now())


@lru_cache(maxsize=4096)
def _decimal(milli: int, pattern: str, locale: str) -> str:
    return str(format_decimal(decimal_of(milli, MILLI_PLACES), format=pattern, locale=locale))


def ago(moment: datetime, now: datetime) -> Sentence:
    """``40 s ago``, ``2 min ago``; our script says the same from then on."""
    seconds = int((now - moment).total_seconds())
    if seconds < 5:
        return Sentence(AGO["now"])
    for below, unit, word in _STEPS:
        if seconds < below:
            return Sentence(AGO[word], n=seconds // unit)
    days = seconds // 86400
    return Sentence(AGO["day"]) if days == 1 else Sentence(AGO["days"], n=days)


def lasted(start: datetime, end: datetime) -> Sentence:
    """``12 min``, ``1 h 05 min``."""
    seconds = max(0, int((end - start).total_seconds()))
    minutes = seconds // 60
    if minutes < 1:
        return Sentence("%(n)s s", n=seconds)
    if minutes < 60:
        return Sentence("%(n)s min", n=minutes)
    return Sentence("%(hours)s h %(minutes)s min", hours=minutes // 60, minutes=f"{minutes % 60:02d}")


def zone_here() -> ZoneInfo:
    visit = g.get("visit")
    return visit.society.zone if visit else ZoneInfo("UTC")


def local(moment: datetime, pattern: str = "d MMM, HH:mm") -> str:
    """In the society's zone, in words for its people."""
    return _local(moment.replace(microsecond=0), pattern, zone_here(), locale_now())


@lru_cache(maxsize=4096)
def _local(moment: datetime, pattern: str, zone: ZoneInfo, locale: str) -> str:
    return str(format_datetime(moment, pattern, tzinfo=zone, locale=locale))


def age(moment: datetime | None, now: datetime | None = None) -> Markup:
    """Relative, exact on hover; our script keeps it counting."""
    if moment is None:
        return Markup('<span class="text-secondary">{}</span>').format(_("never"))
    now = now or g.visit.now
    return _age(moment.replace(microsecond=0), now.replace(microsecond=0), zone_here(), locale_now())


@lru_cache(maxsize=1024)
def _age(moment: datetime, now: datetime, zone: ZoneInfo, locale: str) -> Markup:
    """The rows of a list were mostly read in the same second."""
    old = (now - moment).total_seconds() >= 86400
    text = _local(moment, "d MMM, HH:mm", zone, locale) if old else ago(moment, now)
    return Markup('<time datetime="{}" title="{}"{}>{}</time>').format(
        moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        _local(moment, "d MMM y, HH:mm:ss", zone, locale),
        Markup("") if old else Markup(" data-ago"),
        text,
    )


def by_day(rows: Iterable[T]) -> list[tuple[str, list[T]]]:
    """Rows that have ``raised_at``, in their order, under the society's days."""
    days = groupby(rows, key=lambda row: local(row.raised_at, "EEEE, d MMMM"))
    return [(day, list(of_day)) for day, of_day in days]


def in_fours(token: str | None) -> str:
    """Return tokens as a person types them into a meter: each in groups of four digits."""
    return ", ".join(_fours(part) for part in (token or "").split(", "))


def _fours(token: str) -> str:
    bare = "".join(token.split())
    return " ".join(bare[i : i + 4] for i in range(0, len(bare), 4)) if bare.isdigit() else token


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(
        money=money,
        rupees=rupees,
        count=count,
        day=day,
        energy=energy,
        power=power,
        litres=litres,
        age=age,
        local=local,
        in_fours=in_fours,
        groupby_day=by_day,
    )
    app.jinja_env.globals.update(lasted=lasted, UNKNOWN=UNKNOWN)
