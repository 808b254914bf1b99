"""Rows in, petitions out. What citizens wrote lies in columns of its own, which an erasure empties."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    String,
    Table,
    Text,
    Uuid,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy import text as sql_text
from sqlalchemy.dialects import postgresql, sqlite

from services.intake.domain.consultation import Consultation, PublicAnswer
from services.intake.domain.dialogue import Registered, Session
from services.intake.domain.parts import Part
from services.intake.domain.petition import Kept, Petition
from services.intake.domain.survey import Survey
from shared.db import Instant, Reading, Transaction, insert_new, update_many
from shared.events.intake import Attachment
from shared.sql import insert_rows, padded, upsert_many
from shared.text import fold

metadata = MetaData()

_serial = BigInteger().with_variant(Integer, "sqlite")

petition = Table(
    "petition",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("once", String(120), nullable=False, unique=True),  # the idempotency key: one filing, one petition
    Column("fingerprint", LargeBinary, nullable=False),  # of what was sent under that key
    Column("code", String(9), nullable=False, unique=True),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("digits_check", LargeBinary, nullable=False),
    Column("has_pin", Boolean, nullable=False),
    Column("is_bearer", Boolean, nullable=False),
    Column("kind", String(32)),  # as chosen by the citizen; none: left to us
    Column("topic", String(16)),
    Column("ward", String(40)),
    Column("language", String(8), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("consents", JSON, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("event_id", Uuid, nullable=False),  # of the event that told of its filing, for good
    # The citizen's words, until they are erased.
    Column("title", Text),
    Column("text", Text),
    Column("place", Text),
    Column("position", String(40)),
    Column("name", Text),
    Column("phone", Text),
    Column("email", Text),
    Column("address", Text),
    # What is known of its case, from what the desk told.
    Column("stage", String(16), nullable=False),
    Column("unit", String(16)),
    Column("due_on", Date),
    Column("reply_by", Date),  # a question is open until then
    Column("round", Integer, nullable=False),  # of the last answer; 0: none yet
    Column("is_rated", Boolean, nullable=False),  # whether a judgement of the answer is asked for
    Column("answered_at", Instant),
    Column("case_id", Uuid),  # of the first case that the desk opened
    Column("has_parts", Boolean, nullable=False),  # there are several: `part` has each
    Column("consultation_id", Uuid),  # the draft on which it comments
    Index(
        "petition_consultation",
        "consultation_id",
        postgresql_where=sql_text("consultation_id IS NOT NULL"),
        sqlite_where=sql_text("consultation_id IS NOT NULL"),
    ),
)

part = Table(
    "part",
    metadata,
    Column("case_id", Uuid, primary_key=True),
    Column("petition_id", ForeignKey("petition.id"), nullable=False, index=True),
    Column("number", Integer, nullable=False),  # in the order in which they were opened
    Column("stage", String(16), nullable=False),
    Column("unit", String(16)),
    Column("due_on", Date),
    Column("reply_by", Date),
    Column("round", Integer, nullable=False),
    Column("is_rated", Boolean, nullable=False),
    Column("answered_at", Instant),
)

attachment = Table(
    "attachment",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("petition_id", ForeignKey("petition.id"), nullable=False, index=True),
    Column("no", Integer, nullable=False),
    Column("media_type", String(40), nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
)

timeline = Table(
    "timeline",
    metadata,
    Column("id", _serial, primary_key=True),
    Column("petition_id", ForeignKey("petition.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("what", String(24), nullable=False),
    Column("facts", JSON, nullable=False),  # codes and dates
    Column("words", JSON),  # what was sealed for the door: questions, reasons, answers
    Column("case_id", Uuid),  # none: about the petition as a whole
)

opening = Table(
    "opening",
    metadata,
    Column("id", _serial, primary_key=True),
    Column("petition_id", ForeignKey("petition.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("role", String(24), nullable=False),
    Column("unit", String(16)),
    Column("kind", String(24), nullable=False),
    Column("purpose", String(32), nullable=False),
)

notice = Table(
    "notice",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("petition_id", ForeignKey("petition.id"), nullable=False, index=True),
    Column("channel", String(16), nullable=False),
    Column("purpose", String(32), nullable=False),
    Column("state", String(16), nullable=False),  # accepted, delivered, failed, suppressed
    Column("at", Instant, nullable=False),
)

supplement = Table(
    "supplement",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("petition_id", ForeignKey("petition.id"), nullable=False, index=True),
    Column("once", String(120), nullable=False, unique=True),
    Column("at", Instant, nullable=False),
)

# That an answer was judged, so that nobody judges it twice. The judgement itself is not kept here.
rating = Table(
    "rating",
    metadata,
    Column("petition_id", ForeignKey("petition.id"), primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
)

draft = Table(
    "draft",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("locked", LargeBinary, nullable=False),  # only the citizen's browser has the key
    Column("saved_at", Instant, nullable=False, index=True),
)

consultation = Table(
    "consultation",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("number", Integer, nullable=False, unique=True),  # its short address
    Column("unit", String(16), nullable=False),
    Column("opens_on", Date, nullable=False),
    Column("closes_on", Date, nullable=False),
    Column("answers_due_on", Date, nullable=False),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("asked", Text, nullable=False),
    Column("text", Text),
    Column("document", JSON),  # its file
    Column("closed_on", Date),
    Column("reason", Text),  # why it was closed early
    Index("consultation_list", "closes_on"),
)

public_answer = Table(
    "public_answer",  # to a comment on a draft: what everybody may read of it
    metadata,
    Column("petition_id", ForeignKey("petition.id"), primary_key=True),
    Column("consultation_id", Uuid, nullable=False, index=True),
    Column("point", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("outcome", String(24), nullable=False),
    Column("answered_at", Instant, nullable=False),
)

wrong_try = Table(
    "wrong_try",
    metadata,
    Column("code", String(9), primary_key=True),
    Column("since", Instant, nullable=False),
    Column("count", Integer, nullable=False),
    Index("wrong_try_since", "since"),
)


@dataclass(frozen=True, kw_only=True)
class Filed:
    """A petition with what is known of its case. Who holds one has shown the right to see it."""

    id: UUID
    once: str
    fingerprint: bytes
    code: str
    token_hash: bytes
    digits_check: bytes
    has_pin: bool
    is_bearer: bool
    kind: str | None
    topic: str | None
    ward: str | None
    language: str
    channel: str
    consents: tuple[str, ...]
    received_at: datetime
    event_id: UUID
    stage: str
    unit: str | None
    due_on: date | None
    reply_by: date | None
    round: int
    is_rated: bool
    answered_at: datetime | None
    has_parts: bool = False
    consultation_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Words:
    """What the citizen wrote; every field None after an erasure."""

    title: str | None
    text: str | None
    place: str | None
    position: str | None
    name: str | None
    phone: str | None
    email: str | None
    address: str | None


WORDS = tuple(field.name for field in fields(Words))


@dataclass(frozen=True)
class Entry:
    """A line of the petition's story."""

    at: datetime
    what: str
    facts: Mapping[str, Any]
    words: Mapping[str, Any]
    case_id: UUID | None = None


