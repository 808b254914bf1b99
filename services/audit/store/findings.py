"""What is wrong until people have looked, and what came out each time that everything was recomputed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from services.audit.store.tables import finding, recomputation
from shared.db import Reading, Transaction
from shared.sql import insert_new


@dataclass(frozen=True)
class Finding:
    """Something that is wrong, until people have closed it."""

    id: UUID
    kind: str
    source: str
    detail: str
    idx: int
    opened_at: datetime
    closed_idx: int | None = None


def add_finding(tx: Transaction, found: Finding) -> None:
    tx.connection.execute(finding.insert().values(**vars(found)))


def open_findings(tx: Reading) -> list[Finding]:
    """Findings that nobody has closed, newest first."""
    rows = tx.connection.execute(select(finding).where(finding.c.closed_idx.is_(None)).order_by(finding.c.idx.desc()))
    return [Finding(*row) for row in rows]


def close_findings(tx: Transaction, name: str, idx: int) -> None:
    """People have looked at everything that was open about a source."""
    tx.connection.execute(
        update(finding).where(finding.c.source == name, finding.c.closed_idx.is_(None)).values(closed_idx=idx)
    )


@dataclass(frozen=True)
class Recomputation:
    """What came out when everything was read and hashed again."""

    at: datetime
    size: int
    took_ms: int
    fault: str = ""


def add_recomputation(tx: Transaction, done: Recomputation) -> None:
    insert_new(tx.connection, recomputation, [vars(done)])


def last_recomputation(tx: Reading) -> Recomputation | None:
    row = tx.connection.execute(select(recomputation).order_by(recomputation.c.at.desc()).limit(1)).one_or_none()
    return Recomputation(*row) if row else None
