"""Delivering alerts: each delivery is claimed, tried, and tried again with growing patience."""

import smtplib
from datetime import UTC, datetime, timedelta
from email.errors import MessageError

from flask import current_app
from sqlalchemy import or_, select, update

from webapp.alerts.channels.mail import Mail, send
from webapp.alerts.models import Delivery
from webapp.extensions import db, reading
from webapp.languages import speaking
from webapp.people.models import WATCHERS
from webapp.sentences import Sentence, told

WAITS_S = (15, 60, 300, 1800, 7200)  # after the first, second, … failure; then it has failed
ABANDONED = timedelta(minutes=3)  # "sending" for longer than the slowest server takes: its worker died


def due(now: datetime) -> list[int]:
    """Deliveries to try now; one whose worker died is told twice rather than never."""
    abandoned = (Delivery.state == "sending") & (Delivery.next_try_at <= now - ABANDONED)
    queued = (Delivery.state == "queued") & (Delivery.next_try_at <= now)
    with reading():
        found = list(db.session.scalars(select(Delivery.id).where(or_(queued, abandoned)).limit(100)))
        db.session.rollback()
    return found


def deliver(delivery_id: int) -> None:
    """Try one delivery, if nobody else does."""
    now = datetime.now(UTC)
    if not _claim(delivery_id, now):
        return
    delivery = db.session.get_one(Delivery, delivery_id)
    if delivery.user.role_in(delivery.alert.society) not in WATCHERS:
        delivery.state, delivery.trouble = "failed", "left"  # it is theirs no longer
        db.session.commit()
        return
    with speaking(delivery.user.language):
        mail = _mail(delivery)
    db.session.commit()
    try:
        send(current_app.config["METERDESK"], mail)
    except (OSError, smtplib.SMTPException, ValueError, MessageError) as error:
        _failed(delivery, error, now)
    else:
        delivery.state, delivery.sent_at, delivery.trouble = "sent", datetime.now(UTC), None
    db.session.commit()


def _claim(delivery_id: int, now: datetime) -> bool:
    claimed = db.session.execute(
        update(Delivery)
        .where(
            Delivery.id == delivery_id,
            Delivery.next_try_at <= now,
            or_(Delivery.state == "queued", Delivery.next_try_at <= now - ABANDONED),
            Delivery.state.in_(("queued", "sending")),
        )
        .values(state="sending", tries=Delivery.tries + 1, next_try_at=now)
    )
    db.session.commit()
    return bool(claimed.rowcount)  # type: ignore[attr-defined]


def _mail(delivery: Delivery) -> Mail:
    """In the language in force; its subject begins in English always, for what sorts mails."""
    alert = delivery.alert
    public_url = current_app.config["METERDESK"].public_url
    said = told(Sentence("%(title)s.", title=alert.title))
    return Mail(
        to=delivery.user.email or "",
        subject=" · ".join(dict.fromkeys((alert.title, told(alert.title), alert.society.name))),
        body=f"{said}\n\n{told(alert.detail)}\n\n{public_url}/s/{alert.society.slug}/alerts\n",
        key=f"alert-{alert.id}-{delivery.user_id}",
    )


def _failed(delivery: Delivery, error: Exception, now: datetime) -> None:
    delivery.trouble = type(error).__name__  # an SMTP error's text can hold addresses and logins
    if delivery.tries > len(WAITS_S):
        delivery.state = "failed"
    else:
        delivery.state = "queued"
        delivery.next_try_at = now + timedelta(seconds=WAITS_S[delivery.tries - 1])
    current_app.logger.warning("mail %s failed: %s", delivery.id, delivery.trouble)
