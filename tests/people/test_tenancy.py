"""Every route × every role × {own, neighbour's, other society's}. A route that is missing fails."""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from tests.conftest import SignIn
from tests.people.conftest import HOOK_TOKEN, Home, Town
from webapp.extensions import db
from webapp.meters import xlsx
from webapp.orders.models import Order
from webapp.people.models import Residence, User

RESIDENT = "resident@greenview.example"
VISITORS = (
    None, RESIDENT, "office@greenview.example", "manager@greenview.example", "operator@meterdesk.example",
    "resident@lakeside.example", "office@lakeside.example", "manager@lakeside.example",
)  # fmt: skip

# In each cell a status, or "login" for the way to the sign-in page; “smuggled” is the other
# society's id under one's own society's address.
#                nobody resident office manager operator | resident, office, manager of the other society
EVERYBODY = {
    "home":      "login 200 200 200 200  404 404 404",
    "other":     "login 404 404 404 200  200 200 200",
}  # fmt: skip
WATCHERS = {
    "home":      "login 403 200 200 200  404 404 404",
    "neighbour": "login 403 200 200 200  404 404 404",
    "other":     "login 404 404 404 200  403 200 200",
}  # fmt: skip
WATCHERS_BY_ID = WATCHERS | {"smuggled": "login 403 404 404 404  404 404 404"}
STAFF_BY_ID = {
    "home":      "login 403 200 200 403  404 404 404",
    "neighbour": "login 403 200 200 403  404 404 404",
    "other":     "login 404 404 404 403  403 200 200",
    "smuggled":  "login 403 404 404 403  404 404 404",
}  # fmt: skip
RESIDENTS = {
    "home":      "login 200 403 403 403  404 404 404",
    "other":     "login 404 404 404 403  200 403 403",
}  # fmt: skip
STAFF_OF = {
    "home":      "login 403 200 200 403  404 404 404",
    "other":     "login 404 404 404 403  403 200 200",
}  # fmt: skip
MANAGER_OF_NOTHING = {
    "home":      "login 403 403 404 403  404 404 404",
    "other":     "login 404 404 404 403  403 403 404",
}  # fmt: skip
HOME_FILES = {
    "home":      "login 200 404 404 404  404 404 404",
    "neighbour": "login 404 404 404 404  404 404 404",
    "other":     "login 404 404 404 404  200 404 404",
}  # fmt: skip
THEIRS_BY_ID = {
    "home":      "login 200 200 200 200  404 404 404",
    "neighbour": "login 404 200 200 200  404 404 404",
    "other":     "login 404 404 404 200  200 200 200",
    "smuggled":  "login 404 404 404 404  404 404 404",
}  # fmt: skip
MANAGER_BY_ID = {
    "home":      "login 403 403 303 403  404 404 404",
    "neighbour": "login 403 403 303 403  404 404 404",
    "other":     "login 404 404 404 403  403 403 303",
    "smuggled":  "login 403 403 404 403  404 404 404",
}  # fmt: skip
KEEPERS = {
    "home":      "login 403 403 200 200  404 404 404",
    "other":     "login 404 404 404 200  403 403 200",
}  # fmt: skip
KEEPERS_BY_ID = KEEPERS | {
    "neighbour": "login 403 403 200 200  404 404 404",
    "smuggled":  "login 403 403 404 404  404 404 404",
}  # fmt: skip
KEEPERS_ONCE = {  # whoever comes second finds the invitation ended
    "home":      "login 403 403 200 404  404 404 404",
    "other":     "login 404 404 404 200  403 403 404",
    "smuggled":  "login 403 403 404 404  404 404 404",
}  # fmt: skip
ONES_OWN = {"home": "login 200 200 200 200  200 200 200"}
ANYBODY = {"home": "200 200 200 200 200  200 200 200"}


def answering(cells: Mapping[str, str], status: str) -> dict[str, str]:
    """The same cells where what is allowed answers otherwise than 200."""
    return {where: line.replace("200", status) for where, line in cells.items()}


@dataclass
class Row:
    """A route: where it is asked (at several addresses where it has kinds), and who is answered what."""

    cells: Mapping[str, str]
    addresses: tuple[str, ...]
    data: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def row(cells: Mapping[str, str], *addresses: str, **data: str) -> Row:
    return Row(cells, addresses, data)


ORDER = "/s/{society}/orders/{done_id}"
FORMS = tuple(f"/s/{{society}}/meters/{{meter}}/{kind}" for kind in ("recharge", "cut", "restore", "load"))
PERSON = "/s/{society}/people/{person_id}"
STREAM = Row(
    answering(EVERYBODY, "200") | {"home": EVERYBODY["home"].replace("login", "401"),
                                   "other": EVERYBODY["other"].replace("login", "401")},
    ("/s/{society}/events",), headers={"Accept": "text/event-stream"},
)  # fmt: skip

