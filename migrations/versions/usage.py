"""usage by hour and day

Revision: usage, after towers
"""

revision = "usage"
down_revision = "towers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
