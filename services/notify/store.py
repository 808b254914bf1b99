"""What the postman keeps: whom to tell and where (erasable), one row per notice, one per attempt.

The bytes of a message are not kept: they follow from the notice, its text's version and the contact, and their hash
shows it. The price is that a retry builds them again; the gain, that no copy of anybody's letter lies about.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    Date,
    Index,
    Integer,
    MetaData,
    Row,
    Select,
    String,
    Table,
    Text,
    Uuid,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
    text,
)

from services.notify.domain.notice import BY_LINK, FINAL, PETITIONER, UNSENT, Contact, Notice, Petition
from services.notify.domain.outcome import Breaker, Outcome
from shared.db import Instant, Reading, Transaction
from shared.sql import insert_new, padded, update_many, upsert_many

metadata = MetaData()

petition = Table(
    "petition",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("public_code", String(32)),
    Column("language", String(8)),
    Column("is_discreet", Boolean, nullable=False, default=False),
    Column("excluded", JSON, nullable=False, default=list),  # units and pseudonyms that must not hear of it
    Column("filed_event", Uuid),
    Column("filed_at", Instant),
    Column("filed_facts", JSON),
    Column("correlation", String(64)),
)
case_end = Table(
    "case_end",
    metadata,
    Column("case_id", Uuid, primary_key=True),  # of one petition there may be several cases
    Column("answered_at", Instant),
    Column("closed_at", Instant),
)
outsider = Table(
    "outsider",
    metadata,
    Column("recipient", String(64), primary_key=True),  # "x:…", one for each question; "g:…", one for each guest
    Column("petition_id", Uuid, nullable=False),
    Column("language", String(8), nullable=False),
    Column("name", String(200)),
    Column("email", String(320)),
    Column("mobile", String(20)),  # E.164, of a guest who agreed to SMS
    Column("link_token", String(64)),
    Column("expires_on", Date, nullable=False),  # forgotten once that day has passed
)
contact_point = Table(
    "contact_point",
    metadata,
    Column("petition_id", Uuid, primary_key=True),
    Column("language", String(8), nullable=False),
    Column("email", String(320)),
    Column("mobile", String(20)),  # E.164
    Column("name", String(200)),
    Column("code", String(32)),
    Column("link_token", String(64)),
    Column("email_refused_at", Instant),  # the provider said that there is no such address
    Column("mobile_refused_at", Instant),
    Column("given_at", Instant, nullable=False),
    Column("declined", JSON, nullable=False, server_default="[]"),  # sorts of notices that they do not want
)
staff = Table(
    "staff",
    metadata,
    Column("person", String(64), primary_key=True),  # pseudonym, "u:…"
    Column("unit", String(32), nullable=False),
    Column("role", String(16), nullable=False),
    Column("name", String(200)),
    Column("email", String(320)),
    Column("is_active", Boolean, nullable=False),
)
notice = Table(
    "notice",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("petition_id", Uuid, nullable=False),
    Column("case_id", Uuid),
    Column("event_id", Uuid, nullable=False),
    Column("event_type", String(64), nullable=False),
    Column("source", String(16), nullable=False),
    Column("correlation", String(64), nullable=False),
    Column("rule", String(64), nullable=False),
    Column("audience", String(16), nullable=False),
    Column("recipient", String(64), nullable=False),
    Column("channel", String(8), nullable=False),
    Column("purpose", String(32), nullable=False),
    Column("version", Integer, nullable=False),
    Column("lane", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("valid_until", Instant, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("facts", JSON, nullable=False),  # emptied by an erasure
    Column("state", String(12), nullable=False),
    Column("attempt_no", Integer, nullable=False),
    Column("fence", Integer, nullable=False),  # rises with each lease: who holds an old one may not write
    Column("lease_owner", String(64)),
    Column("lease_until", Instant),
    Column("unclear_since", Instant),
    Column("is_possible_duplicate", Boolean, nullable=False),
    Column("prepared_at", Instant),
    Column("prepared_sha256", String(64)),
    Column("units", Integer, nullable=False),
    Column("provider_ref", String(64), nullable=False),
    Column("error_class", String(24), nullable=False),
    Column("error_code", String(64), nullable=False),
    Column("final_at", Instant),
    Index("notice_petition", "petition_id"),
)
_DUE = "state IN ('queued', 'retry')"
_HELD = "state IN ('leased', 'dispatching', 'unknown', 'waiting')"
Index(
    "notice_due",
    notice.c.channel,
    notice.c.lane,
    notice.c.next_at,
    notice.c.id,
    postgresql_where=text(_DUE),
    sqlite_where=text(_DUE),
)
Index("notice_held", notice.c.state, postgresql_where=text(_HELD), sqlite_where=text(_HELD))
Index(
    "notice_trouble",
    notice.c.created_at,
    postgresql_where=text("state IN ('failed', 'unknown')"),
    sqlite_where=text("state IN ('failed', 'unknown')"),
)
attempt = Table(
    "attempt",
    metadata,
    Column("notice_id", Uuid, primary_key=True),
    Column("fence", Integer, primary_key=True),
    Column("no", Integer, nullable=False),
    Column("provider", String(64), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant, nullable=False),
    Column("phase", String(16), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("code", String(64), nullable=False),
    Column("enhanced", String(16), nullable=False),
    Column("diagnostic", Text, nullable=False),  # the provider's words, without addresses
)
provider_state = Table(
    "provider_state",
    metadata,
    Column("provider", String(64), primary_key=True),
    Column("is_open", Boolean, nullable=False),
    Column("until", Instant),
    Column("trips", Integer, nullable=False),
    Column("errors_in_row", Integer, nullable=False),
    Column("window_at", Instant),
    Column("tried", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("reason", String(64), nullable=False),
)

_ONE: ColumnElement[int] = literal_column("1")
_CHANGING = (
    "id", "state", "next_at", "attempt_no", "fence", "unclear_since", "is_possible_duplicate", "provider_ref",
    "error_class", "error_code", "final_at",
)  # fmt: skip
_LEASING = ("id", "state", "fence", "prepared_at", "prepared_sha256", "units")
_OF_NOBODY = {"lease_owner": None, "lease_until": None}
_COLUMNS = [c for c in notice.columns if c.name not in {"lease_owner", "lease_until"}]
_NOTICE = tuple(c.name for c in _COLUMNS)


# ---- petitions, contacts, staff


_UNTOLD: Mapping[str, Any] = {"is_discreet": False, "excluded": []}


def remember(tx: Transaction, petitions: Mapping[UUID, Mapping[str, Any]]) -> None:
    """Keep what was heard of petitions, the same things of each, whichever of its events came first."""
    upsert_many(
        tx.connection,
        petition,
        [{"id": petition_id, **_UNTOLD, **told} for petition_id, told in petitions.items()],
        keeping=[name for name in _UNTOLD if not any(name in told for told in petitions.values())],
    )


_PETITIONS: Select[Any] = select(petition).where(petition.c.id.in_(bindparam("ids", expanding=True)))


def petitions_of(tx: Reading, ids: Collection[UUID]) -> dict[UUID, Petition]:
    """What we know of these petitions: nothing yet of one whose first event has still to come."""
    rows = tx.connection.execute(_PETITIONS, {"ids": padded(ids)}) if ids else ()
    return {petition_id: Petition(id=petition_id) for petition_id in ids} | {row.id: _petition(row) for row in rows}


_FILINGS: Select[Any] = select(
    petition.c.id,
    petition.c.filed_event,
    petition.c.filed_at,
    petition.c.filed_facts,
    petition.c.correlation,
    exists()
    .where(notice.c.petition_id == petition.c.id, notice.c.state == literal_column("'waiting'"))
    .label("has_waiting"),
).where(petition.c.id.in_(bindparam("ids", expanding=True)))


def filings_of(tx: Reading, ids: Collection[UUID]) -> Sequence[Row[Any]]:
    """How those of these petitions that we know were filed: id, filed_event, filed_at, filed_facts, correlation.

    has_waiting: notices of it wait for a contact.
    """
    return tx.connection.execute(_FILINGS, {"ids": padded(ids)}).all() if ids else ()


def keep_contacts(tx: Transaction, contacts: Mapping[UUID, Contact]) -> None:
    """Where petitioners may be told from now on; it replaces what was said before."""
    upsert_many(
        tx.connection,
        contact_point,
        [
            {
                "petition_id": petition_id,
                "language": contact.language,
                "email": contact.email,
                "mobile": contact.mobile,
                "name": contact.name,
                "code": contact.code,
                "link_token": contact.link_token,
                "email_refused_at": None,
                "mobile_refused_at": None,
                "given_at": tx.now,
                "declined": list(contact.declined),
            }
            for petition_id, contact in contacts.items()
        ],
    )


def contacts_of(tx: Reading, ids: Collection[UUID]) -> dict[UUID, Contact]:
    """Where petitioners are told, of those petitions for which we were told any address."""
    rows = tx.connection.execute(select(contact_point).where(contact_point.c.petition_id.in_(ids))) if ids else ()
    return {
        row.petition_id: Contact(
            language=row.language,
            email=row.email,
            mobile=row.mobile,
            name=row.name,
            code=row.code,
            link_token=row.link_token,
            declined=tuple(row.declined or ()),
        )
        for row in rows
    }


_USABLE: Select[Any] = select(
    contact_point.c.petition_id,
    (contact_point.c.email.is_not(None) & contact_point.c.email_refused_at.is_(None)).label("has_email"),
    (contact_point.c.mobile.is_not(None) & contact_point.c.mobile_refused_at.is_(None)).label("has_mobile"),
).where(contact_point.c.petition_id.in_(bindparam("ids", expanding=True)))


def usable_channels(tx: Reading, ids: Collection[UUID]) -> dict[UUID, tuple[str, ...]]:
    """By which channels the petitioners can be reached, of those petitions for which we were told any address."""
    rows = tx.connection.execute(_USABLE, {"ids": padded(ids)}) if ids else ()
    return {
        row.petition_id: (("email",) if row.has_email else ()) + (("sms",) if row.has_mobile else ()) for row in rows
    }


def refuse_address(tx: Transaction, petition_id: UUID, channel: str) -> None:
    """The provider says that there is no such address: it is not tried again until another one is given."""
    column = "email_refused_at" if channel == "email" else "mobile_refused_at"
    tx.connection.execute(
        contact_point.update().where(contact_point.c.petition_id == petition_id).values({column: tx.now})
    )


def erase_person(tx: Transaction, petition_id: UUID) -> None:
    """Forget the petitioner: addresses, name and the words of notices go; ids and outcomes stay."""
    here = contact_point.c.petition_id == petition_id
    left = (outsider.c.petition_id == petition_id) & outsider.c.recipient.startswith("o:")
    known = [
        *tx.connection.execute(select(contact_point.c.email, contact_point.c.mobile).where(here)),
        *tx.connection.execute(select(outsider.c.email, outsider.c.mobile).where(left)),  # of before
    ]
    at_them = outsider.c.email.in_({row.email for row in known} - {None}) | outsider.c.mobile.in_(
        {row.mobile for row in known} - {None}
    )
    listed = outsider.c.recipient.startswith("l:") & at_them
    tx.connection.execute(outsider.delete().where(left | listed))
    tx.connection.execute(contact_point.delete().where(here))
    tx.connection.execute(
        notice.update().where(notice.c.petition_id == petition_id, notice.c.audience == PETITIONER).values(facts={})
    )


def erase_guests(tx: Transaction, guests: Collection[UUID]) -> None:
    """Forget where guests of sessions were told, and the words of what they were sent."""
    theirs = outsider.c.petition_id.in_(list(guests)) & outsider.c.recipient.startswith("g:")
    tx.connection.execute(outsider.delete().where(theirs))
    sent = notice.c.petition_id.in_(list(guests)) & notice.c.recipient.startswith("g:")
    tx.connection.execute(notice.update().where(sent).values(facts={}))


def forget_filing(tx: Transaction, petition_id: UUID) -> None:
    """Forget what the receipt said."""
    tx.connection.execute(petition.update().where(petition.c.id == petition_id).values(filed_facts={}))


def keep_ends(tx: Transaction, ends: Mapping[UUID, Mapping[str, datetime | None]]) -> None:
    """When cases were answered, or closed, or that they are neither any more: the same of each."""
    upsert_many(tx.connection, case_end, [{"case_id": case_id, **told} for case_id, told in ends.items()])


def keep_outsiders(tx: Transaction, asked: Sequence[Mapping[str, Any]], *, today: date) -> None:
    """Where people outside, and guests of sessions, are told; those whose day has passed are forgotten."""
    tx.connection.execute(outsider.delete().where(outsider.c.expires_on < today))
    upsert_many(tx.connection, outsider, asked)


def forget_outsiders(tx: Transaction, recipients: Collection[str]) -> None:
    """Nothing more is sent to them: name, address and link go."""
    tx.connection.execute(outsider.delete().where(outsider.c.recipient.in_(recipients)))


def keep_staff(tx: Transaction, people: Sequence[Mapping[str, Any]]) -> None:
    """Where members of staff are told: person, unit, role, name, email, is_active."""
    upsert_many(tx.connection, staff, people)


_UNITS: Select[Any] = select(staff.c.person, staff.c.unit).where(
    staff.c.person.in_(bindparam("people", expanding=True))
)


def units_of(tx: Reading, people: Collection[str]) -> dict[str, str]:
    """The unit of each of these people, as far as we have heard of them."""
    rows = tx.connection.execute(_UNITS, {"people": padded(people)}) if people else ()
    return {row.person: row.unit for row in rows}


# ---- notices


def add_notices(tx: Transaction, notices: Sequence[Notice]) -> None:
    """Keep new notices; those that are there stay as they are."""
    insert_new(tx.connection, notice, [_values(n, _NOTICE) for n in notices])


_PENDING: Select[Any] = (
    select(*_COLUMNS)
    .where(
        notice.c.petition_id.in_(bindparam("ids", expanding=True)),
        notice.c.state.in_(bindparam("states", expanding=True)),
    )
    .order_by(notice.c.id)
    .with_for_update()
)
_PENDING_FOR = _PENDING.where(notice.c.purpose.in_(bindparam("purposes", expanding=True)))


def pending_of(
    tx: Transaction, petitions: Collection[UUID], *, purposes: Collection[str] = (), states: Collection[str] = UNSENT
) -> list[Notice]:
    """The notices of these petitions that have not begun to leave, held until the end of the transaction."""
    wanted = {"ids": padded(petitions), "states": padded(states)}
    if purposes:
        rows = tx.connection.execute(_PENDING_FOR, wanted | {"purposes": padded(purposes)})
    else:
        rows = tx.connection.execute(_PENDING, wanted)
    return [_notice(row) for row in rows]


def forget(tx: Transaction, ids: Collection[UUID]) -> None:
    """Take away notices that were only waiting and have nobody to go to."""
    tx.connection.execute(notice.delete().where(notice.c.id.in_(ids), notice.c.state == "waiting"))


_CLAIM: Any = (
    select(
        *_COLUMNS,
        petition.c.public_code,
        petition.c.language.label("petition_language"),
        petition.c.is_discreet,
        petition.c.excluded,
        case_end.c.answered_at,
        case_end.c.closed_at,
        contact_point.c.language.label("contact_language"),
        contact_point.c.email,
        contact_point.c.mobile,
        contact_point.c.name,
        contact_point.c.code,
        contact_point.c.link_token,
        contact_point.c.declined,
        staff.c.person,
        staff.c.unit,
        staff.c.email.label("staff_email"),
        staff.c.is_active,
        outsider.c.language.label("outside_language"),
        outsider.c.name.label("outside_name"),
        outsider.c.email.label("outside_email"),
        outsider.c.mobile.label("outside_mobile"),
        outsider.c.link_token.label("outside_token"),
    )
    .select_from(
        notice.outerjoin(petition, petition.c.id == notice.c.petition_id)
        .outerjoin(
            contact_point,
            and_(notice.c.audience == PETITIONER, contact_point.c.petition_id == notice.c.petition_id),
        )
        .outerjoin(staff, staff.c.person == notice.c.recipient)
        .outerjoin(outsider, outsider.c.recipient == notice.c.recipient)
        .outerjoin(case_end, case_end.c.case_id == notice.c.case_id)
    )
    .where(notice.c.channel == bindparam("channel"), text(_DUE), notice.c.next_at <= bindparam("now"))
    .limit(bindparam("most"))
    .order_by(notice.c.lane, notice.c.next_at, notice.c.id)
    .with_for_update(of=notice, skip_locked=True)
)


def claim(tx: Transaction, channel: str, most: int) -> list[tuple[Notice, Petition, Contact | None]]:
    """The notices that are due, by lane and then by time, with what their texts and addresses come from.

    They are held until the end of the transaction; what others hold is passed over.
    """
    rows = tx.connection.execute(_CLAIM, {"channel": channel, "now": tx.now, "most": most}).all()
    return [(_notice(row), _joined_petition(row), _joined_contact(row)) for row in rows]


_LOCK: Select[Any] = (
    select(notice.c.id, notice.c.fence, notice.c.state)
    .where(notice.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(notice.c.id)
    .with_for_update()
)


def lock(tx: Transaction, notices: Collection[Notice]) -> dict[UUID, tuple[int, str]]:
    """The present fence and state of these notices, held until the end of the transaction."""
    rows = tx.connection.execute(_LOCK, {"ids": padded([n.id for n in notices])})
    return {row.id: (row.fence, row.state) for row in rows}


def lease(tx: Transaction, prepared: Sequence[Notice], *, owner: str, until: datetime) -> None:
    """Write that these notices are prepared and this owner's for so long."""
    held = {"lease_owner": owner, "lease_until": until}
    update_many(tx.connection, notice, "id", [_values(n, _LEASING) | held for n in prepared])


