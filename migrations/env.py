"""Alembic's way to our database and our tables."""

from alembic import context
from flask import current_app

from webapp.alerts import models as _alerts  # noqa: F401
from webapp.columns import SentenceText, UtcTime
from webapp.extensions import db
from webapp.generators import models as _generators  # noqa: F401
from webapp.orders import models as _orders  # noqa: F401
from webapp.work import lease as _lease  # noqa: F401


def render_item(kind: str, item: object, _autogen: object) -> str | bool:
    """Our types as plain ones: a migration of today must not change with the code of tomorrow."""
    plain = {UtcTime: "sa.DateTime()", SentenceText: "sa.Text()"}
    return plain.get(type(item), False) if kind == "type" else False


assert current_app
with db.engine.connect() as connection:
    # SQLite changes a table by making it anew; its foreign keys would delete the rows that refer to it.
    connection.exec_driver_sql("COMMIT")
    connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=render_item,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
    connection.exec_driver_sql("PRAGMA foreign_keys=ON")
    connection.rollback()
