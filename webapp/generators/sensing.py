"""The callback of operation 11: our address registered, its calls kept, and the truth asked for."""

import hashlib
import secrets
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import current_app
from sqlalchemy import bindparam, delete, insert, or_, select, update

from webapp.contract.errors import MeterServerError
from webapp.extensions import db, reading
from webapp.generators.models import Generator, Sensing, SensingCall
from webapp.generators.rules import may_look
from webapp.sentences import Sentence

AFRESH_EVERY = timedelta(days=1)
OLD_STAYS = timedelta(days=2)
UNSURE_STAYS = timedelta(days=3)  # the server may have taken a token without saying so
TRY_AGAIN = timedelta(minutes=2)
KEEP_CALLS = timedelta(days=30)


def due(now: datetime) -> list[int]:
    """Generators whose callback is to be registered, at first or afresh."""
    due_now = (Generator.next_sensing_at.is_(None)) | (Generator.next_sensing_at <= now)
    with reading():
        found = list(db.session.scalars(select(Generator.id).where(due_now)))
        db.session.rollback()
    return found


def register(generator_id: int) -> str | None:
    """Give the server a callback address with a new token; the old one stays good for two days.

    Returns the trouble in a sentence, or None.
    """
    now = datetime.now(UTC)
    generator = db.session.get_one(Generator, generator_id)
    if not generator.server.profile.offers("dg_sensing"):
        generator.next_sensing_at = now + AFRESH_EVERY
        db.session.commit()
        return None
    dg_no, was_in_trouble = generator.dg_no, _last_trouble(generator_id) is not None
    if not _claim(generator, now):
        return None
    token = secrets.token_urlsafe(24)
    # Committed before the server hears of it: it may call at once.
    sensing = Sensing(
        generator_id=generator.id, token_hash=hashed(token), made_at=now, valid_until=now + UNSURE_STAYS
    )
    db.session.add(sensing)
    db.session.commit()
    sensing_id, trouble = sensing.id, _tell_server(generator, token)
    if trouble is None:
        _succeed(generator_id, sensing_id, now)
    else:
        if not was_in_trouble:
            current_app.logger.warning("sensing of %s was not registered: %s", dg_no, trouble)
        db.session.get_one(Sensing, sensing_id).trouble = trouble
        db.session.get_one(Generator, generator_id).next_sensing_at = now + TRY_AGAIN
    db.session.execute(delete(Sensing).where(Sensing.valid_until < now))
    db.session.commit()
    return trouble


def _succeed(generator_id: int, sensing_id: int, now: datetime) -> None:
    """The new token is good until it is succeeded; the one before for two days more."""
    db.session.execute(
        update(Sensing)
        .where(Sensing.generator_id == generator_id, Sensing.valid_until.is_(None))
        .values(valid_until=now + OLD_STAYS)
    )
    db.session.execute(
        update(Sensing).where(Sensing.id == sensing_id).values(registered_at=now, valid_until=None)
    )
    db.session.execute(
        update(Generator).where(Generator.id == generator_id).values(next_sensing_at=now + AFRESH_EVERY)
    )


def _last_trouble(generator_id: int) -> str | None:
    tried = select(Sensing.trouble).filter_by(generator_id=generator_id)
    return db.session.scalar(tried.order_by(Sensing.id.desc()).limit(1))


def _claim(generator: Generator, now: datetime) -> bool:
    """For as long as one try may take: where this process dies in it, another tries again soon."""
    until = now + TRY_AGAIN + timedelta(seconds=generator.server.timeout_s)
    claimed = db.session.execute(
        update(Generator)
        .where(
            Generator.id == generator.id,
            (Generator.next_sensing_at.is_(None)) | (Generator.next_sensing_at <= now),
        )
        .values(next_sensing_at=until)
    )
    db.session.commit()
    return bool(claimed.rowcount)  # type: ignore[attr-defined]


def _tell_server(generator: Generator, token: str) -> str | None:
    client, dg_no = generator.server.client(), generator.dg_no
    address = f"{current_app.config['METERDESK'].public_url}/hooks/dg/{token}"
    db.session.rollback()
    try:
        with client:
            client.dg_sensing(dg_no, address)
    except MeterServerError as error:
        # It may have taken the address all the same, so the token stays good.
        return _without(token, str(error))
    return None


def _without(token: str, said: str) -> str:
    """A server's words may quote the address, cut anywhere."""
    return said if token[:6] not in said else Sentence("The meter server said no, and quoted the address.")


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


# Made once: to make them takes longer than to run them, and a storm of calls must not hold up a page.
_WHOSE = select(Sensing.generator_id).where(
    Sensing.token_hash == bindparam("token_hash"),
    or_(Sensing.valid_until.is_(None), Sensing.valid_until > bindparam("now")),
)
_KEEP = insert(SensingCall).returning(SensingCall.id)
_HINT = (
    update(Generator)
    .where(Generator.id == bindparam("hinted"))
    .values(hint_id=bindparam("call"))
    .returning(Generator.hint_asked_at, Generator.asking_until)
)


# SQLite's writers wait by sleeping, longer each time; calls that come together wait in turn instead.
_keeping = threading.Lock()


@dataclass(frozen=True)
class Kept:
    """A call that is committed, and whether its generator may be asked at once."""

    generator_id: int
    may_ask: bool


def keep(token: str, method: str, content_type: str, body: bytes) -> Kept | None:
    """Commit the call, whatever it says; None where the token is not ours."""
    now = datetime.now(UTC)
    with _keeping, db.engine.begin() as connection:  # no session: nothing here is an object
        generator_id = connection.scalar(_WHOSE, {"token_hash": hashed(token), "now": now})
        if generator_id is None:
            return None
        call = {
            "generator_id": generator_id,
            "received_at": now,
            "method": method,
            "content_type": content_type[:100],
            "body": body.decode("utf-8", "replace").replace("\0", "")[:500],
        }
        call_id = connection.scalar(_KEEP, call)
        asked = connection.execute(_HINT, {"hinted": generator_id, "call": call_id}).one()
    return Kept(generator_id, may_look(*asked, now))


def forget_old_calls() -> None:
    db.session.execute(delete(SensingCall).where(SensingCall.received_at < datetime.now(UTC) - KEEP_CALLS))
    db.session.commit()
