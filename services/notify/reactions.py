"""What the postman does on hearing something: keep whom to tell and where, and plan notices. No network, a few rows.

`book` holds the rules and texts in force; the wiring binds it to each reaction.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import UnionType
from typing import Any, Union, get_args, get_origin
from uuid import UUID

from services.notify import store
from services.notify.domain.letter import FieldKind, Letters, clean, said_day, said_instant
from services.notify.domain.notice import (
    CONTACT_PATIENCE,
    LOCAL,
    PETITIONER,
    Contact,
    Notice,
    Petition,
    notice_id,
    without_excluded,
)
from services.notify.domain.rule import Rule, Rules
from shared.db import Cause, Transaction
from shared.events import SHAPES, Sealed
from shared.events.base import Event
from shared.events.intake import ContactGiven, PetitionFiled
from shared.events.notify import NoticeSuppressed
from shared.events.workflow import (
    CaseAccepted,
    CaseAnswered,
    CaseApologised,
    CaseApologyDue,
    CaseAssigned,
    CaseClockPaused,
    CaseClockResumed,
    CaseClosed,
    CaseDueSoon,
    CaseEscalated,
    CaseExtended,
    CaseInfoRequested,
    CaseMerged,
    CaseOpened,
    CaseOverdue,
    CaseProgressed,
    CaseRefused,
    CaseRouted,
    CaseTransferred,
    StaffChanged,
)


@dataclass(frozen=True)
class Book:
    """The rules and texts in force."""

    rules: Rules
    letters: Letters


def note_petition(book: Book, tx: Transaction, heard: PetitionFiled) -> None:
    """A petition was filed: keep how to speak of it. Its receipt is planned when we hear where to send it."""
    cause = _cause(tx)
    discreet = {"is_discreet": True} if heard.public_code is None else {}
    store.remember(
        tx,
        heard.petition_id,
        **discreet,
        public_code=heard.public_code,
        language=heard.language,
        filed_event=cause.id,
        filed_at=cause.time,
        filed_facts=_facts(heard),
        correlation=cause.correlation,
    )


def keep_contact(book: Book, tx: Transaction, heard: ContactGiven) -> None:
    """The petitioner said where results may be told: keep it, plan the receipt, let go what waited for it."""
    contact = Contact(
        language=heard.language,
        email=_told(heard.email) if "email" in heard.channels else None,
        mobile=_told(heard.mobile) if "sms" in heard.channels else None,
        name=_told(heard.name),
        code=_told(heard.code),
        link_token=_told(heard.link_token),
    )
    usable = tuple(channel for channel in ("email", "sms") if contact.address(channel))
    if not usable:
        return
    store.keep_contact(tx, heard.petition_id, contact)
    filing = store.filing_of(tx, heard.petition_id)
    if filing is None:
        return
    if filing.filed_event is not None:
        _plan_receipt(book, tx, heard.petition_id, filing, usable)
    if filing.has_waiting:
        _release(book, tx, heard.petition_id, usable)


def open_case(book: Book, tx: Transaction, heard: CaseOpened) -> None:
    """What the case is decides how openly messages may speak of it."""
    kind = heard.sorting.value.kind if heard.sorting.is_open else heard.kind
    if heard.is_restricted or kind is None or kind.startswith("denunciation"):
        store.remember(tx, heard.petition_id, is_discreet=True)


def keep_excluded(book: Book, tx: Transaction, heard: CaseRouted) -> None:
    """Whom the petition is about must not hear of it: shut out for good, also from what was planned before."""
    petition = store.petition_of(tx, heard.petition_id)
    named = set(heard.excluded_units) | set(_told(heard.excluded) or ())
    excluded = petition.excluded | named
    if excluded != petition.excluded:
        store.remember(tx, heard.petition_id, excluded=sorted(excluded))


def keep_staff(book: Book, tx: Transaction, heard: StaffChanged) -> None:
    """An account of staff was made or changed."""
    store.keep_staff(
        tx,
        heard.person,
        unit=heard.unit,
        role=heard.role,
        name=_told(heard.name),
        email=_told(heard.email),
        is_active=heard.is_active,
    )


def note_answer(book: Book, tx: Transaction, heard: CaseAnswered) -> None:
    """The result was given. The desk says so for each petition that was merged into this one, too."""
    store.remember(tx, heard.petition_id, answered_at=tx.now)
    plan(book, tx, heard)


def note_end(book: Book, tx: Transaction, heard: CaseClosed) -> None:
    """The case is over: what was only about its clock need not be sent any more."""
    store.remember(tx, heard.petition_id, closed_at=tx.now)
    plan(book, tx, heard)


def plan(book: Book, tx: Transaction, heard: Any) -> None:
    """Write a notice for each rule, recipient and channel; the same event heard twice writes nothing new."""
    rules = [rule for rule in book.rules.of(heard.TYPE) if rule.applies(vars(heard))]
    told = _facts(heard) if rules else {}
    for rule in rules:
        if rule.audience == PETITIONER:
            _plan_for_petitioner(book, tx, rule, heard.petition_id, told, case_id=heard.case_id)
        else:
            _plan_for_staff(book, tx, rule, heard, told)


def _plan_for_petitioner(
    book: Book, tx: Transaction, rule: Rule, petition_id: UUID, told: Mapping[str, str], *, case_id: UUID
) -> None:
    _supersede(tx, rule, petition_id)
    usable = store.usable_channels(tx, petition_id)
    if usable is not None:
        channels, state = rule.reaches(usable), "queued"
    elif _may_still_give_contact(store.petition_of(tx, petition_id), tx.now):
        channels, state = rule.channels + rule.otherwise, "waiting"
    else:
        return  # nobody gave an address: they follow by their code
    notices = [
        _a_notice(book, tx, rule, _cause(tx), petition_id, PETITIONER, channel, told, case_id=case_id)
        for channel in channels
    ]
    if state == "waiting":
        notices = [replace(n, state=state, next_at=tx.now + CONTACT_PATIENCE) for n in notices]
    store.add_notices(tx, notices)


def _plan_for_staff(book: Book, tx: Transaction, rule: Rule, heard: Any, told: Mapping[str, str]) -> None:
    named = getattr(heard, rule.named_in or "")
    named = [named] if isinstance(named, str) else list(named)
    if not named:
        return
    _supersede(tx, rule, heard.petition_id)
    petition = store.petition_of(tx, heard.petition_id)
    recipients = without_excluded(named, petition.excluded, store.units_of(tx, named))
    store.add_notices(
        tx,
        [
            _a_notice(book, tx, rule, _cause(tx), heard.petition_id, person, channel, told, case_id=heard.case_id)
            for person in recipients
            for channel in rule.channels
        ],
    )


def _plan_receipt(book: Book, tx: Transaction, petition_id: UUID, filing: Any, usable: tuple[str, ...]) -> None:
    """The receipt belongs to the event of filing, so another contact given later makes no second one."""
    filed = Cause(filing.filed_event, "intake", petition_id, filing.filed_at, filing.correlation)
    store.add_notices(
        tx,
        [
            _a_notice(book, tx, rule, filed, petition_id, PETITIONER, channel, filing.filed_facts, case_id=None)
            for rule in book.rules.of(PetitionFiled.TYPE)
            if rule.audience == PETITIONER and rule.applies(filing.filed_facts)
            for channel in rule.reaches(usable)
        ],
    )


def _release(book: Book, tx: Transaction, petition_id: UUID, usable: tuple[str, ...]) -> None:
    waiting = store.pending_of(tx, petition_id, state="waiting")
    rules = {rule.id: rule for rule in book.rules.all}
    go = [n for n in waiting if n.rule in rules and n.channel in rules[n.rule].reaches(usable)]
    store.save(tx, [replace(n, state="queued", next_at=_not_at_night(book, n, tx.now)) for n in go])
    store.forget(tx, [n.id for n in waiting if n not in go])


def _supersede(tx: Transaction, rule: Rule, petition_id: UUID) -> None:
    """A newer truth takes the place of what has not left yet. Who holds one of these loses it by the fence."""
    if not rule.supersedes:
        return
    old = [
        replace(n.suppressed("superseded", tx.now), fence=n.fence + 1)
        for n in store.pending_of(tx, petition_id, purposes=rule.supersedes)
        if n.event_id != _cause(tx).id
    ]
    store.save(tx, old)
    for n in old:
        tx.emit(
            NoticeSuppressed(
                petition_id=n.petition_id,
                notice_id=n.id,
                audience=n.audience,
                channel=n.channel,
                purpose=n.purpose,
                ground=n.error_class,
            )
        )


def _a_notice(
    book: Book,
    tx: Transaction,
    rule: Rule,
    cause: Cause,
    petition_id: UUID,
    recipient: str,
    channel: str,
    told: Mapping[str, str],
    *,
    case_id: UUID | None,
) -> Notice:
    person = f"{recipient}:{petition_id}" if recipient == PETITIONER else recipient
    version = book.letters.version_on(rule.purpose, channel, tx.now.astimezone(LOCAL).date())
    needed = book.letters.needs(rule.purpose, channel, version)
    valid_until = tx.now + rule.valid_for
    planned = Notice(
        id=notice_id(event_id=cause.id, rule=rule.id, recipient=person, channel=channel, purpose=rule.purpose),
        petition_id=petition_id,
        case_id=case_id,
        event_id=cause.id,
        event_type=rule.hears,
        source=cause.source,
        correlation=cause.correlation,
        rule=rule.id,
        audience=rule.audience,
        recipient=recipient,
        channel=channel,
        purpose=rule.purpose,
        version=version,
        lane=rule.lane,
        created_at=tx.now,
        valid_until=valid_until,
        next_at=tx.now,
        facts={name: value for name, value in told.items() if name in needed or name == "is_rated"},
    )
    return replace(planned, next_at=_not_at_night(book, planned, tx.now))


def _not_at_night(book: Book, planned: Notice, at: datetime) -> datetime:
    return book.rules.quiet.earliest(at, channel=planned.channel, lane=planned.lane, valid_until=planned.valid_until)


def _may_still_give_contact(petition: Petition, now: datetime) -> bool:
    """The door tells the contact right after the petition: later than a quarter of an hour there will be none."""
    return petition.filed_at is None or now < petition.filed_at + CONTACT_PATIENCE


def _cause(tx: Transaction) -> Cause:
    assert tx.cause is not None
    return tx.cause


def _told(sealed: Sealed[Any]) -> Any:
    """A sealed value, or None after its erasure."""
    return sealed.value if sealed.is_open else None


def _facts(heard: Event) -> dict[str, str]:
    """What an event says, as it can stand in a text; codes become words later, in the reader's language."""
    facts = {}
    for name, kind in fields_of(heard.TYPE).items():
        if kind.kind == "other":
            continue
        value = getattr(heard, name)
        facts[name] = _in_words(_told(value) if isinstance(value, Sealed) else value)
    return facts


