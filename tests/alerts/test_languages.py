"""One alert, told to everybody in their own language."""

from datetime import UTC, datetime

from sqlalchemy import select, update

from tests.alerts.mailbox import Mailbox
from tests.alerts.wire import Wire
from tests.conftest import Desk
from webapp.alerts import tasks
from webapp.alerts.models import Alert
from webapp.alerts.raising import managers_of, raise_alert
from webapp.extensions import db
from webapp.people.accounts import Account, add
from webapp.people.models import Role, User
from webapp.sentences import Sentence

MANAGER, SECOND = "manager@greenview.example", "second@greenview.example"


def alarm(desk: Desk) -> None:
    with desk.app.app_context():
        alert = Alert(
            society_id=desk.society_id,
            kind="generator_started",
            about="DG1",
            title=Sentence("%(dg)s started", dg="DG1"),
            detail=Sentence("The meter server confirmed it at %(clock)s.", clock="10:02"),
            raised_at=datetime.now(UTC),
        )
        raise_alert(alert, mail_to=managers_of(desk.society_id))
        db.session.commit()


def two_managers(desk: Desk) -> None:
    """Of whom the second reads Hindi."""
    with desk.app.app_context():
        add(Account(SECOND, "Second", "greenview", Role.MANAGER), "right horse")
        db.session.execute(update(User).where(User.email == SECOND).values(language="hi"))
        db.session.execute(update(User).where(User.email == MANAGER).values(language="en"))
        db.session.commit()


def mails(desk: Desk, mailbox: Mailbox) -> dict[str, tuple[str, list[str]]]:
    """By address, the subject and the body's lines."""
    with desk.app.app_context():
        tasks.nudge_due()
    desk.work()
    return {to[0]: (str(mail["Subject"]), mail.get_content().splitlines()) for to, mail in mailbox.mails}


def test_a_mail_is_in_the_language_of_whoever_it_is_to(desk: Desk, mailbox: Mailbox) -> None:
    two_managers(desk)
    alarm(desk)
    sent = mails(desk, mailbox)
    assert len(desk.all(select(Alert))) == 1
    assert sent[MANAGER][0] == "DG1 started · Greenview"
    assert sent[MANAGER][1][:3] == ["DG1 started.", "", "The meter server confirmed it at 10:02."]
    assert sent[SECOND][1][:3] == ["DG1 चालू हुआ।", "", "मीटर सर्वर ने 10:02 पर इसकी पुष्टि की।"]


def test_a_subject_has_the_english_words_first_that_sorting_relies_on(desk: Desk, mailbox: Mailbox) -> None:
    two_managers(desk)
    alarm(desk)
    assert mails(desk, mailbox)[SECOND][0] == "DG1 started · DG1 चालू हुआ · Greenview"


def test_a_toast_is_in_the_language_of_the_page_it_comes_to(desk: Desk, wire: Wire) -> None:
    two_managers(desk)
    with wire.stream(wire.browser(MANAGER)) as english, wire.stream(wire.browser(SECOND)) as hindi:
        alarm(desk)
        (in_english, _), (in_hindi, _) = english.frames(2), hindi.frames(2)
    assert "DG1 started" in in_english.data and "चालू" not in in_english.data
    assert "DG1 चालू हुआ" in in_hindi.data and "started" not in in_hindi.data
    assert "10:02 पर इसकी पुष्टि की।" in in_hindi.data
