"""Moving in and out, and putting a wrong entry right: who sees what, from which moment."""

import re
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from tests.conftest import PASSWORD, Desk, SignIn
from webapp.extensions import db
from webapp.people import residing
from webapp.people.models import Membership, Residence, Role, User
from webapp.people.residing import NewResident
from webapp.people.rules import day_at, moment_of
from webapp.societies.models import Society

RESIDENT = "resident@greenview.example"


@pytest.fixture
def manager(desk: Desk, sign_in: SignIn) -> FlaskClient:
    return sign_in("manager@greenview.example")


@pytest.fixture
def today(desk: Desk) -> date:
    return day_at(datetime.now(UTC), desk.one(select(Society)).zone)


def person(desk: Desk, email: str = RESIDENT) -> str:
    return f"/s/greenview/people/{desk.one(select(User).filter_by(email=email)).id}"


def home(desk: Desk) -> Residence:
    """The resident's entry that is newest."""
    theirs = select(Residence).join(User, User.id == Residence.user_id).where(User.email == RESIDENT)
    return desk.all(theirs.order_by(Residence.id.desc()))[0]


def act(manager: FlaskClient, desk: Desk, what: str, **data: object) -> tuple[int, str]:
    """Press a button of the resident's home."""
    answer = manager.post(f"{person(desk)}/homes/{home(desk).id}/{what}", data=data)
    said = re.search(r'role="alert">.*?<div>(.*?)</div>', answer.text, re.DOTALL)
    return answer.status_code, said[1] if said else ""


def test_who_moves_out_today_sees_nothing_any_more_and_stays_in_the_list(
    desk: Desk, manager: FlaskClient, sign_in: SignIn, today: date
) -> None:
    settle_since(desk, today - timedelta(days=30))
    resident = sign_in(RESIDENT)
    assert "A-101" in resident.get("/s/greenview/home").text
    assert act(manager, desk, "move-out", on=today)[0] == 303
    assert "No home is yours here yet" in resident.get("/s/greenview/home").text
    assert "moved out" in manager.get(person(desk)).text


def settle_since(desk: Desk, day: date) -> None:
    with desk.app.app_context():
        zone = db.session.scalars(select(Society)).one().zone
        db.session.execute(update(Residence).values(since=moment_of(day, zone)))
        db.session.commit()


def test_who_moves_out_tomorrow_has_today(
    desk: Desk, manager: FlaskClient, sign_in: SignIn, today: date
) -> None:
    assert act(manager, desk, "move-out", on=today + timedelta(days=1))[0] == 303
    assert "A-101" in sign_in(RESIDENT).get("/s/greenview/home").text
    kept = home(desk)
    assert kept.until
    assert not kept.holds(kept.until)
    assert kept.holds(kept.until - timedelta(microseconds=1))


def test_who_moves_in_tomorrow_sees_nothing_today(
    desk: Desk, manager: FlaskClient, sign_in: SignIn, today: date
) -> None:
    data = {"unit": "A-102", "since": today + timedelta(days=1)}
    assert manager.post(f"{person(desk)}/move-in", data=data).status_code == 303
    page = sign_in(RESIDENT).get("/s/greenview/home").text
    assert "A-101" in page
    assert "A-102" not in page
    assert "moves in" in manager.get(person(desk)).text


def test_one_resident_may_have_several_homes(desk: Desk, manager: FlaskClient, sign_in: SignIn) -> None:
    assert manager.post(f"{person(desk)}/move-in", data={"unit": "A-102"}).status_code == 303
    page = sign_in(RESIDENT).get("/s/greenview/home").text
    assert "A-101" in page
    assert "A-102" in page


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"unit": "A-101"}, "This person lives in A-101 at that time already."),
        ({"unit": "Z-9"}, "There is no unit “Z-9” in this society."),
        ({"unit": " "}, "Name the unit."),
        ({"unit": "A-102", "since": "soon"}, "“soon” is not a day."),
        (
            {"unit": "A-102", "since": "2026-05-02", "until": "2026-05-02"},
            "must be after the day of moving in",
        ),
        ({"unit": "A-102", "since": "1850-01-01"}, "1850-01-01 is too long ago."),
        ({"unit": "A-102", "since": "9999-12-31"}, "9999-12-31 is too far ahead."),
    ],
)
def test_what_cannot_be_is_said_where_it_was_pressed_and_not_done(
    desk: Desk, manager: FlaskClient, data: dict[str, str], said: str
) -> None:
    answer = manager.post(f"{person(desk)}/move-in", data=data)
    assert answer.status_code == 422
    assert said in answer.text
    assert len(desk.all(select(Residence))) == 1


def test_nobody_moves_out_before_they_moved_in_nor_twice(
    desk: Desk, manager: FlaskClient, today: date
) -> None:
    assert act(manager, desk, "move-out", on=today)[1].startswith("The day of moving out must be after")
    tomorrow = today + timedelta(days=1)
    act(manager, desk, "move-out", on=tomorrow)
    assert act(manager, desk, "move-out", on=today + timedelta(days=9))[0] == 422
    assert [each.until for each in desk.all(select(Residence))] == [
        moment_of(tomorrow, desk.one(select(Society)).zone)
    ]


