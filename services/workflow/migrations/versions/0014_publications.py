"""Publications, procedures that cases name, their reviews, and dossiers of what would make them simpler."""

import sqlalchemy as sa
from alembic import op

from shared.db import Instant

revision = "0014"
down_revision = "0017"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_table(
        "publication",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("channels", sa.JSON, nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date),
        sa.Column("campaign", sa.String(24)),
        sa.Column("unit", sa.String(16), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("prepared_by", sa.String(40), nullable=False),
        sa.Column("prepared_at", Instant, nullable=False),
        sa.Column("number", sa.String(16), unique=True),
        sa.Column("posted_by", sa.String(40)),
        sa.Column("posted_at", Instant),
        sa.Column("ended_by", sa.String(40)),
        sa.Column("ended_at", Instant),
        sa.Column("reason", sa.String(24)),
        sa.Column("words", sa.Text),
    )
    op.create_index("publication_list", "publication", ["state", "starts_on", "id"])
    op.create_index("publication_campaign", "publication", ["campaign"])
    op.create_table(
        "publication_proof",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("publication_id", sa.Uuid, sa.ForeignKey("publication.id"), nullable=False),
        sa.Column("channel", sa.String(24), nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("seen_on", sa.Date, nullable=False),
        sa.Column("shown_by", sa.String(40), nullable=False),
        sa.Column("shown_at", Instant, nullable=False),
        sa.Column("file_id", sa.Uuid),
        sa.Column("media_type", sa.String(40)),
        sa.Column("size_bytes", sa.Integer),
        sa.Column("sha256", sa.String(64)),
    )
    op.create_index("publication_proof_of", "publication_proof", ["publication_id", "seen_on"])
    op.create_table(
        "publication_day",
        sa.Column("publication_id", sa.Uuid, sa.ForeignKey("publication.id"), primary_key=True),
        sa.Column("on_day", sa.Date, primary_key=True),
        sa.Column("opened", sa.Integer, nullable=False),
        sa.Column("petitions", sa.Integer, nullable=False),
    )
