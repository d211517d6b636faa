"""The database's tables, brought to what this version needs."""

import fcntl

import flask_migrate
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask

from webapp.extensions import db, reading


def upgrade(app: Flask) -> None:
    """Migrate if needed; a server and commands that start together do it once."""
    with app.app_context():
        if is_current(app):
            return
        with (app.config["METERDESK"].data / "schema.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not is_current(app):
                flask_migrate.upgrade()


def is_current(app: Flask) -> bool:
    head = ScriptDirectory(app.extensions["migrate"].directory).get_current_head()
    with reading(), db.engine.connect() as connection:
        return bool(MigrationContext.configure(connection).get_current_revision() == head)
