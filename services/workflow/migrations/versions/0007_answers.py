"""Answers that solve: how each version stood before the gate, its photos, what it promised, wishes to look again."""

import sqlalchemy as sa
from alembic import op

import shared.sql

revision = "0007"
down_revision = "0006"
branch_labels = depends_on = None

WAITS = sa.text("state IN ('open', 'broken')")
ASKED = sa.text("state = 'asked'")
HAS_STEP = sa.text("next_step_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "answer_sheet",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("replies", sa.JSON(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("in_spite", sa.Text(), nullable=True),
        sa.Column("apology", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_.id"]),
        sa.PrimaryKeyConstraint("case_id", "version"),
    )
    op.create_table(
        "answer_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("added_by", sa.String(length=40), nullable=False),
        sa.Column("added_at", shared.sql.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("answer_file_case", "answer_file", ["case_id"])
    op.create_table(
        "promise",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("promised_on", sa.Date(), nullable=False),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("made_at", shared.sql.Instant(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("checked_by", sa.String(length=40), nullable=True),
        sa.Column("checked_at", shared.sql.Instant(timezone=True), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("asked_at", shared.sql.Instant(timezone=True), nullable=True),
        sa.Column("judged_at", shared.sql.Instant(timezone=True), nullable=True),
        sa.Column("is_done", sa.Boolean(), nullable=True),
        sa.Column("said", sa.Text(), nullable=True),
        sa.Column("moved_from", sa.Uuid(), nullable=True),
        sa.Column("next_step", sa.String(length=8), nullable=True),
        sa.Column("next_step_at", shared.sql.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("promise_case", "promise", ["case_id"])
    op.create_index(
        "promise_waiting", "promise", ["promised_on"], postgresql_where=WAITS, sqlite_where=WAITS
    )
    op.create_index(
        "promise_next_step", "promise", ["next_step_at"], postgresql_where=HAS_STEP, sqlite_where=HAS_STEP
    )
    op.create_table(
        "reopening",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_at", shared.sql.Instant(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("decided_by", sa.String(length=40), nullable=True),
        sa.Column("decided_at", shared.sql.Instant(timezone=True), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("petition_id", "round", name="reopening_once"),
    )
    op.create_index("reopening_case", "reopening", ["case_id"])
    op.create_index("reopening_waiting", "reopening", ["asked_at"], postgresql_where=ASKED, sqlite_where=ASKED)
