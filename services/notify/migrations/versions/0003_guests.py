"""Guests of sessions, who may be told by SMS."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = depends_on = None


def upgrade() -> None:
    op.add_column("outsider", sa.Column("mobile", sa.String(length=20), nullable=True))
