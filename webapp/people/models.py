"""A user, what they are in a society, and where they live."""

from datetime import datetime
from enum import StrEnum

from flask_login import UserMixin
from sqlalchemy import ColumnElement, ForeignKey, Index, String, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.columns import Key, Name, SocietyId, Time, UtcTime
from webapp.extensions import Model, db, login
from webapp.people import passwords
from webapp.societies.models import Society


class Role(StrEnum):
    """Operators are of every society; the others are of one."""

    OPERATOR = "operator"
    MANAGER = "manager"
    OFFICE = "office"
    RESIDENT = "resident"


STAFF = frozenset({Role.MANAGER, Role.OFFICE})
WATCHERS = STAFF | {Role.OPERATOR}  # who may look at the desk; an operator gives no orders
REGISTRARS = frozenset({Role.MANAGER, Role.OPERATOR})  # who keep the register of people


class User(UserMixin, Model):
    """A person. Whoever signs in has an e-mail address; residents that a list named may have none.

    An address is here only once its owner took an invitation (or the command line said so): what an
    office believes somebody's address to be is in ``Membership.email``.
    """

    id: Mapped[Key]
    email: Mapped[str | None] = mapped_column(String(254), unique=True)  # in small letters
    name: Mapped[Name] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(String(20), default="")
    language: Mapped[str] = mapped_column(String(2), default="")  # of LANGUAGES; '' asks the browser
    password_hash: Mapped[str] = mapped_column(String(200), default="")
    is_operator: Mapped[bool] = mapped_column(default=False)
    signed_in_at: Mapped[datetime | None] = mapped_column(UtcTime)

    memberships: Mapped[list["Membership"]] = relationship(
        back_populates="user", cascade="all, delete-orphan", order_by="Membership.society_id"
    )

    def set_password(self, password: str) -> None:
        self.password_hash = passwords.hashed(password)

    @property
    def can_sign_in(self) -> bool:
        return bool(self.email and self.password_hash)

    @property
    def display_name(self) -> str:
        return self.name or (self.email or "").partition("@")[0] or "–"

    @property
    def initials(self) -> str:
        parts = self.display_name.replace(".", " ").replace("_", " ").split()
        return "".join(part[0] for part in parts[:2]).upper()

    def get_id(self) -> str:
        # The hash's tail is in the session: a new password ends every session begun with the old.
        return f"{self.id}.{self.password_hash[-12:]}"

    def role_in(self, society: Society) -> Role | None:
        if self.is_operator:
            return Role.OPERATOR
        return next((m.role for m in self.memberships if m.society_id == society.id), None)


class Membership(Model):
    """What a user is in one society."""

    __table_args__ = (UniqueConstraint("user_id", "society_id"),)

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    society_id: Mapped[SocietyId]
    role_name: Mapped[str] = mapped_column(String(10))
    email: Mapped[str] = mapped_column(String(254), default="")  # as the office has it; proves nothing

    user: Mapped[User] = relationship(back_populates="memberships")
    society: Mapped[Society] = relationship()

    @property
    def role(self) -> Role:
        return Role(self.role_name)


class Residence(Model):
    """Who lives where, from when to when; what happened outside these times is not theirs to see.

    A wrong entry is cancelled and stays; what is right is an entry of its own.
    """

    __table_args__ = (Index("ix_residence_user_id_society_id", "user_id", "society_id"),)

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    society_id: Mapped[SocietyId]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id", ondelete="CASCADE"), index=True)
    since: Mapped[Time]
    until: Mapped[datetime | None] = mapped_column(UtcTime)
    added_at: Mapped[datetime | None] = mapped_column(UtcTime)
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcTime)
    cancelled_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))

    added_by: Mapped[User | None] = relationship(foreign_keys=added_by_id)
    cancelled_by: Mapped[User | None] = relationship(foreign_keys=cancelled_by_id)

    def holds(self, now: datetime) -> bool:
        return self.cancelled_at is None and self.since <= now and (self.until is None or now < self.until)


def lives_in(society_id: int, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """As ``Residence.holds``, for the database."""
    return (
        Residence.society_id == society_id,
        Residence.cancelled_at.is_(None),
        Residence.since <= now,
        or_(Residence.until.is_(None), Residence.until > now),
    )


@login.user_loader  # type: ignore[untyped-decorator]
def load_user(session_id: str) -> User | None:
    key, _, tail = session_id.partition(".")
    user = db.session.get(User, int(key)) if key.isdigit() else None
    return user if user is not None and user.password_hash[-12:] == tail else None


def authenticate(email: str, password: str) -> User | None:
    """The user, or None; an unknown address takes as long as a wrong password."""
    user = db.session.scalar(select(User).filter_by(email=email.strip().lower()))
    return user if passwords.is_right(user.password_hash if user else "", password) else None


def residences(user: User, society: Society, now: datetime) -> list[Residence]:
    """The homes that are the user's now, in this society."""
    rows = db.session.scalars(
        select(Residence).filter_by(user_id=user.id, society_id=society.id).order_by(Residence.id)
    )
    return [row for row in rows if row.holds(now)]
