"""Dossiers that the counter listed as late, each once. Whose they are stands in their petitions alone."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Column, Date, Index, String, Table, Uuid, bindparam, select

from services.workflow.domain.late_dossier import LateDossier
from services.workflow.store.tables import metadata
from shared.db import Instant, Reading, Transaction
from shared.sql import insert_new, padded

late_dossier = Table(
    "late_dossier",
    metadata,
    Column("number", String(60), primary_key=True),
    Column("petition_id", Uuid, nullable=False, unique=True),
    Column("procedure", String(24), nullable=False),
    Column("received_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("listed_by", String(40), nullable=False),
    Column("listed_at", Instant, nullable=False),
    Index("late_dossier_list", "listed_at", "number"),
)
_AMONG = select(late_dossier).where(late_dossier.c.petition_id.in_(bindparam("ids", expanding=True)))


def add_late_dossier(tx: Transaction, new: LateDossier) -> bool:
    """Keep it. False when another hand has listed its number in this moment."""
    return insert_new(tx.connection, late_dossier, [vars(new)]) == 1


def find_late_dossier(tx: Reading, number: str) -> LateDossier | None:
    row = tx.connection.execute(select(late_dossier).where(late_dossier.c.number == number)).one_or_none()
    return None if row is None else LateDossier(**row._mapping)


def late_dossiers_among(tx: Reading, petitions: Collection[UUID]) -> dict[UUID, LateDossier]:
    """Those of these petitions that were filed for a dossier of the list."""
    rows = tx.connection.execute(_AMONG, {"ids": padded(petitions)}) if petitions else ()
    return {row.petition_id: LateDossier(**row._mapping) for row in rows}


def latest_late_dossiers(tx: Reading, *, most: int) -> list[LateDossier]:
    """What was listed, the newest first."""
    found = select(late_dossier).order_by(late_dossier.c.listed_at.desc(), late_dossier.c.number).limit(most)
    return [LateDossier(**row._mapping) for row in tx.connection.execute(found)]
