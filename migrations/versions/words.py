"""alerts' titles as sentences, longer than a line where they keep what was put into them

Revision: words, after towers
"""

import sqlalchemy as sa
from alembic import op

revision = "words"
down_revision = "towers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("alert") as alert:
        alert.alter_column(
            "title", existing_type=sa.String(length=200), type_=sa.Text(), existing_nullable=False
        )
