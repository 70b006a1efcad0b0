"""Rest of crews

Revision: 0018b, after 0018a.
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0018b"
down_revision = "0018a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Roll forwards."""
    with op.batch_alter_table("crew", schema=None) as batch_op:
        batch_op.add_column(sa.Column("rest_until", sqltypes.UTCDateTime(), nullable=True))


def downgrade() -> None:
    """Roll back."""
    with op.batch_alter_table("crew", schema=None) as batch_op:
        batch_op.drop_column("rest_until")
