"""Calls for help, questions to experts, who is on duty as one, and lone workers

Revision: 0019_field, after 0018_citizens.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlmodel.sql import sqltypes

JSON_TYPE = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
TEXT, WHEN = sqltypes.AutoString, sqltypes.UTCDateTime

revision = "0019_field"
down_revision = "0018_citizens"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Roll forwards."""
    op.add_column("work_order", sa.Column("not_before", WHEN(), nullable=True))
    _help()
    _questions()
    _duties()
    _lone()


def downgrade() -> None:
    """Roll back."""
    for table in ("lone_watch", "expert_duty", "expert_question", "help_call"):
        op.drop_table(table)
    # Not as a batch: that makes the table anew, which those who point to it do not allow.
    op.drop_column("work_order", "not_before")


def _help() -> None:
    op.create_table(
        "help_call",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org", TEXT(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("crew_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("need", TEXT(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("note", TEXT(), nullable=True),
        sa.Column("asked_at", WHEN(), nullable=False),
        sa.Column("asked_by", TEXT(), nullable=False),
        sa.Column("state", TEXT(), nullable=False),
        sa.Column("seen_by", TEXT(), nullable=True),
        sa.Column("seen_at", WHEN(), nullable=True),
        *_common(),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"]),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"]),
        sa.ForeignKeyConstraint(["crew_id"], ["crew.id"]),
        sa.ForeignKeyConstraint(["order_id"], ["work_order.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    _indexes("help_call", "org", "visit_id", "incident_id", "state")


def _questions() -> None:
    op.create_table(
        "expert_question",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org", TEXT(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("crew_id", sa.Uuid(), nullable=True),
        sa.Column("domain", TEXT(), nullable=False),
        sa.Column("text", TEXT(), nullable=False),
        sa.Column("phone", TEXT(), nullable=True),
        sa.Column("asked_by", TEXT(), nullable=False),
        sa.Column("asked_at", WHEN(), nullable=False),
        sa.Column("state", TEXT(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("asked_of", JSON_TYPE, nullable=False),
        sa.Column("due_at", WHEN(), nullable=True),
        sa.Column("taken_by", TEXT(), nullable=True),
        sa.Column("taken_at", WHEN(), nullable=True),
        sa.Column("answer", TEXT(), nullable=True),
        sa.Column("answered_by", TEXT(), nullable=True),
        sa.Column("answered_at", WHEN(), nullable=True),
        sa.Column("by_phone", sa.Boolean(), nullable=False),
        *_common(),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"]),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"]),
        sa.ForeignKeyConstraint(["crew_id"], ["crew.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    _indexes("expert_question", "org", "incident_id", "state", "due_at")


def _duties() -> None:
    op.create_table(
        "expert_duty",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("org", TEXT(), nullable=False),
        sa.Column("domains", JSON_TYPE, nullable=False),
        sa.Column("phone", TEXT(), nullable=True),
        sa.Column("until", WHEN(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("user_id"),
    )
    _indexes("expert_duty", "org")


def _lone() -> None:
    op.create_table(
        "lone_watch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org", TEXT(), nullable=False),
        sa.Column("crew_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("state", TEXT(), nullable=False),
        sa.Column("interval_min", sa.Integer(), nullable=False),
        sa.Column("grace_min", sa.Integer(), nullable=False),
        sa.Column("heard_at", WHEN(), nullable=False),
        sa.Column("ask_at", WHEN(), nullable=False),
        sa.Column("alarm_at", WHEN(), nullable=False),
        sa.Column("alarmed_at", WHEN(), nullable=True),
        sa.Column("answered_by", TEXT(), nullable=True),
        *_common(),
        sa.ForeignKeyConstraint(["crew_id"], ["crew.id"]),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"]),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    _indexes("lone_watch", "org", "crew_id", "visit_id", "state")


def _common() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("brief", JSON_TYPE, nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("updated_at", WHEN(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    )


def _indexes(table: str, *names: str) -> None:
    for name in names:
        op.create_index(op.f(f"ix_{table}_{name}"), table, [name], unique=False)
