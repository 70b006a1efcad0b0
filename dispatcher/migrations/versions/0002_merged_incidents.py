"""Merged incidents: which joined which, and how to part them

Revision: 0002_merges, after 0001.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlmodel.sql import sqltypes

JSON_TYPE = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "0002_merges"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Roll forwards."""
    op.create_table(
        "incident_merge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org", sqltypes.AutoString(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("by", sqltypes.AutoString(), nullable=False),
        sa.Column("reason", sqltypes.AutoString(), nullable=True),
        sa.Column("report_ids", JSON_TYPE, nullable=False),
        sa.Column("brought", JSON_TYPE, nullable=False),
        sa.Column("before", JSON_TYPE, nullable=False),
        sa.Column("undone_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("undone_by", sqltypes.AutoString(), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["incident.id"]),
        sa.ForeignKeyConstraint(["target_id"], ["incident.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("incident_merge", schema=None) as batch_op:
        for name in ("org", "source_id", "target_id"):
            batch_op.create_index(batch_op.f(f"ix_incident_merge_{name}"), [name], unique=False)


def downgrade() -> None:
    """Roll back."""
    op.drop_table("incident_merge")
