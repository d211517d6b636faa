"""A generator starts: every open page, the mailbox and the run hear of it."""

from playwright.sync_api import expect

from tests.browser.conftest import Mailbox, Product, Somebody, until

MANAGER, RESIDENT = "manager@greenview.example", "resident@greenview.example"


def test_a_start_reaches_an_open_page_and_the_mailbox_and_a_stop_closes_the_run(
    calm: Product, somebody: Somebody, mailbox: tuple[Mailbox, int]
) -> None:
    page = somebody(MANAGER).go("/s/greenview/")
    home = somebody(RESIDENT).go("/s/greenview/home")
    expect(page.locator(".strip")).to_contain_text("DG1 off", timeout=40000)
    calm.force("DG1", "ON")
    try:
        expect(page.locator("#toasts")).to_contain_text("DG1 started", timeout=5000)
        expect(page.locator(".strip")).to_contain_text("DG1 running", timeout=5000)
        expect(home.locator(".banner")).to_contain_text("DG1 is running", timeout=8000)
        until(lambda: any("DG1 started" in each for each in mailbox[0].subjects()), 15, "the mail went out")
        page.goto(f"{calm.url}/s/greenview/generators/DG1")
        expect(page.locator("#generator")).to_contain_text("running since")
        calm.force("DG1", "OFF")
        expect(page.locator("#toasts")).to_contain_text("DG1 stopped", timeout=8000)
        until(lambda: any("DG1 stopped" in each for each in mailbox[0].subjects()), 15, "the mail went out")
    finally:
        calm.force("DG1", None)
    page.goto(f"{calm.url}/s/greenview/alerts")
    expect(page.locator("#alerts")).to_contain_text("It ran for")
    page.locator("li.alert-raised").first.get_by_role("button", name="Acknowledge").click()
    expect(page.locator("#alerts")).to_contain_text("acknowledged by Meera Nair")
