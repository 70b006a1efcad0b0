"""Pauses of promises while an incident is on hold

Revision: 0006_pauses, after 0005_claims.
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0006_pauses"
down_revision = "0005_claims"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Roll forwards."""
    op.create_table(
        "incident_pause",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org", sqltypes.AutoString(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("start_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("end_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("reason", sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("incident_pause", schema=None) as batch_op:
        for name in ("org", "incident_id"):
            batch_op.create_index(batch_op.f(f"ix_incident_pause_{name}"), [name], unique=False)


def downgrade() -> None:
    """Roll back."""
    op.drop_table("incident_pause")
