"""A society of many meters with a day of history, on a database in a temporary folder."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask

from webapp import create_app, schema
from webapp.contract.fast import read_fast
from webapp.contract.replies import LatestReadings
from webapp.contract.rows import SiteTimes
from webapp.extensions import db
from webapp.meters import polling
from webapp.settings import settings_from
from webapp.societies import files
from webapp.societies.models import MeterServer

ZONE = ZoneInfo("Asia/Kolkata")
PASSWORD = "only for the bench"
A_DAY_OF_HISTORY = """
WITH RECURSIVE back(n) AS (SELECT 96 UNION ALL SELECT n - 1 FROM back WHERE n > 1)
INSERT INTO reading (meter_id, read_at, fetched_at, grid_wh, dg_wh, balance_paise, supply)
SELECT id, datetime(read_at, '-' || (15 * n) || ' minutes') || '.000000', fetched_at, grid_wh - 500 * n,
       dg_wh, balance_paise + 300 * n, supply FROM meter, back
"""


@dataclass
class BenchSociety:
    """``now`` is the clock of its meter server, which the bench moves on."""

    app: Flask
    server_id: int
    file: Path
    meters: int
    now: datetime
    polls: int = 0

    def body(self, later: timedelta) -> bytes:
        """The next reply: every value newer, every balance and register changed."""
        self.now += later
        self.polls += 1
        stamp = self.now.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S")
        rows = [_row(meter, self.polls, stamp) for meter in range(self.meters)]
        reply = {"status": "success", "message": "Meter Readings and Balances", "count": str(self.meters)}
        return json.dumps({**reply, "data": rows}).encode()

    def claimed(self) -> MeterServer:
        """The server as a worker has claimed it, before it asks."""
        server = polling.claim(self.server_id, self.now, even_if_early=True)
        assert server is not None
        return server

    def copy(self, name: str) -> Path:
        """The database as it is now, for the floor to write to."""
        db.session.remove()
        with db.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")
        return Path(shutil.copy(self.file, self.file.with_name(name)))


def read(body: bytes) -> LatestReadings:
    """As ``MeterServerClient.latest_readings`` reads a well-formed reply."""
    reply = read_fast(body, {}, SiteTimes(ZONE))
    assert reply is not None
    return reply


def _row(meter: int, poll: int, stamp: str) -> dict[str, Any]:
    return {
        "unit_no": f"T{meter // 100}-{meter % 100:03}",
        "meter_no": f"M{meter:06}",
        "dg": f"{100 + poll * 0.01 + meter * 0.1:.2f}",
        "grid": f"{1000 + poll * 0.5 + meter * 1.37:.2f}",
        "date_time": stamp,
        "balance": f"{500 - poll * 3.21 + meter * 0.77:.2f}",
        "status": "Off" if (meter + poll) % 50 == 0 else "On",
    }


@contextmanager
def bench_society(meters: int) -> Iterator[BenchSociety]:
    """Within its application's context; gone afterwards."""
    with TemporaryDirectory(prefix="meterdesk-bench-") as folder:
        app = create_app(settings_from({"METERDESK_DATA": folder, "METERDESK_SECRET_KEY": "for the bench"}))
        schema.upgrade(app)
        with app.app_context():
            yield _filled(app, Path(folder) / "meterdesk.sqlite", meters)
            db.session.remove()
            db.engine.dispose()
        app.extensions["newsroom"].close()


def _filled(app: Flask, file: Path, meters: int) -> BenchSociety:
    server = {"name": "main", "base_url": "http://127.0.0.1:1/", "site_id": "GV01"}
    parts = {"society": {"slug": "bench", "name": "Bench"}, "meter_servers": [server]}
    society = files.store(files.parse(parts))
    server_id = society.meter_servers[0].id
    db.session.commit()
    yesterday = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
    made = BenchSociety(app, server_id, file, meters, yesterday)
    polling.answered(made.claimed(), read(made.body(timedelta(0))), made.now)
    db.session.connection().exec_driver_sql(A_DAY_OF_HISTORY)
    db.session.commit()
    return made
