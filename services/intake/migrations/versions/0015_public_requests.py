"""When the day began on which a public case was received: by it the list of requests is sorted."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

from shared.sql import Instant

revision = "0015"
down_revision = "0012"
branch_labels = depends_on = None

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")


def upgrade() -> None:
    op.add_column("public_case", sa.Column("requested_at", Instant()))
    case = sa.table("public_case", sa.column("received_on", sa.Date), sa.column("requested_at", Instant))
    for day in op.get_bind().execute(sa.select(case.c.received_on).distinct()).scalars().all():
        began = datetime.combine(day, time.min, LOCAL)
        op.execute(sa.update(case).where(case.c.received_on == day).values(requested_at=began))
    with op.batch_alter_table("public_case") as public_case:
        public_case.alter_column("requested_at", existing_type=Instant(), nullable=False)
    op.create_index("public_case_requests", "public_case", ["requested_at", "number"])
