"""What can be done (tasks) and what happens how often (jobs); rooms declare, the assembly collects."""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from flask import current_app

# Worker threads each, so that nothing slow delays what cannot wait: no poll an order, no dead server's
# unknown orders a new one, no mail server that hangs a generator's call.
QUEUES = {"orders": 6, "looks": 4, "polls": 8, "news": 4, "mail": 2}


@dataclass(frozen=True)
class Job:
    """A room's function that the clock runs every ``every_s`` seconds, in an application context."""

    name: str
    every_s: float
    run: Callable[[], None]


def jobs_of(tasks: ModuleType) -> list[Job]:
    """A room's JOBS (what happens how often) and SWEEPS (rows whose message was lost)."""
    return [*getattr(tasks, "JOBS", ()), *getattr(tasks, "SWEEPS", ())]


class Task:
    """A function that a worker runs. Calling it runs it here; ``nudge`` asks a worker to."""

    def __init__(self, run: Callable[..., None], queue: str) -> None:
        self.run = run
        self.queue = queue
        self.name = f"{run.__module__.removeprefix('webapp.')}.{run.__name__}"

    def __call__(self, *args: Any) -> None:
        self.run(*args)

    def nudge(self, *args: Any) -> None:
        """Say it after the commit: a worker may be quicker than the commit is."""
        current_app.extensions["work"].send(self, args)


TASKS: dict[str, Task] = {}


def task(queue: str) -> Callable[[Callable[..., None]], Task]:
    """Declare a task. It must be harmless when run twice, and when never run at all."""
    if queue not in QUEUES:
        raise ValueError(f"no queue {queue}")

    def declare(run: Callable[..., None]) -> Task:
        declared = Task(run, queue)
        TASKS[declared.name] = declared
        return declared

    return declare