# Signing out is last: it is the end of every visitor's session.
TABLE: dict[tuple[str, str], Row] = {
    ("healthz", "GET"): row(ANYBODY, "/healthz"),
    ("readyz", "GET"): row(ANYBODY, "/readyz"),
    ("metrics", "GET"): row(ANYBODY, "/metrics"),  # asked from this machine
    ("people.start", "GET"): row({"home": "login 302 302 302 200  302 302 302"}, "/"),
    ("people.sign_in", "GET"): row({"home": "200 302 302 302 302  302 302 302"}, "/login"),
    ("people.sign_in", "POST"): row(answering(ANYBODY, "401"), "/login", email="nobody@x.example"),
    ("desk.desk", "GET"): row(EVERYBODY, "/s/{society}/"),
    ("desk.now", "GET"): row(WATCHERS, "/s/{society}/now"),
    ("desk.units", "GET"): row(WATCHERS, "/s/{society}/units"),
    ("desk.units_csv", "GET"): row(WATCHERS, "/s/{society}/units.csv"),
    ("desk.units_xlsx", "GET"): row(WATCHERS, "/s/{society}/units.xlsx"),
    ("desk.unit", "GET"): row(WATCHERS_BY_ID, "/s/{society}/units/{unit}"),
    ("desk.home", "GET"): row(RESIDENTS, "/s/{society}/home"),
    ("meters.reading", "GET"): row(answering(WATCHERS_BY_ID, "303"), "/s/{society}/meters/{meter}/read"),
    ("meters.read", "POST"): row(answering(STAFF_BY_ID, "303"), "/s/{society}/meters/{meter}/read"),
    ("meters.meter_changes", "GET"): row(WATCHERS, "/s/{society}/meter-changes"),
    ("meters.ask", "POST"): row(
        answering(STAFF_OF, "303"), "/s/{society}/meter-changes", **{"from": "2026-01-01", "to": "2026-01-02"}
    ),
    ("meters.settle", "POST"): row(MANAGER_OF_NOTHING, "/s/{society}/meter-changes/999"),
    ("usage.society", "GET"): row(WATCHERS, "/s/{society}/usage"),
    ("usage.society_csv", "GET"): row(WATCHERS, "/s/{society}/usage.csv"),
    ("usage.unit_csv", "GET"): row(WATCHERS_BY_ID, "/s/{society}/units/{unit}/usage.csv"),
    ("usage.home_csv", "GET"): row(HOME_FILES, "/s/{society}/home/{unit}/usage.csv"),
    ("orders.order", "GET"): row(THEIRS_BY_ID, ORDER, "/s/{society}/orders/{unknown_id}"),
    ("orders.receipt", "GET"): row(THEIRS_BY_ID, f"{ORDER}/receipt"),
    ("orders.settle", "POST"): row(
        MANAGER_BY_ID, "/s/{society}/orders/{unknown_id}/settle", outcome="not_credited", reason="Asked."
    ),
    ("orders.form", "GET"): row(STAFF_BY_ID, *FORMS),
    ("orders.ask", "POST"): row(
        answering(STAFF_BY_ID, "303"), *FORMS, amount="1", reason="Asked.", load_grid_kw="5", load_dg_kw="1"
    ),
    ("generators.hook", "GET"): row(
        ANYBODY | {"other": "404 404 404 404 404  404 404 404"}, "/hooks/dg/{hook_token}"
    ),
    ("generators.hook", "POST"): row(
        ANYBODY | {"other": "404 404 404 404 404  404 404 404"}, "/hooks/dg/{hook_token}"
    ),
    ("generators.generators", "GET"): row(WATCHERS, "/s/{society}/generators"),
    ("generators.generator", "GET"): row(WATCHERS, "/s/{society}/generators/DG1"),
    ("alerts.alerts", "GET"): row(WATCHERS, "/s/{society}/alerts"),
    ("alerts.acknowledge", "POST"): row(
        answering(STAFF_BY_ID, "302"), "/s/{society}/alerts/{alert_id}/acknowledge"
    ),
    ("alerts.events", "GET"): STREAM,
    ("account.me", "GET"): row(ONES_OWN, "/me"),
    ("account.me", "POST"): row(answering(ONES_OWN, "422"), "/me", phone="not one"),
    ("account.password", "POST"): row(answering(ONES_OWN, "401"), "/me/password", present="not it"),
    ("account.language", "POST"): row(answering(ANYBODY, "303"), "/language"),
    ("account.forgot", "GET"): row(ANYBODY, "/forgot"),
    ("account.forgot", "POST"): row(ANYBODY, "/forgot", email="nobody@x.example"),
    ("account.reset", "GET"): row(answering(ANYBODY, "410"), "/reset/of-nobody"),
    ("account.reset", "POST"): row(answering(ANYBODY, "410"), "/reset/of-nobody", password="a new one"),
    ("account.invitation", "GET"): row(answering(ANYBODY, "410"), "/invitation/of-nobody"),
    ("account.invitation", "POST"): row(answering(ANYBODY, "410"), "/invitation/of-nobody", way="known"),
    ("register.people", "GET"): row(KEEPERS, "/s/{society}/people"),
    ("register.new", "GET"): row(KEEPERS, "/s/{society}/people/new"),
    ("register.new", "POST"): row(answering(KEEPERS, "422"), "/s/{society}/people/new", role="resident"),
    ("register.invite_again", "POST"): row(
        KEEPERS_ONCE, "/s/{society}/people/invitations/{invitation_id}/again"
    ),
    ("register.revoke", "POST"): row(
        answering(KEEPERS_ONCE, "303"), "/s/{society}/people/invitations/{unwanted_id}/revoke"
    ),
    ("person.person", "GET"): row(KEEPERS_BY_ID, PERSON),
    ("person.details", "POST"): row(answering(KEEPERS_BY_ID, "422"), f"{PERSON}/details", phone="not one"),
    ("person.invite", "POST"): row(answering(KEEPERS_BY_ID, "422"), f"{PERSON}/invite", email="not one"),
    ("person.role", "POST"): row(answering(KEEPERS_BY_ID, "400"), f"{PERSON}/role", role="emperor"),
    ("person.remove", "POST"): row(answering(KEEPERS_BY_ID, "400"), f"{PERSON}/remove"),
    ("person.move_in", "POST"): row(answering(KEEPERS_BY_ID, "422"), f"{PERSON}/move-in", unit="none"),
    ("person.move_out", "POST"): row(
        answering(KEEPERS_BY_ID, "422"), f"{PERSON}/homes/{{residence_id}}/move-out", on="never"
    ),
    ("person.correct", "POST"): row(
        answering(KEEPERS_BY_ID, "422"), f"{PERSON}/homes/{{residence_id}}/correct", since="ever"
    ),
    ("person.reset", "POST"): row(
        KEEPERS_BY_ID | {"neighbour": "login 403 403 422 422  404 404 404"}, f"{PERSON}/reset"
    ),
    ("imports.new", "GET"): row(KEEPERS, "/s/{society}/people/import"),
    ("imports.upload", "POST"): row(answering(KEEPERS, "422"), "/s/{society}/people/import"),
    ("imports.preview", "GET"): row(KEEPERS_BY_ID, "/s/{society}/people/import/{upload_id}"),
    ("imports.carry_out", "POST"): row(
        answering(KEEPERS_BY_ID, "409"), "/s/{society}/people/import/{upload_id}", plan="another"
    ),
    ("imports.template", "GET"): row(
        KEEPERS, "/s/{society}/people/import/template.csv", "/s/{society}/people/import/template.xlsx"
    ),
    ("servers.servers", "GET"): row(KEEPERS, "/s/{society}/servers"),
    ("servers.new", "GET"): row(KEEPERS, "/s/{society}/servers/new"),
    ("servers.new", "POST"): row(answering(KEEPERS, "422"), "/s/{society}/servers/new"),
    ("servers.server", "GET"): row(KEEPERS_BY_ID, "/s/{society}/servers/{server_id}"),
    ("servers.server", "POST"): row(answering(KEEPERS_BY_ID, "422"), "/s/{society}/servers/{server_id}"),
    ("servers.check", "POST"): row(answering(KEEPERS_BY_ID, "303"), "/s/{society}/servers/{server_id}/check"),
    ("servers.trial", "GET"): row(KEEPERS_BY_ID, "/s/{society}/servers/trials/{trial_id}"),
    ("servers.save", "POST"): row(answering(KEEPERS_BY_ID, "409"), "/s/{society}/servers/trials/{trial_id}"),
    ("people.sign_out", "GET"): row(ANYBODY, "/logout"),
    ("people.sign_out", "POST"): row({"home": "login login login login login  login login login"}, "/logout"),
}
NOT_OF_A_SOCIETY = frozenset(
    {"healthz", "readyz", "metrics", "people.sign_in", "people.sign_out", "generators.hook",
     "account.language", "account.forgot", "account.reset", "account.invitation"}
)  # fmt: skip


