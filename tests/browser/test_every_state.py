"""Pages that one comes to by doing something: in each state axe finds nothing serious, in light and dark."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Person, Product, Somebody
from tests.browser.test_every_page import MANAGER, serious

BOTH = ("light", "dark")


def is_well(person: Person, expected: str = "") -> None:
    """The page as it stands, in both schemes. ``expected`` is what the console may say of its status."""
    person.page.emulate_media(reduced_motion="reduce")  # a colour half way to another has no contrast
    expect(person.page.locator("main")).to_be_visible()
    for scheme in BOTH:
        person.page.evaluate("scheme => document.documentElement.dataset.bsTheme = scheme", scheme)
        found = serious(person.page)
        assert found == [], f"{scheme}: {json.dumps(found, indent=1)}"
    complaints = [text for text in person.complaints if not (expected and expected in text)]
    assert complaints == []
    person.complaints.clear()


@pytest.fixture
def manager(calm: Product, somebody: Somebody) -> Person:
    return somebody(MANAGER)


PLAIN = (
    "people", "people?who=moved_out&q=nobody", "people/new", "people/import", "servers", "servers/new",
    "servers/1", "units?print=1", "units?tower=A&balance=below0&sort=-balance", "generators/nothing",
)  # fmt: skip


@pytest.mark.parametrize("path", PLAIN)
def test_a_page_of_managers(manager: Person, path: str) -> None:
    manager.go(f"/s/greenview/{path}")
    is_well(manager, expected="status of 404" if path.endswith("nothing") else "")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/forgot", ""),
        ("/logout", ""),
        ("/invitation/of-nobody", "410"),
        ("/reset/of-nobody", "410"),
        ("/x", "404"),
    ],
)
def test_a_page_of_whoever_comes(calm: Product, somebody: Somebody, path: str, expected: str) -> None:
    nobody = somebody(None)
    nobody.go(path)
    is_well(nobody, expected=f"status of {expected}" if expected else "")


def test_ones_own_page_and_what_was_wrong_with_it(manager: Person) -> None:
    manager.go("/me")
    is_well(manager)
    manager.page.fill("#phone", "not a phone")
    manager.page.get_by_role("button", name="Save").first.click()
    expect(manager.page.get_by_role("alert")).to_be_visible()
    is_well(manager, expected="status of 422")


def invited(manager: Person, email: str) -> str:
    """The link of an invitation that is made now."""
    page = manager.go("/s/greenview/people/new")
    page.fill("#staff-email", email)
    page.get_by_role("button", name="Make an invitation").click()
    return page.locator("#link").input_value()


def test_an_invitation_from_its_making_to_the_desk(manager: Person, somebody: Somebody) -> None:
    link = invited(manager, "axe@greenview.example")
    is_well(manager)
    manager.go("/s/greenview/people")
    is_well(manager)
    newcomer = somebody(None)
    page = newcomer.page
    page.goto(link)
    is_well(newcomer)
    page.locator("#name").fill("Axel Ek")
    page.locator("#password").fill("four words in a row")
    page.locator("#password-again").fill("another password")
    page.get_by_role("button", name="Come in", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    is_well(newcomer, expected="status of 422")


def test_a_person_and_a_way_to_a_new_password(manager: Person, somebody: Somebody) -> None:
    page = manager.go("/s/greenview/people?who=residents")
    page.locator("#people a[href*='/people/']").first.click()
    is_well(manager)
    page.get_by_role("button", name="Make a reset link").click()
    link = page.locator("#link").input_value()
    is_well(manager)
    newcomer = somebody(None)
    newcomer.page.goto(link)
    is_well(newcomer)


def test_a_list_from_the_file_to_the_preview(manager: Person) -> None:
    page = manager.go("/s/greenview/people/import")
    rows = "unit,name,phone,from\nA-105,Kiran Rao,98765 43210,2026-01-01\nA-106,,x,never\n"
    page.set_input_files("#file", {"name": "l.csv", "mimeType": "text/csv", "buffer": rows.encode()})
    page.get_by_role("button", name="Look at what it would do").click()
    page.wait_for_url("**/people/import/*")
    is_well(manager)


@pytest.mark.parametrize("fault", ["", "html"])
def test_a_meter_server_while_and_after_it_is_tried(manager: Person, calm: Product, fault: str) -> None:
    calm.fault("recharge_status", "delay", seconds=2, times=1)
    if fault:
        calm.fault("latest_readings", fault, times=1)
    page = manager.go("/s/greenview/servers/1")
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_text("It is being asked")).to_be_visible()
    is_well(manager)
    expect(page.get_by_role("button", name=re.compile("^Save it"))).to_be_visible(timeout=20_000)
    is_well(manager)


OUTCOMES: dict[str, dict[str, object]] = {
    "done": {},
    "refused": {"kind": "refuse", "times": 1},
    "unknown": {"kind": "drop_reply", "times": 1},
    "waiting": {"kind": "queue", "times": 1, "seconds": 600},
}


@pytest.mark.parametrize("state", OUTCOMES)
def test_what_became_of_a_recharge(manager: Person, calm: Product, state: str) -> None:
    if OUTCOMES[state]:
        calm.fault("recharge", **OUTCOMES[state])  # type: ignore[arg-type]
    meter = sorted(calm.world()["meters"])[-1 - list(OUTCOMES).index(state)]
    page = manager.go(f"/s/greenview/meters/{meter}/recharge")
    page.get_by_label("Amount in rupees").fill("10")
    page.get_by_role("button", name=re.compile("^Recharge")).click()
    expect(page.locator(f".order[data-state={state}]")).to_be_visible(timeout=20_000)
    is_well(manager)
