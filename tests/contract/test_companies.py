"""Any meter company: every operation under every spelling, encoding and authentication a profile can have."""

import json
from typing import Any

import pytest

from webapp.contract.client import MeterServerClient
from webapp.contract.errors import NotSent, Refused
from webapp.contract.operations import OPERATIONS
from webapp.contract.profile import Profile
from webapp.contract.replies import Supply

from .calls import CALLBACK, CALLS
from .tiny_server import Asked, TinyServer, answer

SECRET = "s3cret & ₹"
SECRETS = {"KEY": SECRET}
ENCODINGS = ("form", "json", "query")
AUTHS: dict[str, dict[str, str]] = {
    "none": {"kind": "none"},
    "header": {"kind": "header", "name": "X-Key", "secret_env": "KEY"},
    "query": {"kind": "query", "name": "key", "secret_env": "KEY"},
    "basic": {"kind": "basic", "username": "greenview", "secret_env": "KEY"},
    "bearer": {"kind": "bearer", "secret_env": "KEY"},
}
POSTS = [name for name, operation in OPERATIONS.items() if operation.method == "POST"]


def client_of(server: TinyServer, profile: dict[str, Any]) -> MeterServerClient:
    return MeterServerClient(server.base_url, "GV 01", Profile.from_mapping(profile), 5, SECRETS)


def asked(server: TinyServer, name: str, profile: dict[str, Any]) -> Asked:
    """What the server saw of the operation; it refuses everything."""
    with pytest.raises(Refused):
        CALLS[name](client_of(server, profile))
    return server.asked[-1]


def inputs(seen: Asked, encoding: str) -> dict[str, str]:
    if seen.method == "GET" or encoding == "query":
        assert seen.body == b""
        return seen.query
    found: dict[str, str] = json.loads(seen.body) if encoding == "json" else seen.form
    return found


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("name", CALLS)
def test_every_input_takes_the_companys_name(server: TinyServer, name: str, encoding: str) -> None:
    params = {our: f"their {our}" for our in OPERATIONS[name].params}
    ours = inputs(asked(server, name, {"encoding": encoding}), encoding)
    profile = {"encoding": encoding, "operations": {name: {"path": "do/it.php", "params": params}}}
    seen = asked(server, name, profile)
    assert (seen.method, seen.path) == (OPERATIONS[name].method, "/api/do/it.php")
    assert inputs(seen, encoding) == {params[our]: value for our, value in ours.items()}
    assert set(ours) == set(OPERATIONS[name].params)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_an_address_for_callbacks_arrives_as_it_is(server: TinyServer, encoding: str) -> None:
    seen = asked(server, "dg_sensing", {"encoding": encoding})
    assert inputs(seen, encoding) == {"site_id": "GV 01", "dg_number": "DG1", "url": CALLBACK}


@pytest.mark.parametrize("kind", AUTHS)
@pytest.mark.parametrize("name", CALLS)
def test_every_operation_is_asked_with_the_secret(server: TinyServer, name: str, kind: str) -> None:
    seen = asked(server, name, {"auth": AUTHS[kind]})
    assert seen.query.pop("key", None) == (SECRET if kind == "query" else None)
    assert seen.headers.get("x-key") == (SECRET if kind == "header" else None)
    scheme = seen.headers.get("authorization", "").partition(" ")[0]
    assert scheme == {"basic": "Basic", "bearer": "Bearer"}.get(kind, "")
    assert set(inputs(seen, "form")) == set(OPERATIONS[name].params)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_secret_in_the_query_is_never_in_the_body(server: TinyServer, encoding: str) -> None:
    for name in POSTS:
        seen = asked(server, name, {"encoding": encoding, "auth": AUTHS["query"]})
        assert seen.query["key"] == SECRET and b"s3cret" not in seen.body


@pytest.mark.parametrize("name", CALLS)
def test_an_operation_that_is_off_is_never_sent(server: TinyServer, name: str) -> None:
    client = client_of(server, {"operations": {name: False}})
    with pytest.raises(NotSent, match=f"does not offer “{name.replace('_', ' ')}”"):
        CALLS[name](client)
    assert server.asked == []
    assert asked(server, name, {"operations": {name: True}}).path == f"/api/{OPERATIONS[name].path}"


ROW: dict[str, str] = {
    "unit_no": "A-101",
    "meter_no": "M1",
    "dg": "12.50",
    "grid": "4312.75",
    "date_time": "2026-11-22 10:00:00",
    "datetime": "2026-11-22 10:00:00",
    "balance": "412.50",
    "status": "ON",
    "amount": "500",
    "transaction_id": "T1",
    "token": "1234",
    "remarks": "",
    "dg_no": "DG1",
    "reading": "812.25",
    "url": CALLBACK,
    "fuel_balance": "61.25",
    "meter_change_date": "2026-11-21",
    "reading_start_date": "2026-11-21",
    "old_meter_no": "M0",
    "new_meter_no": "M1",
}


def said(server: TinyServer, name: str, spelled: dict[str, str]) -> Any:
    """The reply to a row of the operation's fields under the company's names."""
    row = {spelled.get(our, our): ROW.get(our, "1.5") for our in OPERATIONS[name].fields}
    data = [row] if name in ("latest_readings", "meter_changes") else row
    server.behaviour = answer({"status": "success", "message": "", "count": "1", "data": data})
    return CALLS[name](client_of(server, {"operations": {name: {"fields": spelled}}}))


@pytest.mark.parametrize("name", CALLS)
def test_every_field_is_read_under_the_companys_name(server: TinyServer, name: str) -> None:
    fields = {our: f"x_{our}" for our in OPERATIONS[name].fields if our != "remarks"}
    assert said(server, name, fields) == said(server, name, {})
    assert said(server, name, {}).deviations == ()


@pytest.mark.parametrize("name", CALLS)
def test_names_may_change_places(server: TinyServer, name: str) -> None:
    fields = [our for our in OPERATIONS[name].fields if our != "remarks"]
    turned = dict(zip(fields, [*fields[1:], fields[0]], strict=True))
    assert said(server, name, turned) == said(server, name, {})


def test_the_zone_and_the_units_are_the_companys(server: TinyServer) -> None:
    server.behaviour = answer({"status": "success", "data": ROW})
    profile = {"timezone": "Asia/Kathmandu", "fuel_unit": "percent", "load_unit": "W"}
    client = client_of(server, profile)
    fuel = client.dg_fuel("DG1")
    assert (fuel.fuel_ml, fuel.fuel_percent_hundredths) == (None, 6_125)
    assert fuel.read_at is not None and fuel.read_at.strftime("%H:%M") == "04:15"
    assert client.meter_status("M1").supply is Supply.ON
    client.update_load("M1", 5_500, 0)
    assert (server.asked[-1].form["load_grid"], server.asked[-1].form["load_dg"]) == ("5500", "0")
