"""The descriptions of the companies' servers, and schemathesis asking the servers all that they say."""

import json
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from schemathesis.engine import events, from_schema
from schemathesis.specs.openapi.checks import negative_data_rejection

from webapp.contract.operations import OPERATIONS
from webapp.simulator.companies import DEMO_SECRETS, HARBOUR, MAPLE, PLAIN
from webapp.simulator.company import Company
from webapp.simulator.server import SimulatorServer

from .asking import SITES
from .calling import Caller, Clock

EXAMPLES = 15  # for each operation, beside the boundaries of every input
COMPANIES: dict[str, Company] = {"GV01": PLAIN, "HB01": HARBOUR, "MP01": MAPLE}
_BASIC = b64encode(f"maple:{DEMO_SECRETS['MAPLE_METER_PASSWORD']}".encode()).decode()
CREDENTIALS = {
    "GV01": {},
    "HB01": {"X-Api-Key": DEMO_SECRETS["HARBOUR_METER_KEY"]},
    "MP01": {"Authorization": f"Basic {_BASIC}"},
}


@pytest.fixture
def box(clock: Clock) -> Iterator[SimulatorServer]:
    with SimulatorServer(port=0, units=24, clock=clock) as server:
        yield server


def described(box: SimulatorServer, site_id: str) -> dict[str, Any]:
    return Caller.body(Caller(box).raw("GET", f"/_openapi.json?site={site_id}"))


@schemathesis.check
def refusal_of_bad_data(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case[Any]
) -> bool | None:
    """Its own negative_data_rejection, but that a refusal under 200 is one too (contract, reading 2)."""
    if response.status_code == 200 and str(response.json()["status"]).lower() == "error":
        return None
    return negative_data_rejection(ctx, response, case)


def config(site_id: str, examples: int) -> schemathesis.Config:
    """Every check there is, and the same cases in every run."""
    refuses_under_4xx = COMPANIES[site_id].refuses_with != 200
    return schemathesis.Config.from_dict(
        {
            "headers": CREDENTIALS[site_id],
            "continue-on-failure": True,
            "generation": {"deterministic": True, "max-examples": examples, "database": "none"},
            # Where the document has refusals under 200, refusal_of_bad_data stands in for it.
            "checks": {"negative_data_rejection": {"enabled": refuses_under_4xx}},
        }
    )


def found_by_asking(
    box: SimulatorServer, site_id: str, examples: int = EXAMPLES
) -> tuple[list[str], list[tuple[str, int, str]]]:
    """What schemathesis found wrong, and each answer: operation, HTTP status, and what it says."""
    url = f"{box.url}_openapi.json?site={site_id}"
    wrong, answers = [], []
    for event in from_schema(schemathesis.openapi.from_url(url, config=config(site_id, examples))).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            wrong.append(repr(event))
        if not isinstance(event, events.ScenarioFinished):
            continue
        checks = [check for made in event.recorder.checks.values() for check in made]
        wrong += [
            f"{check.failure_info.failure}\n{check.failure_info.code_sample}"
            for check in checks
            if check.failure_info
        ]
        for case_id, interaction in event.recorder.interactions.items():
            case, response = event.recorder.cases[case_id].value, interaction.response
            if response is not None and response.content:
                said = str(json.loads(response.content).get("status")).lower()
                answers.append((case.operation.definition.raw["operationId"], response.status_code, said))
    return wrong, answers


@pytest.mark.parametrize("site_id", SITES)
def test_schemathesis_finds_nothing_and_heard_yes_and_no_from_everyone(
    box: SimulatorServer, site_id: str
) -> None:
    wrong, answers = found_by_asking(box, site_id)
    assert wrong == []
    refused = COMPANIES[site_id].refuses_with
    assert {name for name, status, said in answers if (status, said) == (200, "success")} >= (
        OPERATIONS.keys() - {"recharge_status"}
    )
    assert {name for name, status, said in answers if (status, said) == (refused, "error")} == set(OPERATIONS)
    # Asked with what a recharge was called: it is there, credited or still in the queue.
    known = {said for name, _, said in answers if name == "recharge_status"} & {"success", "waiting"}
    assert known == {"waiting" if COMPANIES[site_id].queue_s else "success"}


def test_schemathesis_asks_the_same_in_every_run(clock: Clock) -> None:
    heard = []
    for _ in range(2):
        with SimulatorServer(port=0, units=24, clock=clock) as server:
            heard.append(found_by_asking(server, "MP01", examples=3))
    assert heard[0] == heard[1]


@pytest.mark.parametrize("site_id", SITES)
def test_every_operation_is_described_in_the_company_s_spelling(box: SimulatorServer, site_id: str) -> None:
    document, company = described(box, site_id), COMPANIES[site_id]
    prefix = document["servers"][0]["url"].rstrip("/")
    paths = {
        f"{prefix}{path}".lstrip("/"): methods[method]["operationId"]
        for path, methods in document["paths"].items()
        for method in methods
    }
    assert paths == {company.path(operation): name for name, operation in OPERATIONS.items()}


def test_a_description_says_how_to_be_let_in(box: SimulatorServer) -> None:
    schemes = [described(box, site_id)["components"]["securitySchemes"] for site_id in SITES]
    assert schemes == [
        {},
        {"key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"}},
        {"basic": {"type": "http", "scheme": "basic"}},
    ]


def test_a_description_holds_no_secret(box: SimulatorServer) -> None:
    told = "".join(json.dumps(described(box, site_id)) for site_id in SITES)
    assert not any(secret in told for secret in DEMO_SECRETS.values())


def test_without_a_site_it_is_the_first_one_s_and_an_unknown_one_has_none(box: SimulatorServer) -> None:
    assert Caller.body(Caller(box).raw("GET", "/_openapi.json")) == described(box, "GV01")
    assert Caller(box).raw("GET", "/_openapi.json?site=XX99")[0] == 404


def test_a_description_is_fetched_and_nothing_else(box: SimulatorServer) -> None:
    assert Caller(box).raw("POST", "/_openapi.json", "{}")[0] == 405
