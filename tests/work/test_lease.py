"""One clock at a time: who holds the lease, and how the next one gets it."""

import os
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from flask import Flask

from webapp.work import lease

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
AFTER = NOW + timedelta(seconds=lease.LEASE_S + 1)
HERE, THERE = "elsewhere|1|run|a", "elsewhere|2|run|b"  # on another machine, so never known to be dead


@pytest.fixture(autouse=True)
def in_context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def dead_holder() -> str:
    gone = subprocess.Popen(["true"])
    gone.wait()
    return f"{socket.gethostname()}|{gone.pid}|run|a"


def test_only_one_holds_it() -> None:
    assert lease.hold("clock", HERE, NOW) == 1
    assert lease.hold("clock", THERE, NOW) is None
    assert lease.hold("another thing", THERE, NOW) == 1


def test_a_renewed_lease_keeps_its_epoch_and_lasts() -> None:
    lease.hold("clock", HERE, NOW)
    later = NOW + timedelta(seconds=10)
    assert lease.hold("clock", HERE, later) == 1
    assert lease.is_held("clock", 1, AFTER)
    assert lease.hold("clock", THERE, AFTER) is None


def test_an_expired_lease_is_taken_and_the_old_holder_can_tell() -> None:
    lease.hold("clock", HERE, NOW)
    assert lease.hold("clock", THERE, AFTER) == 2
    assert not lease.is_held("clock", 1, AFTER)
    assert lease.is_held("clock", 2, AFTER)
    assert lease.hold("clock", HERE, AFTER) is None


def test_an_expired_lease_is_not_held_even_while_nobody_took_it() -> None:
    lease.hold("clock", HERE, NOW)
    assert not lease.is_held("clock", 1, AFTER)
    assert not lease.is_held("never taken", 1, NOW)


def test_a_dead_holder_is_not_waited_for() -> None:
    assert lease.hold("clock", dead_holder(), NOW) == 1
    assert lease.hold("clock", THERE, NOW) == 2


def test_a_released_lease_is_free_at_once_and_only_its_holder_releases_it() -> None:
    lease.hold("clock", HERE, NOW)
    lease.release("clock", THERE, NOW)
    assert lease.hold("clock", THERE, NOW) is None
    lease.release("clock", HERE, NOW)
    assert lease.hold("clock", THERE, NOW) == 2


@pytest.mark.parametrize("held_before", [False, True])
def test_of_eight_that_want_it_at_once_one_gets_it(app: Flask, held_before: bool) -> None:
    if held_before:
        lease.hold("clock", HERE, NOW - timedelta(days=1))
    ready = Barrier(8)

    def want(number: int) -> int | None:
        with app.app_context():
            ready.wait()
            return lease.hold("clock", f"elsewhere|{number}|run|c", NOW)

    with ThreadPoolExecutor(8) as wanting:
        epochs = [epoch for epoch in wanting.map(want, range(8)) if epoch is not None]
    assert epochs == [2 if held_before else 1]


def test_who_is_dead_is_said_only_where_it_is_sure() -> None:
    host, pid, run, more = lease.new_holder().split("|")
    assert lease.is_dead(dead_holder())
    assert lease.is_dead(f"{host}|{pid}|an earlier run|{more}")
    alive = [f"{host}|{pid}|{run}|{more}", f"{host}|{os.getppid()}|run|a", f"elsewhere|{pid}|run|a"]
    nonsense = ["", "nobody", f"{host}|", f"{host}|x|run|a", f"{host}|-1|run|a"]
    assert not [holder for holder in alive + nonsense if lease.is_dead(holder)]


def test_every_name_is_another_though_the_process_is_the_same() -> None:
    assert lease.new_holder() != lease.new_holder()
