"""Addresses found by keyed hashes, what petitioners want to be told of, links and codes that verify."""

import sqlalchemy as sa
from alembic import op

import shared.sql

revision = "0012"
down_revision = "0009"
branch_labels = depends_on = None

UNKEYED = sa.text("(email IS NOT NULL AND email_key IS NULL) OR (phone IS NOT NULL AND phone_key IS NULL)")
UNSENT = sa.text("address IS NOT NULL")


def upgrade() -> None:
    op.add_column("petition", sa.Column("email_key", sa.LargeBinary()))
    op.add_column("petition", sa.Column("phone_key", sa.LargeBinary()))
    op.add_column("petition", sa.Column("email_verified_at", shared.sql.Instant()))
    op.add_column("petition", sa.Column("phone_verified_at", shared.sql.Instant()))
    op.add_column("petition", sa.Column("declined", sa.JSON(), nullable=False, server_default="[]"))
    kept_close = sa.Column("is_kept_close", sa.Boolean(), nullable=False, server_default=sa.text("false"))
    op.add_column("petition", kept_close)
    # What the desk made of older petitions was not told: none of those that reached it is spoken of by another one.
    op.execute("UPDATE petition SET is_kept_close = true WHERE case_id IS NOT NULL")
    op.add_column("petition", sa.Column("erased_at", shared.sql.Instant()))
    op.create_index("petition_email", "petition", ["email_key"])
    op.create_index("petition_phone", "petition", ["phone_key"])
    # The keys of older petitions follow from the house's key, which no migration has: the door computes them at start.
    op.create_index("petition_unkeyed", "petition", ["id"], postgresql_where=UNKEYED, sqlite_where=UNKEYED)
    op.create_table(
        "contact_check",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("petition_id", sa.Uuid()),
        sa.Column("channel", sa.String(8), nullable=False),
        sa.Column("address_key", sa.LargeBinary(), nullable=False),
        sa.Column("address", sa.Text()),
        sa.Column("secret_hash", sa.LargeBinary(), unique=True),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("made_at", shared.sql.Instant(), nullable=False),
        sa.Column("expires_at", shared.sql.Instant(), nullable=False),
        sa.Column("is_done", sa.Boolean(), nullable=False),
    )
    op.create_index("contact_check_address", "contact_check", ["address_key", "made_at"])
    op.create_index("contact_check_petition", "contact_check", ["petition_id"])
    op.create_index("contact_check_unsent", "contact_check", ["made_at"], postgresql_where=UNSENT, sqlite_where=UNSENT)
