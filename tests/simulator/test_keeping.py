"""What people changed outlives a restart and a kill."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path

import pytest

from webapp.simulator.server import SimulatorServer
from webapp.simulator.state import SimulatorState

from .calling import A_101, Body, Caller, Clock


def test_a_restart_forgets_nothing(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "simulator.db"
    with SimulatorServer(port=0, state_path=path, clock=clock) as server:
        caller = Caller(server)
        caller.order("recharge", amount="500")
        caller.order("stop-meter", meter_no="M000104")
        caller.order("update-load", load_dg="1", load_grid="4")
        caller.force("DG2", "ON")
        clock.now += 3_600
        before = caller.world()
    with SimulatorServer(port=0, state_path=path, clock=clock) as server:
        assert Caller(server).world() == before


def test_a_queued_recharge_is_credited_after_a_restart(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "simulator.db"
    with SimulatorServer(port=0, state_path=path, clock=clock) as server:
        before = float(Caller(server).balance())
        Caller(server).fault("recharge", "queue", seconds=60)
        transaction_id = Caller(server).order("recharge", amount="500")["data"]["transaction_id"]
    clock.now += 61
    with SimulatorServer(port=0, state_path=path, clock=clock) as server:
        assert float(Caller(server).balance()) > before + 498
        assert Caller(server).ask("recharge-status", transaction_id=transaction_id)["status"] == "success"


def test_a_kill_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    path = tmp_path / "simulator.db"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "webapp.simulator", "--port", str(port), "--state", str(path)]
    with subprocess.Popen(command) as process:
        caller = Caller(SimulatorServer(port=port))
        transaction_id = first_answer(caller)["data"]["transaction_id"]
        os.kill(process.pid, signal.SIGKILL)
    with contextlib.closing(SimulatorState(path)) as kept:
        credit = kept.credit("GV01", transaction_id)
        assert credit is not None
        assert (credit.amount_paise, credit.credited) == (50_000, True)
        assert kept.calls("GV01") == {"recharge": 1}
        assert [row.meter_no for row in kept.checkpoints("GV01")] == [A_101]


def first_answer(caller: Caller) -> Body:
    while True:
        with contextlib.suppress(ConnectionRefusedError):
            return caller.order("recharge", amount="500")
        time.sleep(0.05)


def test_the_box_listens_on_this_machine_only() -> None:
    with pytest.raises(ValueError, match="this machine only"):
        SimulatorServer(host="0.0.0.0")  # noqa: S104


def test_a_taken_port_leaves_the_state_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "simulator.db"
    with SimulatorServer(port=0) as server, pytest.raises(OSError, match="in use"):
        SimulatorServer(port=server.port, state_path=path).start()
    assert not path.exists()


def test_stopping_does_not_wait_for_callers_who_keep_their_connection() -> None:
    with SimulatorServer(port=0) as server:
        idle = HTTPConnection(server.host, server.port)
        idle.request("GET", "/dg-status?site_id=GV01&dg_number=DG1")
        idle.getresponse().read()
    with contextlib.closing(idle):
        assert idle.sock.recv(1) == b""