@dataclass(frozen=True)
class Opening:
    """Somebody opened the petition."""

    at: datetime
    role: str
    unit: str | None
    kind: str
    purpose: str


@dataclass(frozen=True)
class Notice:
    """A message to the petitioner and what became of it."""

    at: datetime
    channel: str
    purpose: str
    state: str


# ---- filing


def add_petition(tx: Transaction, filed: Filed, sent: Petition) -> bool:
    """Keep a petition with its words. False when its idempotency key, or by chance its code, is taken."""
    known = {field.name: getattr(filed, field.name) for field in fields(filed)} | {"consents": list(filed.consents)}
    words = {name: getattr(sent, name) for name in WORDS} | {"phone": sent.phone.typed if sent.phone else None}
    if not insert_new(tx.connection, petition, [known | words]):
        return False
    tx.changed(filed.id)
    return True


def add_attachments(tx: Transaction, petition_id: UUID, kept: Sequence[Kept], *, after: int = 0) -> None:
    rows = [
        {
            "id": one.id,
            "petition_id": petition_id,
            "no": no,
            "media_type": one.media_type,
            "size_bytes": one.size_bytes,
            "sha256": one.sha256,
        }
        for no, one in enumerate(kept, start=after + 1)
    ]
    if rows:
        tx.connection.execute(insert(attachment), rows)


