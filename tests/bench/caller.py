"""A caller that costs next to nothing: one kept-alive connection, bytes prepared beforehand."""

import re
import socket
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Self

import requests

from tests.bench.society import PASSWORD

TIMEOUT_S = 30
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
_LOCATION = re.compile(rb"\r\nlocation: (\S+)", re.IGNORECASE)
_TOKEN = re.compile(r'name="csrf(?:_token|middlewaretoken)" value="([^"]+)"')


@dataclass(frozen=True)
class Answer:
    status: int
    head: bytes
    body: bytes

    @property
    def location(self) -> str:
        found = _LOCATION.search(self.head)
        return found[1].decode() if found else ""


class Caller:
    """Somebody's browser, without the browser. ``head`` is sent with every request."""

    def __init__(self, port: int, **head: str) -> None:
        self._wire = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S)
        self._wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        named = {"Host": f"127.0.0.1:{port}", **{name.replace("_", "-"): text for name, text in head.items()}}
        self._head = "".join(f"{name}: {text}\r\n" for name, text in named.items())

    def get(self, path: str) -> Answer:
        return self._call(f"GET {path} HTTP/1.1\r\n{self._head}\r\n".encode())

    def post(self, path: str, body: bytes, kind: str = "application/x-www-form-urlencoded") -> Answer:
        size = f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        return self._call(f"POST {path} HTTP/1.1\r\n{self._head}{size}\r\n".encode() + body)

    def _call(self, request: bytes) -> Answer:
        self._wire.sendall(request)
        head, body = b"", b""
        while b"\r\n\r\n" not in head:
            head += self._more()
        head, _, body = head.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        parts, missing = [body], (int(length[1]) if length else 0) - len(body)
        while missing > 0:
            parts.append(self._more())
            missing -= len(parts[-1])
        return Answer(int(head[9:12]), head, b"".join(parts))

    def _more(self) -> bytes:
        found = self._wire.recv(65536)
        if not found:
            raise ConnectionError("the server hung up")
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wire.close()


def signed_in(port: int, email: str, path: str = "/login") -> str:
    """The cookies of who signed in there, as a browser sends them."""
    with requests.Session() as browser:
        address = f"http://127.0.0.1:{port}{path}"
        fields = {"email": email, "username": email, "password": PASSWORD}
        found = _TOKEN.search(browser.get(address, timeout=TIMEOUT_S).text)
        if found:
            fields |= {"csrf_token": found[1], "csrfmiddlewaretoken": found[1]}
        answer = browser.post(address, fields, timeout=TIMEOUT_S, allow_redirects=False)
        assert answer.status_code == 302, answer.text
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies)


def csrf_token(port: int, cookie: str, path: str) -> str:
    """As it stands in the form at that address."""
    with Caller(port, Cookie=cookie) as caller:
        found = _TOKEN.search(caller.get(path).body.decode())
    assert found, path
    return found[1]


@dataclass(frozen=True)
class Burst:
    """Calls a second, and how many milliseconds each took."""

    rate: float
    times: list[float]


def burst(calls: Sequence[Callable[[], object]], each: int) -> Burst:
    """Each of the calls ``each`` times over, all of them side by side."""
    times: list[float] = []
    start = time.perf_counter()
    _side_by_side([partial(_over_and_over, call, each, times) for call in calls])
    return Burst(len(times) / (time.perf_counter() - start), times)


def paced(calls: Sequence[Callable[[], object]], rate: float, seconds: float) -> list[float]:
    """So many a second, whether or not those before are answered: milliseconds since each was due."""
    times: list[float] = []
    begin, count = time.perf_counter() + 0.05, int(rate * seconds)

    def those(first: int) -> None:
        for number in range(first, count, len(calls)):
            due = begin + number / rate
            time.sleep(max(0.0, due - time.perf_counter()))
            calls[first]()
            times.append((time.perf_counter() - due) * 1000)

    _side_by_side([partial(those, first) for first in range(len(calls))])
    return times


def _over_and_over(call: Callable[[], object], each: int, times: list[float]) -> None:
    for _ in range(each):
        start = time.perf_counter()
        call()
        times.append((time.perf_counter() - start) * 1000)


def _side_by_side(runs: Sequence[Callable[[], None]]) -> None:
    with ThreadPoolExecutor(len(runs)) as pool:
        for _ in pool.map(lambda run: run(), runs):
            pass
