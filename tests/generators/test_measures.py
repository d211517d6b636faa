"""Fuel and register: what is believed of them, and what is kept apart."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.conftest import load_society
from tests.generators.conftest import OddDesk
from tests.generators.yard import Yard, later
from webapp.contract.replies import DgFuel, DgReading
from webapp.extensions import db
from webapp.generators.models import Generator
from webapp.generators.rules import fuel_doubt, is_old, register_doubt

NOW = datetime(2026, 6, 11, 12, tzinfo=UTC)
SOON = NOW + timedelta(minutes=5)
FAR = NOW + timedelta(hours=5, minutes=30)


@pytest.mark.parametrize(
    ("answer", "doubted"),
    [
        (DgFuel(fuel_ml=0), False),
        (DgFuel(fuel_ml=None), True),
        (DgFuel(fuel_ml=-1), True),
        (DgFuel(fuel_percent_hundredths=100_00), False),
        (DgFuel(fuel_percent_hundredths=100_01), True),
        (DgFuel(fuel_ml=5, read_at=SOON), False),
        (DgFuel(fuel_ml=5, read_at=FAR), True),
    ],
)
def test_fuel_is_believed_or_not(answer: DgFuel, doubted: bool) -> None:
    assert bool(fuel_doubt(answer, NOW)) is doubted


@pytest.mark.parametrize(
    ("answer", "held_wh", "doubted"),
    [
        (DgReading(register_wh=500), None, False),
        (DgReading(register_wh=500), 500, False),
        (DgReading(register_wh=499), 500, True),
        (DgReading(register_wh=-1), None, True),
        (DgReading(register_wh=None), 500, True),
        (DgReading(register_wh=501, read_at=FAR), 500, True),
    ],
)
def test_a_register_is_believed_or_not(answer: DgReading, held_wh: int | None, doubted: bool) -> None:
    assert bool(register_doubt(answer, held_wh, NOW)) is doubted


def test_an_old_answer_served_again_is_old() -> None:
    assert is_old(NOW, SOON)
    assert not is_old(NOW, NOW)
    assert not is_old(None, NOW)


def measured(odd: OddDesk, after_s: float, **data: object) -> Generator:
    odd.says(dg_no="DG1", status="ON", **data)
    with later(after_s):
        odd.turn()
    return odd.dg1


def test_unknown_fuel_is_not_empty(odd: OddDesk) -> None:
    first = measured(odd, 0, fuel_balance="81.5")
    for after_s, unknown in ((302, None), (604, ""), (906, "full")):
        then = measured(odd, after_s, fuel_balance=unknown)
        assert (then.fuel_ml, then.fuel_at) == (81_500, first.fuel_at)
        assert then.fuel_doubt
    assert measured(odd, 1_208, fuel_balance="0").fuel_ml == 0
    assert odd.dg1.fuel_doubt is None


def test_a_register_that_falls_is_kept_apart_until_it_recovers(odd: OddDesk) -> None:
    measured(odd, 0, reading="500.5")
    fallen = measured(odd, 902, reading="0")
    assert (fallen.register_wh, fallen.register_doubt) == (500_500, "the register fell by 500.500 kWh")
    recovered = measured(odd, 1_804, reading="501")
    assert (recovered.register_wh, recovered.register_doubt) == (501_000, None)


def test_a_register_that_falls_with_another_meter_is_that_meters(odd: OddDesk) -> None:
    measured(odd, 0, reading="500", meter_no="M1")
    assert measured(odd, 902, reading="3", meter_no="M2").register_wh == 3_000
    assert measured(odd, 1_804, reading="2", meter_no="M2").register_wh == 3_000


def test_a_time_in_the_future_is_nobodys_age(odd: OddDesk) -> None:
    def site_time(**ahead: float) -> str:
        at = datetime.now(ZoneInfo("Asia/Kolkata")) + timedelta(**ahead)
        return f"{at:%Y-%m-%d %H:%M:%S}"

    slack = measured(odd, 0, fuel_balance="80", datetime=site_time(minutes=5))
    assert slack.fuel_at is not None and slack.fuel_at <= datetime.now(UTC)
    with later(302):
        said = site_time(hours=5, minutes=30)
    then = measured(odd, 302, fuel_balance="70", datetime=said)
    assert (then.fuel_ml, then.fuel_at) == (80_000, slack.fuel_at)


def test_fuel_that_cannot_be_asked_for_stays_as_it_was(yard: Yard) -> None:
    before = yard.dg1
    yard.desk.fault("dg_fuel", "garble")
    yard.desk.fault("dg_reading", "freeze")
    with later(902):
        yard.turn()
    after = yard.dg1
    assert (after.fuel_ml, after.fuel_at) == (before.fuel_ml, before.fuel_at)
    assert after.register_at == before.register_at


def test_a_society_file_loaded_again_keeps_the_generators_and_their_runs(yard: Yard) -> None:
    yard.force("ON")
    yard.call()
    yard.desk.work()
    known = yard.dg1
    with yard.desk.app.app_context():
        load_society(yard.desk.box.url, timeout_s=7)
        assert db.session.query(Generator).count() == 2
    assert (yard.dg1.id, yard.dg1.state, len(yard.runs)) == (known.id, "on", 1)
