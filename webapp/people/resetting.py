"""Passwords that were forgotten: a link with an end, used once. Nothing here commits."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, update

from webapp.extensions import db
from webapp.people import tokens
from webapp.people.models import User
from webapp.people.papers import Reset
from webapp.people.residing import tell_moved

GOOD_FOR = timedelta(hours=1)
AN_HOUR_AT_MOST = 3  # mails to one person, from wherever they are asked for


def may_hand_over(user: User, society_id: int, by: User) -> bool:
    """Whoever holds the link is that person in every society: so it is the manager's only where the
    person is of no other. An operator's own is nobody's but the command line's."""
    if user.is_operator or not user.can_sign_in:
        return False
    return by.is_operator or all(each.society_id == society_id for each in user.memberships)


def make(user: User, by: User | None) -> str:
    """A token that changes this person's password; links of before end."""
    now = datetime.now(UTC)
    _end_open(user, now)
    token, token_hash = tokens.fresh()
    db.session.add(
        Reset(
            user_id=user.id,
            token_hash=token_hash,
            made_at=now,
            made_by_id=by.id if by else None,
            ends_at=now + GOOD_FOR,
        )
    )
    return token


def is_pestered(user: User) -> bool:
    """Somebody asks again and again in their name."""
    since = datetime.now(UTC) - timedelta(hours=1)
    made = select(func.count(Reset.id)).where(Reset.user_id == user.id, Reset.made_at > since)
    return (db.session.scalar(made) or 0) >= AN_HOUR_AT_MOST


def open_by(token: str) -> Reset | None:
    found: Reset | None = db.session.scalar(select(Reset).filter_by(token_hash=tokens.hash_of(token)))
    return found if found is not None and found.is_open(datetime.now(UTC)) else None


def use(reset: Reset, password: str) -> bool:
    """The new password holds, and every session begun with the old one ends. False: too late."""
    now = datetime.now(UTC)
    claimed = db.session.execute(
        update(Reset).filter_by(id=reset.id, used_at=None).where(Reset.ends_at > now).values(used_at=now)
    )
    if not claimed.rowcount:  # type: ignore[attr-defined]
        return False
    change(reset.user, password)
    return True


def change(user: User, password: str) -> None:
    """Every session begun with the old one ends; its open pages ask anew, and learn it."""
    now = datetime.now(UTC)
    user.set_password(password)
    _end_open(user, now)
    for membership in user.memberships:
        tell_moved(membership.society, [user.id], now)


def _end_open(user: User, now: datetime) -> None:
    db.session.execute(update(Reset).filter_by(user_id=user.id, used_at=None).values(used_at=now))
