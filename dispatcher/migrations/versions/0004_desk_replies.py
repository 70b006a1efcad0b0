"""Reply templates, messages to citizens, and the question to an expert

Revision: 0004_desk, after 0003_policies.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlmodel.sql import sqltypes

JSON_TYPE = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "0004_desk"
down_revision = "0003_policies"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Roll forwards."""
    op.create_table(
        "reply_template",
        sa.Column("org", sqltypes.AutoString(), nullable=False),
        sa.Column("code", sqltypes.AutoString(), nullable=False),
        sa.Column("title_fr", sqltypes.AutoString(), nullable=False),
        sa.Column("title_en", sqltypes.AutoString(), nullable=False),
        sa.Column("text_fr", sqltypes.AutoString(), nullable=False),
        sa.Column("text_en", sqltypes.AutoString(), nullable=False),
        sa.Column("categories", JSON_TYPE, nullable=False),
        sa.Column("states", JSON_TYPE, nullable=False),
        sa.Column("closes", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("org", "code"),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org", sqltypes.AutoString(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("author", sqltypes.AutoString(), nullable=False),
        sa.Column("text_fr", sqltypes.AutoString(), nullable=False),
        sa.Column("text_en", sqltypes.AutoString(), nullable=False),
        sa.Column("template", sqltypes.AutoString(), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        for name in ("org", "incident_id"):
            batch_op.create_index(batch_op.f(f"ix_message_{name}"), [name], unique=False)
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("needs_expert", sa.Boolean(), nullable=False, server_default=sa.false())
        )


def downgrade() -> None:
    """Roll back."""
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.drop_column("needs_expert")
    op.drop_table("message")
    op.drop_table("reply_template")
