"""Sessions of reception and dialogue, and who comes."""

from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    Uuid,
    func,
    insert,
    select,
    update,
)

from services.intake.domain.dialogue import Registered, Session
from services.intake.store.tables import metadata
from shared.db import Instant, Reading, Transaction
from shared.sql import upsert_many

session = Table(
    "session",  # those for the public, as the desk announced them
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("edition", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("topics", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("chair", Text, nullable=False),
    Column("is_online", Boolean, nullable=False),
    Column("starts_at", Instant, nullable=False, index=True),
    Column("ends_at", Instant, nullable=False),
    Column("seats", Integer, nullable=False),
    Column("state", String(12), nullable=False),  # announced, called_off, held
    Column("reason", Text),
)

registration = Table(
    "registration",  # that a seat is taken, and by which link it is given back: who sits there only the desk knows
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("session_id", ForeignKey("session.id"), nullable=False, index=True),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("at", Instant, nullable=False),
    Column("has_left", Boolean, nullable=False),
)


def keep_session(tx: Transaction, announced: Session) -> None:
    """A session as it was announced last."""
    upsert_many(tx.connection, session, [vars(announced)])


def end_session(tx: Transaction, session_id: UUID, *, state: str, reason: str | None) -> None:
    tx.connection.execute(update(session).where(session.c.id == session_id).values(state=state, reason=reason))


def session_of(tx: Reading, session_id: UUID) -> Session | None:
    row = tx.connection.execute(select(session).where(session.c.id == session_id)).one_or_none()
    return None if row is None else Session(**row._mapping)


def hold_session(tx: Transaction, session_id: UUID) -> Session | None:
    """The session, whose seats nobody else takes until the transaction ends."""
    row = tx.connection.execute(select(session).where(session.c.id == session_id).with_for_update()).one_or_none()
    return None if row is None else Session(**row._mapping)


def sessions_to_come(tx: Reading) -> list[Session]:
    """Those that were announced and have not begun, the next first."""
    found = select(session).where(session.c.state == "announced", session.c.starts_at > tx.now)
    return [Session(**row._mapping) for row in tx.connection.execute(found.order_by(session.c.starts_at, session.c.id))]


def count_taken(tx: Reading, session_id: UUID) -> int:
    found = select(func.count()).where(registration.c.session_id == session_id, ~registration.c.has_left)
    return tx.connection.execute(found).scalar_one()


def add_registration(tx: Transaction, new: Registered, *, token_hash: bytes) -> None:
    row = {"id": new.id, "session_id": new.session_id, "token_hash": token_hash, "at": tx.now, "has_left": False}
    tx.connection.execute(insert(registration), row)
    tx.changed(new.session_id)


def registration_by_token(tx: Reading, token_hash: bytes) -> Registered | None:
    """The registration that a link opens."""
    known = select(registration.c.id, registration.c.session_id, registration.c.has_left)
    row = tx.connection.execute(known.where(registration.c.token_hash == token_hash)).one_or_none()
    return None if row is None else Registered(**row._mapping)


def drop_registration(tx: Transaction, registration_id: UUID) -> bool:
    """Give the seat back. False when that was done before."""
    theirs = (registration.c.id == registration_id) & ~registration.c.has_left
    return tx.connection.execute(update(registration).where(theirs).values(has_left=True)).rowcount == 1
