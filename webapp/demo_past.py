"""The demo's sixty days of past: no operation of the contract tells it, so the box itself is asked."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy import select

from webapp.alerts.news import tell
from webapp.extensions import db, reading
from webapp.generators.models import Generator, Run
from webapp.meters.filling import Past, fill, first_readings
from webapp.settings import Settings
from webapp.simulator.site import Site
from webapp.simulator.world import World
from webapp.societies.models import MeterServer

DAYS = 60
FINE_DAYS = 2  # of the last two days a reading each quarter of an hour, as polls keep them
BREATH_S = 0.25  # at least so long between two transactions: others who write look every 0.1 s
AT_ONCE = 5  # meters in one transaction, so that nobody who recharges waits for the past


def begin(app: Flask) -> None:
    """Fill in what is missing, behind the pages."""
    threading.Thread(target=_fill_all, args=(app,), daemon=True, name="past").start()


def _fill_all(app: Flask) -> None:
    with app.app_context():
        settings: Settings = app.config["METERDESK"]
        for server_id in _polled(settings):
            fill_server(server_id, settings)


def _polled(settings: Settings) -> Iterator[int]:
    """The demo's servers, each once its first poll is in."""
    seen: set[int] = set()
    while True:
        with reading():
            servers = select(MeterServer).where(MeterServer.base_url == settings.simulator_url)
            rows = [(server.id, server.answered_at) for server in db.session.scalars(servers)]
            db.session.rollback()
        ready = [server_id for server_id, answered in rows if answered and server_id not in seen]
        yield from ready
        seen.update(ready)
        if len(seen) == len(rows):
            return
        time.sleep(0.5)


def fill_server(server_id: int, settings: Settings) -> None:
    """Every meter whose history is young gets the days before it, and every generator its runs."""
    server = db.session.get_one(MeterServer, server_id)
    site = World(units=settings.demo_units).sites[server.site_id]
    firsts = first_readings(server)
    db.session.rollback()
    young = datetime.now(UTC) - timedelta(days=DAYS - 1)
    missing = [(no, *known) for no, known in firsts.items() if known[1] > young and no in site.meters]
    if missing:
        end = min(first for _, _, first in missing)
        _put_runs(server_id, site, end)
        pasts = _pasts(site, end)
        for start in range(0, len(missing), AT_ONCE):
            group, began = missing[start : start + AT_ONCE], time.monotonic()
            _put(server_id, [(meter_id, first, pasts[no]) for no, meter_id, first in group])
            # SQLite lets whoever waits in only where nobody begins anew at once.
            time.sleep(max(BREATH_S, time.monotonic() - began))


def _put(server_id: int, pasts: list[tuple[int, datetime, list[Past]]]) -> None:
    server = db.session.get_one(MeterServer, server_id)
    fill(server, pasts)
    tell(server.society_id, "meters", datetime.now(UTC))
    db.session.commit()


def _put_runs(server_id: int, site: Site, end: datetime) -> None:
    for generator in db.session.scalars(select(Generator).filter_by(server_id=server_id)).all():
        if db.session.scalar(select(Run.id).where(Run.generator_id == generator.id, Run.started_at < end)):
            continue  # a fill that was broken off had come so far
        ran = site.ran(generator.dg_no, (end - timedelta(days=DAYS)).timestamp(), end.timestamp())
        for start, stop in ran:
            db.session.add(
                Run(
                    generator_id=generator.id,
                    started_at=datetime.fromtimestamp(start, UTC),
                    started_by="asking",
                    ended_at=datetime.fromtimestamp(stop, UTC),
                    ended_by="asking",
                )
            )
    db.session.commit()


def _moments(end: datetime) -> list[datetime]:
    hour = end.replace(minute=0, second=0, microsecond=0)
    fine = hour - timedelta(days=FINE_DAYS)
    coarse = [fine - timedelta(hours=n) for n in range(24 * (DAYS - FINE_DAYS), 0, -1)]
    quarters = int((end - fine) / timedelta(minutes=15)) + 1
    return [*coarse, *(fine + timedelta(minutes=15 * n) for n in range(quarters))]


def _pasts(site: Site, end: datetime) -> dict[str, list[Past]]:
    """By meter_no: each meter at each moment, oldest first."""
    pasts: dict[str, list[Past]] = {meter_no: [] for meter_no in site.meters}
    for moment in _moments(end):
        for meter, state in site.states(moment.timestamp()):
            past = Past(
                moment,
                int(state.grid_wh // 10 * 10),  # as the wire has it: cut to hundredths of a kWh
                int(state.dg_wh // 10 * 10),
                state.balance_paise,
                "on" if state.supply_on else "off",
            )
            pasts[meter.meter_no].append(past)
    return pasts
