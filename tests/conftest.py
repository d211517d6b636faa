"""The real thing in small: an application on a database of its own, and a simulator on a socket."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from tests.worker import run_pending
from webapp import create_app, schema
from webapp.extensions import db, reading
from webapp.generators import joining as generators
from webapp.meters import polling
from webapp.meters.models import Meter, Unit
from webapp.people.accounts import Account, add
from webapp.people.models import Role, User
from webapp.settings import settings_from
from webapp.simulator.server import SimulatorServer
from webapp.societies import files
from webapp.societies.models import Society

T = TypeVar("T")
PASSWORD = "right horse"
UNITS = 24


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database, made once by the real migrations."""
    data = tmp_path_factory.mktemp("migrated")
    app = create_app(settings_from({"METERDESK_DATA": str(data)}))
    schema.upgrade(app)
    with app.app_context():
        db.engine.dispose()
    return data / "meterdesk.sqlite"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Settings that a test may add to before it takes ``app``."""
    return {"METERDESK_DATA": str(tmp_path), "METERDESK_SECRET_KEY": "for tests only"}


@pytest.fixture
def app(environ: dict[str, str], migrated: Path) -> Iterator[Flask]:
    shutil.copy(migrated, Path(environ["METERDESK_DATA"]) / "meterdesk.sqlite")
    made = create_app(settings_from(environ))
    made.config.update(TESTING=True, RATELIMIT_ENABLED=True)
    yield made
    made.extensions["newsroom"].close()
    with made.app_context():
        db.engine.dispose()


@pytest.fixture
def fresh_box() -> Iterator[SimulatorServer]:
    """A simulator whose world is this test's own."""
    with SimulatorServer(port=0, units=UNITS) as simulator:
        yield simulator


def load_society(url: str, slug: str = "greenview", site_id: str = "GV01", **server: object) -> Society:
    """A society as a society file makes it, with the generators of its site."""
    dg_nos = ["DG1", "DG2"] if site_id == "GV01" else ["DG1"]
    part = {"name": "main", "base_url": url, "site_id": site_id, "poll_every_s": 30, "timeout_s": 5, **server}
    file = files.parse({"society": {"slug": slug, "name": slug.title()}, "meter_servers": [part]})
    society = files.store(file)
    generators.join(society.meter_servers[0], dg_nos)
    db.session.commit()
    return society


@cache
def hashed(password: str) -> str:
    """As a user keeps it; once for all tests, since hashing is meant to take long."""
    user = User()
    user.set_password(password)
    return user.password_hash


def people_of(slug: str, unit_no: str) -> None:
    """``manager@slug.example`` and the others, with PASSWORD."""
    for role in (Role.MANAGER, Role.OFFICE, Role.RESIDENT):
        email, unit = f"{role.value}@{slug}.example", unit_no if role is Role.RESIDENT else None
        db.session.add(User(email=email, name=role.value.title(), password_hash=hashed(PASSWORD)))
        add(Account(email, role.value.title(), slug, role, unit))
    db.session.commit()


@dataclass
class Desk:
    """A society that has been polled once, with its people, on a simulator."""

    app: Flask
    box: SimulatorServer
    society_id: int
    server_id: int

    def one(self, statement: Select[T]) -> T:
        """The only row, as it is now; it stays readable, and holds no transaction open."""
        return self.all(statement)[0]

    def all(self, statement: Select[T]) -> list[T]:
        with self.app.app_context(), reading():
            found = list(db.session.scalars(statement))
            db.session.expunge_all()
        return found

    def meter(self, unit_no: str = "A-101") -> Meter:
        named = select(Meter).join(Meter.unit).where(Unit.unit_no == unit_no)
        return self.one(named.where(Meter.society_id == self.society_id).options(joinedload(Meter.unit)))

    def poll(self) -> str | None:
        """Ask the meter server for everything now; the trouble in a sentence, or None."""
        with self.app.app_context():
            return polling.poll(self.server_id, even_if_early=True)

    def work(self) -> None:
        """Do what the workers would: everything that was nudged, and what that nudges."""
        run_pending(self.app)

    def world(self, site_id: str = "GV01") -> dict[str, Any]:
        """What is true in the simulator, and how often each operation was called."""
        found: dict[str, Any] = requests.get(f"{self.box.url}_world/{site_id}", timeout=5).json()
        return found

    def calls(self, operation: str) -> int:
        return int(self.world()["calls"].get(operation, 0))

    def fault(self, operation: str, kind: str, **more: object) -> None:
        """Make the simulator misbehave (design, the simulator's back door)."""
        asked = {"operation": operation, "kind": kind, **more}
        requests.post(f"{self.box.url}_faults", json=asked, timeout=5).raise_for_status()

    def heal(self) -> None:
        requests.delete(f"{self.box.url}_faults", timeout=5).raise_for_status()


@pytest.fixture
def desk(app: Flask, fresh_box: SimulatorServer) -> Desk:
    with app.app_context():
        society = load_society(fresh_box.url)
        made = Desk(app, fresh_box, society.id, society.meter_servers[0].id)
    assert made.poll() is None
    with app.app_context():
        people_of("greenview", "A-101")
    return made


SignIn = Callable[[str], FlaskClient]


@pytest.fixture
def sign_in(app: Flask) -> SignIn:
    """A browser of its own for each person: ``sign_in("office@greenview.example")``."""
    app.config["WTF_CSRF_ENABLED"] = False  # tests/people/test_forms.py tests the real check

    def sign_in_as(email: str) -> FlaskClient:
        client = app.test_client()
        answer = client.post("/login", data={"email": email, "password": PASSWORD})
        assert answer.status_code == 302, answer.text
        return client

    return sign_in_as
