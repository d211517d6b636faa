"""The box on a socket, on this machine only."""

import contextlib
import os
import signal
import socket
import socketserver
import sys
import threading
import time
from collections.abc import Callable, Mapping
from http.server import ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

from webapp.simulator.box import Box
from webapp.simulator.companies import DEMO_SECRETS
from webapp.simulator.handler import Handler
from webapp.simulator.loopback import is_loopback

_STOP_WITHIN_S = 5
_LOOK_UP_EVERY_S = 0.02  # how soon a stop is noticed


class _Listener(ThreadingHTTPServer):
    """Threads per connection, each known, so that stopping leaves none behind."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], handler: type[Handler]) -> None:
        self._callers: set[socket.socket] = set()
        self._changed = threading.Condition()
        super().__init__(address, handler)

    def server_bind(self) -> None:
        """As a plain server: HTTPServer would ask the DNS for our own name."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def process_request(self, request: object, client_address: object) -> None:
        """Know the connection before its thread starts."""
        assert isinstance(request, socket.socket)
        with self._changed:
            self._callers.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: object) -> None:
        """The connection's thread is done with it."""
        assert isinstance(request, socket.socket)
        super().shutdown_request(request)
        with self._changed:
            self._callers.discard(request)
            self._changed.notify_all()

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller who went away in mid-sentence is no news; anything else is."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    def leave(self) -> None:
        """End every connection and wait for its thread."""
        with self._changed:
            for caller in self._callers:
                with contextlib.suppress(OSError):
                    caller.shutdown(socket.SHUT_RDWR)
            self._changed.wait_for(lambda: not self._callers, timeout=_STOP_WITHIN_S)
        self.server_close()


class SimulatorServer:
    """Meter servers for sites GV01 (``units`` flats) and LS01, and of other companies for HB01 and MP01.

    ``port`` 0 takes a free one; after ``start`` the real one is in ``port`` and ``url``. ``state_path``
    None keeps what people change in memory only; ``secrets`` are as Box has them. Refuses a ``host`` that
    is not this machine (ValueError).
    """

    def __init__(
        self,
        port: int = 8010,
        host: str = "127.0.0.1",
        units: int = 240,
        seed: int = 1,
        state_path: str | Path | None = None,
        clock: Callable[[], float] = time.time,
        secrets: Mapping[str, str] = DEMO_SECRETS,
    ) -> None:
        if not is_loopback(host):
            raise ValueError(f"The simulator listens on this machine only, not on {host}.")
        self.host, self.port = host, port
        self._made_of = (seed, units, state_path, clock, secrets)

    @property
    def url(self) -> str:
        """The base URL, with its closing slash."""
        return f"http://{self.host}:{self.port}/"

    def start(self) -> Self:
        """Listen, then answer from threads of its own."""

        class BoundHandler(Handler):
            """The handler of this server's callers."""

        # Before the box: a port that is taken must leave the other one's state file alone.
        self._listener = _Listener((self.host, self.port), BoundHandler)
        self.port = self._listener.server_port
        try:
            self.box = BoundHandler.box = Box(*self._made_of)
        except BaseException:
            self._listener.server_close()
            raise
        self._thread = threading.Thread(
            target=self._listener.serve_forever, args=(_LOOK_UP_EVERY_S,), daemon=True
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop listening, end the calls under way, and let the state file go."""
        self.box.stopping.set()
        self._listener.shutdown()
        self._thread.join()
        self._listener.leave()
        self.box.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def main(
    port: int = 8010,
    units: int = 240,
    seed: int = 1,
    state_path: str | Path | None = None,
    with_parent: bool = False,
) -> None:
    """Run until SIGTERM or SIGINT. To be called on a process's main thread.

    ``with_parent`` ends it, too, when the process that started it is gone, however it went. A company's
    secret may be set in the variable that its profile names.
    """
    asked_to_stop = threading.Event()
    parent = os.getppid()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: asked_to_stop.set())
    with SimulatorServer(port, units=units, seed=seed, state_path=state_path, secrets=os.environ):
        while not asked_to_stop.wait(0.5 if with_parent else None):
            if os.getppid() != parent:
                return
