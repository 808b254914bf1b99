"""Working together: contributions of other units, urgings, opinions from outside, colleagues named in notes."""

import sqlalchemy as sa
from alembic import op

import shared.sql

revision = "0006"
down_revision = "0005"
branch_labels = depends_on = None


def upgrade() -> None:
    op.add_column("case_", sa.Column("supporting", sa.JSON(), nullable=False, server_default="[]"))
    op.create_table(
        "support",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.String(length=16), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("asked_at", shared.sql.Instant(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.String(length=40), nullable=True),
        sa.Column("answered_at", shared.sql.Instant(), nullable=True),
        sa.Column("next_step", sa.String(length=8), nullable=True),
        sa.Column("next_step_at", shared.sql.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("support_case", "support", ["case_id"])
    op.create_index("support_unit", "support", ["unit", "case_id"])
    is_to_come = sa.text("next_step_at IS NOT NULL")
    op.create_index(
        "support_next_step", "support", ["next_step_at"], postgresql_where=is_to_come, sqlite_where=is_to_come
    )
    op.create_table(
        "urge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("urged_by", sa.String(length=40), nullable=False),
        sa.Column("urged_at", shared.sql.Instant(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.String(length=40), nullable=True),
        sa.Column("answered_at", shared.sql.Instant(), nullable=True),
        sa.Column("next_step_at", shared.sql.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    is_asked = sa.text("state = 'asked'")
    op.create_index("urge_case", "urge", ["case_id"])
    op.create_index("urge_asked", "urge", ["case_id"], postgresql_where=is_asked, sqlite_where=is_asked)
    op.create_index("urge_next_step", "urge", ["next_step_at"], postgresql_where=is_to_come, sqlite_where=is_to_come)
    op.create_table(
        "consult",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("asked_at", shared.sql.Instant(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("expires_at", shared.sql.Instant(), nullable=False),
        sa.Column("wait_ends_on", sa.Date(), nullable=True),
        sa.Column("wait_ended_at", shared.sql.Instant(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", shared.sql.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index("consult_case", "consult", ["case_id"])
    op.create_table(
        "mention",
        sa.Column("note_id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("at", shared.sql.Instant(), nullable=False),
        sa.Column("read_at", shared.sql.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_.id"]),
        sa.ForeignKeyConstraint(["note_id"], ["note.id"]),
        sa.PrimaryKeyConstraint("note_id", "person"),
    )
    is_unread = sa.text("read_at IS NULL")
    op.create_index("mention_person", "mention", ["person", "at"])
    op.create_index("mention_unread", "mention", ["person"], postgresql_where=is_unread, sqlite_where=is_unread)
