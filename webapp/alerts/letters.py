"""What people say below this storey, carried on: letters by mail, moves to open pages."""

import smtplib
from datetime import datetime
from email.errors import MessageError
from typing import Any

from flask import current_app

from webapp.alerts.channels.mail import Mail, send
from webapp.alerts.news import tell
from webapp.people import letters
from webapp.people.tokens import hash_of
from webapp.work import task


@task("mail")
def carry(to: str, subject: str, body: str) -> None:
    """Once: whoever waits for it asks again, and the link in it is in no row that could try again."""
    try:
        send(current_app.config["METERDESK"], Mail(to, subject, body, f"letter-{hash_of(body)[:24]}"))
    except (OSError, smtplib.SMTPException, ValueError, MessageError) as error:
        current_app.logger.warning("a letter was not sent: %s", type(error).__name__)


@letters.posted.connect
def _posted(_sender: object, to: str, subject: str, body: str) -> None:
    if current_app.config["METERDESK"].mail_url:
        carry.nudge(to, subject, body)


@letters.moved.connect
def _moved(_sender: object, society_id: int, user_ids: list[int], now: datetime, **_more: Any) -> None:
    tell(society_id, "people", now, users=user_ids)
