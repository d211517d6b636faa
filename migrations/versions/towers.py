"""towers of units, and readings that somebody asked for

Revision: towers, after register
"""

import re

import sqlalchemy as sa
from alembic import op

revision = "towers"
down_revision = "register"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("unit", "meter"):
        with op.batch_alter_table(table) as changed:
            changed.add_column(sa.Column("tower", sa.String(length=64), nullable=False, server_default=""))
    _fill()
    op.create_table(
        "live_reading",
        sa.Column("meter_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["meter_id"], ["meter.id"], name=op.f("fk_live_reading_meter_id_meter"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["user.id"], name=op.f("fk_live_reading_asked_by_id_user"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("meter_id", name=op.f("pk_live_reading")),
    )


def _fill() -> None:
    """The units that are there already; those that only their meter names are in none."""
    connection = op.get_bind()
    units = connection.execute(sa.text("SELECT id, unit_no FROM unit WHERE is_named")).all()
    towers = [{"id": key, "tower": tower} for key, unit_no in units if (tower := _tower_of(unit_no))]
    if towers:
        connection.execute(sa.text("UPDATE unit SET tower = :tower WHERE id = :id"), towers)
        connection.execute(
            sa.text("UPDATE meter SET tower = (SELECT unit.tower FROM unit WHERE unit.id = meter.unit_id)")
        )


def _tower_of(unit_no: str) -> str:
    """As ``meters.rules`` had it when this was written."""
    before = re.fullmatch(r"(.*?\w)[\s\-–/_.,:]+\w*\d\w*", unit_no.strip())
    joined = before or re.fullmatch(r"([^\W\d_]+)\d+", unit_no.strip())
    return " ".join(joined[1].split()) if joined else ""