def address_of(town: Town, address: str, where: str) -> str:
    home = town.homes["other" if where == "smuggled" else where]
    society = "greenview" if where == "smuggled" else home.society
    token = "a-token-of-nobody" if where == "other" else HOOK_TOKEN
    return address.format(society=society, unit=home.unit, meter=home.meter, hook_token=token, **home.ids)


def ask(client: FlaskClient, method: str, address: str, **more: Any) -> tuple[str, str]:
    """What the table calls the answer, and its body; of a stream the beginning."""
    answer: TestResponse = client.open(address, method=method, **more)
    is_stream = answer.mimetype == "text/event-stream"
    is_workbook = answer.mimetype == xlsx.MIMETYPE
    body = (
        next(answer.iter_encoded()).decode()
        if is_stream
        else unpacked(answer)
        if is_workbook
        else answer.text
    )
    answer.close()
    is_login = answer.status_code == 302 and (answer.location or "").startswith("/login")
    return "login" if is_login else str(answer.status_code), body


def unpacked(answer: TestResponse) -> str:
    """Every word in a workbook."""
    with zipfile.ZipFile(io.BytesIO(answer.data)) as file:
        return "".join(file.read(name).decode() for name in file.namelist())


def hidden_from(visitor: str | None, town: Town) -> set[str]:
    """The words that no answer to this visitor may hold."""
    unseen = {
        None: ("home", "neighbour", "other"),
        RESIDENT: ("neighbour", "other"),
        "operator@meterdesk.example": (),
    }
    if str(visitor).endswith("@lakeside.example"):  # units of the same names are there, too
        theirs = town.homes["home"].secrets | town.homes["neighbour"].secrets
        return {word for word in theirs if not word.startswith("A-")}
    return {word for where in unseen.get(visitor, ("other",)) for word in town.homes[where].secrets}


