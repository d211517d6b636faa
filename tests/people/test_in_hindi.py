"""Every page for somebody who reads Hindi: nothing of ours on it is English.

The pages are those of the table of tenancy, so one that is new is read as well.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from tests.conftest import PASSWORD, Desk, SignIn, load_society
from tests.generators.yard import Yard
from tests.people.conftest import Town
from tests.people.reading import Page
from tests.people.test_tenancy import TABLE, address_of, close_orders
from webapp.alerts.models import Alert
from webapp.contract import replies
from webapp.extensions import db
from webapp.meters.change_rules import Side, why_not
from webapp.meters.models import MeterChange
from webapp.people.accounts import Account, add
from webapp.people.models import Role, User
from webapp.sentences import Sentence
from webapp.simulator.server import SimulatorServer
from webapp.societies.models import Society

GREENVIEW = "/s/greenview/"
PLACES = tuple(
    f"{GREENVIEW}{place}"
    for place in (
        "", "units", "units?print=1", "units/A-101", "usage", "generators", "generators/DG1", "alerts",
        "meter-changes", "people", "servers",
    )
)  # fmt: skip
HINDI = {"Accept-Language": "hi"}
DATA = frozenset({"A. New", "On", "Off"})  # a name in a list; a server's own words for supply
NOON = datetime(2026, 1, 2, 6, 30, tzinfo=UTC)
ENDS_TOO_LOW = replies.MeterChange(old_meter_no="M000101", new_meter_no="M000999", old_end_grid_wh=4_000)
FOR_MACHINES = ("healthz", "readyz", "metrics", "generators.hook", "alerts.events")


def in_hindi(desk: Desk) -> None:
    """Everybody reads Hindi; and what people named is so named that it is not taken for ours."""
    with desk.app.app_context():
        db.session.execute(update(User).values(language="hi", name="आशा"))
        db.session.execute(update(Society).values(name="ग्रीनव्यू"))
        db.session.execute(update(Alert).values(title=Sentence("%(dg)s started", dg="DG1")))
        db.session.commit()


def visitor(app: Flask, sign_in: SignIn, who: str | None) -> FlaskClient:
    if who is None:
        return app.test_client()
    return sign_in(f"{who}@{'meterdesk' if who == 'operator' else 'greenview'}.example")


def answers(town: Town, client: FlaskClient) -> Iterator[tuple[str, TestResponse]]:
    """What every address of one's own society answers, and every form that is sent."""
    n = 0
    for (endpoint, method), row in TABLE.items():
        for pattern in row.addresses if endpoint not in FOR_MACHINES and "home" in row.cells else ():
            n += 1
            data = {**row.data, "client_key": f"form-{n}-{id(client)}"} if method == "POST" else None
            address, headers = address_of(town, pattern, "home"), {**HINDI, **row.headers}
            yield f"{method} {pattern}", client.open(address, method=method, data=data, headers=headers)
            close_orders(client.application)


def english_on(answers: Iterable[tuple[str, TestResponse]]) -> dict[str, set[str]]:
    """By page, what is English on it, or that it says it is."""
    found: dict[str, set[str]] = {}
    for where, answer in answers:
        if answer.mimetype == "text/html" and answer.status_code // 100 != 3:
            page = Page(answer.text)
            wrong = (page.english - DATA) | ({"lang"} if page.lang not in (None, "hi") else set())
            found |= {where: wrong} if wrong else {}
        answer.close()
    return found


def asked(client: FlaskClient, *addresses: str) -> dict[str, set[str]]:
    return english_on((address, client.get(address, headers=HINDI)) for address in addresses)


@pytest.mark.parametrize("who", (None, "resident", "office", "manager", "operator"))
def test_no_page_has_english_of_ours(app: Flask, town: Town, sign_in: SignIn, who: str | None) -> None:
    in_hindi(town.desks["greenview"])
    assert english_on(answers(town, visitor(app, sign_in, who))) == {}


