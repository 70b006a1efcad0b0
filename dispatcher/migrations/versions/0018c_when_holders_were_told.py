"""When holders were told

Revision: 0018c, after 0018b.
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0018c"
down_revision = "0018b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Roll forwards."""
    with op.batch_alter_table("oncall_duty", schema=None) as batch_op:
        batch_op.add_column(sa.Column("told_at", sqltypes.UTCDateTime(), nullable=True))


def downgrade() -> None:
    """Roll back."""
    with op.batch_alter_table("oncall_duty", schema=None) as batch_op:
        batch_op.drop_column("told_at")
