"""Publications: what was prepared and posted, what showed that it was, and how often it was read."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    Uuid,
    and_,
    func,
    or_,
    select,
    true,
    update,
)

from services.workflow.domain.permission import Person
from services.workflow.domain.publication import (
    DROPPED,
    OVERSEERS,
    POSTED,
    PREPARED,
    WITHDRAWN,
    Proof,
    Publication,
)
from services.workflow.store.tables import metadata
from shared.db import Instant, Reading, Transaction
from shared.sql import upsert_many

publication = Table(
    "publication",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("kind", String(24), nullable=False),
    Column("channels", JSON, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
    Column("campaign", String(24)),
    Column("unit", String(16), nullable=False),
    Column("state", String(12), nullable=False),  # prepared, posted, withdrawn, dropped
    Column("prepared_by", String(40), nullable=False),
    Column("prepared_at", Instant, nullable=False),
    Column("number", String(16), unique=True),
    Column("posted_by", String(40)),
    Column("posted_at", Instant),
    Column("ended_by", String(40)),
    Column("ended_at", Instant),
    Column("reason", String(24)),
    Column("words", Text),
    Index("publication_list", "state", "starts_on", "id"),
    Index("publication_campaign", "campaign"),
)

proof = Table(
    "publication_proof",  # rows are only ever added
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("publication_id", Uuid, ForeignKey("publication.id"), nullable=False),
    Column("channel", String(24), nullable=False),
    Column("place", Text, nullable=False),
    Column("note", Text),
    Column("seen_on", Date, nullable=False),
    Column("shown_by", String(40), nullable=False),
    Column("shown_at", Instant, nullable=False),
    Column("file_id", Uuid),
    Column("media_type", String(40)),
    Column("size_bytes", Integer),
    Column("sha256", String(64)),
    Index("publication_proof_of", "publication_id", "seen_on"),
)

readers = Table(
    "publication_day",  # as the door counted
    metadata,
    Column("publication_id", Uuid, ForeignKey("publication.id"), primary_key=True),
    Column("on_day", Date, primary_key=True),
    Column("opened", Integer, nullable=False),
    Column("petitions", Integer, nullable=False),
)

LISTED = 200
NOW, WAITING, OVER = "now", "waiting", "over"
"""The three lists of the register."""

_NAMES = tuple(field.name for field in fields(Publication))


def _publication(row: Any) -> Publication:
    known = {name: row._mapping[name] for name in _NAMES}
    return Publication(**known | {"channels": tuple(known["channels"])})


def _row(found: Publication) -> dict[str, Any]:
    return vars(found) | {"channels": list(found.channels)}


def add_publication(tx: Transaction, new: Publication) -> None:
    tx.connection.execute(publication.insert(), _row(new))


def save_publication(tx: Transaction, changed: Publication) -> None:
    values = _row(changed)
    tx.connection.execute(update(publication).where(publication.c.id == values.pop("id")).values(**values))


def load_publication(tx: Transaction, person: Person, publication_id: UUID) -> Publication | None:
    """A publication that the person may see, held until the transaction ends."""
    found = select(publication).where(publication.c.id == publication_id, _shown_to(person)).with_for_update()
    row = tx.connection.execute(found).one_or_none()
    return None if row is None else _publication(row)


def find_publication(tx: Reading, person: Person, publication_id: UUID) -> Publication | None:
    found = select(publication).where(publication.c.id == publication_id, _shown_to(person))
    row = tx.connection.execute(found).one_or_none()
    return None if row is None else _publication(row)


def publications_in(
    tx: Reading, person: Person, which: str, *, day: date, campaign: str = "", most: int = LISTED
) -> list[Publication]:
    """A list of the register: what is shown (NOW, and to come), what waits to be posted, what is over or was taken
    down; the newest first."""
    is_over = and_(publication.c.ends_on.is_not(None), publication.c.ends_on < day)
    lists = {
        NOW: and_(publication.c.state == POSTED, ~is_over),
        WAITING: publication.c.state == PREPARED,
        OVER: or_(publication.c.state.in_([WITHDRAWN, DROPPED]), and_(publication.c.state == POSTED, is_over)),
    }
    found = select(publication).where(lists[which], _shown_to(person))
    if campaign:
        found = found.where(publication.c.campaign == campaign)
    rows = tx.connection.execute(found.order_by(publication.c.starts_on.desc(), publication.c.id.desc()).limit(most))
    return [_publication(row) for row in rows]


def _shown_to(person: Person) -> Any:
    """What was posted, to everybody who works on cases; before that, to the unit and to those who look over all."""
    if person.role in OVERSEERS:
        return true()
    return or_(publication.c.state.in_([POSTED, WITHDRAWN]), publication.c.unit == person.unit)


# ---- what shows that it was posted


def add_proof(tx: Transaction, shown: Proof) -> None:
    tx.connection.execute(proof.insert(), vars(shown))


def proofs_of(tx: Reading, publication_ids: Iterable[UUID]) -> dict[UUID, list[Proof]]:
    """What showed that these were posted, by publication, oldest first."""
    found: dict[UUID, list[Proof]] = {}
    ids = list(publication_ids)
    rows = tx.connection.execute(
        select(proof).where(proof.c.publication_id.in_(ids)).order_by(proof.c.seen_on, proof.c.shown_at, proof.c.id)
    )
    for row in rows:
        found.setdefault(row.publication_id, []).append(Proof(**row._mapping))
    return found


def find_proof(tx: Reading, proof_id: UUID) -> Proof | None:
    row = tx.connection.execute(select(proof).where(proof.c.id == proof_id)).one_or_none()
    return None if row is None else Proof(**row._mapping)


# ---- readers


@dataclass(frozen=True)
class Readers:
    """How often pages were opened, and how many petitions began there."""

    opened: int = 0
    petitions: int = 0


def keep_readers(tx: Transaction, publication_id: UUID, on_day: date, *, opened: int, petitions: int) -> None:
    row = {"publication_id": publication_id, "on_day": on_day, "opened": opened, "petitions": petitions}
    upsert_many(tx.connection, readers, [row])


def is_known_publication(tx: Reading, publication_id: UUID) -> bool:
    found = select(publication.c.id).where(publication.c.id == publication_id)
    return tx.connection.execute(found).first() is not None


def readers_of(tx: Reading, publication_ids: Iterable[UUID]) -> dict[UUID, Readers]:
    """Of each of these publications, all days together."""
    sums = func.sum(readers.c.opened), func.sum(readers.c.petitions)
    found = select(readers.c.publication_id, *sums).where(readers.c.publication_id.in_(list(publication_ids)))
    rows = tx.connection.execute(found.group_by(readers.c.publication_id))
    return {publication_id: Readers(opened, petitions) for publication_id, opened, petitions in rows}


@dataclass(frozen=True)
class Campaign:
    """What a campaign made public, and what came of it."""

    code: str
    count: int  # publications that were posted
    readers: Readers


def campaigns(tx: Reading) -> list[Campaign]:
    """All campaigns of which something was posted."""
    is_posted = publication.c.state.in_([POSTED, WITHDRAWN]) & publication.c.campaign.is_not(None)
    counted = select(publication.c.campaign, func.count()).where(is_posted).group_by(publication.c.campaign)
    sums = func.sum(readers.c.opened), func.sum(readers.c.petitions)
    read = (
        select(publication.c.campaign, *sums)
        .join(readers, readers.c.publication_id == publication.c.id)
        .where(is_posted)
        .group_by(publication.c.campaign)
    )
    by_code = {code: Readers(opened, petitions) for code, opened, petitions in tx.connection.execute(read)}
    return [
        Campaign(code, count, by_code.get(code, Readers()))
        for code, count in sorted(tuple(row) for row in tx.connection.execute(counted))
    ]
