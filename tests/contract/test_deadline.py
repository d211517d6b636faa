"""The deadline bounds the moment in which a request may begin to leave, not only the wait for its reply."""

import socket
import threading

import pytest

from webapp.contract import attempt
from webapp.contract.attempt import Attempt, GivenUp, ticks
from webapp.contract.client import MeterServerClient
from webapp.contract.errors import NotSent

from .tiny_server import TinyServer


def test_nothing_leaves_after_the_deadline_though_nobody_gave_up() -> None:
    late = Attempt(leave_by=ticks() - 0.001)
    with pytest.raises(GivenUp):
        late.departing()
    assert not late.may_have_left and not late.is_given_up


def test_a_request_in_time_may_leave() -> None:
    in_time = Attempt(leave_by=ticks() + 60)
    in_time.departing()
    assert in_time.may_have_left


def test_a_command_frozen_while_it_connects_is_not_sent_when_it_wakes(
    server: TinyServer, client: MeterServerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stands for SIGSTOP or a closed lid between connecting and sending: time goes on, no timer fires."""
    connected, asleep = threading.Event(), attempt.ticks

    def connect(self: Attempt, wire: socket.socket) -> None:
        monkeypatch.setattr(attempt, "ticks", lambda: asleep() + 3600)
        connected.set()

    monkeypatch.setattr(Attempt, "connected", connect)
    with pytest.raises(NotSent, match=r"within .* seconds. Nothing was sent"):
        client.recharge("M1", 100)
    assert connected.is_set() and server.asked == []
