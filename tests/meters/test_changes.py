"""Meters that took another's place: the old one retires, use goes on with no jump and no gap."""

from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from tests.conftest import SignIn, people_of
from tests.meters.crafted import START, Site, row
from tests.worker import run_pending
from webapp.contract.replies import Doubt
from webapp.contract.replies import MeterChange as Told
from webapp.extensions import db
from webapp.meters import change_rules, changes
from webapp.meters.change_rules import Side
from webapp.meters.models import Meter, MeterChange, SocietyDay, Unit, UsageDay
from webapp.societies.models import MeterServer

DAY = date(2026, 11, 22)
NOON = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
NOW = START + timedelta(hours=6)
TOLD = Told(
    unit_no="A-101", old_meter_no="M1", new_meter_no="M9",
    old_start_grid_wh=0, old_end_grid_wh=1_000_900, old_start_dg_wh=0, old_end_dg_wh=20_010,
    new_start_grid_wh=0, new_start_dg_wh=0, meter_change_date=DAY, reading_start_date=DAY,
)  # fmt: skip


def told(**changed: Any) -> Told:
    return msgspec.structs.replace(TOLD, **changed)


def tell(site: Site, *rows: Told) -> None:
    with site.desk.app.app_context():
        changes.take_all(site.server_id, rows, NOW)


def used(site: Site) -> dict[date, int | None]:
    """Of the unit A-101, by all the meters it ever had, up to the last full hours."""
    wanted = select(UsageDay).join(Meter, Meter.id == UsageDay.meter_id).join(Unit)
    rows = site.desk.all(wanted.where(Unit.unit_no == "A-101", Meter.server_id == site.server_id))
    days: dict[date, int | None] = {}
    for each in rows:
        days[each.day] = (days.get(each.day) or 0) + (each.grid_wh or 0)
    return days


def the_change(site: Site) -> MeterChange:
    return site.desk.one(select(MeterChange).filter_by(server_id=site.server_id))


OLD = Side("A-101", 1_000_000, START, 20_000, START, START - timedelta(days=90))
NEW = Side("A-101", 500, NOON, 0, NOON, NOON)


@pytest.mark.parametrize(
    ("change", "old", "new", "said"),
    [
        (told(), OLD, NEW, None),
        (told(), OLD, None, None),
        (told(), None, NEW, None),
        (told(old_end_grid_wh=None), OLD, NEW, None),
        (told(new_meter_no="M1"), OLD, OLD, None),
        (told(), None, None, "Neither meter is known"),
        (told(old_meter_no=None), None, NEW, "could not be read"),
        (told(doubts=(Doubt("old_end_grid", "x"),)), OLD, NEW, "could not be read"),
        (told(unit_no="A-102"), OLD, NEW, "The units differ: A-101, A-102."),
        (told(old_end_grid_wh=999_990), OLD, NEW, "said to end at 999.99 kWh, and read 1,000.00 kWh before"),
        (told(old_end_dg_wh=90_000_000), OLD, NEW, "above its last reading"),
        (told(new_start_grid_wh=501), OLD, NEW, "said to begin at 0.50 kWh, and reads 0.50 kWh"),
        (told(), OLD, Side("A-101", 9, NOON, 0, NOON, START - timedelta(days=9)), "read here long before"),
        (told(), OLD, Side("A-101", is_retired=True), "taken away"),
        (told(), Side("A-101", is_retired=True), NEW, "taken away before"),
    ],
)  # fmt: skip
def test_what_does_not_fit_waits_for_a_person(
    change: Told, old: Side | None, new: Side | None, said: str | None
) -> None:
    why = change_rules.why_not(change, old, new, NOON, NOW)
    assert why == said if said is None else said in str(why)


def test_a_change_of_tomorrow_or_of_no_day_waits() -> None:
    assert "future" in str(change_rules.why_not(TOLD, OLD, NEW, NOW + timedelta(days=2), NOW))
    assert "could not be read" in str(change_rules.why_not(TOLD, OLD, NEW, None, NOW))


def test_the_old_meter_retires_and_the_new_one_takes_its_unit(site: Site) -> None:
    site.says(row(1), row(2))
    tell(site, TOLD)
    old, new = site.meter("M1"), site.meter("M9")
    assert old.retired_at == START and (old.grid_wh, old.dg_wh) == (1_000_900, 20_010)
    assert new.unit.id == old.unit.id and new.retired_at is None
    assert the_change(site).state == "applied"


def test_use_goes_on_with_no_jump_and_no_gap(site: Site) -> None:
    site.says(row(1), row(2))
    site.says(row(1, 60, grid_wh=1_000_600), row(2, 60), minutes=60)
    tell(site, told(old_end_grid_wh=1_000_900))
    site.says(row(9, 180, unit_no="A-101", grid_wh=700, dg_wh=0), row(2, 180), minutes=180)
    assert used(site) == {DAY: 600 + 300 + 700}
    (day,) = site.desk.all(select(SocietyDay).where(SocietyDay.society_id == site.server().society_id))
    assert day.grid_wh == 1600


def test_a_new_meter_that_was_read_first_is_counted_from_its_beginning(site: Site) -> None:
    site.says(row(1), row(2))
    site.says(row(9, 60, unit_no="A-101", grid_wh=200, dg_wh=0), row(2, 60), minutes=60)
    site.says(row(9, 120, unit_no="A-101", grid_wh=300, dg_wh=0), row(2, 120), minutes=120)
    tell(site, told(old_end_grid_wh=1_000_050))
    assert used(site) == {DAY: 50 + 200 + 100}


