"""Asking what a generator is doing: at its pace, and when a call hints that it changed."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import or_, select, update
from sqlalchemy.orm import InstrumentedAttribute

from webapp.alerts.news import tell
from webapp.contract.client import MeterServerClient
from webapp.contract.errors import MeterServerError
from webapp.contract.replies import DgFuel, DgReading, DgStatus, Supply
from webapp.extensions import db, reading
from webapp.generators import runs
from webapp.generators.models import Generator, SensingCall
from webapp.societies.models import MeterServer
from webapp.societies.rules import next_try

BETWEEN_HINTS = timedelta(seconds=5)
CLAIM_S = 30


def hinted(now: datetime) -> list[int]:
    """Generators of whom a call came that nobody has looked into, and may now."""
    with reading():
        found = list(db.session.scalars(select(Generator.id).where(*_may_look(now))))
        db.session.rollback()
    return found


def _may_look(now: datetime) -> tuple[Any, ...]:
    return (
        Generator.hint_id > Generator.answered_hint_id,
        or_(Generator.hint_asked_at.is_(None), Generator.hint_asked_at <= now - BETWEEN_HINTS),
        *_free(now),
    )


def _free(now: datetime) -> tuple[Any, ...]:
    return (or_(Generator.asking_until.is_(None), Generator.asking_until <= now),)


def look(generator_id: int) -> bool:
    """Ask because of a call. Whether yet another call came meanwhile."""
    now = datetime.now(UTC)
    return ask_state(generator_id, now, _may_look(now), hint_asked_at=now)


def ask_in_turn(generator_id: int) -> bool:
    """Ask because its time has come. Whether a call came meanwhile."""
    now = datetime.now(UTC)
    due_now = or_(Generator.next_state_at.is_(None), Generator.next_state_at <= now)
    return ask_state(generator_id, now, (due_now, *_free(now)))


def ask_state(generator_id: int, now: datetime, conditions: tuple[Any, ...], **claim: Any) -> bool:
    """Operation 12, by one asker at a time, so that answers are taken in the order of asking."""
    claim["asking_until"] = now + timedelta(seconds=CLAIM_S)
    claimed = db.session.execute(
        update(Generator).where(Generator.id == generator_id, *conditions).values(**claim)
    )
    db.session.commit()
    if not claimed.rowcount:  # type: ignore[attr-defined]
        return False
    generator = db.session.get_one(Generator, generator_id)
    hint_id, client, dg_no = generator.hint_id, generator.server.client(), generator.dg_no
    db.session.rollback()
    try:
        with client:
            answer = client.dg_status(dg_no)
    except MeterServerError as error:
        _unanswered(generator_id, error, now)
        return False
    return _take_state(generator_id, answer, hint_id)


def _unanswered(generator_id: int, error: MeterServerError, now: datetime) -> None:
    """Its state is what it was, visibly old; a hint stays open and is looked into again."""
    generator = db.session.get_one(Generator, generator_id)
    if not generator.failures:
        current_app.logger.warning("no status of %s: %s", generator.dg_no, error)
    generator.failures += 1
    generator.trouble = str(error)
    _schedule(generator, now)
    tell(generator.society_id, "generators", now)
    db.session.commit()


def _take_state(generator_id: int, answer: DgStatus, hint_id: int) -> bool:
    now = datetime.now(UTC)
    generator = db.session.get_one(Generator, generator_id, populate_existing=True)
    state = (answer.state or Supply.UNKNOWN).value
    call = _call_since(generator, hint_id)
    changed = runs.turned(generator, answer.state, call, now)
    if state != generator.state:
        generator.state, generator.state_word, generator.state_since = state, answer.word[:64], changed
    generator.confirmed_at, generator.failures, generator.trouble = now, 0, None
    generator.answered_hint_id = max(generator.answered_hint_id, hint_id)
    _schedule(generator, now)
    tell(generator.society_id, "generators", now)
    db.session.commit()
    return generator.hint_id > generator.answered_hint_id


def _schedule(generator: Generator, now: datetime) -> None:
    generator.asking_until = None
    pace = generator.server.generator_status_every_s
    generator.next_state_at = next_try(now, pace, generator.failures, random.random())  # noqa: S311


def _call_since(generator: Generator, hint_id: int) -> datetime | None:
    """When the first call came that nobody had looked into."""
    return db.session.scalar(
        select(SensingCall.received_at)
        .where(
            SensingCall.generator_id == generator.id,
            SensingCall.id > generator.answered_hint_id,
            SensingCall.id <= hint_id,
        )
        .order_by(SensingCall.id)
        .limit(1)
    )


@dataclass(frozen=True)
class Question:
    """Something a generator is asked now and then, besides its state."""

    operation: str
    next_at: InstrumentedAttribute[datetime | None]
    pace_s: Callable[[MeterServer], float]
    ask: Callable[[MeterServerClient, str], Any]
    take: Callable[[Generator, Any, datetime], None]


def _take_fuel(generator: Generator, answer: DgFuel, now: datetime) -> None:
    if answer.fuel_ml is None and answer.fuel_percent_hundredths is None:
        return  # unknown is not empty: the last good value stays, visibly old
    generator.fuel_ml = answer.fuel_ml
    generator.fuel_percent_hundredths = answer.fuel_percent_hundredths
    generator.fuel_at = answer.read_at or now
    if answer.fuel_ml is not None:
        generator.fullest_ml = max(generator.fullest_ml or 0, answer.fuel_ml)


def _take_register(generator: Generator, answer: DgReading, now: datetime) -> None:
    if answer.register_wh is None or answer.register_wh < (generator.register_wh or 0):
        return
    generator.register_wh, generator.register_at = answer.register_wh, answer.read_at or now


QUESTIONS = {
    "fuel": Question(
        "dg_fuel",
        Generator.next_fuel_at,
        lambda server: server.generator_fuel_every_s,
        lambda client, dg_no: client.dg_fuel(dg_no),
        _take_fuel,
    ),
    "register": Question(
        "dg_reading",
        Generator.next_register_at,
        lambda server: server.generator_register_every_s,
        lambda client, dg_no: client.dg_reading(dg_no),
        _take_register,
    ),
}


def due(next_at: InstrumentedAttribute[datetime | None], now: datetime) -> list[int]:
    """Generators whose time for a question has come."""
    with reading():
        rows = select(Generator.id).where(or_(next_at.is_(None), next_at <= now))
        found = list(db.session.scalars(rows))
        db.session.rollback()
    return found


def ask(generator_id: int, name: str) -> None:
    """Fuel or register, where its time has come. A failure leaves what we knew, to be asked in turn."""
    question, now = QUESTIONS[name], datetime.now(UTC)
    generator = db.session.get_one(Generator, generator_id)
    offered = generator.server.profile.offers(question.operation)
    client, dg_no = generator.server.client(), generator.dg_no
    if not _claim(generator, question, now) or not offered:
        client.close()
        return
    try:
        with client:
            answer = question.ask(client, dg_no)
    except MeterServerError as error:
        current_app.logger.info("no %s of %s: %s", name, dg_no, error)
        return
    generator = db.session.get_one(Generator, generator_id)
    question.take(generator, answer, datetime.now(UTC))
    tell(generator.society_id, "generators", now)
    db.session.commit()


def _claim(generator: Generator, question: Question, now: datetime) -> bool:
    column, pace = question.next_at, question.pace_s(generator.server)
    claimed = db.session.execute(
        update(Generator)
        .where(Generator.id == generator.id, or_(column.is_(None), column <= now))
        .values({column: now + timedelta(seconds=pace)})
    )
    db.session.commit()
    return bool(claimed.rowcount)  # type: ignore[attr-defined]