def test_what_is_doubted_is_said_in_hindi(app: Flask, desk: Desk, sign_in: SignIn) -> None:
    desk.fault("latest_readings", "zero", times=1)
    desk.poll()
    yard = Yard(desk)
    yard.force("ON")
    desk.fault("dg_fuel", "garble")
    yard.turn()
    a_change_that_does_not_fit(desk)
    in_hindi(desk)
    manager = sign_in("manager@greenview.example")
    assert asked(manager, *PLACES) == {}
    assert "पिछले जवाब में लगभग हर मीटर का बैलेंस एक साथ ₹0 था" in manager.get(f"{GREENVIEW}units").text
    assert "पुराना मीटर 4.00 kWh पर खत्म होता है, पर पहले उस पर 5.00 kWh था।" in manager.get(GREENVIEW).text
    resident = sign_in("resident@greenview.example")
    assert asked(resident, f"{GREENVIEW}home") == {}
    assert "बैलेंस एक साथ ₹0 था; पिछले सही मान" in resident.get(f"{GREENVIEW}home").text


@pytest.mark.parametrize(
    "kind", ["html", "truncate", "http_500", "refuse", "redirect", "reset_before", "half"]
)
def test_a_server_that_fails_is_said_to_in_hindi(app: Flask, desk: Desk, sign_in: SignIn, kind: str) -> None:
    desk.fault("*", kind)
    desk.poll()
    Yard(desk).turn()
    office = sign_in("office@greenview.example")
    form = {"client_key": f"key-of-{kind}", "amount": "1", "reason": "पूछा"}
    for order in ("recharge", "cut"):
        assert office.post(f"{GREENVIEW}meters/M000101/{order}", data=form).status_code == 303
        form["client_key"] += "-2"
    desk.work()
    in_hindi(desk)
    assert asked(office, *PLACES, f"{GREENVIEW}orders/1", f"{GREENVIEW}orders/2") == {}


def test_a_society_of_which_nothing_is_known_yet_is_told_what_to_do_in_hindi(
    app: Flask, fresh_box: SimulatorServer, sign_in: SignIn
) -> None:
    with app.app_context():
        society = load_society(fresh_box.url)
        desk = Desk(app, fresh_box, society.id, society.meter_servers[0].id)
        add(Account("manager@greenview.example", "Manager", "greenview", Role.MANAGER), PASSWORD)
        db.session.commit()
    in_hindi(desk)
    assert asked(sign_in("manager@greenview.example"), *PLACES) == {}


@pytest.mark.parametrize(("address", "status"), [("/nothing", 404), (f"{GREENVIEW}people", 403)])
def test_an_error_is_a_page_in_hindi(desk: Desk, sign_in: SignIn, address: str, status: int) -> None:
    in_hindi(desk)
    resident = sign_in("resident@greenview.example")
    assert resident.get(address).status_code == status
    assert asked(resident, address) == {}


def test_who_chose_english_reads_english_whatever_the_browser_asks_for(desk: Desk, sign_in: SignIn) -> None:
    with desk.app.app_context():
        db.session.execute(update(User).values(language="en"))
        db.session.commit()
    text = sign_in("office@greenview.example").get(GREENVIEW, headers=HINDI).text
    assert Page(text).lang == "en"
    assert "Nothing needs you." in text and "आप" not in text


def a_change_that_does_not_fit(desk: Desk) -> None:
    """As the contract's operation 5 might tell it: a meter that ended below what it had read."""
    with desk.app.app_context():
        db.session.add(
            MeterChange(
                society_id=desk.society_id,
                server_id=desk.server_id,
                old_meter_no="M000101",
                new_meter_no="M000999",
                changed_on=date(2026, 1, 2),
                seen_at=datetime.now(UTC),
                state="waiting",
                why=why_not(ENDS_TOO_LOW, Side("A-101", 5_000, NOON), None, NOON, NOON),
            )
        )
        db.session.commit()
