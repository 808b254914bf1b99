"""Who answers for what: the assignment matrix, absences, and reorganisations with how far they are carried out."""

import sqlalchemy as sa
from alembic import op

from shared.sql import Instant

revision = "0005"
down_revision = "0004"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_table(
        "assignment_rule",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("unit", sa.String(16), nullable=False),
        sa.Column("topic", sa.String(16)),
        sa.Column("ward", sa.String(40)),
        sa.Column("officer", sa.String(40), nullable=False),
        sa.Column("deputy", sa.String(40)),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_to", sa.Date),
        sa.Column("made_by", sa.String(40), nullable=False),
        sa.Column("made_at", Instant, nullable=False),
        sa.Column("ended_by", sa.String(40)),
        sa.Column("ended_at", Instant),
    )
    op.create_index("assignment_rule_unit", "assignment_rule", ["unit"])
    op.create_table(
        "absence",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("person", sa.String(40), nullable=False),
        sa.Column("unit", sa.String(16), nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_to", sa.Date, nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("deputy", sa.String(40)),
        sa.Column("made_by", sa.String(40), nullable=False),
        sa.Column("made_at", Instant, nullable=False),
        sa.Column("ended_by", sa.String(40)),
        sa.Column("ended_at", Instant),
    )
    op.create_index("absence_unit", "absence", ["unit", "valid_to"])
    op.create_table(
        "reorganisation",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("on_day", sa.Date, nullable=False),
        sa.Column("plan", sa.JSON, nullable=False),
        sa.Column("made_at", Instant, nullable=False),
        sa.Column("moved", sa.Integer, nullable=False),
        sa.Column("done_at", Instant),
    )
