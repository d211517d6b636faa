"""A unit, its meters, what they last said, and what they said before."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.columns import Key, Paise, Said, SocietyId, Time, UtcTime, WattHours, Watts, Word
from webapp.contract.replies import Supply
from webapp.extensions import Model
from webapp.people.models import User
from webapp.societies.models import MeterServer, Society


class Unit(Model):
    """A flat, shop or common area. ``key`` is its unit_no made safe for an address."""

    __table_args__ = (
        UniqueConstraint("society_id", "unit_no"),
        UniqueConstraint("society_id", "key"),
    )

    id: Mapped[Key]
    society_id: Mapped[SocietyId]
    unit_no: Mapped[Word]
    key: Mapped[Word]
    rank: Mapped[str] = mapped_column(String(200))  # sorts A-2 before A-10
    tower: Mapped[Word] = mapped_column(default="", server_default="")  # '' where its unit_no names none
    is_named: Mapped[bool] = mapped_column(default=True)  # False: known only by its meter

    society: Mapped[Society] = relationship()
    meters: Mapped[list["Meter"]] = relationship(back_populates="unit", order_by="Meter.id")

    @property
    def live_meters(self) -> list["Meter"]:
        """Those that nobody has taken away; the others only have a past."""
        return [meter for meter in self.meters if meter.retired_at is None]


class Meter(Model):
    """A meter with the last good value of each quantity, and when the server read *that* value."""

    __table_args__ = (
        UniqueConstraint("server_id", "meter_no"),
        UniqueConstraint("society_id", "key"),
        Index("ix_meter_society_id_rank", "society_id", "rank", "id"),
        Index("ix_meter_society_id_balance", "society_id", "balance_paise", "id"),
        Index("ix_meter_retired", "server_id", sqlite_where=text("retired_at IS NOT NULL")),
    )

    id: Mapped[Key]
    society_id: Mapped[int] = mapped_column(ForeignKey("society.id", ondelete="CASCADE"))
    server_id: Mapped[int] = mapped_column(ForeignKey("meter_server.id", ondelete="CASCADE"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    meter_no: Mapped[Word]
    key: Mapped[Word]
    rank: Mapped[str] = mapped_column(String(200))  # its unit's, so that a list needs one index
    tower: Mapped[Word] = mapped_column(default="", server_default="")  # its unit's

    grid_wh: Mapped[WattHours | None]
    grid_at: Mapped[datetime | None] = mapped_column(UtcTime)
    dg_wh: Mapped[WattHours | None]
    dg_at: Mapped[datetime | None] = mapped_column(UtcTime)
    balance_paise: Mapped[Paise | None]
    balance_at: Mapped[datetime | None] = mapped_column(UtcTime)
    supply: Mapped[str] = mapped_column(String(8), default=Supply.UNKNOWN.value)
    supply_word: Mapped[Word] = mapped_column(default="")
    supply_at: Mapped[datetime | None] = mapped_column(UtcTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcTime)  # the newest reading
    fetched_at: Mapped[datetime | None] = mapped_column(UtcTime)  # the last reply that named it
    doubt: Mapped[Said | None]  # sentences; None where all is believed
    kept_at: Mapped[datetime | None] = mapped_column(UtcTime)  # read_at of its last row of history
    used_grid_wh: Mapped[
        WattHours | None
    ]  # the register up to which use is accounted, and when it showed that
    used_grid_at: Mapped[datetime | None] = mapped_column(UtcTime)
    used_dg_wh: Mapped[WattHours | None]
    used_dg_at: Mapped[datetime | None] = mapped_column(UtcTime)
    retired_at: Mapped[datetime | None] = mapped_column(UtcTime)  # another meter took its place
    load_grid_w: Mapped[Watts | None]  # the last that we set; no operation reads it back
    load_dg_w: Mapped[Watts | None]
    load_set_at: Mapped[datetime | None] = mapped_column(UtcTime)

    society: Mapped[Society] = relationship()
    server: Mapped[MeterServer] = relationship()
    unit: Mapped[Unit] = relationship(back_populates="meters")

    def is_stale(self, now: datetime) -> bool:
        """Its newest reading is older than its server's pace explains."""
        return self.server.makes_old(self.read_at, now)

    @property
    def is_missing(self) -> bool:
        """The server's last reply did not name it."""
        return self.retired_at is None and self.server.left_out(self.fetched_at)