def test_a_register_that_starts_again_under_the_same_number_is_no_doubt_once_told(site: Site) -> None:
    site.says(row(1), row(2))
    site.says(row(1, 60, grid_wh=40, dg_wh=0), row(2, 60), minutes=60)
    assert ("grid", "fell", True) in site.doubts()
    tell(site, told(new_meter_no="M1", old_end_grid_wh=1_000_030))
    site.says(row(1, 120, grid_wh=90, dg_wh=0), row(2, 120), minutes=120)
    meter = site.meter()
    assert (meter.grid_wh, meter.doubt, meter.retired_at) == (90, None, None)
    assert used(site) == {DAY: 30 + 90}


def test_a_change_told_twice_is_taken_once(site: Site) -> None:
    site.says(row(1), row(2))
    tell(site, TOLD, TOLD)
    tell(site, TOLD)
    assert the_change(site).state == "applied" and used(site)[DAY] == 900


def test_what_is_told_of_a_retired_meter_is_not_taken_and_it_is_not_missed(site: Site) -> None:
    site.says(row(1), row(2))
    tell(site, TOLD)
    remark = site.says(row(1, 60, grid_wh=1_100_000), row(2, 60), row(9, 60, grid_wh=10, dg_wh=0), minutes=60)
    assert site.meter("M1").grid_wh == 1_000_900 and not site.meter("M1").is_missing
    assert "missing" not in remark


def test_a_manager_settles_what_waits(site: Site, sign_in: SignIn) -> None:
    site.says(row(1), row(2))
    tell(site, told(old_end_grid_wh=999_000))
    change = the_change(site)
    assert (change.state, site.meter("M1").retired_at) == ("waiting", None)
    with site.desk.app.app_context():
        people_of("lakeside", "A-101")
    client = sign_in("manager@lakeside.example")
    assert "waits" in client.get("/s/lakeside/meter-changes").text
    assert "Meter M1 is said to be replaced." in client.get("/s/lakeside/").text
    client.post(f"/s/lakeside/meter-changes/{change.id}", data={"is_so": "yes"})
    assert the_change(site).state == "applied" and site.meter("M1").retired_at is not None
    assert site.meter("M1").grid_wh == 1_000_000
    page = client.get("/s/lakeside/units/A-101?show=changes").text
    assert "Meter M1 was replaced by M9" in page


def test_the_meter_server_is_asked_for_any_two_days(site: Site, sign_in: SignIn) -> None:
    desk = site.desk
    client = sign_in("office@greenview.example")
    data = {"from": "2025-01-01", "to": "2025-12-31"}
    assert client.post("/s/greenview/meter-changes", data=data).status_code == 303
    run_pending(desk.app)
    found = desk.one(select(MeterChange).filter_by(society_id=desk.society_id))
    assert (found.changed_on, found.state) == (date(2025, 4, 28), "applied")
    assert desk.all(select(UsageDay).where(UsageDay.day < date(2026, 1, 1))) == []  # before our time
    assert found.old_meter_no in client.get("/s/greenview/meter-changes").text
    backwards = {"from": "2025-12-31", "to": "2025-01-01"}
    assert client.post("/s/greenview/meter-changes", data=backwards).status_code == 422


def test_servers_are_asked_daily_and_only_where_they_answer(site: Site) -> None:
    with site.desk.app.app_context():
        now = datetime.now(UTC)
        assert changes.due(now) == [site.desk.server_id]
        changes.ask_lately(site.desk.server_id)
        assert changes.due(now) == []
        server = db.session.get_one(MeterServer, site.desk.server_id)
        assert server.changes_asked_at is not None
        assert changes.due(server.changes_asked_at + timedelta(days=1)) == [site.desk.server_id]


def test_a_server_that_cannot_be_asked_or_tells_nothing_is_said_on_the_page(
    site: Site, sign_in: SignIn
) -> None:
    desk, client = site.desk, sign_in("office@greenview.example")
    data = {"from": "2026-01-01", "to": "2026-01-02"}
    client.post("/s/greenview/meter-changes", data=data)
    run_pending(desk.app)
    assert "“Not Details”" in client.get("/s/greenview/meter-changes").text
    desk.fault("meter_changes", "html")
    client.post("/s/greenview/meter-changes", data=data)
    run_pending(desk.app)
    said = desk.one(select(MeterServer).filter_by(id=desk.server_id)).changes_said
    assert said and "Not Details" not in said
    assert said in unescape(client.get("/s/greenview/meter-changes").text)


def test_a_meter_without_a_unit_hands_on_the_one_we_made_up(site: Site) -> None:
    site.says(row(1, unit_no=None), row(2))
    tell(site, told(unit_no=None))
    old, new = site.meter("M1"), site.meter("M9")
    units = site.desk.all(select(Unit).filter_by(society_id=site.server().society_id, is_named=False))
    assert [unit.id for unit in units] == [old.unit.id] == [new.unit.id]


def test_a_number_that_no_database_takes_is_no_change(site: Site, sign_in: SignIn) -> None:
    client = sign_in("manager@greenview.example")
    assert client.post(f"/s/greenview/meter-changes/{2**63}").status_code == 404
