"""meters that were changed

Revision: meter_changes, after usage
"""

import sqlalchemy as sa
from alembic import op

revision = "meter_changes"
down_revision = "usage"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("meter") as meter:
        meter.add_column(sa.Column("retired_at", sa.DateTime(), nullable=True))
        meter.create_index("ix_meter_retired", ["server_id"], sqlite_where=sa.text("retired_at IS NOT NULL"))
    with op.batch_alter_table("meter_server") as server:
        server.add_column(sa.Column("changes_asked_at", sa.DateTime(), nullable=True))
        server.add_column(sa.Column("changes_said", sa.Text(), nullable=True))
    op.create_table(
        "meter_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("society_id", sa.Integer(), nullable=False),
        sa.Column("server_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("unit_no", sa.String(length=64), nullable=False),
        sa.Column("old_meter_no", sa.String(length=64), nullable=False),
        sa.Column("new_meter_no", sa.String(length=64), nullable=False),
        sa.Column("old_end_grid_wh", sa.BigInteger(), nullable=True),
        sa.Column("old_end_dg_wh", sa.BigInteger(), nullable=True),
        sa.Column("new_start_grid_wh", sa.BigInteger(), nullable=True),
        sa.Column("new_start_dg_wh", sa.BigInteger(), nullable=True),
        sa.Column("changed_on", sa.Date(), nullable=True),
        sa.Column("reads_from", sa.Date(), nullable=True),
        sa.Column("seen_at", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("settled_at", sa.DateTime(), nullable=True),
        sa.Column("settled_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["meter_server.id"],
            name=op.f("fk_meter_change_server_id_meter_server"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["settled_by_id"],
            ["user.id"],
            name=op.f("fk_meter_change_settled_by_id_user"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["society_id"],
            ["society.id"],
            name=op.f("fk_meter_change_society_id_society"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_meter_change_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meter_change")),
        sa.UniqueConstraint(
            "server_id",
            "old_meter_no",
            "new_meter_no",
            "changed_on",
            name=op.f("uq_meter_change_server_id_old_meter_no_new_meter_no_changed_on"),
        ),
    )
    op.create_index("ix_meter_change_society_id", "meter_change", ["society_id"])
    op.create_index("ix_meter_change_unit_id", "meter_change", ["unit_id"])
