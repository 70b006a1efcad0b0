"""Swaps and handover notes

Revision: 0010_swaps, after 0009_told.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlmodel.sql import sqltypes

JSON_TYPE = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "0010_swaps"
down_revision = "0009_told"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Roll forwards."""
    op.create_table(
        "handover_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org", sqltypes.AutoString(), nullable=False),
        sa.Column("post", sqltypes.AutoString(), nullable=True),
        sa.Column("author", sqltypes.AutoString(), nullable=False),
        sa.Column("text", sqltypes.AutoString(), nullable=False),
        sa.Column("at", sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["post"],
            ["oncall_post.code"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("handover_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handover_note_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_handover_note_org"), ["org"], unique=False)

    op.create_table(
        "oncall_swap",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org", sqltypes.AutoString(), nullable=False),
        sa.Column("rota_id", sa.Uuid(), nullable=False),
        sa.Column("duty_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("state", sqltypes.AutoString(), nullable=False),
        sa.Column("handovers", JSON_TYPE, nullable=False),
        sa.Column("answers", JSON_TYPE, nullable=False),
        sa.Column("created_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("decided_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("decided_by", sqltypes.AutoString(), nullable=True),
        sa.ForeignKeyConstraint(
            ["asked_by"],
            ["oncall_person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["rota_id"],
            ["rota.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("oncall_swap", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_oncall_swap_asked_by"), ["asked_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_oncall_swap_org"), ["org"], unique=False)
        batch_op.create_index(batch_op.f("ix_oncall_swap_rota_id"), ["rota_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_oncall_swap_state"), ["state"], unique=False)


def downgrade() -> None:
    """Roll back."""
    with op.batch_alter_table("oncall_swap", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_oncall_swap_state"))
        batch_op.drop_index(batch_op.f("ix_oncall_swap_rota_id"))
        batch_op.drop_index(batch_op.f("ix_oncall_swap_org"))
        batch_op.drop_index(batch_op.f("ix_oncall_swap_asked_by"))

    op.drop_table("oncall_swap")
    with op.batch_alter_table("handover_note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handover_note_org"))
        batch_op.drop_index(batch_op.f("ix_handover_note_at"))

    op.drop_table("handover_note")
