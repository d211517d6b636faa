"""The pages in the states that a morning brings, and what every answer says about itself."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text as sql

from tests.conftest import PASSWORD, Desk, SignIn, load_society, people_of
from tests.desk.conftest import change
from webapp.extensions import db
from webapp.meters import polling
from webapp.meters.joining import ensure_units
from webapp.meters.models import Meter
from webapp.people.accounts import Account, add
from webapp.people.models import Role
from webapp.societies.models import Society

OFFICE = "office@greenview.example"
STAFF_PAGES = ("", "now", "units", "units.csv", "generators", "generators/DG1", "alerts", "units/A-101")
DEAD = "http://127.0.0.1:1/"  # nobody listens on port 1


def staff_pages(client: FlaskClient) -> dict[str, str]:
    found = {}
    for page in STAFF_PAGES:
        answer = client.get(f"/s/greenview/{page}")
        assert answer.status_code == 200, page
        found[page] = answer.text
    return found


@pytest.fixture
def unread(app: Flask) -> int:
    """A society whose meter server is dead and never answered; the server's id."""
    with app.app_context():
        society = load_society(DEAD)
        ensure_units(society.id, ["A-101"])
        db.session.commit()
        people_of("greenview", "A-101")
        return society.meter_servers[0].id


def test_before_the_first_reading_every_page_says_that_it_comes(unread: int, sign_in: SignIn) -> None:
    pages = staff_pages(sign_in(OFFICE))
    assert "Waiting for the first readings." in pages[""]
    assert "No meters yet." in pages["units"]
    assert "No meter yet." in pages["units/A-101"]


def test_before_the_first_reading_the_residents_home_says_so(unread: int, sign_in: SignIn) -> None:
    page = sign_in("resident@greenview.example").get("/s/greenview/")
    assert "No meter yet." in page.text


def test_a_server_that_never_answered_is_the_first_thing_the_desk_says(
    app: Flask, unread: int, sign_in: SignIn
) -> None:
    with app.app_context():
        assert polling.poll(unread, even_if_early=True)
    pages = staff_pages(sign_in(OFFICE))
    assert "The meter server “main” does not answer." in pages[""]
    assert "main does not answer" in pages["now"]


def test_when_the_server_dies_the_last_values_stay_and_look_old(desk: Desk, sign_in: SignIn) -> None:
    before = desk.meter().balance_paise
    desk.fault("latest_readings", "http_500")
    assert desk.poll()
    assert desk.meter().balance_paise == before
    pages = staff_pages(sign_in(OFFICE))
    assert "does not answer" in pages["now"]
    assert "The meter server does not answer" in pages["units/A-101"]
    home = sign_in("resident@greenview.example").get("/s/greenview/home").text
    assert "does not answer just now" in home


def test_a_society_without_a_meter_server_is_told_how_to_name_one(app: Flask, sign_in: SignIn) -> None:
    with app.app_context():
        db.session.add(Society(slug="greenview", name="Green View"))
        db.session.flush()
        add(Account(OFFICE, "", "greenview", Role.OFFICE), PASSWORD)
        db.session.commit()
    page = sign_in(OFFICE).get("/s/greenview/").text
    assert "No meter server yet." in page
    assert "load a society file that names one" in page


def test_doubts_are_counted_shown_and_asked_for(desk: Desk, sign_in: SignIn) -> None:
    change(desk, Meter.key == "M000101", doubt="the register fell")
    change(desk, Meter.key != "M000101", doubt=None)
    pages = staff_pages(sign_in(OFFICE))
    assert "Doubtful · 1" in pages["units"]
    assert "the register fell; the last good values are shown" in pages["units/A-101"]


def test_a_resident_finds_their_home_where_staff_find_the_desk(desk: Desk, sign_in: SignIn) -> None:
    page = sign_in("resident@greenview.example").get("/s/greenview/")
    assert page.status_code == 200
    assert '<div id="home"' in page.text
    assert "A-102" not in page.text


def test_staff_who_live_here_have_a_home_too(desk: Desk, sign_in: SignIn) -> None:
    with desk.app.app_context():
        add(Account(OFFICE, "", "greenview", Role.OFFICE, "A-102"))
        db.session.commit()
    client = sign_in(OFFICE)
    assert client.get("/s/greenview/home").status_code == 200
    assert 'href="/s/greenview/home"' in client.get("/s/greenview/").text


@pytest.mark.parametrize(
    ("page", "root"),
    [
        ("units", '<section id="units"'), ("units/A-101", '<div id="unit"'), ("alerts", '<div id="alerts"'),
        ("generators", '<div id="generators"'), ("generators/DG1", '<div id="generator"'),
        ("home", '<div id="home"'),
    ],
)  # fmt: skip
def test_a_fragment_is_the_same_root_as_in_the_page(
    desk: Desk, sign_in: SignIn, page: str, root: str
) -> None:
    client = sign_in("resident@greenview.example" if page == "home" else OFFICE)
    whole = client.get(f"/s/greenview/{page}").text
    piece = client.get(f"/s/greenview/{page}", headers={"HX-Request-Type": "partial"}).text.strip()
    assert "<html" in whole
    assert "<html" not in piece
    assert piece.startswith(root)
    assert piece.partition("hx-get")[0].split()[0] in whole


