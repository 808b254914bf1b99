"""The first tables of the desk, with those of its accounts, outbox and inbox."""

import sqlalchemy as sa
from alembic import op

import shared.sql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("login", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=True),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("created_at", shared.sql.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id"),
        sa.UniqueConstraint("login"),
        sa.UniqueConstraint("person"),
    )
    op.create_table(
        "case_",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("topic", sa.String(length=16), nullable=True),
        sa.Column("unit", sa.String(length=16), nullable=False),
        sa.Column("officer", sa.String(length=40), nullable=True),
        sa.Column("stage", sa.String(length=24), nullable=False),
        sa.Column("is_ended", sa.Boolean(), nullable=False),
        sa.Column("workflow", sa.String(length=40), nullable=False),
        sa.Column("workflow_version", sa.Integer(), nullable=False),
        sa.Column("route", sa.String(length=24), nullable=False),
        sa.Column("priority", sa.String(length=8), nullable=False),
        sa.Column("kind_class", sa.String(length=12), nullable=False),
        sa.Column("publication", sa.String(length=16), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("ward", sa.String(length=40), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("signature_status", sa.String(length=16), nullable=False),
        sa.Column("received_at", shared.sql.Instant(timezone=True), nullable=False),
        sa.Column("answer_due_at", shared.sql.Instant(timezone=True), nullable=True),
        sa.Column("answer_due_on", sa.Date(), nullable=True),
        sa.Column("answer_rule", sa.String(length=48), nullable=True),
        sa.Column("queue_at", shared.sql.Instant(timezone=True), nullable=False),
        sa.Column("resumes_to", sa.String(length=24), nullable=True),
        sa.Column("next_step", sa.String(length=24), nullable=True),
        sa.Column("next_step_at", shared.sql.Instant(timezone=True), nullable=True),
        sa.Column("ladder", sa.JSON(), nullable=False),
        sa.Column("linked_to", sa.Uuid(), nullable=True),
        sa.Column("drafted_by", sa.String(length=40), nullable=True),
        sa.Column("approved_by", sa.String(length=40), nullable=True),
        sa.Column("draft_version", sa.Integer(), nullable=False),
        sa.Column("extension_asked_by", sa.String(length=40), nullable=True),
        sa.Column("is_apology_owed", sa.Boolean(), nullable=False),
        sa.Column("apologised_at", shared.sql.Instant(timezone=True), nullable=True),
        sa.Column("answered_at", shared.sql.Instant(timezone=True), nullable=True),
        sa.Column("answer_round", sa.Integer(), nullable=False),
        sa.Column("excluded", sa.JSON(), nullable=False),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("attachment_count", sa.Integer(), nullable=False),
        sa.Column("proposal", sa.JSON(), nullable=False),
        sa.Column("decision", sa.JSON(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", shared.sql.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("case_code", "case_", ["code"], unique=False)
    op.create_index(
        "case_linked",
        "case_",
        ["linked_to"],
        unique=False,
        postgresql_where=sa.text("linked_to IS NOT NULL"),
        sqlite_where=sa.text("linked_to IS NOT NULL"),
    )
    op.create_index(
        "case_nearby",
        "case_",
        ["topic", "received_at"],
        unique=False,
        postgresql_where=sa.text("NOT is_ended"),
        sqlite_where=sa.text("NOT is_ended"),
    )
    op.create_index(
        "case_next_step",
        "case_",
        ["next_step_at"],
        unique=False,
        postgresql_where=sa.text("next_step_at IS NOT NULL"),
        sqlite_where=sa.text("next_step_at IS NOT NULL"),
    )
    op.create_index(
        "case_officer_queue",
        "case_",
        ["officer", "queue_at", "id"],
        unique=False,
        postgresql_where=sa.text("NOT is_ended"),
        sqlite_where=sa.text("NOT is_ended"),
    )
    op.create_index("case_petition", "case_", ["petition_id"], unique=False)
    op.create_index(
        "case_queue",
        "case_",
        ["queue_at", "id"],
        unique=False,
        postgresql_where=sa.text("NOT is_ended"),
        sqlite_where=sa.text("NOT is_ended"),
    )
    op.create_index(
        "case_unit_queue",
        "case_",
        ["unit", "queue_at", "id"],
        unique=False,
        postgresql_where=sa.text("NOT is_ended"),
        sqlite_where=sa.text("NOT is_ended"),
    )
    op.create_table(
        "dead_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("routing_key", sa.String(length=128), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", shared.sql.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "inbox",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("pos", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", shared.sql.Instant(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("received_at", shared.sql.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("event_id"),
    )
    op.create_index(
        "inbox_dead",
        "inbox",
        ["received_at"],
        unique=False,
        postgresql_where=sa.text("state = 'dead'"),
        sqlite_where=sa.text("state = 'dead'"),
    )
    op.create_index(
        "inbox_open",
        "inbox",
        ["source", "subject", "seq"],
        unique=True,
        postgresql_where=sa.text("state IN ('wait', 'retry', 'dead')"),
        sqlite_where=sa.text("state IN ('wait', 'retry', 'dead')"),
    )
    op.create_index("inbox_pos", "inbox", ["source", "pos"], unique=False)
    op.create_index(
        "inbox_retry",
        "inbox",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("state = 'retry'"),
        sqlite_where=sa.text("state = 'retry'"),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("audience", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("detail", sa.String(length=40), nullable=True),
        sa.Column("at", shared.sql.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("notice_petition", "notice", ["petition_id"], unique=False)
    op.create_table(
        "outbox",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", shared.sql.Instant(timezone=True), nullable=False),
        sa.Column("pos", sa.BigInteger(), nullable=True),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=True),
        sa.Column("prev", sa.LargeBinary(), nullable=True),
        sa.Column("sig", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event_id"),
        sa.UniqueConstraint("pos"),
    )
    op.create_index(
        "outbox_unnumbered",
        "outbox",
        ["id"],
        unique=False,
        postgresql_where=sa.text("pos IS NULL"),
        sqlite_where=sa.text("pos IS NULL"),
    )
    op.create_table(
        "outbox_stream",
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("subject"),
    )
    op.create_table(
        "reading",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("at", shared.sql.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("petition_id", "person", "kind"),
    )
    op.create_table(
        "relay_state",
        sa.Column("one", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.Column("assigned", sa.BigInteger(), nullable=False),
        sa.Column("published", sa.BigInteger(), nullable=False),
        sa.Column("head_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("one"),
    )
    op.create_table(
        "source_mark",
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("epoch", sa.String(length=36), nullable=False),
        sa.Column("pos", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source"),
    )
    op.create_table(
        "staff_session",
        sa.Column("id_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", shared.sql.Instant(timezone=True), nullable=False),
        sa.Column("seen_at", shared.sql.Instant(timezone=True), nullable=False),
        sa.Column("expires_at", shared.sql.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id_hash"),
    )
    op.create_index(op.f("ix_staff_session_person_id"), "staff_session", ["person_id"], unique=False)
    op.create_table(
        "stream_head",
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source", "subject"),
    )
    op.create_table(
        "subscriber_receipt",
        sa.Column("subscriber", sa.String(length=32), nullable=False),
        sa.Column("pos", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", shared.sql.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subscriber"),
    )
    op.create_table(
        "answer",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=24), nullable=False),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("drafted_by", sa.String(length=40), nullable=False),
        sa.Column("drafted_at", shared.sql.Instant(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=40), nullable=True),
        sa.Column("decided_at", shared.sql.Instant(timezone=True), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["case_.id"],
        ),
        sa.PrimaryKeyConstraint("case_id", "version"),
    )
    op.create_table(
        "case_attachment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("added_at", shared.sql.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["case_.id"],
        ),
        sa.PrimaryKeyConstraint("id", "case_id"),
    )
    op.create_index("case_attachment_case", "case_attachment", ["case_id"], unique=False)
    op.create_table(
        "case_excluded",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("who", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["case_.id"],
        ),
        sa.PrimaryKeyConstraint("case_id", "who"),
    )
    op.create_table(
        "case_words",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("position", sa.String(length=40), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("party", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["case_.id"],
        ),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.create_table(
        "deadline",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.String(length=48), nullable=False),
        sa.Column("step", sa.String(length=48), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("is_governing", sa.Boolean(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_at", shared.sql.Instant(timezone=True), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["case_.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("deadline_case", "deadline", ["case_id"], unique=False)
    op.create_table(
        "extension_request",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("asked_at", shared.sql.Instant(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["case_.id"],
        ),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.create_table(
        "note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("at", shared.sql.Instant(timezone=True), nullable=False),
        sa.Column("author", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["case_.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("note_case", "note", ["case_id"], unique=False)
    op.create_table(
        "question",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("asked_at", shared.sql.Instant(timezone=True), nullable=False),
        sa.Column("reply_by", sa.Date(), nullable=False),
        sa.Column("ended_at", shared.sql.Instant(timezone=True), nullable=True),
        sa.Column("is_replied", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["case_.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("question_case", "question", ["case_id"], unique=False)
    op.create_table(
        "supplement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("at", shared.sql.Instant(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("attachment_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["case_.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("supplement_case", "supplement", ["case_id"], unique=False)
    op.create_table(
        "timeline",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("at", shared.sql.Instant(timezone=True), nullable=False),
        sa.Column("what", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["case_.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("timeline_case", "timeline", ["case_id", "id"], unique=False)
