"""A yard whose generators stand still, and a meter server that answers as a test says."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from tests.conftest import Desk, load_society
from tests.contract.tiny_server import TinyServer, answer
from tests.generators.yard import Yard
from tests.worker import run_pending
from webapp.extensions import db, reading
from webapp.generators import tasks
from webapp.generators.models import Generator
from webapp.simulator.server import SimulatorServer


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Nobody listens where the meter server would call: the tests call themselves."""
    return {
        "METERDESK_DATA": str(tmp_path),
        "METERDESK_SECRET_KEY": "for tests only",
        "METERDESK_PUBLIC_URL": "http://127.0.0.1:9",
    }


@pytest.fixture
def desk(app: Flask, fresh_box: SimulatorServer) -> Desk:
    """Without homes and people: generators need neither."""
    with app.app_context():
        society = load_society(fresh_box.url)
        return Desk(app, fresh_box, society.id, society.meter_servers[0].id)


@pytest.fixture
def yard(desk: Desk) -> Yard:
    """Everything was asked once and the callbacks are registered; nothing runs."""
    made = Yard(desk)
    made.force("OFF", "DG1")
    made.force("OFF", "DG2")
    made.turn()
    return made


@dataclass
class OddDesk:
    """DG1 at a server of one trick, told by ``says``."""

    app: Flask
    tiny: TinyServer
    server_id: int

    def says(self, **data: object) -> None:
        self.tiny.behaviour = answer({"status": "success", "message": "so it is", "data": data})

    def turn(self) -> None:
        with self.app.app_context():
            tasks.nudge_due()
        run_pending(self.app)

    @property
    def dg1(self) -> Generator:
        with self.app.app_context(), reading():
            found = db.session.scalars(select(Generator)).one()
            db.session.expunge_all()
        return found

    def asked(self, path: str) -> int:
        return sum(1 for asked in self.tiny.asked if asked.path.endswith(path))


@pytest.fixture
def odd(app: Flask) -> Iterator[OddDesk]:
    with TinyServer() as tiny:
        with app.app_context():
            server_id = load_society(tiny.base_url, "lakeside", "LS01").meter_servers[0].id
        yield OddDesk(app, tiny, server_id)
