"""Trying a meter server: every operation that only reads, and how it answered."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from webapp.contract.client import MeterServerClient
from webapp.contract.errors import MeterServerError, Refused
from webapp.contract.replies import LatestReadings


@dataclass(frozen=True)
class Tried:
    """One operation: ``outcome`` is ok, refused, or the kind of failure; ``said`` a sentence."""

    operation: str
    outcome: str
    ms: int
    said: str


def tried(client: MeterServerClient, dg_nos: Sequence[str]) -> Iterator[Tried]:
    """Ask each operation that only reads, once; those of one meter about the first in the list."""
    first: list[str] = []

    def readings() -> LatestReadings:
        reply = client.latest_readings()
        first.extend(row.meter_no for row in reply.rows[:1])
        return reply

    yield _try(client, "latest_readings", readings)
    today = datetime.now(UTC).date()
    meter_questions: list[tuple[str, Callable[[], Any]]] = [
        ("meter_reading", lambda: client.meter_reading(first[0])),
        ("meter_status", lambda: client.meter_status(first[0])),
    ]
    for name, ask in meter_questions if first else ():
        yield _try(client, name, ask)
    yield _try(client, "meter_changes", lambda: client.meter_changes(today - timedelta(days=30), today))
    for dg_no in dg_nos:
        for name in ("dg_status", "dg_fuel", "dg_reading"):
            yield _try(client, name, partial(getattr(client, name), dg_no))


def _try(client: MeterServerClient, name: str, ask: Callable[[], Any]) -> Tried:
    if not client.profile.offers(name):
        return Tried(name, "not offered", 0, "The profile says that this company does not do it.")
    began = time.monotonic()
    try:
        said, outcome = _in_words(ask()), "ok"
    except Refused as refused:
        said, outcome = f"{refused} {refused.words}".strip(), "refused"
    except MeterServerError as error:
        said, outcome = str(error), type(error).__name__.lower()
    return Tried(name, outcome, round(1000 * (time.monotonic() - began)), said)


def _in_words(reply: Any) -> str:
    """What of the reply deviates, or how much it held."""
    notes = [f"{len(reply.rows)} rows."] if hasattr(reply, "rows") else []
    notes += list(getattr(reply, "deviations", ()))
    doubted = [reply, *getattr(reply, "rows", ())]
    reasons = dict.fromkeys(doubt.reason for row in doubted for doubt in getattr(row, "doubts", ()))
    return " ".join([*notes, *(f"{reason}." for reason in list(reasons)[:5])])


def can_work(rows: Sequence[Tried]) -> bool:
    """Whether Meterdesk can work with this server: its readings can be read."""
    return any(row.operation == "latest_readings" and row.outcome == "ok" for row in rows)
