"""meter servers tried before they are saved, and their sealed secrets

Revision: trials, after words
"""

import sqlalchemy as sa
from alembic import op

revision = "trials"
down_revision = "words"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("meter_server") as server:
        server.add_column(sa.Column("secret_sealed", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "server_trial",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("society_id", sa.Integer(), nullable=False),
        sa.Column("server_id", sa.Integer(), nullable=True),
        sa.Column("part_data", sa.JSON(), nullable=False),
        sa.Column("secret_sealed", sa.Text(), nullable=False),
        sa.Column("basis", sa.JSON(), nullable=True),
        sa.Column("is_check", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("rows_data", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("lived_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["society_id"],
            ["society.id"],
            name=op.f("fk_server_trial_society_id_society"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["meter_server.id"],
            name=op.f("fk_server_trial_server_id_meter_server"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["user.id"], name=op.f("fk_server_trial_made_by_id_user"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_server_trial")),
    )
    op.create_index("ix_server_trial_society_id", "server_trial", ["society_id"])
    op.create_index("ix_server_trial_server_id", "server_trial", ["server_id"])
