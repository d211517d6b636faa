"""The demo: two societies on the simulator, made at first start, with a person for every role."""

import http.client
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

from flask import Flask

from webapp.extensions import db
from webapp.generators import joining as generators
from webapp.meters.joining import ensure_units
from webapp.people.accounts import Account, add
from webapp.people.models import Residence, Role, User
from webapp.settings import Settings
from webapp.societies import files
from webapp.societies.models import Society

PASSWORD = "demo-only"  # noqa: S105 - shown on the demo's login page, which listens on loopback only
SOCIETIES = (
    ("greenview", "Green View Residency", "GV01", ["DG1", "DG2"]),
    ("lakeside", "Lakeside Towers", "LS01", ["DG1"]),
)
PEOPLE = (
    Account("manager@greenview.example", "Meera Nair", "greenview", Role.MANAGER),
    Account("office@greenview.example", "Asha Kulkarni", "greenview", Role.OFFICE),
    Account("resident@greenview.example", "Rohan Sharma", "greenview", Role.RESIDENT, unit_no="A-101"),
    Account("manager@lakeside.example", "Farhan Sheikh", "lakeside", Role.MANAGER),
    Account("resident@lakeside.example", "Leela Das", "lakeside", Role.RESIDENT, unit_no="A-101"),
    Account("operator@meterdesk.example", "Operator", None, Role.OPERATOR),
)
SIMULATOR_WAIT_S = 15
ORPHAN_LEAVES_WITHIN_S = 2


class Demo:
    """The simulator as a second process, and what the demo's pages show."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._settings: Settings = app.config["METERDESK"]
        self._simulator: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if not self._is_somebody_elses():
            # In a group of its own: Ctrl-C is for the server, whose orders in flight still need it.
            self._simulator = subprocess.Popen(self._command(), process_group=0)  # noqa: S603 - our own words
        with self._app.app_context():
            seed(self._settings)
        self._wait()

    def stop(self) -> None:
        if self._simulator is not None:
            self._simulator.terminate()
            self._simulator.wait(timeout=10)

    def _command(self) -> list[str]:
        settings = self._settings
        return [
            sys.executable, "-m", "webapp.simulator",
            "--port", str(settings.simulator_port),
            "--units", str(settings.demo_units),
            "--state", str(settings.data / "simulator.sqlite"),
            "--with-parent",
        ]  # fmt: skip

    def _is_somebody_elses(self) -> bool:
        """Whether the port is taken, and stays so: the simulator of a server that was killed is
        about to leave, and would leave us without one."""
        deadline = time.monotonic() + ORPHAN_LEAVES_WITHIN_S
        while self._is_taken():
            if time.monotonic() > deadline:
                return True
            time.sleep(0.05)
        return False

    def _is_taken(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex(("127.0.0.1", self._settings.simulator_port)) == 0

    def _wait(self) -> None:
        deadline = time.monotonic() + SIMULATOR_WAIT_S
        while not self._answers():
            if time.monotonic() > deadline or (self._simulator and self._simulator.poll() is not None):
                raise RuntimeError(f"The simulator does not answer on port {self._settings.simulator_port}.")
            time.sleep(0.05)

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self._settings.simulator_port, timeout=2)
        try:
            connection.request("GET", "/_faults")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()


def seed(settings: Settings) -> None:
    """Make what is missing of the demo's societies and people; what is there stays as it is."""
    for slug, name, site_id, dg_nos in SOCIETIES:
        if db.session.scalar(db.select(Society.id).filter_by(slug=slug)):
            continue
        _make(settings, slug, name, site_id, dg_nos)
        for person in PEOPLE:
            if person.society == slug:
                _settle(person)
    if db.session.scalar(db.select(db.func.count()).select_from(Society)) and not _has_operator():
        add(PEOPLE[-1], PASSWORD, resets=True)
    db.session.commit()


def _make(settings: Settings, slug: str, name: str, site_id: str, dg_nos: list[str]) -> None:
    server = {
        "name": "main",
        "base_url": settings.simulator_url,
        "site_id": site_id,
        "poll_every_s": 30,
        "generators": dg_nos,
    }
    file = files.parse({"society": {"slug": slug, "name": name}, "meter_servers": [server]})
    society = files.store(file)
    generators.join(society.meter_servers[0], dg_nos)


def _settle(person: Account) -> None:
    if person.unit_no:
        society = db.session.scalars(db.select(Society).filter_by(slug=person.society)).one()
        ensure_units(society.id, {person.unit_no})
    add(person, PASSWORD, resets=True)
    # They have lived there for long: the demo's past is theirs to see.
    whose = db.select(User.id).filter_by(email=person.email).scalar_subquery()
    long_ago = datetime.now(UTC) - timedelta(days=400)
    db.session.execute(db.update(Residence).where(Residence.user_id == whose).values(since=long_ago))


def _has_operator() -> bool:
    return db.session.scalar(db.select(User.id).filter_by(is_operator=True)) is not None
