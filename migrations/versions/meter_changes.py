"""meters that were changed

Revision: meter_changes, after usage
"""

revision = "meter_changes"
down_revision = "usage"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
