"""The first page with every file it loads, in bytes over HTTP, for a browser that takes brotli."""

from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin

import requests

from tests.bench.caller import TIMEOUT_S, signed_in
from tests.bench.pairs import Figure, Goal
from tests.bench.served import Bench

GOAL = Goal("ours", "≤", 150)
PAGES = {"sign-in": "/login", "desk": "/s/bench/", "units": "/s/bench/units"}
LOADED = {"script": "src", "img": "src", "use": "href", "link": "href"}
KB = 1000


class Files(HTMLParser):
    """What a browser loads with a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        address = dict(attrs).get(LOADED.get(tag, ""))
        if address and not address.startswith(("#", "data:")):
            self.found.add(urldefrag(address).url)


def figures(bench: Bench) -> Iterator[Figure]:
    port = bench.ours().port
    cookie = signed_in(port, bench.desk.email(0))
    for name, path in PAGES.items():
        yield _figure(name, f"http://127.0.0.1:{port}{path}", "" if name == "sign-in" else cookie)


def _figure(name: str, address: str, cookie: str) -> Figure:
    size, page = _fetched(address, cookie)
    sizes = {urljoin(address, file): 0 for file in Files(page.decode()).found}
    for file in sizes:
        sizes[file], _ = _fetched(file, cookie)
    note = f"the page {size / KB:.1f} kB, {len(sizes)} files {sum(sizes.values()) / KB:.1f} kB"
    return Figure(f"first page: {name}", "kB", (size + sum(sizes.values())) / KB, 1, goal=GOAL, note=note)


def _fetched(address: str, cookie: str) -> tuple[int, bytes]:
    """Bytes of the body on the wire, and what they are when unpacked."""
    head = {"Accept-Encoding": "br", "Cookie": cookie}
    with requests.get(address, headers=head, timeout=TIMEOUT_S, stream=True) as answer:
        assert answer.status_code == 200, address
        return len(answer.raw.read(decode_content=False)), _plain(address, head)


def _plain(address: str, head: dict[str, str]) -> bytes:
    answer = requests.get(address, headers={**head, "Accept-Encoding": "identity"}, timeout=TIMEOUT_S)
    return answer.content
