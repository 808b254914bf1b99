"""Proofs that were spent, and which petitions a person looks at first."""

import sqlalchemy as sa
from alembic import op

import shared.sql

revision = "0014"
down_revision = "0010"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_table(
        "spent_proof",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", shared.sql.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_spent_proof_expires_at", "spent_proof", ["expires_at"])
    op.add_column("petition", sa.Column("is_doubted", sa.Boolean(), nullable=False, server_default=sa.false()))
