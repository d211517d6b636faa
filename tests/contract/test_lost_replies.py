"""When no whole reply comes: was the request seen, or can it not have been?"""

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from webapp.contract.client import MeterServerClient
from webapp.contract.errors import NotSent, Unanswered, Unreadable
from webapp.contract.packing import LARGEST_REPLY
from webapp.contract.profile import Profile

from .tiny_server import Behaviour, TinyServer, answer

DONE = {"status": "success", "message": "Meter Stopped", "data": {"meter_no": "M1", "status": "STOPPED"}}
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n"


def hurried(base_url: str, timeout_s: float = 0.4) -> MeterServerClient:
    return MeterServerClient(base_url, "GV01", Profile(), timeout_s)


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    start = time.monotonic()
    yield
    assert time.monotonic() - start < seconds


def drip(start: bytes, server: TinyServer) -> Behaviour:
    """Sends ``start``, then a byte at a time, for ever: no time-out of the socket's ever fires."""

    def behaviour(wire: socket.socket) -> None:
        wire.sendall(start)
        while not server.stopped.wait(0.05):
            wire.sendall(b"x")

    return behaviour


def silence(server: TinyServer) -> Behaviour:
    def behaviour(wire: socket.socket) -> None:
        server.stopped.wait(5)

    return behaviour


def reset(wire: socket.socket) -> None:
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def test_a_refused_connection_is_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(NotSent, match=r"could not be reached\. Nothing was sent\."):
        hurried(f"http://127.0.0.1:{port}/").recharge("M1", 100)


def test_a_name_that_is_not_known_is_not_sent() -> None:
    with pytest.raises(NotSent, match="its name is not known"):
        hurried("http://meters.invalid/", timeout_s=10).recharge("M1", 100)


def test_a_connection_that_is_never_made_is_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        with at_most(2), pytest.raises(NotSent, match=r"reached within 0\.4 seconds"):
            hurried(f"http://127.0.0.1:{full.getsockname()[1]}/").recharge("M1", 100)
        for one in waiting:
            one.close()


def test_a_handshake_without_end_is_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, at_most(2), pytest.raises(NotSent):
        hurried(f"https://127.0.0.1:{silent.getsockname()[1]}/").recharge("M1", 100)


def test_a_server_without_tls_is_not_sent(server: TinyServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as plain:
        rude = threading.Thread(target=_answer_plainly, args=(plain,))
        rude.start()
        with pytest.raises(NotSent, match="no secure connection"):
            hurried(f"https://127.0.0.1:{plain.getsockname()[1]}/", 5).recharge("M1", 100)
        rude.join()


def _answer_plainly(listener: socket.socket) -> None:
    wire, _ = listener.accept()
    with wire:
        wire.recv(1000)
        wire.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


@pytest.mark.parametrize(
    "base_url", ["", "meters.example/", "ftp://x.example/", "http://", "http://[::1/", "http://a:b:c/"]
)
def test_an_address_that_is_none_is_not_sent(base_url: str) -> None:
    with pytest.raises(NotSent):
        hurried(base_url).recharge("M1", 100)


def test_an_input_that_cannot_be_written_is_not_sent(server: TinyServer) -> None:
    with pytest.raises(NotSent):
        hurried(server.base_url).recharge("\ud800", 100)
    assert server.asked == []


def test_a_lost_reply_leaves_the_command_unanswered(server: TinyServer) -> None:
    server.behaviour = lambda wire: None
    with pytest.raises(Unanswered, match=r"broke before.*It may have acted all the same\."):
        hurried(server.base_url, 5).recharge("M1", 100)
    assert len(server.asked) == 1


def test_a_reset_leaves_the_command_unanswered(server: TinyServer) -> None:
    server.behaviour = reset
    with pytest.raises(Unanswered):
        hurried(server.base_url, 5).recharge("M1", 100)
    assert len(server.asked) == 1


def test_a_silent_server_is_given_up_in_time(server: TinyServer) -> None:
    server.behaviour = silence(server)
    with at_most(2), pytest.raises(Unanswered, match=r"did not answer within 0\.4 seconds"):
        hurried(server.base_url).recharge("M1", 100)


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nX-Slow: ", HEAD + b"\r\n"])
def test_a_dripping_server_is_cut_off_in_time(server: TinyServer, start: bytes) -> None:
    server.behaviour = drip(start, server)
    with at_most(2), pytest.raises(Unanswered, match="did not answer within"):
        hurried(server.base_url).recharge("M1", 100)


@pytest.mark.parametrize("call", ["latest_readings", "recharge"])
@pytest.mark.parametrize("reply", [HEAD + b'\r\n{"status"', b"SSH-2.0-OpenSSH_9\r\n", HEAD])
def test_half_a_reply_is_no_answer(server: TinyServer, reply: bytes, call: str) -> None:
    server.behaviour = lambda wire: wire.sendall(reply)
    with pytest.raises(Unanswered):
        client = hurried(server.base_url, 5)
        client.recharge("M1", 100) if call == "recharge" else client.latest_readings()
    assert len(server.asked) == 1


def test_an_idle_connection_that_the_server_closed_costs_no_command(
    server: TinyServer, client: MeterServerClient
) -> None:
    server.behaviour = answer(DONE, "200 OK", "Connection: keep-alive", "Keep-Alive: timeout=60")
    assert client.stop_meter("M1").meter_no == "M1"
    assert client.stop_meter("M1").meter_no == "M1"
    assert [asked.headers["connection"] for asked in server.asked] == ["close", "close"]


def test_a_reply_without_end_is_cut_at_the_cap(server: TinyServer, client: MeterServerClient) -> None:
    body = b" " * (LARGEST_REPLY + 1)
    server.behaviour = answer(body)
    with pytest.raises(Unreadable, match="too large"):
        client.latest_readings()


def test_no_secret_is_in_an_error(server: TinyServer) -> None:
    auth = {"kind": "query", "name": "key", "secret_env": "KEY"}
    profile = Profile.from_mapping({"auth": auth})
    server.behaviour = lambda wire: None
    for base_url in (server.base_url, "http://gv:s3cret@127.0.0.1:1/", "s3cret://"):
        with pytest.raises((NotSent, Unanswered)) as failure:
            MeterServerClient(base_url, "GV01", profile, 5, {"KEY": "s3cret"}).dg_status("DG1")
        assert "s3cret" not in str(failure.value) and failure.value.__suppress_context__
