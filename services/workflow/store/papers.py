"""What is written about a case: the citizen's words, questions, answers, notes, what happened, what was sent."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from services.workflow.store.tables import (
    answer,
    case_attachment,
    case_words,
    note,
    notice,
    question,
    reading,
    supplement,
    timeline,
)
from shared.db import Reading, Transaction, insert_new
from shared.events.intake import Attachment
from shared.ids import ordered_id
from shared.sql import insert_rows, padded, upsert_many
from shared.text import fold


@dataclass(frozen=True, kw_only=True)
class Words:
    """What the citizen wrote, and who they are; all None after an erasure but the text, which is then empty."""

    title: str | None
    text: str
    place: str | None
    position: str | None
    name: str | None
    phone: str | None
    email: str | None
    address: str | None
    party: str
    organisation: str | None = None
    answers: list[dict[str, str]] = field(default_factory=list)  # to the questions of the form, as the door told them

    @property
    def whole(self) -> str:
        """Everything that was written, as one text: title, words, place, and each answer under its question."""
        said = (f"{one['question']}\n{one['value']}" for one in self.answers)
        return "\n\n".join(part for part in (self.title, self.text, self.place, *said) if part)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One version of an answer."""

    version: int
    round: int
    text: str
    outcome: str  # done, scheduled, explained, not_competent; of a comment on a draft also taken_up
    promised_on: date | None
    basis: str | None
    state: str  # draft, submitted, returned, approved, answered
    drafted_by: str
    drafted_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    words: str | None = None


@dataclass(frozen=True, kw_only=True)
class Question:
    id: UUID
    text: str
    asked_by: str
    asked_at: datetime
    reply_by: date
    ended_at: datetime | None
    is_replied: bool


