"""Read now on a unit's page, as a person sees it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Product, Somebody, until
from tests.browser.test_every_page import serious

OFFICE = "office@greenview.example"
UNIT = "/s/greenview/units/A-205"


def asked_for(page: Page) -> list[str]:
    """The requests for what came of it, as they are sent from now on."""
    found: list[str] = []
    page.on("request", lambda request: found.append(request.method) if "/read" in request.url else None)
    return found


def test_a_press_is_answered_in_place_and_the_balance_is_new(calm: Product, somebody: Somebody) -> None:
    person, before = somebody(OFFICE), calm.calls("meter_reading")
    person.page.clock.install()
    page = person.go(UNIT)
    requests = asked_for(page)
    calm.fault("meter_reading", "delay", seconds=3)
    calm.set_balance("M000205", "8765.00")
    button = page.get_by_role("button", name="Read now")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".live [role=status]")).to_contain_text("Asking the meter server…")
    page.keyboard.press("Enter")
    expect(page.locator(".live [role=status]")).to_contain_text("Read just now", timeout=15000)
    expect(page.locator("#unit .big")).to_contain_text("₹8,76", timeout=15000)
    expect(button).to_be_focused()
    assert calm.calls("meter_reading") == before + 1
    settled = len(requests)
    assert requests.count("POST") == 2
    page.clock.fast_forward(10_000)  # a piece that still waited would ask again
    expect(page.locator(".live")).not_to_have_attribute("hx-trigger", re.compile(""))
    assert len(requests) == settled


@pytest.mark.parametrize(
    ("fault", "said"),
    [("refuse", "refused: “Not Found”"), ("drop_reply", "no answer came"), ("html", "could not be read")],
)
def test_a_failure_is_told_in_place(calm: Product, somebody: Somebody, fault: str, said: str) -> None:
    page = somebody(OFFICE).go(UNIT)
    calm.fault("meter_reading", fault)
    page.get_by_role("button", name="Read now").click()
    expect(page.locator(".live [role=status]")).to_contain_text(said, timeout=15000)
    assert serious(page) == []


def test_without_script_the_page_comes_again_until_it_is_read(calm: Product, somebody: Somebody) -> None:
    page = somebody(OFFICE, java_script_enabled=False).go("/s/greenview/units/A-206")
    page.get_by_role("button", name="Read now").click()
    page.wait_for_url("**/units/A-206")
    until(lambda: page.get_by_text("Read just now").count(), 15, "the page says that it was read")