def leaked(body: str, address: str, hidden: set[str]) -> set[str]:
    """Hidden words in the answer, but for the address itself, which the visitor knew."""
    for known in (address, quote(address, safe=""), quote(address), quote(address).replace("/", "%2F")):
        body = body.replace(known, "")
    return {word for word in hidden if word in body}


def clients_of(app: Flask, sign_in: SignIn) -> list[tuple[str | None, FlaskClient]]:
    return [(email, sign_in(email) if email else app.test_client()) for email in VISITORS]


def close_orders(app: Flask) -> None:
    """So that the next visitor's order is not refused because one is still open."""
    with app.app_context():
        db.session.execute(update(Order).values(closed_at=datetime.now(UTC)))
        db.session.commit()


def cells() -> Iterator[tuple[str, str, Row, str, list[str]]]:
    for (_, method), each in TABLE.items():
        for address in each.addresses:
            for where, line in each.cells.items():
                yield method, address, each, where, line.split()


def test_no_route_is_missing_from_the_table(app: Flask) -> None:
    routes = {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routes == set(TABLE)


def test_every_cell_of_the_table_answers_as_it_says_and_tells_nobody_of_another_home(
    app: Flask, town: Town, sign_in: SignIn
) -> None:
    visitors, wrong, n = clients_of(app, sign_in), [], 0
    for method, pattern, each, where, expected in cells():
        address = address_of(town, pattern, where)
        for (visitor, client), cell in zip(visitors, expected, strict=True):
            n += 1
            data = {**each.data, "client_key": f"form-number-{n}"} if method == "POST" else None
            found, body = ask(client, method, address, data=data, headers=dict(each.headers))
            told = leaked(body, address, hidden_from(visitor, town))
            if found != cell or told:
                wrong.append(f"{visitor} {method} {address} ({where}): {found}, not {cell}; told {told}")
            if method == "POST":
                close_orders(app)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"HX-Request-Type": "partial"}, "204"),
        ({"Accept": "application/json"}, "401"),
        ({"Accept": "text/event-stream"}, "401"),
    ],
)
def test_signed_out_a_script_is_told_in_its_own_way(
    app: Flask, town: Town, headers: dict[str, str], expected: str
) -> None:
    nobody, found = app.test_client(), {}
    for (endpoint, method), each in TABLE.items():
        if endpoint not in NOT_OF_A_SOCIETY:
            address = address_of(town, each.addresses[0], "home")
            answer = nobody.open(address, method=method, headers=headers)
            found[endpoint] = str(answer.status_code), answer.headers.get("HX-Redirect")
            assert not leaked(answer.text, address, hidden_from(None, town))
    assert set(found.values()) == {(expected, "/login" if expected == "204" else None)}


