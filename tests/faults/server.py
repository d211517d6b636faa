"""The real server as a process that a test may kill, and a browser's way into it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

TOP = Path(__file__).resolve().parents[2]
START_WITHIN_S = 60
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_KEY = re.compile(r'name="client_key" value="([^"]+)"')


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(holds: Callable[[], object], within_s: float, what: str) -> None:
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, f"not within {within_s} s: {what}"
        time.sleep(0.05)


@dataclass
class Server:
    """``python app.py`` as a demo, in a process group, on ports and with data of its own."""

    data: Path
    port: int = field(default_factory=free_port)
    simulator_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    browser: requests.Session = field(default_factory=requests.Session)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start where it does not run, and wait until it is ready."""
        if self.process is not None and self.process.poll() is None:
            return
        environ = {
            **os.environ,
            "METERDESK_DEMO": "1",
            "METERDESK_DEMO_UNITS": "12",
            "METERDESK_PORT": str(self.port),
            "METERDESK_SIMULATOR_PORT": str(self.simulator_port),
            "METERDESK_DATA": str(self.data),
        }
        with (self.data / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "app.py"],
                cwd=TOP,
                env=environ,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until(self._is_ready, START_WITHIN_S, "the server is ready")

    def _is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.data / "server.log").read_text()[-2000:]
        try:
            return requests.get(f"{self.url}/readyz", timeout=5).ok
        except requests.RequestException:
            return False

    def signal(self, number: signal.Signals) -> None:
        """To the whole group, as a terminal or a power cut does."""
        assert self.process is not None
        os.killpg(self.process.pid, number)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        self.ended()

    def ended(self) -> None:
        """Wait for the end of a server that was told to stop."""
        assert self.process is not None
        self.process.wait(timeout=20)  # less than gunicorn's patience with what is under way

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()
        self.browser.close()

    def workers(self) -> list[int]:
        """Process ids of gunicorn's workers."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [pid for pid in map(int, children) if b"app.py" in Path(f"/proc/{pid}/cmdline").read_bytes()]

    def sign_in(self) -> None:
        form = self.browser.get(f"{self.url}/login", timeout=20)
        who = {"email": "manager@greenview.example", "password": "demo-only"}
        answer = self.browser.post(f"{self.url}/login", data={**who, **_hidden(form.text)}, timeout=20)
        assert answer.ok, answer.text

    def recharge(self, meter_no: str, amount: str = "500") -> str:
        """Press the button; the order's address."""
        address = f"{self.url}/s/greenview/meters/{meter_no}/recharge"
        form = self.browser.get(address, timeout=20)
        typed = {"amount": amount, **_hidden(form.text)}
        answer = self.browser.post(address, data=typed, timeout=20, allow_redirects=False)
        assert answer.status_code == 303, answer.text
        return f"{self.url}{answer.headers['Location']}"

    def order(self, address: str) -> dict[str, Any]:
        answer = self.browser.get(address, headers={"Accept": "application/json"}, timeout=20)
        found: dict[str, Any] = answer.json()
        return found

    def becomes(self, address: str, state: str, within_s: float = 90) -> None:
        until(lambda: self.order(address)["state"] == state, within_s, f"{address} is {state}")

    def calls(self, operation: str) -> int:
        return int(self._simulator("GET", "_world/GV01")["calls"].get(operation, 0))

    def prepaid(self) -> list[str]:
        meters = self._simulator("GET", "_world/GV01")["meters"]
        return [meter_no for meter_no, meter in meters.items() if meter["balance"]]

    def fault(self, operation: str, kind: str, **more: object) -> None:
        self._simulator("POST", "_faults", {"operation": operation, "kind": kind, **more})

    def heal(self) -> None:
        self._simulator("DELETE", "_faults")

    def _simulator(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        address = f"http://127.0.0.1:{self.simulator_port}/{path}"
        answer = requests.request(method, address, json=body, timeout=10)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


def _hidden(page: str) -> dict[str, str]:
    """The form's hidden fields."""
    found = {"csrf_token": _TOKEN.search(page), "client_key": _KEY.search(page)}
    return {name: match[1] for name, match in found.items() if match}
