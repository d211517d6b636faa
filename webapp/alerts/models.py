"""Alerts, deliveries, and the news that open pages hear."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.columns import Key, Said, SocietyId, Time, UtcTime
from webapp.extensions import Model
from webapp.people.models import User
from webapp.societies.models import Society


class Alert(Model):
    """Something the staff should know: raised, perhaps acknowledged, perhaps cleared."""

    __table_args__ = (
        Index("uq_alert_open", "society_id", "about", unique=True, sqlite_where=text("cleared_at IS NULL")),
        Index("ix_alert_society_id_raised_at", "society_id", "raised_at"),
    )

    id: Mapped[Key]
    society_id: Mapped[SocietyId]
    kind: Mapped[str] = mapped_column(String(40))  # generator_started …
    about: Mapped[str] = mapped_column(String(80))  # what it is of: one open alert for one thing
    title: Mapped[Said]
    detail: Mapped[Said] = mapped_column(default="")
    is_urgent: Mapped[bool] = mapped_column(default=False)  # its toast stays until it is seen
    raised_at: Mapped[Time]
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcTime)
    acknowledged_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    cleared_at: Mapped[datetime | None] = mapped_column(UtcTime)

    society: Mapped[Society] = relationship()
    acknowledged_by: Mapped[User | None] = relationship()

    @property
    def state(self) -> str:
        if self.cleared_at:
            return "cleared"
        return "acknowledged" if self.acknowledged_at else "raised"


class Delivery(Model):
    """Telling one person of one alert by one channel."""

    __table_args__ = (Index("ix_delivery_state_next_try_at", "state", "next_try_at"),)

    id: Mapped[Key]
    alert_id: Mapped[int] = mapped_column(ForeignKey("alert.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    channel: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(10), default="queued")  # queued, sending, sent, failed
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[Time]
    sent_at: Mapped[datetime | None] = mapped_column(UtcTime)
    trouble: Mapped[str | None] = mapped_column(Text)

    alert: Mapped[Alert] = relationship()
    user: Mapped[User] = relationship()


class News(Model):
    """One thing that open pages should hear of; ids rise in the order of commits."""

    __table_args__ = (Index("ix_news_society_id_id", "society_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[Key]
    society_id: Mapped[int] = mapped_column(ForeignKey("society.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))  # alert, alerts, meters, orders, generators, servers
    what: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[Time]
