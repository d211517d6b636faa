"""secrets of meter servers, sealed

Revision: sealed_secrets, after people
"""

revision = "sealed_secrets"
down_revision = "people"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
