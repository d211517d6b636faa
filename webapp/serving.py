"""Everything on one machine: gunicorn with one process that serves, works and keeps the clock."""

import ctypes
import gc
import signal
import threading
from contextlib import suppress
from types import FrameType
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication

from webapp import demo_past, schema
from webapp.clock import Clock, make_everything_due
from webapp.demo import Demo
from webapp.extensions import db
from webapp.settings import in_address

M_ARENA_MAX = -8  # of malloc.h
STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
PAGES_AT_ONCE = 16  # threads beside those that the streams hold
KEPT_OPEN = 784  # connections that wait for their browser's next page


def serve(app: Flask) -> None:
    """Run until SIGTERM or SIGINT."""
    settings = app.config["METERDESK"]
    schema.upgrade(app)
    demo = Demo(app) if settings.demo else None
    if demo:
        demo.start()
    with app.app_context():
        # What a killed server was asking is asked again at once, not when its claims run out; the callback
        # address may be another since then; and a clock that was ahead may have put off the rest.
        make_everything_due()
        db.engine.dispose()  # the worker process must not share our connections
    try:
        click.echo(f"Meterdesk is at {settings.public_url}")
        keep_small()
        Server(app, f"{in_address(settings.host)}:{settings.port}").run()
    finally:
        if demo:
            demo.stop()


def keep_small() -> None:
    """Before the worker is forked, and its threads begin."""
    gc.freeze()  # its collector would make a second copy of all that it looks at
    with suppress(OSError, AttributeError):  # only glibc has it
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 2)  # else each thread's memory is nobody else's again


class Server(BaseApplication):
    """gunicorn, configured here and nowhere else."""

    def __init__(self, app: Flask, address: str) -> None:
        self._app = app
        self._address = address
        super().__init__()

    def load_config(self) -> None:
        threads = self._app.config["METERDESK"].streams + PAGES_AT_ONCE
        for name, value in {
            "bind": self._address,
            "workers": 1,
            "worker_class": "gthread",
            "threads": threads,
            "worker_connections": threads + KEPT_OPEN,
            "timeout": 0,  # a machine that slept must not lose the replies its worker waits for
            "graceful_timeout": 25,
            "keepalive": 15,
            "control_socket_disable": True,
            "post_worker_init": start_behind,
            "worker_exit": lambda _server, worker: stop_behind(worker),
            "loglevel": "warning",
            "proc_name": "meterdesk",
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app


def start_behind(worker: Any) -> None:
    """What happens behind the pages begins in the worker process, not at import."""
    app: Flask = worker.wsgi if isinstance(worker.wsgi, Flask) else worker.app.load()
    app.extensions["work"].start()
    worker.clock = Clock(app)
    worker.clock.start()
    if app.config["METERDESK"].demo:
        demo_past.begin(app)
    for number in STOPS:
        _close_streams_first(app, number)


def _close_streams_first(app: Flask, number: signal.Signals) -> None:
    """An open stream would hold a stopping server for its whole graceful time-out."""
    before = signal.getsignal(number)

    def on_stop(number: int, frame: FrameType | None) -> None:
        # Ctrl-C comes twice, from the terminal and from gunicorn's master: the second, at whatever
        # moment, must not break off the wait for orders that are being sent.
        for each in STOPS:
            signal.signal(each, signal.SIG_IGN)
        # Not in the handler itself: a lock it needs may be held by the very thread it interrupts.
        threading.Thread(target=app.extensions["newsroom"].close, daemon=True).start()
        if callable(before):
            before(number, frame)

    signal.signal(number, on_stop)


def stop_behind(worker: Any) -> None:
    if hasattr(worker, "clock"):
        worker.clock.stop()
        worker.app.load().extensions["work"].stop()
