"""The counter and programs: petitions written down for citizens, answers handed over, tokens, keys of what was done."""

import sqlalchemy as sa
from alembic import op

import shared.sql

revision = "0009"
down_revision = "0008"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_table(
        "counter_entry",
        sa.Column("petition_id", sa.Uuid(), primary_key=True),
        sa.Column("person", sa.String(40), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("at", shared.sql.Instant(timezone=True), nullable=False),
        sa.Column("received_at", shared.sql.Instant(timezone=True), nullable=False),
        sa.Column("late_ground", sa.String(40)),
    )
    op.create_index("counter_entry_person", "counter_entry", ["person", "at"])
    op.create_table(
        "handover",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("case_id", sa.Uuid(), sa.ForeignKey("case_.id"), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("given_to", sa.String(16), nullable=False),
        sa.Column("delegation", sa.Text()),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("is_signed", sa.Boolean(), nullable=False),
        sa.Column("actor", sa.String(40), nullable=False),
        sa.Column("at", shared.sql.Instant(timezone=True), nullable=False),
    )
    op.create_index("handover_case", "handover", ["case_id"])
    op.create_table(
        "access_token",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("scope", sa.String(8), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("made_at", shared.sql.Instant(timezone=True), nullable=False),
        sa.Column("expires_at", shared.sql.Instant(timezone=True), nullable=False),
        sa.Column("revoked_at", shared.sql.Instant(timezone=True)),
        sa.Column("seen_at", shared.sql.Instant(timezone=True)),
    )
    op.create_index("access_token_person", "access_token", ["person_id"])
    op.create_table(
        "done_before",
        sa.Column("person_id", sa.Uuid(), primary_key=True),
        sa.Column("key", sa.String(100), primary_key=True),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("at", shared.sql.Instant(timezone=True), nullable=False),
    )
    op.create_index("done_before_at", "done_before", ["at"])
