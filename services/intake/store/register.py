"""The public register with its index of words, and who follows a case of it."""

from collections.abc import Collection
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Row,
    Select,
    String,
    Table,
    Text,
    Uuid,
    and_,
    bindparam,
    delete,
    exists,
    false,
    func,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy import text as sql_text

from services.intake.domain.register import Follower, PublicCase, PublicPhoto, once_each
from services.intake.store.tables import metadata
from shared.db import Instant, Reading, Transaction, insert_new
from shared.sql import padded, upsert_many
from shared.text import fold, words

_word = String(40).with_variant(String(40, collation="C"), "postgresql")  # compared byte by byte: prefixes are ranges

public_case = Table(
    "public_case",  # as the desk published it; of what was taken down only why
    metadata,
    Column("case_id", Uuid, primary_key=True),
    Column("petition_id", Uuid, nullable=False),
    Column("number", String(16), nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    Column("topic", String(16)),
    Column("ward", String(40)),
    Column("unit", String(16), nullable=False),
    Column("received_on", Date, nullable=False),
    Column("due_on", Date),
    Column("answered_on", Date),
    Column("is_on_time", Boolean),
    Column("is_open", Boolean, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("answer", Text),
    Column("late_reason", Text),
    Column("place", Text),
    Column("lat", Float),
    Column("lng", Float),
    Column("photos", JSON, nullable=False),
    Column("published_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("reason", String(24)),
    Column("withdrawn_at", Instant),
    Column("requested_at", Instant, nullable=False),  # when the day of its receipt began
    Index("public_case_requests", "requested_at", "number"),
    Index("public_case_list", "received_on", "number"),
    Index("public_case_by_topic", "topic", "received_on", "number"),
    Index("public_case_by_ward", "ward", "received_on", "number"),
    Index("public_case_by_state", "is_open", "received_on", "number"),
    Index(
        "public_case_near",
        "topic",
        "lat",
        "received_on",
        postgresql_where=sql_text("is_open"),
        sqlite_where=sql_text("is_open"),
    ),
    Index(
        "public_case_in_ward",
        "topic",
        "ward",
        "received_on",
        postgresql_where=sql_text("is_open"),
        sqlite_where=sql_text("is_open"),
    ),
)

public_word = Table(
    "public_word",  # the words of the register, folded, each once a case
    metadata,
    Column("case_id", ForeignKey("public_case.case_id"), primary_key=True),
    Column("word", _word, primary_key=True),
    Index("public_word_where", "word", "case_id"),
)

follower = Table(
    "follower",  # addresses go when somebody follows no longer
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", ForeignKey("public_case.case_id"), nullable=False, index=True),
    Column("once", String(120), nullable=False, unique=True),
    Column("code", String(9), nullable=False, unique=True),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("digits_check", LargeBinary, nullable=False),
    Column("language", String(8), nullable=False),
    Column("email", Text),
    Column("mobile", String(20)),
    Column("since", Instant, nullable=False),
    Column("left_at", Instant),
)

heir = Table(
    "public_heir",  # cases that go on with the matter of one that was taken down: who followed it follows them
    metadata,
    Column("case_id", ForeignKey("public_case.case_id"), primary_key=True),
    Column("heir_id", Uuid, primary_key=True),  # perhaps not public, or not yet
    Index("public_heir_of", "heir_id"),
)

_NAMES = tuple(one.name for one in fields(PublicCase))
PUBLIC_CASE = tuple(public_case.c[name] for name in _NAMES)
_CASES = select(*PUBLIC_CASE)
LONGEST_WORD = 40
MOST_WORDS = 6
CANDIDATES = 60


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What of the register is asked for."""

    words: str = ""
    topic: str = ""
    ward: str = ""
    is_open: bool | None = None
    after: tuple[date, str] | None = None  # received_on and number of the last one before
    year: int | None = None


# ---- keeping


def keep_public_case(tx: Transaction, new: PublicCase) -> None:
    row = asdict(new) | {"photos": [{"id": str(one.id), "shows": one.shows} for one in new.photos]}
    row["requested_at"] = new.requested_at
    upsert_many(tx.connection, public_case, [row])
    _index(tx, new.case_id, _findable(new))


def _findable(one: PublicCase) -> str:
    return " ".join(filter(None, (one.number, one.title, one.text, one.answer, one.place)))


def _index(tx: Transaction, case_id: UUID, text: str) -> None:
    tx.connection.execute(delete(public_word).where(public_word.c.case_id == case_id))
    found = {word[:LONGEST_WORD] for word in words(fold(text))}
    if found:
        insert_new(tx.connection, public_word, [{"case_id": case_id, "word": word} for word in sorted(found)])


def empty_public_case(tx: Transaction, case_id: UUID, *, reason: str, at: datetime) -> None:
    """It was taken down: why stays, what it said goes."""
    gone: dict[str, Any] = {"title": "", "text": ""}
    gone |= {"answer": None, "late_reason": None, "place": None, "lat": None, "lng": None}
    gone |= {"photos": [], "topic": None, "ward": None, "is_open": False, "reason": reason, "withdrawn_at": at}
    gone |= {"updated_at": at}
    tx.connection.execute(update(public_case).where(public_case.c.case_id == case_id).values(gone))
    _index(tx, case_id, "")


def public_among(tx: Reading, cases: Collection[UUID]) -> set[UUID]:
    """Those of these cases that everybody may read: one statement however many are asked about."""
    return set(tx.connection.execute(_PUBLIC_AMONG, {"ids": padded(cases)}).scalars()) if cases else set()


_PUBLIC_AMONG = select(public_case.c.case_id).where(
    public_case.c.case_id.in_(bindparam("ids", expanding=True)), public_case.c.reason.is_(None)
)


def move_public_case(tx: Transaction, case_id: UUID, **known: Any) -> None:
    """Keep what became known of a public case; what it says no more is not found by its words either."""
    tx.connection.execute(update(public_case).where(public_case.c.case_id == case_id).values(**known))
    if "answer" in known and (moved := public_case_of(tx, case_id)):
        _index(tx, case_id, _findable(moved))


# ---- finding


def public_case_by_number(tx: Reading, number: str) -> PublicCase | None:
    row = tx.connection.execute(_CASES.where(public_case.c.number == number)).one_or_none()
    return None if row is None else public_case_in(row)


def public_case_of(tx: Reading, case_id: UUID) -> PublicCase | None:
    row = tx.connection.execute(_CASES.where(public_case.c.case_id == case_id)).one_or_none()
    return None if row is None else public_case_in(row)


def public_cases(tx: Reading, wanted: Wanted, *, most: int) -> list[PublicCase]:
    """Cases of the register, the newest first; `words` without accents, each of them begins a word of it."""
    found = _narrowed(_CASES, wanted)
    if wanted.after is not None:
        found = found.where(tuple_(public_case.c.received_on, public_case.c.number) < tuple_(*wanted.after))
    found = found.order_by(public_case.c.received_on.desc(), public_case.c.number.desc()).limit(most)
    return [public_case_in(row) for row in tx.connection.execute(found)]


def _narrowed(found: Select[Any], wanted: Wanted) -> Select[Any]:
    found = found.where(public_case.c.reason.is_(None))
    for word in words(fold(wanted.words))[:MOST_WORDS]:
        begins = word[:LONGEST_WORD]
        after = begins[:-1] + chr(ord(begins[-1]) + 1)
        there = (public_word.c.case_id == public_case.c.case_id) & (public_word.c.word >= begins)
        found = found.where(exists().where(there, public_word.c.word < after))
    if wanted.topic:
        found = found.where(public_case.c.topic == wanted.topic)
    if wanted.ward:
        found = found.where(public_case.c.ward == wanted.ward)
    if wanted.is_open is not None:
        found = found.where(public_case.c.is_open.is_(wanted.is_open))
    if wanted.year is not None:
        first, last = date(wanted.year, 1, 1), date(wanted.year, 12, 31)
        found = found.where(public_case.c.received_on.between(first, last))
    return found


def public_cases_near(
    tx: Reading, topics: Collection[str], *, since: date, here: tuple[float, float] | None, ward: str | None
) -> list[PublicCase]:
    """Open public cases of these topics around a place or in a ward, the newest; a bounded number whatever there is."""
    is_meant = public_case.c.is_open & public_case.c.topic.in_(topics) & (public_case.c.received_on >= since)
    newest = _CASES.where(is_meant).order_by(public_case.c.received_on.desc()).limit(CANDIDATES)
    found: dict[UUID, PublicCase] = {}
    if here is not None:
        span = 0.004  # degrees: about 400 m
        box = and_(
            public_case.c.lat.between(here[0] - span, here[0] + span),
            public_case.c.lng.between(here[1] - span, here[1] + span),
        )
        found |= {row.case_id: public_case_in(row) for row in tx.connection.execute(newest.where(box))}
    in_ward = newest.where(public_case.c.ward == ward) if ward else newest
    found |= {row.case_id: public_case_in(row) for row in tx.connection.execute(in_ward)}
    return [*found.values()]


@dataclass(frozen=True)
class WardCount:
    """How many cases of a ward are public, and where on average they are."""

    ward: str
    count: int
    waiting: int
    lat: float | None
    lng: float | None


def public_by_ward(tx: Reading) -> list[WardCount]:
    is_waiting = func.sum(func.cast(public_case.c.is_open, Integer))
    found = (
        select(public_case.c.ward, func.count(), is_waiting, func.avg(public_case.c.lat), func.avg(public_case.c.lng))
        .where(public_case.c.reason.is_(None), public_case.c.ward.is_not(None))
        .group_by(public_case.c.ward)
        .order_by(func.count().desc(), public_case.c.ward)
    )
    return [WardCount(*row) for row in tx.connection.execute(found)]


@dataclass(frozen=True)
class RegisterFigures:
    """What the register says of itself in three numbers."""

    public: int
    answered: int
    on_time: int


def register_figures(tx: Reading) -> RegisterFigures:
    on_time = func.sum(func.cast(func.coalesce(public_case.c.is_on_time, False), Integer))
    found = select(func.count(), func.count(public_case.c.answered_on), on_time).where(public_case.c.reason.is_(None))
    public, answered, kept = tx.connection.execute(found).one()
    return RegisterFigures(public, answered, kept or 0)


def public_case_in(row: Row[Any]) -> PublicCase:
    """The public case that a row holds, by the names of its columns."""
    known = row._mapping
    photos = tuple(PublicPhoto(UUID(one["id"]), one["shows"]) for one in known["photos"])
    return PublicCase(**{name: known[name] for name in _NAMES} | {"photos": photos})


# ---- who follows

_FOLLOWERS = select(*(follower.c[one.name] for one in fields(Follower)))


def add_follower(tx: Transaction, new: Follower, *, petition_id: UUID) -> bool:
    """False when its idempotency key, or by chance its code, is taken."""
    if not insert_new(tx.connection, follower, [vars(new)]):
        return False
    tx.changed(petition_id)
    return True


def follower_by_once(tx: Reading, once: str) -> Follower | None:
    return _one_follower(tx, follower.c.once == once)


def follower_by_token(tx: Reading, token_hash: bytes) -> Follower | None:
    return _one_follower(tx, follower.c.token_hash == token_hash)


def follower_by_code(tx: Reading, code: str) -> Follower | None:
    return _one_follower(tx, follower.c.code == code)


def _one_follower(tx: Reading, is_wanted: Any) -> Follower | None:
    row = tx.connection.execute(_FOLLOWERS.where(is_wanted)).one_or_none()
    return None if row is None else Follower(**row._mapping)


def followers_of(tx: Reading, case_id: UUID) -> list[Follower]:
    """Those who follow now, each address once: those of the case itself, then those of cases that it goes on with."""
    is_of_another = follower.c.case_id != case_id
    found = _FOLLOWERS.where(_follows(case_id)).order_by(is_of_another, follower.c.since, follower.c.id)
    return once_each(Follower(**row._mapping) for row in tx.connection.execute(found))


def _follows(case_id: UUID) -> ColumnElement[bool]:
    before = select(heir.c.case_id).where(heir.c.heir_id == case_id)
    return or_(follower.c.case_id == case_id, follower.c.case_id.in_(before)) & follower.c.left_at.is_(None)


def is_following(tx: Reading, case_id: UUID, *, email: str | None = None, mobile: str | None = None) -> bool:
    """Whether this address is told of this case already."""
    here = select(follower.c.id).where(_follows(case_id), _is_told_at(email, mobile))
    return tx.connection.execute(here.limit(1)).first() is not None


def followers_told_at(tx: Reading, cases: Collection[UUID], *, email: str | None, mobile: str | None) -> list[Follower]:
    """Those who follow one of these cases now and are told of it at one of these addresses."""
    here = or_(*(_follows(one) for one in cases))
    found = _FOLLOWERS.where(here, _is_told_at(email, mobile)).order_by(follower.c.since, follower.c.id)
    return [Follower(**row._mapping) for row in tx.connection.execute(found)]


def _is_told_at(email: str | None, mobile: str | None) -> ColumnElement[bool]:
    by_email = func.lower(follower.c.email) == email.lower() if email is not None else false()
    by_mobile = follower.c.mobile == mobile if mobile is not None else false()
    return or_(by_email, by_mobile)


def count_followers(tx: Reading, case_id: UUID) -> int:
    """How many follow it, each address once."""
    if not is_heir(tx, case_id):
        found = select(func.count()).where(follower.c.case_id == case_id, follower.c.left_at.is_(None))
        return int(tx.connection.execute(found).scalar_one())
    return len(followers_of(tx, case_id))


def drop_follower(tx: Transaction, follower_id: UUID, *, petition_id: UUID) -> bool:
    """They follow no longer: their address goes. False when that was done before."""
    theirs = (follower.c.id == follower_id) & follower.c.left_at.is_(None)
    gone = {"left_at": tx.now, "email": None, "mobile": None}
    if tx.connection.execute(update(follower).where(theirs).values(gone)).rowcount != 1:
        return False
    tx.changed(petition_id)
    return True


def let_followers_go(tx: Transaction, case_id: UUID) -> None:
    """There is nothing to follow any more: every address goes, of those too who came from another case that nothing
    else goes on with."""
    tx.connection.execute(delete(heir).where(heir.c.case_id == case_id))
    others = heir.alias("other")
    has_another = exists().where(others.c.case_id == heir.c.case_id, others.c.heir_id != case_id)
    orphans = select(heir.c.case_id).where(heir.c.heir_id == case_id, ~has_another)
    of_these = or_(follower.c.case_id == case_id, follower.c.case_id.in_(orphans))
    theirs = of_these & follower.c.left_at.is_(None)
    tx.connection.execute(update(follower).where(theirs).values(left_at=tx.now, email=None, mobile=None))
    tx.connection.execute(delete(heir).where(heir.c.heir_id == case_id))


def last_heirs(tx: Reading, case_id: UUID, heirs: Collection[UUID]) -> list[UUID]:
    """The cases that go on with the matter of this one now: an heir that was taken down before, though later, has heirs
    of its own."""
    found = select(heir.c.case_id, heir.c.heir_id).where(heir.c.case_id.in_(list(heirs)), heir.c.heir_id != case_id)
    later: dict[UUID, list[UUID]] = {}
    for before, after in tx.connection.execute(found.order_by(heir.c.heir_id)):
        later.setdefault(before, []).append(after)
    return [*dict.fromkeys(last for each in heirs for last in later.get(each, [each]))]


def keep_heirs(tx: Transaction, case_id: UUID, heirs: Collection[UUID]) -> None:
    """Other cases go on with the matter of this one, and of those that it went on with itself."""
    before = tx.connection.execute(select(heir.c.case_id).where(heir.c.heir_id == case_id)).scalars()
    whose = [case_id, *before]
    tx.connection.execute(delete(heir).where(or_(heir.c.heir_id == case_id, heir.c.case_id == case_id)))
    insert_new(
        tx.connection, heir, [{"case_id": one, "heir_id": each} for one in whose for each in heirs if one != each]
    )


def forget_heirs(tx: Transaction, case_id: UUID) -> None:
    """This case stands by itself again."""
    tx.connection.execute(delete(heir).where(heir.c.case_id == case_id))


def is_heir(tx: Reading, case_id: UUID) -> bool:
    """Whether it goes on with the matter of another case that was public."""
    return tx.connection.execute(select(heir.c.case_id).where(heir.c.heir_id == case_id).limit(1)).first() is not None


def has_heirs(tx: Reading, case_id: UUID) -> bool:
    return tx.connection.execute(select(heir.c.heir_id).where(heir.c.case_id == case_id).limit(1)).first() is not None


def public_heirs(tx: Reading, case_id: UUID) -> list[PublicCase]:
    """The public cases that go on with the matter of one that was taken down."""
    found = _CASES.join(heir, heir.c.heir_id == public_case.c.case_id)
    found = found.where(heir.c.case_id == case_id, public_case.c.reason.is_(None)).order_by(public_case.c.number)
    return [public_case_in(row) for row in tx.connection.execute(found)]


def forget_followers(tx: Transaction, *, over_before: datetime) -> int:
    """Addresses go of cases that were over before this instant and can hardly be opened again; how many."""
    theirs = follower.c.left_at.is_(None) & follower.c.case_id.in_(_over(over_before))
    return tx.connection.execute(
        update(follower).where(theirs).values(left_at=tx.now, email=None, mobile=None)
    ).rowcount


def has_old_followers(tx: Reading, *, over_before: datetime) -> bool:
    found = select(follower.c.id).where(follower.c.left_at.is_(None), follower.c.case_id.in_(_over(over_before)))
    return tx.connection.execute(found.limit(1)).first() is not None


def _over(before: datetime) -> Select[Any]:
    then = public_case.alias("then")
    goes_on = then.c.reason.is_(None) & (then.c.is_open | (then.c.updated_at >= before))
    is_followed_on = exists().where(heir.c.case_id == public_case.c.case_id, heir.c.heir_id == then.c.case_id, goes_on)
    is_over = public_case.c.is_open.is_(False) & (public_case.c.updated_at < before)
    return select(public_case.c.case_id).where(is_over, ~is_followed_on)
