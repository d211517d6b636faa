"""The society files in docs/ that join the simulator's other companies, each as a person would load it."""

from pathlib import Path

import pytest
from flask import Flask
from msgspec.structs import replace

from webapp.contract.client import MeterServerClient
from webapp.contract.errors import NotSent, Refused
from webapp.contract.profile import Profile
from webapp.contract.replies import Supply
from webapp.extensions import db
from webapp.meters import polling
from webapp.meters.models import Meter
from webapp.simulator.companies import DEMO_SECRETS, HARBOUR, MAPLE
from webapp.simulator.server import SimulatorServer
from webapp.societies import files
from webapp.societies.files import ServerPart

from .calling import Caller

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(params=["harbour", "maple"])
def company(request: pytest.FixtureRequest, caller: Caller) -> tuple[ServerPart, MeterServerClient]:
    """A society file as it stands in docs/, and a client made from it; only the port is this test's."""
    (part,) = files.read(DOCS / f"{request.param}.toml").meter_servers
    base_url = part.base_url.replace("http://127.0.0.1:8010/", caller.server.url)
    assert base_url != part.base_url
    profile = Profile.from_mapping(part.profile)
    return part, MeterServerClient(base_url, part.site_id, profile, part.timeout_s, DEMO_SECRETS)


@pytest.fixture
def client(company: tuple[ServerPart, MeterServerClient]) -> MeterServerClient:
    return company[1]


@pytest.mark.parametrize("name", ["harbour", "maple"])
def test_the_file_makes_a_society_that_is_polled(
    app: Flask, fresh_box: SimulatorServer, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    file = files.read(DOCS / f"{name}.toml")
    here = replace(file.meter_servers[0], base_url=f"{fresh_box.url}{name}/")
    for variable, secret in DEMO_SECRETS.items():
        monkeypatch.setenv(variable, secret)
    with app.app_context():
        society = files.store(replace(file, meter_servers=[here]))
        db.session.commit()
        assert polling.poll(society.meter_servers[0].id) is None
        known = {meter.meter_no for meter in db.session.scalars(db.select(Meter))}
    assert known == set(fresh_box.box.world.sites[here.site_id].meters)


def test_the_file_polls_the_whole_site(client: MeterServerClient, caller: Caller) -> None:
    reply = client.latest_readings()
    world = caller.world(client.site_id)["meters"]
    assert {row.meter_no: row.unit_no for row in reply.rows} == {
        no: one["unit_no"] for no, one in world.items()
    }
    assert all(row.supply and row.grid_wh and row.read_at and not row.doubts for row in reply.rows)
    assert reply.losses == ()


def test_the_file_cuts_and_restores(client: MeterServerClient, caller: Caller) -> None:
    meter_no = next(row.meter_no for row in client.latest_readings().rows if row.supply is Supply.ON)
    assert client.stop_meter(meter_no).supply is Supply.OFF
    assert client.meter_status(meter_no).supply is Supply.OFF
    with pytest.raises(Refused, match="Meter was already STOPPED"):
        client.stop_meter(meter_no)
    assert client.start_meter(meter_no).supply is Supply.ON
    assert caller.world(client.site_id)["meters"][meter_no]["supply"] == "on"


def test_the_file_sets_a_load_in_the_company_s_unit(client: MeterServerClient, caller: Caller) -> None:
    meter_no = client.latest_readings().rows[0].meter_no
    assert client.update_load(meter_no, load_grid_w=4_500, load_dg_w=750).meter_no == meter_no
    assert caller.world(client.site_id)["loads"] == {meter_no: {"load_dg": "0.75", "load_grid": "4.5"}}


def test_the_file_reads_every_generator_it_names(
    company: tuple[ServerPart, MeterServerClient], caller: Caller
) -> None:
    part, client = company
    generators = caller.world(part.site_id)["generators"]
    assert part.generators == list(generators)
    for dg_no, true in generators.items():
        assert client.dg_reading(dg_no).register_wh == round(float(true["energy_kwh"]) * 1_000)
        assert client.dg_status(dg_no).word == true["status"]
        fuel = client.dg_fuel(dg_no)
        assert fuel.fuel_ml == round(float(true["fuel_litres"]) * 1_000) or (
            fuel.fuel_percent_hundredths == round(float(true["fuel_percent"]) * 100)
        )


def test_the_file_says_what_the_box_speaks() -> None:
    for name, spoken in (("harbour", HARBOUR), ("maple", MAPLE)):
        (part,) = files.read(DOCS / f"{name}.toml").meter_servers
        assert Profile.from_mapping(part.profile).to_mapping() == spoken.profile.to_mapping()


def test_a_wrong_secret_is_a_refusal_and_a_missing_one_is_never_sent(client: MeterServerClient) -> None:
    auth = client.profile.auth
    for secrets, kind in (({auth.secret_env: "wrong"}, Refused), ({}, NotSent)):
        stranger = MeterServerClient(client.base_url, client.site_id, client.profile, 5, secrets)
        with pytest.raises(kind):
            stranger.recharge("H000101", 100)
