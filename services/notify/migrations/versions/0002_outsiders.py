"""People outside who are asked for an opinion; and how each case ended, since a petition may have several."""

import sqlalchemy as sa
from alembic import op

import shared.sql

revision = "0002"
down_revision = "0001"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_table(
        "outsider",
        sa.Column("recipient", sa.String(length=64), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("link_token", sa.String(length=64), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("recipient"),
    )
    op.create_table(
        "case_end",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("answered_at", shared.sql.Instant(), nullable=True),
        sa.Column("closed_at", shared.sql.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.execute(
        "INSERT INTO case_end (case_id, answered_at, closed_at) "
        "SELECT DISTINCT notice.case_id, petition.answered_at, petition.closed_at FROM notice "
        "JOIN petition ON petition.id = notice.petition_id WHERE notice.case_id IS NOT NULL "
        "AND (petition.answered_at IS NOT NULL OR petition.closed_at IS NOT NULL)"
    )
    op.drop_column("petition", "answered_at")
    op.drop_column("petition", "closed_at")
