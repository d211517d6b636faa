"""Use on pages and in files: a chart's numbers stand under it, and a file has the same."""

import csv
import io
import json
import re
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import select, update

from tests.conftest import UNITS, Desk, SignIn
from webapp.demo_past import fill_server
from webapp.extensions import db
from webapp.meters.models import UsageDay
from webapp.people.models import Residence
from webapp.settings import settings_from

OFFICE, RESIDENT = "office@greenview.example", "resident@greenview.example"


@pytest.fixture
def past(desk: Desk, tmp_path: Path) -> Desk:
    settings = settings_from({"METERDESK_DATA": str(tmp_path), "METERDESK_DEMO_UNITS": str(UNITS)})
    with desk.app.app_context():
        fill_server(desk.server_id, settings)
    return desk


def drawn(page: str) -> dict[str, list[int | None]]:
    found = re.search(r'data-chart="([^"]*)"', page)
    assert found
    data: dict[str, list[int | None]] = json.loads(unescape(found[1]))
    return data


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize(("span", "bars"), [("24h", 24), ("30d", 30), ("12m", 12), ("never", 24)])
def test_a_units_chart_file_and_table_say_the_same(past: Desk, sign_in: SignIn, span: str, bars: int) -> None:
    client = sign_in(OFFICE)
    page = client.get(f"/s/greenview/units/A-101?span={span}").text
    file = rows(client.get(f"/s/greenview/units/A-101/usage.csv?span={span}").text)
    data = drawn(page)
    assert len(data["grid"]) == len(file) == bars
    assert [row["grid_kwh"] for row in file] == [
        "" if wh is None else f"{wh / 1000:.3f}" for wh in data["grid"]
    ]
    assert page.count('<th scope="row" class="num">') == bars


def test_a_day_in_the_file_is_what_is_kept_of_it(past: Desk, sign_in: SignIn) -> None:
    file = rows(sign_in(OFFICE).get("/s/greenview/units/A-101/usage.csv?span=30d").text)
    kept = {
        row.day.isoformat(): row for row in past.all(select(UsageDay).filter_by(meter_id=past.meter().id))
    }
    yesterday = file[-2]
    assert float(yesterday["grid_kwh"]) * 1000 == kept[yesterday["from"][:10]].grid_wh
    assert (yesterday["complete"], file[-1]["complete"]) == ("yes", "no")
    assert yesterday["from"].endswith("T00:00:00+05:30")


def test_the_unit_says_how_long_its_balance_lasts(past: Desk, sign_in: SignIn) -> None:
    assert re.search(r"about \d+ days? left", sign_in(OFFICE).get("/s/greenview/units/A-101").text)


def test_a_young_history_says_that_it_is_young(desk: Desk, sign_in: SignIn) -> None:
    page = sign_in(OFFICE).get("/s/greenview/units/A-101").text
    assert "How long it lasts is not known yet" in page and "days left" not in page


def test_the_societys_page_adds_up_its_homes(past: Desk, sign_in: SignIn) -> None:
    client = sign_in(OFFICE)
    data, file = drawn(client.get("/s/greenview/usage").text), rows(client.get("/s/greenview/usage.csv").text)
    day = file[-2]["from"][:10]
    with past.app.app_context():
        kept = [
            row.grid_wh or 0 for row in db.session.scalars(select(UsageDay)) if row.day.isoformat() == day
        ]
    assert data["grid"][-2] == sum(kept) == round(float(file[-2]["grid_kwh"]) * 1000)


def test_a_resident_sees_only_the_days_they_lived_there(past: Desk, sign_in: SignIn) -> None:
    client = sign_in(RESIDENT)
    file = rows(client.get("/s/greenview/home/A-101/usage.csv?span=30d").text)
    assert len(file) == 1 == len(drawn(client.get("/s/greenview/home").text)["grid"])
    with past.app.app_context():
        earlier = past.meter().read_at
        assert earlier
        db.session.execute(update(Residence).values(since=earlier.replace(year=2025)))
        db.session.commit()
    assert len(rows(client.get("/s/greenview/home/A-101/usage.csv?span=30d").text)) == 30
    assert client.get("/s/greenview/home/A-102/usage.csv").status_code == 404
