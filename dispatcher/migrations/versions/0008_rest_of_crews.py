"""Rest of crews

Revision: 0008_rest, after 0007_pages.
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0008_rest"
down_revision = "0007_pages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Roll forwards."""
    op.add_column("crew", sa.Column("rest_until", sqltypes.UTCDateTime(), nullable=True))


def downgrade() -> None:
    """Roll back."""
    # Not as a batch: that makes the table anew, which those who point to it do not allow.
    op.drop_column("crew", "rest_until")
