"""Asking meter servers for readings, each at its own pace."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, or_, select, update

from webapp.alerts.news import FEW, tell
from webapp.contract.errors import MeterServerError, Unreadable
from webapp.contract.replies import LatestReadings, Reading
from webapp.extensions import db, reading
from webapp.meters.models import Meter
from webapp.meters.storing import Stored, named_in, store, store_one
from webapp.sentences import Sentence
from webapp.societies.models import MeterServer
from webapp.societies.rules import next_try

CLAIM_S = 60  # beyond the server's own deadline; then its worker is taken for dead
OUR_FAULT = Sentence("Meterdesk could not store its reply; that is our fault, and it is in the log.")


def due(now: datetime) -> list[int]:
    """Servers whose time has come and whom nobody is asking."""
    with reading():
        found = list(db.session.scalars(select(MeterServer.id).where(*_due(now))))
        db.session.rollback()
    return found


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        or_(MeterServer.next_poll_at.is_(None), MeterServer.next_poll_at <= now),
        or_(MeterServer.polling_until.is_(None), MeterServer.polling_until <= now),
    )


def poll(server_id: int, even_if_early: bool = False) -> str | None:
    """Ask one server for all its readings and store them, unless somebody else is at it.

    Returns the trouble in a sentence, or None where it went well (or was not ours to do).
    """
    asked = claim(server_id, datetime.now(UTC), even_if_early)
    if asked is None:
        return None
    try:
        with asked.client() as client:
            reply = client.latest_readings()
        answered(asked, reply, datetime.now(UTC))
    except MeterServerError as error:
        return _failed(asked, str(error), datetime.now(UTC))
    except Exception:
        # Nothing of the reply is kept; without this the server would be asked as before, in silence.
        db.session.rollback()
        current_app.logger.exception("storing the reply of meter server %s failed", asked.name)
        return _failed(asked, OUR_FAULT, datetime.now(UTC))
    return None


def is_claimed(server_id: int, now: datetime) -> bool:
    """Whether somebody is asking the server now."""
    with reading():
        until = db.session.scalar(select(MeterServer.polling_until).filter_by(id=server_id))
        db.session.rollback()
    return until is not None and until > now


def claim(server_id: int, now: datetime, even_if_early: bool) -> MeterServer | None:
    """The server as it is claimed, in nobody's session: nothing is held open while it is asked."""
    server: MeterServer | None = db.session.get(MeterServer, server_id)
    if server is None:
        return None
    conditions = _due(now)[1:] if even_if_early else _due(now)
    until = now + timedelta(seconds=server.timeout_s + CLAIM_S)
    claimed = db.session.execute(
        update(MeterServer).where(MeterServer.id == server_id, *conditions).values(polling_until=until)
    )
    if not claimed.rowcount:  # type: ignore[attr-defined]
        db.session.rollback()
        return None
    db.session.refresh(server)
    db.session.expunge(server)
    db.session.commit()
    return server


def _ours(asked: MeterServer) -> MeterServer | None:
    """The server's row now; None where it is gone, or our claim ran out and another worker has it."""
    server: MeterServer | None = db.session.get(MeterServer, asked.id, with_for_update=True)
    if server is None or server.polling_until != asked.polling_until:
        db.session.rollback()
        return None
    return server


def _failed(asked: MeterServer, trouble: str, now: datetime) -> str | None:
    """One more failure; said once in the log when it begins."""
    server = _ours(asked)
    if server is None:
        return None
    if not server.failures:
        server.failing_since = now
        current_app.logger.warning("meter server %s fails: %s", server.name, trouble)
    server.failures += 1
    server.trouble = trouble
    _schedule(server, now)
    tell(server.society_id, "servers", now)
    db.session.commit()
    return trouble


def answered(asked: MeterServer, reply: LatestReadings, now: datetime) -> None:
    """The readings, the server's own row and the news, in one transaction."""
    server = _ours(asked)
    if server is None:
        return
    stored = store(server, reply, now)
    if server.failures:
        current_app.logger.warning("meter server %s answers again", server.name)
    server.failures, server.failing_since, server.trouble = 0, None, None
    server.answered_at, server.remark = stored.fetched_at, stored.remark
    server.newest_read_at = max(filter(None, (server.newest_read_at, stored.newest_read_at)), default=None)
    _schedule(server, now)
    tell(server.society_id, "meters", now, **_what(server, stored))
    db.session.commit()


def _schedule(server: MeterServer, now: datetime) -> None:
    server.polling_until = None
    server.next_poll_at = next_try(now, server.poll_every_s, server.failures, random.random())  # noqa: S311


def _what(server: MeterServer, stored: Stored) -> dict[str, Any]:
    """Few meters by name. A meter that is missing changed too: then, as where they are many, all."""
    if stored.named > FEW or stored.named < stored.known:
        return {}
    found = named_in(server, stored)
    return {"ids": [meter_id for meter_id, _ in found], "units": [unit_id for _, unit_id in found]}


def read_one(meter: Meter) -> Reading:
    """Ask for one meter's reading now (operation 2) and store it. Raises MeterServerError.

    The caller's transaction must be closed: asking takes as long as the server likes.
    """
    server_id, meter_no, client = meter.server_id, meter.meter_no, meter.server.client()
    db.session.rollback()
    with client:
        row = client.meter_reading(meter_no)
    if row.meter_no != meter_no:
        said = Sentence(
            "The meter server was asked for meter %(asked)s and answered for %(other)s.",
            asked=meter_no,
            other=row.meter_no,
        )
        raise Unreadable("meter_reading", said)
    take(server_id, row)
    return row


def take(server_id: int, row: Reading) -> None:
    """Store one reading as a poll would, and tell the open pages."""
    now = datetime.now(UTC)
    server = db.session.get_one(MeterServer, server_id)
    meter_id, unit_id = store_one(server, row, now)
    tell(server.society_id, "meters", now, ids=[meter_id], units=[unit_id])
    db.session.commit()
