"""Competence claims: which body was asked, and what it answered

Revision: 0005_claims, after 0004_desk.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlmodel.sql import sqltypes

JSON_TYPE = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "0005_claims"
down_revision = "0004_desk"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Roll forwards."""
    op.create_table(
        "competence_claim",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org", sqltypes.AutoString(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("level", sqltypes.AutoString(), nullable=False),
        sa.Column("authority", sqltypes.AutoString(), nullable=True),
        sa.Column("name", sqltypes.AutoString(), nullable=False),
        sa.Column("rule", sqltypes.AutoString(), nullable=False),
        sa.Column("params", JSON_TYPE, nullable=False),
        sa.Column("state", sqltypes.AutoString(), nullable=False),
        sa.Column("motive", sqltypes.AutoString(), nullable=True),
        sa.Column("by", sqltypes.AutoString(), nullable=False),
        sa.Column("at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("answered_at", sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("competence_claim", schema=None) as batch_op:
        for name in ("org", "incident_id"):
            batch_op.create_index(batch_op.f(f"ix_competence_claim_{name}"), [name], unique=False)


def downgrade() -> None:
    """Roll back."""
    op.drop_table("competence_claim")
