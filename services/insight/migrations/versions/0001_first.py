"""The first shape: facts of petitions, cases, promises, ratings and notices, beside outbox and inbox."""

import sqlalchemy as sa
from alembic import op

import shared.sql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_fact",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=True),
        sa.Column("topic", sa.String(length=16), nullable=True),
        sa.Column("is_restricted", sa.Boolean(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("ending", sa.String(length=16), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("heard_at", shared.sql.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.create_index("case_fact_ended_on", "case_fact", ["ended_on"], unique=False)
    op.create_index("case_fact_petition", "case_fact", ["petition_id"], unique=False)
    op.create_index("case_fact_received_on", "case_fact", ["received_on"], unique=False)
    op.create_table(
        "dead_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("routing_key", sa.String(length=128), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", shared.sql.Instant(), nullable=False),
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
        sa.Column("next_at", shared.sql.Instant(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("received_at", shared.sql.Instant(), nullable=False),
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
        "notice_fact",
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("taken_on", sa.Date(), nullable=True),
        sa.Column("arrived_on", sa.Date(), nullable=True),
        sa.Column("is_failed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("notice_id"),
    )
    op.create_index("notice_fact_petition", "notice_fact", ["petition_id"], unique=False)
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
        sa.Column("created_at", shared.sql.Instant(), nullable=False),
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
        "petition_fact",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("filed_on", sa.Date(), nullable=True),
        sa.Column("channel", sa.String(length=16), nullable=True),
        sa.Column("ward", sa.String(length=64), nullable=True),
        sa.Column("has_contact", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("petition_id"),
    )
    op.create_index("petition_fact_filed_on", "petition_fact", ["filed_on"], unique=False)
    op.create_table(
        "promise_fact",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.String(length=16), nullable=True),
        sa.Column("first_due_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("paused_on", sa.Date(), nullable=True),
        sa.Column("pauses", sa.Integer(), nullable=False),
        sa.Column("extensions", sa.Integer(), nullable=False),
        sa.Column("apologies", sa.Integer(), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("days_taken", sa.Integer(), nullable=True),
        sa.Column("days_late", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("is_rated", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "round"),
    )
    op.create_index("promise_fact_answered_on", "promise_fact", ["answered_on"], unique=False)
    op.create_index("promise_fact_due_on", "promise_fact", ["due_on"], unique=False)
    op.create_index("promise_fact_petition", "promise_fact", ["petition_id", "round"], unique=False)
    op.create_table(
        "rating_fact",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("rated_at", shared.sql.Instant(), nullable=False),
        sa.Column("unit", sa.String(length=16), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("petition_id", "round"),
    )
    op.create_index("rating_fact_published_on", "rating_fact", ["published_on"], unique=False)
    op.create_index("rating_fact_unit", "rating_fact", ["unit", "published_on"], unique=False)
    op.create_table(
        "rating_queue",
        sa.Column("unit", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("unit"),
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
        sa.Column("seen_at", shared.sql.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("subscriber"),
    )
