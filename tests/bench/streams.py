"""Many open pages: the streams of a server, each on a socket of its own, read by one thread."""

import json
import re
import selectors
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

AT_ONCE = 16  # streams that are being opened
WITHIN_S = 30
_FRAME = re.compile(rb"id: \d+\nevent: (\w+)\ndata: (.*)\n\n")


@dataclass(frozen=True)
class Heard:
    """What came by one stream, when (of ``time.perf_counter``)."""

    at: float
    stream: int
    kind: str
    what: dict[str, Any]


@dataclass
class _Open:
    wire: socket.socket
    stream: int
    came: bytes = b""


class Streams:
    """``cookies``: whose page each stream is of."""

    def __init__(self, port: int, path: str, cookies: Sequence[str]) -> None:
        self._changed = threading.Condition()
        self._heard: list[Heard] = []
        self._reading = selectors.DefaultSelector()
        self._is_over = False
        for first in range(0, len(cookies), AT_ONCE):
            some = list(enumerate(cookies))[first : first + AT_ONCE]
            for one in [_asked(port, path, stream, cookie) for stream, cookie in some]:
                _welcomed(one)
                self._reading.register(one.wire, selectors.EVENT_READ, one)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def heard(self, wanted: Callable[[Heard], bool], count: int, within_s: float = WITHIN_S) -> list[Heard]:
        """So many of those, as soon as they came; fewer where time ran out."""
        found: list[Heard] = []

        def enough() -> bool:
            found[:] = [each for each in self._heard if wanted(each)]
            return len(found) >= count

        with self._changed:
            self._changed.wait_for(enough, within_s)
        return found

    def forget(self) -> None:
        with self._changed:
            self._heard.clear()

    def _read(self) -> None:
        while not self._is_over:
            for key, _ in self._reading.select(0.2):
                self._take(key.data)

    def _take(self, one: _Open) -> None:
        more, at = one.wire.recv(65536), time.perf_counter()
        if not more:
            self._reading.unregister(one.wire)
            return
        one.came += more
        end, news = 0, []
        for frame in _FRAME.finditer(one.came):
            news.append(Heard(at, one.stream, frame[1].decode(), json.loads(frame[2])))
            end = frame.end()
        one.came = one.came[end:]
        if news:
            with self._changed:
                self._heard += news
                self._changed.notify_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over = True
        self._thread.join()
        for key in list(self._reading.get_map().values()):
            key.data.wire.close()
        self._reading.close()


def _asked(port: int, path: str, stream: int, cookie: str) -> _Open:
    wire = socket.create_connection(("127.0.0.1", port), timeout=WITHIN_S)
    head = f"Host: 127.0.0.1:{port}\r\nCookie: {cookie}\r\nAccept: text/event-stream\r\n"
    wire.sendall(f"GET {path} HTTP/1.1\r\n{head}\r\n".encode())
    return _Open(wire, stream)


def _welcomed(one: _Open) -> None:
    while b": welcome\n\n" not in one.came:
        more = one.wire.recv(65536)
        if not more or one.came[:12] not in (b"", b"HTTP/1.1 200"):
            raise ConnectionError(f"a stream is refused: {one.came + more!r}")
        one.came += more
