"""An order, and every step it went through as a row of evidence."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.columns import Key, Paise, Said, SocietyId, Time, UtcTime, Watts, Words
from webapp.extensions import Model
from webapp.meters.models import Meter, Unit
from webapp.orders.rules import KINDS, SETTLED_BY_HAND, Kind, OrderKind, State
from webapp.people.models import User
from webapp.societies.models import Society


class Order(Model):
    """Something a person asked of a meter. Its truth is what the meter server says afterwards."""

    __tablename__ = "orders"  # ORDER is a word of SQL
    __table_args__ = (
        UniqueConstraint("society_id", "client_key"),
        # One open order in a lane of a meter, whoever presses what at the same moment.
        Index("uq_orders_open", "meter_id", "lane", unique=True, sqlite_where=text("closed_at IS NULL")),
        Index("ix_orders_unsettled", "state", sqlite_where=text("closed_at IS NULL")),
        Index("ix_orders_unit_id_id", "unit_id", "id"),
    )

    id: Mapped[Key]
    society_id: Mapped[SocietyId]
    meter_id: Mapped[int] = mapped_column(ForeignKey("meter.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))  # as it was when asked
    kind_name: Mapped[str] = mapped_column(String(10))
    lane: Mapped[str] = mapped_column(String(10))
    state_name: Mapped[str] = mapped_column("state", String(10), default=State.CREATED.value)
    client_key: Mapped[str] = mapped_column(String(64))
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    amount_paise: Mapped[Paise | None]
    load_grid_w: Mapped[Watts | None]
    load_dg_w: Mapped[Watts | None]
    reason: Mapped[Words] = mapped_column(default="")
    balance_before_paise: Mapped[Paise | None]  # the last good one when it was asked …
    balance_before_at: Mapped[datetime | None] = mapped_column(UtcTime)  # … and its age

    created_at: Mapped[Time]
    sent_at: Mapped[datetime | None] = mapped_column(UtcTime)
    sender: Mapped[str | None] = mapped_column(String(200))  # the process that is sending it
    changed_at: Mapped[Time]
    closed_at: Mapped[datetime | None] = mapped_column(UtcTime)  # nothing more is expected of it
    looks: Mapped[int] = mapped_column(default=0)
    next_look_at: Mapped[datetime | None] = mapped_column(UtcTime, index=True)

    transaction_id: Mapped[str | None] = mapped_column(String(64))
    token: Mapped[str | None] = mapped_column(String(200))
    balance_after_paise: Mapped[Paise | None]  # as the recharge's own reply said
    words: Mapped[str | None] = mapped_column(Text)  # the meter server's last words

    society: Mapped[Society] = relationship()
    meter: Mapped[Meter] = relationship()
    unit: Mapped[Unit] = relationship()
    asked_by: Mapped[User | None] = relationship()
    events: Mapped[list["OrderEvent"]] = relationship(
        back_populates="order", order_by="OrderEvent.id", cascade="all, delete-orphan"
    )

    @property
    def kind(self) -> Kind:
        return Kind(self.kind_name)

    @property
    def state(self) -> State:
        return State(self.state_name)

    @property
    def what(self) -> OrderKind:
        return KINDS[self.kind]

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def can_be_settled_by_hand(self) -> bool:
        """Nothing the machine can ask would tell, so a manager may."""
        return self.kind is Kind.RECHARGE and self.state in SETTLED_BY_HAND


class OrderEvent(Model):
    """One step: what the order became (or stayed), on what evidence, by whom."""

    id: Mapped[Key]
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), index=True)
    at: Mapped[Time]
    state_name: Mapped[str] = mapped_column("state", String(10))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    note: Mapped[Said]
    words: Mapped[str | None] = mapped_column(Text)

    order: Mapped[Order] = relationship(back_populates="events")
    by: Mapped[User | None] = relationship()

    @property
    def state(self) -> State:
        return State(self.state_name)
