"""One call and its connection: everything a reply, or the lack of one, can be made of."""

import json
import socket
import struct
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from http import HTTPStatus

from webapp.contract.operations import Operation
from webapp.simulator.answers import ANSWERS, REFUSALS
from webapp.simulator.site import Site
from webapp.simulator.wire import Body, Call
from webapp.simulator.world import World

_REMEMBERED = 256


def encoded(body: Body) -> bytes:
    """A body as it goes out."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


class LastReplies:
    """The last good reply to each of the latest requests, for servers that repeat themselves."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bodies: OrderedDict[tuple[object, ...], Body] = OrderedDict()

    def put(self, key: tuple[object, ...], body: Body) -> None:
        """Remember; the oldest request is forgotten beyond a few hundred."""
        with self._lock:
            self._bodies[key] = body
            self._bodies.move_to_end(key)
            if len(self._bodies) > _REMEMBERED:
                self._bodies.popitem(last=False)

    def get(self, key: tuple[object, ...]) -> Body | None:
        """What was last said to that request."""
        with self._lock:
            return self._bodies.get(key)


class Connection:
    """A caller's socket, for replies that keep to HTTP and for those that don't."""

    def __init__(self, raw: socket.socket, pause: Callable[[float], object]) -> None:
        self._raw = raw
        self.pause = pause  # sleeps so many seconds, or until the server stops
        self.delay_s = 0.0  # waited before the first byte, whatever it is
        self.over = False  # this connection takes no further request

    def write(self, content: bytes) -> None:
        """Bytes as they are. A caller who has gone is no news here."""
        delay, self.delay_s = self.delay_s, 0.0
        if delay:
            self.pause(delay)
        try:
            self._raw.sendall(content)
        except OSError:
            self.over = True

    def head(
        self, status: int, length: int, kind: str = "application/json", more: Mapping[str, str] | None = None
    ) -> None:
        """The status line and headers of a body of ``length`` bytes."""
        self.write(_head(status, length, kind, more or {}))

    def send(
        self,
        status: int,
        body: bytes,
        kind: str = "application/json",
        more: Mapping[str, str] | None = None,
    ) -> None:
        """A whole reply, in one write."""
        self.write(_head(status, len(body), kind, more or {}) + body)

    def hang_up(self) -> None:
        """Close, as a server does that has nothing to say."""
        self.write(b"")
        self.over = True

    def reset(self) -> None:
        """Reset: the caller's next read fails, whatever was sent before."""
        self.write(b"")
        self.over = True
        self._raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._raw.close()


def _head(status: int, length: int, kind: str, more: Mapping[str, str]) -> bytes:
    fields = {"Content-Type": kind, "Content-Length": str(length), **more}
    lines = [
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        *(f"{name}: {value}" for name, value in fields.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


class Exchange(Connection):
    """A valid call of an operation at a site, received and counted, and the connection it came by."""

    def __init__(
        self,
        raw: socket.socket,
        pause: Callable[[float], object],
        world: World,
        site: Site,
        operation: Operation,
        params: Mapping[str, str],
        replies: LastReplies,
        clock: Callable[[], float],
    ) -> None:
        super().__init__(raw, pause)
        self.operation = operation
        self.site_id = site.site_id
        self._company = site.company
        self._world, self._site, self._params = world, site, params
        self._replies, self._clock = replies, clock
        self._key = (site.site_id, operation.name, *sorted(params.items()))

    def answer(self, *, queue_s: float = 0, idle: bool = False, earlier_s: float = 0) -> Body:
        """Do what is asked and say so; ``earlier_s`` asks the world as it was."""
        with self._world.lock:
            now = self._clock()
            self._world.settle(now)
            call = Call(self._world, self._site, self._params, now - earlier_s, queue_s, idle)
            return ANSWERS[self.operation.name](call)

    @property
    def refusal(self) -> Body:
        """The operation's own error in the document."""
        return REFUSALS[self.operation.name]

    def spelled(self, body: Body) -> bytes:
        """A reply as this company's server writes it."""
        return encoded(self._company.said(self.operation, body))

    def status_of(self, body: Body) -> int:
        """The HTTP status under which this company sends it."""
        return self._company.status_of(body)

    def say(self, body: Body) -> None:
        """A whole reply as it should be."""
        self.send(self.status_of(body), self.spelled(body))

    def reply(self) -> None:
        """The plain answer, remembered."""
        self.repeat(self.answer())

    def repeat(self, body: Body) -> None:
        """Say it and remember it, for a server that will say it again."""
        self._replies.put(self._key, body)
        self.say(body)

    def last_reply(self) -> Body | None:
        """What was last answered, without a fault, to the very same request."""
        return self._replies.get(self._key)
