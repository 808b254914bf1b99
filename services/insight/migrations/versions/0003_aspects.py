"""What was said of single aspects of an answer, published by fives like the judgement of the whole."""

import sqlalchemy as sa
from alembic import op

import shared.sql

revision = "0003"
down_revision = "0002"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_table(
        "aspect_fact",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("aspect", sa.String(length=4), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("rated_at", shared.sql.Instant(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("petition_id", "round", "aspect"),
    )
    op.create_index("aspect_fact_published_on", "aspect_fact", ["published_on"])
