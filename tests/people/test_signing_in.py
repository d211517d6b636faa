"""Signing in and out, and what a session is good for."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.conftest import PASSWORD, Desk, SignIn
from webapp.extensions import db
from webapp.people.accounts import Account, add
from webapp.people.models import Role, User

OPERATOR = "operator@meterdesk.example"


@pytest.fixture
def operator(app: Flask) -> FlaskClient:
    """Nobody yet, in an application that knows one person and no society."""
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        add(Account(OPERATOR, "Olga Operator", None, Role.OPERATOR), PASSWORD)
        db.session.commit()
    return app.test_client()


def enter(client: FlaskClient, email: str = OPERATOR, password: str = PASSWORD, **more: str) -> TestResponse:
    return client.post("/login", data={"email": email, "password": password, **more})


def test_the_right_half_and_the_right_half_open_the_door(operator: FlaskClient) -> None:
    answer = enter(operator)
    assert (answer.status_code, answer.location) == (302, "/")
    assert operator.get("/").status_code == 200


def test_an_address_is_read_as_people_write_it(operator: FlaskClient) -> None:
    assert enter(operator, " Operator@MeterDesk.example ").status_code == 302


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(operator: FlaskClient) -> None:
    wrong, unknown = enter(operator, password="wrong"), enter(operator, "who@meterdesk.example")
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    texts = [re.sub(r"X-CSRFToken[^}]*|value=\"[^\"]*\"", "", answer.text) for answer in (wrong, unknown)]
    assert texts[0] == texts[1]
    assert operator.get("/").location == "/login?next=/"


def test_the_password_that_stands_in_for_unknown_addresses_opens_nothing(
    operator: FlaskClient,
) -> None:
    assert enter(operator, "who@meterdesk.example", "nobody's password").status_code == 401


@pytest.mark.parametrize("password", ["", "\0", "x" * 10_000, "ключ 🔑"])
def test_an_odd_password_is_only_a_wrong_one(operator: FlaskClient, password: str) -> None:
    assert enter(operator, password=password).status_code == 401


def test_a_person_without_a_password_cannot_sign_in(app: Flask, operator: FlaskClient) -> None:
    with app.app_context():
        db.session.add(User(email="new@meterdesk.example"))
        db.session.commit()
    for password in ("", "nobody's password"):
        assert enter(operator, "new@meterdesk.example", password).status_code == 401


def test_after_many_failures_for_an_address_no_password_is_tried_any_more(operator: FlaskClient) -> None:
    tries = [enter(operator, password=f"guess {n}").status_code for n in range(9)]
    assert tries == [401] * 8 + [429]
    answer = enter(operator)
    assert answer.status_code == 429
    assert "Try again in five minutes." in answer.text


def test_failures_for_one_address_keep_nobody_else_out(app: Flask, operator: FlaskClient) -> None:
    for n in range(9):
        enter(operator, "who@meterdesk.example", f"guess {n}")
    assert enter(app.test_client()).status_code == 302


def test_from_one_place_addresses_are_not_tried_without_end(operator: FlaskClient) -> None:
    tries = [enter(operator, f"guess{n}@meterdesk.example").status_code for n in range(31)]
    assert tries == [401] * 30 + [429]


def test_signing_in_rightly_is_never_too_often(app: Flask, operator: FlaskClient) -> None:
    assert {enter(app.test_client()).status_code for _ in range(10)} == {302}


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/", "//evil.example/", "/\\evil.com", "\\\\evil.example", "javascript:evil()",
        "/\t/evil.example", "/\n/evil.example", "/\t/[", "evil.example", " //evil.example", "/s/\\..\\evil",
    ],
)  # fmt: skip
def test_signing_in_leads_to_no_address_but_ours(operator: FlaskClient, elsewhere: str) -> None:
    assert "evil" not in operator.get("/login", query_string={"next": elsewhere}).text
    assert enter(operator, next=elsewhere).location == "/"
    assert operator.get("/login", query_string={"next": elsewhere}).location == "/"


def test_signing_in_leads_on_to_the_page_that_was_asked_for(operator: FlaskClient) -> None:
    asked = operator.get("/s/greenview/units?q=A-101&sort=balance")
    assert asked.status_code == 302
    page = operator.get(asked.location or "")
    assert 'value="/s/greenview/units?q=A-101&amp;sort=balance"' in page.text
    onward = enter(operator, next="/s/greenview/units?q=A-101&sort=balance")
    assert onward.location == "/s/greenview/units?q=A-101&sort=balance"


def test_the_session_ends_when_the_password_changes(app: Flask, operator: FlaskClient) -> None:
    enter(operator)
    with app.app_context():
        db.session.scalars(select(User)).one().set_password("a new one")
        db.session.commit()
    assert operator.get("/").location == "/login?next=/"


def test_the_session_ends_when_the_person_is_removed(app: Flask, operator: FlaskClient) -> None:
    enter(operator)
    with app.app_context():
        db.session.delete(db.session.scalars(select(User)).one())
        db.session.commit()
    assert operator.get("/").location == "/login?next=/"


def test_a_session_that_was_tampered_with_is_nobodys(operator: FlaskClient) -> None:
    enter(operator)
    cookie = operator.get_cookie("meterdesk")
    assert cookie is not None
    operator.set_cookie("meterdesk", "x" + cookie.value)
    assert operator.get("/").location == "/login?next=/"


def test_the_cookie_stays_from_scripts_and_from_other_sites(operator: FlaskClient) -> None:
    cookie = enter(operator).headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Secure" not in cookie


@pytest.fixture
def by_https(environ: dict[str, str]) -> None:
    environ["METERDESK_PUBLIC_URL"] = "https://desk.example"


def test_behind_https_the_cookie_travels_by_https_only(by_https: None, operator: FlaskClient) -> None:
    assert "Secure" in enter(operator).headers["Set-Cookie"].split("; ")


def test_a_link_or_a_prefetch_signs_nobody_out(operator: FlaskClient) -> None:
    enter(operator)
    assert "Sign out?" in operator.get("/logout").text
    assert operator.get("/").status_code == 200


def test_signing_out_ends_it_and_forgets_the_pages(operator: FlaskClient) -> None:
    enter(operator)
    answer = operator.post("/logout")
    assert (answer.location, answer.headers["Clear-Site-Data"]) == ("/login", '"cache"')
    assert operator.get("/").location == "/login?next=/"


def test_who_is_signed_in_is_led_from_the_sign_in_page_to_their_own(desk: Desk, sign_in: SignIn) -> None:
    client = sign_in("resident@greenview.example")
    assert client.get("/login").location == "/"
    assert client.get("/").location == "/s/greenview/home"
    assert sign_in("office@greenview.example").get("/").location == "/s/greenview/"


def test_who_belongs_to_no_society_yet_is_told_whom_to_ask(app: Flask, operator: FlaskClient) -> None:
    with app.app_context():
        db.session.scalars(select(User)).one().is_operator = False
        db.session.commit()
    enter(operator)
    assert "You are signed in, but belong to no society yet." in operator.get("/").text
