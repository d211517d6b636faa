"""Adding people, and what they then are."""

import pytest
from flask import Flask
from sqlalchemy import select

from tests.conftest import PASSWORD, Desk
from webapp.extensions import db
from webapp.people.accounts import Account, AccountError, add
from webapp.people.models import Membership, Residence, Role, User, authenticate

NEW = "new@greenview.example"


def test_a_known_person_keeps_their_password_and_becomes_what_is_new(app: Flask, desk: Desk) -> None:
    with app.app_context():
        assert add(Account("Office@Greenview.example", "", "greenview", Role.MANAGER)) == ""
        user = authenticate("office@greenview.example", PASSWORD)
        assert user
        assert [each.role for each in user.memberships] == [Role.MANAGER]


def test_who_is_new_and_given_no_password_gets_one_that_works(app: Flask, desk: Desk) -> None:
    with app.app_context():
        made = add(Account(NEW, "", "greenview", Role.OFFICE))
        assert len(made) >= 12
        assert authenticate(NEW, made)


def test_a_resident_lives_there_from_the_beginning_of_the_societys_day(app: Flask, desk: Desk) -> None:
    with app.app_context():
        add(Account(NEW, "", "greenview", Role.RESIDENT, "A-102"))
        user = db.session.scalars(select(User).filter_by(email=NEW)).one()
        home = db.session.scalars(select(Residence).filter_by(user_id=user.id)).one()
        society = db.session.scalars(select(Membership).filter_by(user_id=user.id)).one().society
        since = home.since.astimezone(society.zone)
    assert (since.hour, since.minute, home.until) == (0, 0, None)


def test_adding_a_resident_again_gives_no_second_residence(app: Flask, desk: Desk) -> None:
    with app.app_context():
        for _ in range(2):
            add(Account("resident@greenview.example", "", "greenview", Role.RESIDENT, "A-101"))
        db.session.commit()
    assert len(desk.all(select(Residence))) == 1


@pytest.mark.parametrize(
    ("account", "said"),
    [
        (Account("nobody", "", "greenview", Role.OFFICE), "“nobody” is not an e-mail address."),
        (Account(NEW, "", "seaside", Role.OFFICE), "There is no society “seaside”."),
        (Account(NEW, "", None, Role.OFFICE), "Say of which society."),
        (Account(NEW, "", "greenview", Role.RESIDENT), "A resident needs a unit."),
        (Account(NEW, "", "greenview", Role.RESIDENT, "Z-1"), "There is no unit “Z-1” in Greenview."),
    ],
)
def test_who_cannot_be_added_is_said_in_one_sentence(
    app: Flask, desk: Desk, account: Account, said: str
) -> None:
    with app.app_context(), pytest.raises(AccountError) as refused:
        add(account)
    assert str(refused.value) == said
