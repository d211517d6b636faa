"""The list as an office works with it: any order, any tower, anybody's name, and as a workbook."""

import io
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update

from tests.conftest import Desk, SignIn
from tests.desk.conftest import change, units_on, walk
from webapp.extensions import db
from webapp.meters import charts
from webapp.meters.list_rules import COLUMNS
from webapp.meters.models import Meter
from webapp.people.models import Residence, User

OFFICE = "office@greenview.example"
HELD: dict[str, Any] = {
    "balance": Meter.balance_paise, "supply": Meter.supply, "grid": Meter.grid_wh, "dg": Meter.dg_wh,
    "read": Meter.read_at, "unit": Meter.rank,
}  # fmt: skip


@pytest.mark.parametrize("column", [name for name in COLUMNS if name != "today"])
@pytest.mark.parametrize("sign", ["", "-"])
def test_every_column_is_an_order_both_ways(large: Desk, sign_in: SignIn, column: str, sign: str) -> None:
    units = [unit for page in walk(sign_in(OFFICE), sort=sign + column) for unit in page]
    values = {row.rank: getattr(row, HELD[column].key) for row in large.all(select(Meter))}
    found = [values[large.meter(unit).rank] for unit in units[::10]]
    assert found == sorted(found, reverse=bool(sign))


def test_used_today_is_an_order_with_the_unknown_last(large: Desk, sign_in: SignIn) -> None:
    change(large, Meter.id % 5 == 0, used_grid_at=None, used_dg_at=None, used_grid_wh=None, used_dg_wh=None)
    change(large, Meter.id % 5 == 1, used_grid_wh=Meter.grid_wh - Meter.id)
    units = [unit for page in walk(sign_in(OFFICE), sort="-today") for unit in page]
    meters = [large.meter(unit) for unit in units]
    with large.app.app_context():
        read_at = meters[0].read_at
        assert read_at
        charts_of = [charts.of_meters([each], "30d", ZoneInfo("Asia/Kolkata"), read_at) for each in meters]
    parts = [(chart.bars[-1].grid_wh, chart.bars[-1].dg_wh) for chart in charts_of]
    found = [None if grid is dg is None else (grid or 0) + (dg or 0) for grid, dg in parts]
    known = [wh for wh in found if wh is not None]
    assert len(known) < len(found) and found == sorted(known, reverse=True) + [None] * (
        len(found) - len(known)
    )


def test_a_tower_goes_with_other_filters(large: Desk, sign_in: SignIn) -> None:
    change(large, Meter.id % 2 == 0, balance_paise=-1)
    client = sign_in(OFFICE)
    page = client.get("/s/greenview/units?tower=B&balance=below0").text
    assert units_on(page) and all(unit.startswith("B-") for unit in units_on(page))
    assert all((large.meter(unit).balance_paise or 0) < 0 for unit in units_on(page))
    assert "tower=A" in page and "30 shown" in page and "−₹0.30" in page
    assert units_on(client.get("/s/greenview/units?tower=nowhere").text) == []


def test_people_are_found_by_name_and_by_phone_and_stand_in_their_row(desk: Desk, sign_in: SignIn) -> None:
    with desk.app.app_context():
        them = update(User).filter_by(email="resident@greenview.example")
        db.session.execute(them.values(name="Rohan Sharma", phone="+91 98200 12345"))
        db.session.commit()
    client = sign_in(OFFICE)
    for word in ("sharma", "98200"):
        page = client.get(f"/s/greenview/units?q={word}").text
        assert units_on(page) == ["A-101"] and "Rohan Sharma" in page


def test_who_moved_out_is_not_found(desk: Desk, sign_in: SignIn) -> None:
    with desk.app.app_context():
        db.session.execute(update(Residence).values(until=Residence.since))
        db.session.commit()
    assert units_on(sign_in(OFFICE).get("/s/greenview/units?q=Resident").text) == []


def test_the_workbook_holds_what_is_filtered_as_numbers_and_times(desk: Desk, sign_in: SignIn) -> None:
    change(desk, Meter.meter_no == "M000101", balance_paise=-12_50, doubt="=1+1")
    answer = sign_in(OFFICE).get("/s/greenview/units.xlsx?balance=below0")
    rows = list(load_workbook(io.BytesIO(answer.data))["Units"].iter_rows())
    head, row = [cell.value for cell in rows[0]], next(row for row in rows if row[0].value == "A-101")
    meter = desk.meter()
    assert head[:4] == ["Unit", "Lives there", "Meter", "Supply"] and row[1].value == "Resident"
    assert float(str(row[head.index("Balance (INR)")].value)) == -12.5
    doubt = row[head.index("Doubt")]
    assert doubt.value == "=1+1" and doubt.data_type == "s"
    assert meter.read_at
    local = meter.read_at.astimezone(ZoneInfo("Asia/Kolkata")).replace(tzinfo=None)
    assert row[head.index("Read (Asia/Kolkata)")].value == local


def sheet(sign_in: SignIn, query: str) -> list[list[Any]]:
    answer = sign_in(OFFICE).get(f"/s/greenview/units.xlsx{query}")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="greenview-units.xlsx"'
    rows = load_workbook(io.BytesIO(answer.data))["Units"].iter_rows(values_only=True)
    return [list(row) for row in rows]


def test_the_workbook_has_the_lists_own_order(large: Desk, sign_in: SignIn) -> None:
    listed = [unit for page in walk(sign_in(OFFICE), tower="B", sort="-grid") for unit in page]
    assert [row[0] for row in sheet(sign_in, "?tower=B&sort=-grid&after=garbage")[1:]] == listed


def test_a_workbook_of_nothing_has_its_headings(desk: Desk, sign_in: SignIn) -> None:
    found = sheet(sign_in, "?q=nothing of ours")
    assert (len(found), found[0][0]) == (1, "Unit")


@pytest.mark.parametrize("text", ["=1+1", "+91", "-5", "@SUM(A1)", "\t=1"])
def test_in_a_workbook_what_others_wrote_is_text_and_never_a_formula(
    desk: Desk, sign_in: SignIn, text: str
) -> None:
    change(desk, Meter.key == "M000101", meter_no=text, doubt=text)
    with desk.app.app_context():
        db.session.execute(update(User).filter_by(email="resident@greenview.example").values(name=text))
        db.session.commit()
    answer = sign_in(OFFICE).get("/s/greenview/units.xlsx?q=A-101")
    cells = load_workbook(io.BytesIO(answer.data))["Units"][2]
    assert [(cell.value, cell.data_type) for cell in cells if cell.value == text] == [(text, "s")] * 3
