"""A society on the simulator, polled once, with a day of history and an office full of people."""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.process import running
from tests.bench.society import A_DAY_OF_HISTORY, PASSWORD
from tests.faults.server import free_port
from webapp import create_app, schema
from webapp.extensions import db
from webapp.generators import joining, sensing
from webapp.generators.models import Generator, Sensing
from webapp.meters import polling
from webapp.people.accounts import Account, add
from webapp.people.models import Role, User
from webapp.settings import settings_from
from webapp.societies import files

DG_NOS = ("DG1", "DG2")
SELDOM_S = 3600  # nothing is asked by itself while something else is measured
SITE = "GV01"


@dataclass(frozen=True)
class Desk:
    """``folder`` is METERDESK_DATA of whoever serves it; people are called ``office<n>@bench.example``."""

    folder: Path
    simulator_port: int
    people: int

    @property
    def environ(self) -> dict[str, str]:
        return {"METERDESK_DATA": str(self.folder), "METERDESK_SECRET_KEY": "for the bench"}

    @property
    def file(self) -> Path:
        return self.folder / "meterdesk.sqlite"

    @staticmethod
    def token(dg_no: str) -> str:
        """Of the generator's callback address."""
        return f"a-token-of-the-bench-{dg_no}"

    @staticmethod
    def email(person: int) -> str:
        return f"office{person}@bench.example"

    def meter_keys(self) -> list[str]:
        """Of those whose supply is on."""
        with closing(sqlite3.connect(self.file)) as connection:
            return [
                key for (key,) in connection.execute("SELECT key FROM meter WHERE supply = 'on' ORDER BY id")
            ]

    def poll_every(self, seconds: int) -> None:
        """From now on, while nobody serves it."""
        with closing(sqlite3.connect(self.file)) as connection, connection:
            connection.execute("UPDATE meter_server SET poll_every_s = ?, next_poll_at = NULL", (seconds,))


@contextmanager
def made_desk(meters: int, people: int) -> Iterator[Desk]:
    """Gone afterwards, with its simulator."""
    port = free_port()
    simulator = (sys.executable, "-m", "webapp.simulator", "--port", str(port), "--units", str(meters))
    with TemporaryDirectory(prefix="meterdesk-bench-") as folder, running(simulator, port, "/_faults"):
        desk = Desk(Path(folder), port, people)
        _fill(desk)
        yield desk


def _fill(desk: Desk) -> None:
    app = create_app(settings_from(desk.environ))
    schema.upgrade(app)
    with app.app_context():
        server_id = _society(desk)
        trouble = polling.poll(server_id, even_if_early=True)
        assert trouble is None, trouble
        db.session.connection().exec_driver_sql(A_DAY_OF_HISTORY)
        _people(desk.people)
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    app.extensions["newsroom"].close()


def _society(desk: Desk) -> int:
    server = {
        "name": "main",
        "base_url": f"http://127.0.0.1:{desk.simulator_port}/",
        "site_id": SITE,
        "generator_status_every_s": SELDOM_S,
        "profile": {"operations": {"dg_sensing": False}},  # the bench is who calls
    }
    society = files.store(
        files.parse({"society": {"slug": "bench", "name": "Bench"}, "meter_servers": [server]})
    )
    server_id = society.meter_servers[0].id
    joining.join(society.meter_servers[0], DG_NOS)
    for generator in db.session.query(Generator):
        token_hash = sensing.hashed(desk.token(generator.dg_no))
        db.session.add(Sensing(generator_id=generator.id, token_hash=token_hash, made_at=datetime.now(UTC)))
    db.session.commit()
    return server_id


def _people(count: int) -> None:
    """All with one password, hashed once: hashing is meant to take long."""
    user = User()
    user.set_password(PASSWORD)
    for person in range(count):
        email = Desk.email(person)
        db.session.add(User(email=email, name=f"Office {person}", password_hash=user.password_hash))
        add(Account(email, f"Office {person}", "bench", Role.OFFICE))
