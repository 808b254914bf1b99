"""Partners, which petitions are theirs, and the ledger of what their webhooks were told."""

import sqlalchemy as sa
from alembic import op

from shared.db import Instant

revision = "0022"
down_revision = "0020"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_table(
        "partner",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("code", sa.String(24), nullable=False, unique=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("is_test", sa.Boolean, nullable=False),
        sa.Column("is_active", sa.Boolean, nullable=False),
        sa.Column("per_minute", sa.Integer, nullable=False),
        sa.Column("key_tail", sa.String(4), nullable=False),
        sa.Column("made_at", Instant, nullable=False),
        sa.Column("key_made_at", Instant, nullable=False),
        sa.Column("webhook_url", sa.String(800)),
        sa.Column("webhook_since", Instant),
        sa.Column("is_paused", sa.Boolean, nullable=False),
        sa.Column("failing_since", Instant),
    )
    op.create_table(
        "partner_petition",
        sa.Column("petition_id", sa.Uuid, primary_key=True),
        sa.Column("partner", sa.String(24), nullable=False),
        sa.Column("service_code", sa.String(16), nullable=False),
    )
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("partner_id", sa.Uuid, sa.ForeignKey("partner.id"), nullable=False),
        sa.Column("petition_id", sa.Uuid),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("after", sa.String(48), nullable=False),
        sa.Column("code", sa.String(24), nullable=False),
        sa.Column("planned_at", Instant, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("next_at", Instant),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("webhook_delivery_ledger", "webhook_delivery", ["partner_id", "planned_at", "id"])
    op.create_table(
        "webhook_attempt",
        sa.Column("delivery_id", sa.Uuid, sa.ForeignKey("webhook_delivery.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("problem", sa.String(32), nullable=False),
        sa.Column("milliseconds", sa.Integer, nullable=False),
    )
    op.create_table(
        "webhook_cursor",
        sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("pos", sa.BigInteger, nullable=False),
    )
