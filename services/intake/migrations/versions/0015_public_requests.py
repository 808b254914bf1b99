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
    # A default instead of a table made anew: words and followers refer to it, so SQLite would not let the old one go.
    requested_at = sa.Column("requested_at", Instant(), nullable=False, server_default="1970-01-01 00:00:00+00:00")
    op.add_column("public_case", requested_at)
    case = sa.table("public_case", sa.column("received_on", sa.Date), sa.column("requested_at", Instant))
    for day in op.get_bind().execute(sa.select(case.c.received_on).distinct()).scalars().all():
        began = datetime.combine(day, time.min, LOCAL)
        op.execute(sa.update(case).where(case.c.received_on == day).values(requested_at=began))
    op.create_index("public_case_requests", "public_case", ["requested_at", "number"])
