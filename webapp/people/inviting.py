"""Invitations: made, made anew, taken back, accepted once. Nothing here commits."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update

from webapp.extensions import db
from webapp.people import tokens
from webapp.people.models import Membership, Residence, Role, User
from webapp.people.papers import Invitation
from webapp.people.residing import ensure_member, tell_moved
from webapp.people.rules import NotSoError, email_of, higher, name_of, overlaps
from webapp.societies.models import Society

GOOD_FOR = timedelta(days=7)


@dataclass(frozen=True)
class Accepted:
    """What somebody says of themselves when they come in; the password is of their choice, or known."""

    name: str
    phone: str
    language: str
    password: str


def invite(
    society: Society, email: str, role: Role, by: User, name: str = "", whom: User | None = None
) -> str:
    """A token that lets its holder in as ``role``; ``whom`` is the resident that a list knows already.

    What was open for the same address, or the same resident, ends. Raises NotSoError. It says nothing
    of whether the address is known beyond the society.
    """
    now, email = datetime.now(UTC), email_of(email)
    member = _member_called(society, email)
    if member is not None and higher(member.role, role) is member.role:
        raise NotSoError("already_member", name=member.user.display_name)
    _end_open(society, now, email, whom)
    token, token_hash = tokens.fresh()
    db.session.add(
        Invitation(
            society_id=society.id, user_id=whom.id if whom else None, email=email, name=name_of(name),
            role_name=role.value, token_hash=token_hash, made_at=now, made_by_id=by.id,
            ends_at=now + GOOD_FOR,
        )
    )  # fmt: skip
    return token


def _member_called(society: Society, email: str) -> Membership | None:
    found: Membership | None = db.session.scalar(
        select(Membership).filter_by(society_id=society.id).join(User).where(User.email == email)
    )
    return found


def _end_open(society: Society, now: datetime, email: str, whom: User | None) -> None:
    same = Invitation.email == email
    if whom is not None:
        same = same | (Invitation.user_id == whom.id)
    _open = (
        Invitation.society_id == society.id,
        Invitation.used_at.is_(None),
        Invitation.revoked_at.is_(None),
    )
    db.session.execute(update(Invitation).where(*_open, same).values(revoked_at=now))


def again(invitation: Invitation, by: User) -> str:
    """A new link to the same, which ends the old. Raises NotSoError."""
    return invite(invitation.society, invitation.email, invitation.role, by, invitation.name, invitation.user)


def revoke(invitation: Invitation) -> None:
    if invitation.used_at is None and invitation.revoked_at is None:
        invitation.revoked_at = datetime.now(UTC)


def open_by(token: str) -> Invitation | None:
    """The invitation, where the link still holds."""
    found: Invitation | None = db.session.scalar(
        select(Invitation).filter_by(token_hash=tokens.hash_of(token))
    )
    return found if found is not None and found.is_open(datetime.now(UTC)) else None


def accept(invitation: Invitation, known: User | None, said: Accepted | None) -> User | None:
    """Let them in, once: the ``known`` as who they are, somebody new as they said. None: too late."""
    if not _claim(invitation):
        return None
    listed = invitation.user if invitation.user and invitation.user.email is None else None
    if known is None:
        assert said is not None
        known = listed or User()
        _introduce(known, invitation, said)
    elif listed is not None:
        _become_one(known, listed, invitation.society)
    _enrol(known, invitation)
    return known


def _claim(invitation: Invitation) -> bool:
    """Two clicks at once let one in."""
    now = datetime.now(UTC)
    claimed = db.session.execute(
        update(Invitation)
        .filter_by(id=invitation.id, used_at=None, revoked_at=None)
        .where(Invitation.ends_at > now)
        .values(used_at=now)
    )
    return bool(claimed.rowcount)  # type: ignore[attr-defined]


def _introduce(user: User, invitation: Invitation, said: Accepted) -> None:
    user.email, user.name, user.phone, user.language = invitation.email, said.name, said.phone, said.language
    user.set_password(said.password)
    db.session.add(user)
    db.session.flush()


def _enrol(user: User, invitation: Invitation) -> None:
    membership = ensure_member(user, invitation.society)
    membership.role_name = higher(membership.role, invitation.role).value
    tell_moved(invitation.society, [user.id], datetime.now(UTC))
    db.session.flush()


def _become_one(known: User, listed: User, society: Society) -> None:
    """Who signs in elsewhere already turns out to be the resident of the list: one person from now on."""
    theirs = [
        (home.unit_id, home.since, home.until)
        for home in db.session.scalars(select(Residence).filter_by(user_id=known.id, cancelled_at=None))
    ]
    for home in db.session.scalars(select(Residence).filter_by(user_id=listed.id)):
        lived = [(since, until) for unit_id, since, until in theirs if unit_id == home.unit_id]
        if home.cancelled_at is None and overlaps((home.since, home.until), lived):
            home.cancelled_at = datetime.now(UTC)
        home.user_id = known.id
    ensure_member(known, society)
    db.session.execute(update(Invitation).filter_by(user_id=listed.id).values(user_id=known.id))
    db.session.flush()
    db.session.expire(listed)
    db.session.delete(listed)
