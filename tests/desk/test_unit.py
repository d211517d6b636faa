"""A unit's own page, and its address."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from tests.conftest import Desk, SignIn, load_society
from tests.contract.tiny_server import TinyServer, answer
from tests.desk.conftest import change
from webapp.extensions import db
from webapp.meters import polling
from webapp.meters.joining import ensure_units
from webapp.meters.models import Meter, Unit

OFFICE = "office@greenview.example"
Reading = dict[str, str]


def reading(unit_no: str, meter_no: str) -> Reading:
    return {"unit_no": unit_no, "meter_no": meter_no, "balance": "10.00", "status": "On"}


@pytest.fixture
def company() -> Iterator[TinyServer]:
    with TinyServer() as server:
        yield server


def keys_after(app: Flask, company: TinyServer, *rows: Reading) -> dict[str, tuple[str, str]]:
    """What the addresses of units and meters are after this reply: by unit_no."""
    company.behaviour = answer({"status": "success", "count": str(len(rows)), "data": list(rows)})
    with app.app_context():
        server = load_society(company.base_url).meter_servers[0]
        assert polling.poll(server.id, even_if_early=True) is None
        meters = db.session.scalars(select(Meter).join(Meter.unit).order_by(Meter.rank))
        return {meter.unit.unit_no: (meter.unit.key, meter.key) for meter in meters}


def test_numbers_that_are_safe_in_an_address_are_the_address(app: Flask, company: TinyServer) -> None:
    found = keys_after(app, company, reading("A-101", "M1"), reading("B_2.x", "12-9"))
    assert found == {"A-101": ("A-101", "M1"), "B_2.x": ("B_2.x", "12-9")}


def test_two_units_that_look_alike_in_an_address_are_told_apart(app: Flask, company: TinyServer) -> None:
    found = keys_after(app, company, reading("A/101", "M/1"), reading("A 101", "M 1"))
    assert len(set(found.values())) == 2
    assert {key for keys in found.values() for key in keys} == {"A-101", "A-101-2", "M-1", "M-1-2"}


def test_a_unit_whose_number_is_safe_keeps_it_though_a_lookalike_came_first(
    app: Flask, company: TinyServer
) -> None:
    found = keys_after(app, company, reading("A/101", "M/1"), reading("A-101", "M-1"))
    assert found["A-101"] == ("A-101", "M-1")
    assert found["A/101"] == ("A-101-2", "M-1-2")


@pytest.mark.parametrize("unit_no", ["फ्लैट १", "..", "/", "?#", "💡", "A/../../x", "x" * 64])
def test_a_unit_of_any_name_has_a_page(
    app: Flask, company: TinyServer, desk: Desk, sign_in: SignIn, unit_no: str
) -> None:
    keys_after(app, company, reading(unit_no, f"odd {unit_no}"[:64]))
    key, _ = desk.one(select(Unit.key).filter_by(unit_no=unit_no)), None
    page = sign_in(OFFICE).get(f"/s/greenview/units/{key}")
    assert page.status_code == 200
    assert page.text.count(f">{unit_no}<") >= 1


def test_units_sort_as_people_count(app: Flask, company: TinyServer) -> None:
    units = ["A-10", "A-2", "a-1", "A-2B", "B-1", "Shop 12", "Shop 3"]
    found = keys_after(app, company, *(reading(unit, f"M{n}") for n, unit in enumerate(units)))
    assert list(found) == ["a-1", "A-2", "A-2B", "A-10", "B-1", "Shop 3", "Shop 12"]


def test_a_units_page_shows_its_meter_and_its_fragment_is_only_a_piece(desk: Desk, sign_in: SignIn) -> None:
    client = sign_in(OFFICE)
    page = client.get("/s/greenview/units/A-101")
    piece = client.get("/s/greenview/units/A-101", headers={"HX-Request-Type": "partial"})
    assert "M000101" in page.text
    assert "<html" in page.text
    assert piece.text.lstrip().startswith('<div id="unit"')
    assert "<html" not in piece.text


def test_a_units_page_tells_what_happened_and_can_be_asked_for_one_kind(desk: Desk, sign_in: SignIn) -> None:
    client, address = sign_in(OFFICE), "/s/greenview/units/A-101"
    client.post("/s/greenview/meters/M000101/recharge", data={"amount": "7", "client_key": "a key of it"})
    desk.work()
    for show in ("", "orders", "garbage", "\0"):
        assert "₹7.00" in client.get(address, query_string={"show": show}).text
    assert "₹7.00" not in client.get(address, query_string={"show": "doubts"}).text


def test_a_unit_that_waits_for_its_meter_says_so(desk: Desk, sign_in: SignIn) -> None:
    with desk.app.app_context():
        ensure_units(desk.society_id, ["Z-1"])
        db.session.commit()
    assert "No meter yet." in sign_in(OFFICE).get("/s/greenview/units/Z-1").text


def test_a_doubted_meter_says_what_is_not_believed(desk: Desk, sign_in: SignIn) -> None:
    change(desk, Meter.key == "M000101", doubt="the register <fell>")
    text = sign_in(OFFICE).get("/s/greenview/units/A-101").text
    assert "the register &lt;fell&gt;; the last good values are shown" in text


@pytest.mark.parametrize("key", ["A-999", "A-101%00", "%F0%9F%92%A1", "x" * 500, "a-101"])
def test_a_unit_that_is_not_there_is_not_found(desk: Desk, sign_in: SignIn, key: str) -> None:
    assert sign_in(OFFICE).get(f"/s/greenview/units/{key}").status_code == 404
