"""One poll of ten thousand meters, reply bytes → committed, beside the driver writing the same rows."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from tests.bench.pairs import Figure, Goal, Timed, measured
from tests.bench.served import Bench
from tests.bench.society import BenchSociety, bench_society, read
from webapp.columns import time_text
from webapp.contract.replies import LatestReadings
from webapp.extensions import db, journal_mode
from webapp.meters import polling

GOAL = Goal("ratio", "≤", 2)
LATENCY = timedelta(seconds=2)
UPDATE = """
UPDATE meter SET grid_wh=?, grid_at=?, dg_wh=?, dg_at=?, balance_paise=?, balance_at=?, supply=?,
       supply_word=?, supply_at=?, read_at=?, fetched_at=?, kept_at=? WHERE id=?
"""
INSERT = "INSERT INTO reading VALUES (?, ?, ?, ?, ?, ?, ?)"


def figures(bench: Bench) -> Iterator[Figure]:
    with bench_society(bench.size.meters) as society:
        yield from _polls(society, bench.size.rounds + 5)


def _polls(society: BenchSociety, rounds: int) -> list[Figure]:
    driver = _driver(society)
    ids = dict(driver.execute("SELECT meter_no, id FROM meter"))

    def prepared(later: timedelta, is_kept: bool) -> tuple[Timed, Timed]:
        body = society.body(later)
        asked, fetched_at = society.claimed(), society.now + LATENCY
        updates, inserts = _rows(read(body), ids, time_text(fetched_at), is_kept)
        ours = lambda: polling.answered(asked, read(body), fetched_at)  # noqa: E731
        return ours, lambda: _floor(driver, updates, inserts)

    grain, soon, poll = timedelta(minutes=16), timedelta(seconds=30), f"poll of {society.meters:,}"
    found = [
        measured(f"{poll}, no history due", GOAL, rounds, lambda _: prepared(soon, False)),
        measured(f"{poll}, all history due", GOAL, rounds, lambda _: prepared(grain, True)),
    ]
    _check_alike(society, driver)
    driver.close()
    return found


def _driver(society: BenchSociety) -> Any:
    """On a copy of the file, with the settings of ours."""
    driver: Any = db.engine.dialect.loaded_dbapi.connect(society.copy("floor.sqlite"), isolation_level=None)
    for pragma in (f"journal_mode={journal_mode()}", "synchronous=FULL", "foreign_keys=ON"):
        driver.execute(f"PRAGMA {pragma}").close()
    return driver


def _floor(driver: Any, updates: list[tuple[Any, ...]], inserts: list[tuple[Any, ...]]) -> None:
    driver.execute("BEGIN IMMEDIATE")
    driver.executemany(UPDATE, updates)
    if inserts:
        driver.executemany(INSERT, inserts)
    driver.execute("COMMIT")


def _rows(
    reply: LatestReadings, ids: dict[str, int], fetched: str, is_kept: bool
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    updates, inserts = [], []
    for row in reply.rows:
        assert row.read_at is not None
        assert row.supply is not None
        at, key, supply = time_text(row.read_at), ids[row.meter_no], row.supply.value
        values = (row.grid_wh, at, row.dg_wh, at, row.balance_paise, at, supply, row.supply_word, at, at)
        updates.append((*values, fetched, at, key))
        if is_kept:
            inserts.append((key, at, fetched, row.grid_wh, row.dg_wh, row.balance_paise, supply))
    return updates, inserts


def _check_alike(society: BenchSociety, driver: Any) -> None:
    """Both wrote the same, or the figures compare nothing."""
    count = "SELECT count(*), sum(grid_wh), sum(balance_paise), max(read_at) FROM "
    ours: Any = db.engine.dialect.loaded_dbapi.connect(society.file)
    for table in ("meter", "reading"):
        mine, floor = (each.execute(count + table).fetchone() for each in (ours, driver))
        assert mine == floor, (table, mine, floor)
    assert ours.execute("SELECT count(*) FROM meter WHERE doubt IS NULL").fetchone() == (society.meters,)
    ours.close()