def save(tx: Transaction, notices: Sequence[Notice]) -> None:
    """Write what became of notices; nobody holds them any more. One at its end must be told in this transaction."""
    update_many(tx.connection, notice, "id", [_values(n, _CHANGING) | _OF_NOBODY for n in notices])
    for n in notices:
        if n.state in FINAL:
            tx.changed(n.petition_id)


_MARK: Any = (
    notice.update()
    .where(
        notice.c.id == bindparam("the_id"),
        notice.c.fence == bindparam("the_fence"),
        notice.c.state == literal_column("'leased'"),
    )
    .values(state="dispatching", lease_owner=bindparam("owner"), lease_until=bindparam("until"))
)


def mark_leaving(tx: Transaction, leased: Notice, *, owner: str, until: datetime) -> bool:
    """Mark a leased notice as leaving. False: the lease is not ours any more."""
    marked = tx.connection.execute(
        _MARK, {"the_id": leased.id, "the_fence": leased.fence, "owner": owner, "until": until}
    )
    return bool(marked.rowcount == 1)


def stranded(tx: Transaction, *, owner: str | None, most: int) -> list[Notice]:
    """Notices whose worker is gone: the lease is over or, given the only owner there can be, was somebody else's."""
    gone = notice.c.lease_until <= tx.now
    if owner is not None:
        gone = gone | (notice.c.lease_owner != owner)
    return _held(tx, notice.c.state.in_(("leased", "dispatching")), gone, most=most)


