"""sentences in the reader's language

Revision: words, after meter_changes
"""

revision = "words"
down_revision = "meter_changes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
