"""Sensors, their readings, suspected bursts, and the other two promises of an incident

Revision: 0016_sensors, after 0015_oncall.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlmodel.sql import sqltypes

JSON_TYPE = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
TEXT, WHEN = sqltypes.AutoString, sqltypes.UTCDateTime

revision = "0016_sensors"
down_revision = "0015_oncall"
branch_labels = None
depends_on = None

PROMISES = ("acknowledge_by", "make_safe_by")


def upgrade() -> None:
    """Roll forwards."""
    for name in PROMISES:
        op.add_column("incident", sa.Column(name, WHEN(), nullable=True))
    _sensors()
    _readings()
    _bursts()


def downgrade() -> None:
    """Roll back."""
    op.drop_table("suspected_burst")
    op.drop_table("sensor_reading")
    op.drop_table("sensor")
    # Not as a batch: that makes the table anew, which those who point to it do not allow.
    for name in PROMISES:
        op.drop_column("incident", name)


def _sensors() -> None:
    op.create_table(
        "sensor",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org", TEXT(), nullable=False),
        sa.Column("code", TEXT(), nullable=False),
        sa.Column("name", TEXT(), nullable=False),
        sa.Column("metric", TEXT(), nullable=False),
        sa.Column("unit", TEXT(), nullable=False),
        sa.Column("low", sa.Float(), nullable=True),
        sa.Column("high", sa.Float(), nullable=True),
        sa.Column("sector", TEXT(), nullable=False),
        sa.Column("communes", JSON_TYPE, nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    _indexes("sensor", "org", "sector")


def _readings() -> None:
    op.create_table(
        "sensor_reading",
        sa.Column("org", TEXT(), nullable=False),
        sa.Column("id", TEXT(length=80), nullable=False),
        sa.Column("sensor", TEXT(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("at", WHEN(), nullable=False),
        sa.Column("received_at", WHEN(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["sensor"], ["sensor.code"]),
        sa.PrimaryKeyConstraint("org", "id"),
    )
    _indexes("sensor_reading", "at")
    op.create_index("ix_sensor_reading_sensor_at", "sensor_reading", ["sensor", "at"])


def _bursts() -> None:
    op.create_table(
        "suspected_burst",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("org", TEXT(), nullable=False),
        sa.Column("sector", TEXT(), nullable=False),
        sa.Column("sensors", JSON_TYPE, nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("first_at", WHEN(), nullable=False),
        sa.Column("last_at", WHEN(), nullable=False),
        sa.Column("drop", sa.Float(), nullable=False),
        sa.Column("found_at", WHEN(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"]),
        sa.PrimaryKeyConstraint("incident_id"),
    )
    _indexes("suspected_burst", "org", "sector")


def _indexes(table: str, *names: str) -> None:
    for name in names:
        op.create_index(op.f(f"ix_{table}_{name}"), table, [name], unique=False)
