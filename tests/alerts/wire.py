"""The application on a real threaded server, and browsers that hold its stream open."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

import requests
from flask import Flask
from werkzeug.serving import make_server

from tests.conftest import PASSWORD
from webapp.alerts.news import Newsroom, tell
from webapp.extensions import db

PATIENCE_S = 20


def until(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.02)


@dataclass(frozen=True)
class Frame:
    """One message of the stream."""

    id: str = ""
    event: str = ""
    data: str = ""


class Stream:
    """An open stream, read in the test's own thread."""

    def __init__(self, answer: requests.Response) -> None:
        self.answer = answer
        self._lines: Iterator[Any] = answer.iter_lines(chunk_size=1, decode_unicode=True)

    def frame(self) -> Frame:
        """The next message; heartbeats are passed over. Raises StopIteration at the end."""
        found: dict[str, str] = {}
        deadline = time.monotonic() + PATIENCE_S
        while True:
            line = next(self._lines)
            assert time.monotonic() < deadline, "only heartbeats"
            if line and not line.startswith(":"):
                name, _, value = line.partition(": ")
                found[name] = value
            elif not line and found:
                return Frame(**found)

    def frames(self, count: int) -> list[Frame]:
        return [self.frame() for _ in range(count)]

    def ends(self) -> bool:
        """Reads on to the end, which must come."""
        with suppress(StopIteration):
            while True:
                self.frame()
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.answer.close()


@dataclass
class Wire:
    """The running server."""

    app: Flask
    url: str

    @property
    def room(self) -> Newsroom:
        room: Newsroom = self.app.extensions["newsroom"]
        return room

    def browser(self, email: str) -> requests.Session:
        session = requests.Session()
        answer = session.post(f"{self.url}/login", {"email": email, "password": PASSWORD}, timeout=PATIENCE_S)
        assert answer.ok and "/login" not in answer.url
        return session

    def open(self, browser: requests.Session, slug: str = "greenview", **headers: str) -> requests.Response:
        return browser.get(
            f"{self.url}/s/{slug}/events",
            headers={"Accept": "text/event-stream", **headers},
            stream=True,
            timeout=PATIENCE_S,
        )

    def stream(
        self, browser: requests.Session, slug: str = "greenview", last_id: int | None = None
    ) -> Stream:
        answer = self.open(browser, slug, **({} if last_id is None else {"Last-Event-ID": str(last_id)}))
        assert answer.status_code == 200
        return Stream(answer)

    def tell(self, society_id: int, kind: str, **what: Any) -> None:
        with self.app.app_context():
            tell(society_id, kind, datetime.now(UTC), **what)
            db.session.commit()


def served(app: Flask, listener: socket.socket) -> Iterator[Wire]:
    """Serve until the test is over; streams are ended first, as a stopping server does."""
    host, port = listener.getsockname()
    server = make_server(host, port, app, threaded=True, fd=listener.fileno())
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield Wire(app, f"http://{host}:{port}")
    app.extensions["newsroom"].close()
    until(lambda: app.extensions["newsroom"].listeners == 0, "every stream ended")
    server.shutdown()
    thread.join()
    server.server_close()


def data_of(frame: Frame) -> Any:
    return json.loads(frame.data)
