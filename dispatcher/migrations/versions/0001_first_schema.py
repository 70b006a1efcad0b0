"""First schema

Revision: 0001, after None.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlmodel.sql import sqltypes

JSON_TYPE = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Roll forwards."""
    op.create_table(
        "category",
        sa.Column("code", sqltypes.AutoString(), nullable=False),
        sa.Column("org", sqltypes.AutoString(), nullable=False),
        sa.Column("service", sqltypes.AutoString(), nullable=False),
        sa.Column("label_fr", sqltypes.AutoString(), nullable=False),
        sa.Column("label_en", sqltypes.AutoString(), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("skills", JSON_TYPE, nullable=False),
        sa.Column("duration_min", sa.Integer(), nullable=False),
        sa.Column("targets", JSON_TYPE, nullable=False),
        sa.Column("words", JSON_TYPE, nullable=False),
        sa.Column("extra", JSON_TYPE, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    with op.batch_alter_table("category", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_category_org"), ["org"], unique=False)
        batch_op.create_index(batch_op.f("ix_category_service"), ["service"], unique=False)

    op.create_table(
        "commune",
        sa.Column("insee", sqltypes.AutoString(length=5), nullable=False),
        sa.Column("org", sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqltypes.AutoString(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("council_code", sqltypes.AutoString(), nullable=True),
        sa.Column("postcodes", JSON_TYPE, nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("outline", JSON_TYPE, nullable=False),
        sa.PrimaryKeyConstraint("insee"),
    )
    with op.batch_alter_table("commune", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_commune_council_code"), ["council_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_commune_org"), ["org"], unique=False)

    op.create_table(
        "council",
        sa.Column("code", sqltypes.AutoString(length=9), nullable=False),
        sa.Column("org", sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqltypes.AutoString(), nullable=False),
        sa.Column("kind", sqltypes.AutoString(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    with op.batch_alter_table("council", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_council_org"), ["org"], unique=False)

    op.create_table(
        "cursor",
        sa.Column("name", sqltypes.AutoString(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "depot",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org", sqltypes.AutoString(), nullable=False),
        sa.Column("code", sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqltypes.AutoString(), nullable=False),
        sa.Column("sector", sqltypes.AutoString(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    with op.batch_alter_table("depot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_depot_org"), ["org"], unique=False)

    op.create_table(
        "event_log",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org", sqltypes.AutoString(), nullable=False),
        sa.Column("type", sqltypes.AutoString(), nullable=False),
        sa.Column("at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("recorded_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("actor", sqltypes.AutoString(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=True),
        sa.Column("data", JSON_TYPE, nullable=False),
        sa.Column("after", JSON_TYPE, nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("hash", sqltypes.AutoString(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("id"),
    )
    with op.batch_alter_table("event_log", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_event_log_incident_id"), ["incident_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_log_type"), ["type"], unique=False)

    op.create_table(
        "idempotent_answer",
        sa.Column("scope", sqltypes.AutoString(), nullable=False),
        sa.Column("key", sqltypes.AutoString(), nullable=False),
        sa.Column("fingerprint", sqltypes.AutoString(), nullable=False),
        sa.Column("answer", JSON_TYPE, nullable=False),
        sa.Column("created_at", sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key"),
    )
    with op.batch_alter_table("idempotent_answer", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_idempotent_answer_created_at"), ["created_at"], unique=False
        )

    op.create_table(
        "job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org", sqltypes.AutoString(), nullable=False),
        sa.Column("kind", sqltypes.AutoString(), nullable=False),
        sa.Column("key", sqltypes.AutoString(), nullable=False),
        sa.Column("payload", JSON_TYPE, nullable=False),
        sa.Column("state", sqltypes.AutoString(), nullable=False),
        sa.Column("run_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("worker", sqltypes.AutoString(), nullable=True),
        sa.Column("lease_until", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("created_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("error", sqltypes.AutoString(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_job_key"), ["key"], unique=False)
        batch_op.create_index(batch_op.f("ix_job_kind"), ["kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_job_run_at"), ["run_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_job_state"), ["state"], unique=False)

    op.create_table(
        "kept_state",
        sa.Column("key", sqltypes.AutoString(), nullable=False),
        sa.Column("org", sqltypes.AutoString(), nullable=False),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("state", JSON_TYPE, nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    with op.batch_alter_table("kept_state", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_kept_state_org"), ["org"], unique=False)

    op.create_table(
        "log_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sqltypes.AutoString(), nullable=False),
        sa.Column("epoch", sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "oncall_person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org", sqltypes.AutoString(), nullable=False),
        sa.Column("code", sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqltypes.AutoString(), nullable=False),
        sa.Column("phone", sqltypes.AutoString(), nullable=True),
        sa.Column("posts", JSON_TYPE, nullable=False),
        sa.Column("absences", JSON_TYPE, nullable=False),
        sa.Column("carry", JSON_TYPE, nullable=False),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    with op.batch_alter_table("oncall_person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_oncall_person_org"), ["org"], unique=False)

    op.create_table(
        "oncall_post",
        sa.Column("code", sqltypes.AutoString(), nullable=False),
        sa.Column("org", sqltypes.AutoString(), nullable=False),
        sa.Column("label_fr", sqltypes.AutoString(), nullable=False),
        sa.Column("label_en", sqltypes.AutoString(), nullable=False),
        sa.Column("letter", sqltypes.AutoString(), nullable=False),
        sa.Column("duty_kind", sqltypes.AutoString(), nullable=False),
        sa.Column("need", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    with op.batch_alter_table("oncall_post", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_oncall_post_org"), ["org"], unique=False)

    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sqltypes.AutoString(), nullable=True),
        sa.Column("phone", sqltypes.AutoString(), nullable=True),
        sa.Column("email", sqltypes.AutoString(), nullable=True),
        sa.Column("locale", sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("erased_at", sqltypes.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org", sqltypes.AutoString(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("frozen_until", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("degraded", sqltypes.AutoString(), nullable=True),
        sa.Column("updated_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("org"),
    )
    op.create_table(
        "proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org", sqltypes.AutoString(), nullable=False),
        sa.Column("state", sqltypes.AutoString(), nullable=False),
        sa.Column("plan_number", sa.Integer(), nullable=False),
        sa.Column("created_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("updated_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("summary", JSON_TYPE, nullable=False),
        sa.Column("lines", JSON_TYPE, nullable=False),
        sa.Column("routes", JSON_TYPE, nullable=False),
        sa.Column("solver", JSON_TYPE, nullable=False),
        sa.Column("decided_by", sqltypes.AutoString(), nullable=True),
        sa.Column("reason", sqltypes.AutoString(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proposal_org"), ["org"], unique=False)
        batch_op.create_index(batch_op.f("ix_proposal_state"), ["state"], unique=False)

    op.create_table(
        "ref_counter",
        sa.Column("org", sqltypes.AutoString(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("org", "year"),
    )
    op.create_table(
        "rota",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org", sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqltypes.AutoString(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sqltypes.AutoString(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("weeks", sa.Integer(), nullable=False),
        sa.Column("created_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("published_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("counters", JSON_TYPE, nullable=False),
        sa.Column("rules", JSON_TYPE, nullable=False),
        sa.Column("solver", JSON_TYPE, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("rota", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rota_org"), ["org"], unique=False)
        batch_op.create_index(batch_op.f("ix_rota_state"), ["state"], unique=False)

    op.create_table(
        "sensitive_site",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org", sqltypes.AutoString(), nullable=False),
        sa.Column("code", sqltypes.AutoString(), nullable=False),
        sa.Column("kind", sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqltypes.AutoString(), nullable=False),
        sa.Column("insee", sqltypes.AutoString(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    with op.batch_alter_table("sensitive_site", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sensitive_site_org"), ["org"], unique=False)

    op.create_table(
        "crew",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org", sqltypes.AutoString(), nullable=False),
        sa.Column("code", sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqltypes.AutoString(), nullable=False),
        sa.Column("sector", sqltypes.AutoString(), nullable=False),
        sa.Column("depot_id", sa.Uuid(), nullable=False),
        sa.Column("skills", JSON_TYPE, nullable=False),
        sa.Column("vehicle", sqltypes.AutoString(), nullable=True),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("pattern", JSON_TYPE, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sqltypes.AutoString(), nullable=False),
        sa.Column("shift_start_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("shift_end_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("located_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("located_by", sqltypes.AutoString(), nullable=True),
        sa.Column("updated_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["depot_id"],
            ["depot.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    with op.batch_alter_table("crew", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crew_org"), ["org"], unique=False)
        batch_op.create_index(batch_op.f("ix_crew_sector"), ["sector"], unique=False)

    op.create_table(
        "incident",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org", sqltypes.AutoString(), nullable=False),
        sa.Column("ref", sqltypes.AutoString(), nullable=False),
        sa.Column("state", sqltypes.AutoString(), nullable=False),
        sa.Column("category", sqltypes.AutoString(), nullable=False),
        sa.Column("service", sqltypes.AutoString(), nullable=False),
        sa.Column("title", sqltypes.AutoString(), nullable=False),
        sa.Column("place_label", sqltypes.AutoString(), nullable=True),
        sa.Column("insee", sqltypes.AutoString(), nullable=True),
        sa.Column("commune", sqltypes.AutoString(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("facts", JSON_TYPE, nullable=False),
        sa.Column("priority", sqltypes.AutoString(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("reasons", JSON_TYPE, nullable=False),
        sa.Column("policy_version", sqltypes.AutoString(), nullable=False),
        sa.Column("override_priority", sqltypes.AutoString(), nullable=True),
        sa.Column("override_reason", sqltypes.AutoString(), nullable=True),
        sa.Column("reported_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("updated_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("respond_by", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("restore_by", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("report_count", sa.Integer(), nullable=False),
        sa.Column("channels", JSON_TYPE, nullable=False),
        sa.Column("acknowledged_by", sqltypes.AutoString(), nullable=True),
        sa.Column("hold_reason", sqltypes.AutoString(), nullable=True),
        sa.Column("merged_into", sa.Uuid(), nullable=True),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("step", sqltypes.AutoString(), nullable=False),
        sa.Column("stamps", JSON_TYPE, nullable=False),
        sa.Column("window_from", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("window_to", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["category"],
            ["category.code"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("ref"),
    )
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incident_category"), ["category"], unique=False)
        batch_op.create_index(batch_op.f("ix_incident_insee"), ["insee"], unique=False)
        batch_op.create_index(batch_op.f("ix_incident_org"), ["org"], unique=False)
        batch_op.create_index(batch_op.f("ix_incident_priority"), ["priority"], unique=False)
        batch_op.create_index(batch_op.f("ix_incident_score"), ["score"], unique=False)
        batch_op.create_index(batch_op.f("ix_incident_state"), ["state"], unique=False)

    op.create_table(
        "oncall_duty",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rota_id", sa.Uuid(), nullable=False),
        sa.Column("post", sqltypes.AutoString(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("week", sqltypes.AutoString(), nullable=False),
        sa.Column("start_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("end_at", sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["oncall_person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["post"],
            ["oncall_post.code"],
        ),
        sa.ForeignKeyConstraint(
            ["rota_id"],
            ["rota.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("oncall_duty", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_oncall_duty_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_oncall_duty_rota_id"), ["rota_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_oncall_duty_start_at"), ["start_at"], unique=False)

    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org", sqltypes.AutoString(), nullable=False),
        sa.Column("username", sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqltypes.AutoString(), nullable=False),
        sa.Column("password_hash", sqltypes.AutoString(), nullable=False),
        sa.Column("role", sqltypes.AutoString(), nullable=False),
        sa.Column("crew_id", sa.Uuid(), nullable=True),
        sa.Column("locale", sqltypes.AutoString(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["crew_id"],
            ["crew.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("username"),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_org"), ["org"], unique=False)

    op.create_table(
        "note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("author", sqltypes.AutoString(), nullable=False),
        sa.Column("text", sqltypes.AutoString(), nullable=False),
        sa.Column("at", sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["incident.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_note_incident_id"), ["incident_id"], unique=False)

    op.create_table(
        "report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org", sqltypes.AutoString(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sqltypes.AutoString(), nullable=False),
        sa.Column("text", sqltypes.AutoString(), nullable=False),
        sa.Column("category", sqltypes.AutoString(), nullable=False),
        sa.Column("place_label", sqltypes.AutoString(), nullable=True),
        sa.Column("insee", sqltypes.AutoString(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("received_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("locale", sqltypes.AutoString(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("reading", JSON_TYPE, nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["incident.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_report_incident_id"), ["incident_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_report_org"), ["org"], unique=False)
        batch_op.create_index(batch_op.f("ix_report_received_at"), ["received_at"], unique=False)

    op.create_table(
        "shift",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("crew_id", sa.Uuid(), nullable=False),
        sa.Column("start_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("end_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("breaks", JSON_TYPE, nullable=False),
        sa.ForeignKeyConstraint(
            ["crew_id"],
            ["crew.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("shift", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shift_crew_id"), ["crew_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_shift_start_at"), ["start_at"], unique=False)

    op.create_table(
        "work_order",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org", sqltypes.AutoString(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("skills", JSON_TYPE, nullable=False),
        sa.Column("duration_s", sa.Integer(), nullable=False),
        sa.Column("due_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("state", sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["incident.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("work_order", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_work_order_incident_id"), ["incident_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_work_order_org"), ["org"], unique=False)

    op.create_table(
        "account_session",
        sa.Column("token_hash", sqltypes.AutoString(length=64), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("seen_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("expires_at", sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["account.id"],
        ),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    with op.batch_alter_table("account_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_session_user_id"), ["user_id"], unique=False)

    op.create_table(
        "request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org", sqltypes.AutoString(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sqltypes.AutoString(length=64), nullable=False),
        sa.Column("topic", sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("closes_at", sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["incident.id"],
        ),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["report.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
        sa.UniqueConstraint("topic"),
    )
    with op.batch_alter_table("request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_request_incident_id"), ["incident_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_request_org"), ["org"], unique=False)
        batch_op.create_index(batch_op.f("ix_request_report_id"), ["report_id"], unique=False)

    op.create_table(
        "visit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org", sqltypes.AutoString(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("work_order_id", sa.Uuid(), nullable=False),
        sa.Column("crew_id", sa.Uuid(), nullable=False),
        sa.Column("state", sqltypes.AutoString(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("depart_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("start_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("end_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("travel_s", sa.Integer(), nullable=False),
        sa.Column("distance_m", sa.Integer(), nullable=False),
        sa.Column("duration_s", sa.Integer(), nullable=False),
        sa.Column("skills", JSON_TYPE, nullable=False),
        sa.Column("pin", sqltypes.AutoString(), nullable=True),
        sa.Column("flags", JSON_TYPE, nullable=False),
        sa.Column("stamps", JSON_TYPE, nullable=False),
        sa.Column("due_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("brief", JSON_TYPE, nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("created_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("updated_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["crew_id"],
            ["crew.id"],
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["incident.id"],
        ),
        sa.ForeignKeyConstraint(
            ["work_order_id"],
            ["work_order.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_crew_id"), ["crew_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_visit_incident_id"), ["incident_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_visit_org"), ["org"], unique=False)
        batch_op.create_index(batch_op.f("ix_visit_start_at"), ["start_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_visit_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_visit_work_order_id"), ["work_order_id"], unique=False)

    op.create_table(
        "visit_stamp",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("state", sqltypes.AutoString(), nullable=False),
        sa.Column("at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("recorded_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("source", sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["visit_id"],
            ["visit.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("visit_stamp", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_stamp_visit_id"), ["visit_id"], unique=False)

    _guard_log()


def _guard_log() -> None:
    # The log is append-only for everybody, this program included.
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER event_log_no_{verb.lower()} BEFORE {verb} ON event_log "
                "BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION event_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the event log is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER event_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event_log "
        "FOR EACH STATEMENT EXECUTE FUNCTION event_log_is_append_only()"
    )


def downgrade() -> None:
    """Roll back."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER event_log_append_only ON event_log")
        op.execute("DROP FUNCTION event_log_is_append_only")
    with op.batch_alter_table("visit_stamp", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_visit_stamp_visit_id"))

    op.drop_table("visit_stamp")
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_visit_work_order_id"))
        batch_op.drop_index(batch_op.f("ix_visit_state"))
        batch_op.drop_index(batch_op.f("ix_visit_start_at"))
        batch_op.drop_index(batch_op.f("ix_visit_org"))
        batch_op.drop_index(batch_op.f("ix_visit_incident_id"))
        batch_op.drop_index(batch_op.f("ix_visit_crew_id"))

    op.drop_table("visit")
    with op.batch_alter_table("request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_request_report_id"))
        batch_op.drop_index(batch_op.f("ix_request_org"))
        batch_op.drop_index(batch_op.f("ix_request_incident_id"))

    op.drop_table("request")
    with op.batch_alter_table("account_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_session_user_id"))

    op.drop_table("account_session")
    with op.batch_alter_table("work_order", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_work_order_org"))
        batch_op.drop_index(batch_op.f("ix_work_order_incident_id"))

    op.drop_table("work_order")
    with op.batch_alter_table("shift", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_shift_start_at"))
        batch_op.drop_index(batch_op.f("ix_shift_crew_id"))

    op.drop_table("shift")
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_report_received_at"))
        batch_op.drop_index(batch_op.f("ix_report_org"))
        batch_op.drop_index(batch_op.f("ix_report_incident_id"))

    op.drop_table("report")
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_note_incident_id"))

    op.drop_table("note")
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_org"))

    op.drop_table("account")
    with op.batch_alter_table("oncall_duty", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_oncall_duty_start_at"))
        batch_op.drop_index(batch_op.f("ix_oncall_duty_rota_id"))
        batch_op.drop_index(batch_op.f("ix_oncall_duty_person_id"))

    op.drop_table("oncall_duty")
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_incident_state"))
        batch_op.drop_index(batch_op.f("ix_incident_score"))
        batch_op.drop_index(batch_op.f("ix_incident_priority"))
        batch_op.drop_index(batch_op.f("ix_incident_org"))
        batch_op.drop_index(batch_op.f("ix_incident_insee"))
        batch_op.drop_index(batch_op.f("ix_incident_category"))

    op.drop_table("incident")
    with op.batch_alter_table("crew", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crew_sector"))
        batch_op.drop_index(batch_op.f("ix_crew_org"))

    op.drop_table("crew")
    with op.batch_alter_table("sensitive_site", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sensitive_site_org"))

    op.drop_table("sensitive_site")
    with op.batch_alter_table("rota", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rota_state"))
        batch_op.drop_index(batch_op.f("ix_rota_org"))

    op.drop_table("rota")
    op.drop_table("ref_counter")
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proposal_state"))
        batch_op.drop_index(batch_op.f("ix_proposal_org"))

    op.drop_table("proposal")
    op.drop_table("plan")
    op.drop_table("person")
    with op.batch_alter_table("oncall_post", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_oncall_post_org"))

    op.drop_table("oncall_post")
    with op.batch_alter_table("oncall_person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_oncall_person_org"))

    op.drop_table("oncall_person")
    op.drop_table("log_head")
    with op.batch_alter_table("kept_state", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_kept_state_org"))

    op.drop_table("kept_state")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_job_state"))
        batch_op.drop_index(batch_op.f("ix_job_run_at"))
        batch_op.drop_index(batch_op.f("ix_job_kind"))
        batch_op.drop_index(batch_op.f("ix_job_key"))

    op.drop_table("job")
    with op.batch_alter_table("idempotent_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_idempotent_answer_created_at"))

    op.drop_table("idempotent_answer")
    with op.batch_alter_table("event_log", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_event_log_type"))
        batch_op.drop_index(batch_op.f("ix_event_log_incident_id"))

    op.drop_table("event_log")
    with op.batch_alter_table("depot", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_depot_org"))

    op.drop_table("depot")
    op.drop_table("cursor")
    with op.batch_alter_table("council", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_council_org"))

    op.drop_table("council")
    with op.batch_alter_table("commune", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_commune_org"))
        batch_op.drop_index(batch_op.f("ix_commune_council_code"))

    op.drop_table("commune")
    with op.batch_alter_table("category", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_category_service"))
        batch_op.drop_index(batch_op.f("ix_category_org"))

    op.drop_table("category")
