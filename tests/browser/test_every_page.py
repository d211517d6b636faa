"""Every page: nothing serious for axe, nothing in the console, in light and in dark."""

import json
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import TOP, Product, Somebody

MANAGER, RESIDENT = "manager@greenview.example", "resident@greenview.example"
PAGES: tuple[tuple[str | None, str], ...] = (
    (None, "/login"),
    (MANAGER, "/s/greenview/"),
    (MANAGER, "/s/greenview/units?balance=low"),
    (MANAGER, "/s/greenview/units?q=nothing-like-it"),
    (MANAGER, "/s/greenview/units/A-101"),
    (MANAGER, "/s/greenview/units/A-101?span=12m"),
    (MANAGER, "/s/greenview/usage"),
    (MANAGER, "/s/greenview/meter-changes"),
    (MANAGER, "/s/greenview/meters/M000102/recharge"),
    (MANAGER, "/s/greenview/meters/M000102/cut"),
    (MANAGER, "/s/greenview/meters/M000102/load"),
    (MANAGER, "/s/greenview/generators"),
    (MANAGER, "/s/greenview/generators/DG1"),
    (MANAGER, "/s/greenview/alerts"),
    (MANAGER, "/s/greenview/orders/999999"),
    (RESIDENT, "/s/greenview/home"),
    (RESIDENT, "/s/greenview/units"),
)


def serious(page: Page) -> list[dict[str, Any]]:
    page.evaluate((Path(TOP) / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        {"id": each["id"], "where": [node["html"][:160] for node in each["nodes"][:3]]}
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("email", "path"), PAGES)
def test_axe_finds_nothing_serious_and_the_console_is_silent(
    calm: Product, somebody: Somebody, email: str | None, path: str, scheme: Literal["light", "dark"]
) -> None:
    person = somebody(email, color_scheme=scheme)
    page = person.go(path)
    expect(page.locator("main")).to_be_visible()
    assert serious(page) == [], json.dumps(serious(page), indent=1)
    is_error_page = page.locator("text=To the first page").count() > 0
    complaints = [text for text in person.complaints if not (is_error_page and "status of 40" in text)]
    assert complaints == []


def test_a_resident_is_led_to_sign_in_and_then_to_their_own_home_only(
    calm: Product, somebody: Somebody
) -> None:
    nobody = somebody(None)
    nobody.go("/s/greenview/units/A-102")
    assert "/login" in nobody.page.url
    resident = somebody(RESIDENT)
    assert resident.go("/s/greenview/").get_by_role("heading", name="A-101").is_visible()
    for path in ("/s/greenview/units/A-102", "/s/greenview/units.csv", "/s/lakeside/", "/s/lakeside/home"):
        answer = resident.page.request.get(f"{calm.url}{path}")
        assert answer.status in (403, 404), path
