"""Read now, on a unit's page: answered at once, told in place, with a script and without."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from tests.conftest import PASSWORD, Desk, SignIn
from tests.desk.conftest import change
from webapp.extensions import db
from webapp.meters.live import LiveReading
from webapp.meters.models import Meter
from webapp.people.accounts import Account, add
from webapp.people.models import Role
from webapp.societies.models import MeterServer

OFFICE, OPERATOR = "office@greenview.example", "operator@meterdesk.example"
UNIT, READ = "/s/greenview/units/A-101", "/s/greenview/meters/M000101/read"
MOMENT = datetime(2026, 1, 31, 18, 30, tzinfo=UTC)
PARTIAL = {"HX-Request-Type": "partial"}


def test_without_htmx_it_leads_back_to_the_unit_which_says_that_it_is_being_asked(
    desk: Desk, sign_in: SignIn
) -> None:
    client = sign_in(OFFICE)
    assert "Read now" in client.get(UNIT).text
    answer = client.post(READ)
    assert (answer.status_code, answer.location) == (303, UNIT)
    page = client.get(UNIT).text
    assert "Asking the meter server…" in page
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in page
    desk.work()
    settled = client.get(UNIT).text
    assert re.search(r"Read <time[^>]*>just now</time>", settled)
    assert "http-equiv" not in settled


def test_a_pending_piece_asks_for_itself_and_a_settled_one_does_not(desk: Desk, sign_in: SignIn) -> None:
    client = sign_in(OFFICE)
    pending = client.post(READ, headers=PARTIAL).text
    assert pending.strip().startswith('<div id="live-')
    assert f'hx-get="{READ}" hx-trigger="every 2s"' in pending
    assert client.get(READ, headers=PARTIAL).text == pending
    desk.work()
    settled = client.get(READ, headers=PARTIAL).text
    assert "just now" in settled
    assert "hx-trigger" not in settled


def test_a_second_press_while_one_is_open_asks_nobody_twice(desk: Desk, sign_in: SignIn) -> None:
    one, other = sign_in(OFFICE), sign_in("manager@greenview.example")
    for client in (one, other, one):
        assert "Asking the meter server…" in client.post(READ, headers=PARTIAL).text
    desk.work()
    assert desk.calls("meter_reading") == 1


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("refuse", ("Not read.", "The meter server refused: “Not Found”.")),
        ("drop_reply", ("Not read: no answer came.",)),
        ("html", ("Not read: its answer could not be read.",)),
        ("delay", ("Not read: no answer came.",)),
        ("freeze", ("Answered", "but the server had read the meter")),
    ],
)
def test_each_end_is_told_in_its_own_words(
    desk: Desk, sign_in: SignIn, fault: str, said: tuple[str, ...]
) -> None:
    with desk.app.app_context():
        db.session.execute(update(MeterServer).values(timeout_s=1))
        db.session.commit()
    change(desk, read_at=datetime.now(UTC) - timedelta(hours=3))
    client = sign_in(OFFICE)
    desk.fault("meter_reading", fault, **({"seconds": 20} if fault == "delay" else {}))
    client.post(READ)
    desk.work()
    page = client.get(UNIT).text
    assert [words for words in said if words not in page] == []
    assert "Asking the meter server…" not in page
    assert "Read now" in page


def test_where_nobody_asks_any_more_the_page_says_so_and_waits_no_longer(desk: Desk, sign_in: SignIn) -> None:
    client = sign_in(OFFICE)
    client.post(READ)
    with desk.app.app_context():
        db.session.scalars(select(LiveReading)).one().asked_at -= timedelta(minutes=2)
        db.session.commit()
    piece = client.get(READ, headers=PARTIAL).text
    assert "nobody waits for one any more" in piece
    assert "hx-trigger" not in piece


def test_words_of_the_server_are_only_words(desk: Desk, sign_in: SignIn) -> None:
    client = sign_in(OFFICE)
    client.post(READ)
    desk.work()
    with desk.app.app_context():
        row = db.session.scalars(select(LiveReading)).one()
        row.state, row.words = "refused", "<b>no</b>"
        db.session.commit()
    assert "&lt;b&gt;no&lt;/b&gt;" in client.get(UNIT).text


def test_who_only_watches_sees_what_came_of_it_and_has_no_button(desk: Desk, sign_in: SignIn) -> None:
    with desk.app.app_context():
        add(Account(OPERATOR, "Operator", None, Role.OPERATOR), PASSWORD)
        db.session.commit()
    sign_in(OFFICE).post(READ)
    operator = sign_in(OPERATOR)
    assert operator.post(READ).status_code == 403
    page = operator.get(UNIT).text
    assert "Asking the meter server…" in page
    assert "Read now" not in page


def test_where_the_company_does_not_offer_it_there_is_no_button_and_no_address(
    desk: Desk, sign_in: SignIn
) -> None:
    with desk.app.app_context():
        server = db.session.get_one(MeterServer, desk.server_id)
        server.profile_data = {"operations": {"meter_reading": False}}
        db.session.commit()
    client = sign_in(OFFICE)
    assert "Read now" not in client.get(UNIT).text
    assert (client.post(READ).status_code, client.get(READ).status_code) == (404, 404)


def test_a_meter_that_was_taken_away_has_none(desk: Desk, sign_in: SignIn) -> None:
    change(desk, Meter.key == "M000101", retired_at=MOMENT)
    client = sign_in(OFFICE)
    assert "Read now" not in client.get(UNIT).text
    assert client.post(READ).status_code == 404
