"""Ours and those it is compared with, each behind gunicorn with the very settings that we serve with."""

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from flask import Flask

from tests.bench.desk import Desk, made_desk
from tests.bench.process import Process, running
from tests.faults.server import TOP, free_port
from webapp.serving import Server
from webapp.settings import settings_from

PEERS_PYTHON = TOP / ".venv-bench" / "bin" / "python"
ALIKE = ("workers", "worker_class", "threads", "worker_connections", "keepalive", "timeout")
STREAMS = 200  # as our settings have it by default


@dataclass(frozen=True)
class Size:
    """How much of it: the real thing by default, next to nothing for the bench's own test."""

    meters: int = 10_000
    open_pages: int = 200
    streams: int = 1_000
    rounds: int = 10
    seconds: float = 8


@dataclass
class Bench:
    """What the parts share: one society, and one server of it at a time."""

    size: Size
    with_peers: bool = field(default_factory=PEERS_PYTHON.exists)
    _desk: ExitStack = field(default_factory=ExitStack)
    _server: ExitStack = field(default_factory=ExitStack)
    _serves: tuple[int, int] = (0, 0)
    _process: Process | None = None

    @cached_property
    def desk(self) -> Desk:
        people = max(self.size.streams, self.size.open_pages) // 12 + 1  # so many pages may one person open
        return self._desk.enter_context(made_desk(self.size.meters, people))

    def ours(self, streams: int = STREAMS, poll_every_s: int = 900) -> Process:
        """``python app.py``, as it is for these settings already, or anew."""
        if self._process is None or self._serves != (streams, poll_every_s):
            self._server.close()
            self.desk.poll_every(poll_every_s)
            self._process = self._server.enter_context(_ours(self.desk, streams))
            self._serves = (streams, poll_every_s)
        return self._process

    def close(self) -> None:
        self._server.close()
        self._desk.close()


def _ours(desk: Desk, streams: int) -> AbstractContextManager[Process]:
    port = free_port()
    said = {"METERDESK_PORT": str(port), "METERDESK_STREAMS": str(streams), "METERDESK_DEMO": "0"}
    return running((sys.executable, "app.py"), port, "/readyz", {**desk.environ, **said})


def bare(folder: Path, streams: int = STREAMS) -> AbstractContextManager[Process]:
    """The floors: Flask, Jinja and the driver, in our own environment."""
    return _beside(Path(sys.executable), "tests.bench.peers.bare:app", folder, streams)


@contextmanager
def peers(folder: Path) -> Iterator[dict[str, Process]]:
    """Those of ``.venv-bench``, which `make bench` makes."""
    with ExitStack() as both:
        yield {
            name: both.enter_context(_beside(PEERS_PYTHON, f"tests.bench.peers.{module}:app", folder))
            for name, module in (("Flask-Admin", "flask_admin_list"), ("Django admin", "django_admin_list"))
        }


def _beside(python: Path, app: str, folder: Path, streams: int = STREAMS) -> AbstractContextManager[Process]:
    port = free_port()
    command = (str(python), "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", *_as_we_do(folder, streams), app)
    return running(command, port, "/ready", {"BENCH_FOLDER": str(folder)})


def _as_we_do(folder: Path, streams: int) -> list[str]:
    app = Flask("settings")
    said = {"METERDESK_DATA": str(folder), "METERDESK_SECRET_KEY": "none", "METERDESK_STREAMS": str(streams)}
    app.config["METERDESK"] = settings_from(said)
    ours = Server(app, "127.0.0.1:0").cfg.settings
    alike = [part for name in ALIKE for part in (ours[name].cli[-1], str(ours[name].get()))]
    # They need not end gracefully: a bare stream never would.
    return [*alike, "--graceful-timeout", "1", "--no-control-socket", "--log-level", "warning"]
