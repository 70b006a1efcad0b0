"""Calendar links of posts and sectors that can be made anew or shut, each by itself

Revision: 0022_feeds, after 0021_filters.
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0022_feeds"
down_revision = "0021_filters"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Roll forwards."""
    op.create_table(
        "shared_feed",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org", sqltypes.AutoString(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_shared_feed_org", "shared_feed", ["org"], unique=False)


def downgrade() -> None:
    """Roll back."""
    op.drop_table("shared_feed")
