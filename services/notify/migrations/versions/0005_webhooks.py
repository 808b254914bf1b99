"""Webhooks of partners: where they are told, and what is to be told."""

import sqlalchemy as sa
from alembic import op

from shared.db import Instant

revision = "0005"
down_revision = "0003"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_table(
        "hook_receiver",
        sa.Column("partner_id", sa.Uuid, primary_key=True),
        sa.Column("is_told", sa.Boolean, nullable=False),
        sa.Column("url", sa.String(800)),
        sa.Column("secret", sa.LargeBinary),
    )
    op.create_table(
        "hook_delivery",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("partner_id", sa.Uuid, nullable=False),
        sa.Column("petition_id", sa.Uuid),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("next_at", Instant),
    )
    op.create_index("hook_delivery_due", "hook_delivery", ["next_at", "id"])
