"""who lived where, invitations, new passwords, imported lists

Revision: register, after meter_changes
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

revision = "register"
down_revision = "meter_changes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("user") as user:
        user.add_column(sa.Column("signed_in_at", sa.DateTime(), nullable=True))
        user.alter_column("email", existing_type=sa.String(length=254), nullable=True)
    with op.batch_alter_table("membership") as membership:
        membership.add_column(sa.Column("email", sa.String(length=254), nullable=False, server_default=""))
    with op.batch_alter_table("residence") as residence:
        for name in ("added", "cancelled"):
            residence.add_column(sa.Column(f"{name}_at", sa.DateTime(), nullable=True))
            residence.add_column(sa.Column(f"{name}_by_id", sa.Integer(), nullable=True))
            residence.create_foreign_key(
                f"fk_residence_{name}_by_id_user", "user", [f"{name}_by_id"], ["id"], ondelete="SET NULL"
            )
    op.create_table(
        "invitation",
        *_of_society("invitation"),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("role_name", sa.String(length=10), nullable=False),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        *_link("invitation"),
    )
    op.create_index("ix_invitation_society_id", "invitation", ["society_id"])
    op.create_index("ix_invitation_user_id", "invitation", ["user_id"])
    op.create_table(
        "password_reset",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        *_link("password_reset"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_reset")),
    )
    op.create_index("ix_password_reset_user_id", "password_reset", ["user_id"])
    op.create_table(
        "people_upload",
        *_of_society("people_upload"),
        *_made_by("people_upload"),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("is_complete", sa.Boolean(), nullable=False),
        sa.Column("done_at", sa.DateTime(), nullable=True),
        sa.Column("done_rows", sa.Integer(), nullable=False),
    )
    op.create_index("ix_people_upload_society_id", "people_upload", ["society_id"])


def _of_society(table: str) -> tuple[SchemaItem, ...]:
    return (
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("society_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(
            ["society_id"], ["society.id"], name=op.f(f"fk_{table}_society_id_society"), ondelete="CASCADE"
        ),
    )


def _made_by(table: str) -> tuple[SchemaItem, ...]:
    return (
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["user.id"], name=op.f(f"fk_{table}_made_by_id_user"), ondelete="SET NULL"
        ),
    )


def _link(table: str) -> tuple[SchemaItem, ...]:
    return (
        *_made_by(table),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("ends_at", sa.DateTime(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=True),
        sa.UniqueConstraint("token_hash", name=op.f(f"uq_{table}_token_hash")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f(f"fk_{table}_user_id_user"), ondelete="CASCADE"
        ),
    )
