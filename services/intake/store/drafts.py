"""Drafts, which only the browser that wrote them can read; and wrong digits. Both are forgotten after a day."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import (
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Uuid,
    case,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from services.intake.store.tables import attachment, metadata
from shared.db import Instant, Reading, Transaction

draft = Table(
    "draft",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("locked", LargeBinary, nullable=False),  # only the citizen's browser has the key
    Column("saved_at", Instant, nullable=False, index=True),
)

wrong_try = Table(
    "wrong_try",
    metadata,
    Column("code", String(9), primary_key=True),
    Column("since", Instant, nullable=False),
    Column("count", Integer, nullable=False),
    Index("wrong_try_since", "since"),
)


def save_draft(tx: Transaction, draft_id: UUID, locked: bytes) -> None:
    """Keep a draft, in place of what it was before."""
    values = {"locked": locked, "saved_at": tx.now}
    if tx.connection.execute(update(draft).where(draft.c.id == draft_id).values(values)).rowcount == 0:
        tx.connection.execute(insert(draft), {"id": draft_id} | values)


def draft_of(tx: Reading, draft_id: UUID, *, oldest: timedelta) -> bytes | None:
    ask = select(draft.c.locked).where(draft.c.id == draft_id, draft.c.saved_at > tx.now - oldest)
    found = tx.connection.execute(ask).scalar()
    return None if found is None else bytes(found)


def hold_draft(tx: Transaction, draft_id: UUID) -> None:
    """Let nobody else change this draft until the transaction ends."""
    tx.connection.execute(select(draft.c.id).where(draft.c.id == draft_id).with_for_update())


def drop_draft(tx: Transaction, draft_id: UUID) -> None:
    tx.connection.execute(delete(draft).where(draft.c.id == draft_id))


def has_old(tx: Reading, *, drafts_before: datetime, tries_before: datetime) -> bool:
    """Whether there is something to forget."""
    old = (
        select(draft.c.id).where(draft.c.saved_at <= drafts_before).limit(1),
        select(wrong_try.c.code).where(wrong_try.c.since <= tries_before).limit(1),
    )
    return any(tx.connection.execute(one).first() is not None for one in old)


def drop_old(tx: Transaction, *, drafts_before: datetime, tries_before: datetime) -> int:
    """Forget drafts and wrong tries of long ago; tells how many."""
    old = (
        delete(draft).where(draft.c.saved_at <= drafts_before),
        delete(wrong_try).where(wrong_try.c.since <= tries_before),
    )
    return sum(tx.connection.execute(one).rowcount for one in old)


# ---- wrong digits


def count_tries(tx: Reading, code: str, *, window: timedelta) -> int:
    """Wrong digits shown with this code lately, whether there is such a code or not."""
    ask = select(wrong_try.c.count).where(wrong_try.c.code == code, wrong_try.c.since > tx.now - window)
    return tx.connection.execute(ask).scalar() or 0


def add_try(tx: Transaction, code: str, *, window: timedelta) -> None:
    dialect = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
    add = dialect.insert(wrong_try).values(code=code, since=tx.now, count=1)
    is_over = wrong_try.c.since <= tx.now - window
    tx.connection.execute(
        add.on_conflict_do_update(
            index_elements=["code"],
            set_={
                "count": case((is_over, 1), else_=wrong_try.c.count + 1),
                "since": case((is_over, tx.now), else_=wrong_try.c.since),
            },
        )
    )


def known_ids(tx: Reading, ids: Iterable[UUID]) -> set[UUID]:
    """Those of these files that belong to a petition."""
    return set(tx.connection.execute(select(attachment.c.id).where(attachment.c.id.in_(list(ids)))).scalars())
