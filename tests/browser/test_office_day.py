"""What an office does all day, in a real browser against the real server."""

import re
from decimal import Decimal

from playwright.sync_api import Page, expect

from tests.browser.conftest import Product, Somebody, until

MANAGER, OFFICE = "manager@greenview.example", "office@greenview.example"


def balance_of(product: Product, meter_no: str) -> Decimal:
    return Decimal(product.world()["meters"][meter_no]["balance"])


def shown_balance(page: Page) -> Decimal:
    """Of the only row in the list."""
    text = page.locator("table.units tbody td.end .num").first.inner_text()
    return Decimal(re.sub(r"[^\d.]", "", text))


def row_of(page: Page, unit_no: str) -> "object":
    return page.locator("table.units tbody tr", has=page.get_by_role("link", name=unit_no, exact=True))


def test_the_office_finds_a_unit_and_recharges_it(calm: Product, somebody: Somebody) -> None:
    page = somebody(OFFICE).go("/s/greenview/")
    before, received = balance_of(calm, "M000101"), calm.calls("recharge")
    page.get_by_role("searchbox").fill("A-101")
    expect(page.locator("table.units tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Recharge A-101").click()
    expect(page.get_by_role("dialog")).to_contain_text("Recharge A-101 (meter M000101)")
    page.get_by_label("Amount in rupees").fill("500")
    page.get_by_role("button", name="Recharge A-101").click()
    expect(page.locator(".order")).to_have_attribute("data-state", "done", timeout=15000)
    assert calm.calls("recharge") == received + 1
    assert Decimal("499") < balance_of(calm, "M000101") - before <= Decimal("500")
    page.get_by_role("button", name="Close").click()
    until(lambda: abs(shown_balance(page) - balance_of(calm, "M000101")) < 1, 15, "the list shows it")


def test_three_fast_clicks_are_one_recharge(calm: Product, somebody: Somebody) -> None:
    page = somebody(OFFICE).go("/s/greenview/meters/M000104/recharge")
    received = calm.calls("recharge")
    page.get_by_label("Amount in rupees").fill("10")
    page.get_by_role("button", name="Recharge A-104").click(click_count=3, delay=5)
    expect(page.locator(".order")).to_have_attribute("data-state", "done", timeout=15000)
    assert calm.calls("recharge") == received + 1


def test_a_manager_cuts_sees_off_by_read_back_and_restores(calm: Product, somebody: Somebody) -> None:
    page = somebody(MANAGER).go("/s/greenview/units/A-103")
    page.get_by_role("link", name="Cut A-103").click()
    page.get_by_label("Reason").fill("three months unpaid")
    page.get_by_role("button", name="Cut supply to A-103").click()
    expect(page.locator(".order")).to_contain_text("Supply is off", timeout=15000)
    expect(page.locator("#unit .supply-off")).to_be_visible(timeout=15000)
    assert calm.world()["meters"]["M000103"]["supply"].lower() == "off"
    page.get_by_role("link", name="Restore A-103").click()
    page.get_by_role("button", name="Restore supply to A-103").click()
    expect(page.locator(".order")).to_contain_text("Supply is on", timeout=15000)
    expect(page.locator("#unit .supply-on")).to_be_visible(timeout=15000)
    assert calm.world()["meters"]["M000103"]["supply"].lower() == "on"


def test_a_load_is_set_on_the_servers_word(calm: Product, somebody: Somebody) -> None:
    page = somebody(MANAGER).go("/s/greenview/units/A-104")
    page.get_by_role("link", name="Set load A-104").click()
    page.get_by_label("Grid, kW").fill("5")
    page.get_by_label("Generator, kW").fill("2.5")
    page.get_by_role("button", name="Set load of A-104").click()
    expect(page.locator(".order")).to_contain_text("Load set, the server says", timeout=15000)
    expect(page.locator("#unit .registers")).to_contain_text("5 / 2.5 kW", timeout=15000)


def test_a_lost_reply_is_unknown_until_a_manager_settles_it(calm: Product, somebody: Somebody) -> None:
    page, received = somebody(MANAGER).go("/s/greenview/units/A-105"), calm.calls("recharge")
    calm.fault("recharge", "drop_reply", times=1)
    page.get_by_role("link", name="Recharge A-105").click()
    page.get_by_label("Amount in rupees").fill("500")
    page.get_by_role("button", name="Recharge A-105").click()
    expect(page.locator(".order")).to_have_attribute("data-state", "unknown", timeout=20000)
    expect(page.locator(".order")).to_contain_text("Do not pay again")
    page.reload()
    page.get_by_role("link", name="Recharge A-105").click()
    expect(page.locator("#order-form")).to_contain_text("Nothing new was sent")
    page.get_by_role("link", name="Look at it").click()
    page.get_by_label("It was credited").check()
    page.get_by_label("How you know").fill("the meter shows it")
    page.get_by_role("button", name="Settle").click()
    expect(page.locator(".order")).to_have_attribute("data-state", "done")
    until(lambda: calm.calls("recharge") == received + 1, 5, "exactly one recharge was received")


def test_without_script_the_same_form_recharges(calm: Product, somebody: Somebody) -> None:
    page = somebody(OFFICE, java_script_enabled=False).go("/s/greenview/units")
    page.get_by_role("link", name="Recharge A-106").click()
    page.get_by_label("Amount in rupees").fill("25.50")
    page.get_by_role("button", name="Recharge A-106").click()
    page.wait_for_url("**/orders/*")
    until(lambda: page.reload() and page.locator(".order[data-state=done]").count(), 15, "it is done")
    page.get_by_role("link", name="Receipt").click()
    expect(page.locator(".receipt")).to_contain_text("₹25.50")


def test_j_and_k_go_from_unit_to_unit_and_leave_typing_alone(calm: Product, somebody: Somebody) -> None:
    page = somebody(OFFICE).go("/s/greenview/units")
    for key in "jjjk":
        page.keyboard.press(key)
    expect(page.get_by_role("link", name="A-102", exact=True)).to_be_focused()
    page.keyboard.press("/")
    page.keyboard.type("jk")
    expect(page.get_by_role("searchbox")).to_have_value("jk")
    page.keyboard.press("Escape")
    expect(page.get_by_role("searchbox")).not_to_be_focused()


def test_what_somebody_opened_stays_open_when_the_page_moves(calm: Product, somebody: Somebody) -> None:
    page = somebody(MANAGER).go("/s/greenview/units/A-106")
    page.get_by_text("For the curious").click()
    colleague = somebody(OFFICE).go("/s/greenview/meters/M000106/recharge")
    colleague.get_by_label("Amount in rupees").fill("10")
    colleague.get_by_role("button", name="Recharge A-106").click()
    expect(page.locator(".timeline")).to_contain_text("Recharge", timeout=15000)
    expect(page.get_by_text("Supply, as it spells it")).to_be_visible()