# ---- finding

_KNOWN = select(*(petition.c[field.name] for field in fields(Filed)))


def petition_of(tx: Reading, petition_id: UUID) -> Filed | None:
    return _filed(tx, petition.c.id == petition_id)


def petition_by_once(tx: Reading, once: str) -> Filed | None:
    return _filed(tx, petition.c.once == once)


def petition_by_token(tx: Reading, token_hash: bytes) -> Filed | None:
    return _filed(tx, petition.c.token_hash == token_hash)


def petition_by_code(tx: Reading, code: str) -> Filed | None:
    return _filed(tx, petition.c.code == code)


def hold(tx: Transaction, petition_id: UUID) -> None:
    """Let nobody else say something about this petition until the transaction ends."""
    tx.connection.execute(select(petition.c.id).where(petition.c.id == petition_id).with_for_update())


def words_of(tx: Reading, petition_id: UUID) -> Words:
    row = tx.connection.execute(select(*(petition.c[name] for name in WORDS)).where(petition.c.id == petition_id)).one()
    return Words(**row._mapping)


def attachments_of(tx: Reading, petition_id: UUID) -> list[Kept]:
    """Its files, in the order in which they came."""
    rows = tx.connection.execute(
        select(attachment.c.id, attachment.c.media_type, attachment.c.size_bytes, attachment.c.sha256)
        .where(attachment.c.petition_id == petition_id)
        .order_by(attachment.c.no)
    )
    return [Kept(**row._mapping) for row in rows]


def story_of(tx: Reading, petition_id: UUID) -> list[Entry]:
    """What happened, oldest first."""
    rows = tx.connection.execute(
        select(timeline).where(timeline.c.petition_id == petition_id).order_by(timeline.c.at, timeline.c.id)
    )
    return [Entry(row.at, row.what, row.facts, row.words or {}, row.case_id) for row in rows]


def openings_of(tx: Reading, petition_id: UUID) -> list[Opening]:
    """Who opened it, oldest first."""
    rows = tx.connection.execute(
        select(opening).where(opening.c.petition_id == petition_id).order_by(opening.c.at, opening.c.id)
    )
    return [Opening(row.at, row.role, row.unit, row.kind, row.purpose) for row in rows]


def notices_of(tx: Reading, petition_id: UUID) -> list[Notice]:
    """What was sent to the petitioner, oldest first."""
    rows = tx.connection.execute(
        select(notice).where(notice.c.petition_id == petition_id).order_by(notice.c.at, notice.c.id)
    )
    return [Notice(row.at, row.channel, row.purpose, row.state) for row in rows]


def has_rated(tx: Reading, petition_id: UUID, round_: int) -> bool:
    ask = select(rating.c.at).where(rating.c.petition_id == petition_id, rating.c.round == round_)
    return tx.connection.execute(ask).first() is not None


def count_supplements(tx: Reading, petition_id: UUID) -> int:
    return len(tx.connection.execute(select(supplement.c.id).where(supplement.c.petition_id == petition_id)).all())


def _filed(tx: Reading, is_wanted: ColumnElement[bool]) -> Filed | None:
    row: Row[Any] | None = tx.connection.execute(_KNOWN.where(is_wanted)).first()
    return None if row is None else Filed(**{**row._mapping, "consents": tuple(row.consents)})


# ---- what the citizen does later


