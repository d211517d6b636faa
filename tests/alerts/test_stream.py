"""The event stream on a real server: who hears what, from which id on, and for how long."""

import threading
from contextlib import closing
from datetime import UTC, datetime

import pytest
import requests
from sqlalchemy import insert, text

from tests.alerts.wire import Stream, Wire, data_of, until
from tests.conftest import Desk, SignIn, load_society, people_of
from tests.generators.yard import Yard
from webapp.alerts import tasks as alerts_tasks
from webapp.alerts.models import Alert, News
from webapp.alerts.news import BACKLOG, newest_id
from webapp.alerts.raising import raise_alert
from webapp.alerts.views import STREAMS_EACH
from webapp.extensions import db
from webapp.meters import polling

try:  # the same SQLite that the application has open: two in one process drop each other's locks
    import pysqlite3 as sqlite
except ModuleNotFoundError:
    import sqlite3 as sqlite

MANAGER, OFFICE, RESIDENT = (f"{who}@greenview.example" for who in ("manager", "office", "resident"))


def alarm(desk: Desk, title: str = "DG1 started") -> None:
    with desk.app.app_context():
        now = datetime.now(UTC)
        alert = Alert(society_id=desk.society_id, kind="test", about=title, title=title, raised_at=now)
        raise_alert(alert)
        db.session.commit()


def newest(desk: Desk) -> int:
    with desk.app.app_context():
        return newest_id()


def many_news(desk: Desk, count: int, kind: str = "servers") -> None:
    row = {"society_id": desk.society_id, "kind": kind, "what": {}, "at": datetime.now(UTC)}
    with desk.app.app_context():
        db.session.execute(insert(News), [row] * count)
        db.session.commit()


def ids(stream: Stream, count: int) -> list[int]:
    return [int(frame.id) for frame in stream.frames(count)]


def test_a_start_reaches_open_pages_by_the_servers_call_and_operation_12(desk: Desk, wire: Wire) -> None:
    yard = Yard(desk)
    yard.force("OFF")
    yard.turn()
    with wire.stream(wire.browser(MANAGER)) as manager, wire.stream(wire.browser(OFFICE)) as office:
        desk.app.extensions["work"].start()
        try:
            yard.force("ON")
            for page in (manager, office):
                heard = page.frames(2)
                while heard[-1].event != "alert":
                    heard.append(page.frame())
                assert "DG1 started" in heard[-2].data
        finally:
            desk.app.extensions["work"].stop()
    assert yard.said == ["DG1 started"]
    assert yard.runs[0].started_by == "call"


def test_an_alert_comes_as_a_piece_of_page_without_a_name_and_a_named_event_with_its_id(
    desk: Desk, wire: Wire
) -> None:
    with wire.stream(wire.browser(MANAGER)) as page:
        alarm(desk)
        piece, event = page.frames(2)
    assert (piece.id, piece.event) == ("", "")
    assert piece.data.startswith('<hx-partial hx-target="#toasts"')
    assert "DG1 started" in piece.data
    assert (event.event, event.id, data_of(event)) == ("alert", str(newest(desk)), {"id": 1})


def test_a_page_that_comes_back_is_given_exactly_what_it_missed(desk: Desk, wire: Wire) -> None:
    browser = wire.browser(MANAGER)
    with wire.stream(browser) as page:
        wire.tell(desk.society_id, "servers")
        (heard,) = ids(page, 1)
    for n in range(3):
        wire.tell(desk.society_id, "meters", ids=[n])
    with wire.stream(browser, last_id=heard) as page:
        wire.tell(desk.society_id, "orders", ids=[9])
        frames = page.frames(4)
    assert [data_of(frame)["ids"] for frame in frames] == [[0], [1], [2], [9]]
    assert [int(frame.id) for frame in frames] == list(range(heard + 1, heard + 5))


def test_an_alert_that_a_page_missed_is_given_whole(desk: Desk, wire: Wire) -> None:
    before = newest(desk)
    alarm(desk)
    with wire.stream(wire.browser(MANAGER), last_id=before) as page:
        piece, event = page.frames(2)
    assert "DG1 started" in piece.data
    assert event.event == "alert"


