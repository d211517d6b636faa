"""Balances told apart: every meter is in exactly one band, and a band leads to its meters."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from tests.conftest import UNITS, Desk, SignIn
from tests.desk.conftest import change, units_on, walk
from webapp.meters.list_rules import SPANS
from webapp.meters.models import Meter

OFFICE = "office@greenview.example"
LIST = "/s/greenview/units"
BALANCES = (None, -1, 0, 199_99, 200_00, 499_99, 500_00, 999_99, 1_000_00, 50_000_00)


@pytest.fixture
def told_apart(desk: Desk) -> Desk:
    """Ten homes at the edges, the rest comfortable."""
    change(desk, balance_paise=700_00)
    for number, paise in enumerate(BALANCES):
        change(desk, Meter.id == desk.meter().id + number, balance_paise=paise)
    return desk


def chips_of(page: str) -> list[str]:
    filters = page.partition('aria-label="Filters"')[2].partition("</nav>")[0]
    return [unescape(each).strip() for each in re.findall(r'class="chip[^>]*>([^<]*)</a>', filters)]


def bands_of(client: FlaskClient) -> list[tuple[str, str, int]]:
    """Of the usage page: where each leads ('' where nothing is to be listed), what it says, how many."""
    table = client.get("/s/greenview/usage").text.partition('<table class="table table-sm bands">')[2]
    found = re.findall(r'<th scope="row">(?:<a href="([^"]+)">)?([^<]+)<.*?num">(\d+)<', table, re.DOTALL)
    return [(unescape(href), text, int(count)) for href, text, count in found]


@pytest.mark.parametrize("bands", [("low", "fine", "none"), ("below0", *SPANS, "none")])
def test_every_meter_is_in_exactly_one_band(
    told_apart: Desk, sign_in: SignIn, bands: tuple[str, ...]
) -> None:
    client = sign_in(OFFICE)
    found = [unit for band in bands for unit in walk(client, balance=band)[0]]
    assert len(found) == len(set(found)) == UNITS


def test_fine_is_at_the_societys_limit_or_above(told_apart: Desk, sign_in: SignIn) -> None:
    fine = walk(sign_in(OFFICE), balance="fine", sort="balance")[0]
    assert min(told_apart.meter(unit).balance_paise or 0 for unit in fine) == 200_00
    assert len(fine) == UNITS - 4


def test_a_band_is_a_chip_where_it_tells_meters_apart(told_apart: Desk, sign_in: SignIn) -> None:
    client = sign_in(OFFICE)
    chips = chips_of(client.get(LIST).text)
    assert {"Below ₹0 · 1", "Below ₹200 · 3", "₹200 and more · 20", "No balance · 1"} <= set(chips)
    assert not any("₹500" in chip for chip in chips)
    change(told_apart, balance_paise=700_00)
    assert not any("₹" in chip for chip in chips_of(client.get(f"{LIST}?q=A-1").text))


def test_the_usage_pages_bands_lead_to_as_many_meters_as_they_say(told_apart: Desk, sign_in: SignIn) -> None:
    client = sign_in(OFFICE)
    bands = bands_of(client)
    assert [text for _, text, _ in bands] == [
        "below ₹0", "₹0 to below ₹200", "₹200 to below ₹500", "₹500 to below ₹1,000", "₹1,000 and more",
        "no balance known",
    ]  # fmt: skip
    assert (
        [len(units_on(client.get(href).text)) for href, _, _ in bands]
        == [count for _, _, count in bands]
        == [1, 2, 2, 16, 2, 1]
    )


def test_a_band_that_came_from_there_is_a_chip_to_switch_off(told_apart: Desk, sign_in: SignIn) -> None:
    page = sign_in(OFFICE).get(f"{LIST}?balance=200-500").text
    assert "₹200 to below ₹500 · 2" in chips_of(page)
    assert re.search(rf'aria-current="true" href="{LIST}"[^>]*>₹200 to below ₹500', page)


def test_an_empty_band_leads_nowhere(desk: Desk, sign_in: SignIn) -> None:
    change(desk, balance_paise=700_00)
    assert [(href, count) for href, _, count in bands_of(sign_in(OFFICE)) if not href] == [("", 0)] * 4


@pytest.mark.parametrize("balance", ["0-201", "200-", "-", "FINE", "fine ", "low,fine", "\0", "999999999-"])
def test_a_bookmark_of_a_band_that_is_not_known_shows_everything(
    desk: Desk, sign_in: SignIn, balance: str
) -> None:
    assert len(walk(sign_in(OFFICE), balance=balance)[0]) == UNITS