def test_a_boosted_link_gets_the_whole_page(desk: Desk, sign_in: SignIn) -> None:
    headers = {"HX-Request": "true", "HX-Request-Type": "full"}
    assert "<html" in sign_in(OFFICE).get("/s/greenview/units", headers=headers).text


def policy(answer_headers: str) -> dict[str, list[str]]:
    return {words[0]: words[1:] for words in (part.split() for part in answer_headers.split(";")) if words}


def addresses(client: FlaskClient) -> list[str]:
    static = re.findall(r'(?:href|src)="(/static/[^"#]+)"', client.get("/login").text)
    assert static
    return ["/login", "/s/greenview/", "/s/greenview/units.csv", "/nowhere", "/s/seaside/", "/hooks/dg/x",
            "/healthz", *static]  # fmt: skip


def test_every_answer_keeps_scripts_frames_and_guesses_out(desk: Desk, sign_in: SignIn) -> None:
    client, nobody = sign_in(OFFICE), desk.app.test_client()
    for address in addresses(nobody):
        for asks in (client, nobody):
            answer = asks.get(address)
            said = policy(answer.headers["Content-Security-Policy"])
            assert said["default-src"] == said["script-src"] == ["'self'"], address
            assert said["frame-ancestors"] == said["object-src"] == ["'none'"], address
            assert "unsafe" not in answer.headers["Content-Security-Policy"]
            assert answer.headers["X-Content-Type-Options"] == "nosniff", address
            answer.close()


def test_pages_are_kept_by_no_cache_and_static_files_for_ever(desk: Desk, sign_in: SignIn) -> None:
    assert sign_in(OFFICE).get("/s/greenview/").headers["Cache-Control"] == "no-store"
    nobody = desk.app.test_client()
    for address in addresses(nobody)[7:]:
        answer = nobody.get(address)
        assert "immutable" in answer.headers["Cache-Control"], address
        answer.close()


def test_no_page_needs_a_style_or_a_script_of_its_own(desk: Desk, sign_in: SignIn) -> None:
    for page, html in staff_pages(sign_in(OFFICE)).items():
        assert not re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", html), page


@pytest.mark.parametrize(
    ("address", "code", "said"),
    [
        ("/nowhere", 404, "There is nothing here"),
        ("/s/greenview/home", 403, "This page is not for your role"),
        ("/s/greenview/orders/999", 404, "There is nothing here"),
        ("/s/greenview/orders/1/settle", 405, "That is not done this way"),
    ],
)
def test_an_error_is_a_page_a_fragment_or_json_as_it_was_asked_for(
    desk: Desk, sign_in: SignIn, address: str, code: int, said: str
) -> None:
    client = sign_in(OFFICE)
    page = client.get(address)
    piece = client.get(address, headers={"HX-Request-Type": "partial"})
    data = client.get(address, headers={"Accept": "application/json"})
    assert (page.status_code, piece.status_code, data.status_code) == (code, code, code)
    assert f'<h1 class="h2">{said}</h1>' in page.text
    assert "<html" not in piece.text
    assert data.get_json() == {"error": said, "status": code}


def test_something_broken_is_said_calmly_and_shows_nothing_of_the_inside(desk: Desk, sign_in: SignIn) -> None:
    client = sign_in(OFFICE)
    desk.app.config["PROPAGATE_EXCEPTIONS"] = False
    with desk.app.app_context():
        db.session.execute(sql("ALTER TABLE meter RENAME TO meter_that_was"))
        db.session.commit()
    answer = client.get("/s/greenview/units")
    assert answer.status_code == 500
    assert "Something broke on our side" in answer.text
    assert "meter_that_was" not in answer.text
    assert "Traceback" not in answer.text


def test_what_is_too_large_is_refused_before_it_is_read(desk: Desk, sign_in: SignIn) -> None:
    answer = sign_in(OFFICE).post("/s/greenview/meters/M000101/recharge", data={"amount": "1" * 70_000})
    assert answer.status_code == 413
    assert "That was too large" in answer.text


def test_who_watches_the_server_needs_no_sign_in(desk: Desk) -> None:
    nobody = desk.app.test_client()
    assert (nobody.get("/healthz").text, nobody.get("/readyz").text) == ("alive\n", "ready\n")


def test_figures_are_for_this_machine_only_and_name_nobody(desk: Desk) -> None:
    nobody = desk.app.test_client()
    figures = nobody.get("/metrics")
    assert "meterdesk_meters 24\n" in figures.text
    assert "A-101" not in figures.text
    assert nobody.get("/metrics", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 403
    assert nobody.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 403