def test_between_backlog_and_live_nothing_is_lost_and_nothing_comes_twice(desk: Desk, wire: Wire) -> None:
    browser, start, count = wire.browser(MANAGER), newest(desk), 150

    def write() -> None:
        for _ in range(count):
            wire.tell(desk.society_id, "servers")

    writer = threading.Thread(target=write)
    writer.start()
    for _ in range(3):
        with wire.stream(browser, last_id=start) as page:
            assert ids(page, count // 2) == list(range(start + 1, start + count // 2 + 1))
    with wire.stream(browser, last_id=start) as page:
        assert ids(page, count) == list(range(start + 1, start + count + 1))
    writer.join()


def test_a_page_that_slept_long_is_given_every_alert_and_told_to_look_afresh(desk: Desk, wire: Wire) -> None:
    start = newest(desk)
    alarm(desk)
    many_news(desk, BACKLOG)
    alarm(desk, "DG2 started")
    with wire.stream(wire.browser(MANAGER), last_id=start) as page:
        frames = page.frames(5)
    assert [frame.event for frame in frames] == ["", "alert", "servers", "", "alert"]
    assert data_of(frames[2]) == {}
    assert frames[-1].id == str(newest(desk))


@pytest.mark.parametrize("last_id", ["999999999999", "nonsense", "²", "-1"])
def test_an_id_that_cannot_be_is_the_newest(desk: Desk, wire: Wire, last_id: str) -> None:
    answer = wire.open(wire.browser(MANAGER), **{"Last-Event-ID": last_id.encode()})  # type: ignore[arg-type]
    assert answer.status_code == 200
    with Stream(answer) as page:
        wire.tell(desk.society_id, "servers")
        assert ids(page, 1) == [newest(desk)]


def test_news_that_another_process_commits_is_heard(desk: Desk, wire: Wire) -> None:
    row = "INSERT INTO news (society_id, kind, what, at) VALUES (?, 'servers', '{}', ?)"
    with wire.stream(wire.browser(MANAGER)) as page:
        with closing(
            sqlite.connect(str(desk.app.config["METERDESK"].data / "meterdesk.sqlite"))
        ) as elsewhere:
            elsewhere.execute(row, (desk.society_id, "2026-01-01 00:00:00.000000"))
            elsewhere.commit()
        assert page.frame().event == "servers"


def test_a_resident_hears_only_that_their_home_changed(desk: Desk, wire: Wire) -> None:
    mine, other = desk.meter("A-101").unit_id, desk.meter("A-102").unit_id
    with wire.stream(wire.browser(RESIDENT)) as page:
        alarm(desk)
        wire.tell(desk.society_id, "alerts")
        wire.tell(desk.society_id, "meters", ids=[2], units=[other])
        wire.tell(desk.society_id, "orders", ids=[1], units=[other], meters=[2])
        wire.tell(desk.society_id, "meters", ids=[1, 2], units=[mine, other])
        wire.tell(desk.society_id, "meters")
        first, second = page.frames(2)
    assert [first.event, second.event, first.data, second.data] == ["home", "home", "{}", "{}"]
    assert [int(first.id), int(second.id)] == [newest(desk) - 1, newest(desk)]


def test_another_society_hears_nothing(desk: Desk, wire: Wire) -> None:
    with desk.app.app_context():
        lakeside = load_society(desk.box.url, "lakeside", "LS01")
        assert polling.poll(lakeside.meter_servers[0].id) is None
        people_of("lakeside", "A-101")
        lakeside_id = lakeside.id
    with wire.stream(wire.browser("manager@lakeside.example"), "lakeside") as page:
        alarm(desk)
        wire.tell(desk.society_id, "servers")
        wire.tell(lakeside_id, "orders", ids=[7])
        assert data_of(page.frame()) == {"ids": [7]}
    assert wire.open(wire.browser(MANAGER), "lakeside").status_code == 404


def test_whoever_is_signed_out_is_told_so_and_not_led_to_a_page(wire: Wire) -> None:
    answer = wire.open(requests.Session())
    assert (answer.status_code, answer.history) == (401, [])
    assert answer.headers["Content-Type"].startswith("text/plain")


def test_a_persons_oldest_stream_gives_way_to_their_newest(wire: Wire) -> None:
    manager = wire.browser(MANAGER)
    open_ones = [wire.stream(manager) for _ in range(STREAMS_EACH + 1)]
    assert all(stream.answer.status_code == 200 for stream in open_ones)
    with wire.stream(wire.browser(OFFICE)):
        assert wire.room.listeners == STREAMS_EACH + 1
    assert b"still here" not in open_ones[0].answer.raw.read()  # it ended, before any heartbeat
    for stream in open_ones:
        stream.answer.close()


def test_beyond_what_the_server_can_hold_a_stream_is_refused(desk: Desk, sign_in: SignIn) -> None:
    room, at_most = desk.app.extensions["newsroom"], desk.app.config["METERDESK"].streams
    with desk.app.app_context():
        for user_id in range(at_most):
            room.listen(desk.society_id, -user_id, at_most, STREAMS_EACH)
    assert sign_in(MANAGER).get("/s/greenview/events").status_code == 503
    assert room.listeners == at_most


def test_a_browser_that_goes_leaves_no_listener_behind(desk: Desk, wire: Wire) -> None:
    browser = wire.browser(MANAGER)
    for _ in range(3):
        wire.stream(browser).answer.close()

    def are_gone() -> bool:
        wire.tell(desk.society_id, "servers")
        return wire.room.listeners == 0

    until(are_gone, "the listeners left")


def test_a_stream_that_waits_holds_no_connection(desk: Desk, wire: Wire) -> None:
    alarm(desk)
    manager = wire.browser(MANAGER)
    pages = [wire.stream(manager, last_id=0) for _ in range(5)]
    for page in pages:
        page.frames(2)
    with desk.app.app_context():
        pool = db.engine.pool
    until(lambda: pool.checkedout() == 0, "every connection is back")  # type: ignore[attr-defined]
    for page in pages:
        page.answer.close()


def test_closing_the_newsroom_ends_every_stream_and_opens_none(wire: Wire) -> None:
    manager = wire.browser(MANAGER)
    with wire.stream(manager) as one, wire.stream(manager) as other:
        wire.room.close()
        assert one.ends() and other.ends()
    assert wire.open(manager).status_code == 503


def test_a_page_too_slow_to_keep_up_is_ended_so_that_it_comes_back(desk: Desk, sign_in: SignIn) -> None:
    manager, room, start = sign_in(MANAGER), desk.app.extensions["newsroom"], newest(desk)
    slow = manager.get("/s/greenview/events", buffered=False)
    many_news(desk, BACKLOG + 10)
    until(lambda: room.listeners == 0, "the slow one was let go")
    heard = b"".join(slow.iter_encoded())  # it ends
    slow.close()
    assert b"id: " not in heard
    again = manager.get("/s/greenview/events", headers={"Last-Event-ID": str(start)}, buffered=False)
    frames = again.iter_encoded()
    assert b"event: servers\ndata: {}" in next(frames) + next(frames)
    again.close()


def test_an_alert_that_cannot_be_shown_keeps_nothing_else_from_being_heard(
    desk: Desk, wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    with wire.stream(wire.browser(MANAGER)) as page:
        wire.tell(desk.society_id, "alert", of="nobody knows what")
        wire.tell(desk.society_id, "alert", id=999)
        wire.tell(desk.society_id, "servers")
        assert [frame.event for frame in page.frames(3)] == ["alert", "alert", "servers"]
    assert "the toast of news" in caplog.text


def test_ids_are_never_given_twice_even_when_the_newest_are_gone(desk: Desk) -> None:
    many_news(desk, 3)
    before = newest(desk)
    with desk.app.app_context():
        db.session.execute(text("DELETE FROM news"))
        db.session.commit()
    many_news(desk, 1)
    assert newest(desk) == before + 1


def test_old_news_go_and_alerts_stay_for_a_month(desk: Desk) -> None:
    alarm(desk)
    many_news(desk, 3)
    with desk.app.app_context():
        for days, left in ((3, ["alert"]), (31, [])):
            db.session.execute(text("UPDATE news SET at = datetime('now', :by)"), {"by": f"-{days} days"})
            db.session.commit()
            alerts_tasks.forget_old_news()
            assert [row.kind for row in db.session.query(News)] == left


def test_the_page_listens_from_where_it_was_shown(desk: Desk, sign_in: SignIn) -> None:
    assert f"after={newest(desk)}" in sign_in(MANAGER).get("/s/greenview/").text
