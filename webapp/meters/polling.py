"""Asking meter servers for readings, each at its own pace."""

import random
from datetime import UTC, datetime, timedelta

from flask import current_app
from sqlalchemy import ColumnElement, or_, select, update

from webapp.alerts.news import ids_or_all, tell
from webapp.contract.errors import MeterServerError
from webapp.contract.replies import LatestReadings, Reading
from webapp.extensions import db, reading
from webapp.meters.models import Meter
from webapp.meters.storing import Stored, store
from webapp.societies.models import MeterServer
from webapp.societies.rules import next_try

CLAIM_S = 60  # beyond the server's own deadline; then its worker is taken for dead


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
    now = datetime.now(UTC)
    server = _claim(server_id, now, even_if_early)
    if server is None:
        return None
    try:
        with server.client() as client:
            reply = client.latest_readings()
    except MeterServerError as error:
        return _failed(server, error, now)
    _answered(server, reply, datetime.now(UTC))
    return None


def _claim(server_id: int, now: datetime, even_if_early: bool) -> MeterServer | None:
    conditions = _due(now)[1:] if even_if_early else _due(now)
    server = db.session.get(MeterServer, server_id)
    if server is None:
        return None
    until = now + timedelta(seconds=server.timeout_s + CLAIM_S)
    claimed = db.session.execute(
        update(MeterServer).where(MeterServer.id == server_id, *conditions).values(polling_until=until)
    )
    db.session.commit()
    if not claimed.rowcount:  # type: ignore[attr-defined]
        return None
    server = db.session.get_one(MeterServer, server_id)
    db.session.expunge(server)  # nothing is held open while the server is asked
    db.session.rollback()
    return server


def _failed(asked: MeterServer, error: MeterServerError, now: datetime) -> str:
    """One more failure; said once in the log when it begins."""
    server = db.session.get_one(MeterServer, asked.id)
    if not server.failures:
        server.failing_since = now
        current_app.logger.warning("meter server %s fails: %s", server.name, error)
    server.failures += 1
    server.trouble = str(error)
    _schedule(server, now)
    tell(server.society_id, "servers", now)
    db.session.commit()
    return str(error)


def _answered(asked: MeterServer, reply: LatestReadings, now: datetime) -> None:
    server = db.session.get_one(MeterServer, asked.id)
    stored = store(server, reply, now)
    if server.failures:
        current_app.logger.warning("meter server %s answers again", server.name)
    server.failures, server.failing_since, server.trouble = 0, None, None
    server.answered_at, server.remark = now, stored.remark
    server.newest_read_at = max(filter(None, (server.newest_read_at, stored.newest_read_at)), default=None)
    _schedule(server, now)
    _tell(server, stored, now)
    db.session.commit()


def _schedule(server: MeterServer, now: datetime) -> None:
    server.polling_until = None
    server.next_poll_at = next_try(now, server.poll_every_s, server.failures, random.random())  # noqa: S311


def _tell(server: MeterServer, stored: Stored, now: datetime) -> None:
    few = ids_or_all(stored.meters)
    tell(server.society_id, "meters", now, **few, **({"units": stored.units} if few else {}))


def read_one(meter: Meter) -> Reading:
    """Ask for one meter's reading now (operation 2) and store it. Raises MeterServerError.

    The caller's transaction must be closed: asking takes as long as the server likes.
    """
    server, meter_no = meter.server, meter.meter_no
    client = server.client()
    db.session.rollback()
    with client:
        row = client.meter_reading(meter_no)
    take(server.id, row)
    return row


def take(server_id: int, row: Reading) -> None:
    """Store one reading as a poll would, and tell the open pages."""
    now = datetime.now(UTC)
    server = db.session.get_one(MeterServer, server_id)
    stored = store(server, LatestReadings([row]), now)
    tell(server.society_id, "meters", now, ids=stored.meters, units=stored.units)
    db.session.commit()
