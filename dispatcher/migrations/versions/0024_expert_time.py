"""Whose time is planned for a question to experts, from when to when

Revision: 0024_expert_time, after 0023_durations.
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0024_expert_time"
down_revision = "0023_durations"
branch_labels = None
depends_on = None

COLUMNS = ("planned_user", "planned_from", "planned_to")


def upgrade() -> None:
    """Roll forwards."""
    op.add_column("expert_question", sa.Column("planned_user", sa.Uuid(), nullable=True))
    for name in COLUMNS[1:]:
        op.add_column("expert_question", sa.Column(name, sqltypes.UTCDateTime(), nullable=True))


def downgrade() -> None:
    """Roll back."""
    # Not as a batch: that makes the table anew, which those who point to it do not allow.
    for name in COLUMNS:
        op.drop_column("expert_question", name)
