"""What goes over the wire: the contract's inputs in the company's spelling."""

import base64
import json
from datetime import date
from typing import Any

import pytest

from webapp.contract.client import MeterServerClient
from webapp.contract.errors import NotSent, Refused
from webapp.contract.profile import Profile

from .tiny_server import Asked, TinyServer

DONE = {"status": "success", "message": "", "data": {"meter_no": "M1"}}
SECRETS = {"KEY": "s3cret ₹"}


def asked(server: TinyServer, call: Any, profile: dict[str, Any] | None = None) -> Asked:
    """What the server saw of one call, whatever it answered."""
    spelled = Profile.from_mapping(profile or {})
    client = MeterServerClient(server.base_url, "GV01", spelled, 5, SECRETS)
    with client, pytest.raises(Refused):
        call(client)
    return server.asked[-1]


CALLS: list[tuple[str, str, Any, dict[str, str]]] = [
    ("GET", "latest-readings", lambda c: c.latest_readings(), {"site_id": "GV01"}),
    ("GET", "meter-reading", lambda c: c.meter_reading("M1"), {"meter_no": "M1"}),
    (
        "POST",
        "recharge",
        lambda c: c.recharge("M1", 50_000),
        {"site_id": "GV01", "meter_no": "M1", "amount": "500"},
    ),
    (
        "GET",
        "recharge-status",
        lambda c: c.recharge_status("T 1&2"),
        {"site_id": "GV01", "transaction_id": "T 1&2"},
    ),
    (
        "GET",
        "meter-changes",
        lambda c: c.meter_changes(date(2026, 1, 2), date(2026, 11, 22)),
        {"site_id": "GV01", "from_date": "2026-01-02", "to_date": "2026-11-22"},
    ),
    ("POST", "start-meter", lambda c: c.start_meter("M1"), {"site_id": "GV01", "meter_no": "M1"}),
    ("POST", "stop-meter", lambda c: c.stop_meter("M1"), {"site_id": "GV01", "meter_no": "M1"}),
    ("GET", "meter-status", lambda c: c.meter_status("M1"), {"site_id": "GV01", "meter_no": "M1"}),
    (
        "POST",
        "update-load",
        lambda c: c.update_load("M1", load_grid_w=5_500, load_dg_w=2_000),
        {"site_id": "GV01", "meter_no": "M1", "load_dg": "2", "load_grid": "5.5"},
    ),
    ("GET", "dg-reading", lambda c: c.dg_reading("DG1"), {"site_id": "GV01", "dg_number": "DG1"}),
    (
        "POST",
        "dg-sensing",
        lambda c: c.dg_sensing("DG1", "https://x.example/h?a=1"),
        {"site_id": "GV01", "dg_number": "DG1", "url": "https://x.example/h?a=1"},
    ),
    ("GET", "dg-status", lambda c: c.dg_status("DG1"), {"site_id": "GV01", "dg_number": "DG1"}),
    ("GET", "dg-fuel", lambda c: c.dg_fuel("DG1"), {"site_id": "GV01", "dg_number": "DG1"}),
]


@pytest.mark.parametrize(("method", "path", "call", "inputs"), CALLS)
def test_an_operation_asks_by_the_contract(
    server: TinyServer, method: str, path: str, call: Any, inputs: dict[str, str]
) -> None:
    seen = asked(server, call)
    assert (seen.method, seen.path) == (method, f"/api/{path}")
    assert (seen.query if method == "GET" else seen.form) == inputs


def test_paise_are_sent_where_there_are_any(server: TinyServer) -> None:
    assert asked(server, lambda c: c.recharge("M1", 50_050)).form["amount"] == "500.50"


def test_loads_are_sent_in_the_profiles_unit(server: TinyServer) -> None:
    seen = asked(server, lambda c: c.update_load("M1", 5_500, 10_000), {"load_unit": "W"})
    assert (seen.form["load_grid"], seen.form["load_dg"]) == ("5500", "10000")
    assert asked(server, lambda c: c.update_load("M1", 5_500, 10_000)).form["load_dg"] == "10"


def test_a_json_company_gets_json(server: TinyServer) -> None:
    seen = asked(server, lambda c: c.stop_meter("M1"), {"encoding": "json"})
    assert json.loads(seen.body) == {"site_id": "GV01", "meter_no": "M1"}
    assert seen.headers["content-type"] == "application/json"


def test_a_query_company_gets_a_post_without_a_body(server: TinyServer) -> None:
    seen = asked(server, lambda c: c.stop_meter("M1"), {"encoding": "query"})
    assert (seen.method, seen.body) == ("POST", b"")
    assert seen.query == {"site_id": "GV01", "meter_no": "M1"}


def test_path_and_inputs_take_the_companys_names(server: TinyServer) -> None:
    spelled = {"path": "/Get.php?op=status", "params": {"site_id": "siteid", "meter_no": "Meter"}}
    seen = asked(server, lambda c: c.meter_status("M1"), {"operations": {"meter_status": spelled}})
    assert seen.path == "/api/Get.php"
    assert seen.query == {"op": "status", "siteid": "GV01", "Meter": "M1"}


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        ({"kind": "header", "name": "X-Key", "secret_env": "KEY"}, "x-key", "s3cret ₹"),
        ({"kind": "bearer", "secret_env": "KEY"}, "authorization", "Bearer s3cret ₹"),
        (
            {"kind": "basic", "username": "gv", "secret_env": "KEY"},
            "authorization",
            "Basic " + base64.b64encode("gv:s3cret ₹".encode()).decode(),
        ),
    ],
)
def test_the_secret_travels_as_the_company_wants(
    server: TinyServer, auth: dict[str, str], header: str, value: str
) -> None:
    assert asked(server, lambda c: c.dg_status("DG1"), {"auth": auth}).headers[header] == value


def test_a_secret_in_the_query_is_there_for_a_post_too(server: TinyServer) -> None:
    auth = {"kind": "query", "name": "key", "secret_env": "KEY"}
    seen = asked(server, lambda c: c.stop_meter("M1"), {"auth": auth})
    assert seen.query == {"key": "s3cret ₹"} and seen.form["meter_no"] == "M1"


@pytest.mark.parametrize("value", [None, "", " \n", "two\nlines"])
def test_without_its_secret_nothing_is_sent(server: TinyServer, value: str | None) -> None:
    profile = Profile.from_mapping({"auth": {"kind": "bearer", "secret_env": "GV_KEY"}})
    secrets = {} if value is None else {"GV_KEY": value}
    with pytest.raises(NotSent, match="GV_KEY"):
        MeterServerClient(server.base_url, "GV01", profile, 5, secrets).recharge("M1", 100)
    assert server.asked == []


def test_what_a_company_does_not_offer_is_not_sent(server: TinyServer) -> None:
    profile = Profile.from_mapping({"operations": {"recharge": False}})
    with pytest.raises(NotSent, match="does not offer “recharge”"):
        MeterServerClient(server.base_url, "GV01", profile).recharge("M1", 100)
    assert server.asked == []


def test_proxies_of_the_environment_do_not_intervene(
    server: TinyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1/")
    assert asked(server, lambda c: c.dg_status("DG1")).path == "/api/dg-status"


def test_no_cookie_goes_from_one_call_to_the_next(server: TinyServer) -> None:
    asked(server, lambda c: c.dg_status("DG1"))
    assert "cookie" not in asked(server, lambda c: c.dg_status("DG1")).headers