class Reading(Model):
    """A row of history, at the society's grain."""

    __table_args__ = ({"sqlite_with_rowid": False},)  # one tree, by meter: a chart reads neighbours

    meter_id: Mapped[int] = mapped_column(ForeignKey("meter.id", ondelete="CASCADE"), primary_key=True)
    read_at: Mapped[Time] = mapped_column(primary_key=True)
    fetched_at: Mapped[Time]
    grid_wh: Mapped[WattHours | None]
    dg_wh: Mapped[WattHours | None]
    balance_paise: Mapped[Paise | None]
    supply: Mapped[str] = mapped_column(String(8))


class UsageHour(Model):
    """What a meter used in an hour of the society's: whole hours only, the present one is not in it."""

    __table_args__ = ({"sqlite_with_rowid": False},)

    meter_id: Mapped[int] = mapped_column(ForeignKey("meter.id", ondelete="CASCADE"), primary_key=True)
    hour_at: Mapped[Time] = mapped_column(primary_key=True)  # its beginning
    grid_wh: Mapped[WattHours | None]  # None: not known
    dg_wh: Mapped[WattHours | None]
    is_estimated: Mapped[bool] = mapped_column(
        default=False, server_default=false()
    )  # the readings around it lie far apart


class UsageDay(Model):
    """What a meter used in a day of the society's, up to the last full hour."""

    __table_args__ = ({"sqlite_with_rowid": False},)

    meter_id: Mapped[int] = mapped_column(ForeignKey("meter.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    grid_wh: Mapped[WattHours | None]
    dg_wh: Mapped[WattHours | None]
    balance_paise: Mapped[Paise | None]  # as the day ended
    is_estimated: Mapped[bool] = mapped_column(default=False, server_default=false())


class SocietyDay(Model):
    """What all meters of a society used in a day: the sum of their ``UsageDay``, kept beside them."""

    __table_args__ = ({"sqlite_with_rowid": False},)

    society_id: Mapped[int] = mapped_column(ForeignKey("society.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    grid_wh: Mapped[WattHours | None]
    dg_wh: Mapped[WattHours | None]


class MeterDoubt(Model):
    """What was not believed of a meter, from when to when: quarantined with its reason."""

    __table_args__ = (
        Index("uq_meter_doubt_open", "meter_id", "field", unique=True, sqlite_where=text("ended_at IS NULL")),
        Index("ix_meter_doubt_meter_id_since", "meter_id", "since"),
    )

    id: Mapped[Key]
    meter_id: Mapped[int] = mapped_column(ForeignKey("meter.id", ondelete="CASCADE"))
    field: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(20))
    reason: Mapped[Said]
    since: Mapped[Time]
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)


class MeterChange(Model):
    """A meter that took another's place, as the meter server tells it (contract, operation 5).

    ``applied``: the old meter is retired and use goes on in the new one. ``waiting``: something does
    not fit, and a person decides. ``dismissed``: a person said that it is not so.
    """

    __table_args__ = (UniqueConstraint("server_id", "old_meter_no", "new_meter_no", "changed_on"),)

    id: Mapped[Key]
    society_id: Mapped[SocietyId]
    server_id: Mapped[int] = mapped_column(ForeignKey("meter_server.id", ondelete="CASCADE"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    unit_no: Mapped[Word] = mapped_column(default="")  # as the server spells it
    old_meter_no: Mapped[Word] = mapped_column(default="")
    new_meter_no: Mapped[Word] = mapped_column(default="")
    old_end_grid_wh: Mapped[WattHours | None]
    old_end_dg_wh: Mapped[WattHours | None]
    new_start_grid_wh: Mapped[WattHours | None]
    new_start_dg_wh: Mapped[WattHours | None]
    changed_on: Mapped[date | None]
    reads_from: Mapped[date | None]
    seen_at: Mapped[Time]
    state: Mapped[str] = mapped_column(String(10))
    why: Mapped[Said] = mapped_column(default="")  # it waits
    settled_at: Mapped[datetime | None] = mapped_column(UtcTime)
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))

    unit: Mapped[Unit | None] = relationship()
    settled_by: Mapped[User | None] = relationship()
