"""The public register, the index of its words, and who follows a case of it."""

import sqlalchemy as sa
from alembic import op

from shared.sql import Instant

revision = "0011"
down_revision = "0014"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_table(
        "public_case",
        sa.Column("case_id", sa.Uuid, primary_key=True),
        sa.Column("petition_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.String(16), nullable=False, unique=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("topic", sa.String(16)),
        sa.Column("ward", sa.String(40)),
        sa.Column("unit", sa.String(16), nullable=False),
        sa.Column("received_on", sa.Date, nullable=False),
        sa.Column("due_on", sa.Date),
        sa.Column("answered_on", sa.Date),
        sa.Column("is_on_time", sa.Boolean),
        sa.Column("is_open", sa.Boolean, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("answer", sa.Text),
        sa.Column("late_reason", sa.Text),
        sa.Column("place", sa.Text),
        sa.Column("lat", sa.Float),
        sa.Column("lng", sa.Float),
        sa.Column("photos", sa.JSON, nullable=False),
        sa.Column("published_at", Instant, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.Column("reason", sa.String(24)),
        sa.Column("withdrawn_at", Instant),
    )
    op.create_index("public_case_list", "public_case", ["received_on", "number"])
    op.create_index("public_case_by_topic", "public_case", ["topic", "received_on", "number"])
    op.create_index("public_case_by_ward", "public_case", ["ward", "received_on", "number"])
    op.create_index("public_case_by_state", "public_case", ["is_open", "received_on", "number"])
    for name, place in (("public_case_near", "lat"), ("public_case_in_ward", "ward")):
        op.create_index(
            name,
            "public_case",
            ["topic", place, "received_on"],
            postgresql_where=sa.text("is_open"),
            sqlite_where=sa.text("is_open"),
        )
    word = sa.String(40).with_variant(sa.String(40, collation="C"), "postgresql")
    op.create_table(
        "public_word",
        sa.Column("case_id", sa.Uuid, sa.ForeignKey("public_case.case_id"), primary_key=True),
        sa.Column("word", word, primary_key=True),
    )
    op.create_index("public_word_where", "public_word", ["word", "case_id"])
    op.create_table(
        "follower",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("case_id", sa.Uuid, sa.ForeignKey("public_case.case_id"), nullable=False),
        sa.Column("once", sa.String(120), nullable=False, unique=True),
        sa.Column("code", sa.String(9), nullable=False, unique=True),
        sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("digits_check", sa.LargeBinary, nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("email", sa.Text),
        sa.Column("mobile", sa.String(20)),
        sa.Column("since", Instant, nullable=False),
        sa.Column("left_at", Instant),
    )
    op.create_index("ix_follower_case_id", "follower", ["case_id"])
