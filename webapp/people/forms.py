"""What a person's forms have in common."""

from datetime import date

from flask import request

from webapp.people.gate import Visit
from webapp.people.rules import day_at, day_of


def days(visit: Visit) -> tuple[date, date | None]:
    """The days typed; from today where none was. Raises NotSoError."""
    since, until = request.form.get("since", "").strip(), request.form.get("until", "").strip()
    return day_of(since) if since else today(visit), day_of(until) if until else None


def today(visit: Visit) -> date:
    return day_at(visit.now, visit.society.zone)
