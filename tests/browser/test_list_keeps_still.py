"""The list moves by itself, and whoever works in it is not disturbed."""

import re
from collections.abc import Callable
from itertools import count

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import Product, Somebody, until

OFFICE = "office@greenview.example"
AMOUNTS = count(4111, 111)  # no two alike, so that each is a change
LISTS = ("/s/greenview/", "/s/greenview/units")
SELECTED = "getSelection().toString()"


def row_of(page: Page, unit_no: str) -> Locator:
    return page.locator("table.units tbody tr", has=page.get_by_role("link", name=unit_no, exact=True))


def balance_in(page: Page, unit_no: str) -> Locator:
    return row_of(page, unit_no).locator("td.end [data-changes]").first


@pytest.fixture
def lands(calm: Product) -> Callable[[Page, str], None]:
    """A poll lands that changed a unit's balance, and the page shows and marks it."""

    def change(page: Page, unit_no: str) -> None:
        amount = next(AMOUNTS)
        calm.set_balance(f"M000{unit_no[-3:]}", f"{amount}.00")
        # What changes is marked for a moment only: it is caught when it happens.
        marked = page.evaluate_handle(
            """unit => new Promise(done => {
              const rows = [...document.querySelectorAll("table.units tbody tr")];
              const row = rows.find(row => row.querySelector("td.unit a").textContent === unit);
              const cell = row.querySelector("td.end [data-changes]");
              new MutationObserver(() => cell.classList.contains("changed") && (window.marked = unit))
                .observe(cell, { attributes: true, attributeFilter: ["class"] });
              done(cell);
            })""",
            unit_no,
        )
        calm.poll()
        shown = re.compile(f"₹{amount // 1000},{amount % 1000:03d}|₹{amount // 1000},{amount % 1000 - 1:03d}")
        expect(balance_in(page, unit_no)).to_have_text(shown, timeout=15000)
        page.wait_for_function("unit => window.marked === unit", arg=unit_no)
        assert marked.evaluate("cell => cell.isConnected"), "the row is the same row"

    return change


Lands = Callable[[Page, str], None]


@pytest.mark.parametrize("path", LISTS)
def test_who_types_in_the_search_goes_on_typing(lands: Lands, somebody: Somebody, path: str) -> None:
    page = somebody(OFFICE).go(path)
    search = page.get_by_role("searchbox")
    search.press_sequentially("A-20")
    expect(page.locator("table.units tbody tr")).to_have_count(6)
    search.evaluate("field => field.setSelectionRange(2, 3)")
    lands(page, "A-202")
    expect(search).to_be_focused()
    expect(search).to_have_value("A-20")
    assert search.evaluate("field => [field.selectionStart, field.selectionEnd]") == [2, 3]
    page.keyboard.type("3")
    expect(search).to_have_value("A-30")
    expect(page.locator("table.units tbody tr").first).to_contain_text("A-301")


@pytest.mark.parametrize("path", LISTS)
def test_what_somebody_selected_stays_selected(lands: Lands, somebody: Somebody, path: str) -> None:
    page = somebody(OFFICE).go(path)
    row_of(page, "A-103").locator(".meter-no").evaluate(
        "words => getSelection().setBaseAndExtent(words.firstChild, 0, words.firstChild, 7)"
    )
    assert page.evaluate(SELECTED) == "M000103"
    for unit_no in ("A-103", "A-104"):
        lands(page, unit_no)
        assert page.evaluate(SELECTED) == "M000103"


@pytest.mark.parametrize("path", LISTS)
def test_the_link_that_has_the_focus_keeps_it(lands: Lands, somebody: Somebody, path: str) -> None:
    page = somebody(OFFICE).go(path)
    link = page.get_by_role("link", name="A-104", exact=True)
    link.focus()
    lands(page, "A-104")
    expect(link).to_be_focused()
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="A-105", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/units/A-105")


def test_a_row_that_moves_to_another_place_takes_its_focus_along(lands: Lands, somebody: Somebody) -> None:
    page = somebody(OFFICE).go("/s/greenview/units?sort=-balance&q=A-10")
    link = page.get_by_role("link", name="A-105", exact=True)
    link.focus()
    lands(page, "A-105")
    expect(page.locator("table.units tbody tr").first).to_contain_text("A-105")
    expect(link).to_be_focused()


@pytest.mark.parametrize("path", LISTS)
def test_an_amount_that_is_being_typed_stays_in_its_dialog(
    lands: Lands, somebody: Somebody, path: str
) -> None:
    page = somebody(OFFICE).go(path)
    page.get_by_role("link", name="Recharge A-106").click()
    amount = page.get_by_label("Amount in rupees")
    amount.press_sequentially("12")
    lands(page, "A-106")
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(amount).to_be_focused()
    page.keyboard.type("5")
    expect(amount).to_have_value("125")
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Recharge A-106")).to_be_focused()


def test_an_answer_that_comes_after_somebody_filtered_is_thrown_away(
    calm: Product, somebody: Somebody
) -> None:
    page = somebody(OFFICE).go("/s/greenview/units")
    held: list[Route] = []
    page.route("**/s/greenview/units", lambda route: held.append(route))
    calm.set_balance("M000101", "5000.00")
    calm.poll()
    until(lambda: page.evaluate("1") and held, 15, "the list asks for itself")
    page.get_by_role("searchbox").fill("A-201")
    expect(page.locator("table.units tbody tr")).to_have_count(1)
    with page.expect_response("**/units?q=A-201"):  # it asks again, for what is wanted now
        for route in held:
            route.continue_()
    expect(page.locator("table.units tbody tr")).to_have_count(1)
    expect(page.get_by_role("searchbox")).to_have_value("A-201")
