"""The whole product as a person meets it: the real server, its simulator, a mailbox, a real browser."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
import requests
from aiosmtpd.controller import Controller
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

TOP = Path(__file__).resolve().parents[2]
START_WITHIN_S = 40
PASSWORD = "demo-only"


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Mailbox:
    """What the SMTP server was handed."""

    def __init__(self) -> None:
        self.mails: list[Message] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.append(message_from_bytes(envelope.content))
        return "250 taken"

    def subjects(self) -> list[str]:
        return [str(mail["Subject"]) for mail in self.mails]


@dataclass
class Product:
    """A running Meterdesk with its demo, on ports and data of its own."""

    data: Path
    mail_port: int
    port: int = field(default_factory=free_port)
    simulator_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        environ = {
            **os.environ,
            "METERDESK_DEMO": "1",
            "METERDESK_DEMO_UNITS": "60",
            "METERDESK_PORT": str(self.port),
            "METERDESK_SIMULATOR_PORT": str(self.simulator_port),
            "METERDESK_DATA": str(self.data),
            "METERDESK_MAIL_URL": f"smtp://127.0.0.1:{self.mail_port}",
        }
        log = (self.data / "server.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "app.py"], cwd=TOP, env=environ, stdout=log, stderr=log, start_new_session=True
        )
        log.close()
        until(self._is_ready, START_WITHIN_S, "the server is ready")

    def _is_ready(self) -> bool:
        try:
            return requests.get(f"{self.url}/readyz", timeout=5).ok
        except requests.RequestException:
            return False

    def stop(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)

    def kill(self) -> None:
        """As a power cut would: everything of it at once."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=10)

    def world(self, site_id: str = "GV01") -> dict[str, Any]:
        found: dict[str, Any] = self._simulator("GET", f"_world/{site_id}").json()
        return found

    def calls(self, operation: str) -> int:
        return int(self.world()["calls"].get(operation, 0))

    def fault(self, operation: str, kind: str, **more: object) -> None:
        self._simulator("POST", "_faults", {"operation": operation, "kind": kind, **more})

    def heal(self) -> None:
        self._simulator("DELETE", "_faults")

    def force(self, dg_no: str, status: str | None) -> None:
        self._simulator("POST", f"_world/GV01/generators/{dg_no}", {"status": status})

    def set_balance(self, meter_no: str, rupees: str) -> None:
        """As though the household had recharged elsewhere."""
        self._simulator("POST", f"_world/GV01/meters/{meter_no}", {"balance": rupees})

    def poll(self) -> None:
        """Ask the meter servers now, from a process of its own, whatever comes of it."""
        environ = {**os.environ, "METERDESK_DATA": str(self.data)}
        command = [sys.executable, "-m", "flask", "--app", "app", "poll", "greenview"]
        subprocess.run(command, cwd=TOP, env=environ, capture_output=True, check=False, timeout=60)

    def _simulator(self, method: str, path: str, body: object = None) -> requests.Response:
        address = f"http://127.0.0.1:{self.simulator_port}/{path}"
        answer = requests.request(method, address, json=body, timeout=10)
        answer.raise_for_status()
        return answer


def until(holds: Callable[[], object], within_s: float, what: str) -> None:
    """Wait until it holds; fail with ``what`` where it does not in time."""
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, f"not within {within_s} s: {what}"
        time.sleep(0.1)


@pytest.fixture(scope="session")
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    handler = Mailbox()
    port = free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, port
    controller.stop()


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory, mailbox: tuple[Mailbox, int]) -> Iterator[Product]:
    made = Product(tmp_path_factory.mktemp("product"), mailbox[1])
    made.start()
    yield made
    made.stop()


@pytest.fixture
def calm(product: Product) -> Iterator[Product]:
    """The product with a simulator that behaves, before and after."""
    product.heal()
    yield product
    product.heal()


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    found = shutil.which("chromium")
    if found is None:
        assert os.environ.get("CI") != "true", "chromium is missing: run make test"
        pytest.skip("chromium is missing")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    return {"executable_path": found, "args": flags}


@dataclass
class Person:
    """Somebody at a browser of their own; whatever its console complains of is kept."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        self.page.goto(f"{self.url}{path}")
        return self.page

    def heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


Somebody = Callable[..., Person]


@pytest.fixture
def somebody(browser: Browser, product: Product) -> Iterator[Somebody]:
    """``somebody("office@greenview.example")``: signed in, in a browser context of their own."""
    contexts: list[BrowserContext] = []

    def sign_in(email: str | None, **context: Any) -> Person:
        contexts.append(browser.new_context(viewport={"width": 1366, "height": 768}, **context))
        person = Person(contexts[-1].new_page(), product.url)
        person.page.on("console", person.heard)
        person.page.on("pageerror", lambda error: person.complaints.append(str(error)))
        if email:
            person.go("/login")
            person.page.fill("#email", email)
            person.page.fill("#password", PASSWORD)
            person.page.get_by_role("button", name="Sign in").click()
            person.page.wait_for_url("**/s/**")
        return person

    yield sign_in
    for context in contexts:
        context.close()
