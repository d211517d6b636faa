"""What an answer about a generator means. Pure."""

from datetime import datetime
from enum import Enum

from webapp.contract.replies import Supply


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


def litres_an_hour(burnt_ml: int | None, seconds: float) -> float | None:
    """None where it cannot be said: refuelled on the way, or too short to tell."""
    if burnt_ml is None or burnt_ml <= 0 or seconds < 300:
        return None
    return burnt_ml / 1000 / (seconds / 3600)
