"""A connection that says, as it happens, whether the server can have seen the request."""

import http.client
import io
import socket
import threading
import time
from contextlib import suppress
from functools import partial
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from webapp.contract.packing import LARGEST_REPLY

MOST_ON_THE_WIRE = LARGEST_REPLY + 8 * 1024 * 1024  # with its head, chunk sizes and trailers


_ALSO_ASLEEP: int | None = getattr(time, "CLOCK_BOOTTIME", None)  # Linux has it


def ticks() -> float:
    """Return seconds that no clock setting changes, and that go on while the machine sleeps."""
    return time.monotonic() if _ALSO_ASLEEP is None else time.clock_gettime(_ALSO_ASLEEP)


class GivenUp(OSError):  # noqa: N818
    """The deadline has passed: nothing more is sent, or read."""


class Attempt:
    """How far one request has come; shared by the caller, who has the clock, and the sender.

    Whether the server can have seen the request is recorded as it happens, not guessed from an
    exception: bytes leave only after ``departing`` returned, and never after ``leave_by``, a moment
    of ``ticks``: a process that was frozen while it connected sends nothing when it wakes.
    """

    def __init__(self, leave_by: float) -> None:
        self._lock = threading.Lock()
        self._leave_by = leave_by
        self.is_given_up = False
        self._wire: socket.socket | None = None
        self.may_have_left = False

    def connected(self, wire: socket.socket) -> None:
        # A second handle on the connection: TLS takes the first one away from us.
        with self._lock:
            self._wire = wire.dup()

    def departing(self) -> None:
        """Raises GivenUp where the caller no longer waits, or too late: then nothing leaves."""
        with self._lock:
            if self.is_given_up or ticks() > self._leave_by:
                raise GivenUp
            self.may_have_left = True

    def give_up(self) -> None:
        """Cuts the connection, which wakes a sender that waits for a dripping server."""
        with self._lock:
            self.is_given_up = True
            if self._wire:
                with suppress(OSError):
                    self._wire.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        with self._lock:
            if self._wire:
                self._wire.close()
                self._wire = None


class TooMuch(OSError):  # noqa: N818
    """The server sent more than MOST_ON_THE_WIRE."""


class _Metered(io.RawIOBase):
    """What the server sends, to a bound: a chunk of the size “-1” is read until there is no more.

    And only while somebody waits: millions of tiny chunks may lie there when the deadline passes.
    """

    def __init__(self, wire: io.RawIOBase, attempt: Attempt) -> None:
        self._wire = wire
        self._attempt = attempt
        self._left = MOST_ON_THE_WIRE

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        count: int | None = self._wire.readinto(buffer)
        self._left -= count or 0
        if self._left < 0:
            raise TooMuch
        if self._attempt.is_given_up:
            raise GivenUp
        return count

    def close(self) -> None:
        self._wire.close()
        super().close()


class _BoundedResponse(http.client.HTTPResponse):
    def __init__(self, *args: Any, attempt: Attempt, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fp = io.BufferedReader(_Metered(self.fp.detach(), attempt))


class _Observed:
    """A connection that tells its attempt how far it is."""

    def __init__(self, *args: Any, attempt: Attempt, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._attempt = attempt
        self.response_class = partial(_BoundedResponse, attempt=attempt)

    def _new_conn(self) -> socket.socket:
        wire: socket.socket = super()._new_conn()  # type: ignore[misc]
        self._attempt.connected(wire)
        return wire

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]
        self._attempt.departing()


class _HttpConnection(_Observed, HTTPConnection):  # type: ignore[misc]
    pass


class _HttpsConnection(_Observed, HTTPSConnection):  # type: ignore[misc]
    pass


class HttpPool(HTTPConnectionPool):
    ConnectionCls = _HttpConnection


class HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _HttpsConnection
