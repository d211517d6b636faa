"""A hostile reply costs bounded time and memory, and is never taken for an answer."""

import gzip
import json
import socket
import time
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from webapp.contract.client import MeterServerClient
from webapp.contract.errors import MeterServerError, Refused, Unanswered, Unreadable
from webapp.contract.packing import LARGEST_REPLY
from webapp.contract.parsing import SLOW_BYTES
from webapp.contract.profile import Profile
from webapp.contract.replies import Supply

from .tiny_server import Behaviour, TinyServer, answer

MOST_MEMORY = 256 * 1024 * 1024
TIMEOUT_S = 3
SUPPLY = json.dumps({"status": "success", "data": {"meter_no": "M1", "status": "On"}}).encode()
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
PIECE = 64 * 1024


@pytest.fixture
def client(server: TinyServer) -> MeterServerClient:
    return MeterServerClient(server.base_url, "GV01", Profile(), TIMEOUT_S)


@contextmanager
def bounded() -> Iterator[None]:
    tracemalloc.start()  # which makes all slower, as does whatever else this machine is at
    start = time.process_time()
    try:
        yield
        assert time.process_time() - start < TIMEOUT_S + 12
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    finally:
        tracemalloc.stop()


def flood(start: bytes, piece: bytes) -> Behaviour:
    """Sends ``start``, then ``piece`` as fast as it is taken, until the other side hangs up."""
    many = piece * (PIECE // len(piece))

    def behaviour(wire: socket.socket) -> None:
        wire.sendall(start)
        with suppress(OSError):
            while True:
                wire.sendall(many)

    return behaviour


FLOODS = {
    "a body without end": (b"HTTP/1.1 200 OK\r\n\r\n", b" "),
    "chunks without end": (CHUNKED, b"4\r\n    \r\n"),
    "a chunk of less than nothing": (CHUNKED + b"-1\r\n", b" "),
    "a chunk size without end": (CHUNKED, b"1"),
    "a chunk extension without end": (CHUNKED + b"1;", b"x"),
    "a trailer without end": (CHUNKED + b"0\r\n", b"x"),
    "trailers without end": (CHUNKED + b"0\r\n", b"x: y\r\n"),
    "a status line without end": (b"", b"H"),
    "headers without end": (b"HTTP/1.1 200 OK\r\n", b"X-More: x\r\n"),
    "a header without end": (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
    "going on without end": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
}


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_is_cut_off(server: TinyServer, client: MeterServerClient, name: str) -> None:
    server.behaviour = flood(*FLOODS[name])
    with bounded(), pytest.raises((Unanswered, Unreadable)):
        client.recharge("M1", 100)
    assert len(server.asked) == 1


def filled(piece: str, size: int = LARGEST_REPLY - 1000) -> str:
    return '{"status":"success","data":[' + (piece * (size // len(piece))).rstrip(",") + "]}"


GREEDY = {
    "empty lists": lambda: filled("[],"),
    "empty objects": lambda: filled("{},"),
    "numbers": lambda: filled("1.5,"),
    "lists in lists": lambda: "[" * 20_000_000,
    "quotes that must be repaired": lambda: filled('"', 8_000_000),
    "comments that never end": lambda: filled("/*", 8_000_000),
    "commas that trail far": lambda: filled("," + " " * 1000, 8_000_000),
    "noughts": lambda: filled("0", 8_000_000),
}


@pytest.mark.parametrize("name", GREEDY)
def test_a_reply_that_would_grow_is_given_up(
    server: TinyServer, client: MeterServerClient, name: str
) -> None:
    server.behaviour = answer(GREEDY[name]())
    with bounded(), suppress(MeterServerError):
        assert client.latest_readings().rows == []


def test_the_slowest_reader_reads_little(server: TinyServer, client: MeterServerClient) -> None:
    server.behaviour = answer("{a:[" + "1," * (SLOW_BYTES // 2 - 3))
    start = time.process_time()
    with pytest.raises(Unreadable):
        client.latest_readings()
    assert time.process_time() - start < 10


def bomb(layers: int) -> bytes:
    packed = b" " * (4 * LARGEST_REPLY)
    for _ in range(layers):
        packed = gzip.compress(packed, mtime=0)
    return packed


@pytest.mark.parametrize("layers", [1, 2])
def test_a_bomb_does_not_go_off(server: TinyServer, client: MeterServerClient, layers: int) -> None:
    server.behaviour = answer(bomb(layers), "200 OK", "Content-Encoding: " + ", ".join(["gzip"] * layers))
    with bounded(), pytest.raises(Unreadable):
        client.recharge("M1", 100)


LIES: list[tuple[str, bytes]] = [
    ("gzip", SUPPLY),
    ("deflate", SUPPLY),
    ("deflate", b"\n " + SUPPLY),
    ("br", SUPPLY),
    ("zstd", SUPPLY),
    ("identity", gzip.compress(SUPPLY, mtime=0)),
    ("deflate", gzip.compress(SUPPLY, mtime=0)),
    ("utf-8", SUPPLY),
]


@pytest.mark.parametrize(("coding", "body"), LIES)
def test_a_lie_about_packing_is_seen_through(
    server: TinyServer, client: MeterServerClient, coding: str, body: bytes
) -> None:
    server.behaviour = answer(body, "200 OK", f"Content-Encoding: {coding}")
    assert client.meter_status("M1").supply is Supply.ON


def test_gzip_without_a_header_is_seen_through(server: TinyServer, client: MeterServerClient) -> None:
    server.behaviour = answer(gzip.compress(SUPPLY, mtime=0))
    assert client.meter_status("M1").supply is Supply.ON


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress(SUPPLY, mtime=0)[:-6]),
        ("deflate", zlib.compress(SUPPLY)[:-3]),
        ("gzip", b"\x1f\x8b" + SUPPLY),
        ("br", b"\x0b\x02\x80{}\x03"),
    ],
)
def test_what_is_cut_off_or_cannot_be_unpacked_is_no_answer(
    server: TinyServer, client: MeterServerClient, coding: str, packed: bytes
) -> None:
    server.behaviour = answer(packed, "200 OK", f"Content-Encoding: {coding}")
    with pytest.raises(Unreadable):
        client.meter_status("M1")


def raw(head: bytes, body: bytes) -> Behaviour:
    return lambda wire: wire.sendall(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n" + body)


LENGTHS: list[tuple[bytes, bytes, type[Exception] | None]] = [
    (b"Content-Length: 10000", SUPPLY, Unanswered),
    (b"Content-Length: 10", SUPPLY, Unreadable),
    (b"Content-Length: 0", SUPPLY, Unreadable),
    (b"Content-Length: -1", SUPPLY, None),
    (b"Content-Length: many", SUPPLY, None),
    (b"Content-Length: 10\r\nContent-Length: 20", SUPPLY, Unanswered),
    (b"Content-Length: 99999999999999999999999999", SUPPLY, Unanswered),
    (b"Transfer-Encoding: chunked", SUPPLY, Unanswered),
    (b"Transfer-Encoding: chunked", b"%x\r\n%s\r\n" % (len(SUPPLY), SUPPLY), Unanswered),
    (b"Transfer-Encoding: chunked", b"%x\r\n%s\r\n0\r\n\r\n" % (len(SUPPLY), SUPPLY), None),
    (b"Transfer-Encoding: chunked", b"ffffffffffffffff\r\n" + SUPPLY, Unanswered),
    (b"Connection: close", SUPPLY, None),
]


@pytest.mark.parametrize(("head", "body", "error"), LENGTHS)
def test_a_reply_is_whole_or_no_answer(
    server: TinyServer, client: MeterServerClient, head: bytes, body: bytes, error: Any
) -> None:
    server.behaviour = raw(head, body)
    if error is None:
        assert client.stop_meter("M1").supply is Supply.ON
    else:
        with pytest.raises(error):
            client.stop_meter("M1")


def test_a_redirect_is_followed_nowhere(server: TinyServer, client: MeterServerClient) -> None:
    refusal = json.dumps({"status": "error", "message": "no"}).encode()
    for status in ("301 Moved", "303 See", "308 Moved"):
        server.behaviour = answer(refusal, status, f"Location: {server.base_url}login")
        with pytest.raises((Unanswered, Unreadable)) as failure:
            client.stop_meter("M1")
        assert not isinstance(failure.value, Refused)
    assert len(server.asked) == 3
