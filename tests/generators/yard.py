"""The generators' yard: what a test does to them, and what we then know."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
import time_machine
from sqlalchemy import select

from tests.conftest import Desk
from webapp.alerts.models import Alert
from webapp.generators import tasks
from webapp.generators.models import Generator, Run


def later(seconds: float = 0, **more: float) -> time_machine.travel:
    """Within, it is so much later, and time goes on."""
    return time_machine.travel(datetime.now(UTC) + timedelta(seconds=seconds, **more), tick=True)


@dataclass
class Yard:
    """DG1 and DG2 of a society, and the meter server's calls."""

    desk: Desk

    def force(self, status: str | None, dg_no: str = "DG1") -> None:
        address = f"{self.desk.box.url}_world/GV01/generators/{dg_no}"
        requests.post(address, json={"status": status}, timeout=5).raise_for_status()

    @property
    def token(self) -> str:
        """Of the address that the meter server holds for DG1."""
        url = self.desk.box.box.world.kept.sensing_url("GV01", "DG1")
        assert url is not None
        return url.rpartition("/")[2]

    def call(self, token: str = "", **request: Any) -> int:
        """The meter server calls; what it is answered."""
        request.setdefault("method", "POST")
        address = f"/hooks/dg/{token or self.token}"
        return self.desk.app.test_client().open(address, **request).status_code

    def turn(self) -> None:
        """What the clock does each second, and the workers after it."""
        with self.desk.app.app_context():
            tasks.nudge_due()
        self.desk.work()

    def sweep(self) -> None:
        """What the clock does each half second, and the workers after it."""
        with self.desk.app.app_context():
            tasks.nudge_hinted()
        self.desk.work()

    def lose_messages(self) -> None:
        """The process dies: what it was to do is gone, the rows stay."""
        for broker in self.desk.app.extensions["work"].brokers.values():
            broker.flush_all()

    @property
    def dg1(self) -> Generator:
        return self.desk.one(select(Generator).filter_by(dg_no="DG1"))

    @property
    def runs(self) -> list[Run]:
        return self.desk.all(select(Run).order_by(Run.id))

    @property
    def said(self) -> list[str]:
        """The alerts' titles, oldest first."""
        return [alert.title for alert in self.desk.all(select(Alert).order_by(Alert.id))]
