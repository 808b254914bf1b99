"""Remedies, and checks of how cases were handled."""

import sqlalchemy as sa
from alembic import op

from shared.db import Instant

revision = "0011"
down_revision = "0007"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_table(
        "remedy",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("unit", sa.String(16), nullable=False),
        sa.Column("owner", sa.String(40), nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("opened_by", sa.String(40), nullable=False),
        sa.Column("opened_at", Instant, nullable=False),
        sa.Column("case_id", sa.Uuid, sa.ForeignKey("case_.id")),
        sa.Column("check_id", sa.Uuid),
        sa.Column("evidence", sa.Text),
        sa.Column("done_by", sa.String(40)),
        sa.Column("done_at", Instant),
        sa.Column("judged_by", sa.String(40)),
        sa.Column("judged_at", Instant),
        sa.Column("words", sa.Text),
    )
    op.create_index("remedy_list", "remedy", ["state", "due_on", "id"])
    op.create_index("remedy_case", "remedy", ["case_id"])
    op.create_table(
        "inspection",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("case_id", sa.Uuid, sa.ForeignKey("case_.id"), nullable=False),
        sa.Column("checklist", sa.String(24), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("checked_by", sa.String(40), nullable=False),
        sa.Column("checked_at", Instant, nullable=False),
        sa.Column("results", sa.JSON, nullable=False),
        sa.Column("words", sa.Text),
    )
    op.create_index("inspection_once", "inspection", ["case_id", "month"], unique=True)
    op.create_index("inspection_month", "inspection", ["month"])
    op.create_index(
        "case_answered",
        "case_",
        ["kind", "answered_at"],
        postgresql_where=sa.text("answered_at IS NOT NULL"),
        sqlite_where=sa.text("answered_at IS NOT NULL"),
    )
