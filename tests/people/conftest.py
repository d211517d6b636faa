"""Two societies side by side, where everything that could leak exists on both sides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from tests.conftest import PASSWORD, Desk, SignIn, load_society, people_of
from webapp.alerts.models import Alert
from webapp.alerts.raising import raise_alert
from webapp.desk import importing
from webapp.extensions import db
from webapp.generators.models import Generator, Sensing
from webapp.generators.sensing import hashed
from webapp.looks import in_fours
from webapp.orders.models import Order
from webapp.people import inviting, residing
from webapp.people.accounts import Account, add
from webapp.people.lists.rows import Row
from webapp.people.models import Residence, Role, User
from webapp.people.papers import Invitation
from webapp.people.residing import NewResident
from webapp.societies import files, trials
from webapp.societies.models import Society

HOOK_TOKEN = "a-token-that-a-meter-server-was-given"


@dataclass
class Home:
    """What of a home can be asked for, and the words that only those may read who may see it."""

    society: str
    unit: str
    meter: str
    balance: str  # how it begins on a page; recharges of a rupee do not change that
    ids: dict[str, int] = field(default_factory=dict)
    token: str = ""

    @property
    def secrets(self) -> set[str]:
        return {self.unit, self.meter, self.balance, self.token}


@dataclass
class Town:
    """A resident's home, the neighbour's, and one in another society."""

    homes: Mapping[str, Home]
    desks: Mapping[str, Desk]

    def recharge(self, office: FlaskClient, home: Home, key: str) -> Order:
        """A rupee, by the office; the order as it is when the workers have done."""
        form = f"/s/{home.society}/meters/{home.meter}/recharge"
        assert office.post(form, data={"amount": "1", "client_key": key}).status_code == 303
        self.desks[home.society].work()
        return self.desks[home.society].one(
            select(Order).filter_by(client_key=key).options(joinedload(Order.meter))
        )


@pytest.fixture
def town(app: Flask, desk: Desk, sign_in: SignIn) -> Town:
    homes = {
        "home": Home("greenview", "A-101", "M000101", "5,55,5"),
        "neighbour": Home("greenview", "A-202", "M000202", "6,66,6"),
        "other": Home("lakeside", "A-905", "L000905", "7,77,7"),
    }
    made = Town(homes, {"greenview": desk, "lakeside": _lakeside(app, desk)})
    for site, home in (("GV01", homes["home"]), ("GV01", homes["neighbour"]), ("LS01", homes["other"])):
        rupees = home.balance.replace(",", "").ljust(6, "5")
        address = f"{desk.box.url}_world/{site}/meters/{home.meter}"
        requests.post(address, json={"balance": rupees}, timeout=5).raise_for_status()
    for each in made.desks.values():
        each.poll()
    _orders(made, sign_in)
    with app.app_context():
        _rest(made)
        _register(made)
    return made


@pytest.fixture
def lakeside(app: Flask, desk: Desk) -> Desk:
    """Another society, with its people."""
    return _lakeside(app, desk)


def _lakeside(app: Flask, desk: Desk) -> Desk:
    with app.app_context():
        society = load_society(desk.box.url, "lakeside", "LS01")
        lakeside = Desk(app, desk.box, society.id, society.meter_servers[0].id)
    assert lakeside.poll() is None
    with app.app_context():
        people_of("lakeside", "A-905")
        add(Account("operator@meterdesk.example", "Operator", None, Role.OPERATOR), PASSWORD)
        db.session.commit()
    return lakeside


def _orders(town: Town, sign_in: SignIn) -> None:
    """For each home a recharge that is done, and then one that nobody knows of."""
    offices = {slug: sign_in(f"office@{slug}.example") for slug in town.desks}
    for where, home in town.homes.items():
        done = town.recharge(offices[home.society], home, f"done-at-{where}")
        home.ids["done_id"], home.token = done.id, in_fours(done.token)
        town.desks[home.society].fault("recharge", "drop_reply", times=1)
        home.ids["unknown_id"] = town.recharge(offices[home.society], home, f"unknown-at-{where}").id


def _register(town: Town) -> None:
    """Somebody in each home, of whom one has never signed in; an invitation and a list for each society."""
    for home in town.homes.values():
        society = db.session.scalars(select(Society).filter_by(slug=home.society)).one()
        by = db.session.scalars(select(User).filter_by(email=f"manager@{home.society}.example")).one()
        unit_id = residing.unit_id_of(society, home.unit)
        if db.session.scalar(select(Residence.id).filter_by(unit_id=unit_id)) is None:
            residing.settle_many(society, [NewResident(unit_id, "Nina Neighbour", "9876543210")], by)
        residence = db.session.scalars(select(Residence).filter_by(unit_id=unit_id)).one()
        home.ids |= {"person_id": residence.user_id, "residence_id": residence.id}
        for name in ("invitation_id", "unwanted_id"):
            inviting.invite(society, f"{name}-{home.unit.lower()}@x.example", Role.OFFICE, by)
            home.ids[name] = db.session.scalars(select(func.max(Invitation.id))).one()
        server = society.meter_servers[0]
        home.ids["server_id"] = server.id
        home.ids["trial_id"] = trials.draft(society, files.part_of(server, []), "", server, [], by.id).id
        home.ids["upload_id"] = importing.keep(society, [Row(2, home.unit, "A. New")], "l.csv", False, by).id
    db.session.commit()


def _rest(town: Town) -> None:
    """An alert for each society, and one callback address."""
    now = datetime.now(UTC)
    for home in town.homes.values():
        society_id = town.desks[home.society].society_id
        alert = db.session.scalar(select(Alert).filter_by(society_id=society_id)) or raise_alert(
            Alert(society_id=society_id, kind="test", about="test", title=f"At {home.society}", raised_at=now)
        )
        home.ids["alert_id"] = alert.id if alert else 0
    generator_id = db.session.scalars(select(Generator.id).order_by(Generator.id)).first()
    db.session.add(Sensing(generator_id=generator_id, token_hash=hashed(HOOK_TOKEN), made_at=now))
    db.session.commit()
