"""Versions of reply templates and rules of competence

Revision: 0012_revisions, after 0010_swaps.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlmodel.sql import sqltypes

JSON_TYPE = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "0012_revisions"
down_revision = "0010_swaps"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Roll forwards."""
    op.create_table(
        "revision",
        sa.Column("org", sqltypes.AutoString(), nullable=False),
        sa.Column("subject", sqltypes.AutoString(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", JSON_TYPE, nullable=False),
        sa.Column("note", sqltypes.AutoString(), nullable=False),
        sa.Column("by", sqltypes.AutoString(), nullable=False),
        sa.Column("at", sqltypes.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("org", "subject", "version"),
    )


def downgrade() -> None:
    """Roll back."""
    op.drop_table("revision")
