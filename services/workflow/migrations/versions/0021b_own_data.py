"""Addresses that petitioners have shown to be theirs, and erasures: proposed by one person, decided by another."""

import sqlalchemy as sa
from alembic import op

from shared.db import Instant

revision = "0021b"
down_revision = "0019"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_table(
        "contact_verified",
        sa.Column("petition_id", sa.Uuid, primary_key=True),
        sa.Column("channel", sa.String(8), primary_key=True),
        sa.Column("at", Instant, nullable=False),
    )
    op.create_table(
        "erasure",
        sa.Column("case_id", sa.Uuid, sa.ForeignKey("case_.id"), primary_key=True),
        sa.Column("petition_id", sa.Uuid, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("asked_by", sa.String(40), nullable=False),
        sa.Column("asked_at", Instant, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("decided_by", sa.String(40)),
        sa.Column("decided_at", Instant),
    )