def add_supplement(tx: Transaction, *, supplement_id: UUID, petition_id: UUID, once: str) -> bool:
    """False when it is there already."""
    row = {"id": supplement_id, "petition_id": petition_id, "once": once, "at": tx.now}
    insert_new(tx.connection, supplement, [row])
    if tx.connection.execute(select(supplement.c.id).where(supplement.c.once == once)).scalar() != supplement_id:
        return False
    tx.changed(petition_id)
    return True


def add_rating(tx: Transaction, petition_id: UUID, round_: int) -> bool:
    """False when this answer has been judged already."""
    dialect = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
    row = {"petition_id": petition_id, "round": round_, "at": tx.now}
    add = dialect.insert(rating).on_conflict_do_nothing().returning(rating.c.at)
    if tx.connection.execute(add, row).first() is None:
        return False
    tx.changed(petition_id)
    return True


# ---- what the others told


def petitions_among(tx: Reading, ids: Collection[UUID]) -> set[UUID]:
    """Those of these petitions that were filed here."""
    return set(tx.connection.execute(_AMONG, {"ids": padded(ids)}).scalars()) if ids else set()


_AMONG = select(petition.c.id).where(petition.c.id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True)
class Known:
    """Of which cases a petition consists, as far as it matters for what is heard next."""

    case_id: UUID | None  # the first one
    has_parts: bool


def cases_among(tx: Reading, ids: Collection[UUID]) -> dict[UUID, Known]:
    """Those of these petitions that were filed here, with what is known of their cases."""
    rows = tx.connection.execute(_CASES_AMONG, {"ids": padded(ids)}) if ids else ()
    return {row.id: Known(row.case_id, row.has_parts) for row in rows}


_CASES_AMONG = select(petition.c.id, petition.c.case_id, petition.c.has_parts).where(
    petition.c.id.in_(bindparam("ids", expanding=True))
)
_STANDS = tuple(field.name for field in fields(Part))


def parts_of(tx: Reading, petition_id: UUID) -> list[Part]:
    """The cases of a petition that has several, in the order in which they were opened."""
    found = select(*(part.c[name] for name in _STANDS)).where(part.c.petition_id == petition_id)
    return [Part(**row._mapping) for row in tx.connection.execute(found.order_by(part.c.number))]


def only_case_of(tx: Reading, petition_id: UUID, case_id: UUID) -> Part:
    """The first case of a petition that had no other one, as the petition stands itself."""
    found = select(*(petition.c[name] for name in _STANDS if name not in {"case_id", "number"})).where(
        petition.c.id == petition_id
    )
    return Part(case_id=case_id, **tx.connection.execute(found).one()._mapping)


def save_parts(tx: Transaction, petition_id: UUID, parts: Iterable[Part]) -> None:
    upsert_many(tx.connection, part, [{"petition_id": petition_id} | vars(one) for one in parts])


def move_case(tx: Transaction, petition_id: UUID, **known: Any) -> None:
    """Keep what became known of a case."""
    move_cases(tx, {petition_id: known})


def move_cases(tx: Transaction, known: Mapping[UUID, Mapping[str, Any]]) -> None:
    """Keep what became known of cases, by petition: of each its own columns."""
    alike = defaultdict(list)
    for petition_id, facts in known.items():
        if facts:
            alike[tuple(facts)].append({"id": petition_id, **facts})
    for rows in alike.values():
        update_many(tx.connection, petition, "id", rows)


def add_entry(
    tx: Transaction,
    petition_id: UUID,
    what: str,
    *,
    at: datetime,
    facts: Mapping[str, Any],
    words: Mapping[str, str],
    case_id: UUID | None = None,
) -> None:
    add_entries(tx, {petition_id: Entry(at, what, facts, words, case_id)})


def add_entries(tx: Transaction, entries: Mapping[UUID, Entry]) -> None:
    """Add a line to the story of each of these petitions."""
    rows = [
        {
            "petition_id": petition_id,
            "at": entry.at,
            "what": entry.what,
            "facts": dict(entry.facts),
            "words": dict(entry.words) or None,
            "case_id": entry.case_id,
        }
        for petition_id, entry in entries.items()
    ]
    insert_rows(tx.connection, timeline, rows)


