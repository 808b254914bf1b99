"""What the department made public, and how often it was read."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    Uuid,
    or_,
    select,
    update,
)
from sqlalchemy import text as sql_text
from sqlalchemy.dialects import postgresql, sqlite

from services.intake.store.tables import metadata
from shared.db import Instant, Reading, Transaction
from shared.sql import upsert_many
from shared.text import fold
from shared.text import words as words_in

GUIDE = "guide"
"""The kind of what answers a question that people keep asking."""
MOST_GUIDES = 300  # whose titles are looked at for one text
MOST_READ = 20  # of them whole

publication = Table(
    "publication",  # as the desk told; of what was withdrawn only why
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("number", String(16), nullable=False, unique=True),  # its address: "2026-12"
    Column("kind", String(24), nullable=False),
    Column("unit", String(16), nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),  # the last day
    Column("posted_at", Instant, nullable=False),
    Column("reason", String(24)),  # it was withdrawn
    Column("withdrawn_at", Instant),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("folded", Text, nullable=False),  # what the search looks at
    Index("publication_list", "starts_on", "id"),
)

publication_day = Table(
    "publication_day",  # how often it was opened, and how many petitions began there
    metadata,
    Column("publication_id", ForeignKey("publication.id"), primary_key=True),
    Column("on_day", Date, primary_key=True),
    Column("opened", Integer, nullable=False),
    Column("petitions", Integer, nullable=False),
    Column("is_told", Boolean, nullable=False),
    Index(
        "publication_day_untold",
        "on_day",
        postgresql_where=sql_text("NOT is_told"),
        sqlite_where=sql_text("NOT is_told"),
    ),
)


@dataclass(frozen=True, kw_only=True)
class Published:
    """Something that everybody may read, or could."""

    id: UUID
    number: str
    kind: str
    unit: str
    starts_on: date
    ends_on: date | None
    posted_at: datetime
    reason: str | None
    withdrawn_at: datetime | None
    title: str
    text: str


_PUBLISHED = select(*(publication.c[field.name] for field in fields(Published)))


def keep_publication(tx: Transaction, new: Published) -> None:
    row = vars(new) | {"folded": fold(f"{new.title} {new.text}")}
    upsert_many(tx.connection, publication, [row])


def empty_publication(tx: Transaction, publication_id: UUID, *, reason: str, at: datetime) -> None:
    """It was withdrawn: why stays, what it said goes."""
    gone = {"reason": reason, "withdrawn_at": at, "title": "", "text": "", "folded": ""}
    tx.connection.execute(update(publication).where(publication.c.id == publication_id).values(gone))


def publication_by_number(tx: Reading, number: str) -> Published | None:
    row = tx.connection.execute(_PUBLISHED.where(publication.c.number == number)).one_or_none()
    return None if row is None else Published(**row._mapping)


def publications_on(
    tx: Reading, day: date, *, words: str = "", kind: str = "", skip: int = 0, most: int = 20
) -> list[Published]:
    """What is public on a day, the newest first; `words` without accents, each of them somewhere in it."""
    found = _PUBLISHED.where(publication.c.reason.is_(None), publication.c.starts_on <= day)
    found = found.where(or_(publication.c.ends_on.is_(None), publication.c.ends_on >= day))
    for word in fold(words).split():
        found = found.where(publication.c.folded.contains(word, autoescape=True))
    if kind:
        found = found.where(publication.c.kind == kind)
    order = (publication.c.starts_on.desc(), publication.c.posted_at.desc(), publication.c.id)
    return [Published(**row._mapping) for row in tx.connection.execute(found.order_by(*order).offset(skip).limit(most))]


def guides_alike(tx: Reading, day: date, text: str, *, most: int) -> list[Published]:
    """Guides of a day that share the most words with a text: at least two long ones, and a quarter of their title."""
    is_meant = (publication.c.kind == GUIDE) & publication.c.reason.is_(None) & (publication.c.starts_on <= day)
    is_meant &= or_(publication.c.ends_on.is_(None), publication.c.ends_on >= day)
    spoken = {word for word in words_in(fold(text)) if len(word) > 1}
    titles = select(publication.c.id, publication.c.title).where(is_meant)
    alike: dict[UUID, int] = {}
    for row in tx.connection.execute(titles.order_by(publication.c.starts_on.desc()).limit(MOST_GUIDES)):
        title = set(words_in(fold(row.title)))
        in_title = len(title & spoken)
        if in_title >= 2 and in_title * 3 >= len(title):
            alike[row.id] = in_title
    likeliest = sorted(alike, key=lambda one: -alike[one])[:MOST_READ]
    ranked = []
    for row in tx.connection.execute(_PUBLISHED.where(publication.c.id.in_(likeliest))) if likeliest else ():
        one = Published(**row._mapping)
        whole = set(words_in(fold(f"{one.title} {one.text}")))
        ranked.append((-alike[one.id], -len(whole & spoken), one.number, one))
    return [one for *_, one in sorted(ranked, key=lambda row: row[:3])[:most]]


def count_reader(tx: Transaction, publication_id: UUID, on_day: date, *, opened: int = 0, petitions: int = 0) -> None:
    """One more on this day."""
    dialect = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
    row = {"publication_id": publication_id, "on_day": on_day, "opened": opened, "petitions": petitions}
    add = dialect.insert(publication_day).values(**row, is_told=False)
    more = {"opened": publication_day.c.opened + opened, "petitions": publication_day.c.petitions + petitions}
    tx.connection.execute(add.on_conflict_do_update(index_elements=["publication_id", "on_day"], set_=more))


@dataclass(frozen=True)
class ReadersOfDay:
    publication_id: UUID
    on_day: date
    opened: int
    petitions: int


def has_untold_readers(tx: Reading, *, before: date) -> bool:
    found = select(publication_day.c.on_day).where(~publication_day.c.is_told, publication_day.c.on_day < before)
    return tx.connection.execute(found.limit(1)).first() is not None


def take_untold_readers(tx: Transaction, *, before: date) -> list[ReadersOfDay]:
    """The counts of days that are over and that nobody heard of yet; from now on they count as told."""
    days = publication_day.c
    taken = update(publication_day).where(~days.is_told, days.on_day < before).values(is_told=True)
    rows = tx.connection.execute(taken.returning(days.publication_id, days.on_day, days.opened, days.petitions)).all()
    return sorted((ReadersOfDay(*row) for row in rows), key=lambda one: (one.on_day, str(one.publication_id)))
