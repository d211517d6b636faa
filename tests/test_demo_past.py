"""The demo's sixty days: before the first poll, without a jump to it, and once."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update

from tests.conftest import UNITS, Desk
from webapp.demo import seed
from webapp.demo_past import fill_server
from webapp.extensions import db
from webapp.generators.models import Run
from webapp.meters.models import Meter, Reading, SocietyDay, UsageDay, UsageHour
from webapp.people.accounts import Account, add
from webapp.people.models import Residence, Role, User
from webapp.settings import Settings, settings_from
from webapp.societies.models import Society


@pytest.fixture
def past(desk: Desk, tmp_path: Path) -> Settings:
    settings = settings_from({"METERDESK_DATA": str(tmp_path), "METERDESK_DEMO_UNITS": str(UNITS)})
    with desk.app.app_context():
        fill_server(desk.server_id, settings)
    return settings


@pytest.mark.usefixtures("past")
def test_sixty_days_lie_before_the_first_poll(desk: Desk) -> None:
    meter = desk.meter()
    readings = desk.all(select(Reading).filter_by(meter_id=meter.id).order_by(Reading.read_at))
    assert timedelta(days=59) < readings[-1].read_at - readings[0].read_at < timedelta(days=61)
    assert all(a <= b for a, b in pairwise([row.grid_wh or 0 for row in readings]))
    assert len(desk.all(select(UsageDay).filter_by(meter_id=meter.id))) in (60, 61, 62)


@pytest.mark.usefixtures("past")
def test_what_was_used_is_what_the_register_rose_by(desk: Desk) -> None:
    meter = desk.meter()
    first = desk.all(select(Reading).filter_by(meter_id=meter.id).order_by(Reading.read_at))[0]
    for table in (UsageHour, UsageDay):
        total = desk.one(select(func.sum(table.grid_wh)).filter_by(meter_id=meter.id))
        assert total == (meter.used_grid_wh or 0) - (first.grid_wh or 0)
    by_meter = desk.one(select(func.sum(UsageDay.grid_wh)).join(Meter, Meter.id == UsageDay.meter_id))
    assert by_meter == desk.one(select(func.sum(SocietyDay.grid_wh)))


def test_filled_again_it_is_the_same(desk: Desk, past: Settings) -> None:
    before = [desk.one(select(func.count()).select_from(table)) for table in (Reading, UsageHour, Run)]
    with desk.app.app_context():
        fill_server(desk.server_id, past)
    after = [desk.one(select(func.count()).select_from(table)) for table in (Reading, UsageHour, Run)]
    assert before == after and min(before) > 0


def test_a_fill_that_was_broken_off_is_taken_up(desk: Desk, past: Settings) -> None:
    meter = desk.meter()
    with desk.app.app_context():
        total = select(func.sum(UsageDay.grid_wh)).filter_by(meter_id=meter.id)
        whole = db.session.scalar(total)
        for table in (Reading, UsageHour, UsageDay):
            rows = db.session.scalars(select(table).filter_by(meter_id=meter.id)).all()
            kept = rows[-1] if table is Reading else None
            for each in rows:
                if each is not kept:
                    db.session.delete(each)
        db.session.execute(update(Meter).filter_by(id=meter.id).values(kept_at=meter.kept_at))
        db.session.commit()
        fill_server(desk.server_id, past)
        assert db.session.scalar(total) == whole


def test_only_the_demos_own_people_have_lived_there_for_long(app: Flask) -> None:
    with app.app_context():
        settings = app.config["METERDESK"]
        seed(settings)
        mover = Account("new@greenview.example", "New", "greenview", Role.RESIDENT, "A-101")
        add(mover, "a long password")
        db.session.execute(delete(Society).filter_by(slug="lakeside"))
        db.session.commit()
        seed(settings)
        since = dict(
            db.session.execute(
                select(User.email, Residence.since).join(Residence, Residence.user_id == User.id)
            ).all()
        )
    now = datetime.now(UTC)
    assert now - since["new@greenview.example"] < timedelta(days=2)
    assert now - since["resident@greenview.example"] > timedelta(days=399)
    assert now - since["resident@lakeside.example"] > timedelta(days=399)
