"""The list on paper: everything that is filtered, in its order, with the filter said in words."""

import re
from html import unescape

import pytest
from sqlalchemy import update

from tests.conftest import Desk, SignIn
from tests.desk.conftest import MANY, change, walk
from webapp.extensions import db
from webapp.meters.models import Meter
from webapp.people.models import User

OFFICE = "office@greenview.example"
PAPER = "/s/greenview/units?print=1"


def units_on_paper(page: str) -> list[str]:
    return re.findall(r"<tr><td><strong>([^<]+)</strong>", page)


def heading(page: str) -> str:
    found = re.search(r"<h1>([^<]*)</h1>", page)
    assert found
    return unescape(found[1])


def test_every_sheet_is_one_page_of_all_that_is_filtered(large: Desk, sign_in: SignIn) -> None:
    change(large, Meter.id % 2 == 0, supply="off")
    client = sign_in(OFFICE)
    assert len(units_on_paper(client.get(PAPER).text)) == MANY
    listed = [unit for page in walk(client, supply="off", sort="-balance") for unit in page]
    assert units_on_paper(client.get(f"{PAPER}&supply=off&sort=-balance&after=garbage").text) == listed


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "all units"),
        ("&supply=maybe&balance=rich", "all units"),
        ("&supply=off&balance=low", "supply off, balance below ₹200"),
        ("&balance=fine", "balance of ₹200 or more"),
        ("&balance=200-500", "balance from ₹200 to below ₹500"),
        ("&balance=none&doubt=1", "no balance known, doubtful readings"),
        (
            "&missing=1&stale=1&tower=A",
            "tower A, missing from the server's last reply, old readings",
        ),
        ("&q=<b>", "matching “<b>”"),
    ],
)
def test_the_filter_is_said_in_words(desk: Desk, sign_in: SignIn, query: str, said: str) -> None:
    assert heading(sign_in(OFFICE).get(PAPER + query).text) == f"Greenview: {said}"


@pytest.mark.parametrize(
    ("sort", "said"),
    [("", "by unit"), ("-balance", "by balance, falling"), ("read", "by time of reading"), ("x", "by unit")],
)
def test_the_order_is_said_in_words(desk: Desk, sign_in: SignIn, sort: str, said: str) -> None:
    assert f"24 meters, {said} ·" in sign_in(OFFICE).get(f"{PAPER}&sort={sort}").text


def test_a_row_holds_what_the_list_shows_and_who_lives_there(desk: Desk, sign_in: SignIn) -> None:
    change(desk, Meter.key == "M000101", balance_paise=-12_345_50, supply="off", grid_wh=2_210_350)
    page = sign_in(OFFICE).get(f"{PAPER}&q=A-101").text
    cells = re.findall(r"<td[^>]*>(.*?)</td>", page)
    assert cells[1:6] == ["Resident", "M000101", "−₹12,345.50", "off", "2,210.35"]
    assert "1 meter, by unit" in page


def test_where_nothing_is_like_that_the_paper_says_so(desk: Desk, sign_in: SignIn) -> None:
    page = sign_in(OFFICE).get(f"{PAPER}&q=nothing of ours").text
    assert units_on_paper(page) == []
    assert "0 meters" in page
    assert "No unit is like that." in page


def test_what_others_wrote_is_only_text_on_paper(desk: Desk, sign_in: SignIn) -> None:
    evil = "<script>alert(1)</script>"
    change(desk, Meter.key == "M000101", doubt=evil, meter_no="=1+1<b>")
    with desk.app.app_context():
        db.session.execute(update(User).filter_by(email="resident@greenview.example").values(name=evil))
        db.session.commit()
    page = sign_in(OFFICE).get(PAPER).text
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 2
    assert "=1+1&lt;b&gt;" in page


def test_the_paper_leads_back_to_the_list_as_it_was(desk: Desk, sign_in: SignIn) -> None:
    page = sign_in(OFFICE).get(f"{PAPER}&supply=on&sort=-read").text
    assert 'href="/s/greenview/units?supply=on&amp;sort=-read">' in page
