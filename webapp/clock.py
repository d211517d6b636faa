"""The clock: runs every room's jobs and sweeps, in the one process that holds the lease."""

from collections.abc import Callable
from datetime import UTC, datetime

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask

from webapp.extensions import db
from webapp.work import Job, lease

LEASE = "clock"
RENEW_EVERY_S = 5


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

    def start(self) -> None:
        self._renew()
        self._scheduler.add_job(self._renew, "interval", seconds=RENEW_EVERY_S)
        for job in self._app.extensions["jobs"]:
            self._scheduler.add_job(
                self._guarded(job), "interval", seconds=job.every_s, next_run_time=datetime.now(UTC)
            )
        self._scheduler.start()

    def stop(self) -> None:
        self._scheduler.shutdown(wait=True)
        with self._app.app_context():
            lease.release(LEASE, self.holder, datetime.now(UTC))

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
