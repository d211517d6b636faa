"""The alerts' page, and acknowledging."""

from datetime import UTC, datetime

from sqlalchemy import select

from tests.conftest import Desk, SignIn
from webapp.alerts.models import Alert
from webapp.alerts.raising import clear, raise_alert
from webapp.extensions import db

PAGE = "/s/greenview/alerts"


def alarm(desk: Desk, about: str = "DG1", title: str = "DG1 started") -> bool:
    with desk.app.app_context():
        now = datetime.now(UTC)
        made = raise_alert(
            Alert(society_id=desk.society_id, kind="test", about=about, title=title, raised_at=now)
        )
        db.session.commit()
    return made is not None


def test_the_same_thing_is_alerted_once_until_it_is_cleared(desk: Desk) -> None:
    assert [alarm(desk), alarm(desk), alarm(desk, "DG2")] == [True, False, True]
    with desk.app.app_context():
        assert clear(desk.society_id, "DG1", datetime.now(UTC))
        assert not clear(desk.society_id, "DG1", datetime.now(UTC))
        db.session.commit()
    assert alarm(desk)


def test_the_first_who_acknowledges_is_the_one_named(desk: Desk, sign_in: SignIn) -> None:
    alarm(desk)
    for who in ("office", "manager"):
        assert sign_in(f"{who}@greenview.example").post(f"{PAGE}/1/acknowledge").status_code == 302
    assert "acknowledged by Office" in sign_in("manager@greenview.example").get(PAGE).text
    assert desk.one(select(Alert)).state == "acknowledged"


def test_a_page_of_alerts_goes_on_with_the_older_ones(desk: Desk, sign_in: SignIn) -> None:
    for n in range(52):
        alarm(desk, f"thing {n}", f"Thing {n} happened")
    office = sign_in("office@greenview.example")
    first, second = office.get(PAGE).text, office.get(f"{PAGE}?before=3").text
    assert "Thing 51 happened" in first and "Thing 1 happened" not in first
    assert "Thing 1 happened" in second and "Thing 51 happened" not in second


def test_a_number_that_no_alert_can_have_finds_nothing(desk: Desk, sign_in: SignIn) -> None:
    office, endless = sign_in("office@greenview.example"), "9" * 30
    assert office.get(f"{PAGE}?before={endless}").status_code == 200
    assert office.post(f"{PAGE}/{endless}/acknowledge").status_code == 404
