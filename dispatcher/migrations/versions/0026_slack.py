"""How early crews are wanted home while the day is long

Revision: 0026_slack, after 0025_positions.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026_slack"
down_revision = "0025_positions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Roll forwards."""
    op.add_column("plan", sa.Column("slack_minutes", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Roll back."""
    # Not as a batch: that makes the table anew, which those who point to it do not allow.
    op.drop_column("plan", "slack_minutes")
