"""Room for the long names that Office documents have for their kind."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0021"
branch_labels = depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("case_attachment") as attachment:
        attachment.alter_column(
            "media_type", existing_type=sa.String(length=40), type_=sa.String(length=100), existing_nullable=False
        )
