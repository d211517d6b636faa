"""Staff: what somebody is in a society, and leaving it. Nothing here commits."""

from datetime import UTC, datetime

from sqlalchemy import func, select, update

from webapp.extensions import db
from webapp.people.models import STAFF, Membership, Residence, Role
from webapp.people.papers import Invitation, Reset
from webapp.people.residing import tell_moved
from webapp.people.rules import NotSoError, leaves_no_manager


def set_role(membership: Membership, role: Role) -> None:
    """Raises NotSoError where nobody would be left to manage the society."""
    if membership.role is role:
        return
    _keep_a_manager(membership, role)
    membership.role_name = role.value
    _changed(membership)


def remove(membership: Membership) -> None:
    """Staff no more: who has a home here stays its resident, the others leave. Raises NotSoError."""
    _keep_a_manager(membership, None)
    homes = select(Residence.id).filter_by(
        user_id=membership.user_id, society_id=membership.society_id, cancelled_at=None
    )
    _changed(membership)
    if membership.role in STAFF and db.session.scalar(homes.limit(1)) is not None:
        membership.role_name = Role.RESIDENT.value
    else:
        db.session.delete(membership)


def _keep_a_manager(membership: Membership, becomes: Role | None) -> None:
    managers = select(func.count(Membership.id)).filter_by(
        society_id=membership.society_id, role_name=Role.MANAGER.value
    )
    if leaves_no_manager(db.session.scalar(managers) or 0, membership.role, becomes):
        raise NotSoError("last_manager")


def _changed(membership: Membership) -> None:
    """Links that they made, or that are for them, are no way back in; their open pages ask anew."""
    now = datetime.now(UTC)
    made_by = {"made_by_id": membership.user_id, "used_at": None}
    db.session.execute(
        update(Invitation)
        .filter_by(society_id=membership.society_id, revoked_at=None, **made_by)
        .values(revoked_at=now)
    )
    user = membership.user
    theirs = Invitation.user_id == user.id
    if user.email:
        theirs = theirs | (Invitation.email == user.email)
    still = update(Invitation).filter_by(society_id=membership.society_id, used_at=None, revoked_at=None)
    db.session.execute(still.where(theirs).values(revoked_at=now))
    db.session.execute(update(Reset).filter_by(**made_by).values(used_at=now))
    tell_moved(membership.society, [membership.user_id], now)
