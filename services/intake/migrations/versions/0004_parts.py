"""Petitions about several matters: which case each line of a story is about, and where each part stands."""

import sqlalchemy as sa
from alembic import op

import shared.sql

revision = "0004"
down_revision = "0003"
branch_labels = depends_on = None


def upgrade() -> None:
    op.add_column("petition", sa.Column("case_id", sa.Uuid(), nullable=True))
    op.add_column("petition", sa.Column("has_parts", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("timeline", sa.Column("case_id", sa.Uuid(), nullable=True))
    op.create_table(
        "part",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("unit", sa.String(length=16), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("reply_by", sa.Date(), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("is_rated", sa.Boolean(), nullable=False),
        sa.Column("answered_at", shared.sql.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"]),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.create_index("ix_part_petition_id", "part", ["petition_id"])
