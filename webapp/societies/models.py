"""A society and its meter servers."""

import json
import os
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.columns import Key, Name, Paise, Said, SocietyId, UtcTime
from webapp.contract.auth import SEALED
from webapp.contract.client import MeterServerClient
from webapp.contract.profile import Profile
from webapp.extensions import Model
from webapp.societies.rules import BREAKER_AFTER
from webapp.societies.sealing import opened


class Society(Model):
    """The tenant: everything else belongs to exactly one."""

    id: Mapped[Key]
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[Name]
    timezone: Mapped[str] = mapped_column(String(60), default="Asia/Kolkata")
    currency: Mapped[str] = mapped_column(String(3), default="INR")
    smallest_recharge_paise: Mapped[Paise] = mapped_column(default=100)
    largest_recharge_paise: Mapped[Paise] = mapped_column(default=50_000_00)
    low_balance_paise: Mapped[Paise] = mapped_column(default=200_00)
    meter_servers: Mapped[list["MeterServer"]] = relationship(
        back_populates="society", order_by="MeterServer.id", cascade="all, delete-orphan"
    )

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


@lru_cache(maxsize=256)
def _profile(data: str) -> Profile:
    """Read once: a list of meters asks for it at every row."""
    return Profile.from_mapping(json.loads(data))


class MeterServer(Model):
    """A meter company's server answering for one ``site_id``, and how it has been doing."""

    __table_args__ = (UniqueConstraint("society_id", "name"),)

    id: Mapped[Key]
    society_id: Mapped[SocietyId]
    name: Mapped[str] = mapped_column(String(60))
    base_url: Mapped[str] = mapped_column(Text)
    site_id: Mapped[str] = mapped_column(String(64))
    poll_every_s: Mapped[int] = mapped_column(default=900)
    timeout_s: Mapped[float] = mapped_column(default=10)
    generator_status_every_s: Mapped[int] = mapped_column(default=30)
    generator_fuel_every_s: Mapped[int] = mapped_column(default=300)
    generator_register_every_s: Mapped[int] = mapped_column(default=900)
    recharge_queue_s: Mapped[int] = mapped_column(default=900)
    profile_data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    secret_sealed: Mapped[str] = mapped_column(Text, default="")  # where the profile says that it is sealed

    next_poll_at: Mapped[datetime | None] = mapped_column(UtcTime, index=True)  # None: at once
    polling_until: Mapped[datetime | None] = mapped_column(UtcTime)  # a worker has claimed the poll
    answered_at: Mapped[datetime | None] = mapped_column(UtcTime)  # the last readable reply
    newest_read_at: Mapped[datetime | None] = mapped_column(UtcTime)  # the newest reading it ever sent
    changes_asked_at: Mapped[datetime | None] = mapped_column(UtcTime)  # operation 5 last answered
    changes_said: Mapped[Said | None]  # … or why not, or its words where it told none
    failures: Mapped[int] = mapped_column(default=0)  # polls failed in a row
    failing_since: Mapped[datetime | None] = mapped_column(UtcTime)
    trouble: Mapped[Said | None]  # why the last poll failed, in a sentence
    remark: Mapped[Said | None]  # what was odd in the last readable reply

    society: Mapped[Society] = relationship(back_populates="meter_servers")

    @property
    def profile(self) -> Profile:
        return _profile(json.dumps(self.profile_data))

    def client(self) -> MeterServerClient:
        """To ask this server; close it after use (it is a context manager)."""
        profile = self.profile
        secrets = {SEALED: opened(self.secret_sealed)} if profile.auth.sealed else os.environ
        return MeterServerClient(self.base_url, self.site_id, profile, self.timeout_s, secrets)

    @property
    def stale_after(self) -> timedelta:
        """How old a reading may be before it looks old: two polls missed, a minute's grace."""
        return timedelta(seconds=max(3 * self.poll_every_s, 60))

    def makes_old(self, read_at: datetime | None, now: datetime) -> bool:
        """A reading of then is older than the server's pace explains."""
        return read_at is None or now - read_at > self.stale_after

    def left_out(self, fetched_at: datetime | None) -> bool:
        """Its last reply did not name a meter that was last named then."""
        return bool(self.answered_at and (fetched_at is None or fetched_at < self.answered_at))

    @property
    def breaker_is_open(self) -> bool:
        """It failed often enough that we ask less often."""
        return self.failures >= BREAKER_AFTER
