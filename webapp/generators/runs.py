"""A run opens and closes by what operation 12 says, and raises one alert each time."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from webapp.alerts.models import Alert
from webapp.alerts.raising import clear, managers_of, raise_alert
from webapp.contract.replies import Supply
from webapp.extensions import db
from webapp.generators.models import Generator, Run
from webapp.generators.rules import Turn, since_when, turn
from webapp.looks import lasted
from webapp.sentences import Sentence


def open_run(generator_id: int) -> Run | None:
    return db.session.scalar(select(Run).filter_by(generator_id=generator_id, ended_at=None))


def turned(generator: Generator, said: Supply | None, call: datetime | None, now: datetime) -> datetime:
    """Open or close the run where the answer says so; when it turned. Commits nothing."""
    run = open_run(generator.id)
    since = since_when(call, generator.confirmed_at, now)
    how = "call" if call and since == call else "asking"
    change = turn(run is not None, said)
    if change is Turn.STARTED:
        _start(generator, since, how, now)
    elif change is Turn.STOPPED and run is not None:
        _stop(generator, run, since, how, now)
    return since


def _start(generator: Generator, since: datetime, how: str, now: datetime) -> None:
    db.session.add(Run(generator_id=generator.id, started_at=since, started_by=how))
    _ask_soon(generator, now)
    clear(generator.society_id, _about(generator, "stopped"), now)
    _alert(
        generator,
        "started",
        Sentence("%(dg)s started", dg=generator.dg_no),
        Sentence("The meter server confirmed it at %(clock)s.", clock=_clock(generator, now)),
        now,
    )


def _stop(generator: Generator, run: Run, since: datetime, how: str, now: datetime) -> None:
    run.ended_at = max(since, run.started_at)
    run.ended_by = how
    _ask_soon(generator, now)
    clear(generator.society_id, _about(generator, "started"), now)
    began, long = _clock(generator, run.started_at), lasted(run.started_at, run.ended_at)
    _alert(
        generator,
        "stopped",
        Sentence("%(dg)s stopped", dg=generator.dg_no),
        Sentence("It ran for %(long)s, since %(clock)s.", long=long, clock=began),
        now,
    )


def _ask_soon(generator: Generator, now: datetime) -> None:
    """Fuel and register at the turn, not up to a quarter of an hour after it."""
    generator.next_fuel_at = now
    generator.next_register_at = now


def _alert(generator: Generator, word: str, title: Sentence, detail: Sentence, now: datetime) -> None:
    alert = Alert(
        society_id=generator.society_id,
        kind=f"generator_{word}",
        about=_about(generator, word),
        title=title,
        detail=detail,
        is_urgent=word == "started",
        raised_at=now,
    )
    raise_alert(alert, mail_to=managers_of(generator.society_id))


def _about(generator: Generator, word: str) -> str:
    return f"generator {generator.id} {word}"


def _clock(generator: Generator, moment: datetime) -> str:
    zone: ZoneInfo = generator.society.zone
    return moment.astimezone(zone).strftime("%H:%M")
