"""A meter server of one trick, on a real socket: each behaviour gets the connection and the request."""

import json
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Self
from urllib.parse import parse_qsl, urlsplit

Behaviour = Callable[[socket.socket], None]


def answer(body: bytes | str | object, status: str = "200 OK", *headers: str) -> Behaviour:
    """A whole reply, then the end of the connection. What is neither bytes nor text becomes JSON."""
    text = body if isinstance(body, bytes | str) else json.dumps(body)
    raw = text if isinstance(text, bytes) else text.encode()
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(raw)}", *headers]
    return lambda wire: wire.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + raw)


class Asked:
    """One request as the server saw it."""

    def __init__(self, raw: bytes) -> None:
        head, _, self.body = raw.partition(b"\r\n\r\n")
        request_line, *lines = head.decode().split("\r\n")
        self.method, target, _ = request_line.split(" ")
        self.path = urlsplit(target).path
        self.query = dict(parse_qsl(urlsplit(target).query))
        self.headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))


class TinyServer:
    """Answers every request by ``behaviour`` and keeps what it was asked."""

    def __init__(self) -> None:
        self.behaviour: Behaviour = answer({"status": "error", "message": "Not Found", "data": None})
        self.asked: list[Asked] = []
        self.stopped = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.base_url = f"http://{self.address}/api/"
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stopped.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        while not self.stopped.is_set():
            try:
                wire, _ = self._listener.accept()
            except OSError:
                return
            with wire, suppress(OSError):
                self._one(wire)

    def _one(self, wire: socket.socket) -> None:
        wire.settimeout(5)
        raw = b""
        while b"\r\n\r\n" not in raw:
            piece = wire.recv(65536)
            if not piece:
                return
            raw += piece
        asked = Asked(raw)
        while len(asked.body) < int(asked.headers.get("content-length", 0)):
            asked.body += wire.recv(65536)
        self.asked.append(asked)
        self.behaviour(wire)
