"""Consultations on drafts, the comments that are cases, and what an answer to one says that it is about."""

import sqlalchemy as sa
from alembic import op

from shared.db import Instant

revision = "0012"
down_revision = "0013"
branch_labels = depends_on = None

AWAITS_THE_CLOSE = "consultation_id IS NOT NULL AND answer_rule IS NULL AND answered_at IS NULL AND NOT is_ended"


def upgrade() -> None:
    op.create_table(
        "consultation",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("asked", sa.Text, nullable=False),
        sa.Column("text", sa.Text),
        sa.Column("document", sa.JSON),
        sa.Column("unit", sa.String(16), nullable=False),
        sa.Column("opens_on", sa.Date, nullable=False),
        sa.Column("closes_on", sa.Date, nullable=False),
        sa.Column("prepared_by", sa.String(40), nullable=False),
        sa.Column("prepared_at", Instant, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("opened_by", sa.String(40)),
        sa.Column("opened_at", Instant),
        sa.Column("closed_by", sa.String(40)),
        sa.Column("closed_at", Instant),
        sa.Column("closed_on", sa.Date),
        sa.Column("reason", sa.Text),
    )
    op.create_index("consultation_number", "consultation", ["number"], unique=True)
    op.create_index("consultation_list", "consultation", ["state", "closes_on"])
    op.add_column("case_", sa.Column("consultation_id", sa.Uuid))
    for name, only in (
        ("case_consultation", "consultation_id IS NOT NULL"),
        ("case_awaits_the_close", AWAITS_THE_CLOSE),
    ):
        where = sa.text(only)
        op.create_index(name, "case_", ["consultation_id", "id"], postgresql_where=where, sqlite_where=where)
    op.add_column("answer_sheet", sa.Column("point", sa.Text))
