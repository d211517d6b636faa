"""Adding people from the command line, and the demo's."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select

from webapp.extensions import db
from webapp.people import residing, roles
from webapp.people.models import Residence, Role, User
from webapp.people.rules import NotSoError, day_at, email_of
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


def add(account: Account, password: str | None = None, resets: bool = False) -> str:
    """Add the person, or what they newly are; commits nothing. The password, made where not given.

    Someone who is known keeps their password, and '' is returned; only ``resets`` gives them the one
    that is said, and ends their sessions. Raises AccountError.
    """
    user, made = _user(account, password, resets)
    if account.role is Role.OPERATOR:
        user.is_operator = True
        return made
    society = _society(account.society)
    try:
        _join(user, society, account)
    except NotSoError as error:
        raise AccountError(
            _SAID[error.problem.kind].format(society=society.name, **error.problem.params)
        ) from error
    db.session.flush()
    return made


_SAID = {
    "no_unit": "There is no unit “{unit}” in {society}.",
    "unit_missing": "A resident needs a unit.",
    "last_manager": "This is the only manager of {society}. Make somebody else a manager first.",
}


def _user(account: Account, password: str | None, resets: bool) -> tuple[User, str]:
    try:
        email = email_of(account.email)
    except NotSoError as error:
        raise AccountError(f"“{account.email}” is not an e-mail address.") from error
    user = db.session.scalar(select(User).filter_by(email=email))
    if user is not None:
        if password and not resets:
            raise AccountError(
                f"{email} is known and keeps their password. To give them this one, add --reset-password."
            )
        if password:
            user.set_password(password)
        return user, ""
    made = password or secrets.token_urlsafe(9)
    user = User(email=email, name=account.name)
    user.set_password(made)
    db.session.add(user)
    db.session.flush()
    return user, made


def _society(slug: str | None) -> Society:
    if slug is None:
        raise AccountError("Say of which society.")
    society = db.session.scalar(select(Society).filter_by(slug=slug))
    if society is None:
        raise AccountError(f"There is no society “{slug}”.")
    return society


def _join(user: User, society: Society, account: Account) -> None:
    membership = residing.ensure_member(user, society)
    if account.role is not Role.RESIDENT:  # staff who come to live here stay staff
        roles.set_role(membership, account.role)
    if account.unit_no or account.role is Role.RESIDENT:
        _settle(user, society, account.unit_no or "")


def _settle(user: User, society: Society, unit_no: str) -> None:
    """From the beginning of today, the society's day: what was before is somebody else's."""
    now = datetime.now(UTC)
    unit_id = residing.unit_id_of(society, unit_no)
    lived = select(Residence).filter_by(user_id=user.id, unit_id=unit_id)
    if not any(home.holds(now) for home in db.session.scalars(lived)):
        residing.move_in(user, society, unit_no, (day_at(now, society.zone), None), None)
