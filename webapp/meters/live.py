"""A reading that somebody asks for now (operation 2): recorded, asked behind the page, told to it.

The row says what became of the last time that this meter was asked. It is the claim, too: while one
is open nobody asks again. Who was to ask may die: then the row is lost, by its age, and can be asked anew.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from flask import current_app
from sqlalchemy import ForeignKey, String, or_, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.alerts.news import tell
from webapp.columns import Said, UtcTime
from webapp.contract.errors import MeterServerError, Refused, Unreadable
from webapp.extensions import Model, db
from webapp.meters import polling
from webapp.meters.models import Meter
from webapp.people.models import User

GRACE = timedelta(seconds=30)  # beyond the server's own deadline: who was to ask died, or never heard of it
SHOWN_FOR = timedelta(minutes=15)  # then it is no news any more
JUST_NOW = timedelta(minutes=1)
ASKING, ANSWERED, SILENT, REFUSED, ODD = "asking", "answered", "silent", "refused", "odd"
LOST = "lost"  # of one that is asked no more, though nobody wrote down its end


class LiveReading(Model):
    """The last time that somebody asked this meter: by whom, when, and what came of it."""

    meter_id: Mapped[int] = mapped_column(ForeignKey("meter.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str] = mapped_column(String(10))
    words: Mapped[Said] = mapped_column(default="")  # of the failure
    asked_at: Mapped[datetime] = mapped_column(UtcTime)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)

    asked_by: Mapped[User | None] = relationship()
    meter: Mapped[Meter] = relationship()

    def is_open(self, now: datetime) -> bool:
        """It is being asked, as far as we know."""
        return self.state == ASKING and now - self.asked_at < patience(self.meter)

    def shown(self, now: datetime) -> str:
        """What a page says of it: its state, or LOST, or '' where it is too long ago to matter."""
        if now - (self.ended_at or self.asked_at) >= SHOWN_FOR:
            return ""
        return LOST if self.state == ASKING and not self.is_open(now) else self.state

    @property
    def is_fresh(self) -> bool:
        """The newest reading is of when it ended: the server did not only say again what it knew."""
        read_at, ended_at = self.meter.read_at, self.ended_at
        return read_at is not None and ended_at is not None and ended_at - read_at < JUST_NOW


def patience(meter: Meter) -> timedelta:
    """How long an answer may take before nobody waits for it any more."""
    return timedelta(seconds=2 * meter.server.timeout_s) + GRACE


def last_asked(meters: Iterable[Meter]) -> dict[int, LiveReading]:
    """By meter id; one that nobody ever asked for is not there."""
    rows = select(LiveReading).where(LiveReading.meter_id.in_([meter.id for meter in meters]))
    return {row.meter_id: row for row in db.session.scalars(rows)}


def ask(meter: Meter, user: User, now: datetime) -> bool:
    """Record the wish; False where the meter is being asked already. Whoever records it nudges a worker."""
    row = {"state": ASKING, "words": "", "asked_at": now, "asked_by_id": user.id, "ended_at": None}
    closed = or_(LiveReading.state != ASKING, LiveReading.asked_at <= now - patience(meter))
    wish = insert(LiveReading).values(meter_id=meter.id, **row)
    taken = db.session.execute(
        wish.on_conflict_do_update(index_elements=["meter_id"], set_=row, where=closed)
    )
    tell(meter.society_id, "meters", now, ids=[meter.id], units=[meter.unit_id])
    db.session.commit()
    return bool(taken.rowcount)  # type: ignore[attr-defined]


def answer(meter_id: int) -> None:
    """Ask the meter server what was wished for, and store what it says as a poll would."""
    wish, meter = db.session.get(LiveReading, meter_id), db.session.get(Meter, meter_id)
    if wish is None or meter is None or meter.retired_at or not wish.is_open(datetime.now(UTC)):
        db.session.rollback()
        return
    asked_at = wish.asked_at
    try:
        polling.read_one(meter)
        state, words = ANSWERED, ""
    except MeterServerError as error:
        state, words = _failure(error), str(error)
        current_app.logger.info("a reading of meter %s: %s", meter_id, words)
    except Exception:
        # Without this the page would wait for an answer that came.
        db.session.rollback()
        current_app.logger.exception("storing a reading of meter %s failed", meter_id)
        state, words = ODD, polling.OUR_FAULT
    _end(meter_id, asked_at, state, words)


def _failure(error: MeterServerError) -> str:
    if isinstance(error, Refused):
        return REFUSED
    return ODD if isinstance(error, Unreadable) else SILENT


def _end(meter_id: int, asked_at: datetime, state: str, words: str) -> None:
    """Unless it took so long that somebody asked anew."""
    now = datetime.now(UTC)
    wish, meter = db.session.get_one(LiveReading, meter_id), db.session.get_one(Meter, meter_id)
    if wish.asked_at == asked_at and wish.state == ASKING:
        wish.state, wish.words, wish.ended_at = state, words, now
        tell(meter.society_id, "meters", now, ids=[meter_id], units=[meter.unit_id])
    db.session.commit()
