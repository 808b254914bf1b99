"""Identities of denouncers under lock, their openings, redacted copies; what was found before a case was taken up.

Readings are told apart by case: parts of one petition may be kept more closely than others.
"""

import sqlalchemy as sa
from alembic import op

import shared.sql

revision = "0008"
down_revision = "0007"
branch_labels = depends_on = None


def _instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, shared.sql.Instant(timezone=True), nullable=nullable)


def _case() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["case_id"], ["case_.id"])


def upgrade() -> None:
    op.create_table(
        "identity_key",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.String(length=12), nullable=False),
        sa.Column("kid", sa.String(length=8)),
        sa.Column("wrapped", sa.LargeBinary()),
        _instant("made_at"),
        _instant("destroyed_at", nullable=True),
        sa.PrimaryKeyConstraint("petition_id"),
    )
    op.create_table(
        "sealed_paper",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.String(length=12), nullable=False),
        _instant("at"),
        sa.Column("box", sa.LargeBinary(), nullable=False),
        _case(),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("sealed_paper_case", "sealed_paper", ["case_id"])
    op.create_table(
        "redacted_paper",
        sa.Column("paper_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("box", sa.LargeBinary(), nullable=False),
        sa.Column("confirmed_by", sa.String(length=40), nullable=False),
        _instant("confirmed_at"),
        _case(),
        sa.PrimaryKeyConstraint("paper_id"),
    )
    op.create_index("redacted_paper_case", "redacted_paper", ["case_id"])
    op.create_table(
        "redacted_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("box", sa.LargeBinary(), nullable=False),
        sa.Column("added_by", sa.String(length=40), nullable=False),
        _instant("added_at"),
        _case(),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("redacted_file_case", "redacted_file", ["case_id"])
    op.create_table(
        "identity_opening",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        _instant("opened_at"),
        _instant("ends_at"),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("reviewed_by", sa.String(length=40)),
        _instant("reviewed_at", nullable=True),
        sa.Column("review", sa.Text()),
        _case(),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("identity_opening_case", "identity_opening", ["case_id"])
    op.create_index("identity_opening_at", "identity_opening", ["opened_at"])
    op.create_table(
        "admission",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("signed_on", sa.Date()),
        sa.Column("recorded_by", sa.String(length=40)),
        sa.Column("verified_by", sa.String(length=40)),
        _instant("verified_at", nullable=True),
        sa.Column("knew_on", sa.Date()),
        sa.Column("obstacle_from", sa.Date()),
        sa.Column("obstacle_to", sa.Date()),
        sa.Column("obstacle", sa.Text()),
        sa.Column("criteria", sa.JSON(), nullable=False),
        sa.Column("judged_because", sa.Text()),
        sa.Column("first_level", sa.Uuid()),
        sa.Column("screened", sa.String(length=16)),
        _case(),
        sa.PrimaryKeyConstraint("case_id"),
    )
    _readings_by_case()


def _readings_by_case() -> None:
    op.create_table(
        "case_reading",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        _instant("at"),
        sa.PrimaryKeyConstraint("case_id", "person", "kind"),
    )
    # Where a petition has several cases nobody knows which was read, so such readings are not carried over.
    op.execute(
        "INSERT INTO case_reading (case_id, person, kind, purpose, at) "
        "SELECT one.id, r.person, r.kind, r.purpose, r.at FROM reading AS r JOIN case_ AS one "
        "ON one.petition_id = r.petition_id WHERE (SELECT count(*) FROM case_ AS other "
        "WHERE other.petition_id = r.petition_id) = 1"
    )
    op.drop_table("reading")