def _in_words(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return said_instant(value)
    if isinstance(value, date):
        return said_day(value)
    return clean(str(value))


# ---- what texts may use of each event

_KINDS: Mapping[Any, str] = {date: "day", datetime: "day", int: "number", str: "code", bool: "flag"}
_of_type: dict[str, dict[str, FieldKind]] = {}


def fields_of(event_type: str) -> dict[str, FieldKind]:
    """What the fields of an event may hold, for texts and rules. What is sealed is "text": words of people."""
    if event_type not in _of_type:
        shape = SHAPES[event_type]
        found = {name: _kind(hint) for name, hint in shape.open}
        for name, hint, audiences in shape.sealed:
            is_text = "post" in audiences and _kind(hint).kind == "code"
            found[name] = FieldKind("text" if is_text else "other", _kind(hint).is_optional)
        _of_type[event_type] = found
    return _of_type[event_type]


def _kind(hint: Any) -> FieldKind:
    is_optional = get_origin(hint) in {Union, UnionType} and type(None) in get_args(hint)
    if is_optional:
        hint = next(choice for choice in get_args(hint) if choice is not type(None))
    return FieldKind(_KINDS.get(hint, "other"), is_optional)


REACTIONS: Mapping[type[Event], Callable[[Book, Transaction, Any], None]] = {
    PetitionFiled: note_petition,
    ContactGiven: keep_contact,
    CaseOpened: open_case,
    CaseRouted: keep_excluded,
    CaseAssigned: plan,
    CaseAccepted: plan,
    CaseRefused: plan,
    CaseTransferred: plan,
    CaseMerged: plan,
    CaseInfoRequested: plan,
    CaseProgressed: plan,
    CaseClockPaused: plan,
    CaseClockResumed: plan,
    CaseExtended: plan,
    CaseDueSoon: plan,
    CaseOverdue: plan,
    CaseEscalated: plan,
    CaseApologyDue: plan,
    CaseApologised: plan,
    CaseAnswered: note_answer,
    CaseClosed: note_end,
    StaffChanged: keep_staff,
}
