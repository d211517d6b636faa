"""Dramatiq inside the web process: its in-process broker, and worker threads for each queue."""

import threading
from collections.abc import Callable
from typing import Any, cast

import dramatiq
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import Middleware
from flask import Flask

from webapp.work.registry import QUEUES, TASKS, Task

STOP_TIMEOUT_MS = 20_000


class InAppContext(Middleware):
    """Each message runs in an application context, and so in a database session, of its own."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._here = threading.local()

    def before_process_message(self, broker: dramatiq.Broker, message: Any) -> None:
        self._here.context = self._app.app_context()
        self._here.context.push()

    def after_process_message(
        self, broker: dramatiq.Broker, message: Any, *, result: Any = None, exception: Any = None
    ) -> None:
        self._here.context.pop()

    after_skip_message = after_process_message

    def after_nack(self, broker: dramatiq.Broker, message: Any) -> None:
        # What failed is in the log and its row is found again; the broker would keep it for ever.
        cast(StubBroker, broker).dead_letters_by_queue[message.queue_name].clear()


class Engine:
    """A broker for each queue of one application, with every declared task as an actor."""

    def __init__(self, app: Flask) -> None:
        # No retries here: a task that failed leaves its row, and the row's own sweep decides.
        self.brokers = {queue: StubBroker(middleware=[InAppContext(app)]) for queue in QUEUES}
        self._workers: list[dramatiq.Worker] = []
        self._actors = {name: self._actor(declared) for name, declared in TASKS.items()}

    def _actor(self, declared: Task) -> Callable[..., Any]:
        declare = dramatiq.actor(
            broker=self.brokers[declared.queue], actor_name=declared.name, queue_name=declared.queue
        )
        send: Callable[..., Any] = declare(declared.run).send
        return send

    def send(self, declared: Task, args: tuple[Any, ...]) -> None:
        self._actors[declared.name](*args)

    def start(self) -> None:
        for queue, threads in QUEUES.items():
            worker = dramatiq.Worker(self.brokers[queue], worker_threads=threads, worker_timeout=200)
            worker.start()
            self._workers.append(worker)

    def stop(self) -> None:
        """Let jobs in flight finish; what was queued is found again by the sweeps."""
        while self._workers:
            self._workers.pop().stop(timeout=STOP_TIMEOUT_MS)
