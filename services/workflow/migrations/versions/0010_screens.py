"""Saved views and presence; and an index for every list, so that none reads more than its page.

The search in what citizens wrote uses trigrams where the database has the extension pg_trgm and lets us create it;
elsewhere it reads the list until the page is full.
"""

import sqlalchemy as sa
from alembic import op

import shared.sql

revision = "0010"
down_revision = "0009"
branch_labels = depends_on = None

AWAITS = "NOT is_ended AND stage <> 'answered'"
IS_DONE = "(is_ended OR stage = 'answered')"
HAS_LOST_ITS_OFFICER = "(officer IS NULL AND stage NOT IN ('triage', 'accepted'))"

LISTS = (
    ("case_queue", ["queue_at", "id"], AWAITS),
    ("case_unit_queue", ["unit", "queue_at", "id"], AWAITS),
    ("case_officer_queue", ["officer", "queue_at", "id"], AWAITS),
    ("case_stage_queue", ["stage", "queue_at", "id"], AWAITS),
    ("case_unit_stage_queue", ["unit", "stage", "queue_at", "id"], AWAITS),
    ("case_topic_queue", ["topic", "queue_at", "id"], AWAITS),
    ("case_ward_queue", ["ward", "queue_at", "id"], AWAITS),
    ("case_kind_queue", ["kind", "queue_at", "id"], AWAITS),
    ("case_class_queue", ["kind_class", "queue_at", "id"], f"{AWAITS} AND kind_class <> 'ordinary'"),
    ("case_extension_queue", ["queue_at", "id"], f"{AWAITS} AND extension_asked_by IS NOT NULL"),
    ("case_apology_queue", ["queue_at", "id"], f"{AWAITS} AND is_apology_owed"),
    ("case_nobody_queue", ["unit", "queue_at", "id"], f"{AWAITS} AND {HAS_LOST_ITS_OFFICER}"),
    ("case_unit_done", ["unit", "id"], IS_DONE),
    ("case_officer_done", ["officer", "id"], IS_DONE),
    ("case_elsewhere", ["stage", "changed_at"], "stage IN ('transferred', 'quarantined')"),
    ("case_answered_weeks", ["answered_at", "unit", "answer_due_at", "id"], "answered_at IS NOT NULL"),
)

TRIGRAMS = """
    DO $$ BEGIN
        CREATE EXTENSION IF NOT EXISTS pg_trgm;
    EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN
        RAISE NOTICE 'pg_trgm is not here: the search does without';
    END $$
"""


def upgrade() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.JSON(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("saved_view_person", "saved_view", ["person", "place"])
    op.create_table(
        "presence",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("doing", sa.String(length=12), nullable=False),
        sa.Column("seen_at", shared.sql.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_.id"]),
        sa.PrimaryKeyConstraint("case_id", "person"),
    )
    op.create_index("presence_seen", "presence", ["seen_at"])
    for name in ("case_queue", "case_unit_queue", "case_officer_queue", "case_code"):
        op.drop_index(name, "case_")
    for name, columns, only in LISTS:
        op.create_index(name, "case_", columns, postgresql_where=sa.text(only), sqlite_where=sa.text(only))
    op.create_index("case_code", "case_", ["code"], postgresql_ops={"code": "varchar_pattern_ops"})
    op.create_index("case_received", "case_", ["received_at", "id"])
    op.create_index("case_related", "case_", ["topic", "ward", "received_at"])
    op.create_index("case_excluded_who", "case_excluded", ["who", "case_id"])
    is_running = sa.text("state = 'running'")
    op.create_index(
        "deadline_running", "deadline", ["rule", "due_at"], postgresql_where=is_running, sqlite_where=is_running
    )
    _find_words_by_trigrams()


def _find_words_by_trigrams() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    connection.exec_driver_sql(TRIGRAMS)
    if connection.exec_driver_sql("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'").first():
        for name, where in (("case_trigrams", None), ("case_trigrams_open", sa.text(AWAITS))):
            op.create_index(
                name,
                "case_",
                ["folded"],
                postgresql_using="gin",
                postgresql_ops={"folded": "gin_trgm_ops"},
                postgresql_where=where,
            )
