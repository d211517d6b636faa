"""Asking a meter server, over a simulator that misbehaves."""

import logging
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy import text as sql

from tests.conftest import Desk, load_society
from tests.contract.tiny_server import TinyServer, answer
from tests.meters.crafted import row
from webapp.alerts.models import News
from webapp.contract.errors import Unreadable
from webapp.contract.replies import LatestReadings
from webapp.extensions import db
from webapp.meters import polling, tasks
from webapp.meters.models import Meter, MeterDoubt, Reading
from webapp.societies.models import MeterServer

EVERY_FAULT = ("html", "http_500", "refuse", "truncate", "garble", "redirect", "drop_reply", "reset_before")


def server_of(desk: Desk) -> MeterServer:
    return desk.one(select(MeterServer).filter_by(id=desk.server_id))


def all_of(desk: Desk) -> list[tuple[object, ...]]:
    """All that is held of every meter, and how long the history is."""
    columns = [column for column in Meter.__table__.columns if column.name != "fetched_at"]
    with desk.app.app_context():
        held = [tuple(found) for found in db.session.execute(select(*columns).order_by(Meter.id))]
        held.append((db.session.scalar(select(func.count(Reading.meter_id))),))
        return held


def change(desk: Desk, **values: object) -> None:
    with desk.app.app_context():
        db.session.execute(update(MeterServer).filter_by(id=desk.server_id).values(**values))
        db.session.commit()


def test_a_poll_stores_what_is_true_at_the_server(desk: Desk) -> None:
    truth = desk.world()["meters"]
    held = {meter.meter_no: meter for meter in desk.all(select(Meter))}
    assert held.keys() == truth.keys()
    assert {no: meter.supply for no, meter in held.items()} == {no: m["supply"] for no, m in truth.items()}
    assert server_of(desk).answered_at and server_of(desk).remark is None


@pytest.mark.parametrize("kind", EVERY_FAULT)
def test_nothing_is_lost_when_the_server_fails(desk: Desk, kind: str) -> None:
    before = all_of(desk)
    desk.fault("latest_readings", kind)
    trouble = desk.poll()
    assert trouble and all_of(desk) == before
    assert (server_of(desk).failures, server_of(desk).trouble) == (1, trouble)


def test_a_dead_port_is_a_trouble_in_a_sentence(desk: Desk) -> None:
    change(desk, base_url="http://127.0.0.1:9/")
    before = all_of(desk)
    trouble = desk.poll()
    assert trouble and trouble.endswith(".") and all_of(desk) == before


def test_a_slow_server_is_given_up_in_time(desk: Desk) -> None:
    change(desk, timeout_s=0.3)
    desk.fault("latest_readings", "delay", seconds=3)
    assert desk.poll() and server_of(desk).failures == 1


def test_half_the_site_leaves_the_other_half_stale_not_off(desk: Desk) -> None:
    before = {meter.id: meter.supply for meter in desk.all(select(Meter))}
    desk.fault("latest_readings", "half")
    assert desk.poll() is None
    assert "12 of 24 meters were missing" in (server_of(desk).remark or "")
    answered = server_of(desk).answered_at
    missing = desk.all(select(Meter).where(Meter.fetched_at < answered))
    assert len(missing) == 12 and all(meter.supply == before[meter.id] for meter in missing)


def test_every_balance_zero_changes_no_balance(desk: Desk) -> None:
    before = {meter.id: meter.balance_paise for meter in desk.all(select(Meter))}
    desk.fault("latest_readings", "zero", times=1)
    assert desk.poll() is None
    assert {meter.id: meter.balance_paise for meter in desk.all(select(Meter))} == before
    assert "₹0" in (server_of(desk).remark or "")
    assert desk.poll() is None and "₹0" not in (server_of(desk).remark or "")
    assert not desk.all(select(MeterDoubt).filter_by(ended_at=None))


def test_an_old_reply_served_again_changes_nothing(desk: Desk) -> None:
    before = all_of(desk)
    desk.fault("latest_readings", "freeze")
    assert desk.poll() is None and all_of(desk) == before
    assert "nothing new" in (server_of(desk).remark or "")