@dataclass(frozen=True, kw_only=True)
class Supplement:
    at: datetime
    text: str | None
    attachment_count: int


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the timeline."""

    at: datetime
    what: str
    actor: str
    is_public: bool
    data: dict[str, Any]
    words: str | None


@dataclass(frozen=True, kw_only=True)
class Notice:
    id: UUID
    audience: str
    channel: str
    purpose: str
    state: str  # accepted, delivered, failed, suppressed
    detail: str | None
    at: datetime


def words_of(tx: Reading, case_id: UUID) -> Words:
    row = tx.connection.execute(select(case_words).where(case_words.c.case_id == case_id)).one()
    return Words(**{name: value for name, value in row._mapping.items() if name != "case_id"})


def folded(words: Words) -> str:
    """What the search looks at."""
    return fold(" ".join(filter(None, (words.title, words.place, words.text))))


def add_attachments(tx: Transaction, files: Iterable[tuple[UUID, Attachment]]) -> None:
    """Keep files, each with the case that it belongs to."""
    rows = [
        {
            "id": file.id,
            "case_id": case_id,
            "media_type": file.media_type,
            "size_bytes": file.size_bytes,
            "sha256": file.sha256,
            "added_at": tx.now,
        }
        for case_id, file in files
    ]
    insert_new(tx.connection, case_attachment, rows)


def add_supplement(tx: Transaction, case_id: UUID, *, words: str | None, attachment_count: int) -> UUID:
    """Keep what the citizen added. Returns its id."""
    key = ordered_id()
    row = {"id": key, "case_id": case_id, "at": tx.now, "text": words, "attachment_count": attachment_count}
    tx.connection.execute(supplement.insert(), row)
    return key


def supplements_of(tx: Reading, case_id: UUID) -> list[Supplement]:
    """What the citizen added, oldest first."""
    found = select(supplement).where(supplement.c.case_id == case_id).order_by(supplement.c.id)
    return [
        Supplement(at=row.at, text=row.text, attachment_count=row.attachment_count)
        for row in tx.connection.execute(found)
    ]


# ---- questions


def add_question(tx: Transaction, case_id: UUID, *, text: str, asked_by: str, reply_by: date) -> None:
    row = {
        "id": ordered_id(),
        "case_id": case_id,
        "text": text,
        "asked_by": asked_by,
        "asked_at": tx.now,
        "reply_by": reply_by,
        "ended_at": None,
        "is_replied": False,
    }
    tx.connection.execute(question.insert(), row)


def questions_of(tx: Reading, case_id: UUID) -> list[Question]:
    """What the citizen was asked, oldest first."""
    found = select(question).where(question.c.case_id == case_id).order_by(question.c.id)
    return [
        Question(**{name: value for name, value in row._mapping.items() if name != "case_id"})
        for row in tx.connection.execute(found)
    ]


def open_question(tx: Reading, case_id: UUID) -> Question | None:
    return next((asked for asked in reversed(questions_of(tx, case_id)) if asked.ended_at is None), None)


def reply_to(tx: Transaction, question_id: UUID, *, is_replied: bool) -> None:
    """The question waits no longer: it was replied to, or the wait was over."""
    done = update(question).where(question.c.id == question_id, question.c.ended_at.is_(None))
    tx.connection.execute(done.values(ended_at=tx.now, is_replied=is_replied))


# ---- answers


def add_answer(tx: Transaction, case_id: UUID, draft: Answer) -> None:
    values = {name: getattr(draft, name) for name in Answer.__dataclass_fields__}
    tx.connection.execute(answer.insert(), values | {"case_id": case_id})


def change_answer(tx: Transaction, case_id: UUID, version: int, **values: Any) -> None:
    tx.connection.execute(
        update(answer).where(answer.c.case_id == case_id, answer.c.version == version).values(**values)
    )


def writer_of(tx: Reading, case_id: UUID, round: int) -> str | None:
    """Who wrote the answer that was given in a round."""
    found = select(answer.c.drafted_by).where(
        answer.c.case_id == case_id, answer.c.round == round, answer.c.state == "answered"
    )
    return tx.connection.execute(found).scalar_one_or_none()


def answers_of(tx: Reading, case_id: UUID) -> list[Answer]:
    """All versions, oldest first."""
    found = select(answer).where(answer.c.case_id == case_id).order_by(answer.c.version)
    return [
        Answer(**{name: value for name, value in row._mapping.items() if name != "case_id"})
        for row in tx.connection.execute(found)
    ]


# ---- what happened


def add_entry(
    tx: Transaction,
    case_id: UUID,
    what: str,
    *,
    actor: str,
    is_public: bool = False,
    words: str | None = None,
    **data: Any,
) -> None:
    """Write a line of the timeline. `data` are codes, dates as text and pseudonyms; what a person wrote is `words`."""
    add_entries(tx, {case_id: data}, what, actor=actor, is_public=is_public, words=words)


def add_entries(
    tx: Transaction,
    cases: Mapping[UUID, Mapping[str, Any]],
    what: str,
    *,
    actor: str,
    is_public: bool = False,
    words: str | None = None,
) -> None:
    """Write the same line into the timelines of several cases, each with data of its own."""
    rows = [
        {
            "id": ordered_id(),
            "case_id": case_id,
            "at": tx.now,
            "what": what,
            "actor": actor,
            "is_public": is_public,
            "data": data,
            "words": words,
        }
        for case_id, data in cases.items()
    ]
    insert_rows(tx.connection, timeline, rows)


def entries_of(tx: Reading, case_id: UUID) -> list[Entry]:
    """The timeline with the notes in their places, newest first."""
    found = select(timeline).where(timeline.c.case_id == case_id)
    entries = [
        (
            row.id,
            Entry(at=row.at, what=row.what, actor=row.actor, is_public=row.is_public, data=row.data, words=row.words),
        )
        for row in tx.connection.execute(found)
    ]
    notes = select(note).where(note.c.case_id == case_id)
    entries += [
        (row.id, Entry(at=row.at, what="note", actor=row.author, is_public=False, data={}, words=row.text))
        for row in tx.connection.execute(notes)
    ]
    return [entry for _, entry in sorted(entries, key=lambda pair: (pair[1].at, pair[0]), reverse=True)]


def add_note(tx: Transaction, case_id: UUID, *, author: str, text: str) -> UUID:
    """Keep a note among colleagues. Returns its id."""
    note_id = ordered_id()
    row = {"id": note_id, "case_id": case_id, "at": tx.now, "author": author, "text": text}
    tx.connection.execute(note.insert(), row)
    return note_id


# ---- what was sent, who looked

_RANK = {"accepted": 1, "suppressed": 2, "failed": 2, "delivered": 3}
_STATES = select(notice.c.id, notice.c.state).where(notice.c.id.in_(bindparam("ids", expanding=True)))


def keep_notices(tx: Transaction, heard: Sequence[tuple[UUID, Notice]]) -> None:
    """What became of notices about petitions; an older word never overwrites a later one."""
    states = tx.connection.execute(_STATES, {"ids": padded([told.id for _, told in heard])})
    known = {row.id: _RANK.get(row.state, 0) for row in states}
    news = [(petition_id, told) for petition_id, told in heard if _RANK.get(told.state, 0) >= known.get(told.id, 0)]
    upsert_many(tx.connection, notice, [{"petition_id": petition_id} | vars(told) for petition_id, told in news])


def notices_of(tx: Reading, petition_id: UUID) -> list[Notice]:
    """What the petitioner was sent, newest first."""
    found = select(notice).where(notice.c.petition_id == petition_id, notice.c.audience == "petitioner")
    return [
        Notice(**{name: value for name, value in row._mapping.items() if name != "petition_id"})
        for row in tx.connection.execute(found.order_by(notice.c.at.desc(), notice.c.id))
    ]


def read_lately(tx: Transaction, case_id: UUID, *, person: str, kind: str, purpose: str, since: datetime) -> bool:
    """Whether this person read the same since then; if not, this reading is kept as the last one."""
    key = (reading.c.case_id == case_id) & (reading.c.person == person) & (reading.c.kind == kind)
    last = tx.connection.execute(select(reading.c.at, reading.c.purpose).where(key)).one_or_none()
    if last is not None and last.at > since and last.purpose == purpose:
        return True
    row = {"case_id": case_id, "person": person, "kind": kind, "purpose": purpose, "at": tx.now}
    dialect = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(reading).values(row)
    tx.connection.execute(
        insert.on_conflict_do_update(
            index_elements=["case_id", "person", "kind"], set_={"at": tx.now, "purpose": purpose}
        )
    )
    return False


def reads_of(tx: Reading, case_id: UUID) -> Sequence[Row[Any]]:
    """Who read it last, newest first: person, kind, purpose, at. Another case of the same petition is not told of."""
    found = select(reading).where(reading.c.case_id == case_id)
    found = found.order_by(reading.c.at.desc(), reading.c.person, reading.c.kind).limit(20)
    return tx.connection.execute(found).all()
