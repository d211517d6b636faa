"""What a person is handed or hands in: invitations, ways to a new password, lists to import."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.columns import Key, Name, SocietyId, Time, UtcTime
from webapp.extensions import Model
from webapp.people.models import Role, User
from webapp.societies.models import Society


class Invitation(Model):
    """A way in by a link, once, until it ends. Of the link only its hash is kept."""

    id: Mapped[Key]
    society_id: Mapped[SocietyId]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[Name] = mapped_column(default="")
    role_name: Mapped[str] = mapped_column(String(10))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[Time]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    ends_at: Mapped[Time]
    used_at: Mapped[datetime | None] = mapped_column(UtcTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcTime)

    society: Mapped[Society] = relationship()
    user: Mapped[User | None] = relationship(foreign_keys=user_id)  # the resident whom it is for
    made_by: Mapped[User | None] = relationship(foreign_keys=made_by_id)

    @property
    def role(self) -> Role:
        return Role(self.role_name)

    def is_open(self, now: datetime) -> bool:
        return self.used_at is None and self.revoked_at is None and now < self.ends_at


class Reset(Model):
    """A way to a new password by a link, once, until it ends."""

    __tablename__ = "password_reset"

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[Time]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    ends_at: Mapped[Time]
    used_at: Mapped[datetime | None] = mapped_column(UtcTime)

    user: Mapped[User] = relationship(foreign_keys=user_id)

    def is_open(self, now: datetime) -> bool:
        return self.used_at is None and now < self.ends_at


class Upload(Model):
    """A list of units and residents as it was read; nothing is done with it until somebody says so."""

    __tablename__ = "people_upload"

    id: Mapped[Key]
    society_id: Mapped[SocietyId]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    made_at: Mapped[Time]
    file_name: Mapped[Name]
    rows: Mapped[list[Any]] = mapped_column(JSON)
    is_complete: Mapped[bool] = mapped_column(default=False)  # who is missing in a named unit left it
    done_at: Mapped[datetime | None] = mapped_column(UtcTime)
    done_rows: Mapped[int] = mapped_column(default=0)
