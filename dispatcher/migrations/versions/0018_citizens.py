"""What citizens add, ask and answer after the report; the words of their notices

Revision: 0018_citizens, after 0017_attachments.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlmodel.sql import sqltypes

JSON_TYPE = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
TEXT, WHEN = sqltypes.AutoString, sqltypes.UTCDateTime

revision = "0018_citizens"
down_revision = "0017_attachments"
branch_labels = None
depends_on = None

COLUMNS = (
    ("request", "muted_at"),
    ("request", "night_ok"),
    ("request", "told"),
    ("message", "asks"),
    ("incident", "asks"),
    ("incident", "wished_from"),
    ("incident", "wished_to"),
)


def upgrade() -> None:
    """Roll forwards."""
    no, none = sa.text("false"), sa.text("0")
    op.add_column("request", sa.Column("muted_at", WHEN(), nullable=True))
    op.add_column("request", sa.Column("night_ok", sa.Boolean(), nullable=False, server_default=no))
    op.add_column(
        "request", sa.Column("told", JSON_TYPE, nullable=False, server_default=sa.text("'{}'"))
    )
    op.add_column("message", sa.Column("asks", sa.Boolean(), nullable=False, server_default=no))
    op.add_column("incident", sa.Column("asks", sa.Integer(), nullable=False, server_default=none))
    op.add_column("incident", sa.Column("wished_from", WHEN(), nullable=True))
    op.add_column("incident", sa.Column("wished_to", WHEN(), nullable=True))
    _words()
    _wishes()
    _outcomes()
    _templates()


def downgrade() -> None:
    """Roll back."""
    for name in ("notice_template", "outcome", "wished_time", "citizen_word"):
        op.drop_table(name)
    # Not as a batch: that makes the table anew, which those who point to it do not allow.
    for table, name in reversed(COLUMNS):
        op.drop_column(table, name)


def _words() -> None:
    op.create_table(
        "citizen_word",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org", TEXT(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("text", TEXT(), nullable=False),
        sa.Column("by", TEXT(), nullable=False),
        sa.Column("at", WHEN(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"]),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"]),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    _indexes("citizen_word", "org", "incident_id", "request_id")


def _wishes() -> None:
    op.create_table(
        "wished_time",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org", TEXT(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("from_at", WHEN(), nullable=False),
        sa.Column("to_at", WHEN(), nullable=False),
        sa.Column("why", TEXT(), nullable=True),
        sa.Column("state", TEXT(), nullable=False),
        sa.Column("by", TEXT(), nullable=False),
        sa.Column("asked_at", WHEN(), nullable=False),
        sa.Column("decided_by", TEXT(), nullable=True),
        sa.Column("decided_at", WHEN(), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"]),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    _indexes("wished_time", "org", "incident_id", "request_id", "state")


def _outcomes() -> None:
    op.create_table(
        "outcome",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("org", TEXT(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", WHEN(), nullable=False),
        sa.Column("answered_at", WHEN(), nullable=True),
        sa.Column("fixed", sa.Boolean(), nullable=True),
        sa.Column("by", TEXT(), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"]),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"]),
        sa.PrimaryKeyConstraint("request_id"),
    )
    _indexes("outcome", "org", "incident_id")


def _templates() -> None:
    op.create_table(
        "notice_template",
        sa.Column("org", TEXT(), nullable=False),
        sa.Column("code", TEXT(), nullable=False),
        sa.Column("channel", TEXT(), nullable=False),
        sa.Column("subject_fr", TEXT(), nullable=False),
        sa.Column("subject_en", TEXT(), nullable=False),
        sa.Column("text_fr", TEXT(), nullable=False),
        sa.Column("text_en", TEXT(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("org", "code", "channel"),
    )


def _indexes(table: str, *names: str) -> None:
    for name in names:
        op.create_index(op.f(f"ix_{table}_{name}"), table, [name], unique=False)
