"""Companies with spellings of their own: what is on the wire, and who is let in."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from webapp.contract.client import MeterServerClient
from webapp.contract.errors import Refused
from webapp.contract.operations import OPERATIONS
from webapp.simulator.companies import DEMO_SECRETS, HARBOUR, MAPLE
from webapp.simulator.server import SimulatorServer

from .asking import Asker
from .calling import Caller, Clock

KEY = {"X-Api-Key": "harbour-demo-only"}
BASIC = {"Authorization": "Basic bWFwbGU6bWFwbGUtZGVtby1vbmx5"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}


def test_harbour_s_success_is_final(caller: Caller, clock: Clock) -> None:
    asker = Asker(caller.server, "HB01", clock)
    before = asker.left_behind()["balance"]
    reply = asker.client.recharge(asker.meter_nos[1], 25_000)
    assert not reply.pending and reply.balance_paise == before + 25_000
    assert asker.client.profile.recharge_success_is_final


def test_maple_accepts_now_and_credits_later(caller: Caller, clock: Clock) -> None:
    asker = Asker(caller.server, "MP01", clock)
    before = asker.left_behind()["balance"]
    reply = asker.client.recharge(asker.meter_nos[1], 25_000)
    assert reply.transaction_id and reply.balance_paise == before
    assert "Queued" in reply.words and not asker.client.profile.recharge_success_is_final
    assert asker.client.recharge_status(reply.transaction_id).pending
    clock.now += 5
    assert not asker.client.recharge_status(reply.transaction_id).pending
    assert asker.left_behind()["balance"] == before + 25_000


def test_harbour_speaks_json_with_names_of_its_own(caller: Caller) -> None:
    status, body = caller.raw("GET", "/harbour/v2/meters?site=HB01", headers=KEY)
    first: dict[str, Any] = json.loads(body)["data"][0]
    assert set(first) == {
        *("flat", "meterNumber", "dgEnergy", "gridEnergy", "readAt", "walletBalance", "state")
    }
    assert (status, first["readAt"], first["state"]) == (200, "11-06-2026 12:00:00", "UP")
    assert isinstance(first["gridEnergy"], float) and isinstance(first["walletBalance"], float)


def test_maple_speaks_forms_by_a_clock_of_its_own(caller: Caller) -> None:
    status, body = caller.raw("GET", "/maple/GetReadings.php?siteid=MP01", headers=BASIC)
    first: dict[str, Any] = json.loads(body)["data"][0]
    assert set(first) == {"unit_no", "mtr", "kwh_dg", "kwh_eb", "date_time", "balance", "status"}
    assert (status, first["date_time"], first["mtr"]) == (200, "2026-06-11 06:30:00", "P000101")


@pytest.mark.parametrize(
    ("path", "body", "headers"),
    [
        ("/harbour/v2/supply/cut", "site=HB01&meterNumber=H000101", KEY | FORM),
        ("/harbour/v2/supply/cut", '{"site": "HB01", "meterNumber": 101}', KEY | JSON),
        ("/harbour/v2/supply/cut", '{"site": "HB01", "meterNumber": "\\ud800"}', KEY | JSON),
        ("/harbour/v2/supply/cut?site=HB01&meterNumber=H000101", "", KEY | JSON),
        ("/harbour/v2/supply/cut", "[" * 60_000, KEY | JSON),
        ("/maple/Stop.php", "siteid=MP01&mtr=%ff\xff", BASIC | FORM),
    ],
)
def test_another_encoding_is_a_bad_request(
    caller: Caller, path: str, body: str, headers: dict[str, str]
) -> None:
    status, reply = caller.raw("POST", path, body.encode("latin-1"), headers=headers)
    assert (status, json.loads(reply)["status"]) == (400, "Error")


@pytest.mark.parametrize(
    ("path", "site_id"),
    [
        ("/latest-readings?site_id=HB01", "HB01"),
        ("/meter-reading?meter_no=H000101", "HB01"),
        ("/dg-status?site_id=MP01&dg_number=DG1", "MP01"),
    ],
)
def test_a_company_s_site_is_behind_its_own_door_only(caller: Caller, path: str, site_id: str) -> None:
    assert Caller.body(caller.raw("GET", path))["message"] == "Not Found"
    assert caller.world(site_id)["calls"] == {}


@pytest.mark.parametrize("path", ["/harbour/v2/meters?site=GV01", "/harbour/v2/meters?site_id=HB01"])
def test_harbour_knows_its_site_by_its_own_name_only(caller: Caller, path: str) -> None:
    status, body = caller.raw("GET", path, headers=KEY)
    assert (status, json.loads(body)["message"]) == (409, "Not Found")


WRONG: list[tuple[str, dict[str, str]]] = [
    ("HB01", {}),
    ("HB01", {"X-Api-Key": ""}),
    ("HB01", {"X-Api-Key": "wrong"}),
    ("HB01", {"X-Api-Key": "harbour-demo-only "[:-2]}),
    ("HB01", {"X-Api-Key": "s\u00e9same"}),
    ("HB01", {"Authorization": "harbour-demo-only"}),
    ("MP01", {}),
    ("MP01", {"Authorization": "Basic bWFwbGU6d3Jvbmc="}),
    ("MP01", {"Authorization": "Bearer maple-demo-only"}),
]


@pytest.mark.parametrize(("site_id", "headers"), WRONG)
def test_wrong_credentials_are_refused_before_anything_is_done(
    caller: Caller, site_id: str, headers: dict[str, str]
) -> None:
    spoken = HARBOUR if site_id == "HB01" else MAPLE
    for operation in OPERATIONS.values():
        status, body = caller.raw(operation.method, f"/{spoken.path(operation)}", headers=headers)
        refusal = {"status": "Error", "message": "Unauthorized", "data": None}
        assert (status, json.loads(body)) == (401, refusal)
    assert caller.world(site_id)["calls"] == {}


@pytest.fixture
def guarded(clock: Clock) -> Iterator[SimulatorServer]:
    secrets = {"HARBOUR_METER_KEY": "sésame 7"}
    with SimulatorServer(port=0, units=24, clock=clock, secrets=secrets) as server:
        yield server


def test_a_secret_may_be_set_and_is_never_told(
    guarded: SimulatorServer, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    base_url = f"{guarded.url}harbour/"
    secrets = {"HARBOUR_METER_KEY": "sésame 7"}
    assert MeterServerClient(base_url, "HB01", HARBOUR.profile, 5, secrets).latest_readings().rows
    with pytest.raises(Refused):
        MeterServerClient(base_url, "HB01", HARBOUR.profile, 5, DEMO_SECRETS).latest_readings()
    told = "".join(capfd.readouterr()) + caplog.text
    assert "sésame" not in told and "demo-only" not in told
