"""Adding people."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import column, select, table

from webapp.extensions import db
from webapp.people.models import Membership, Residence, Role, User
from webapp.societies.models import Society


class AccountError(ValueError):
    """The person cannot be added; ``str()`` says why in one sentence."""


@dataclass(frozen=True)
class Account:
    """Whom to add, to which society, in which role; a resident to a unit."""

    email: str
    name: str
    society: str | None
    role: Role
    unit_no: str | None = None


def add(account: Account, password: str | None = None) -> str:
    """Add the person, or what they newly are; commits nothing. The password, made where not given.

    Someone who is known keeps their password, and '' is returned. Raises AccountError.
    """
    email = account.email.strip().lower()
    if "@" not in email[1:-1] or len(email) > 254:
        raise AccountError(f"“{account.email}” is not an e-mail address.")
    user = db.session.scalar(select(User).filter_by(email=email))
    made = ""
    if user is None:
        made = password or secrets.token_urlsafe(9)
        user = User(email=email, name=account.name)
        user.set_password(made)
        db.session.add(user)
        db.session.flush()
    elif password:
        user.set_password(password)
    if account.role is Role.OPERATOR:
        user.is_operator = True
        return made
    _join(user, account)
    return made


def _join(user: User, account: Account) -> None:
    if account.society is None:
        raise AccountError("Say of which society.")
    society = db.session.scalar(select(Society).filter_by(slug=account.society))
    if society is None:
        raise AccountError(f"There is no society “{account.society}”.")
    membership = db.session.scalar(select(Membership).filter_by(user_id=user.id, society_id=society.id))
    if membership is None:
        membership = Membership(user_id=user.id, society_id=society.id)
        db.session.add(membership)
    membership.role_name = account.role.value
    if account.unit_no:
        _settle(user, society, account.unit_no)
    elif account.role is Role.RESIDENT:
        raise AccountError("A resident needs a unit.")
    db.session.flush()


def _settle(user: User, society: Society, unit_no: str) -> None:
    """From the beginning of today, the society's day: what was before is somebody else's."""
    units = table("unit", column("id"), column("society_id"), column("unit_no"))
    unit_id = db.session.scalar(
        select(units.c.id).where(units.c.society_id == society.id, units.c.unit_no == unit_no)
    )
    if unit_id is None:
        raise AccountError(f"There is no unit “{unit_no}” in {society.name}.")
    now = datetime.now(UTC)
    lived = select(Residence).filter_by(user_id=user.id, unit_id=unit_id)
    if any(home.holds(now) for home in db.session.scalars(lived)):
        return
    today = now.astimezone(society.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    db.session.add(
        Residence(user_id=user.id, society_id=society.id, unit_id=unit_id, since=today.astimezone(UTC))
    )
