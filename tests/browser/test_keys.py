"""The list's keys, and the dialog that tells them."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Product, Somebody
from tests.browser.test_every_page import serious

OFFICE = "office@greenview.example"


@pytest.mark.parametrize("path", ["/s/greenview/", "/s/greenview/units"])
def test_the_question_mark_shows_the_keys_and_escape_gives_the_focus_back(
    calm: Product, somebody: Somebody, path: str
) -> None:
    page = somebody(OFFICE).go(path)
    page.keyboard.press("j")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    expect(dialog).to_contain_text("to the next unit")
    assert serious(page) == []
    for key in ("j", "/", "?"):
        page.keyboard.press(key)
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("link", name="A-101", exact=True)).to_be_focused()


def test_its_button_opens_it_and_has_the_focus_again_when_it_is_closed(
    calm: Product, somebody: Somebody
) -> None:
    page = somebody(OFFICE).go("/s/greenview/units")
    opens = page.get_by_role("button", name="Keys")
    opens.click()
    dialog = page.get_by_role("dialog", name="Keys")
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    expect(opens).to_be_focused()
    opens.press("Enter")
    page.mouse.click(5, 5)  # beside it
    expect(dialog).to_be_hidden()


def test_its_button_is_still_there_when_the_list_has_moved(calm: Product, somebody: Somebody) -> None:
    page = somebody(OFFICE).go("/s/greenview/units")
    page.get_by_role("searchbox").fill("A-20")
    expect(page.locator("table.units tbody tr")).to_have_count(6)
    expect(page.get_by_role("button", name="Keys")).to_be_visible()


def test_a_question_mark_in_the_search_is_a_letter(calm: Product, somebody: Somebody) -> None:
    page = somebody(OFFICE).go("/s/greenview/units")
    page.keyboard.press("/")
    page.keyboard.type("?")
    expect(page.get_by_role("searchbox")).to_have_value("?")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_without_script_there_is_no_button_for_keys(calm: Product, somebody: Somebody) -> None:
    page = somebody(OFFICE, java_script_enabled=False).go("/s/greenview/units")
    expect(page.locator("table.units tbody tr").first).to_be_visible()
    expect(page.locator("[data-keys]")).to_be_hidden()
