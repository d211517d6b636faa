"""Fuel and register: what a generator is asked now and then, besides its state."""

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
from webapp.contract.replies import DgFuel, DgReading
from webapp.extensions import db, reading
from webapp.generators.models import Generator
from webapp.generators.rules import about, fuel_doubt, is_old, register_doubt
from webapp.societies.models import MeterServer


@dataclass(frozen=True)
class Question:
    """An operation, when it is next asked and how often, and how its answer is taken."""

    operation: str
    next_at: InstrumentedAttribute[datetime | None]
    pace_s: Callable[[MeterServer], float]
    ask: Callable[[MeterServerClient, str], Any]
    take: Callable[[Generator, Any, datetime], None]


def _take_fuel(generator: Generator, answer: DgFuel, now: datetime) -> None:
    """Unknown is not empty: what is not believed leaves the last good value, visibly old."""
    generator.fuel_doubt = fuel_doubt(answer, now)
    if generator.fuel_doubt or is_old(answer.read_at, generator.fuel_at):
        return
    generator.fuel_ml = answer.fuel_ml
    generator.fuel_percent_hundredths = answer.fuel_percent_hundredths
    generator.fuel_at = min(answer.read_at or now, now)
    if answer.fuel_ml is not None:
        generator.fullest_ml = max(generator.fullest_ml or 0, answer.fuel_ml)


def _take_register(generator: Generator, answer: DgReading, now: datetime) -> None:
    is_replaced = bool(generator.meter_no and answer.meter_no and generator.meter_no != answer.meter_no)
    held_wh = None if is_replaced else generator.register_wh
    generator.register_doubt = register_doubt(answer, held_wh, now)
    if generator.register_doubt or is_old(answer.read_at, generator.register_at):
        return
    generator.register_wh = answer.register_wh
    generator.register_at = min(answer.read_at or now, now)
    generator.meter_no = answer.meter_no or generator.meter_no


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
            about(dg_no, question.operation, answer.dg_no)
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
