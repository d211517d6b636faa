"""usage by hour and day

Revision: usage, after people
"""

import sqlalchemy as sa
from alembic import op

revision = "usage"
down_revision = "people"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("meter") as meter:
        for register in ("grid", "dg"):
            meter.add_column(sa.Column(f"used_{register}_wh", sa.BigInteger(), nullable=True))
            meter.add_column(sa.Column(f"used_{register}_at", sa.DateTime(), nullable=True))
    op.create_table(
        "usage_hour",
        sa.Column("meter_id", sa.Integer(), nullable=False),
        sa.Column("hour_at", sa.DateTime(), nullable=False),
        sa.Column("grid_wh", sa.BigInteger(), nullable=True),
        sa.Column("dg_wh", sa.BigInteger(), nullable=True),
        sa.Column("is_estimated", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.ForeignKeyConstraint(
            ["meter_id"], ["meter.id"], name=op.f("fk_usage_hour_meter_id_meter"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("meter_id", "hour_at", name=op.f("pk_usage_hour")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "usage_day",
        sa.Column("meter_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("grid_wh", sa.BigInteger(), nullable=True),
        sa.Column("dg_wh", sa.BigInteger(), nullable=True),
        sa.Column("balance_paise", sa.BigInteger(), nullable=True),
        sa.Column("is_estimated", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.ForeignKeyConstraint(
            ["meter_id"], ["meter.id"], name=op.f("fk_usage_day_meter_id_meter"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("meter_id", "day", name=op.f("pk_usage_day")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "society_day",
        sa.Column("society_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("grid_wh", sa.BigInteger(), nullable=True),
        sa.Column("dg_wh", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["society_id"], ["society.id"], name=op.f("fk_society_day_society_id_society"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("society_id", "day", name=op.f("pk_society_day")),
        sqlite_with_rowid=False,
    )
