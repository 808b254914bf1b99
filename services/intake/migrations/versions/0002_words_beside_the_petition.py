"""One row for one petition: what was filed moves beside what is known of it, so that filing writes it in one go."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = depends_on = None

MOVED = {
    "title": sa.Text(),
    "text": sa.Text(),
    "place": sa.Text(),
    "position": sa.String(length=40),
    "name": sa.Text(),
    "phone": sa.Text(),
    "email": sa.Text(),
    "address": sa.Text(),
}


def upgrade() -> None:
    # A column that may not be empty begins with a default: SQLite would make the table anew, which others refer to.
    op.add_column("petition", sa.Column("event_id", sa.Uuid(), nullable=False, server_default="0" * 32))
    for name, type_ in MOVED.items():
        op.add_column("petition", sa.Column(name, type_, nullable=True))
    moved = ", ".join(f"{name} = (SELECT {name} FROM filing WHERE petition_id = petition.id)" for name in ("event_id", *MOVED))
    op.execute(f"UPDATE petition SET {moved}")
    op.drop_table("filing")
