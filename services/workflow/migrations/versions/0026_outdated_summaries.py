"""Summaries that lack the answer given since they were written."""

import sqlalchemy as sa
from alembic import op

from shared.db import Instant

revision = "0026"
down_revision = "0025"
branch_labels = depends_on = None


def upgrade() -> None:
    op.add_column("summary", sa.Column("outdated_at", Instant))
    outdated = sa.text("state = 'published' AND outdated_at IS NOT NULL")
    op.create_index("summary_outdated", "summary", ["outdated_at"], postgresql_where=outdated, sqlite_where=outdated)
    # What was answered after it was published lacks the answer already.
    op.execute(
        "UPDATE summary SET outdated_at = (SELECT answered_at FROM case_ WHERE case_.id = summary.case_id) "
        "WHERE state IN ('published', 'prepared') AND EXISTS ("
        "SELECT 1 FROM case_ WHERE case_.id = summary.case_id AND case_.answered_at > summary.written_at)"
    )
