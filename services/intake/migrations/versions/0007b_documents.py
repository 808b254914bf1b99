"""Documents that the desk published over files which the door shows."""

import sqlalchemy as sa
from alembic import op

revision = "0007b"
down_revision = "0005"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_table(
        "published_document",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
