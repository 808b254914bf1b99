"""What everybody may read of cases, who agreed to it, and how many follow."""

import sqlalchemy as sa
from alembic import op

from shared.db import Instant

revision = "0020"
down_revision = "0024"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_table(
        "summary",
        sa.Column("case_id", sa.Uuid, sa.ForeignKey("case_.id"), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("answer", sa.Text),
        sa.Column("late_reason", sa.Text),
        sa.Column("place", sa.Text),
        sa.Column("photos", sa.JSON, nullable=False),
        sa.Column("written_by", sa.String(40), nullable=False),
        sa.Column("written_at", Instant, nullable=False),
        sa.Column("number", sa.String(16)),
        sa.Column("decided_by", sa.String(40)),
        sa.Column("decided_at", Instant),
        sa.Column("reason", sa.String(24)),
        sa.Column("words", sa.Text),
    )
    op.create_index("summary_state", "summary", ["state", "written_at"])
    op.create_table("summary_agreed", sa.Column("petition_id", sa.Uuid, primary_key=True))
    op.create_table(
        "summary_followed",
        sa.Column("case_id", sa.Uuid, primary_key=True),
        sa.Column("followers", sa.Integer, nullable=False),
    )
