"""What people changed in the box, kept in one SQLite file across restarts and kills."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Row = tuple[Any, ...]  # SQLite types by value, not by column
sqlite3.register_converter("FLAG", lambda raw: raw == b"1")

_TABLES = """
CREATE TABLE IF NOT EXISTS checkpoint (
    site_id TEXT, meter_no TEXT, at REAL, grid_wh REAL, dg_wh REAL, balance_paise INTEGER, supply_on FLAG);
CREATE TABLE IF NOT EXISTS forced (site_id TEXT, dg_no TEXT, at REAL, is_on FLAG);
CREATE TABLE IF NOT EXISTS recharge (
    transaction_id TEXT PRIMARY KEY, token TEXT, site_id TEXT, meter_no TEXT,
    amount_paise INTEGER, at REAL, due REAL, credited FLAG);
CREATE TABLE IF NOT EXISTS load_limit (
    site_id TEXT, meter_no TEXT, load_dg TEXT, load_grid TEXT, at REAL, PRIMARY KEY (site_id, meter_no));
CREATE TABLE IF NOT EXISTS sensing (site_id TEXT, dg_no TEXT, url TEXT, PRIMARY KEY (site_id, dg_no));
CREATE TABLE IF NOT EXISTS calls (
    site_id TEXT, operation TEXT, received INTEGER, PRIMARY KEY (site_id, operation));
"""


@dataclass(frozen=True)
class Credit:
    """A recharge we accepted: credited at ``due`` (Unix seconds), at once unless the server queues."""

    transaction_id: str
    token: str
    site_id: str
    meter_no: str
    amount_paise: int
    at: float
    due: float
    credited: bool


@dataclass(frozen=True)
class KeptCheckpoint:
    """A row of ``checkpoint``: a meter's state after someone acted on it."""

    site_id: str
    meter_no: str
    at: float
    grid_wh: float
    dg_wh: float
    balance_paise: int | None
    supply_on: bool


@dataclass(frozen=True)
class KeptForce:
    """A row of ``forced``: from ``at`` on the generator is held ON or OFF, or let go (None)."""

    site_id: str
    dg_no: str
    at: float
    on: bool | None


class SimulatorState:
    """One SQLite file (``path`` None: memory). Safe from several threads.

    The rollback journal, not WAL: the standard library's SQLite may be one whose WAL can be corrupted.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self._lock = threading.RLock()
        self._open = sqlite3.connect(
            ":memory:" if path is None else path,
            isolation_level=None,
            check_same_thread=False,
            detect_types=sqlite3.PARSE_DECLTYPES,
        )
        self._open.execute("PRAGMA busy_timeout = 5000")
        self._open.execute("PRAGMA journal_mode = TRUNCATE")
        self._open.executescript(_TABLES)

    def close(self) -> None:
        """Let the file go."""
        with self._lock:
            self._open.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What is written inside is on the disk, all or nothing, when the block ends."""
        with self._lock:
            self._open.execute("PRAGMA synchronous = FULL")
            self._open.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._open.execute("ROLLBACK")
                raise
            self._open.execute("COMMIT")

    def count_call(self, site_id: str, operation: str) -> None:
        """One more call received. It outlives a kill, not a power cut: no wait for the disk."""
        with self._lock:
            self._open.execute("PRAGMA synchronous = OFF")
            self._open.execute(
                "INSERT INTO calls VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET received = received + 1",
                (site_id, operation),
            )

    def calls(self, site_id: str) -> dict[str, int]:
        """Calls received, by our operation names."""
        return dict(self._rows("SELECT operation, received FROM calls WHERE site_id = ?", site_id))

    def add_checkpoint(self, row: KeptCheckpoint) -> None:
        """Inside a transaction."""
        self._open.execute(
            "INSERT INTO checkpoint VALUES (?, ?, ?, ?, ?, ?, ?)",
            (row.site_id, row.meter_no, row.at, row.grid_wh, row.dg_wh, row.balance_paise, row.supply_on),
        )

    def checkpoints(self, site_id: str) -> list[KeptCheckpoint]:
        """In the order they were made."""
        rows = self._rows("SELECT * FROM checkpoint WHERE site_id = ? ORDER BY rowid", site_id)
        return [KeptCheckpoint(*row) for row in rows]

    def add_force(self, row: KeptForce) -> None:
        """Inside a transaction."""
        self._open.execute("INSERT INTO forced VALUES (?, ?, ?, ?)", (row.site_id, row.dg_no, row.at, row.on))

    def forces(self, site_id: str) -> list[KeptForce]:
        """In the order they were made."""
        rows = self._rows("SELECT * FROM forced WHERE site_id = ? ORDER BY rowid", site_id)
        return [KeptForce(*row) for row in rows]

    def put_credit(self, row: Credit) -> None:
        """Inside a transaction: record a recharge, or that it was credited."""
        self._open.execute(
            "INSERT OR REPLACE INTO recharge VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                row.transaction_id,
                row.token,
                row.site_id,
                row.meter_no,
                row.amount_paise,
                row.at,
                row.due,
                row.credited,
            ),
        )

    def credit(self, site_id: str, transaction_id: str) -> Credit | None:
        """The recharge of that transaction id, if this site has it (operation 4)."""
        rows = self._rows(
            "SELECT * FROM recharge WHERE site_id = ? AND transaction_id = ?", site_id, transaction_id
        )
        return _credit(rows[0]) if rows else None

    def waiting_credits(self) -> list[Credit]:
        """Accepted and not yet credited, the earliest due first."""
        return [_credit(row) for row in self._rows("SELECT * FROM recharge WHERE NOT credited ORDER BY due")]

    def put_load(self, site_id: str, meter_no: str, load_dg: str, load_grid: str, at: float) -> None:
        """Inside a transaction: the limits last set (operation 9), as they were spelled."""
        self._open.execute(
            "INSERT OR REPLACE INTO load_limit VALUES (?, ?, ?, ?, ?)",
            (site_id, meter_no, load_dg, load_grid, at),
        )

    def loads(self, site_id: str) -> dict[str, tuple[str, str]]:
        """``load_dg`` and ``load_grid`` by meter_no, of the meters that were given limits."""
        rows = self._rows("SELECT meter_no, load_dg, load_grid FROM load_limit WHERE site_id = ?", site_id)
        return {row[0]: (row[1], row[2]) for row in rows}

    def put_sensing(self, site_id: str, dg_no: str, url: str) -> None:
        """Inside a transaction: where to call back (operation 11); the last one holds."""
        self._open.execute("INSERT OR REPLACE INTO sensing VALUES (?, ?, ?)", (site_id, dg_no, url))

    def sensing_url(self, site_id: str, dg_no: str) -> str | None:
        """Where to call back, if anyone asked for it."""
        rows = self._rows("SELECT url FROM sensing WHERE site_id = ? AND dg_no = ?", site_id, dg_no)
        return str(rows[0][0]) if rows else None

    def _rows(self, sql: str, *values: object) -> list[Row]:
        with self._lock:
            return self._open.execute(sql, values).fetchall()


def _credit(row: Row) -> Credit:
    return Credit(*row)
