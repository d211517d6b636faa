"""what the office's lists sort and filter by

Revision: towers, after sealed_secrets
"""

revision = "towers"
down_revision = "sealed_secrets"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
