"""Which files of denouncers are locked under the key of their petition; those that are there already follow at once."""

import sqlalchemy as sa
from alembic import op

from shared.db import Instant

revision = "0017"
down_revision = "0011"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_table(
        "locked_file",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("petition_id", sa.Uuid, nullable=False),
        sa.Column("locked_at", Instant, nullable=False),
    )
    op.create_index("locked_file_petition", "locked_file", ["petition_id"])
    op.create_index(
        "case_secret",
        "case_",
        ["id"],
        postgresql_where=sa.text("kind_class = 'secret'"),
        sqlite_where=sa.text("kind_class = 'secret'"),
    )
