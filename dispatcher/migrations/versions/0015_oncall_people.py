"""Wishes, revocable personal links, web push, sectors of councils, editions of rotas

Revision: 0015_oncall, after 0014_travel.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlmodel.sql import sqltypes

JSON_TYPE = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "0015_oncall"
down_revision = "0014_travel"
branch_labels = None
depends_on = None

ADDED: tuple[tuple[str, sa.Column[Any]], ...] = (
    ("oncall_person", sa.Column("link_serial", sa.Integer(), nullable=False, server_default="0")),
    (
        "oncall_person",
        sa.Column("links_open", sa.Boolean(), nullable=False, server_default=sa.true()),
    ),
    ("rota", sa.Column("edition", sa.Integer(), nullable=False, server_default="1")),
    ("handover_note", sa.Column("seen", JSON_TYPE, nullable=False, server_default="[]")),
    ("council", sa.Column("sector", sqltypes.AutoString(), nullable=True)),
)


def upgrade() -> None:
    """Roll forwards."""
    # Never rebuilt as batches would on SQLite: other tables point to these.
    for table, column in ADDED:
        op.add_column(table, column._copy())
    op.create_table(
        "oncall_wish",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org", sqltypes.AutoString(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("end", sa.Date(), nullable=False),
        sa.Column("wants_duty", sa.Boolean(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("created_at", sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["oncall_person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_oncall_wish_org", "oncall_wish", ["org"], unique=False)
    op.create_index("ix_oncall_wish_person_id", "oncall_wish", ["person_id"], unique=False)
    op.create_table(
        "push_subscription",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org", sqltypes.AutoString(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("endpoint", sqltypes.AutoString(), nullable=False),
        sa.Column("p256dh", sqltypes.AutoString(), nullable=False),
        sa.Column("auth", sqltypes.AutoString(), nullable=False),
        sa.Column("device", sqltypes.AutoString(), nullable=False),
        sa.Column("locale", sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("used_at", sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["oncall_person.id"]),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("endpoint"),
    )
    for name in ("org", "person_id", "user_id"):
        op.create_index(f"ix_push_subscription_{name}", "push_subscription", [name])


def downgrade() -> None:
    """Roll back."""
    op.drop_table("push_subscription")
    op.drop_table("oncall_wish")
    for table, column in reversed(ADDED):
        op.drop_column(table, column.name)
