"""What crews note on a visit's card, and where they were while they served it

Revision: 0020_card, after 0019_field.
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

TEXT, WHEN = sqltypes.AutoString, sqltypes.UTCDateTime

revision = "0020_card"
down_revision = "0019_field"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Roll forwards."""
    op.create_table(
        "visit_check",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("item", TEXT(length=40), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        *_said(),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"]),
        sa.PrimaryKeyConstraint("visit_id", "item"),
    )
    op.create_table(
        "visit_part",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("name", TEXT(length=80), nullable=False),
        sa.Column("quantity", sa.Float(), nullable=False),
        *_said(),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"]),
        sa.PrimaryKeyConstraint("visit_id", "name"),
    )
    op.create_table(
        "track_point",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org", TEXT(), nullable=False),
        sa.Column("crew_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("at", WHEN(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["crew_id"], ["crew.id"]),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for name in ("org", "crew_id", "at"):
        op.create_index(op.f(f"ix_track_point_{name}"), "track_point", [name], unique=False)


def downgrade() -> None:
    """Roll back."""
    op.drop_table("track_point")
    op.drop_table("visit_part")
    op.drop_table("visit_check")


def _said() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("by", TEXT(), nullable=False),
        sa.Column("at", WHEN(), nullable=False),
        sa.Column("recorded_at", WHEN(), nullable=False),
    )