def add_opening(tx: Transaction, petition_id: UUID, seen: Opening) -> None:
    row = {"petition_id": petition_id, "at": seen.at, "role": seen.role, "unit": seen.unit}
    tx.connection.execute(insert(opening), row | {"kind": seen.kind, "purpose": seen.purpose})


def keep_notices(tx: Transaction, told: Sequence[tuple[UUID, UUID, Notice]]) -> None:
    """The newest state of messages: petition, message and what became of it."""
    rows = [
        {
            "id": notice_id,
            "petition_id": petition_id,
            "channel": one.channel,
            "purpose": one.purpose,
            "state": one.state,
            "at": one.at,
        }
        for petition_id, notice_id, one in told
    ]
    upsert_many(tx.connection, notice, rows)


# ---- drafts


def save_draft(tx: Transaction, draft_id: UUID, locked: bytes) -> None:
    """Keep a draft, in place of what it was before."""
    values = {"locked": locked, "saved_at": tx.now}
    if tx.connection.execute(update(draft).where(draft.c.id == draft_id).values(values)).rowcount == 0:
        tx.connection.execute(insert(draft), {"id": draft_id} | values)


def draft_of(tx: Reading, draft_id: UUID, *, oldest: timedelta) -> bytes | None:
    ask = select(draft.c.locked).where(draft.c.id == draft_id, draft.c.saved_at > tx.now - oldest)
    found = tx.connection.execute(ask).scalar()
    return None if found is None else bytes(found)


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


# ---- filed in a citizen's stead

