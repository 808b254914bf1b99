"""Cases that go on with the matter of one that was taken down from the register."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_table(
        "public_heir",
        sa.Column("case_id", sa.Uuid, sa.ForeignKey("public_case.case_id"), primary_key=True),
        sa.Column("heir_id", sa.Uuid, primary_key=True),
    )
    op.create_index("public_heir_of", "public_heir", ["heir_id"])
