"""Trying a meter server: every operation that only reads, and how it answered."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from webapp.contract.client import MeterServerClient
from webapp.contract.errors import MeterServerError, NotSent, Refused
from webapp.contract.replies import RechargeStatus
from webapp.sentences import Sentence
from webapp.societies.verdicts import NOT_OFFERED, NOT_TRIED, OK, REFUSED, UNREACHED, Tried

NO_TRANSACTION = "METERDESK-CHECK-0"  # of no recharge: whoever knows it knows nothing
OF_A_GENERATOR = ("dg_status", "dg_fuel", "dg_reading")
Question = tuple[str, str, Callable[[], Any]]  # the operation, what it is asked about, the asking


def tried(client: MeterServerClient, dg_nos: Sequence[str]) -> Iterator[Tried]:
    """Ask each operation that only reads, once; those of one meter about the first in the list.

    Where the server cannot be reached at all, the others are not asked: each would wait as long again.
    """
    readings = _try(client, "latest_readings", "", client.latest_readings)
    yield readings
    first = readings.meters[:1]
    for name, about, ask in _questions(client, first, dg_nos):
        if readings.outcome == UNREACHED:
            yield _untried(name, Sentence("Not tried, because nothing could be sent."), about)
        elif name in ("meter_reading", "meter_status") and not first:
            yield _untried(name, Sentence("Not tried, because no meter is known to ask about."))
        else:
            yield _try(client, name, about, ask)
    if not dg_nos:
        for name in OF_A_GENERATOR:
            yield _untried(name, Sentence("Not tried, because no generator is named."))


def _questions(client: MeterServerClient, first: Sequence[str], dg_nos: Sequence[str]) -> Iterator[Question]:
    meter_no, today = "".join(first), datetime.now(UTC).date()
    yield "meter_reading", meter_no, partial(client.meter_reading, meter_no)
    yield "meter_status", meter_no, partial(client.meter_status, meter_no)
    yield "recharge_status", "", partial(client.recharge_status, NO_TRANSACTION)
    yield "meter_changes", "", partial(client.meter_changes, today - timedelta(days=30), today)
    for dg_no in dg_nos:
        for name in OF_A_GENERATOR:
            yield name, dg_no, partial(getattr(client, name), dg_no)


def _untried(name: str, why: Sentence, about: str = "") -> Tried:
    return Tried(name, NOT_TRIED, 0, (why,), about=about)


def _try(client: MeterServerClient, name: str, about: str, ask: Callable[[], Any]) -> Tried:
    if not client.profile.offers(name):
        said = Sentence("The profile says that this company does not offer it.")
        return Tried(name, NOT_OFFERED, 0, (said,), about=about)
    began, meters = time.monotonic(), ()
    try:
        reply = ask()
        outcome, said_all = OK, tuple(_notes(reply))
        meters = tuple(row.meter_no for row in getattr(reply, "rows", ()) if hasattr(row, "meter_no"))
    except Refused as refused:
        outcome, said_all = REFUSED, _refusal(name, refused)
    except MeterServerError as error:
        outcome, said_all = _failed(error), _words(error.args[0], error)
    return Tried(name, outcome, round(1000 * (time.monotonic() - began)), said_all, meters, about)


def _notes(reply: Any) -> Iterator[str]:
    """How much it held, and in what it deviates."""
    if hasattr(reply, "rows"):
        yield Sentence("Rows: %(n)s.", n=len(reply.rows))
    if isinstance(reply, RechargeStatus) and not reply.pending:
        yield Sentence(
            "It calls a recharge that never was a success, so its word on a recharge proves nothing."
        )
    yield from reply.deviations


def _refusal(name: str, refused: Refused) -> tuple[str, ...]:
    if name == "recharge_status":
        return _words(Sentence("It says no to a recharge that never was, as it should."), refused)
    return _words(refused.args[0], refused)


def _words(ours: str, error: MeterServerError) -> tuple[str, ...]:
    """Our sentence, and the server's own words where they are not in it."""
    return (ours, f"“{error.words}”") if error.words and error.words not in ours else (ours,)


def _failed(error: MeterServerError) -> str:
    return UNREACHED if isinstance(error, NotSent) else type(error).__name__.lower()
