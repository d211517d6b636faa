"""What was used in which hour and on which day, as readings land. START is 10:00 in India."""

from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.conftest import Desk
from tests.meters.crafted import START, Site, another_site, row
from webapp.meters.models import SocietyDay, UsageDay, UsageHour

TODAY = date(2026, 11, 22)


def hours(site: Site, meter_no: str = "M1") -> dict[float, tuple[int | None, int | None, bool]]:
    """By hours after START: grid and generator Wh, and whether they are estimated."""
    rows = site.desk.all(select(UsageHour).filter_by(meter_id=site.meter(meter_no).id))
    return {
        (each.hour_at - START) / timedelta(hours=1): (each.grid_wh, each.dg_wh, each.is_estimated)
        for each in rows
    }


def days(site: Site, meter_no: str = "M1") -> dict[date, tuple[int | None, int | None, bool]]:
    rows = site.desk.all(select(UsageDay).filter_by(meter_id=site.meter(meter_no).id))
    return {each.day: (each.grid_wh, each.dg_wh, each.is_estimated) for each in rows}


def reads(site: Site, minutes: float, used_wh: int, **changed: Any) -> None:
    """Both meters are read; the first has used so much since START."""
    values = {"grid_wh": 1_000_000 + used_wh} | changed
    site.says(row(1, minutes, **values), row(2, minutes), minutes=minutes)


def test_nothing_is_accounted_within_the_hour(site: Site) -> None:
    for minutes in (0, 20, 59):
        reads(site, minutes, int(minutes))
    assert hours(site) == {} and days(site) == {}


def test_an_hour_is_accounted_when_a_reading_comes_from_the_next(site: Site) -> None:
    for minutes, used in ((0, 0), (30, 300), (55, 550), (65, 670)):
        reads(site, minutes, used)
    assert hours(site) == {0: (610, 0, False)}
    assert days(site) == {TODAY: (610, 0, False)}


def test_the_rest_is_in_the_meter_until_its_hour_is_full(site: Site) -> None:
    for minutes, used in ((0, 0), (60, 600), (90, 1000)):
        reads(site, minutes, used)
    meter = site.meter()
    assert (meter.used_grid_wh, meter.used_grid_at) == (1_000_600, START + timedelta(hours=1))
    assert meter.grid_wh is not None and meter.grid_wh - 1_000_600 == 400


def test_a_reply_that_comes_twice_is_accounted_once(site: Site) -> None:
    for minutes, at in ((0, 0), (65, 65), (66, 65), (67, 65)):
        site.says(row(1, at, grid_wh=1_000_000 + at * 10), row(2, at), minutes=minutes)
    assert hours(site) == {0: (600, 0, False)}


def test_the_generators_register_is_accounted_beside_the_grids(site: Site) -> None:
    reads(site, 0, 0)
    reads(site, 60, 0, dg_wh=20_400)
    assert hours(site) == {0: (0, 400, False)}


def test_a_missed_day_is_told_apart_evenly_and_said_to_be_estimated(site: Site) -> None:
    reads(site, 0, 0)
    reads(site, 24 * 60, 2400)
    assert set(hours(site).values()) == {(100, 0, True)} and len(hours(site)) == 24
    assert days(site) == {TODAY: (1400, 0, True), date(2026, 11, 23): (1000, 0, True)}


def test_a_long_silence_is_told_apart_by_days_and_only_its_end_by_hours(site: Site) -> None:
    reads(site, 0, 0)
    reads(site, 40 * 24 * 60, 40 * 240)
    told = hours(site)
    assert len(told) == 72 and set(told.values()) == {(10, 0, True)}
    assert sum(grid or 0 for grid, _, _ in days(site).values()) == 9600 and len(days(site)) == 41


def test_a_register_that_fell_uses_nothing_until_it_is_believed_again(site: Site) -> None:
    reads(site, 0, 0)
    reads(site, 60, -500)
    assert hours(site) == {0: (None, 0, False)}
    reads(site, 180, 900)
    assert [grid for grid, _, _ in hours(site).values()] == [300, 300, 300]
    assert days(site)[TODAY] == (900, 0, True)


