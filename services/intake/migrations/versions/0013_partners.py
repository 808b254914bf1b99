"""Partners whose programs file by Open311, what came from them, and pictures that are still to be fetched."""

import sqlalchemy as sa
from alembic import op

from shared.db import Instant

revision = "0013"
down_revision = "0011"
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
        sa.Column("key_hash", sa.String(64), unique=True),
    )
    op.create_table(
        "open311_request",
        sa.Column("petition_id", sa.Uuid, sa.ForeignKey("petition.id"), primary_key=True),
        sa.Column("partner", sa.String(24), nullable=False),
        sa.Column("service_code", sa.String(16), nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("requested_at", Instant, nullable=False),
        sa.Column("is_hidden", sa.Boolean, nullable=False),
    )
    op.create_index("open311_request_list", "open311_request", ["requested_at", "petition_id"])
    op.create_table(
        "media_wanted",
        sa.Column("petition_id", sa.Uuid, sa.ForeignKey("petition.id"), primary_key=True),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("next_at", Instant, nullable=False),
    )
    op.create_index("ix_media_wanted_next_at", "media_wanted", ["next_at"])
