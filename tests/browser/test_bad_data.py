"""When the meter server talks nonsense, every page stands, and says so."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Product, Somebody

PAGES = ("/s/greenview/", "/s/greenview/units", "/s/greenview/units/A-102", "/s/greenview/generators")
SENTENCES = {
    "html": "does not answer",
    "http_500": "does not answer",
    "half": "were missing from the last reply",
    "zero": "₹0 for nearly every meter at once",
    "freeze": "brought nothing new",
}


@pytest.mark.parametrize("kind", SENTENCES)
def test_every_page_stands_and_says_what_is_wrong(calm: Product, somebody: Somebody, kind: str) -> None:
    person = somebody("manager@greenview.example")
    balance = person.go("/s/greenview/units/A-102").locator(".big").inner_text()
    calm.fault("latest_readings", kind)
    for _ in range(3):  # a failing server is "not answering" from its third failure
        calm.poll()
    for path in PAGES:
        expect(person.go(path).locator("main")).to_be_visible()
    person.go("/s/greenview/")
    expect(person.page.locator("#now")).to_contain_text(SENTENCES[kind])
    shown = person.go("/s/greenview/units/A-102").locator(".big").inner_text()
    assert shown[:4] == balance[:4]
    calm.heal()
    calm.poll()
    expect(person.go("/s/greenview/").locator("#now")).not_to_contain_text(SENTENCES[kind])
