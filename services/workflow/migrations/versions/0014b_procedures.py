"""Procedures that cases name, their reviews, and dossiers of what would make them simpler."""

import sqlalchemy as sa
from alembic import op

from shared.db import Instant

revision = "0014b"
down_revision = "0012"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_procedure",
        sa.Column("case_id", sa.Uuid, sa.ForeignKey("case_.id"), primary_key=True),
        sa.Column("procedure", sa.String(24), nullable=False),
        sa.Column("named_by", sa.String(40), nullable=False),
        sa.Column("named_at", Instant, nullable=False),
    )
    op.create_index("case_procedure_named", "case_procedure", ["procedure"])
    op.create_table(
        "dossier",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("procedure", sa.String(24), nullable=False),
        sa.Column("procedure_version", sa.Integer, nullable=False),
        sa.Column("field", sa.String(24), nullable=False),
        sa.Column("unit", sa.String(16), nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("cut_steps", sa.Integer, nullable=False),
        sa.Column("cut_papers", sa.Integer, nullable=False),
        sa.Column("cut_days", sa.Integer, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("opened_by", sa.String(40), nullable=False),
        sa.Column("opened_at", Instant, nullable=False),
        sa.Column("cases", sa.Integer),
        sa.Column("proposed_to", sa.String(24)),
        sa.Column("proposed_by", sa.String(40)),
        sa.Column("proposed_on", sa.Date),
        sa.Column("decided_by", sa.String(40)),
        sa.Column("decided_on", sa.Date),
        sa.Column("outcome", sa.Text),
    )
    op.create_index("dossier_procedure", "dossier", ["procedure"])
    op.add_column("remedy", sa.Column("procedure", sa.String(24)))
    op.add_column("remedy", sa.Column("review_on", sa.Date))
    op.create_index("remedy_review", "remedy", ["procedure", "review_on"], unique=True)