def test_a_corrected_entry_is_a_new_one_and_the_wrong_one_stays_known(
    desk: Desk, manager: FlaskClient, today: date
) -> None:
    wrong = home(desk)
    assert act(manager, desk, "correct", since=today - timedelta(days=90))[0] == 303
    rows = desk.all(select(Residence).order_by(Residence.id))
    assert [row.cancelled_at is None for row in rows] == [False, True]
    assert (rows[0].since, rows[0].id) == (wrong.since, wrong.id)
    assert "was wrong" in manager.get(person(desk)).text


def test_who_never_lived_there_sees_nothing(desk: Desk, manager: FlaskClient, sign_in: SignIn) -> None:
    resident = sign_in(RESIDENT)
    assert act(manager, desk, "correct", never="yes")[0] == 303
    assert "No home is yours here yet" in resident.get("/s/greenview/home").text
    assert act(manager, desk, "correct", never="yes")[0] == 404


def test_a_correction_that_cannot_be_leaves_the_entry_as_it_was(desk: Desk, manager: FlaskClient) -> None:
    assert act(manager, desk, "correct", since="2026-05-02", until="2026-05-01")[0] == 422
    assert [row.cancelled_at for row in desk.all(select(Residence))] == [None]


@pytest.fixture
def stream(desk: Desk, sign_in: SignIn) -> Iterator[Iterator[bytes]]:
    """The resident's open page, listening."""
    resident = sign_in(RESIDENT)
    answer = resident.get("/s/greenview/events", headers={"Accept": "text/event-stream"})
    frames = answer.iter_encoded()
    assert next(frames) == b": welcome\n\n"
    yield frames
    answer.close()


def test_an_open_page_looks_afresh_and_its_stream_ends_when_somebody_is_moved_out(
    desk: Desk, manager: FlaskClient, stream: Iterator[bytes]
) -> None:
    act(manager, desk, "correct", never="yes")
    rest = list(stream)
    assert [frame.splitlines()[1] for frame in rest if frame.startswith(b"id:")] == [b"event: home"]


def test_an_open_page_looks_afresh_when_the_last_moment_of_a_home_has_come(
    desk: Desk, sign_in: SignIn
) -> None:
    resident = sign_in(RESIDENT)
    with desk.app.app_context():
        soon = datetime.now(UTC) + timedelta(seconds=1)
        db.session.execute(update(Residence).values(until=soon))
        db.session.commit()
    began = time.monotonic()
    answer = resident.get("/s/greenview/events", headers={"Accept": "text/event-stream"})
    frames = list(answer.iter_encoded())
    assert time.monotonic() - began < 10
    assert b"event: home" in frames[-1]
    assert "No home is yours here yet" in resident.get("/s/greenview/home").text


def test_a_new_password_ends_what_listens_with_the_old(sign_in: SignIn, stream: Iterator[bytes]) -> None:
    data = {"present": PASSWORD, "password": "four words in a row", "again": "four words in a row"}
    assert sign_in(RESIDENT).post("/me/password", data=data).location == "/me?done=password"
    assert [frame for frame in stream if frame.startswith(b"id:")]


def test_of_another_persons_move_a_resident_hears_nothing(
    desk: Desk, manager: FlaskClient, stream: Iterator[bytes]
) -> None:
    office = person(desk, "office@greenview.example")
    assert manager.post(f"{office}/move-in", data={"unit": "A-103"}).status_code == 303
    act(manager, desk, "correct", never="yes")
    heard = [frame for frame in stream if frame.startswith(b"id:")]
    assert len(heard) == 1


def test_the_unit_says_who_lives_in_it_to_staff(desk: Desk, app: Flask, sign_in: SignIn) -> None:
    from flask import g, render_template

    from webapp.meters.models import Unit
    from webapp.people.gate import Visit

    with app.test_request_context("/"):
        society = db.session.scalars(select(Society)).one()
        user = db.session.scalars(select(User).filter_by(email="office@greenview.example")).one()
        g.visit = visit = Visit(society, user, Role.OFFICE, datetime.now(UTC))
        unit = db.session.scalars(select(Unit).filter_by(unit_no="A-101")).one()
        page = render_template("people/_residents.html", visit=visit, unit=unit)
    assert "Resident" in page
    assert "Somebody moves in" not in page


def test_ten_thousand_residents_of_a_list_are_settled_in_seconds(desk: Desk, app: Flask) -> None:
    began = time.monotonic()
    with app.app_context():
        society = db.session.scalars(select(Society)).one()
        unit_id = residing.unit_id_of(society, "A-101")
        rows = [NewResident(unit_id, f"Person {n}", f"98{n:08}") for n in range(10_000)]
        ids = residing.settle_many(society, rows)
        db.session.commit()
        named = db.session.get_one(User, ids[-1])
        assert (named.name, named.email) == ("Person 9999", None)
        assert len(db.session.scalars(select(Membership.id)).all()) == 10_003
    assert time.monotonic() - began < 5
