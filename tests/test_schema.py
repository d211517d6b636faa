"""The migrations make the very tables that the models speak of."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask import Flask

from webapp.extensions import db, reading


def test_migrations_and_models_agree(app: Flask) -> None:
    with app.app_context(), reading(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, db.metadata) == []
