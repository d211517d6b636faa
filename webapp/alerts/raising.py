"""An alert's life: raise, acknowledge, clear. Commits nothing."""

from collections.abc import Iterable
from datetime import datetime

from flask import current_app
from sqlalchemy import select, update

from webapp.alerts.models import Alert, Delivery
from webapp.alerts.news import tell
from webapp.extensions import db
from webapp.people.models import Membership, Role, User


def raise_alert(alert: Alert, mail_to: Iterable[User] = ()) -> Alert | None:
    """Make it known: to every open page of the society's staff, and by mail to those named.

    None where the same thing (``about``) is already alerted and not cleared.
    """
    same = select(Alert.id).filter_by(society_id=alert.society_id, about=alert.about, cleared_at=None)
    if db.session.scalar(same) is not None:
        return None
    db.session.add(alert)
    db.session.flush()
    if current_app.config["METERDESK"].mail_url:
        for user in mail_to:
            db.session.add(
                Delivery(alert_id=alert.id, user_id=user.id, channel="mail", next_try_at=alert.raised_at)
            )
    tell(alert.society_id, "alert", alert.raised_at, id=alert.id)
    return alert


def clear(society_id: int, about: str, now: datetime) -> bool:
    """What the alert said holds no longer."""
    cleared = db.session.execute(
        update(Alert).filter_by(society_id=society_id, about=about, cleared_at=None).values(cleared_at=now)
    )
    if cleared.rowcount:  # type: ignore[attr-defined]
        tell(society_id, "alerts", now)
    return bool(cleared.rowcount)  # type: ignore[attr-defined]


def acknowledge(alert: Alert, user: User, now: datetime) -> None:
    """Somebody saw it. The first who did stays the one named."""
    db.session.execute(
        update(Alert)
        .filter_by(id=alert.id, acknowledged_at=None)
        .values(acknowledged_at=now, acknowledged_by_id=user.id)
    )
    tell(alert.society_id, "alerts", now)


def managers_of(society_id: int) -> list[User]:
    """Who hears of a generator by mail."""
    managers = select(User).join(Membership).filter_by(society_id=society_id, role_name=Role.MANAGER.value)
    return list(db.session.scalars(managers))
