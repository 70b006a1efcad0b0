"""How an authority lets the optimiser act, what an applied proposal undid, crews out of service

Revision: 0013_planning, after 0012_revisions.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlmodel.sql import sqltypes

JSON_TYPE = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "0013_planning"
down_revision = "0012_revisions"
branch_labels = None
depends_on = None


COLUMNS = (
    ("plan", "auto_classes", JSON_TYPE),
    ("plan", "auto_sectors", JSON_TYPE),
    ("plan", "churn_max", sa.Integer()),
    ("plan", "freeze_minutes", sa.Integer()),
    ("plan", "tuned_at", sqltypes.UTCDateTime()),
    ("plan", "tuned_by", sqltypes.AutoString()),
    ("proposal", "applied", JSON_TYPE),
    ("crew", "out_until", sqltypes.UTCDateTime()),
    ("crew", "out_reason", sqltypes.AutoString()),
)


def upgrade() -> None:
    """Roll forwards."""
    for table, name, kind in COLUMNS:
        op.add_column(table, sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    """Roll back."""
    # Not as a batch: that makes the table anew, which those who point to it do not allow.
    for table, name, _kind in reversed(COLUMNS):
        op.drop_column(table, name)
