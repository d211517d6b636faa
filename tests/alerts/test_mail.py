"""Alerts by mail: to every manager, once, and again where that failed."""

import logging
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, select, text

from tests.alerts.mailbox import Mailbox
from tests.conftest import Desk
from tests.generators.yard import later
from webapp.alerts import tasks
from webapp.alerts.models import Alert, Delivery
from webapp.alerts.raising import managers_of, raise_alert
from webapp.extensions import db
from webapp.people.accounts import Account, add
from webapp.people.models import Membership, Role, User


def alarm(desk: Desk, title: str = "DG1 started") -> None:
    with desk.app.app_context():
        alert = Alert(
            society_id=desk.society_id,
            kind="generator_started",
            about=title,
            title=title,
            detail="The meter server confirmed it at 12:00.",
            raised_at=datetime.now(UTC),
        )
        raise_alert(alert, mail_to=managers_of(desk.society_id))
        db.session.commit()


def another_manager(desk: Desk, email: str = "second@greenview.example") -> None:
    with desk.app.app_context():
        add(Account(email, "Second", "greenview", Role.MANAGER), "right horse")
        db.session.commit()


def turn(desk: Desk) -> None:
    with desk.app.app_context():
        tasks.nudge_due()
        tasks.nudge_due()
    desk.work()


def delivery(desk: Desk) -> Delivery:
    return desk.one(select(Delivery))


def test_every_manager_gets_one_mail_of_their_own_and_nobody_else_does(desk: Desk, mailbox: Mailbox) -> None:
    another_manager(desk)
    alarm(desk)
    turn(desk)
    turn(desk)
    assert sorted(to for to, _ in mailbox.mails) == [
        ["manager@greenview.example"],
        ["second@greenview.example"],
    ]
    assert mailbox.subjects == ["DG1 started · Greenview"] * 2


def test_the_mail_says_what_happened_and_where_to_look(desk: Desk, mailbox: Mailbox) -> None:
    alarm(desk, "DG1 stopped")
    turn(desk)
    ((_, mail),) = mailbox.mails
    assert mail["To"] == "manager@greenview.example"
    assert "confirmed it at 12:00" in mail.get_content()
    assert "/s/greenview/alerts" in mail.get_content()
    assert mail["Date"] and mail["Message-ID"]


def test_who_left_the_society_is_told_nothing_of_it_any_more(desk: Desk, mailbox: Mailbox) -> None:
    alarm(desk)
    with desk.app.app_context():
        db.session.execute(delete(Membership).where(Membership.role_name == "manager"))
        db.session.commit()
    turn(desk)
    assert (mailbox.mails, delivery(desk).state, delivery(desk).trouble) == ([], "failed", "left")


def test_without_a_mail_server_nothing_is_queued(desk: Desk) -> None:
    object.__setattr__(desk.app.config["METERDESK"], "mail_url", None)
    alarm(desk)
    assert desk.all(select(Delivery)) == []


def test_a_busy_mail_server_is_tried_again_a_little_later(desk: Desk, mailbox: Mailbox) -> None:
    mailbox.keeper.refusals = ["451 busy"]
    alarm(desk)
    turn(desk)
    turn(desk)
    assert (delivery(desk).state, delivery(desk).tries, mailbox.mails) == ("queued", 1, [])
    with later(16):
        turn(desk)
    assert (delivery(desk).state, delivery(desk).trouble, len(mailbox.mails)) == ("sent", None, 1)


def test_a_mail_server_that_is_gone_is_tried_with_growing_patience_and_then_no_more(
    desk: Desk, mailbox: Mailbox
) -> None:
    alarm(desk)
    mailbox.close()
    waited = []
    for tries, seconds in enumerate((0, 16, 77, 378, 2_179, 9_380), start=1):
        with later(seconds):
            turn(desk)
            found = delivery(desk)
            assert found.tries == tries
            waited.append(round((found.next_try_at - datetime.now(UTC)).total_seconds() / 5) * 5)
    assert waited[:5] == [15, 60, 300, 1_800, 7_200]
    assert (found.state, found.trouble) == ("failed", "ConnectionRefusedError")
    with later(days=1):
        turn(desk)
    assert delivery(desk).tries == 6


def test_a_mail_whose_worker_died_while_it_sent_is_sent_again(desk: Desk, mailbox: Mailbox) -> None:
    alarm(desk)
    with desk.app.app_context():
        db.session.execute(text("UPDATE delivery SET state = 'sending', tries = 1"))
        db.session.commit()
    turn(desk)
    assert mailbox.mails == []
    with later(minutes=4):
        turn(desk)
    assert (delivery(desk).state, len(mailbox.mails)) == ("sent", 1)


def test_what_would_add_a_header_is_no_header(desk: Desk, mailbox: Mailbox) -> None:
    alarm(desk, "DG1 started\r\nBcc: thief@elsewhere.example\r\n\r\nand a body")
    turn(desk)
    ((to, mail),) = mailbox.mails
    assert (to, mail["Bcc"]) == (["manager@greenview.example"], None)
    assert mail["Subject"].startswith("DG1 started Bcc: thief@elsewhere.example")


@pytest.mark.parametrize(
    "address", ["a@b.example\r\nBcc: thief@c.example", "a@b.example, thief@c.example", "not an address"]
)
def test_an_address_that_is_more_than_one_is_not_written_to_and_given_up(
    desk: Desk, mailbox: Mailbox, address: str
) -> None:
    with desk.app.app_context():
        manager = db.session.scalars(select(User).filter_by(email="manager@greenview.example")).one()
        manager.email = address
        db.session.commit()
    alarm(desk)
    for seconds in (0, 16, 77, 378, 2_179, 9_380):
        with later(seconds):
            turn(desk)
    assert (delivery(desk).state, mailbox.mails) == ("failed", [])


class TestALogin:
    """The mail server wants, or does not offer, a login."""

    @pytest.fixture
    def mail_url(self, mailbox: Mailbox) -> str:
        return f"smtp://meterdesk:hunter2@127.0.0.1:{mailbox.port}"

    def test_its_secret_is_neither_in_the_log_nor_in_the_trouble(
        self, desk: Desk, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        alarm(desk)
        turn(desk)
        assert (delivery(desk).state, delivery(desk).trouble) == ("queued", "SMTPNotSupportedError")
        assert "hunter2" not in caplog.text
        assert "manager@greenview" not in caplog.text
