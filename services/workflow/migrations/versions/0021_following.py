"""Petitioners who want to take their petition back."""

import sqlalchemy as sa
from alembic import op

from shared.db import Instant

revision = "0021"
down_revision = "0018"
branch_labels = depends_on = None

ASKED = sa.text("state = 'asked'")


def upgrade() -> None:
    op.create_table(
        "withdrawal",
        sa.Column("case_id", sa.Uuid, sa.ForeignKey("case_.id"), primary_key=True),
        sa.Column("reason", sa.Text),
        sa.Column("asked_at", Instant, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("decided_by", sa.String(40)),
        sa.Column("decided_at", Instant),
    )
    op.create_index("withdrawal_waiting", "withdrawal", ["asked_at"], postgresql_where=ASKED, sqlite_where=ASKED)
