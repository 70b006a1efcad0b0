"""Positions of crews beside the event log, so that they can be forgotten

Revision: 0025_positions, after 0024_expert_time.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel.sql import sqltypes

revision = "0025_positions"
down_revision = "0024_expert_time"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Roll forwards."""
    op.create_table(
        "event_position",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("crew_id", sa.Uuid(), nullable=False),
        sa.Column("org", sqltypes.AutoString(), nullable=False),
        sa.Column("at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("position", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("seq", "crew_id"),
    )
    op.create_index("ix_event_position_at", "event_position", ["at"], unique=False)


def downgrade() -> None:
    """Roll back."""
    op.drop_table("event_position")
