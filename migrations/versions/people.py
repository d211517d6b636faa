"""people's phones and languages

Revision: people, after first
"""

import sqlalchemy as sa
from alembic import op

revision = "people"
down_revision = "first"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("user") as user:
        user.add_column(sa.Column("phone", sa.String(length=20), nullable=False, server_default=""))
        user.add_column(sa.Column("language", sa.String(length=2), nullable=False, server_default=""))
