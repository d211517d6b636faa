"""A reading that somebody asks for now: asked once, and whatever comes of it is written down."""

from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
import requests
from sqlalchemy import delete, select, update
from sqlalchemy.orm import joinedload

from tests.conftest import Desk
from tests.desk.conftest import change
from webapp.extensions import db
from webapp.meters import live
from webapp.meters.live import LiveReading
from webapp.meters.models import Meter
from webapp.people.models import User
from webapp.societies.models import MeterServer


def ask(desk: Desk, later: timedelta = timedelta()) -> bool:
    """The office wishes for A-101's reading; whether it is now to be asked for."""
    with desk.app.app_context():
        meter = db.session.get_one(Meter, desk.meter().id)
        office = db.session.scalars(select(User).filter_by(email="office@greenview.example")).one()
        return live.ask(meter, office, datetime.now(UTC) + later)


def answer(desk: Desk) -> None:
    """What a worker does."""
    with desk.app.app_context():
        live.answer(desk.meter().id)


def row(desk: Desk) -> LiveReading:
    return desk.one(select(LiveReading).options(joinedload(LiveReading.meter).joinedload(Meter.server)))


def give(desk: Desk, balance: str) -> None:
    """What the meter says from now on."""
    address = f"{desk.box.url}_world/GV01/meters/M000101"
    requests.post(address, json={"balance": balance}, timeout=5).raise_for_status()


def shorten_patience(desk: Desk, timeout_s: int) -> None:
    with desk.app.app_context():
        db.session.execute(update(MeterServer).values(timeout_s=timeout_s))
        db.session.commit()


def test_an_answer_is_stored_as_a_polls_would_be(desk: Desk) -> None:
    give(desk, "777.50")
    assert ask(desk)
    assert (row(desk).state, row(desk).ended_at) == ("asking", None)
    answer(desk)
    found, now = row(desk), datetime.now(UTC)
    assert (found.state, found.words, found.shown(now)) == ("answered", "", "answered")
    assert found.is_fresh
    assert 777_00 < cast(int, desk.meter().balance_paise) <= 777_50
    assert desk.calls("meter_reading") == 1


def test_who_asks_again_while_one_is_open_asks_nobody_twice(desk: Desk) -> None:
    assert ask(desk)
    assert not ask(desk)
    answer(desk)
    answer(desk)  # the same message, delivered again
    assert desk.calls("meter_reading") == 1
    assert ask(desk)


@pytest.mark.parametrize(
    ("fault", "state", "said"),
    [
        ("refuse", "refused", "Not Found"),
        ("drop_reply", "silent", "meter server"),
        ("reset_before", "silent", "meter server"),
        ("http_500", "silent", "HTTP 500"),
        ("html", "odd", "answered with"),
        ("garble", "odd", "answered with"),
    ],
)
def test_a_failure_is_named_for_what_is_known_and_changes_nothing(
    desk: Desk, fault: str, state: str, said: str
) -> None:
    before = desk.meter()
    desk.fault("meter_reading", fault)
    ask(desk)
    answer(desk)
    found, after = row(desk), desk.meter()
    assert (found.state, said in found.words) == (state, True), found.words
    assert found.ended_at
    assert (after.balance_paise, after.read_at) == (before.balance_paise, before.read_at)


def test_a_server_that_takes_too_long_did_not_answer(desk: Desk) -> None:
    shorten_patience(desk, 1)
    desk.fault("meter_reading", "delay", seconds=20)
    ask(desk)
    answer(desk)
    assert row(desk).state == "silent"


def test_an_old_answer_is_not_called_fresh(desk: Desk) -> None:
    change(desk, read_at=datetime.now(UTC) - timedelta(hours=3))
    desk.fault("meter_reading", "freeze")
    ask(desk)
    answer(desk)
    assert row(desk).state == "answered"
    assert not row(desk).is_fresh


def test_a_wish_whose_worker_died_is_lost_after_its_time_and_may_be_wished_anew(desk: Desk) -> None:
    ask(desk, later=-timedelta(seconds=60))
    found, now = row(desk), datetime.now(UTC)
    assert (found.is_open(now), found.shown(now)) == (False, "lost")
    answer(desk)  # its message, at last: nobody waits for it any more
    assert (row(desk).state, desk.calls("meter_reading")) == ("asking", 0)
    assert ask(desk)
    assert row(desk).is_open(datetime.now(UTC))


def test_what_came_of_it_is_shown_for_a_while(desk: Desk) -> None:
    ask(desk)
    answer(desk)
    found = row(desk)
    assert found.ended_at
    assert found.shown(found.ended_at + timedelta(minutes=14)) == "answered"
    assert found.shown(found.ended_at + timedelta(minutes=15)) == ""


def test_a_meter_that_was_taken_away_meanwhile_is_not_asked(desk: Desk) -> None:
    ask(desk)
    with desk.app.app_context():
        db.session.execute(update(Meter).filter_by(key="M000101").values(retired_at=datetime.now(UTC)))
        db.session.commit()
    answer(desk)
    assert desk.calls("meter_reading") == 0


def test_a_wish_that_is_gone_is_no_error(desk: Desk) -> None:
    ask(desk)
    with desk.app.app_context():
        db.session.execute(delete(LiveReading))
        db.session.commit()
    answer(desk)
    assert desk.calls("meter_reading") == 0
