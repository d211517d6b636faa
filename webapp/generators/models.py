"""A generator, what we know of it and since when; its runs; the calls that hint at them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.columns import Key, Millilitres, Said, SocietyId, Time, UtcTime, WattHours, Word
from webapp.contract.replies import Supply
from webapp.extensions import Model
from webapp.societies.models import MeterServer, Society


class Generator(Model):
    """A DG by its ``dg_no``. Each quantity has its own age; each question its own next time."""

    __table_args__ = (UniqueConstraint("society_id", "key"), UniqueConstraint("server_id", "dg_no"))

    id: Mapped[Key]
    society_id: Mapped[SocietyId]
    server_id: Mapped[int] = mapped_column(ForeignKey("meter_server.id", ondelete="CASCADE"))
    dg_no: Mapped[Word]
    key: Mapped[Word]

    state: Mapped[str] = mapped_column(String(8), default=Supply.UNKNOWN.value)  # on, off, unknown
    state_word: Mapped[Word] = mapped_column(default="")
    state_since: Mapped[datetime | None] = mapped_column(UtcTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcTime)  # operation 12 last answered
    fuel_ml: Mapped[Millilitres | None]
    fuel_percent_hundredths: Mapped[int | None]
    fuel_at: Mapped[datetime | None] = mapped_column(UtcTime)
    fuel_doubt: Mapped[Said | None]  # why the last answer was not believed
    fullest_ml: Mapped[Millilitres | None]  # the most it ever held: the tank, as far as we know
    register_wh: Mapped[WattHours | None]
    register_at: Mapped[datetime | None] = mapped_column(UtcTime)
    register_doubt: Mapped[Said | None]
    meter_no: Mapped[Word] = mapped_column(default="")  # whose register it is

    next_state_at: Mapped[datetime | None] = mapped_column(UtcTime)  # None: at once
    next_fuel_at: Mapped[datetime | None] = mapped_column(UtcTime)
    next_register_at: Mapped[datetime | None] = mapped_column(UtcTime)
    next_sensing_at: Mapped[datetime | None] = mapped_column(UtcTime)
    hint_asked_at: Mapped[datetime | None] = mapped_column(UtcTime)  # … last asked because of a call
    asking_until: Mapped[datetime | None] = mapped_column(UtcTime)  # a worker is asking operation 12
    failures: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[Said | None]  # why operation 12 last failed
    hint_id: Mapped[int] = mapped_column(default=0)  # the last call that came …
    answered_hint_id: Mapped[int] = mapped_column(default=0)  # … and the last that was looked into

    society: Mapped[Society] = relationship()
    server: Mapped[MeterServer] = relationship()

    def is_stale(self, now: datetime) -> bool:
        """Nobody has confirmed its state for longer than its pace explains."""
        pace = max(3 * self.server.generator_status_every_s, 60)
        return self.confirmed_at is None or (now - self.confirmed_at).total_seconds() > pace

    @property
    def fuel_percent(self) -> float | None:
        """Of the tank: as the server says, or of the most it ever held."""
        if self.fuel_percent_hundredths is not None:
            return self.fuel_percent_hundredths / 100
        if self.fuel_ml is None or not self.fullest_ml:
            return None
        return 100 * self.fuel_ml / self.fullest_ml


class Sensing(Model):
    """A callback address we gave for a generator; only the hash of its token is kept."""

    id: Mapped[Key]
    generator_id: Mapped[int] = mapped_column(ForeignKey("generator.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[Time]
    registered_at: Mapped[datetime | None] = mapped_column(UtcTime)  # the server took it
    valid_until: Mapped[datetime | None] = mapped_column(UtcTime)  # None: the one in use
    trouble: Mapped[Said | None]

    generator: Mapped[Generator] = relationship()


class SensingCall(Model):
    """One call of the callback, as it came: a hint, never the truth."""

    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[Key]
    generator_id: Mapped[int] = mapped_column(ForeignKey("generator.id", ondelete="CASCADE"), index=True)
    received_at: Mapped[Time] = mapped_column(index=True)
    method: Mapped[str] = mapped_column(String(4))
    content_type: Mapped[str] = mapped_column(String(100))
    body: Mapped[str] = mapped_column(Text)  # its first 500 characters


class Run(Model):
    """One stretch of ON."""

    __table_args__ = (
        Index("uq_run_open", "generator_id", unique=True, sqlite_where=text("ended_at IS NULL")),
        Index("ix_run_generator_id_started_at", "generator_id", "started_at"),
    )

    id: Mapped[Key]
    generator_id: Mapped[int] = mapped_column(ForeignKey("generator.id", ondelete="CASCADE"))
    started_at: Mapped[Time]
    started_by: Mapped[str] = mapped_column(String(10))  # how we learned: call, asking
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)
    ended_by: Mapped[str | None] = mapped_column(String(10))