def test_a_meter_without_a_generators_register_has_none_used(site: Site) -> None:
    for minutes, used in ((0, 0), (60, 600)):
        reads(site, minutes, used, dg_wh=None)
    assert hours(site) == {0: (600, None, False)}


def test_the_society_used_what_its_meters_used(site: Site) -> None:
    site.says(row(1), row(2))
    site.says(row(1, 60, grid_wh=1_000_600), row(2, 60, grid_wh=1_000_030, dg_wh=20_007), minutes=60)
    (day,) = site.desk.all(select(SocietyDay).where(SocietyDay.society_id == site.server().society_id))
    assert (day.day, day.grid_wh, day.dg_wh) == (TODAY, 630, 7)


def test_the_day_ends_with_its_last_balance(site: Site) -> None:
    reads(site, 0, 0)
    reads(site, 13 * 60 + 50, 100, balance_paise=444_00)
    reads(site, 14 * 60, 100, balance_paise=333_00)
    wanted = select(UsageDay).filter_by(meter_id=site.meter().id, day=TODAY)
    assert site.desk.one(wanted).balance_paise == 333_00


def test_a_server_whose_readings_come_late_is_accounted_all_the_same(site: Site) -> None:
    for hour in range(4):
        values = {"grid_wh": 1_000_000 + 600 * hour}
        site.says(row(1, 60 * hour - 5, **values), row(2, 60 * hour - 5), minutes=60 * hour + 5)
    assert [grid for grid, _, _ in hours(site).values()] == [50, 600, 600]
    assert site.meter().used_grid_at == START + timedelta(hours=2)


def test_a_meter_that_is_read_once_a_day_is_accounted_up_to_that_hour(site: Site) -> None:
    for day in range(3):
        at = 24 * 60 * day
        site.says(row(1, at, grid_wh=1_000_000 + 2400 * day), row(2, at), minutes=at + 200)
    meter = site.meter()
    assert meter.used_grid_wh == meter.grid_wh == 1_004_800 and meter.used_grid_at == meter.grid_at
    assert sum(grid or 0 for grid, _, _ in days(site).values()) == 4800


def test_a_meters_clock_that_runs_ahead_ends_no_hour_before_ours_does(site: Site) -> None:
    reads(site, 0, 0)
    site.says(row(1, 62, grid_wh=1_000_620), row(2, 62), minutes=57)
    assert hours(site) == {}
    site.says(row(1, 66, grid_wh=1_000_660), row(2, 66), minutes=61)
    assert hours(site)[0] == (600, 0, False)


POLLS = st.lists(
    st.tuples(
        st.integers(0, 400),  # minutes since the last poll
        st.integers(0, 3000),  # Wh used in between
        st.sampled_from(["read", "read", "read", "again", "fell", "unread", "old"]),
    ),
    max_size=12,
)


@given(polls=POLLS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_watt_hour_is_lost_or_made_whatever_comes(desk: Desk, polls: list[tuple[int, int, str]]) -> None:
    site = another_site(desk, f"site-{id(polls)}-{len(polls)}")
    minutes, used, last = 0, 0, 0
    reads(site, 0, 0)
    for wait, more, kind in polls:
        minutes, used = minutes + wait + 1, used + more
        last = _poll(site, minutes, used, last, kind)
    meter = site.meter()
    told = sum(grid or 0 for grid, _, _ in days(site).values())
    assert meter.grid_wh is not None and meter.used_grid_wh is not None
    assert told + meter.grid_wh - meter.used_grid_wh == meter.grid_wh - 1_000_000
    assert all((grid or 0) >= 0 for grid, _, _ in hours(site).values())
    assert told == sum(grid or 0 for grid, _, _ in hours(site).values())


def _poll(site: Site, minutes: int, used: int, last: int, kind: str) -> int:
    """One reply of the kind; the minute of the newest good reading."""
    grids: dict[str, int | None] = {"read": 1_000_000 + used, "fell": 5, "unread": None}
    said: dict[str, Any] = {"grid_wh": grids[kind]} if kind in grids else {}
    at = {"again": last, "old": max(0, last - 10)}.get(kind, minutes)
    site.says(row(1, at, **said), row(2, at), minutes=minutes)
    return minutes if kind == "read" else last
