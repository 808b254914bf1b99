"""Sessions of reception and dialogue, their guests, and what was promised there."""

import sqlalchemy as sa
from alembic import op

from shared.db import Instant

revision = "0013"
down_revision = "0015"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_table(
        "dialogue",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("topics", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("is_online", sa.Boolean, nullable=False),
        sa.Column("starts_at", Instant, nullable=False),
        sa.Column("ends_at", Instant, nullable=False),
        sa.Column("seats", sa.Integer, nullable=False),
        sa.Column("chair", sa.String(40), nullable=False),
        sa.Column("planned_by", sa.String(40), nullable=False),
        sa.Column("planned_at", Instant, nullable=False),
        sa.Column("case_id", sa.Uuid, sa.ForeignKey("case_.id")),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("edition", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("minutes", sa.Text),
        sa.Column("walked_in", sa.Integer, nullable=False),
        sa.Column("petitioner", sa.String(8)),
        sa.Column("held_by", sa.String(40)),
        sa.Column("held_at", Instant),
        sa.Column("reminds_at", Instant),
    )
    op.create_index("dialogue_list", "dialogue", ["starts_at", "id"])
    op.create_index(
        "dialogue_case",
        "dialogue",
        ["case_id"],
        postgresql_where=sa.text("case_id IS NOT NULL"),
        sqlite_where=sa.text("case_id IS NOT NULL"),
    )
    op.create_index(
        "dialogue_reminds",
        "dialogue",
        ["reminds_at"],
        postgresql_where=sa.text("reminds_at IS NOT NULL"),
        sqlite_where=sa.text("reminds_at IS NOT NULL"),
    )
    op.create_table(
        "dialogue_guest",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("dialogue_id", sa.Uuid, sa.ForeignKey("dialogue.id"), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("email", sa.Text),
        sa.Column("mobile", sa.String(20)),
        sa.Column("phone", sa.Text),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("petition_code", sa.String(24)),
        sa.Column("link_token", sa.String(64)),
        sa.Column("joined_at", Instant, nullable=False),
        sa.Column("has_left", sa.Boolean, nullable=False),
        sa.Column("has_come", sa.Boolean),
    )
    op.create_index("dialogue_guest_list", "dialogue_guest", ["dialogue_id", "joined_at", "id"])
    op.create_table(
        "commitment",
        sa.Column("petition_id", sa.Uuid, primary_key=True),
        sa.Column("dialogue_id", sa.Uuid, sa.ForeignKey("dialogue.id"), nullable=False),
        sa.Column("guest_id", sa.Uuid),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("topic", sa.String(16), nullable=False),
        sa.Column("unit", sa.String(16), nullable=False),
        sa.Column("officer", sa.String(40), nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("made_by", sa.String(40), nullable=False),
        sa.Column("made_at", Instant, nullable=False),
    )
    op.create_index("commitment_dialogue", "commitment", ["dialogue_id"])
