"""What people wish for in the words beside their judgement, published by fives of each topic."""

import sqlalchemy as sa
from alembic import op

import shared.sql

revision = "0004"
down_revision = "0003"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_table(
        "wish_fact",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("wish", sa.String(length=32), nullable=False),
        sa.Column("topic", sa.String(length=16), nullable=True),
        sa.Column("rated_at", shared.sql.Instant(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("petition_id", "round", "wish"),
    )
    op.create_index("wish_fact_topic", "wish_fact", ["topic", "wish", "published_on"])
    op.create_index("wish_fact_published_on", "wish_fact", ["published_on"])
    with op.batch_alter_table("rating_queue") as queue:
        queue.alter_column("unit", existing_type=sa.String(length=16), type_=sa.String(length=64), existing_nullable=False)
