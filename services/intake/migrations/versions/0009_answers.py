"""What was answered to the questions of the form, the organisation, and how the signature came."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0013"
branch_labels = depends_on = None


def upgrade() -> None:
    op.add_column("petition", sa.Column("organisation", sa.Text(), nullable=True))
    op.add_column("petition", sa.Column("answers", sa.JSON(none_as_null=True), nullable=True))
    op.add_column(
        "petition", sa.Column("signature_status", sa.String(length=16), server_default="none", nullable=False)
    )