def test_an_outage_and_its_end_are_each_logged_once(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.app.logger.propagate = True
    desk.fault("latest_readings", "html", times=3)
    with caplog.at_level(logging.WARNING):
        for _ in range(5):
            desk.poll()
    said = [record.getMessage() for record in caplog.records if "meter server main" in record.getMessage()]
    assert len(said) == 2 and "fails" in said[0] and "answers again" in said[1]
    assert (server_of(desk).failures, server_of(desk).trouble, server_of(desk).failing_since) == (
        0,
        None,
        None,
    )


def test_a_server_that_keeps_failing_is_asked_less_often(desk: Desk) -> None:
    desk.fault("latest_readings", "html")
    waits = []
    for _ in range(5):
        desk.poll()
        waits.append((server_of(desk).next_poll_at or datetime.now(UTC)) - datetime.now(UTC))
    assert waits[0] < timedelta(seconds=11) and waits[4] > timedelta(seconds=110)
    assert server_of(desk).breaker_is_open


def test_two_workers_at_once_ask_the_server_once(desk: Desk) -> None:
    desk.fault("latest_readings", "delay", seconds=0.5)
    asked = desk.calls("latest_readings")
    workers = [threading.Thread(target=desk.poll) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert desk.calls("latest_readings") == asked + 1


def test_a_server_that_is_not_due_is_not_asked(desk: Desk) -> None:
    asked = desk.calls("latest_readings")
    with desk.app.app_context():
        assert polling.due(datetime.now(UTC)) == [] and polling.poll(desk.server_id) is None
    assert desk.calls("latest_readings") == asked


def test_the_clock_nudges_what_is_due(desk: Desk) -> None:
    asked = desk.calls("latest_readings")
    change(desk, next_poll_at=datetime.now(UTC) - timedelta(seconds=1))
    with desk.app.app_context():
        tasks.nudge_due()
        tasks.nudge_due()
    desk.work()
    assert desk.calls("latest_readings") == asked + 1


def test_a_worker_that_died_holds_the_server_no_longer_than_its_claim(desk: Desk) -> None:
    now = datetime.now(UTC)
    change(desk, next_poll_at=None)
    with desk.app.app_context():
        claimed = polling.claim(desk.server_id, now, even_if_early=False)
        assert claimed and claimed.polling_until == now + timedelta(seconds=5 + polling.CLAIM_S)
        assert polling.due(now + timedelta(seconds=64)) == []
        assert polling.due(now + timedelta(seconds=66)) == [desk.server_id]


def test_a_worker_whose_claim_ran_out_stores_nothing(desk: Desk) -> None:
    now = datetime.now(UTC)
    with desk.app.app_context():
        late = polling.claim(desk.server_id, now, even_if_early=True)
        other = polling.claim(desk.server_id, now + timedelta(minutes=2), even_if_early=True)
        assert late and other
        polling.answered(late, LatestReadings([]), now + timedelta(minutes=3))
    assert server_of(desk).polling_until == other.polling_until
    assert (server_of(desk).answered_at or now) < now


def test_a_fault_of_ours_leaves_no_half_poll_and_is_tried_again(desk: Desk) -> None:
    with desk.app.app_context():
        db.session.execute(
            sql(
                "CREATE TRIGGER broken BEFORE UPDATE ON meter_server WHEN NEW.answered_at > OLD.answered_at"
                " BEGIN SELECT RAISE(ABORT, 'broken'); END"
            )
        )
        db.session.commit()
    before = all_of(desk)
    assert desk.poll() == polling.OUR_FAULT
    assert all_of(desk) == before
    assert (server_of(desk).polling_until, server_of(desk).failures) == (None, 1)


def test_a_server_that_is_removed_while_it_is_asked_is_forgotten(desk: Desk) -> None:
    now = datetime.now(UTC)
    with desk.app.app_context():
        asked = polling.claim(desk.server_id, now, even_if_early=True)
        assert asked
        asked.id = 999
        polling.answered(asked, LatestReadings([row()]), now)
        assert polling.poll(999) is None
    assert not desk.all(select(Meter).filter_by(meter_no="M1"))


def test_a_dead_server_delays_no_other(desk: Desk) -> None:
    with desk.app.app_context():
        dead = load_society(desk.box.url, "lakeside", "LS01", timeout_s=4).meter_servers[0].id
    desk.fault("latest_readings", "delay", seconds=4, site_id="LS01")
    slow = threading.Thread(target=_poll, args=(desk, dead))
    slow.start()
    asked = datetime.now(UTC)
    assert desk.poll() is None and datetime.now(UTC) - asked < timedelta(seconds=3)
    assert slow.is_alive()
    desk.heal()
    slow.join()


def _poll(desk: Desk, server_id: int) -> None:
    with desk.app.app_context():
        polling.poll(server_id)


def test_open_pages_hear_of_a_poll_and_of_a_failure(desk: Desk) -> None:
    desk.fault("latest_readings", "html", times=1)
    desk.poll()
    desk.poll()
    told = desk.all(select(News).order_by(News.id.desc()).limit(2))
    assert [each.kind for each in told] == ["meters", "servers"]
    assert len(told[0].what["ids"]) == len(told[0].what["units"]) == 24


def test_where_meters_are_missing_every_page_looks_afresh(desk: Desk) -> None:
    desk.fault("latest_readings", "half")
    desk.poll()
    assert desk.all(select(News).order_by(News.id.desc()).limit(1))[0].what == {}


def test_one_meter_is_read_by_itself(desk: Desk) -> None:
    before = desk.meter()
    with desk.app.app_context():
        read = polling.read_one(db.session.get_one(Meter, before.id))
    assert desk.meter().read_at == read.read_at and desk.meter().fetched_at != before.fetched_at
    assert desk.all(select(News).order_by(News.id.desc()).limit(1))[0].what["ids"] == [before.id]
    assert server_of(desk).remark is None


def test_an_answer_for_another_meter_is_not_taken(desk: Desk) -> None:
    stranger = {"meter_no": "M9", "unit_no": "A-101", "balance": "5.00"}
    with TinyServer() as tiny, desk.app.app_context():
        tiny.behaviour = answer({"status": "success", "message": "", "data": stranger})
        meter = db.session.get_one(Meter, desk.meter().id)
        meter.server.base_url = tiny.base_url
        db.session.commit()
        with pytest.raises(Unreadable, match=f"asked for meter {meter.meter_no} and answered for M9"):
            polling.read_one(meter)
    assert not desk.all(select(Meter).filter_by(meter_no="M9"))
