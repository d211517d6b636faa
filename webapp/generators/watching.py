"""Asking what a generator is doing: at its pace, and when a call hints that it changed."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import or_, select, update

from webapp.alerts.news import tell
from webapp.contract.errors import MeterServerError
from webapp.contract.replies import DgStatus, Supply
from webapp.extensions import db, reading
from webapp.generators import runs
from webapp.generators.models import Generator, SensingCall
from webapp.generators.rules import BETWEEN_HINTS, about
from webapp.societies.models import MeterServer
from webapp.societies.rules import BREAKER_AFTER, next_try

CLAIM_GRACE_S = 5  # a worker that died is waited for so much longer than its question could take
PATIENCE = BREAKER_AFTER + 2  # a start is news: however long it fails, asked at a quarter of its pace


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
    until = _claim(generator_id, now, conditions, claim)
    if until is None:
        return False
    generator = db.session.get_one(Generator, generator_id)
    if not generator.server.profile.offers("dg_status"):
        return _pass_over(generator, now)
    hint_id, client, dg_no = generator.hint_id, generator.server.client(), generator.dg_no
    db.session.rollback()
    try:
        with client:
            answer = client.dg_status(dg_no)
            about(dg_no, "dg_status", answer.dg_no)
    except MeterServerError as error:
        _unanswered(generator_id, error, now, until)
        return False
    return _take_state(generator_id, answer, hint_id, until)


def _claim(
    generator_id: int, now: datetime, conditions: tuple[Any, ...], values: dict[str, Any]
) -> datetime | None:
    """Until when the question is ours: for as long as this server may take to answer."""
    theirs = (Generator.id == generator_id, *conditions)
    timeout_s = db.session.scalar(
        select(MeterServer.timeout_s).join_from(Generator, MeterServer).where(*theirs)
    )
    if timeout_s is None:
        db.session.rollback()
        return None
    until = now + timedelta(seconds=timeout_s + CLAIM_GRACE_S)
    db.session.execute(update(Generator).where(*theirs).values(asking_until=until, **values))
    db.session.commit()
    return until


def _still_ours(generator_id: int, until: datetime) -> Generator | None:
    """None where this process slept and somebody else has asked since: their answer is the newer."""
    generator = db.session.get_one(Generator, generator_id, populate_existing=True)
    if generator.asking_until == until:
        return generator
    db.session.rollback()
    return None


def _pass_over(generator: Generator, now: datetime) -> bool:
    """Its company does not offer operation 12, so there is nothing to look into."""
    generator.answered_hint_id = generator.hint_id
    _schedule(generator, now)
    db.session.commit()
    return False


def _unanswered(generator_id: int, error: MeterServerError, now: datetime, until: datetime) -> None:
    """Its state is what it was, visibly old; a hint stays open and is looked into again."""
    generator = _still_ours(generator_id, until)
    if generator is None:
        return
    if not generator.failures:
        current_app.logger.warning("no status of %s: %s", generator.dg_no, error)
    generator.failures += 1
    generator.trouble = str(error)
    _schedule(generator, now)
    tell(generator.society_id, "generators", now)
    db.session.commit()


def _take_state(generator_id: int, answer: DgStatus, hint_id: int, until: datetime) -> bool:
    now = datetime.now(UTC)
    generator = _still_ours(generator_id, until)
    if generator is None:
        return False
    if generator.failures:
        current_app.logger.info("%s has a status again", generator.dg_no)
    state = (answer.state or Supply.UNKNOWN).value
    call = _call_since(generator, hint_id)
    changed = runs.turned(generator, answer.state, call, now)
    if state != generator.state:
        generator.state, generator.state_since = state, changed
    generator.state_word = answer.word[:64]
    generator.confirmed_at, generator.failures, generator.trouble = now, 0, None
    generator.answered_hint_id = max(generator.answered_hint_id, hint_id)
    _schedule(generator, now)
    tell(generator.society_id, "generators", now)
    db.session.commit()
    return generator.hint_id > generator.answered_hint_id


def _schedule(generator: Generator, now: datetime) -> None:
    generator.asking_until = None
    pace, failures = generator.server.generator_status_every_s, min(generator.failures, PATIENCE)
    generator.next_state_at = next_try(now, pace, failures, random.random())  # noqa: S311


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
