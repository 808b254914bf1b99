"""What the department made public, and how often each of it was opened."""

import sqlalchemy as sa
from alembic import op

from shared.sql import Instant

revision = "0007"
down_revision = "0004"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_table(
        "publication",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.String(16), nullable=False, unique=True),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("unit", sa.String(16), nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date),
        sa.Column("posted_at", Instant, nullable=False),
        sa.Column("reason", sa.String(24)),
        sa.Column("withdrawn_at", Instant),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("folded", sa.Text, nullable=False),
    )
    op.create_index("publication_list", "publication", ["starts_on", "id"])
    op.create_table(
        "publication_day",
        sa.Column("publication_id", sa.Uuid, sa.ForeignKey("publication.id"), primary_key=True),
        sa.Column("on_day", sa.Date, primary_key=True),
        sa.Column("opened", sa.Integer, nullable=False),
        sa.Column("petitions", sa.Integer, nullable=False),
        sa.Column("is_told", sa.Boolean, nullable=False),
    )
    op.create_index(
        "publication_day_untold",
        "publication_day",
        ["on_day"],
        postgresql_where=sa.text("NOT is_told"),
        sqlite_where=sa.text("NOT is_told"),
    )
