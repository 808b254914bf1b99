"""Filing in a citizen's stead: sessions of officers, who wrote a petition down, whose account is switched off."""

import sqlalchemy as sa
from alembic import op

import shared.sql

revision = "0003"
down_revision = "0002"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_table(
        "counter_session",
        sa.Column("id_hash", sa.LargeBinary(), primary_key=True),
        sa.Column("nonce", sa.String(length=40), nullable=False, unique=True),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("expires_at", shared.sql.Instant(timezone=True), nullable=False),
        sa.Column("once", sa.String(length=120), nullable=True),
    )
    op.create_index("ix_counter_session_expires_at", "counter_session", ["expires_at"])
    op.create_table(
        "entered",
        sa.Column("petition_id", sa.Uuid(), sa.ForeignKey("petition.id"), primary_key=True),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("at", shared.sql.Instant(timezone=True), nullable=False),
        sa.Column("late_ground", sa.String(length=40), nullable=True),
    )
    op.create_table(
        "switched_off",
        sa.Column("person", sa.String(length=40), primary_key=True),
    )
