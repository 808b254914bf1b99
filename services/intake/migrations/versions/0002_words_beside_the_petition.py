"""One row for one petition: what was filed moves beside what is known of it, so that filing writes it in one go."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = depends_on = None

MOVED = {
    "event_id": sa.Uuid(),
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
    with op.batch_alter_table("petition") as petition:
        for name, type_ in MOVED.items():
            petition.add_column(sa.Column(name, type_, nullable=True))
    moved = ", ".join(f"{name} = (SELECT {name} FROM filing WHERE petition_id = petition.id)" for name in MOVED)
    op.execute(f"UPDATE petition SET {moved}")
    with op.batch_alter_table("petition") as petition:
        petition.alter_column("event_id", existing_type=sa.Uuid(), nullable=False)
    op.drop_table("filing")