def unclear(tx: Transaction, *, most: int) -> list[Notice]:
    """Notices whose fate is unknown and may be asked for now."""
    return _held(tx, notice.c.state == "unknown", notice.c.next_at <= tx.now, most=most)


def waited_out(tx: Transaction, *, most: int) -> list[Notice]:
    """Notices that waited for a contact long enough."""
    return _held(tx, notice.c.state == "waiting", notice.c.next_at <= tx.now, most=most)


def has_held_due(tx: Reading, *, owner: str | None) -> bool:
    """Whether there is anything for `stranded`, `unclear` or `waited_out` to find."""
    gone = notice.c.lease_until <= tx.now
    if owner is not None:
        gone = gone | (notice.c.lease_owner != owner)
    is_due = or_(
        and_(notice.c.state.in_(("leased", "dispatching")), gone),
        and_(notice.c.state.in_(("unknown", "waiting")), notice.c.next_at <= tx.now),
    )
    ask = select(_ONE).where(text(_HELD), is_due).limit(1)
    return tx.connection.execute(ask).scalar() is not None


def _held(tx: Transaction, *conditions: Any, most: int) -> list[Notice]:
    ask = (
        select(*_COLUMNS)
        .where(text(_HELD), *conditions)
        .order_by(notice.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return [_notice(row) for row in tx.connection.execute(ask)]


def add_attempts(
    tx: Transaction, tried: Iterable[tuple[Notice, Outcome, datetime, datetime]], *, provider: str
) -> None:
    """The ledger of attempts: notice, what came of it, from when to when."""
    insert_new(
        tx.connection,
        attempt,
        [
            {
                "notice_id": n.id,
                "fence": n.fence,
                "no": n.attempt_no,
                "provider": provider,
                "started_at": started_at,
                "ended_at": ended_at,
                "phase": outcome.phase,
                "outcome": outcome.result.value,
                "code": outcome.code[:64],
                "enhanced": outcome.enhanced[:16],
                "diagnostic": outcome.words,
            }
            for n, outcome, started_at, ended_at in tried
        ],
    )


# ---- providers


def breaker_of(tx: Reading, provider: str) -> Breaker:
    row = tx.connection.execute(select(provider_state).where(provider_state.c.provider == provider)).one_or_none()
    if row is None:
        return Breaker()
    return Breaker(**{name: value for name, value in row._mapping.items() if name != "provider"})


def save_breaker(tx: Transaction, provider: str, breaker: Breaker) -> None:
    upsert_many(tx.connection, provider_state, [{"provider": provider} | vars(breaker)])


# ---- the operators' board


def trouble(tx: Reading, *, most: int = 50) -> list[Row[Any]]:
    """Notices that failed or whose fate is unknown, newest first."""
    return list(
        tx.connection.execute(
            select(notice)
            .where(text("state IN ('failed', 'unknown')"))
            .order_by(notice.c.created_at.desc(), notice.c.id)
            .limit(most)
        )
    )


def attempts_of(tx: Reading, ids: Collection[UUID]) -> dict[UUID, list[Row[Any]]]:
    """The attempts of each notice, oldest first."""
    found: dict[UUID, list[Row[Any]]] = {}
    ask = select(attempt).where(attempt.c.notice_id.in_(ids)).order_by(attempt.c.started_at, attempt.c.fence)
    for row in tx.connection.execute(ask):
        found.setdefault(row.notice_id, []).append(row)
    return found


def count_states(tx: Reading) -> list[tuple[str, str, int]]:
    """How many notices are in each state: channel, state, number."""
    rows = tx.connection.execute(
        select(notice.c.channel, notice.c.state, func.count())
        .group_by(notice.c.channel, notice.c.state)
        .order_by(notice.c.channel, notice.c.state)
    )
    return [(channel, state, number) for channel, state, number in rows]


def breakers(tx: Reading) -> list[Row[Any]]:
    """The providers that have had failures, by name."""
    return list(tx.connection.execute(select(provider_state).order_by(provider_state.c.provider)))


def notices_of(tx: Reading, petition_id: UUID) -> list[Notice]:
    """All notices about one petition, in the order in which they were planned."""
    ask: Select[Any] = select(*_COLUMNS).where(notice.c.petition_id == petition_id)
    return [_notice(row) for row in tx.connection.execute(ask.order_by(notice.c.created_at, notice.c.id))]


# ---- rows and objects


def _values(of: Notice, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(of, name) for name in names}


def _notice(row: Row[Any]) -> Notice:
    return Notice(**dict(zip(_NOTICE, row, strict=False)))  # its columns come first in every question


def _petition(row: Row[Any]) -> Petition:
    return Petition(
        id=row.id,
        public_code=row.public_code,
        language=row.language or "vi",
        is_discreet=row.is_discreet,
        excluded=frozenset(row.excluded),
        filed_at=row.filed_at,
    )


def _joined_petition(row: Row[Any]) -> Petition:
    return Petition(
        id=row.petition_id,
        public_code=row.public_code,
        language=row.petition_language or "vi",
        is_discreet=bool(row.is_discreet),
        excluded=frozenset(row.excluded or ()),
        answered_at=row.answered_at,
        closed_at=row.closed_at,
    )


def _joined_contact(row: Row[Any]) -> Contact | None:
    if row.audience in BY_LINK:
        if row.outside_language is None:
            return None
        return Contact(
            language=row.outside_language,
            email=row.outside_email,
            mobile=row.outside_mobile,
            name=row.outside_name,
            link_token=row.outside_token,
        )
    if row.audience != PETITIONER:
        if row.person is None:
            return None
        return Contact(language="vi", email=row.staff_email, unit=row.unit, is_active=row.is_active)
    if row.contact_language is None:
        return None
    return Contact(
        language=row.contact_language,
        email=row.email,
        mobile=row.mobile,
        name=row.name,
        code=row.code,
        link_token=row.link_token,
        declined=tuple(row.declined or ()),
    )
