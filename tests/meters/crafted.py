"""Replies made by hand, stored as a poll stores them, for what no simulator would say."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from tests.conftest import Desk, load_society
from webapp.contract.replies import LatestReadings, Reading, Supply
from webapp.extensions import db
from webapp.meters import polling
from webapp.meters.models import Meter, MeterDoubt
from webapp.meters.models import Reading as Kept
from webapp.societies.models import MeterServer

START = datetime(2026, 11, 22, 4, 30, tzinfo=UTC)
ROW = Reading("M1", "A-101", 1_000_000, 20_000, 500_00, START, Supply.ON, "On")


def row(number: int = 1, minutes: float = 0, **changed: Any) -> Reading:
    """The row of one of the society's meters, so many minutes after START."""
    own = {"meter_no": f"M{number}", "unit_no": f"A-{100 + number}"}
    return msgspec.structs.replace(ROW, **{**own, "read_at": START + timedelta(minutes=minutes), **changed})


@dataclass
class Site:
    """A society of its own on the desk's database, whose server says what the test says."""

    desk: Desk
    server_id: int

    def says(self, *rows: Reading, minutes: float = 0, deviations: tuple[str, ...] = ()) -> str:
        """Store these rows as the reply to a poll ``minutes`` after START; the remark, or ''."""
        asked_at = START + timedelta(minutes=minutes, seconds=5)
        with self.desk.app.app_context():
            asked = polling.claim(self.server_id, asked_at, even_if_early=True)
            assert asked is not None
            polling.answered(asked, LatestReadings(list(rows), losses=deviations), asked_at)
        return self.server().remark or ""

    def server(self) -> MeterServer:
        return self.desk.one(select(MeterServer).filter_by(id=self.server_id))

    def meter(self, meter_no: str = "M1") -> Meter:
        wanted = select(Meter).filter_by(server_id=self.server_id, meter_no=meter_no)
        return self.desk.one(wanted.options(joinedload(Meter.unit), joinedload(Meter.server)))

    def doubts(self, meter_no: str = "M1") -> list[tuple[str, str, bool]]:
        """Each doubt there ever was: field, kind, and whether it is open."""
        wanted = select(MeterDoubt).filter_by(meter_id=self.meter(meter_no).id).order_by(MeterDoubt.id)
        return [(each.field, each.kind, each.ended_at is None) for each in self.desk.all(wanted)]

    def history(self, meter_no: str = "M1") -> list[Kept]:
        wanted = select(Kept).filter_by(meter_id=self.meter(meter_no).id).order_by(Kept.read_at)
        return self.desk.all(wanted)


def another_site(desk: Desk, slug: str) -> Site:
    with desk.app.app_context():
        society = load_society(desk.box.url, slug, "LS01")
        return Site(desk, society.meter_servers[0].id)


def second_server(site: Site) -> Site:
    """Of the same society."""
    with site.desk.app.app_context():
        first = db.session.get_one(MeterServer, site.server_id)
        second = MeterServer(
            society_id=first.society_id, name="second", base_url=first.base_url, site_id="LS02"
        )
        db.session.add(second)
        db.session.commit()
        return Site(site.desk, second.id)
