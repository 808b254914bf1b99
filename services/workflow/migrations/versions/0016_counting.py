"""Counting reads indexes alone: they hold what decides who sees a case, and a case says whether it shuts anybody out.

Among ten million cases this takes some minutes, in which nobody can save a case.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0014"
branch_labels = depends_on = None

AWAITS = "NOT is_ended AND stage <> 'answered'"
HAS_LOST_ITS_OFFICER = "(officer IS NULL AND stage NOT IN ('triage', 'accepted'))"
SEEN = ["kind_class", "unit", "officer", "has_excluded"]

COUNTED = (
    ("case_queue", ["queue_at", "id"], AWAITS, [*SEEN, "stage"]),
    ("case_unit_queue", ["unit", "queue_at", "id"], AWAITS, [*SEEN, "stage"]),
    ("case_officer_queue", ["officer", "queue_at", "id"], AWAITS, [*SEEN, "stage"]),
    ("case_stage_queue", ["stage", "queue_at", "id"], AWAITS, [*SEEN, "drafted_by", "route"]),
    ("case_unit_stage_queue", ["unit", "stage", "queue_at", "id"], AWAITS, [*SEEN, "drafted_by"]),
    ("case_nobody_queue", ["queue_at", "id"], f"{AWAITS} AND {HAS_LOST_ITS_OFFICER}", [*SEEN, "stage"]),
    ("case_received", ["received_at", "id"], None, ["has_excluded"]),
    (
        "case_answered_weeks",
        ["answered_at", "unit", "answer_due_at", "id"],
        "answered_at IS NOT NULL",
        ["has_excluded"],
    ),
)


def upgrade() -> None:
    op.add_column("case_", sa.Column("has_excluded", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE case_ SET has_excluded = true WHERE id IN (SELECT case_id FROM case_excluded)")
    for name, columns, only, also in COUNTED:
        where = None if only is None else sa.text(only)
        op.drop_index(name, "case_")
        op.create_index(
            name,
            "case_",
            columns,
            postgresql_where=where,
            sqlite_where=where,
            postgresql_include=[column for column in also if column not in columns],
        )
    is_open = sa.text("NOT is_ended")
    op.create_index("case_open", "case_", ["id"], postgresql_where=is_open, sqlite_where=is_open)
    op.create_index(
        "case_unit_open",
        "case_",
        ["unit", "id"],
        postgresql_where=is_open,
        sqlite_where=is_open,
        postgresql_include=["kind_class"],
    )
