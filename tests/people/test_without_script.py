"""Everything works before its scripts load: links go somewhere, forms post."""

from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from flask import Flask

from tests.conftest import SignIn
from tests.people.conftest import Town
from tests.people.test_tenancy import TABLE, address_of

ASKS = ("hx-get", "hx-post", "hx-put", "hx-delete", "hx-patch")
BY_ITSELF = ("from:", "every ", "load", "input ")  # what the page does of itself, beside what a person can
BY_SCRIPT = "data-keys"  # the style sheet shows it only once a script has set the colours
VISITORS = ("manager@greenview.example", "resident@greenview.example")


class Outline(HTMLParser):
    """Each element with its attributes, and the form that it stands in."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], bool]] = []
        self._forms = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._forms += tag == "form"
        self.found.append((tag, dict(attrs), self._forms > 0))

    def handle_endtag(self, tag: str) -> None:
        self._forms -= tag == "form"


def needs_script(page: str) -> Iterator[str]:
    """What could be pressed and would do nothing."""
    for tag, has, in_form in Outline(page).found:
        trigger = has.get("hx-trigger") or ""
        if any(name in has for name in ASKS) and not any(word in trigger for word in BY_ITSELF):
            works = (tag == "a" and has.get("href")) or tag == "form" or in_form
            if not works:
                yield f"<{tag} {has}>"
        if tag == "a" and not has.get("href"):
            yield f"a link without an address: {has}"
        if tag == "button" and not in_form and not {"hidden", BY_SCRIPT} & has.keys():
            yield f"a button of no form: {has}"
        if tag == "form" and (has.get("method") or "get").lower() not in ("get", "post", "dialog"):
            yield f"a form that no browser sends: {has}"


def pages(town: Town) -> list[str]:
    found = []
    for (endpoint, method), row in TABLE.items():
        if method == "GET" and endpoint != "alerts.events":
            found += [address_of(town, address, "home") for address in row.addresses]
    return found


@pytest.mark.parametrize("visitor", VISITORS)
def test_nothing_on_any_page_is_only_a_scripts(app: Flask, town: Town, sign_in: SignIn, visitor: str) -> None:
    client, broken, walked = sign_in(visitor), {}, 0
    for address in pages(town):
        answer = client.get(address)
        if answer.mimetype == "text/html" and address != "/logout":
            walked += 1
            if found := list(needs_script(answer.text)):
                broken[address] = found
    assert not broken
    assert walked > 20


@pytest.mark.parametrize(
    "piece",
    [
        '<div hx-post="/x">Do it</div>',
        '<button hx-get="/x">Do it</button>',
        "<button>Do it</button>",
        "<a>Go</a>",
        '<form method="delete"></form>',
    ],
)
def test_the_check_sees_what_only_a_script_could_do(piece: str) -> None:
    assert list(needs_script(piece))
