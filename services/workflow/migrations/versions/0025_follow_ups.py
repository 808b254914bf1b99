"""Answers that somebody was not satisfied with, and what the head did."""

import sqlalchemy as sa
from alembic import op

from shared.db import Instant

revision = "0025"
down_revision = "0021b"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_table(
        "follow_up",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("case_id", sa.Uuid, sa.ForeignKey("case_.id"), nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("unit", sa.String(16), nullable=False),
        sa.Column("opened_at", Instant, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("closed_by", sa.String(40)),
        sa.Column("closed_at", Instant),
        sa.Column("words", sa.Text),
        sa.UniqueConstraint("case_id", "round", name="follow_up_once"),
    )
    is_open = sa.text("state = 'open'")
    op.create_index("follow_up_open", "follow_up", ["opened_at"], postgresql_where=is_open, sqlite_where=is_open)
    op.create_index("follow_up_unit", "follow_up", ["unit", "opened_at"])
