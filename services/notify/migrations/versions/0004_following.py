"""What petitioners do not want to be told of."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0005"
branch_labels = depends_on = None


def upgrade() -> None:
    op.add_column("contact_point", sa.Column("declined", sa.JSON(), nullable=False, server_default="[]"))
