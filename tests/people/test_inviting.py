"""Coming in by an invitation: once, in time, as oneself."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from tests.conftest import PASSWORD, Desk, SignIn
from webapp.extensions import db
from webapp.people import inviting
from webapp.people.models import Membership, Residence, Role, User, authenticate
from webapp.people.papers import Invitation
from webapp.people.residing import NewResident, settle_many, unit_id_of
from webapp.societies.models import Society

NEW = "new@x.example"
CHOSEN = "three plain words"
MYSELF = {"way": "new", "name": "Nina Rao", "language": "hi", "password": CHOSEN, "again": CHOSEN}


@pytest.fixture
def manager(desk: Desk, sign_in: SignIn) -> FlaskClient:
    return sign_in("manager@greenview.example")


def link_in(page: str) -> str:
    found = re.search(r'value="https?://[^/"]+(/(?:invitation|reset)/[^"]+)"', page)
    assert found, page
    return found[1]


def invited(manager: FlaskClient, email: str = NEW, **more: str) -> str:
    data = {"role": "office", "email": email, **more}
    return link_in(manager.post("/s/greenview/people/new", data=data).text)


def user_called(desk: Desk, email: str) -> User | None:
    return next(iter(desk.all(select(User).filter_by(email=email))), None)


def roles_of(desk: Desk, email: str) -> list[str]:
    return desk.all(select(Membership.role_name).join(User).where(User.email == email))


def test_somebody_new_comes_in_as_they_say(desk: Desk, manager: FlaskClient, app: Flask) -> None:
    link, newcomer = invited(manager), app.test_client()
    assert "You are invited to Greenview" in newcomer.get(link).text
    assert newcomer.post(link, data=MYSELF).location == "/s/greenview/"
    assert newcomer.get("/s/greenview/").status_code == 200
    user = user_called(desk, NEW)
    assert user
    assert (user.name, user.language, roles_of(desk, NEW)) == ("Nina Rao", "hi", ["office"])


def test_the_link_lets_in_once(manager: FlaskClient, app: Flask) -> None:
    link = invited(manager)
    assert app.test_client().post(link, data=MYSELF).status_code == 303
    second = app.test_client().post(link, data=MYSELF)
    assert (second.status_code, "This link has ended" in second.text) == (410, True)


def test_looking_at_the_link_uses_nothing_up(manager: FlaskClient, app: Flask) -> None:
    link = invited(manager)
    assert {app.test_client().get(link).status_code for _ in range(3)} == {200}
    assert app.test_client().post(link, data=MYSELF).status_code == 303


def test_a_link_that_was_taken_by_two_at_once_lets_in_one(desk: Desk, manager: FlaskClient) -> None:
    invited(manager)
    with desk.app.app_context():
        first = db.session.scalars(select(Invitation)).one()
        db.session.execute(
            update(Invitation).values(used_at=datetime.now(UTC)),
            execution_options={"synchronize_session": False},
        )
        assert inviting.accept(first, None, inviting.Accepted("N", "", "", CHOSEN)) is None


def test_the_link_itself_is_kept_nowhere(desk: Desk, manager: FlaskClient) -> None:
    token = invited(manager).rpartition("/")[2]
    assert len(token) == 43
    assert token not in str([vars(each) for each in desk.all(select(Invitation))])


def test_a_link_ends_after_seven_days(desk: Desk, manager: FlaskClient, app: Flask) -> None:
    link = invited(manager)
    kept = desk.one(select(Invitation))
    assert kept.ends_at - kept.made_at == timedelta(days=7)
    with desk.app.app_context():
        db.session.execute(update(Invitation).values(ends_at=datetime.now(UTC)))
        db.session.commit()
    assert app.test_client().get(link).status_code == 410
    assert app.test_client().post(link, data=MYSELF).status_code == 410


def test_a_new_link_ends_the_old(desk: Desk, manager: FlaskClient, app: Flask) -> None:
    old = invited(manager)
    number = desk.one(select(Invitation)).id
    new = link_in(manager.post(f"/s/greenview/people/invitations/{number}/again").text)
    assert [app.test_client().get(link).status_code for link in (old, new)] == [410, 200]


def test_what_was_taken_back_lets_nobody_in(desk: Desk, manager: FlaskClient, app: Flask) -> None:
    link = invited(manager)
    number = desk.one(select(Invitation)).id
    manager.post(f"/s/greenview/people/invitations/{number}/revoke")
    assert app.test_client().post(link, data=MYSELF).status_code == 410


def test_who_is_known_comes_in_with_the_password_they_have(
    desk: Desk, lakeside: Desk, manager: FlaskClient, app: Flask
) -> None:
    link = invited(manager, "office@lakeside.example")
    wrong = app.test_client().post(link, data={"way": "known", "password": CHOSEN})
    assert wrong.status_code == 401
    right = app.test_client().post(link, data={"way": "known", "password": PASSWORD})
    assert right.location == "/s/greenview/"
    assert roles_of(desk, "office@lakeside.example") == ["office", "office"]


def test_an_invitation_is_no_way_to_change_a_known_persons_password(
    desk: Desk, lakeside: Desk, manager: FlaskClient, app: Flask
) -> None:
    link = invited(manager, "office@lakeside.example")
    answer = app.test_client().post(link, data=MYSELF)
    assert (answer.status_code, roles_of(desk, "office@lakeside.example")) == (401, ["office"])
    with desk.app.app_context():
        assert authenticate("office@lakeside.example", PASSWORD)
        assert authenticate("office@lakeside.example", CHOSEN) is None


def test_neither_the_form_nor_the_link_tells_whether_an_address_is_known(
    desk: Desk, lakeside: Desk, manager: FlaskClient, app: Flask
) -> None:
    pages = []
    for email in ("office@lakeside.example", "nobody@lakeside.example"):
        made = manager.post("/s/greenview/people/new", data={"role": "office", "email": email})
        asked = app.test_client().get(link_in(made.text))
        told = [
            re.sub(rf"{email}|invitation/[\w-]+|X-CSRFToken[^}}]*|value=\"[^\"]*\"", "", page.text)
            for page in (made, asked)
        ]
        pages.append((made.status_code, asked.status_code, *told))
    assert pages[0] == pages[1]


def test_who_is_signed_in_joins_by_one_press(
    desk: Desk, lakeside: Desk, manager: FlaskClient, sign_in: SignIn
) -> None:
    link, known = invited(manager, "office@lakeside.example"), sign_in("office@lakeside.example")
    assert "Join Greenview" in known.get(link).text
    assert known.post(link).location == "/s/greenview/"


def test_an_invitation_for_somebody_else_is_not_taken_by_who_is_signed_in(
    desk: Desk, manager: FlaskClient
) -> None:
    link = invited(manager)
    answer = manager.post(link, data=MYSELF)
    assert answer.status_code == 409
    assert "this invitation is for somebody else" in answer.text
    assert user_called(desk, NEW) is None


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"password": "short", "again": "short"}, "A password has at least 8 characters."),
        ({"again": "another one"}, "The two passwords are not the same."),
        ({"password": NEW, "again": NEW}, "A password must not be the e-mail address."),
        ({"name": " "}, "Give a name."),
        ({"phone": "no"}, "is not a phone number"),
    ],
)
def test_what_is_not_right_is_said_and_the_link_still_holds(
    manager: FlaskClient, app: Flask, changed: dict[str, str], said: str
) -> None:
    link = invited(manager)
    answer = app.test_client().post(link, data={**MYSELF, **changed})
    assert (answer.status_code, said in answer.text) == (422, True)
    assert app.test_client().post(link, data=MYSELF).status_code == 303


def test_a_resident_is_known_before_they_come_in_and_the_same_after(
    desk: Desk, manager: FlaskClient, app: Flask
) -> None:
    link = invited(manager, role="resident", name="Nina", unit="A-102", since="2026-01-01", invite="yes")
    listed = desk.one(select(User).filter_by(name="Nina"))
    assert (listed.email, listed.can_sign_in) == (None, False)
    newcomer = app.test_client()
    newcomer.post(link, data=MYSELF)
    assert "A-102" in newcomer.get("/s/greenview/home").text
    user = user_called(desk, NEW)
    assert user
    assert user.id == listed.id


def test_a_resident_who_signs_in_elsewhere_already_becomes_one_with_the_listed_one(
    desk: Desk, lakeside: Desk, manager: FlaskClient, app: Flask
) -> None:
    email = "resident@lakeside.example"
    link = invited(manager, email, role="resident", name="Leela", unit="A-102", invite="yes")
    client = app.test_client()
    client.post(link, data={"way": "known", "password": PASSWORD})
    assert "A-102" in client.get("/s/greenview/home").text
    assert desk.all(select(User).filter_by(name="Leela")) == []
    known = user_called(desk, email)
    assert known
    assert len(desk.all(select(Residence).filter_by(user_id=known.id))) == 2


def test_an_office_cannot_let_itself_in_as_a_resident_whose_address_it_only_believes(
    desk: Desk, lakeside: Desk, manager: FlaskClient, app: Flask
) -> None:
    """Lakeside lists a resident by an address; an invitation of Greenview to it opens nothing of Lakeside."""
    with desk.app.app_context():
        society = db.session.get_one(Society, lakeside.society_id)
        settle_many(society, [NewResident(unit_id_of(society, "A-102"), "Victim", email=NEW)])
        db.session.commit()
    newcomer = app.test_client()
    newcomer.post(invited(manager), data=MYSELF)
    assert newcomer.get("/s/greenview/").status_code == 200
    assert newcomer.get("/s/lakeside/home").status_code == 404


def test_nobody_becomes_less_by_an_invitation(desk: Desk, manager: FlaskClient) -> None:
    answer = manager.post(
        "/s/greenview/people/new", data={"role": "office", "email": "manager@greenview.example"}
    )
    assert (answer.status_code, "who is in the society already" in answer.text) == (422, True)
    assert roles_of(desk, "manager@greenview.example") == ["manager"]


def test_invitations_of_who_is_removed_end_with_them(
    desk: Desk, manager: FlaskClient, app: Flask, sign_in: SignIn
) -> None:
    asha = user_called(desk, "office@greenview.example")
    assert asha
    manager.post(f"/s/greenview/people/{asha.id}/role", data={"role": "manager"})
    link = invited(sign_in("office@greenview.example"))
    manager.post(f"/s/greenview/people/{asha.id}/remove")
    assert app.test_client().get(link).status_code == 410


def test_links_are_not_guessed_without_end(app: Flask, desk: Desk) -> None:
    tries = [app.test_client().get(f"/invitation/guess-{n}").status_code for n in range(31)]
    assert tries == [410] * 30 + [429]


def test_an_invitation_leads_to_our_own_pages_only(manager: FlaskClient, app: Flask) -> None:
    link = invited(manager)
    answer = app.test_client().post(
        f"{link}?next=https://evil.example/", data={**MYSELF, "next": "//evil.example"}
    )
    assert answer.location == "/s/greenview/"


def test_an_operator_is_made_by_no_form(manager: FlaskClient) -> None:
    assert (
        manager.post("/s/greenview/people/new", data={"role": Role.OPERATOR.value, "email": NEW}).status_code
        == 400
    )


def person_page(desk: Desk, email: str) -> str:
    return f"/s/greenview/people/{desk.one(select(User).filter_by(email=email)).id}"


@pytest.mark.parametrize("act", [("remove", {}), ("role", {"role": "office"})])
def test_who_was_removed_or_made_less_does_not_come_back_by_a_link_of_before(
    desk: Desk, manager: FlaskClient, app: Flask, act: tuple[str, dict[str, str]]
) -> None:
    link = invited(manager, "office@greenview.example", role="manager")
    page = person_page(desk, "office@greenview.example")
    if act[0] == "role":
        manager.post(f"{page}/role", data={"role": "manager"})
    assert manager.post(f"{page}/{act[0]}", data=act[1]).status_code == 303
    assert app.test_client().post(link, data={"way": "known", "password": PASSWORD}).status_code == 410
    assert "manager" not in roles_of(desk, "office@greenview.example")


def test_a_handed_reset_link_ends_when_its_person_joins_another_society(
    desk: Desk, lakeside: Desk, manager: FlaskClient, sign_in: SignIn, app: Flask
) -> None:
    page = person_page(desk, "office@greenview.example")
    link = link_in(manager.post(f"{page}/reset").text)
    there = sign_in("manager@lakeside.example")
    data = {"role": "manager", "email": "office@greenview.example"}
    invitation = link_in(there.post("/s/lakeside/people/new", data=data).text)
    assert sign_in("office@greenview.example").post(invitation).status_code == 303
    assert app.test_client().get(link).status_code == 410


def test_a_name_that_cannot_be_seen_breaks_no_file(desk: Desk, sign_in: SignIn) -> None:
    resident = sign_in("resident@greenview.example")
    resident.post("/me", data={"name": "Resi\x07dent \u202eक\u094d\u200dष"})
    user = user_called(desk, "resident@greenview.example")
    assert user and user.name == "Resident क\u094d\u200dष"
    assert sign_in("office@greenview.example").get("/s/greenview/units.xlsx").status_code == 200
