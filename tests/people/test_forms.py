"""The real check of forms: nothing is done that one of our own pages did not ask for."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import PASSWORD, Desk
from webapp.orders.models import Order

EMAIL = "office@greenview.example"
FORM = "/s/greenview/meters/M000101/recharge"


def token_in(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found, page
    return found[1]


@pytest.fixture
def office(app: Flask, desk: Desk) -> FlaskClient:
    """Signed in through the real form, checks and all."""
    client = app.test_client()
    data = {"email": EMAIL, "password": PASSWORD, "csrf_token": token_in(client.get("/login").text)}
    assert client.post("/login", data=data).status_code == 302
    return client


def test_signing_in_without_the_forms_own_token_is_refused(app: Flask, desk: Desk) -> None:
    answer = app.test_client().post("/login", data={"email": EMAIL, "password": PASSWORD})
    assert answer.status_code == 400
    assert "This form is too old" in answer.text


def test_an_order_without_the_token_is_refused_and_recorded_nowhere(desk: Desk, office: FlaskClient) -> None:
    answer = office.post(FORM, data={"amount": "1", "client_key": "a key of a form"})
    assert (answer.status_code, desk.all(select(Order))) == (400, [])


def test_an_order_with_another_sessions_token_is_refused(app: Flask, desk: Desk, office: FlaskClient) -> None:
    token = token_in(app.test_client().get("/login").text)
    data = {"amount": "1", "client_key": "a key of a form", "csrf_token": token}
    assert (office.post(FORM, data=data).status_code, desk.all(select(Order))) == (400, [])


def test_the_form_as_the_page_gives_it_is_taken(desk: Desk, office: FlaskClient) -> None:
    page = office.get(FORM).text
    key = re.search(r'name="client_key" value="([^"]+)"', page)
    assert key
    data = {"amount": "1", "client_key": key[1], "csrf_token": token_in(page)}
    assert office.post(FORM, data=data).status_code == 303
    assert desk.one(select(Order)).client_key == key[1]


def test_a_script_may_give_the_token_as_a_header(desk: Desk, office: FlaskClient) -> None:
    header = {"X-CSRFToken": token_in(office.get(FORM).text), "HX-Request-Type": "partial"}
    answer = office.post(FORM, data={"amount": "1", "client_key": "a key of a form"}, headers=header)
    assert answer.status_code == 200
    assert 'id="order-' in answer.text


def test_a_fragments_form_that_is_too_old_says_so_as_a_fragment(desk: Desk, office: FlaskClient) -> None:
    answer = office.post(FORM, data={"amount": "1"}, headers={"HX-Request-Type": "partial"})
    assert answer.status_code == 400
    assert "<html" not in answer.text
    assert "Nothing was done." in answer.text


def test_nobody_is_signed_out_by_another_sites_form(office: FlaskClient) -> None:
    assert office.post("/logout").status_code == 400
    assert office.get("/s/greenview/").status_code == 200


def test_settling_and_acknowledging_are_checked_too(office: FlaskClient) -> None:
    for address in ("/s/greenview/orders/1/settle", "/s/greenview/alerts/1/acknowledge"):
        assert office.post(address).status_code == 400


def test_a_meter_servers_callback_needs_no_token_of_a_form(app: Flask, desk: Desk) -> None:
    answer = app.test_client().post("/hooks/dg/guessed", data="dg_no=DG1&status=ON")
    assert (answer.status_code, "There is nothing here" in answer.text) == (404, True)
