"""Drafts on which people may comment, the petitions that do so, and what everybody may read of the answers."""

import sqlalchemy as sa
from alembic import op

from shared.db import Instant

revision = "0005"
down_revision = "0006"
branch_labels = depends_on = None


def upgrade() -> None:
    op.add_column("petition", sa.Column("consultation_id", sa.Uuid))
    where = sa.text("consultation_id IS NOT NULL")
    op.create_index(
        "petition_consultation", "petition", ["consultation_id"], postgresql_where=where, sqlite_where=where
    )
    op.create_table(
        "consultation",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.Integer, nullable=False, unique=True),
        sa.Column("unit", sa.String(16), nullable=False),
        sa.Column("opens_on", sa.Date, nullable=False),
        sa.Column("closes_on", sa.Date, nullable=False),
        sa.Column("answers_due_on", sa.Date, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("asked", sa.Text, nullable=False),
        sa.Column("text", sa.Text),
        sa.Column("document", sa.JSON),
        sa.Column("closed_on", sa.Date),
        sa.Column("reason", sa.Text),
    )
    op.create_index("consultation_list", "consultation", ["closes_on"])
    op.create_table(
        "public_answer",
        sa.Column("petition_id", sa.Uuid, sa.ForeignKey("petition.id"), primary_key=True),
        sa.Column("consultation_id", sa.Uuid, nullable=False),
        sa.Column("point", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("outcome", sa.String(24), nullable=False),
        sa.Column("answered_at", Instant, nullable=False),
    )
    op.create_index("ix_public_answer_consultation_id", "public_answer", ["consultation_id"])
