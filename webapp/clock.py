"""The clock: runs every room's jobs and sweeps, in the one process that holds the lease."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask
from sqlalchemy import update

from webapp.alerts.models import Delivery
from webapp.extensions import db
from webapp.generators.models import Generator
from webapp.societies.models import MeterServer
from webapp.work import Job, lease

LEASE = "clock"
RENEW_EVERY_S = 5
LOOK_FOR_STEPS_EVERY_S = 1.0
STEP_S = 10  # what a time server corrects little by little is no step


def make_everything_due() -> None:
    """Forget every claim and due time that a clock ahead of ours may have written; commits.

    Each server, generator and queued mail is asked or tried once more than its pace says. Orders are
    not touched: their own rules bound how late they may be sent.
    """
    nothing_due = dict.fromkeys(("next_state_at", "next_fuel_at", "next_register_at", "next_sensing_at"))
    db.session.execute(update(MeterServer).values(next_poll_at=None, polling_until=None))
    db.session.execute(update(Generator).values(**nothing_due, asking_until=None, hint_asked_at=None))
    now = datetime.now(UTC)
    waiting = (Delivery.state == "queued") & (Delivery.next_try_at > now)
    db.session.execute(update(Delivery).where(waiting).values(next_try_at=now))
    db.session.commit()


class Clock:
    """APScheduler with a memory store: the rows say what is due, the clock only looks."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self.holder = lease.new_holder()
        self._epoch: int | None = None
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(4)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 3600},
        )
        self._stopping = threading.Event()
        self._watch = threading.Thread(target=self._watch_for_steps, name="clock steps", daemon=True)

    def start(self) -> None:
        self._renew()
        self._scheduler.add_job(self._renew, "interval", seconds=RENEW_EVERY_S)
        for job in self._app.extensions["jobs"]:
            self._scheduler.add_job(
                self._guarded(job), "interval", seconds=job.every_s, next_run_time=datetime.now(UTC)
            )
        self._scheduler.start()
        self._watch.start()

    def stop(self) -> None:
        self._stopping.set()
        self._watch.join()
        self._scheduler.shutdown(wait=True)
        with self._app.app_context():
            lease.release(LEASE, self.holder, datetime.now(UTC))

    def _watch_for_steps(self) -> None:
        """Take everything up again when the machine's clock was set back.

        The scheduler waits until a time of day: set back by an hour, it would sleep for that hour.
        """
        ahead = time.time() - time.monotonic()
        while not self._stopping.wait(LOOK_FOR_STEPS_EVERY_S):
            before, ahead = ahead, time.time() - time.monotonic()
            if ahead < before - STEP_S:
                self._app.logger.warning("the machine's clock was set back by %.0f s", before - ahead)
                self._take_up_again()

    def _take_up_again(self) -> None:
        try:
            self._renew()
            with self._app.app_context():
                make_everything_due()
        except Exception:
            self._app.logger.exception("what a wrong clock had put off is still put off")
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=datetime.now(UTC))

    def _renew(self) -> None:
        with self._app.app_context():
            self._epoch = lease.hold(LEASE, self.holder, datetime.now(UTC))

    def _guarded(self, job: Job) -> Callable[[], None]:
        def run() -> None:
            epoch = self._epoch
            with self._app.app_context():
                # A process that was frozen must not act on a lease it held before.
                if epoch is None or not lease.is_held(LEASE, epoch, datetime.now(UTC)):
                    return
                try:
                    job.run()
                except Exception:
                    self._app.logger.exception("the job “%s” failed", job.name)
                    db.session.rollback()

        return run
