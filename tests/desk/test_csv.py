"""The list as a file: scripts and spreadsheets rely on its columns."""

import csv
import io
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from tests.conftest import Desk, SignIn
from tests.desk.conftest import change
from webapp.extensions import db
from webapp.meters.models import Meter, Unit

FILE = "/s/greenview/units.csv"
HEADER = (
    "unit_id,unit_no,meter_id,meter_no,supply,balance,grid_kwh,dg_kwh,"
    "load_grid_kw,load_dg_kw,read_at,fetched_at,doubt\r\n"
)
MOMENT = datetime(2026, 1, 31, 18, 30, 5, 999, UTC)


def rows_of(sign_in: SignIn, query: str = "") -> dict[str, dict[str, str]]:
    text = sign_in("office@greenview.example").get(FILE + query).text
    return {row["meter_id"]: row for row in csv.DictReader(io.StringIO(text, newline=""))}


def test_the_header_is_the_promised_one_and_every_meter_has_a_line(desk: Desk, sign_in: SignIn) -> None:
    answer = sign_in("office@greenview.example").get(FILE)
    assert answer.text.startswith(HEADER)
    assert answer.text.count("\r\n") == 25
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="greenview-units.csv"'


def test_numbers_are_plain_decimals_and_times_are_utc(desk: Desk, sign_in: SignIn) -> None:
    change(
        desk, Meter.key == "M000101", balance_paise=-12_345_50, grid_wh=2_210_350, dg_wh=5, supply="off",
        load_grid_w=5000, load_dg_w=1500, read_at=MOMENT, fetched_at=MOMENT, doubt=None,
    )  # fmt: skip
    assert list(rows_of(sign_in)["M000101"].values()) == [
        "A-101", "A-101", "M000101", "M000101", "off", "-12345.50", "2210.350", "0.005", "5.000", "1.500",
        "2026-01-31T18:30:05Z", "2026-01-31T18:30:05Z", "",
    ]  # fmt: skip


def test_what_is_unknown_is_blank_and_never_zero(desk: Desk, sign_in: SignIn) -> None:
    nothing = dict.fromkeys(("balance_paise", "grid_wh", "dg_wh", "read_at", "fetched_at"))
    change(desk, Meter.key == "M000101", supply="unknown", **nothing)
    assert list(rows_of(sign_in)["M000101"].values())[4:] == ["unknown", *[""] * 8]


@pytest.mark.parametrize("text", ["=1+1", "+91", "-5", "@SUM(A1)", "\tx", "\rx"])
def test_what_a_spreadsheet_would_run_is_defused(desk: Desk, sign_in: SignIn, text: str) -> None:
    change(desk, Meter.key == "M000101", meter_no=text, doubt=text)
    with desk.app.app_context():
        db.session.execute(update(Unit).filter_by(key="A-101").values(unit_no=text))
        db.session.commit()
    row = rows_of(sign_in)["M000101"]
    assert (row["unit_no"], row["meter_no"], row["doubt"]) == (f"'{text}", f"'{text}", f"'{text}")


def test_a_balance_below_zero_is_a_number_and_no_formula(desk: Desk, sign_in: SignIn) -> None:
    change(desk, Meter.key == "M000101", balance_paise=-1)
    assert rows_of(sign_in)["M000101"]["balance"] == "-0.01"


def test_commas_quotes_and_lines_stay_in_their_cell(desk: Desk, sign_in: SignIn) -> None:
    said = 'the register fell, from "2,210.35"\nto 5'
    change(desk, Meter.key == "M000101", doubt=said)
    assert rows_of(sign_in)["M000101"]["doubt"] == said


def test_the_file_holds_what_the_list_shows_whatever_its_order(desk: Desk, sign_in: SignIn) -> None:
    change(desk, Meter.key == "M000103", balance_paise=None)
    first_floor = [f"M00010{n}" for n in range(1, 7)]
    assert list(rows_of(sign_in, "?q=A-10")) == first_floor
    assert list(rows_of(sign_in, "?q=A-10&sort=-balance&after=garbage")) == first_floor


def test_a_society_without_meters_has_a_file_with_the_header_only(desk: Desk, sign_in: SignIn) -> None:
    assert sign_in("office@greenview.example").get(f"{FILE}?q=nothing of ours").text == HEADER
