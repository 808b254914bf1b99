"""Sessions of reception and dialogue, who comes to them, and what was promised there."""

from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any
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
    bindparam,
    exists,
    func,
    or_,
    select,
    text,
    update,
)

from services.workflow.domain.case import KindClass
from services.workflow.domain.dialogue import ANNOUNCED, PLANNED, Commitment, Dialogue, Guest, is_sender
from services.workflow.domain.permission import Person
from services.workflow.store.papers import Words
from services.workflow.store.queue import _ROW, Row, _row, visible_to
from services.workflow.store.tables import case_, case_words, metadata
from shared.db import Instant, Reading, Transaction, insert_new
from shared.sql import padded

LISTED = 200
ERASED = "[đã xóa theo yêu cầu]"
"""What stands where a text must stand."""

dialogue = Table(
    "dialogue",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("title", Text, nullable=False),
    Column("topics", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("is_online", Boolean, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("seats", Integer, nullable=False),
    Column("chair", String(40), nullable=False),
    Column("planned_by", String(40), nullable=False),
    Column("planned_at", Instant, nullable=False),
    Column("case_id", Uuid, ForeignKey("case_.id")),
    Column("state", String(12), nullable=False),  # planned, announced, held, called_off
    Column("edition", Integer, nullable=False),
    Column("reason", Text),
    Column("minutes", Text),
    Column("walked_in", Integer, nullable=False),
    Column("petitioner", String(8)),  # present, excused, absent
    Column("held_by", String(40)),
    Column("held_at", Instant),
    Column("reminds_at", Instant),
    Index("dialogue_list", "starts_at", "id"),
    Index(
        "dialogue_case",
        "case_id",
        postgresql_where=text("case_id IS NOT NULL"),
        sqlite_where=text("case_id IS NOT NULL"),
    ),
    Index(
        "dialogue_reminds",
        "reminds_at",
        postgresql_where=text("reminds_at IS NOT NULL"),
        sqlite_where=text("reminds_at IS NOT NULL"),
    ),
)

guest = Table(
    "dialogue_guest",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("dialogue_id", Uuid, ForeignKey("dialogue.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("email", Text),
    Column("mobile", String(20)),
    Column("phone", Text),
    Column("language", String(8), nullable=False),
    Column("question", Text, nullable=False),
    Column("petition_code", String(24)),
    Column("link_token", String(64)),
    Column("joined_at", Instant, nullable=False),
    Column("has_left", Boolean, nullable=False),
    Column("has_come", Boolean),
    Index("dialogue_guest_list", "dialogue_id", "joined_at", "id"),
)

commitment = Table(
    "commitment",
    metadata,
    Column("petition_id", Uuid, primary_key=True),
    Column("dialogue_id", Uuid, ForeignKey("dialogue.id"), nullable=False),
    Column("guest_id", Uuid),
    Column("what", Text, nullable=False),
    Column("topic", String(16), nullable=False),
    Column("unit", String(16), nullable=False),
    Column("officer", String(40), nullable=False),
    Column("due_on", Date, nullable=False),
    Column("made_by", String(40), nullable=False),
    Column("made_at", Instant, nullable=False),
    Index("commitment_dialogue", "dialogue_id"),
)

_NAMES = tuple(field.name for field in fields(Dialogue))
_IS_TO_COME = dialogue.c.state.in_([PLANNED, ANNOUNCED])


def _dialogue(row: Any) -> Dialogue:
    return Dialogue(**{name: row._mapping[name] for name in _NAMES})


def add_dialogue(tx: Transaction, new: Dialogue) -> None:
    tx.connection.execute(dialogue.insert(), vars(new))


def save_dialogue(tx: Transaction, changed: Dialogue) -> None:
    values = {name: value for name, value in vars(changed).items() if name != "id"}
    tx.connection.execute(update(dialogue).where(dialogue.c.id == changed.id).values(**values))


def load_dialogue(tx: Transaction, dialogue_id: UUID) -> Dialogue | None:
    """The session, held until the transaction ends."""
    row = tx.connection.execute(select(dialogue).where(dialogue.c.id == dialogue_id).with_for_update()).one_or_none()
    return None if row is None else _dialogue(row)


def find_dialogue(tx: Reading, person: Person, dialogue_id: UUID) -> Dialogue | None:
    """A session that the person may see."""
    found = select(dialogue).where(dialogue.c.id == dialogue_id, _shown_to(person))
    row = tx.connection.execute(found).one_or_none()
    return None if row is None else _dialogue(row)


def dialogues_for(tx: Reading, person: Person, *, is_over: bool = False) -> list[Dialogue]:
    """Sessions that a person may see: those to come, the next first, or those that are over, the newest first."""
    order = (dialogue.c.starts_at.desc(), dialogue.c.id) if is_over else (dialogue.c.starts_at, dialogue.c.id)
    found = select(dialogue).where(~_IS_TO_COME if is_over else _IS_TO_COME, _shown_to(person))
    return [_dialogue(row) for row in tx.connection.execute(found.order_by(*order).limit(LISTED))]


def dialogues_of(tx: Reading, case_id: UUID) -> list[Dialogue]:
    """The dialogues within a case, the first one first. Who asks has shown the right to see the case."""
    found = select(dialogue).where(dialogue.c.case_id == case_id).order_by(dialogue.c.starts_at, dialogue.c.id)
    return [_dialogue(row) for row in tx.connection.execute(found)]


def _shown_to(person: Person) -> Any:
    """Sessions for the public are everybody's to see; one within a case is seen by those who see the case."""
    of_visible = exists().where(case_.c.id == dialogue.c.case_id, visible_to(person))
    return or_(dialogue.c.case_id.is_(None), of_visible)


def due_dialogues(tx: Transaction, *, limit: int) -> list[tuple[UUID, UUID | None]]:
    """Sessions whose guests are to be reminded now, each with the case that it is within."""
    due = select(dialogue.c.id, dialogue.c.case_id).where(dialogue.c.reminds_at <= tx.now)
    rows = tx.connection.execute(due.order_by(dialogue.c.reminds_at, dialogue.c.id).limit(limit))
    return [(row.id, row.case_id) for row in rows]


def is_any_dialogue_due(tx: Reading) -> bool:
    """One probe of an index: the price of an idle sweep."""
    found = select(dialogue.c.id).where(dialogue.c.reminds_at <= tx.now).limit(1)
    return tx.connection.execute(found).first() is not None


# ---- guests


def add_guest(tx: Transaction, new: Guest) -> None:
    insert_new(tx.connection, guest, [vars(new)])


def guests_of(tx: Reading, dialogue_id: UUID) -> list[Guest]:
    """Everybody who registered or was named, in that order; those who cancelled too."""
    found = select(guest).where(guest.c.dialogue_id == dialogue_id).order_by(guest.c.joined_at, guest.c.id)
    return [Guest(**row._mapping) for row in tx.connection.execute(found)]


def codes_shown(tx: Reading, person: Person, codes: Collection[str]) -> set[str]:
    """Those of these codes whose cases may stand beside the names of guests: that the person may see, and of no secret
    kind, whose senders nobody knows but by opening their identity.
    """
    found = select(case_.c.code).where(
        case_.c.code.in_(list(codes)), case_.c.kind_class != KindClass.SECRET.value, visible_to(person)
    )
    secret = select(case_.c.code).where(case_.c.code.in_(list(codes)), case_.c.kind_class == KindClass.SECRET.value)
    return set(tx.connection.execute(found.where(case_.c.code.not_in(secret))).scalars())


def count_guests(tx: Reading, dialogues: Collection[UUID]) -> dict[UUID, int]:
    """How many are expected at each of these sessions; those with nobody are missing."""
    found = select(guest.c.dialogue_id, func.count().label("expected")).where(
        guest.c.dialogue_id.in_(list(dialogues)), ~guest.c.has_left
    )
    return {row.dialogue_id: row.expected for row in tx.connection.execute(found.group_by(guest.c.dialogue_id))}


def leave_dialogue(tx: Transaction, guest_id: UUID) -> None:
    tx.connection.execute(update(guest).where(guest.c.id == guest_id).values(has_left=True))


def erase_guests(tx: Transaction, codes: Collection[str], senders: Collection[Words]) -> list[UUID]:
    """Empty what these people said of themselves as guests who named these petitions; of a session that is to come they
    are no guests any more. Whoever else named them comes as before, and names them no more. Returns who was erased."""
    named = func.upper(func.replace(guest.c.petition_code, "-", "")).in_(list(codes))
    guests = [Guest(**row._mapping) for row in tx.connection.execute(select(guest).where(named))]
    ids = [one.id for one in guests if any(is_sender(one, told.name, told.phone, told.email) for told in senders)]
    theirs = guest.c.id.in_(ids)
    gone: dict[str, Any] = dict.fromkeys(("email", "mobile", "phone", "link_token"))
    tx.connection.execute(update(guest).where(theirs).values(**gone, name=ERASED, question=""))
    to_come = select(dialogue.c.id).where(_IS_TO_COME)
    tx.connection.execute(update(guest).where(theirs, guest.c.dialogue_id.in_(to_come)).values(has_left=True))
    tx.connection.execute(update(guest).where(guest.c.id.in_([one.id for one in guests])).values(petition_code=None))
    return ids


def note_attendance(tx: Transaction, dialogue_id: UUID, came: Collection[UUID]) -> None:
    """Who of those expected came; the others did not."""
    theirs = (guest.c.dialogue_id == dialogue_id) & ~guest.c.has_left
    tx.connection.execute(update(guest).where(theirs).values(has_come=False))
    tx.connection.execute(update(guest).where(theirs, guest.c.id.in_(list(came))).values(has_come=True))


# ---- commitments


def add_commitment(tx: Transaction, made: Commitment) -> None:
    tx.connection.execute(commitment.insert(), vars(made))


_COMMITMENTS = select(commitment).where(commitment.c.petition_id.in_(bindparam("ids", expanding=True)))


def commitments_among(tx: Reading, petitions: Collection[UUID]) -> dict[UUID, Commitment]:
    """Those of these petitions that were promised in a session."""
    rows = tx.connection.execute(_COMMITMENTS, {"ids": padded(petitions)}) if petitions else ()
    return {row.petition_id: Commitment(**row._mapping) for row in rows}


def commitments_of(tx: Reading, dialogue_id: UUID) -> list[Commitment]:
    """What was promised in a session, oldest first."""
    found = select(commitment).where(commitment.c.dialogue_id == dialogue_id)
    rows = tx.connection.execute(found.order_by(commitment.c.made_at, commitment.c.petition_id))
    return [Commitment(**row._mapping) for row in rows]


def commitment_cases(tx: Reading, person: Person, petitions: Collection[UUID]) -> Mapping[UUID, Row]:
    """The cases of what was promised, by petition, of those that the person may see."""
    found = select(*_ROW).join(case_words, case_words.c.case_id == case_.c.id)
    found = found.where(case_.c.petition_id.in_(list(petitions)), visible_to(person)).order_by(case_.c.id.desc())
    return {row.petition_id: _row(row) for row in tx.connection.execute(found)}
