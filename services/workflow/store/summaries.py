"""What everybody may read of cases, version by version; who agreed to it; how many follow."""

from collections.abc import Collection
from dataclasses import asdict, dataclass, fields, replace
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    Select,
    String,
    Table,
    Text,
    Uuid,
    cast,
    delete,
    exists,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy import text as sql_text

from services.workflow.domain.permission import Person
from services.workflow.domain.summary import PREPARED, PUBLIC, Photo, Summary
from services.workflow.store.queue import visible_to
from services.workflow.store.tables import case_, metadata
from shared.db import Instant, Reading, Transaction
from shared.sql import insert_new, upsert_many

IS_OUTDATED = sql_text("state = 'published' AND outdated_at IS NOT NULL")

summary = Table(
    "summary",
    metadata,
    Column("case_id", Uuid, ForeignKey("case_.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("state", String(12), nullable=False),  # prepared, published, replaced, withdrawn, dropped
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("answer", Text),
    Column("late_reason", Text),
    Column("place", Text),
    Column("photos", JSON, nullable=False),
    Column("written_by", String(40), nullable=False),
    Column("written_at", Instant, nullable=False),
    Column("number", String(16)),
    Column("decided_by", String(40)),
    Column("decided_at", Instant),
    Column("reason", String(24)),
    Column("words", Text),
    Column("outdated_at", Instant),
    Index("summary_state", "state", "written_at"),
    Index("summary_outdated", "outdated_at", postgresql_where=IS_OUTDATED, sqlite_where=IS_OUTDATED),
)

agreed = Table(
    "summary_agreed",  # petitions whose senders agreed that a summary is published
    metadata,
    Column("petition_id", Uuid, primary_key=True),
)

followed = Table(
    "summary_followed",  # how many follow a published case, as the door said last
    metadata,
    Column("case_id", Uuid, primary_key=True),
    Column("followers", Integer, nullable=False),
)

IS_OUTDATED_HERE = (summary.c.state == literal_column(f"'{PUBLIC}'")) & summary.c.outdated_at.is_not(None)
"""The same of a row, as words of the statement: the index is asked by them."""

_NAMES = tuple(field.name for field in fields(Summary))
LISTED = 100


def note_agreed(tx: Transaction, petitions: Collection[UUID]) -> None:
    if petitions:
        insert_new(tx.connection, agreed, [{"petition_id": one} for one in petitions])


def forget_agreed(tx: Transaction, petition_id: UUID) -> None:
    """Its sender agrees no longer."""
    tx.connection.execute(delete(agreed).where(agreed.c.petition_id == petition_id))


def has_agreed(tx: Reading, petition_id: UUID) -> bool:
    found = select(agreed.c.petition_id).where(agreed.c.petition_id == petition_id)
    return tx.connection.execute(found).first() is not None


def save_summary(tx: Transaction, one: Summary) -> None:
    """Keep a version, new or changed."""
    row = vars(one) | {"photos": [_plain(photo) for photo in one.photos]}
    upsert_many(tx.connection, summary, [row])


def _plain(photo: Photo) -> dict[str, Any]:
    return asdict(photo) | {"id": str(photo.id), "of": str(photo.of), "cells": list(photo.cells)}


def summaries_of(tx: Reading, case_id: UUID) -> list[Summary]:
    """All versions, the newest first."""
    found = select(summary).where(summary.c.case_id == case_id).order_by(summary.c.version.desc())
    return [_summary(row) for row in tx.connection.execute(found)]


def find_summary_photo(tx: Reading, case_id: UUID, photo_id: UUID) -> Photo | None:
    return next((one for kept in summaries_of(tx, case_id) for one in kept.photos if one.id == photo_id), None)


@dataclass(frozen=True)
class SummaryOfCase:
    """A version with what a list says of its case."""

    summary: Summary
    unit: str
    code: str


def waiting_summaries(tx: Reading, person: Person) -> list[SummaryOfCase]:
    """Those of this person's cases that wait to be published, the oldest first."""
    return _listed(tx, person, PREPARED, summary.c.written_at)


def published_summaries(tx: Reading, person: Person) -> list[SummaryOfCase]:
    """Those of this person's cases that everybody reads, the newest first."""
    return _listed(tx, person, PUBLIC, summary.c.written_at.desc())


def outdate_summaries(tx: Transaction, case_id: UUID) -> None:
    """The case was answered: what is public of it, and what waits, was written before."""
    older = (summary.c.case_id == case_id) & summary.c.state.in_([PUBLIC, PREPARED])
    tx.connection.execute(update(summary).where(older).values(outdated_at=tx.now))


def outdated_summaries(tx: Reading, person: Person) -> list[SummaryOfCase]:
    """Those of this person's cases that everybody reads without the answer, the longest so first; not where a version
    with the answer waits already, nor where the answer holds no more."""
    found = _of_cases().where(_is_outdated(), visible_to(person)).order_by(summary.c.outdated_at).limit(LISTED)
    return [SummaryOfCase(_summary(row), row.case_unit, row.case_code) for row in tx.connection.execute(found)]


def count_outdated(tx: Reading, person: Person) -> int:
    found = select(func.count()).select_from(summary.join(case_, case_.c.id == summary.c.case_id))
    return int(tx.connection.execute(found.where(_is_outdated(), visible_to(person))).scalar_one())


def _is_outdated() -> ColumnElement[bool]:
    """Joined with its case."""
    newer = summary.alias("newer")
    waits = (newer.c.case_id == summary.c.case_id) & (newer.c.state == PREPARED) & newer.c.outdated_at.is_(None)
    return IS_OUTDATED_HERE & case_.c.answered_at.is_not(None) & ~exists().where(waits)


def _of_cases() -> Select[Any]:
    of_case = select(summary, case_.c.unit.label("case_unit"), case_.c.code.label("case_code"))
    return of_case.join(case_, case_.c.id == summary.c.case_id)


def _listed(tx: Reading, person: Person, state: str, order: ColumnElement[Any]) -> list[SummaryOfCase]:
    found = _of_cases().where(summary.c.state == state, visible_to(person)).order_by(order).limit(LISTED)
    return [SummaryOfCase(_summary(row), row.case_unit, row.case_code) for row in tx.connection.execute(found)]


def _summary(row: Any) -> Summary:
    known = {name: row._mapping[name] for name in _NAMES}
    photos = tuple(
        Photo(**one | {"id": UUID(one["id"]), "of": UUID(one["of"]), "cells": tuple(one["cells"])})
        for one in known["photos"]
    )
    return Summary(**known | {"photos": photos})


def empty_summaries(tx: Transaction, case_id: UUID) -> None:
    """The case is kept close from now on: no words of it stay here; a loop removes the photos."""
    gone: dict[str, Any] = {
        "title": "",
        "text": "",
        "answer": None,
        "late_reason": None,
        "place": None,
        "words": None,
    }
    tx.connection.execute(update(summary).where(summary.c.case_id == case_id).values(gone))


def emptied_photos(tx: Reading, *, limit: int) -> dict[UUID, list[UUID]]:
    """Photos of summaries that were emptied, by case."""
    has_photos = cast(summary.c.photos, Text) != "[]"
    found = select(summary.c.case_id, summary.c.photos).where(summary.c.title == "", has_photos).limit(limit)
    photos: dict[UUID, list[UUID]] = {}
    for case_id, kept in tx.connection.execute(found):
        photos.setdefault(case_id, []).extend(UUID(one["id"]) for one in kept)
    return photos


def drop_photos(tx: Transaction, case_id: UUID, ids: Collection[UUID]) -> None:
    """These photos of an emptied case are gone."""
    for one in summaries_of(tx, case_id):
        if any(photo.id in ids for photo in one.photos):
            save_summary(tx, replace(one, photos=tuple(photo for photo in one.photos if photo.id not in ids)))


def note_followers(tx: Transaction, case_id: UUID, followers: int) -> None:
    upsert_many(tx.connection, followed, [{"case_id": case_id, "followers": followers}])


def followers_counted(tx: Reading, case_id: UUID) -> int:
    found = select(followed.c.followers).where(followed.c.case_id == case_id)
    return tx.connection.execute(found).scalar_one_or_none() or 0
