"""Every command under every HTTP status with every body: what we then know, as one table (reading 2)."""

import json
from typing import Any

import pytest

from webapp.contract.client import MeterServerClient
from webapp.contract.errors import Refused, Unanswered, Unreadable
from webapp.contract.operations import OPERATIONS

from .tiny_server import TinyServer, answer

COMMANDS: dict[str, Any] = {
    "recharge": lambda c: c.recharge("M1", 50_000),
    "start_meter": lambda c: c.start_meter("M1"),
    "stop_meter": lambda c: c.stop_meter("M1"),
    "update_load": lambda c: c.update_load("M1", 5_000, 2_000),
}
ROW = {"unit_no": "A-101", "meter_no": "M1", "status": "STOPPED"}
BODIES: dict[str, object] = {
    "success": {"status": "success", "message": "Done", "data": ROW},
    "SUCCESS": {"Status": " SUCCESS ", "Message": "Done", "Data": ROW},
    "success without data": {"status": "success", "message": "Done", "data": None},
    "waiting": {"status": "waiting", "message": "Queued", "data": ROW},
    "error": {"status": "Error", "message": "Operation Not Successful", "Remarks": " Meter not Accessible"},
    "another word": {"status": "failed", "message": "no", "data": None},
    "both": '{"status": "error", "status": "success", "data": null}',
    "both, spelled apart": {"status": "success", "Status": "error", "data": ROW},
    "no word": {"message": "Internal Server Error"},
    "a number": {"status": 200, "data": ROW},
    "true": {"status": True, "data": ROW},
    "two rows": {"status": "success", "data": [ROW, ROW]},
    "data twice": '{"status": "success", "data": {"meter_no": "M2"}, "data": {"meter_no": "M3"}}',
    "data twice, spelled apart": {"status": "success", "data": ROW, "Data": {**ROW, "meter_no": "M2"}},
    "a list": [ROW],
    "a page": "<html>Please sign in</html>",
    "text": "OK",
    "nothing": "",
    "half": '{"status": "succ',
}
YES, PENDING, NO, UNANSWERED, UNREADABLE = "done", "pending", Refused, Unanswered, Unreadable

SAID: dict[str, Any] = {
    "success": YES,
    "SUCCESS": YES,
    "success without data": YES,
    "waiting": PENDING,
    "error": NO,
    "another word": NO,
}
STATUSES = {
    "ok": ("200 OK", "201 Created", "202 Accepted", "203 Non-Authoritative"),
    "no": ("400 Bad Request", "401 Unauthorized", "404 Not Found", "409 Conflict", "422 No", "429 Slow Down"),
    "unknown": (
        "300 Choose",
        "301 Moved",
        "302 Found",
        "303 Other",
        "307 Again",
        "308 Moved",
        "500 Oops",
        "501 No",
        "502 Bad Gateway",
        "503 Busy",
        "504 Late",
        "599 Late",
    ),
}


def expected(kind: str, body: str) -> Any:
    """A refusal is one under 2xx and 4xx; a yes only under 2xx; and under the rest there is neither."""
    if kind == "unknown":
        return UNANSWERED
    said = SAID.get(body, UNREADABLE)
    return UNREADABLE if kind == "no" and said in (YES, PENDING) else said


TABLE = [
    (status, body, expected(kind, body))
    for kind, all_ in STATUSES.items()
    for status in all_
    for body in BODIES
]


def outcome(client: MeterServerClient, command: str) -> Any:
    try:
        reply = COMMANDS[command](client)
    except (Refused, Unanswered, Unreadable) as failure:
        assert failure.operation == command
        return type(failure)
    return PENDING if reply.pending else YES


def test_the_table_has_every_command() -> None:
    assert set(COMMANDS) == {name for name, operation in OPERATIONS.items() if operation.command}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("status", [status for all_ in STATUSES.values() for status in all_])
def test_a_command_is_done_pending_refused_or_unknown(
    server: TinyServer, client: MeterServerClient, command: str, status: str
) -> None:
    for told, body, what in TABLE:
        if told == status:
            text = BODIES[body]
            location = f"Location: {server.base_url}{command}"
            server.behaviour = answer(text if isinstance(text, str) else json.dumps(text), status, location)
            assert outcome(client, command) == what, body
    assert len(server.asked) == len(BODIES)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_a_reply_that_may_have_no_body_is_no_answer(
    server: TinyServer, client: MeterServerClient, command: str, status: str
) -> None:
    server.behaviour = lambda wire: wire.sendall(f"HTTP/1.1 {status}\r\n\r\n".encode())
    assert outcome(client, command) in (Unanswered, Unreadable)


@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_not_known_says_that_it_may_have_acted(
    server: TinyServer, client: MeterServerClient, command: str
) -> None:
    for status, body in (("500 Oops", "error"), ("302 Found", "success"), ("200 OK", "a page")):
        server.behaviour = answer(BODIES[body], status)
        with pytest.raises((Unanswered, Unreadable), match="It may have acted all the same"):
            COMMANDS[command](client)