counter_session = Table(
    "counter_session",  # an officer who files for a citizen; its pass opens nothing a second time
    metadata,
    Column("id_hash", LargeBinary, primary_key=True),
    Column("nonce", String(40), nullable=False, unique=True),
    Column("person", String(40), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("once", String(120)),  # the idempotency key of the petition that was filed in it
)

entered = Table(
    "entered",  # who wrote a petition down for its citizen, and when; the petition knows when it came
    metadata,
    Column("petition_id", ForeignKey("petition.id"), primary_key=True),
    Column("person", String(40), nullable=False),
    Column("at", Instant, nullable=False),
    Column("late_ground", String(40)),
)

switched_off = Table(
    "switched_off",  # members of staff whose accounts are off, as the desk told
    metadata,
    Column("person", String(40), primary_key=True),
)


def add_counter(tx: Transaction, opened: Mapping[str, Any], *, nonce: str) -> bool:
    """Keep a session. False when its pass was used before. Sessions that are over are forgotten."""
    tx.connection.execute(delete(counter_session).where(counter_session.c.expires_at <= tx.now))
    return bool(insert_new(tx.connection, counter_session, [{**opened, "nonce": nonce}]))


def counter_row(tx: Reading, id_hash: bytes) -> Mapping[str, Any] | None:
    """A session that is not over: id_hash, person, channel, expires_at, once."""
    known = (counter_session.c[name] for name in ("id_hash", "person", "channel", "expires_at", "once"))
    found = select(*known).where(counter_session.c.id_hash == id_hash, counter_session.c.expires_at > tx.now)
    row = tx.connection.execute(found).one_or_none()
    return None if row is None else dict(row._mapping)


def close_counter(tx: Transaction, id_hash: bytes, *, once: str) -> bool:
    """Keep what was filed in this session. False when something was before."""
    free = (counter_session.c.id_hash == id_hash) & counter_session.c.once.is_(None)
    return tx.connection.execute(update(counter_session).where(free).values(once=once)).rowcount == 1


def end_counter(tx: Transaction, id_hash: bytes) -> None:
    """The session is over now. Its row stays until its pass has expired, so that the pass opens nothing again."""
    tx.connection.execute(
        update(counter_session).where(counter_session.c.id_hash == id_hash).values(id_hash=b"over:" + id_hash)
    )


def add_entered(tx: Transaction, petition_id: UUID, *, person: str, late_ground: str | None) -> None:
    row = {"petition_id": petition_id, "person": person, "at": tx.now, "late_ground": late_ground}
    tx.connection.execute(insert(entered), row)


def entered_at(tx: Reading, petition_id: UUID) -> datetime | None:
    """When it was written down for its citizen; None when they did it themselves."""
    found = select(entered.c.at).where(entered.c.petition_id == petition_id)
    return tx.connection.execute(found).scalar_one_or_none()


def switch_person(tx: Transaction, person: str, *, is_active: bool) -> None:
    """Keep whether an account of staff is switched off."""
    tx.connection.execute(delete(switched_off).where(switched_off.c.person == person))
    if not is_active:
        tx.connection.execute(insert(switched_off), {"person": person})


def is_switched_off(tx: Reading, person: str) -> bool:
    found = select(switched_off.c.person).where(switched_off.c.person == person)
    return tx.connection.execute(found).first() is not None


# ---- what the department made public

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


# ---- survey rounds

survey = Table(
    "survey",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("code", String(12), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("policy", Text),
    Column("items", JSON, nullable=False),
    Column("ways", JSON, nullable=False),
    Column("wards", JSON, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("closed_at", Instant),
    Column("signed_at", Instant),
)

invitation = Table(
    "survey_invitation",  # no time: when it was used is not kept
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("survey_id", ForeignKey("survey.id"), nullable=False),
    Column("petition_id", ForeignKey("petition.id"), nullable=False),
    Column("is_spent", Boolean, nullable=False),
    Index("survey_invitation_once", "survey_id", "petition_id", unique=True),
    Index("survey_invitation_petition", "petition_id"),
)

survey_answer = Table(
    "survey_answer",  # that it came, so that none counts twice. The marks are not kept here
    metadata,
    Column("answer_id", Uuid, primary_key=True),
    Column("survey_id", ForeignKey("survey.id"), nullable=False, index=True),
    Column("way", String(12), nullable=False),
    Column("entered_by", String(40)),  # of papers: the officer who typed it in
)

_LISTED = ("items", "ways", "wards")


def _survey(row: Row[Any]) -> Survey:
    values = {field.name: row._mapping[field.name] for field in fields(Survey)}
    return Survey(**values | {name: tuple(values[name]) for name in _LISTED})


def keep_survey(tx: Transaction, opened: Survey) -> bool:
    """False when it was there already."""
    values = vars(opened) | {name: list(getattr(opened, name)) for name in _LISTED}
    return bool(insert_new(tx.connection, survey, [values]))


def end_survey(tx: Transaction, survey_id: UUID, column: str, *, at: datetime) -> None:
    """A round was closed (`closed_at`) or first signed (`signed_at`)."""
    is_new = (survey.c.id == survey_id) & survey.c[column].is_(None)
    tx.connection.execute(update(survey).where(is_new).values({column: at}))


def survey_by_id(tx: Reading, survey_id: UUID) -> Survey | None:
    row = tx.connection.execute(select(survey).where(survey.c.id == survey_id)).one_or_none()
    return None if row is None else _survey(row)


def survey_by_code(tx: Reading, code: str) -> Survey | None:
    row = tx.connection.execute(select(survey).where(survey.c.code == code)).one_or_none()
    return None if row is None else _survey(row)


def unsigned_surveys(tx: Reading) -> list[Survey]:
    """Rounds that may still take answers in one way or another, by their last day."""
    found = select(survey).where(survey.c.signed_at.is_(None)).order_by(survey.c.ends_on, survey.c.code)
    return [_survey(row) for row in tx.connection.execute(found)]


def willing(tx: Reading, *, first: datetime, before: datetime, wards: Collection[str]) -> list[tuple[UUID, str]]:
    """Petitions whose answer of that time asked for a judgement, and whose petitioners agreed to be asked in surveys
    and can be told: each with the address that tells who they are, the latest answer first."""
    found = select(petition.c.id, petition.c.email, petition.c.phone, petition.c.consents).where(
        petition.c.answered_at >= first,
        petition.c.answered_at < before,
        petition.c.is_rated,
        petition.c.is_bearer.is_(False),
    )
    if wards:
        found = found.where(petition.c.ward.in_(list(wards)))
    rows = tx.connection.execute(found.order_by(petition.c.answered_at.desc(), petition.c.id))
    return [(row.id, address) for row in rows if "survey" in row.consents and (address := _address(row))]


def _address(row: Any) -> str:
    """What says that two petitions came from one person; empty where nobody can be told."""
    if row.email:
        return str(row.email).casefold()
    return "".join(filter(str.isdigit, row.phone or "")) if "sms" in row.consents else ""


def addresses_asked(tx: Reading) -> set[str]:
    """Who is invited to a round that has not ended: they are not asked twice at a time."""
    found = (
        select(petition.c.email, petition.c.phone, petition.c.consents)
        .join(invitation, invitation.c.petition_id == petition.c.id)
        .join(survey, survey.c.id == invitation.c.survey_id)
        .where(survey.c.closed_at.is_(None))
    )
    return {_address(row) for row in tx.connection.execute(found)}


def add_invitations(tx: Transaction, survey_id: UUID, tokens: Mapping[UUID, bytes]) -> None:
    """petition → hash of the token that invites its petitioner."""
    rows = [
        {"token_hash": token, "survey_id": survey_id, "petition_id": petition_id, "is_spent": False}
        for petition_id, token in tokens.items()
    ]
    insert_new(tx.connection, invitation, rows)


def invited_to(tx: Reading, survey_id: UUID) -> list[UUID]:
    """Petitions whose petitioners were invited and still agree to be asked."""
    found = (
        select(petition.c.id, petition.c.consents)
        .join(invitation, invitation.c.petition_id == petition.c.id)
        .where(invitation.c.survey_id == survey_id)
        .order_by(petition.c.id)
    )
    return [row.id for row in tx.connection.execute(found) if "survey" in row.consents]


def survey_by_token(tx: Reading, token_hash: bytes) -> tuple[Survey, bool] | None:
    found = (
        select(survey, invitation.c.is_spent)
        .join(invitation, invitation.c.survey_id == survey.c.id)
        .where(invitation.c.token_hash == token_hash)
    )
    row = tx.connection.execute(found).one_or_none()
    return None if row is None else (_survey(row), row.is_spent)


def spend_invitation(tx: Transaction, token_hash: bytes, *, is_spent: bool = True) -> bool:
    """False when it was used before. `is_spent` False gives it back, where its answer could not be kept."""
    free = (invitation.c.token_hash == token_hash) & invitation.c.is_spent.is_(not is_spent)
    return tx.connection.execute(update(invitation).where(free).values(is_spent=is_spent)).rowcount == 1


def invitation_of(tx: Reading, token_hash: bytes) -> tuple[UUID, UUID] | None:
    """Round and petition of an invitation."""
    found = select(invitation.c.survey_id, invitation.c.petition_id).where(invitation.c.token_hash == token_hash)
    row = tx.connection.execute(found).one_or_none()
    return None if row is None else (row.survey_id, row.petition_id)


def withdraw_willingness(tx: Transaction, petition_id: UUID) -> list[UUID]:
    """The petitions of this person that agreed to surveys: they agree no more."""
    kept = select(petition.c.id, petition.c.email, petition.c.phone, petition.c.consents)
    own = tx.connection.execute(kept.where(petition.c.id == petition_id)).one()
    by_mail = func.lower(petition.c.email) == (own.email or "").lower()
    is_same = by_mail if own.email else petition.c.phone == own.phone
    rows = tx.connection.execute(kept.where(is_same).with_for_update()).all()
    agreed = [row for row in rows if "survey" in row.consents]
    for row in agreed:
        left = [one for one in row.consents if one != "survey"]
        tx.connection.execute(update(petition).where(petition.c.id == row.id).values(consents=left))
        tx.changed(row.id)
    return [row.id for row in agreed]


def add_survey_answer(tx: Transaction, answer_id: UUID, *, survey_id: UUID, way: str, entered_by: str | None) -> bool:
    """False when it is there already."""
    row = {"answer_id": answer_id, "survey_id": survey_id, "way": way, "entered_by": entered_by}
    return bool(insert_new(tx.connection, survey_answer, [row]))


def has_survey_answer(tx: Reading, answer_id: UUID) -> bool:
    found = select(survey_answer.c.way).where(survey_answer.c.answer_id == answer_id)
    return tx.connection.execute(found).first() is not None


# ---- sessions of reception and dialogue

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


# ---- drafts on which people may comment

_DRAFT = tuple(field.name for field in fields(Consultation))
LISTED = 100


def _consultation(row: Any) -> Consultation:
    values = {name: row._mapping[name] for name in _DRAFT}
    document = values["document"]
    return Consultation(**values | {"document": document and msgspec.convert(document, Attachment)})


def add_consultation(tx: Transaction, opened: Consultation) -> None:
    insert_new(tx.connection, consultation, [vars(opened) | {"document": msgspec.to_builtins(opened.document)}])


def close_consultation(
    tx: Transaction, consultation_id: UUID, *, closed_on: date, answers_due_on: date, reason: str | None
) -> None:
    values = {"closed_on": closed_on, "answers_due_on": answers_due_on, "reason": reason}
    tx.connection.execute(update(consultation).where(consultation.c.id == consultation_id).values(**values))


def consultation_of(tx: Reading, consultation_id: UUID) -> Consultation | None:
    row = tx.connection.execute(select(consultation).where(consultation.c.id == consultation_id)).one_or_none()
    return None if row is None else _consultation(row)


def consultation_by_number(tx: Reading, number: int) -> Consultation | None:
    row = tx.connection.execute(select(consultation).where(consultation.c.number == number)).one_or_none()
    return None if row is None else _consultation(row)


def consultations(tx: Reading) -> list[Consultation]:
    """The newest, the one that ends first standing first."""
    newest = select(consultation).order_by(consultation.c.closes_on.desc(), consultation.c.number.desc()).limit(LISTED)
    return [_consultation(row) for row in reversed(tx.connection.execute(newest).all())]


def publish_answer(tx: Transaction, answered: PublicAnswer) -> None:
    """What everybody may read of an answer; a later one takes the place of the one before."""
    upsert_many(tx.connection, public_answer, [vars(answered)])


def public_answers(tx: Reading, consultation_id: UUID) -> list[PublicAnswer]:
    """In the order in which they were given."""
    found = select(public_answer).where(public_answer.c.consultation_id == consultation_id)
    rows = tx.connection.execute(found.order_by(public_answer.c.answered_at, public_answer.c.petition_id))
    return [PublicAnswer(**row._mapping) for row in rows]


def count_comments(tx: Reading, consultation_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many comments came in on each draft that has any."""
    found = select(petition.c.consultation_id, func.count().label("many")).group_by(petition.c.consultation_id)
    rows = tx.connection.execute(found.where(petition.c.consultation_id.in_(padded(consultation_ids))))
    return {row.consultation_id: row.many for row in rows} if consultation_ids else {}


# ---- documents that were published over files

published_document = Table(
    "published_document",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("valid_from", Date, nullable=False),
    Column("text", Text, nullable=False),
)


def keep_document(tx: Transaction, *, name: str, version: int, valid_from: date, text: str) -> None:
    row = {"name": name, "version": version, "valid_from": valid_from, "text": text}
    upsert_many(tx.connection, published_document, [row])


def document_version_on(tx: Reading, name: str, day: date) -> int:
    """The newest publication under a name that holds on a day; 0 where the file does."""
    found = select(func.max(published_document.c.version)).where(
        published_document.c.name == name, published_document.c.valid_from <= day
    )
    return tx.connection.execute(found).scalar() or 0


def document_text(tx: Reading, name: str, version: int) -> str:
    found = select(published_document.c.text).where(
        published_document.c.name == name, published_document.c.version == version
    )
    return str(tx.connection.execute(found).scalar_one())
