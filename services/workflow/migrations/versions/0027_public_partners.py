"""Partners that hear of all that is public, and since when."""

import sqlalchemy as sa
from alembic import op

from shared.db import Instant

revision = "0027"
down_revision = "0026"
branch_labels = depends_on = None


def upgrade() -> None:
    op.add_column("partner", sa.Column("public_since", Instant))