@pytest.mark.parametrize("headers", [{"HX-Request-Type": "partial"}, {"Accept": "application/json"}])
def test_however_a_resident_asks_the_neighbours_things_stay_theirs(
    town: Town, sign_in: SignIn, headers: dict[str, str]
) -> None:
    client = sign_in(RESIDENT)
    for where in ("neighbour", "other"):
        for (_, method), each in TABLE.items():
            if "neighbour" not in each.cells or each.cells["home"].split()[1] == "303":
                continue
            address = address_of(town, each.addresses[0], where)
            found, body = ask(client, method, address, headers=headers)
            assert found in ("403", "404"), address
            assert not leaked(body, address, hidden_from(RESIDENT, town)), address


def test_a_residents_own_recharge_is_theirs_however_asked_for(town: Town, sign_in: SignIn) -> None:
    client, address = sign_in(RESIDENT), address_of(town, ORDER, "home")
    home = town.homes["home"]
    assert home.token in client.get(address).text
    assert "<html" not in client.get(address, headers={"HX-Request-Type": "partial"}).text
    said = client.get(address, headers={"Accept": "application/json"}).get_json()
    assert (said["meter_no"], said["state"], said["amount"]) == (home.meter, "done", "1.00")


def residence_of(town: Town, **changed: datetime) -> None:
    with town.desks["greenview"].app.app_context():
        user_id = db.session.scalar(select(User.id).filter_by(email=RESIDENT))
        db.session.execute(update(Residence).filter_by(user_id=user_id).values(**changed))
        db.session.commit()


def test_who_moved_out_sees_nothing_of_the_home_any_more(town: Town, sign_in: SignIn) -> None:
    client = sign_in(RESIDENT)
    residence_of(town, until=datetime.now(UTC) - timedelta(seconds=1))
    page = client.get("/s/greenview/home")
    assert page.status_code == 200
    assert "No home is yours here yet" in page.text
    assert not leaked(page.text, "", town.homes["home"].secrets)
    for pattern in (ORDER, f"{ORDER}/receipt", "/s/{society}/orders/{unknown_id}"):
        assert client.get(address_of(town, pattern, "home")).status_code == 404


def test_recharges_before_one_moved_in_are_somebody_elses(town: Town, sign_in: SignIn) -> None:
    client, home = sign_in(RESIDENT), town.homes["home"]
    assert home.token in client.get("/s/greenview/home").text
    residence_of(town, since=datetime.now(UTC))
    page = client.get("/s/greenview/home").text
    assert home.unit in page
    assert home.token not in page
    assert client.get(address_of(town, ORDER, "home")).status_code == 404
    assert client.get(address_of(town, f"{ORDER}/receipt", "home")).status_code == 404


def test_a_cut_of_ones_own_home_is_the_offices_paper_not_the_residents(town: Town, sign_in: SignIn) -> None:
    data = {"reason": "Arrears.", "client_key": "key-of-the-cut"}
    sign_in("office@greenview.example").post("/s/greenview/meters/M000101/cut", data=data)
    order_id = town.desks["greenview"].one(select(Order).filter_by(kind_name="cut")).id
    assert sign_in(RESIDENT).get(f"/s/greenview/orders/{order_id}").status_code == 404


def test_a_society_that_does_not_exist_answers_as_one_that_is_not_yours(town: Town, sign_in: SignIn) -> None:
    client = sign_in("manager@greenview.example")
    theirs, none = client.get("/s/lakeside/units"), client.get("/s/seaside/units")
    assert (theirs.status_code, unsigned(theirs.text)) == (none.status_code, unsigned(none.text))


def unsigned(page: str) -> str:
    """Without the form's token, which is signed anew every second."""
    return re.sub(r"X-CSRFToken\W+[\w.-]+", "", page)


def test_a_stream_that_is_closed_leaves_no_listener(town: Town, sign_in: SignIn) -> None:
    found, beginning = ask(sign_in(RESIDENT), "GET", "/s/greenview/events")
    assert (found, beginning) == ("200", ": welcome\n\n")
    assert town.desks["greenview"].app.extensions["newsroom"].listeners == 0


def homes_named(text: str, homes: Mapping[str, Home]) -> set[str]:
    return {where for where, home in homes.items() if home.unit in text}


def test_a_file_of_units_holds_ones_own_society_only(town: Town, sign_in: SignIn) -> None:
    file = sign_in("office@greenview.example").get("/s/greenview/units.csv").text
    assert homes_named(file, town.homes) == {"home", "neighbour"}
