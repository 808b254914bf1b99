"""Neighbours by topic: the index holds only those, so that the newest stand at its end however many follow them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = depends_on = None

IS_NEIGHBOUR = sa.text("NOT is_ended AND linked_to IS NULL AND kind_class = 'ordinary'")


def upgrade() -> None:
    op.drop_index("case_nearby", "case_")
    op.create_index(
        "case_nearby", "case_", ["topic", "received_at"], postgresql_where=IS_NEIGHBOUR, sqlite_where=IS_NEIGHBOUR
    )
