"""The callback of operation 11: kept, answered, and looked into."""

import logging
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from tests.contract.tiny_server import answer
from tests.generators.conftest import OddDesk
from tests.generators.yard import Yard, later
from webapp.extensions import db
from webapp.generators import sensing
from webapp.generators.models import Sensing, SensingCall


@pytest.mark.parametrize(
    "request_of",
    [
        {"method": "GET", "query_string": "status=ON"},
        {"json": {"dg": "UP"}},
        {"data": {"status": "ON"}},
        {"data": b"\xff\x00\xfe", "content_type": "application/octet-stream"},
        {"data": b"--x\r\nnot a form", "content_type": "multipart/form-data; boundary=y"},
        {"data": b"x" * 16384, "content_type": "text/plain"},
    ],
)
def test_a_call_of_any_kind_is_kept_and_asked_about(yard: Yard, request_of: dict[str, Any]) -> None:
    yard.force("ON")
    assert yard.call(**request_of) == 200
    kept = yard.desk.one(select(SensingCall))
    assert (kept.generator_id, len(kept.body) <= 500) == (yard.dg1.id, True)
    yard.desk.work()
    assert yard.said == ["DG1 started"]


def test_a_call_beyond_sixteen_kibibytes_is_refused_and_not_kept(yard: Yard) -> None:
    assert yard.call(data=b"x" * 16385, content_type="text/plain") == 413
    assert yard.desk.all(select(SensingCall)) == []


def test_a_call_with_a_token_that_is_not_ours_finds_nothing(yard: Yard) -> None:
    assert yard.call("x" * 32) == 404
    assert yard.call(method="PUT") == 405
    assert yard.desk.all(select(SensingCall)) == []


def test_the_first_call_is_asked_about_at_once_and_the_others_once_in_five_seconds(yard: Yard) -> None:
    before = yard.desk.calls("dg_status")
    for _ in range(5):
        yard.call()
        yard.desk.work()
        yard.sweep()
    assert yard.desk.calls("dg_status") == before + 1
    with later(6):
        yard.sweep()
        yard.sweep()
    assert yard.desk.calls("dg_status") == before + 2


def test_the_last_of_many_calls_is_never_lost(yard: Yard) -> None:
    yard.force("ON")
    yard.call()
    yard.desk.work()
    yard.force("OFF")
    yard.call()
    yard.desk.work()
    assert yard.said == ["DG1 started"]
    with later(6):
        yard.sweep()
    assert yard.said == ["DG1 started", "DG1 stopped"]


def test_a_call_whose_process_was_killed_before_it_asked_is_found_by_the_sweep(yard: Yard) -> None:
    yard.force("ON")
    yard.call()
    yard.lose_messages()
    yard.desk.work()
    assert yard.said == []
    yard.sweep()
    assert yard.said == ["DG1 started"]


def test_a_worker_that_died_while_it_asked_holds_nobody_up_for_long(yard: Yard) -> None:
    with yard.desk.app.app_context():
        db.session.execute(text("UPDATE generator SET asking_until = datetime('now', '+10 seconds')"))
        db.session.commit()
    yard.force("ON")
    yard.call()
    yard.desk.work()
    assert yard.said == []
    with later(11):
        yard.sweep()
    assert yard.said == ["DG1 started"]


def test_the_callback_is_registered_afresh_every_day_and_the_old_one_is_good_for_two(yard: Yard) -> None:
    old = yard.token
    with later(days=1, seconds=5):
        yard.turn()
        new = yard.token
        assert (old != new, yard.call(old), yard.call(new)) == (True, 200, 200)
    with later(days=2.9):
        assert (yard.call(old), yard.call(new)) == (200, 200)
    with later(days=3.1):
        assert (yard.call(old), yard.call(new)) == (404, 200)


def test_a_registration_that_failed_is_tried_again_and_the_address_before_it_stays_good(yard: Yard) -> None:
    old = yard.token
    yard.desk.fault("dg_sensing", "drop_reply", times=2)
    with later(days=1, seconds=5):
        yard.turn()
        unsure = yard.token
        assert (yard.call(old), yard.call(unsure)) == (200, 200)
        with later(minutes=3):
            yard.turn()
            assert yard.token not in (old, unsure)
            assert (yard.call(old), yard.call(unsure), yard.call()) == (200, 200, 200)


def test_a_registration_whose_process_dies_is_due_again_within_minutes(odd: OddDesk) -> None:
    due: list[datetime | None] = []

    def while_asked(wire: socket.socket) -> None:
        due.append(odd.dg1.next_sensing_at)
        answer({"status": "success", "data": {"dg_no": "DG1"}})(wire)

    odd.tiny.behaviour = while_asked
    with odd.app.app_context():
        assert sensing.register(odd.dg1.id) is None
    in_minutes, in_a_day = datetime.now(UTC) + timedelta(minutes=5), datetime.now(UTC) + timedelta(hours=23)
    assert due[0] is not None and due[0] < in_minutes
    assert odd.dg1.next_sensing_at is not None and odd.dg1.next_sensing_at > in_a_day


def test_a_server_that_quotes_the_address_tells_nobody_its_token(
    odd: OddDesk, caplog: pytest.LogCaptureFixture
) -> None:
    def quote(wire: socket.socket) -> None:
        url = odd.tiny.asked[-1].form["url"]
        answer({"status": "error", "message": f"no such {url}", "data": None})(wire)

    odd.tiny.behaviour = quote
    with odd.app.app_context():
        trouble = sensing.register(odd.dg1.id)
        kept = db.session.scalar(select(Sensing.trouble))
    token = odd.tiny.asked[-1].form["url"].rpartition("/")[2]
    assert trouble and "quoted the address" in trouble and kept == trouble
    assert "was not registered" in caplog.text
    assert token[:8] not in caplog.text + trouble


def test_a_token_is_nowhere_in_the_database_nor_in_the_log(
    yard: Yard, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    yard.call()
    yard.desk.work()
    data = Path(yard.desk.app.config["METERDESK"].data)
    written = b"".join(file.read_bytes() for file in data.glob("meterdesk.sqlite*"))
    assert sensing.hashed(yard.token).encode() in written
    assert yard.token.encode() not in written
    assert yard.token not in caplog.text


def test_a_call_that_cannot_be_kept_is_answered_503_and_its_token_stays_out_of_the_log(
    yard: Yard, caplog: pytest.LogCaptureFixture
) -> None:
    with yard.desk.app.app_context():
        db.session.execute(text("ALTER TABLE sensing_call RENAME TO gone"))
        db.session.commit()
    assert yard.call() == 503
    assert "could not be kept" in caplog.text
    assert yard.token not in caplog.text
