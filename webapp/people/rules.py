"""Decisions about people: what a password, a phone, a day may be; who may be what. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from webapp.people.models import Role

PASSWORD_AT_LEAST, PASSWORD_AT_MOST = 8, 200
GUESSED_FIRST = frozenset(
    {"password", "passw0rd", "12345678", "123456789", "1234567890", "11111111", "qwertyui", "qwerty123",
     "iloveyou", "meterdesk", "password1", "password123", "welcome1", "abcd1234", "admin123", "india123"}
)  # fmt: skip
EMAIL = re.compile(r"[^@\s<>,;:\"()\[\]\\]{1,64}@[^@\s<>,;:\"()\[\]\\]+\.[^@\s<>,;:\"()\[\]\\.]+")
EMAIL_AT_MOST, NAME_AT_MOST, UNIT_AT_MOST = 254, 120, 64
EARLIEST = date(1970, 1, 1)
FURTHEST = timedelta(days=2 * 366)  # ahead: a later day is a slip of the hand
JOINERS = "\u200c\u200d"  # of Indian scripts
RANKS = (Role.RESIDENT, Role.OFFICE, Role.MANAGER)


@dataclass(frozen=True)
class Problem:
    """Why something cannot be; ``people.sentences`` says it in the reader's language."""

    kind: str
    params: Mapping[str, Any] = field(default_factory=dict)


class NotSoError(ValueError):
    """What was asked cannot be done, by one Problem."""

    def __init__(self, kind: str, **params: Any) -> None:
        super().__init__(kind)
        self.problem = Problem(kind, params)


def password_problem(password: str, email: str) -> str | None:
    """Which kind of Problem a new password has, or None."""
    plain = password.strip().lower()
    if len(password) < PASSWORD_AT_LEAST:
        return "password_short"
    if len(password) > PASSWORD_AT_MOST:
        return "password_long"
    if email and plain in (email.lower(), email.lower().partition("@")[0]):
        return "password_email"
    return "password_guessed" if plain in GUESSED_FIRST or len(set(plain)) < 3 else None


def email_of(text: str) -> str:
    """An address in small letters. Raises NotSoError."""
    email = text.strip().lower()
    if len(email) > EMAIL_AT_MOST or not EMAIL.fullmatch(email) or not email.isprintable():
        raise NotSoError("email", text=text.strip()[:80])
    return email


def phone_of(text: str) -> str:
    """Digits, with a plus where one was; '' for none. Raises NotSoError."""
    bare = re.sub(r"[\s().\-–]", "", text)
    if not bare:
        return ""
    if re.fullmatch(r"[+-]?\d+([.,]\d+)?E\+?\d+", text.strip(), re.IGNORECASE):
        raise NotSoError("phone_rounded", text=text.strip())
    if not re.fullmatch(r"\+?\d{6,15}", bare):
        raise NotSoError("phone", text=text.strip()[:40])
    return bare


def name_of(text: str) -> str:
    """A name with its blanks in order, and nothing in it that cannot be seen. Raises NotSoError."""
    name = "".join(mark for mark in " ".join(text.split()) if mark.isprintable() or mark in JOINERS)
    if len(name) > NAME_AT_MOST:
        raise NotSoError("name_long", most=NAME_AT_MOST)
    return name


def day_of(text: str) -> date:
    """A day as people here write it: 2026-11-23, 23-11-2026, 23/11/2026, 23.11.2026. Raises NotSoError."""
    text = text.strip()
    found = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?", text)
    parts = found.groups() if found else None
    if parts is None and (found := re.fullmatch(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})", text)):
        parts = (found[4], found[3], found[1])
    try:
        year, month, day = (int(part) for part in parts or ())
        return date(year, month, day)
    except ValueError as error:
        raise NotSoError("day", text=text[:40]) from error


def moment_of(day: date, zone: ZoneInfo) -> datetime:
    """When the day begins, in UTC."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def day_at(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


def check_span(since: date, until: date | None, today: date) -> None:
    """Whether somebody can live somewhere from the one day to the other. Raises NotSoError."""
    if since < EARLIEST or (until is not None and until < EARLIEST):
        raise NotSoError("day_early", day=str(min(since, until or since)))
    if max(since, until or since) > today + FURTHEST:
        raise NotSoError("day_late", day=str(max(since, until or since)))
    if until is not None and until <= since:
        raise NotSoError("until_before_since")


def overlaps(
    one: tuple[datetime, datetime | None], others: Sequence[tuple[datetime, datetime | None]]
) -> bool:
    """Whether the time has a moment in common with one of the others; an end is exclusive."""
    since, until = one
    return any(
        (until is None or began < until) and (ended is None or since < ended) for began, ended in others
    )


def higher(one: Role, other: Role) -> Role:
    """Who is invited as less than they are stays what they are."""
    return max(one, other, key=RANKS.index)


def leaves_no_manager(managers: int, was: Role, becomes: Role | None) -> bool:
    return was is Role.MANAGER and becomes is not Role.MANAGER and managers <= 1
