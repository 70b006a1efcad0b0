"""Pages, deliveries and call-outs

Revision: 0007_pages, after 0006.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlmodel.sql import sqltypes

JSON_TYPE = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "0007_pages"
down_revision = "0006_pauses"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Roll forwards."""
    op.create_table(
        "inbound_message",
        sa.Column("id", sqltypes.AutoString(), nullable=False),
        sa.Column("org", sqltypes.AutoString(), nullable=False),
        sa.Column("received_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("outcome", sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["oncall_person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("inbound_message", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_inbound_message_received_at"), ["received_at"], unique=False
        )

    op.create_table(
        "page",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org", sqltypes.AutoString(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("code", sqltypes.AutoString(), nullable=False),
        sa.Column("cause", sqltypes.AutoString(), nullable=False),
        sa.Column("priority", sqltypes.AutoString(), nullable=False),
        sa.Column("state", sqltypes.AutoString(), nullable=False),
        sa.Column("ladder", JSON_TYPE, nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("due_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("opened_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("first_called_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("unanswered_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("ended_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("ended_why", sqltypes.AutoString(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("brief", JSON_TYPE, nullable=False),
        sa.Column("called", JSON_TYPE, nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("updated_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["incident.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["oncall_person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("page", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_page_due_at"), ["due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_page_incident_id"), ["incident_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_page_org"), ["org"], unique=False)
        batch_op.create_index(batch_op.f("ix_page_state"), ["state"], unique=False)
        batch_op.create_index(
            "ux_page_open_incident",
            ["incident_id"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "call_out",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org", sqltypes.AutoString(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=True),
        sa.Column("page_id", sa.Uuid(), nullable=True),
        sa.Column("start_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("end_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("source", sqltypes.AutoString(), nullable=False),
        sa.Column("recorded_at", sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["incident.id"],
        ),
        sa.ForeignKeyConstraint(
            ["page_id"],
            ["page.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["oncall_person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("call_out", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_call_out_incident_id"), ["incident_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_call_out_org"), ["org"], unique=False)
        batch_op.create_index(batch_op.f("ix_call_out_page_id"), ["page_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_call_out_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_call_out_start_at"), ["start_at"], unique=False)

    op.create_table(
        "delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org", sqltypes.AutoString(), nullable=False),
        sa.Column("event", sqltypes.AutoString(), nullable=False),
        sa.Column("channel", sqltypes.AutoString(), nullable=False),
        sa.Column("target", sqltypes.AutoString(), nullable=False),
        sa.Column("kind", sqltypes.AutoString(), nullable=False),
        sa.Column("payload", JSON_TYPE, nullable=False),
        sa.Column("page_id", sa.Uuid(), nullable=True),
        sa.Column("state", sqltypes.AutoString(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("next_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("lease_until", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("created_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("sent_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("receipt", sqltypes.AutoString(), nullable=True),
        sa.Column("error", sqltypes.AutoString(), nullable=True),
        sa.ForeignKeyConstraint(
            ["page_id"],
            ["page.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_delivery_created_at"), ["created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_delivery_next_at"), ["next_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_delivery_org"), ["org"], unique=False)
        batch_op.create_index(batch_op.f("ix_delivery_page_id"), ["page_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_delivery_state"), ["state"], unique=False)
        batch_op.create_index("ux_delivery_once", ["event", "channel", "target"], unique=True)

    op.create_table(
        "page_call",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("page_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("post", sqltypes.AutoString(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("called_at", sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["page_id"],
            ["page.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["oncall_person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("page_call", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_page_call_page_id"), ["page_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_page_call_person_id"), ["person_id"], unique=False)

    # Never rebuilt as batches would on SQLite: other tables point to these.
    op.add_column("oncall_person", sa.Column("email", sqltypes.AutoString(), nullable=True))
    op.add_column("oncall_person", sa.Column("crew", sqltypes.AutoString(), nullable=True))
    for column in (
        sa.Column("rung", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("sectors", JSON_TYPE, nullable=False, server_default="[]"),
        sa.Column("services", JSON_TYPE, nullable=False, server_default="[]"),
    ):
        op.add_column("oncall_post", column)


def downgrade() -> None:
    """Roll back."""
    for column in ("services", "sectors", "rung"):
        op.drop_column("oncall_post", column)
    for column in ("crew", "email"):
        op.drop_column("oncall_person", column)

    with op.batch_alter_table("page_call", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_page_call_person_id"))
        batch_op.drop_index(batch_op.f("ix_page_call_page_id"))

    op.drop_table("page_call")
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_index("ux_delivery_once")
        batch_op.drop_index(batch_op.f("ix_delivery_state"))
        batch_op.drop_index(batch_op.f("ix_delivery_page_id"))
        batch_op.drop_index(batch_op.f("ix_delivery_org"))
        batch_op.drop_index(batch_op.f("ix_delivery_next_at"))
        batch_op.drop_index(batch_op.f("ix_delivery_created_at"))

    op.drop_table("delivery")
    with op.batch_alter_table("call_out", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_call_out_start_at"))
        batch_op.drop_index(batch_op.f("ix_call_out_person_id"))
        batch_op.drop_index(batch_op.f("ix_call_out_page_id"))
        batch_op.drop_index(batch_op.f("ix_call_out_org"))
        batch_op.drop_index(batch_op.f("ix_call_out_incident_id"))

    op.drop_table("call_out")
    with op.batch_alter_table("page", schema=None) as batch_op:
        batch_op.drop_index(
            "ux_page_open_incident",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.drop_index(batch_op.f("ix_page_state"))
        batch_op.drop_index(batch_op.f("ix_page_org"))
        batch_op.drop_index(batch_op.f("ix_page_incident_id"))
        batch_op.drop_index(batch_op.f("ix_page_due_at"))

    op.drop_table("page")
    with op.batch_alter_table("inbound_message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inbound_message_received_at"))

    op.drop_table("inbound_message")
