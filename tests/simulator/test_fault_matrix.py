"""Every fault on every operation of every company, as our client takes it, and what it did to the world."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from webapp.contract.errors import MeterServerError, Refused, Unanswered, Unreadable
from webapp.contract.operations import OPERATIONS
from webapp.simulator.faults import KINDS
from webapp.simulator.server import SimulatorServer

from .asking import SITES, Asker, after
from .calling import Caller, Clock
from .conftest import NOON
from .truths import TRUTHS, are_true

SHORTLY = {"delay": 0.02, "drip": 0.05}
# What the client makes of each fault: an error, or None for a reply; and whether the world was changed.
OUTCOMES: dict[str, tuple[type[MeterServerError] | None, bool]] = {
    "delay": (None, True),
    "drip": (None, True),
    "reset_before": (Unanswered, False),
    "drop_reply": (Unanswered, True),
    "truncate": (Unanswered, True),
    "garble": (Unreadable, True),
    "html": (Unreadable, True),
    "http_500": (Unanswered, True),
    "redirect": (Unreadable, False),
    "refuse": (Refused, False),
    "pretend": (None, False),
}
IN_TABLES_OF_THEIR_OWN = {"freeze", "zero", "half", "queue"}
MATRIX = [(kind, name) for kind in OUTCOMES for name in OPERATIONS if name in KINDS[kind].operations]
NONSENSE = [(kind, name) for kind in KINDS for name in OPERATIONS if name not in KINDS[kind].operations]


@pytest.fixture(scope="module")
def noon() -> Clock:
    return Clock(NOON)


@pytest.fixture(scope="module")
def box(noon: Clock) -> Iterator[SimulatorServer]:
    with SimulatorServer(port=0, units=24, clock=noon) as server:
        yield server


@pytest.fixture(scope="module", params=SITES)
def everybody(request: pytest.FixtureRequest, box: SimulatorServer, noon: Clock) -> Asker:
    return Asker(box, request.param, noon)


@pytest.fixture
def asker(everybody: Asker) -> Iterator[Asker]:
    yield everybody
    everybody.heal()


def outcome(asker: Asker, name: str) -> Any:
    """The reply, or the kind of error."""
    try:
        return asker.call(name)
    except MeterServerError as error:
        return type(error)


def test_every_kind_of_fault_is_in_the_matrix() -> None:
    assert set(OUTCOMES) | IN_TABLES_OF_THEIR_OWN == set(KINDS)


@pytest.mark.parametrize(("kind", "name"), MATRIX)
def test_a_fault_has_its_outcome_and_its_effect_once(asker: Asker, kind: str, name: str) -> None:
    expected, acts = OUTCOMES[kind]
    if kind == "redirect" and OPERATIONS[name].command:
        expected = Unanswered  # contract, reading 2: a 3xx is never a refusal, nor anything else
    asker.prepare(name)
    before = asker.left_behind()
    asker.fault(name, kind, **({"seconds": SHORTLY[kind]} if kind in SHORTLY else {}))
    found = outcome(asker, name)
    assert found is expected or (expected is None and TRUTHS[name](found, asker))
    assert asker.left_behind() == (after(before, name) if acts else before)


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_without_a_fault_says_what_is_true(asker: Asker, name: str) -> None:
    asker.prepare(name)
    before = asker.left_behind()
    assert TRUTHS[name](asker.call(name), asker)
    assert asker.left_behind() == after(before, name)


@pytest.mark.parametrize("kind", ["delay", "drip"])
def test_whoever_cannot_wait_so_long_has_no_answer_and_the_effect(asker: Asker, kind: str) -> None:
    """All operations at once, for one time-out together."""
    for name in OPERATIONS:
        asker.prepare(name)
    before = asker.left_behind()
    asker.fault("*", kind, seconds=60)
    hurried = asker.patient_for(1)

    def failure(name: str) -> type[Exception] | None:
        with pytest.raises(MeterServerError) as failed:
            asker.call(name, hurried)
        return failed.type

    names = [name for name in OPERATIONS if name != "start_meter"]  # which would undo stop_meter
    with ThreadPoolExecutor(len(names)) as callers:
        assert set(callers.map(failure, names)) == {Unanswered}
    expected = before
    for name in names:
        expected = after(expected, name)
    assert asker.left_behind() == expected


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_frozen_server_says_the_same_again_and_does_nothing(asker: Asker, name: str) -> None:
    asker.prepare(name)
    first = asker.call(name)
    if name != "recharge_status":
        asker.prepare(name)
    asker.clock.now += 3_600
    before = asker.left_behind()
    asker.fault(name, "freeze")
    assert asker.call(name) == first == asker.call(name)
    assert asker.left_behind() == before


@pytest.mark.parametrize("name", sorted(KINDS["zero"].operations))
def test_every_balance_is_read_as_zero_and_nothing_else_is_touched(asker: Asker, name: str) -> None:
    reply = asker.call(name)
    asker.fault(name, "zero")
    true = reply.rows if name == "latest_readings" else [reply]
    found = asker.call(name)
    read = found.rows if name == "latest_readings" else [found]
    assert {row.balance_paise for row in read} <= {0, None}
    assert [(row.meter_no, row.grid_wh, row.dg_wh, row.supply) for row in read] == [
        (row.meter_no, row.grid_wh, row.dg_wh, row.supply) for row in true
    ]


def test_half_a_site_is_half_of_the_truth(asker: Asker) -> None:
    asker.fault("latest_readings", "half")
    found = asker.call("latest_readings")
    assert [row.meter_no for row in found.rows] == asker.meter_nos[: len(asker.meter_nos) // 2]
    assert are_true(found.rows, asker)


def test_a_queued_recharge_is_waited_for_and_credited_once(asker: Asker) -> None:
    before = asker.left_behind()
    asker.fault("recharge", "queue", seconds=1_000, times=1)
    reply = asker.call("recharge")
    assert reply.pending and asker.client.recharge_status(reply.transaction_id).pending
    assert asker.left_behind() == before
    asker.clock.now += 1_000
    assert not asker.client.recharge_status(reply.transaction_id).pending
    assert asker.left_behind() == after(before, "recharge")


@pytest.mark.parametrize(("kind", "name"), NONSENSE)
def test_a_fault_that_an_operation_cannot_have_is_refused_and_says_why(
    box: SimulatorServer, kind: str, name: str
) -> None:
    posted = f'{{"operation": "{name}", "kind": "{kind}"}}'
    status, body = Caller(box).raw("POST", "/_faults", posted)
    assert status == 400
    assert Caller.body((status, body))["error"].startswith(f"{kind} makes no sense for {name}: it is for ")


@pytest.mark.parametrize("kind", sorted(IN_TABLES_OF_THEIR_OWN - {"freeze"}))
@pytest.mark.parametrize("name", OPERATIONS)
def test_a_fault_of_any_operation_spares_those_that_cannot_have_it(
    asker: Asker, kind: str, name: str
) -> None:
    if name not in KINDS[kind].operations:
        asker.prepare(name)
        asker.fault("*", kind)
        assert TRUTHS[name](asker.call(name), asker)
