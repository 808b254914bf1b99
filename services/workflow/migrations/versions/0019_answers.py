"""What was answered to the questions of the form, and the organisation that sent it."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0022"
branch_labels = depends_on = None


def upgrade() -> None:
    op.add_column("case_words", sa.Column("organisation", sa.Text(), nullable=True))
    op.add_column("case_words", sa.Column("answers", sa.JSON(), server_default="[]", nullable=False))
