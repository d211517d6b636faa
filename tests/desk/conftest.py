"""A society large enough for several pages, and its list as a browser walks it."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from tests.conftest import Desk, load_society, people_of
from webapp.extensions import db
from webapp.meters.models import Meter
from webapp.simulator.server import SimulatorServer

MANY = 130
UNITS = "/s/greenview/units"


@pytest.fixture
def large(app: Flask) -> Iterator[Desk]:
    """130 units: two full pages and a part of one."""
    with SimulatorServer(port=0, units=MANY) as box:
        with app.app_context():
            society = load_society(box.url)
            made = Desk(app, box, society.id, society.meter_servers[0].id)
        assert made.poll() is None
        with app.app_context():
            people_of("greenview", "A-101")
        yield made


def change(desk: Desk, *conditions: object, **values: object) -> None:
    """Meters as another company's server might have left them."""
    with desk.app.app_context():
        db.session.execute(update(Meter).where(*conditions).values(**values))  # type: ignore[arg-type]
        db.session.commit()


def units_on(page: str) -> list[str]:
    return re.findall(r'<td class="unit"><a [^>]*>([^<]+)</a>', page)


def walk(client: FlaskClient, **query: str) -> list[list[str]]:
    """Every page's units, following the links to the next fifty."""
    pages, after = [], ""
    while True:
        text = client.get(UNITS, query_string={**query, "after": after}).text
        pages.append(units_on(text))
        onward = re.search(r'href="[^"]*[?&;]after=([^"&]+)[^"]*"[^>]*>Next fifty', text)
        if not onward or len(pages) > 10:
            return pages
        after = onward[1]
