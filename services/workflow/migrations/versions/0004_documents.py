"""Published documents over the files of the configuration, and by what the clocks of a case were counted."""

import sqlalchemy as sa
from alembic import op

import shared.sql

revision = "0004"
down_revision = "0003"
branch_labels = depends_on = None

IS_PUBLISHED = sa.text("number > 0")


def upgrade() -> None:
    op.create_table(
        "config_document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("based_on", sa.String(length=64), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("drafted_by", sa.String(length=40), nullable=False),
        sa.Column("drafted_at", shared.sql.Instant(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=40), nullable=True),
        sa.Column("decided_at", shared.sql.Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "config_document_number",
        "config_document",
        ["number"],
        unique=True,
        postgresql_where=IS_PUBLISHED,
        sqlite_where=IS_PUBLISHED,
    )
    op.create_index("config_document_name", "config_document", ["name", "drafted_at"])
    op.create_table(
        "case_counted",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("counted_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_.id"]),
        sa.PrimaryKeyConstraint("case_id"),
    )
