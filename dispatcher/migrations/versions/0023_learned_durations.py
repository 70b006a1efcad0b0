"""Whether plans count with learned times on site

Revision: 0023_durations, after 0022_feeds.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023_durations"
down_revision = "0022_feeds"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Roll forwards."""
    op.add_column("plan", sa.Column("learned_durations", sa.Boolean(), nullable=True))


def downgrade() -> None:
    """Roll back."""
    # Not as a batch: that makes the table anew, which those who point to it do not allow.
    op.drop_column("plan", "learned_durations")
