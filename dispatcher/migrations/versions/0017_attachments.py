"""Photos, voice notes and signatures of an incident

Revision: 0017_attachments, after 0016_sensors.
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

TEXT, WHEN = sqltypes.AutoString, sqltypes.UTCDateTime

revision = "0017_attachments"
down_revision = "0016_sensors"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Roll forwards."""
    op.create_table(
        "attachment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org", TEXT(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("kind", TEXT(), nullable=False),
        sa.Column("media_type", TEXT(), nullable=False),
        sa.Column("name", TEXT(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", TEXT(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("caption", TEXT(), nullable=True),
        sa.Column("author", TEXT(), nullable=False),
        sa.Column("by", TEXT(), nullable=False),
        sa.Column("taken_at", WHEN(), nullable=True),
        sa.Column("added_at", WHEN(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"]),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"]),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    for name in ("org", "incident_id", "visit_id", "request_id", "added_at"):
        op.create_index(op.f(f"ix_attachment_{name}"), "attachment", [name], unique=False)


def downgrade() -> None:
    """Roll back."""
    op.drop_table("attachment")
