"""When holders were told

Revision: 0009_told, after 0008_rest.
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0009_told"
down_revision = "0008_rest"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Roll forwards."""
    op.add_column("oncall_duty", sa.Column("told_at", sqltypes.UTCDateTime(), nullable=True))


def downgrade() -> None:
    """Roll back."""
    op.drop_column("oncall_duty", "told_at")
