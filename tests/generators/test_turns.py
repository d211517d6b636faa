"""What operation 12 says opens and closes runs, and is alerted once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import select

from tests.generators.conftest import OddDesk
from tests.generators.yard import Yard, later
from webapp.alerts.models import Alert
from webapp.extensions import db
from webapp.generators import watching
from webapp.generators.models import Run, SensingCall
from webapp.societies.models import MeterServer


def test_a_run_opens_and_closes_when_the_server_called(yard: Yard) -> None:
    yard.force("ON")
    yard.call()
    yard.desk.work()
    with later(90):
        yard.force("OFF")
        yard.call()
        yard.desk.work()
    first, second = yard.desk.all(select(SensingCall.received_at).order_by(SensingCall.id))
    (run,) = yard.runs
    assert (run.started_at, run.started_by, run.ended_at, run.ended_by) == (first, "call", second, "call")
    assert yard.said == ["DG1 started", "DG1 stopped"]


def test_polling_catches_a_start_of_which_no_call_came(yard: Yard) -> None:
    yard.force("ON")
    with later(32):
        yard.turn()
    (run,) = yard.runs
    assert (run.started_by, run.ended_at, yard.dg1.state) == ("asking", None, "on")
    assert yard.said == ["DG1 started"]


def test_status_fuel_and_register_are_asked_each_at_its_own_pace(yard: Yard) -> None:
    for seconds, status, fuel, register in ((20, 0, 0, 0), (32, 1, 0, 0), (302, 2, 1, 0), (902, 3, 2, 1)):
        with later(seconds):
            yard.turn()
        calls = yard.desk.world()["calls"]
        asked = tuple(calls[name] // 2 - 1 for name in ("dg_status", "dg_fuel", "dg_reading"))
        assert asked == (status, fuel, register), seconds


def test_each_quantity_has_its_own_age(yard: Yard) -> None:
    first = yard.dg1
    assert first.fuel_ml is not None and first.register_wh is not None
    with later(302):
        yard.turn()
    then = yard.dg1
    assert first.confirmed_at and then.confirmed_at and first.fuel_at and then.fuel_at
    assert then.confirmed_at - first.confirmed_at > timedelta(seconds=300)
    assert then.fuel_at - first.fuel_at > timedelta(seconds=298)
    assert then.register_at == first.register_at


def test_an_alert_is_raised_once_however_often_the_server_calls_and_is_asked(yard: Yard) -> None:
    yard.force("ON")
    for seconds in range(0, 80, 8):
        with later(seconds):
            yard.call()
            yard.desk.work()
            yard.turn()
    assert yard.said == ["DG1 started"]
    assert len(yard.runs) == 1


def test_of_four_workers_at_once_one_asks(yard: Yard) -> None:
    yard.force("ON")
    yard.call()
    yard.desk.fault("dg_status", "delay", seconds=0.5, times=4)
    before = yard.desk.calls("dg_status")

    def look(_: int) -> None:
        with yard.desk.app.app_context():
            watching.look(yard.dg1.id)

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(look, range(4)))
    assert yard.desk.calls("dg_status") == before + 1
    assert yard.said == ["DG1 started"]


def test_an_answer_that_comes_after_a_newer_one_is_not_taken(yard: Yard) -> None:
    yard.force("ON")
    yard.call()
    yard.desk.fault("dg_status", "delay", seconds=3, times=1)
    before = yard.desk.calls("dg_status")
    with ThreadPoolExecutor(1) as slow_worker:
        slow = slow_worker.submit(yard.desk.work)
        while yard.desk.calls("dg_status") == before:
            pass
        yard.force("OFF")
        with later(20):
            yard.sweep()
        assert not slow.done()
    slow.result()
    assert (yard.dg1.state, yard.runs, yard.said) == ("off", [], [])


def test_a_server_that_fails_leaves_the_state_visibly_old_and_the_call_open(yard: Yard) -> None:
    known = yard.dg1
    yard.force("ON")
    yard.desk.fault("dg_status", "http_500")
    yard.call()
    yard.desk.work()
    failing = yard.dg1
    assert (failing.state, failing.confirmed_at) == ("off", known.confirmed_at)
    assert "500" in (failing.trouble or "")
    assert (yard.said, failing.hint_id > failing.answered_hint_id) == ([], True)
    yard.desk.heal()
    with later(6):
        yard.sweep()
    (run,) = yard.runs
    assert (run.started_by, yard.dg1.trouble, yard.said) == ("call", None, ["DG1 started"])


def test_a_server_that_fails_for_long_is_still_asked_every_two_minutes(yard: Yard) -> None:
    yard.desk.fault("dg_status", "html")
    for minutes in range(1, 30, 2):
        with later(minutes=minutes):
            yard.turn()
    yard.desk.heal()
    yard.force("ON")
    with later(minutes=32):
        yard.turn()
    assert yard.said == ["DG1 started"]


def test_a_run_stays_open_over_a_restart_and_closes_by_what_the_server_says(yard: Yard) -> None:
    yard.force("ON")
    yard.call()
    yard.desk.work()
    yard.lose_messages()
    with later(32):
        yard.turn()
        assert [run.ended_at for run in yard.runs] == [None]
        yard.force("OFF")
        with later(32):
            yard.turn()
    assert [run.ended_by for run in yard.runs] == ["asking"]
    assert yard.said == ["DG1 started", "DG1 stopped"]


def test_starting_again_clears_what_was_said_of_stopping(yard: Yard) -> None:
    for seconds, status in ((0, "ON"), (10, "OFF"), (20, "ON")):
        yard.force(status)
        with later(seconds):
            yard.call()
            yard.desk.work()
    alerts = yard.desk.all(select(Alert).order_by(Alert.id))
    assert [alert.cleared_at is None for alert in alerts] == [False, False, True]


def test_an_unknown_word_is_unknown_and_neither_opens_nor_closes_a_run(odd: OddDesk) -> None:
    odd.says(dg_no="DG1", status="ON")
    odd.turn()
    for seconds, word in ((32, "MAYBE"), (64, "TRIPPED")):
        odd.says(dg_no="DG1", status=word)
        with later(seconds):
            odd.turn()
        assert (odd.dg1.state, odd.dg1.state_word) == ("unknown", word)
    with odd.app.app_context():
        assert [run.ended_at for run in db.session.scalars(select(Run))] == [None]
        assert [alert.title for alert in db.session.scalars(select(Alert))] == ["DG1 started"]


def test_an_answer_about_another_generator_is_not_taken(odd: OddDesk) -> None:
    odd.says(dg_no="DG7", status="ON", fuel_balance="80", reading="500")
    odd.turn()
    found = odd.dg1
    assert (found.state, found.fuel_ml, found.register_wh) == ("unknown", None, None)
    assert "another generator: “DG7”" in (found.trouble or "")


def test_a_blank_number_or_one_in_other_letters_is_ours(odd: OddDesk) -> None:
    odd.says(dg_no="dg1", status="ON", fuel_balance="80", reading="500")
    odd.turn()
    assert (odd.dg1.state, odd.dg1.fuel_ml) == ("on", 80_000)
    odd.says(dg_no="", status="OFF")
    with later(32):
        odd.turn()
    assert odd.dg1.state == "off"


def test_a_company_that_does_not_offer_the_status_is_not_asked_for_it(odd: OddDesk) -> None:
    with odd.app.app_context():
        server = db.session.get_one(MeterServer, odd.server_id)
        server.profile_data = {"operations": {"dg_status": False}}
        db.session.commit()
    for seconds in (0, 32):
        with later(seconds):
            odd.turn()
    assert (odd.asked("dg-status"), odd.asked("dg-fuel")) == (0, 1)
    assert (odd.dg1.state, odd.dg1.failures, odd.dg1.trouble) == ("unknown", 0, None)
