"""Whatever a server sends, there is a typed reply or one of the four errors, and blank is never zero."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from webapp.contract.client import MeterServerClient
from webapp.contract.errors import NotSent, Refused, Unanswered, Unreadable
from webapp.contract.operations import OPERATIONS
from webapp.contract.profile import Profile
from webapp.quantities import LARGEST

from .calls import CALLS
from .tiny_server import TinyServer, answer

FIELDS = sorted({field for operation in OPERATIONS.values() for field in operation.fields})
ODD = [
    "",
    " ",
    "N/A",
    "1,2",
    "0",
    "-1",
    "On",
    "NaN",
    "²",
    "1e99",
    "2026-11-22 10:00:00",
    "0001-01-01",
    "\ud800",
]
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=[]), max_size=80)
    | st.sampled_from([*ODD, 10**25, 10**4000])
)
KEYS = st.sampled_from([*FIELDS, *(field.title().replace("_", " ") for field in FIELDS), "remarks"])
ROWS = st.dictionaries(KEYS | st.text(max_size=5), SCALARS, max_size=12)
DATA = SCALARS | ROWS | st.lists(ROWS | SCALARS, max_size=4) | st.recursive(SCALARS, st.lists, max_leaves=5)
REPLIES = st.fixed_dictionaries(
    {"status": st.sampled_from(["success", "Success", "waiting", "error"]) | SCALARS, "data": DATA},
    optional={"message": SCALARS, "Remarks": DATA, "count": SCALARS},
)
HTTP = st.sampled_from(["200 OK"] * 6 + ["201 Created", "302 Found", "404 Not Found", "500 Oops"])


@pytest.fixture(scope="module")
def server() -> Iterator[TinyServer]:
    with TinyServer() as running:
        yield running


@pytest.fixture(scope="module")
def client(server: TinyServer) -> MeterServerClient:
    return MeterServerClient(server.base_url, "GV01", Profile(), timeout_s=20)


def outcome(client: MeterServerClient, name: str) -> Any:
    """The reply as plain objects, or None for one of the four errors. Anything else goes through."""
    try:
        reply = CALLS[name](client)
    except (NotSent, Unanswered, Refused, Unreadable) as failure:
        assert str(failure).endswith((".", "…")) and len(failure.words) <= 300
        f"{failure}{failure.words}".encode()
        return None
    # Through JSON, as the database and the page will want it; a sentence of ours is its English there.
    return msgspec.json.decode(msgspec.json.encode(reply, enc_hook=str.__str__))


def numbers(reply: object) -> list[int]:
    if isinstance(reply, dict):
        return [number for value in reply.values() for number in numbers(value)]
    if isinstance(reply, list):
        return [number for value in reply for number in numbers(value)]
    return [reply] if isinstance(reply, int) and not isinstance(reply, bool) else []


@pytest.mark.parametrize("name", CALLS)
@given(reply=REPLIES, status=HTTP)
@example(reply={"status": "success", "data": "\ud800"}, status="200 OK")
@settings(max_examples=60, deadline=None)
def test_any_json_is_a_reply_or_an_error(
    server: TinyServer, client: MeterServerClient, name: str, reply: object, status: str
) -> None:
    server.behaviour = answer(json.dumps(reply), status)
    read = outcome(client, name)
    assert all(abs(number) <= LARGEST for number in numbers(read))


@given(data=st.data())
@settings(max_examples=200, deadline=None)
def test_any_damage_to_a_good_reply_is_survived(
    server: TinyServer, client: MeterServerClient, recorded: Path, data: st.DataObject
) -> None:
    kind = data.draw(st.sampled_from(sorted(path.name for path in recorded.iterdir())))
    body = bytearray((recorded / kind).read_bytes())
    for _ in range(data.draw(st.integers(0, 4))):
        start = data.draw(st.integers(0, len(body)))
        body[start : start + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=6))
    server.behaviour = answer(bytes(body))
    outcome(client, data.draw(st.sampled_from(sorted(CALLS))))


@given(body=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: "{" + text))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_survived(server: TinyServer, client: MeterServerClient, body: bytes | str) -> None:
    server.behaviour = answer(body)
    assert outcome(client, "recharge") is None or b"success" in (
        body if isinstance(body, bytes) else body.encode()
    )


@given(rows=st.lists(st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(["", "  ", "\t", None]))))
@settings(max_examples=60, deadline=None)
def test_no_blank_is_ever_a_number(
    server: TinyServer, client: MeterServerClient, rows: list[dict[str, str | None]]
) -> None:
    named = [row | {"meter_no": "M1", "old_meter_no": "M1", "dg_no": "DG1"} for row in rows]
    for name in CALLS:
        listed = name in ("latest_readings", "meter_changes")
        server.behaviour = answer({"status": "success", "data": named if listed else (named or [{}])[0]})
        assert numbers(outcome(client, name)) == []


@given(number=st.decimals(-(10**9), 10**9, allow_nan=False, places=3))
@settings(max_examples=100, deadline=None)
def test_both_roads_read_the_same_number(
    server: TinyServer, client: MeterServerClient, number: object
) -> None:
    row = dict.fromkeys(OPERATIONS["latest_readings"].fields, str(number)) | {"meter_no": "M1"}
    server.behaviour = answer({"status": "success", "message": "", "count": "1", "data": [row]})
    fast = outcome(client, "latest_readings")
    server.behaviour = answer({"Status": "success", "message": "", "count": "1", "data": [row]})
    assert outcome(client, "latest_readings")["rows"] == fast["rows"]
