"""The extensions as bare objects; ``create_app`` binds them."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import ModuleType
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from htmx_flask import Htmx
from sqlalchemy import MetaData, event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import DeclarativeBase

try:
    import pysqlite3 as sqlite_module
except ModuleNotFoundError:  # no wheel for this platform
    sqlite_module: ModuleType = sqlite3  # type: ignore[no-redef]

WAL_SAFE_FROM = (3, 51, 3)  # before it, two writers can corrupt a WAL database


class Base(DeclarativeBase):
    """All our tables, with names that migrations can rely on."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base)
if TYPE_CHECKING:
    Model = Base  # what mypy can follow of what Flask-SQLAlchemy makes
else:
    Model = db.Model
migrate = Migrate()
login = LoginManager()
htmx = Htmx()
csrf = CSRFProtect()
limiter = Limiter(key_func=get_remote_address, storage_uri="memory://")
babel = Babel()

_reading = ContextVar("reading", default=False)


@contextmanager
def reading() -> Iterator[None]:
    """Transactions begun within only read: they never wait for, nor delay, one that writes."""
    token = _reading.set(True)
    try:
        yield
    finally:
        _reading.reset(token)


def bind_database(app: Flask) -> None:
    """Bind SQLite as we need it, and refuse to start where it does not hold."""
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"module": sqlite_module}
    db.init_app(app)
    with app.app_context():
        event.listen(db.engine, "connect", _on_connect)
        event.listen(db.engine, "begin", _on_begin)
        _check(app)


def journal_mode() -> str:
    return "wal" if sqlite_module.sqlite_version_info >= WAL_SAFE_FROM else "delete"


def _on_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's begin event begins, not the driver
    for pragma in (f"journal_mode={journal_mode()}", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()
    connection.execute("PRAGMA busy_timeout=10000").close()


def _on_begin(connection: Connection) -> None:
    # A deferred BEGIN that reads and then writes fails at once when another wrote in between,
    # whatever the time-out; IMMEDIATE waits its turn.
    connection.exec_driver_sql("BEGIN" if _reading.get() else "BEGIN IMMEDIATE")


def _check(app: Flask) -> None:
    with reading(), db.engine.connect() as connection:
        found = tuple(
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        )
    if found != (journal_mode(), 2, 1):
        raise RuntimeError(f"The database does not keep what it is told: {found}.")
    app.logger.debug("SQLite %s, journal %s", sqlite_module.sqlite_version, found[0])
