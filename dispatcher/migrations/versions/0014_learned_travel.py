"""Where travel times come from, what was promised with them, and what was learned

Revision: 0014_travel, after 0013_planning.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlmodel.sql import sqltypes

JSON_TYPE = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "0014_travel"
down_revision = "0013_planning"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Roll forwards."""
    op.add_column(
        "visit",
        sa.Column(
            "travel_source", sqltypes.AutoString(), nullable=False, server_default="great_circle"
        ),
    )
    op.add_column(
        "visit", sa.Column("travel_base_s", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column("visit", sa.Column("told", JSON_TYPE, nullable=False, server_default="{}"))
    op.create_table(
        "learned_travel",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org", sqltypes.AutoString(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("history", sqltypes.AutoString(), nullable=False),
        sa.Column("trips", sa.Integer(), nullable=False),
        sa.Column("jobs", sa.Integer(), nullable=False),
        sa.Column("body", JSON_TYPE, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_learned_travel_org"), "learned_travel", ["org"], unique=False)


def downgrade() -> None:
    """Roll back."""
    op.drop_index(op.f("ix_learned_travel_org"), table_name="learned_travel")
    op.drop_table("learned_travel")
    op.drop_column("visit", "told")
    op.drop_column("visit", "travel_base_s")
    op.drop_column("visit", "travel_source")
