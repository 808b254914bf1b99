"""Survey rounds: what is asked, who is invited, and that answers came."""

import sqlalchemy as sa
from alembic import op

import shared.sql

revision = "0008"
down_revision = "0007"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_table(
        "survey",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=True),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("ways", sa.JSON(), nullable=False),
        sa.Column("wards", sa.JSON(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("closed_at", shared.sql.Instant(), nullable=True),
        sa.Column("signed_at", shared.sql.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_table(
        "survey_invitation",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("is_spent", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"]),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"]),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_index("survey_invitation_once", "survey_invitation", ["survey_id", "petition_id"], unique=True)
    op.create_index("survey_invitation_petition", "survey_invitation", ["petition_id"])
    op.create_table(
        "survey_answer",
        sa.Column("answer_id", sa.Uuid(), nullable=False),
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.String(length=12), nullable=False),
        sa.Column("entered_by", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"]),
        sa.PrimaryKeyConstraint("answer_id"),
    )
    op.create_index("ix_survey_answer_survey_id", "survey_answer", ["survey_id"])
