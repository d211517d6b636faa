"""What an answer about a generator means. Pure."""

from datetime import datetime, timedelta
from enum import Enum

from webapp.contract.errors import Unreadable
from webapp.contract.replies import DgFuel, DgReading, Doubt, Supply
from webapp.quantities import MILLI_PLACES, plain
from webapp.sentences import Sentence

CLOCK_SLACK = timedelta(minutes=10)  # a server's clock may be this far ahead of ours
BETWEEN_HINTS = timedelta(seconds=5)
FULL = 100_00  # hundredths of a per cent


class Turn(Enum):
    """What an answer of operation 12 changes."""

    STARTED = "started"
    STOPPED = "stopped"
    NOTHING = "nothing"


def turn(was_running: bool, said: Supply | None) -> Turn:
    """A run opens on ON and closes on OFF; a word that we do not know changes nothing."""
    if said is Supply.ON and not was_running:
        return Turn.STARTED
    if said is Supply.OFF and was_running:
        return Turn.STOPPED
    return Turn.NOTHING


def since_when(hinted_at: datetime | None, confirmed_at: datetime | None, now: datetime) -> datetime:
    """When it turned, as well as we can know: the call that hinted at it, where one came after
    the state before was last confirmed; else now."""
    if hinted_at and (confirmed_at is None or hinted_at >= confirmed_at):
        return min(hinted_at, now)
    return now


def may_look(hint_asked_at: datetime | None, asking_until: datetime | None, now: datetime) -> bool:
    """Whether a call may be looked into at once: nobody asks already, nor asked for one a moment ago."""
    is_free = asking_until is None or asking_until <= now
    return is_free and (hint_asked_at is None or hint_asked_at <= now - BETWEEN_HINTS)


def about(dg_no: str, operation: str, said: str | None) -> None:
    """Raises Unreadable where the answer names another generator than was asked about."""
    if said and said.casefold() != dg_no.casefold():
        other = Sentence("The meter server answered about another generator: “%(dg)s”.", dg=said)
        raise Unreadable(operation, other)


def is_old(read_at: datetime | None, held_at: datetime | None) -> bool:
    """Whether an answer is older than what we hold: an old reply served again."""
    return bool(read_at and held_at and read_at < held_at)


def fuel_doubt(answer: DgFuel, now: datetime) -> str | None:
    """Why the fuel is not believed, for a person; None where it is (contract, readings 3 and 15)."""
    fuel = answer.fuel_ml if answer.fuel_percent_hundredths is None else answer.fuel_percent_hundredths
    if fuel is None:
        return _unreadable(answer.doubts, "fuel") or Sentence("the last answer had no fuel")
    if fuel < 0 or (answer.fuel_percent_hundredths or 0) > FULL:
        return Sentence("the last answer had more fuel than a tank holds, or less than none")
    return _future(answer.read_at, now)


def register_doubt(answer: DgReading, held_wh: int | None, now: datetime) -> str | None:
    """Why the register is not believed. ``held_wh``: the last good one of the same meter."""
    if answer.register_wh is None:
        return _unreadable(answer.doubts, "register") or Sentence("the last answer had no register")
    if answer.register_wh < 0:
        return Sentence("the register is below zero")
    if held_wh is not None and answer.register_wh < held_wh:
        fall = plain(held_wh - answer.register_wh, MILLI_PLACES)
        return Sentence("the register fell by %(kwh)s kWh", kwh=fall)
    return _future(answer.read_at, now)


def _unreadable(doubts: tuple[Doubt, ...], field: str) -> str | None:
    return next((doubt.reason for doubt in doubts if doubt.field == field), None)


def _future(read_at: datetime | None, now: datetime) -> str | None:
    if read_at and read_at > now + CLOCK_SLACK:
        return Sentence("the answer's time lies in the future, so it is kept apart")
    return None
