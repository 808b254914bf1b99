"""Dossiers of the one-stop shop that the counter listed as late, each once."""

import sqlalchemy as sa
from alembic import op

from shared.db import Instant

revision = "0018"
down_revision = "0014b"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_table(
        "late_dossier",
        sa.Column("number", sa.String(60), primary_key=True),
        sa.Column("petition_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("procedure", sa.String(24), nullable=False),
        sa.Column("received_on", sa.Date, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("listed_by", sa.String(40), nullable=False),
        sa.Column("listed_at", Instant, nullable=False),
    )
    op.create_index("late_dossier_list", "late_dossier", ["listed_at", "number"])
