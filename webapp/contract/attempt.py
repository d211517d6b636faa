"""A connection that says, as it happens, whether the server can have seen the request."""

import socket
import threading
from contextlib import suppress
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class GivenUp(OSError):  # noqa: N818
    """The deadline passed while the connection was still being made."""


class Attempt:
    """How far one request has come; shared by the caller, who has the clock, and the sender.

    Whether the server can have seen the request is recorded as it happens, not guessed from an
    exception: bytes leave only after ``departing`` returned.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._given_up = False
        self._wire: socket.socket | None = None
        self.may_have_left = False

    def connected(self, wire: socket.socket) -> None:
        # A second handle on the connection: TLS takes the first one away from us.
        with self._lock:
            self._wire = wire.dup()

    def departing(self) -> None:
        """Raises GivenUp where the caller no longer waits: then nothing leaves."""
        with self._lock:
            if self._given_up:
                raise GivenUp
            self.may_have_left = True

    def give_up(self) -> None:
        """Cuts the connection, which wakes a sender that waits for a dripping server."""
        with self._lock:
            self._given_up = True
            if self._wire:
                with suppress(OSError):
                    self._wire.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        with self._lock:
            if self._wire:
                self._wire.close()
                self._wire = None


class _Observed:
    """A connection that tells its attempt how far it is."""

    def __init__(self, *args: Any, attempt: Attempt, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._attempt = attempt

    def _new_conn(self) -> socket.socket:
        wire: socket.socket = super()._new_conn()  # type: ignore[misc]
        self._attempt.connected(wire)
        return wire

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]
        self._attempt.departing()


class _HttpConnection(_Observed, HTTPConnection):
    pass


class _HttpsConnection(_Observed, HTTPSConnection):
    pass


class HttpPool(HTTPConnectionPool):
    ConnectionCls = _HttpConnection


class HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _HttpsConnection
