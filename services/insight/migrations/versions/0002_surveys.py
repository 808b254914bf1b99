"""Survey rounds, their answers, which are only ever added, and whom invitations reached."""

import sqlalchemy as sa
from alembic import op

import shared.sql
from services.insight.store import KEEP_ANSWERS

revision = "0002"
down_revision = "0001"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_table(
        "survey_fact",
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=True),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("wards", sa.JSON(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("sample_size", sa.Integer(), nullable=True),
        sa.Column("closed_at", shared.sql.Instant(), nullable=True),
        sa.Column("signed_at", shared.sql.Instant(), nullable=True),
        sa.Column("final_at", shared.sql.Instant(), nullable=True),
        sa.Column("signers", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("survey_id"),
        sa.UniqueConstraint("code"),
    )
    op.create_table(
        "survey_answer_fact",
        sa.Column("answer_id", sa.Uuid(), nullable=False),
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.String(length=12), nullable=False),
        sa.Column("answered_at", shared.sql.Instant(), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.Column("harassment", sa.String(length=8), nullable=True),
        sa.Column("wishes", sa.JSON(), nullable=False),
        sa.Column("traits", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("answer_id"),
    )
    op.create_index("ix_survey_answer_fact_survey_id", "survey_answer_fact", ["survey_id"])
    op.create_table(
        "survey_invitation",
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("invited_at", shared.sql.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("survey_id", "petition_id"),
    )
    op.create_index("survey_invitation_petition", "survey_invitation", ["petition_id", "invited_at"])
    op.create_table(
        "survey_notice",
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("taken_at", shared.sql.Instant(), nullable=True),
        sa.Column("is_failed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("notice_id"),
    )
    op.create_index("ix_survey_notice_petition_id", "survey_notice", ["petition_id"])
    for statement in KEEP_ANSWERS[op.get_bind().dialect.name]:
        op.execute(sa.text(statement.replace(":", r"\:")))
