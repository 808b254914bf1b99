"""Who wrote the answer that somebody was not satisfied with."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = depends_on = None


def upgrade() -> None:
    op.add_column("follow_up", sa.Column("written_by", sa.String(40)))
    op.execute(
        "UPDATE follow_up SET written_by = (SELECT MAX(drafted_by) FROM answer WHERE answer.case_id = follow_up.case_id "
        "AND answer.round = follow_up.round AND answer.state = 'answered')"
    )
