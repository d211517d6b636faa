"""The list of units: fifty at a time, in an order, each exactly once, and only what is wanted."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from tests.conftest import PASSWORD, Desk, SignIn
from tests.desk.conftest import MANY, UNITS, change, units_on, walk
from webapp.alerts.news import tell
from webapp.extensions import db
from webapp.meters.list_rules import SORTS
from webapp.meters.models import Meter
from webapp.people.accounts import Account, add
from webapp.people.models import Role
from webapp.societies.models import MeterServer

OFFICE = "office@greenview.example"


def balances(desk: Desk, units: list[str]) -> list[int | None]:
    return [desk.meter(unit).balance_paise for unit in units]


@pytest.mark.parametrize("sort", SORTS)
def test_following_the_pages_visits_every_meter_exactly_once(large: Desk, sign_in: SignIn, sort: str) -> None:
    change(large, Meter.id % 3 == 0, balance_paise=None)
    change(large, Meter.id % 3 == 1, balance_paise=100_00)
    pages = walk(sign_in(OFFICE), sort=sort)
    assert [len(page) for page in pages] == [50, 50, 30]
    assert len({unit for page in pages for unit in page}) == MANY


@pytest.mark.parametrize(("sort", "falls"), [("balance", False), ("-balance", True)])
def test_balances_come_in_their_order_and_meters_without_one_last(
    large: Desk, sign_in: SignIn, sort: str, falls: bool
) -> None:
    change(large, Meter.id % 4 == 0, balance_paise=None)
    units = [unit for page in walk(sign_in(OFFICE), sort=sort) for unit in page]
    found = balances(large, units)
    known = [paise for paise in found if paise is not None]
    assert known == sorted(known, reverse=falls)
    assert found == known + [None] * (MANY - len(known))


@pytest.mark.parametrize("sort", SORTS)
def test_a_society_of_postpaid_meters_only_is_walked_to_its_end(
    large: Desk, sign_in: SignIn, sort: str
) -> None:
    change(large, balance_paise=None)
    pages = walk(sign_in(OFFICE), sort=sort)
    assert len({unit for page in pages for unit in page}) == MANY


def test_units_come_as_people_count(large: Desk, sign_in: SignIn) -> None:
    units = [unit for page in walk(sign_in(OFFICE)) for unit in page]
    assert units.index("A-901") < units.index("A-1001") < units.index("B-101")


def test_a_full_last_page_leads_no_further(large: Desk, sign_in: SignIn) -> None:
    wanted = select(Meter.id).order_by(Meter.rank).limit(100)
    change(large, Meter.id.in_(wanted.scalar_subquery()), doubt="the register fell")
    assert [len(page) for page in walk(sign_in(OFFICE), doubt="1")] == [50, 50]


def test_a_filter_and_an_order_stay_from_page_to_page(large: Desk, sign_in: SignIn) -> None:
    change(large, Meter.id % 2 == 0, supply="off", balance_paise=-5_00)
    change(large, Meter.id % 2 == 1, supply="on", balance_paise=900_00)
    pages = walk(sign_in(OFFICE), supply="off", balance="below0", sort="-balance")
    assert [len(page) for page in pages] == [50, 15]


def test_a_unit_and_a_meter_are_found_by_a_part_of_their_number(desk: Desk, sign_in: SignIn) -> None:
    client = sign_in(OFFICE)
    assert walk(client, q="a-10") == [["A-101", "A-102", "A-103", "A-104", "A-105", "A-106"]]
    assert walk(client, q=" M000203 ") == [["A-203"]]
    assert walk(client, q="nothing of ours") == [[]]


@pytest.mark.parametrize("q", ["%", "_", "A%1", "A_101", "\\", "\\%"])
def test_signs_of_the_database_are_letters_like_others_in_a_search(
    desk: Desk, sign_in: SignIn, q: str
) -> None:
    client = sign_in(OFFICE)
    assert walk(client, q=q) == [[]]
    change(desk, Meter.meter_no == "M000304", meter_no=f"M{q}4")
    assert walk(client, q=q) == [["A-304"]]


def test_each_filter_shows_what_it_says_and_nothing_else(desk: Desk, sign_in: SignIn) -> None:
    change(desk, supply="on", balance_paise=900_00, doubt=None)
    change(desk, Meter.meter_no == "M000101", supply="off", balance_paise=-1)
    change(desk, Meter.meter_no == "M000102", supply="unknown", balance_paise=199_99)
    change(desk, Meter.meter_no == "M000103", doubt="the register fell", balance_paise=None)
    client = sign_in(OFFICE)
    assert walk(client, supply="off") == [["A-101"]]
    assert walk(client, supply="unknown") == [["A-102"]]
    assert len(walk(client, supply="on")[0]) == 22
    assert walk(client, balance="below0") == [["A-101"]]
    assert walk(client, balance="low") == [["A-101", "A-102"]]
    assert walk(client, doubt="1") == [["A-103"]]


def test_words_that_are_not_known_are_taken_as_not_said(desk: Desk, sign_in: SignIn) -> None:
    query = {"supply": "maybe", "balance": "rich", "doubt": "2", "sort": "; DROP TABLE meter"}
    assert len(walk(sign_in(OFFICE), **query)[0]) == 24


def told(place: bytes) -> str:
    return base64.urlsafe_b64encode(place).decode().rstrip("=")


NONSENSE = [
    "garbage", "0", "-1", "é", "\0", "====", "%", "A" * 3000, "https://evil.example/",
    *map(told, (
        b"", b"null", b"{}", b"[]", b"[1]", b"[1,2,3]", b"[true,true]", b"[1,true]", b"[[1],2]", b'["a","b"]',
        b"[1e400,1]", b"[1.5,1]", b"[NaN,1]", b'["\\ud800",1]', b"\xff\xfe", b"[" * 2000,
        b"[99999999999999999999999999,1]", b"[1,99999999999999999999999999]", b"[-9223372036854775809,1]",
        b'["A",-99999999999999999999]', b"[" + b"9" * 4000 + b",1]",
    )),
]  # fmt: skip


@pytest.mark.parametrize("sort", SORTS)
def test_a_place_that_makes_no_sense_is_the_beginning(desk: Desk, sign_in: SignIn, sort: str) -> None:
    client = sign_in(OFFICE)
    whole = walk(client, sort=sort)[0]
    found = {
        after: units_on(client.get(UNITS, query_string={"sort": sort, "after": after}).text)
        for after in NONSENSE
    }
    assert {after: units for after, units in found.items() if units != whole} == {}


@pytest.mark.parametrize("sort", SORTS)
def test_a_place_of_another_order_is_the_beginning(large: Desk, sign_in: SignIn, sort: str) -> None:
    client = sign_in(OFFICE)
    other = told(b'["a-101",1]' if sort != "unit" else b"[100,1]")
    answer = client.get(UNITS, query_string={"sort": sort, "after": other})
    assert units_on(answer.text) == walk(client, sort=sort)[0]


@pytest.mark.parametrize("name", ["q", "supply", "balance", "doubt", "sort", "after", "unheard_of"])
@pytest.mark.parametrize("path", [UNITS, f"{UNITS}.csv", "/s/greenview/"])
def test_no_parameter_breaks_the_page(desk: Desk, sign_in: SignIn, name: str, path: str) -> None:
    client = sign_in(OFFICE)
    nonsense = ["\0", "a\0b", "'\"><script>alert(1)</script>", "💡" * 50, "x" * 5000, "\ud800", *NONSENSE[:9]]
    for value in nonsense:
        query = {name: value.encode("utf-8", "surrogatepass")}
        answer = client.get(path, query_string=query)
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text


def test_a_parameter_said_twice_is_read_once(desk: Desk, sign_in: SignIn) -> None:
    answer = sign_in(OFFICE).get(f"{UNITS}?q=A-101&q=A-102&sort=unit&sort=balance")
    assert units_on(answer.text) == ["A-101"]


def test_the_list_alone_comes_as_a_fragment(desk: Desk, sign_in: SignIn) -> None:
    client = sign_in(OFFICE)
    page, fragment = client.get(UNITS), client.get(UNITS, headers={"HX-Request-Type": "partial"})
    assert "<html" in page.text
    assert fragment.text.lstrip().startswith('<section id="units"')
    assert "HX-Request-Type" in fragment.headers["Vary"]


def test_an_operator_looks_at_the_list_and_has_no_buttons(desk: Desk, sign_in: SignIn) -> None:
    with desk.app.app_context():
        add(Account("operator@meterdesk.example", "Operator", None, Role.OPERATOR), PASSWORD)
        db.session.commit()
    text = sign_in("operator@meterdesk.example").get(UNITS).text
    assert len(units_on(text)) == 24
    assert "/recharge" not in text


def test_a_place_at_the_edge_of_the_calendar_is_the_beginning(desk: Desk, sign_in: SignIn) -> None:
    place = json.dumps(["read", "0001-01-01T00:00:00+14:00", "", 1]).encode()
    told = base64.urlsafe_b64encode(place).decode()
    answer = sign_in("office@greenview.example").get(f"/s/greenview/units?sort=read&after={told}")
    assert answer.status_code == 200


def test_what_is_old_is_counted_anew_when_the_servers_pace_changes(desk: Desk, sign_in: SignIn) -> None:
    office = sign_in("office@greenview.example")
    change(desk, Meter.id > 0, read_at=datetime.now(UTC) - timedelta(minutes=10))
    with desk.app.app_context():
        tell(desk.society_id, "meters", datetime.now(UTC))
        db.session.commit()
    assert "Old readings" in office.get("/s/greenview/units").text
    with desk.app.app_context():
        db.session.execute(update(MeterServer).values(poll_every_s=3000))
        db.session.commit()
    assert "Old readings" not in office.get("/s/greenview/units").text
