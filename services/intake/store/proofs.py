"""Proofs that were spent: each counts once, also for another process, until it would not be taken any more."""

from datetime import datetime

from sqlalchemy import Column, LargeBinary, Table, delete, select

from services.intake.store.tables import metadata
from shared.db import Instant, Reading, Transaction, insert_new

spent_proof = Table(
    "spent_proof",
    metadata,
    Column("id", LargeBinary, primary_key=True),  # SHA-256 of the challenge's signature
    Column("expires_at", Instant, nullable=False, index=True),
)


def spend_proof(tx: Transaction, proof_id: bytes, *, expires_at: datetime) -> bool:
    """Spend a proof. False when it was spent before."""
    return bool(insert_new(tx.connection, spent_proof, [{"id": proof_id, "expires_at": expires_at}]))


def has_stale_proofs(tx: Reading) -> bool:
    found = select(spent_proof.c.id).where(spent_proof.c.expires_at <= tx.now).limit(1)
    return tx.connection.execute(found).first() is not None


def drop_stale_proofs(tx: Transaction) -> int:
    """Forget proofs that nobody would take any more; tells how many."""
    return tx.connection.execute(delete(spent_proof).where(spent_proof.c.expires_at <= tx.now)).rowcount
