"""What the postman does on hearing something: keep whom to tell and where, and plan notices. No network, a few rows.

Each reaction takes all that was heard of its kind at a time. `book` holds the rules and texts in force; the wiring
binds it to each.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from types import UnionType
from typing import Any, Union, get_args, get_origin
from uuid import UUID

from services.notify import store
from services.notify.domain.letter import FieldKind, Letters, clean, said_day, said_instant
from services.notify.domain.notice import (
    CONTACT_PATIENCE,
    FOLLOWER,
    GUEST,
    LOCAL,
    OUTSIDER,
    PETITIONER,
    Contact,
    Notice,
    Petition,
    notice_id,
    without_excluded,
)
from services.notify.domain.rule import Rule, Rules
from services.notify.hooks.reactions import keep_receivers, plan_deliveries
from shared.db import Cause, Transaction
from shared.events import SHAPES, Sealed
from shared.events.base import STAFF, Event
from shared.events.intake import (
    ContactChanged,
    ContactCheckAsked,
    ContactGiven,
    FollowerTold,
    ListAsked,
    PetitionFiled,
    SurveyInvited,
)
from shared.events.notify import NoticeSuppressed
from shared.events.workflow import (
    AccessBreakGlass,
    CaseAccepted,
    CaseAnswered,
    CaseApologised,
    CaseApologyDue,
    CaseAssigned,
    CaseClockPaused,
    CaseClockResumed,
    CaseClosed,
    CaseConsultAnswered,
    CaseConsulted,
    CaseConsultRevoked,
    CaseDialogueInvited,
    CaseDueSoon,
    CaseEscalated,
    CaseExamined,
    CaseExtended,
    CaseFollowUp,
    CaseInfoRequested,
    CaseMentioned,
    CaseMerged,
    CaseOpened,
    CaseOverdue,
    CaseProgressed,
    CaseRefused,
    CaseReopened,
    CaseReopeningRefused,
    CaseRescheduled,
    CaseRouted,
    CaseSplit,
    CaseSupportAsked,
    CaseSupportDue,
    CaseSupportGiven,
    CaseTransferred,
    CaseUnlinked,
    CaseWithdrawalDeclined,
    DialogueInvited,
    PartnerChanged,
    PetitionerErased,
    PromiseAsked,
    PromiseChecked,
    PromiseDue,
    StaffChanged,
    UnitUrgeAnswered,
    UnitUrged,
    UnitUrgeUnanswered,
    WebhookDue,
)
from shared.inbox import Heard, erase_dead_letters

LEADS = ("is_rated", "token")
"""What is kept of an event beside what its text needs: whether, and where, a link leads."""

DOUBTED = "is_doubted"
"""A petition that the door doubts: nothing is sent to the address in it before a person has acted on it, since anybody
can write anybody's address into a form."""

PASSING_FOR = timedelta(days=3)
"""How long an address is kept to which one thing is sent."""


@dataclass(frozen=True)
class Book:
    """The rules and texts in force."""

    rules: Rules
    letters: Letters


def note_petitions(book: Book, tx: Transaction, heard: Sequence[Heard]) -> None:
    """Petitions were filed: keep how to speak of them. A receipt is planned when we hear where to send it."""
    store.remember(
        tx,
        {
            one.event.petition_id: {
                "public_code": one.event.public_code,
                "language": one.event.language,
                "filed_event": one.cause.id,
                "filed_at": one.cause.time,
                "filed_facts": _facts(one.event) | ({DOUBTED: "yes"} if one.event.doubts else {}),
                "correlation": one.cause.correlation,
            }
            for one in heard
        },
    )
    _keep_discreet(tx, [one.event.petition_id for one in heard if one.event.public_code is None])


def keep_contacts(book: Book, tx: Transaction, heard: Sequence[Heard]) -> None:
    """Petitioners said where results may be told: keep it, plan the receipts, let go what waited for it."""
    told = {one.event.petition_id: _contact(one.event) for one in heard}
    contacts = {petition_id: contact for petition_id, contact in told.items() if contact.channels}
    store.keep_contacts(tx, contacts)
    filings = store.filings_of(tx, contacts)
    told_now = {filing.id: () if _is_doubted(filing) else contacts[filing.id].channels for filing in filings}
    store.add_notices(tx, [n for filing in filings for n in _receipts(book, tx, filing, told_now[filing.id])])
    _release(book, tx, {filing.id: told_now[filing.id] for filing in filings if filing.has_waiting})


def change_contacts(book: Book, tx: Transaction, heard: Sequence[Heard]) -> None:
    """Petitioners are told elsewhere, or of less. An address that they left hears of it once, and of
    nothing else; none is told anything about a petition in doubt."""
    ids = [one.event.petition_id for one in heard]
    known, doubted = store.contacts_of(tx, ids), {one.id for one in store.filings_of(tx, ids) if _is_doubted(one)}
    contacts = {}
    for one in heard:
        changed: ContactChanged = one.event
        before = known.get(changed.petition_id)
        contacts[changed.petition_id] = replace(
            _contact(changed),
            link_token=_told(changed.link_token) or (before.link_token if before else None),
            declined=changed.declined,
        )
    store.keep_contacts(tx, contacts)
    _release(book, tx, {id_: contact.channels for id_, contact in contacts.items() if id_ not in doubted})
    is_told = [one for one in heard if one.event.is_address_new and one.event.petition_id not in doubted]
    _tell_left(book, tx, is_told, known, contacts)


def _tell_left(
    book: Book,
    tx: Transaction,
    heard: Sequence[Heard],
    before: Mapping[UUID, Contact],
    after: Mapping[UUID, Contact],
) -> None:
    """Tell the addresses that were left; the text says nothing of the petition."""
    rows, told = [], []
    for one in heard:
        old, new = before.get(one.event.petition_id), after[one.event.petition_id]
        email = old.email if old and old.email != new.email else None
        mobile = old.mobile if old and old.mobile != new.mobile else None
        if old and (email or mobile):
            recipient = f"o:{one.cause.id.hex}"
            rows.append(_passing(tx, recipient, one.event.petition_id, old.language, email=email, mobile=mobile))
            told.append((one, recipient, _usable(email, mobile)))
    _tell_passing(book, tx, rows, told)


def send_lists(book: Book, tx: Transaction, heard: Sequence[Heard]) -> None:
    """Somebody wants a list of their petitions: the link to it goes to the address that they named."""
    rows, told = [], []
    for one in heard:
        asked: ListAsked = one.event
        email, mobile, recipient = _told(asked.email), _told(asked.mobile), f"l:{asked.list_id.hex}"
        row = _passing(tx, recipient, asked.list_id, asked.language, email=email, mobile=mobile)
        rows.append(row | {"link_token": _told(asked.token)})
        told.append((one, recipient, _usable(email, mobile)))
    _tell_passing(book, tx, rows, told)


def _usable(email: str | None, mobile: str | None) -> list[str]:
    return [channel for channel, at in (("email", email), ("sms", mobile)) if at]


def _passing(
    tx: Transaction, recipient: str, about: UUID, language: str, *, email: str | None, mobile: str | None
) -> dict[str, Any]:
    """An address to which one thing is sent, and which is forgotten then."""
    return {
        "recipient": recipient,
        "petition_id": about,
        "language": language,
        "name": None,
        "email": email,
        "mobile": mobile,
        "link_token": None,
        "expires_on": tx.now.astimezone(LOCAL).date() + PASSING_FOR,
    }


def _tell_passing(
    book: Book,
    tx: Transaction,
    rows: Sequence[Mapping[str, Any]],
    told: Sequence[tuple[Heard, str, Sequence[str]]],
) -> None:
    if not rows:
        return
    store.keep_outsiders(tx, rows, today=tx.now.astimezone(LOCAL).date())
    notices = [
        notice
        for one, recipient, usable in told
        for rule in book.rules.of(one.event.TYPE)
        for notice in _notices(book, tx, rule, one, to=[recipient], by=rule.reaches(usable))
    ]
    store.add_notices(tx, notices)


def erase_petitioners(book: Book, tx: Transaction, heard: Sequence[Heard]) -> None:
    """Who they are and where they are told is forgotten; ids and outcomes of what was sent stay."""
    for one in heard:
        store.erase_person(tx, one.event.petition_id)
        store.forget_filing(tx, one.event.petition_id)
        store.erase_guests(tx, one.event.guests)
    erased = [subject for one in heard for subject in (one.event.petition_id, *one.event.guests)]
    erase_dead_letters(tx.connection, erased)


def open_cases(book: Book, tx: Transaction, heard: Sequence[Heard]) -> None:
    """What a case is decides how openly messages may speak of it."""
    _keep_discreet(tx, [one.event.petition_id for one in heard if _is_discreet(one.event)])


def keep_excluded(book: Book, tx: Transaction, heard: Sequence[Heard]) -> None:
    """Whom a petition is about must not hear of it: shut out for good, also from what was planned before."""
    named = {
        one.event.petition_id: excluded
        for one in heard
        if (excluded := {*one.event.excluded_units, *(_told(one.event.excluded) or ())})
    }
    known = store.petitions_of(tx, named)
    store.remember(tx, {id_: {"excluded": sorted(known[id_].excluded | excluded)} for id_, excluded in named.items()})


def note_routes(book: Book, tx: Transaction, heard: Sequence[Heard]) -> None:
    """Units were chosen: by a person, who has looked, or by the sorting."""
    keep_excluded(book, tx, heard)
    _without_doubted(book, tx, heard)


def keep_staff(book: Book, tx: Transaction, heard: Sequence[Heard]) -> None:
    """Accounts of staff were made or changed."""
    store.keep_staff(
        tx,
        [
            {
                "person": one.event.person,
                "unit": one.event.unit,
                "role": one.event.role,
                "name": _told(one.event.name),
                "email": _told(one.event.email),
                "is_active": one.event.is_active,
            }
            for one in heard
        ],
    )


def note_answers(book: Book, tx: Transaction, heard: Sequence[Heard]) -> None:
    """Results were given. The desk says so for each petition that was merged into another one, too."""
    store.keep_ends(tx, {one.event.case_id: {"answered_at": tx.now} for one in heard})
    plan(book, tx, heard)


def note_ends(book: Book, tx: Transaction, heard: Sequence[Heard]) -> None:
    """Cases are over: what was only about their clocks need not be sent any more."""
    store.keep_ends(tx, {one.event.case_id: {"closed_at": tx.now} for one in heard})
    plan(book, tx, heard)


def note_reopenings(book: Book, tx: Transaction, heard: Sequence[Heard]) -> None:
    """Cases are worked on again: what is said only before an answer may be said again."""
    store.keep_ends(tx, {one.event.case_id: {"answered_at": None, "closed_at": None} for one in heard})
    plan(book, tx, heard)


def ask_outsiders(book: Book, tx: Transaction, heard: Sequence[Heard]) -> None:
    """People outside are asked for an opinion: keep where, and send each the link that is theirs."""
    asked: list[CaseConsulted] = [one.event for one in heard]
    rows = [
        {
            "recipient": _outsider(one.consult_id),
            "petition_id": one.petition_id,
            "language": one.language,
            "name": _told(one.name),
            "email": _told(one.email),
            "link_token": _told(one.link_token),
            "expires_on": one.expires_on,
        }
        for one in asked
    ]
    store.keep_outsiders(tx, rows, today=tx.now.astimezone(LOCAL).date())
    plan(book, tx, heard)


def leave_outsiders(book: Book, tx: Transaction, heard: Sequence[Heard]) -> None:
    """They answered, or their link leads nowhere any more: what has not left stays, and their address goes."""
    gone = {_outsider(one.event.consult_id): one.cause for one in heard}
    waiting = store.pending_of(tx, [one.event.petition_id for one in heard])
    _suppress(tx, [(n, gone[n.recipient]) for n in waiting if n.recipient in gone])
    store.forget_outsiders(tx, gone)
    plan(book, tx, heard)


def _outsider(consult_id: UUID) -> str:
    return f"x:{consult_id.hex}"


def invite_guests(book: Book, tx: Transaction, heard: Sequence[Heard]) -> None:
    """Guests of sessions are told where and when, or that it is not held: each event says anew where they are told."""
    invited: list[DialogueInvited] = [one.event for one in heard]
    rows = [
        {
            "recipient": _guest(one.guest_id),
            "petition_id": one.guest_id,  # of no petition: what is sent to a guest is a stream of its own
            "language": one.language,
            "name": _told(one.name),
            "email": _told(one.email),
            "mobile": _told(one.mobile),
            "link_token": _told(one.link_token),
            "expires_on": one.session_on,
        }
        for one in invited
    ]
    store.keep_outsiders(tx, rows, today=tx.now.astimezone(LOCAL).date())
    plan(book, tx, heard)


def _guest(guest_id: UUID) -> str:
    return f"g:{guest_id.hex}"


def tell_followers(book: Book, tx: Transaction, heard: Sequence[Heard]) -> None:
    """There is news of a published case for those who follow it: each event says anew where they are told."""
    told: list[FollowerTold] = [one.event for one in heard]
    rows = [
        {
            "recipient": _follower(one.follower_id),
            "petition_id": one.follower_id,  # of no petition: what is sent to a follower is a stream of its own
            "language": one.language,
            "name": None,
            "email": _told(one.email),
            "mobile": _told(one.mobile),
            "link_token": _told(one.link_token),
            "expires_on": one.forgotten_after,
        }
        for one in told
    ]
    store.keep_outsiders(tx, rows, today=tx.now.astimezone(LOCAL).date())
    plan(book, tx, heard)


def _follower(follower_id: UUID) -> str:
    return f"f:{follower_id.hex}"


def plan(book: Book, tx: Transaction, heard: Sequence[Heard]) -> None:
    """Write a notice for each rule, recipient and channel; the same event heard twice writes nothing new."""
    for rule in book.rules.of(heard[0].event.TYPE):
        meant = [one for one in heard if rule.applies(vars(one.event))]
        if rule.audience == PETITIONER:
            _plan_for_petitioners(book, tx, rule, meant)
        elif rule.audience == OUTSIDER:
            _plan_for_outsiders(book, tx, rule, meant)
        elif rule.audience == GUEST:
            _plan_for_addresses(book, tx, rule, meant, lambda told: _guest(told.guest_id))
        elif rule.audience == FOLLOWER:
            _plan_for_addresses(book, tx, rule, meant, lambda told: _follower(told.follower_id))
        else:
            _plan_for_staff(book, tx, rule, meant)


def _without_doubted(book: Book, tx: Transaction, heard: Sequence[Heard]) -> list[Heard]:
    """What was heard of petitions that nobody doubts. Where a person acts, one has looked: who was doubted at the door
    is so no more, and gets the receipt now."""
    doubted = {
        one.id: one for one in store.filings_of(tx, {one.event.petition_id for one in heard}) if _is_doubted(one)
    }
    by_people = {one.event.petition_id for one in heard if getattr(one.event, "actor", "").startswith(STAFF)}
    seen = by_people & doubted.keys()
    if seen:
        facts = {
            id_: {name: said for name, said in doubted[id_].filed_facts.items() if name != DOUBTED} for id_ in seen
        }
        store.remember(tx, {id_: {"filed_facts": facts[id_]} for id_ in seen})
        usable = store.usable_channels(tx, seen)
        receipts = [_receipts(book, tx, doubted[id_], channels) for id_, channels in usable.items()]
        store.add_notices(tx, [notice for notices in receipts for notice in notices])
    return [one for one in heard if one.event.petition_id not in doubted.keys() - seen]


def _is_doubted(filing: Any) -> bool:
    return DOUBTED in (filing.filed_facts or {})


def _plan_for_petitioners(book: Book, tx: Transaction, rule: Rule, heard: Sequence[Heard]) -> None:
    heard = _without_doubted(book, tx, heard)
    _supersede(tx, rule, heard)
    usable = store.usable_channels(tx, [one.event.petition_id for one in heard])
    others = store.petitions_of(tx, {one.event.petition_id for one in heard} - usable.keys())
    notices = []
    for one in heard:
        petition_id = one.event.petition_id
        if petition_id in usable:
            notices += _notices(book, tx, rule, one, to=[PETITIONER], by=rule.reaches(usable[petition_id]))
        elif _may_still_give_contact(others[petition_id], tx.now):
            early = _notices(book, tx, rule, one, to=[PETITIONER], by=rule.channels + rule.otherwise)
            notices += [replace(n, state="waiting", next_at=tx.now + CONTACT_PATIENCE) for n in early]
        # else nobody gave an address: they follow by their code
    store.add_notices(tx, notices)


def _plan_for_staff(book: Book, tx: Transaction, rule: Rule, heard: Sequence[Heard]) -> None:
    named = {one.event.petition_id: people for one in heard if (people := _named(rule, one.event))}
    heard = [one for one in heard if one.event.petition_id in named]
    _supersede(tx, rule, heard)
    petitions = store.petitions_of(tx, named)
    units = store.units_of(tx, {person for people in named.values() for person in people})
    notices = []
    for one in heard:
        petition = petitions[one.event.petition_id]
        recipients = without_excluded(named[petition.id], petition.excluded, units)
        notices += _notices(book, tx, rule, one, to=recipients, by=rule.channels)
    store.add_notices(tx, notices)


def _plan_for_outsiders(book: Book, tx: Transaction, rule: Rule, heard: Sequence[Heard]) -> None:
    told = [_notices(book, tx, rule, one, to=[_outsider(one.event.consult_id)], by=rule.channels) for one in heard]
    store.add_notices(tx, [notice for notices in told for notice in notices])


def _plan_for_addresses(
    book: Book, tx: Transaction, rule: Rule, heard: Sequence[Heard], recipient: Callable[[Any], str]
) -> None:
    """For guests and followers, whose addresses came with what was heard."""
    _supersede(tx, rule, heard)
    notices = []
    for one in heard:
        told: DialogueInvited | FollowerTold = one.event
        usable = [channel for channel, at in (("email", told.email), ("sms", told.mobile)) if _told(at)]
        notices += _notices(book, tx, rule, one, to=[recipient(told)], by=rule.reaches(usable))
    store.add_notices(tx, notices)


def _named(rule: Rule, event: Event) -> list[str]:
    """The members of staff whom an event names to be told by this rule."""
    named = getattr(event, rule.named_in or "")
    return [named] if isinstance(named, str) else list(named)


def _receipts(book: Book, tx: Transaction, filing: Any, usable: Sequence[str]) -> list[Notice]:
    """The receipt belongs to the event of filing, so another contact given later makes no second one."""
    if filing.filed_event is None:
        return []
    filed = Cause(filing.filed_event, "intake", filing.id, filing.filed_at, filing.correlation)
    return [
        _a_notice(book, tx, rule, filed, to=PETITIONER, by=channel, told=filing.filed_facts, case_id=None)
        for rule in book.rules.of(PetitionFiled.TYPE)
        if rule.audience == PETITIONER and rule.applies(filing.filed_facts)
        for channel in rule.reaches(usable)
    ]


def _release(book: Book, tx: Transaction, usable: Mapping[UUID, Sequence[str]]) -> None:
    if not usable:
        return
    waiting = store.pending_of(tx, usable, states=("waiting",))
    rules = {rule.id: rule for rule in book.rules.all}
    go = [n for n in waiting if n.rule in rules and n.channel in rules[n.rule].reaches(usable[n.petition_id])]
    quiet = book.rules.quiet
    at = {n.id: quiet.earliest(tx.now, channel=n.channel, lane=n.lane, valid_until=n.valid_until) for n in go}
    store.save(tx, [replace(n, state="queued", next_at=at[n.id]) for n in go])
    store.forget(tx, [n.id for n in waiting if n not in go])


def _supersede(tx: Transaction, rule: Rule, heard: Sequence[Heard]) -> None:
    """A newer truth takes the place of what has not left yet. Who holds one of these loses it by the fence."""
    if not rule.supersedes or not heard:
        return
    causes = {one.cause.subject: one.cause for one in heard}
    cases = {one.cause.subject: _case_of(one.event) for one in heard}
    old = [
        (n, causes[n.petition_id])
        for n in store.pending_of(tx, causes, purposes=rule.supersedes)
        if n.event_id != causes[n.petition_id].id and n.case_id in {None, cases[n.petition_id]}
    ]
    _suppress(tx, old)


def _suppress(tx: Transaction, old: Sequence[tuple[Notice, Cause]]) -> None:
    """Take back what has not left yet, each because of what was heard."""
    gone = [(replace(n.suppressed("superseded", tx.now), fence=n.fence + 1), cause) for n, cause in old]
    store.save(tx, [n for n, _ in gone])
    for n, cause in gone:
        tx.because(cause).emit(
            NoticeSuppressed(
                petition_id=n.petition_id,
                notice_id=n.id,
                audience=n.audience,
                channel=n.channel,
                purpose=n.purpose,
                ground=n.error_class,
            )
        )


def _notices(
    book: Book, tx: Transaction, rule: Rule, one: Heard, *, to: Sequence[str], by: Sequence[str]
) -> list[Notice]:
    """What an event lets us tell: a notice for each recipient and channel."""
    told = _facts(one.event)
    return [
        _a_notice(book, tx, rule, one.cause, to=person, by=channel, told=told, case_id=_case_of(one.event))
        for person in to
        for channel in by
    ]


def _case_of(event: Event) -> UUID | None:
    """The case that an event is about; what is about the petitioner alone has none."""
    found: UUID | None = getattr(event, "case_id", None)
    return found


def _a_notice(
    book: Book,
    tx: Transaction,
    rule: Rule,
    cause: Cause,
    *,
    to: str,
    by: str,
    told: Mapping[str, str],
    case_id: UUID | None,
) -> Notice:
    person = f"{to}:{cause.subject}" if to == PETITIONER else to
    version = book.letters.version_on(rule.purpose, by, tx.now.astimezone(LOCAL).date())
    needed = book.letters.needs(rule.purpose, by, version)
    valid_until = tx.now + rule.valid_for
    return Notice(
        id=notice_id(event_id=cause.id, rule=rule.id, recipient=person, channel=by, purpose=rule.purpose),
        petition_id=cause.subject,
        case_id=case_id,
        event_id=cause.id,
        event_type=rule.hears,
        source=cause.source,
        correlation=cause.correlation,
        rule=rule.id,
        audience=rule.audience,
        recipient=to,
        channel=by,
        purpose=rule.purpose,
        version=version,
        lane=rule.lane,
        created_at=tx.now,
        valid_until=valid_until,
        next_at=book.rules.quiet.earliest(tx.now, channel=by, lane=rule.lane, valid_until=valid_until),
        facts={name: value for name, value in told.items() if name in needed or name in LEADS},
    )


def _may_still_give_contact(petition: Petition, now: datetime) -> bool:
    """The door tells the contact right after the petition: later than a quarter of an hour there will be none."""
    return petition.filed_at is None or now < petition.filed_at + CONTACT_PATIENCE


def _keep_discreet(tx: Transaction, petitions: Sequence[UUID]) -> None:
    store.remember(tx, {petition_id: {"is_discreet": True} for petition_id in petitions})


def _is_discreet(heard: CaseOpened) -> bool:
    kind = heard.sorting.value.kind if heard.sorting.is_open else heard.kind
    return heard.is_restricted or kind is None or kind.startswith("denunciation")


def _contact(heard: ContactGiven | ContactChanged) -> Contact:
    return Contact(
        language=heard.language,
        email=_told(heard.email) if "email" in heard.channels else None,
        mobile=_told(heard.mobile) if "sms" in heard.channels else None,
        name=_told(heard.name),
        code=_told(heard.code),
        link_token=_told(heard.link_token),
    )


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


REACTIONS: Mapping[type[Event], Callable[[Book, Transaction, Sequence[Heard]], None]] = {
    PetitionFiled: note_petitions,
    ContactGiven: keep_contacts,
    ContactChanged: change_contacts,
    PetitionerErased: erase_petitioners,
    ContactCheckAsked: plan,
    ListAsked: send_lists,
    CaseOpened: open_cases,
    CaseRouted: note_routes,
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
    CaseRescheduled: plan,
    CaseDueSoon: plan,
    CaseOverdue: plan,
    CaseEscalated: plan,
    CaseApologyDue: plan,
    CaseApologised: plan,
    CaseAnswered: note_answers,
    CaseClosed: note_ends,
    CaseExamined: plan,
    AccessBreakGlass: plan,
    CaseReopened: note_reopenings,
    CaseReopeningRefused: plan,
    CaseWithdrawalDeclined: plan,
    CaseFollowUp: plan,
    PromiseDue: plan,
    PromiseAsked: plan,
    PromiseChecked: plan,
    CaseSplit: plan,
    CaseUnlinked: plan,
    CaseSupportAsked: plan,
    CaseSupportGiven: plan,
    CaseSupportDue: plan,
    UnitUrged: plan,
    UnitUrgeAnswered: plan,
    UnitUrgeUnanswered: plan,
    CaseMentioned: plan,
    CaseDialogueInvited: plan,
    DialogueInvited: invite_guests,
    FollowerTold: tell_followers,
    CaseConsulted: ask_outsiders,
    CaseConsultAnswered: leave_outsiders,
    CaseConsultRevoked: leave_outsiders,
    StaffChanged: keep_staff,
    SurveyInvited: plan,
    PartnerChanged: keep_receivers,
    WebhookDue: plan_deliveries,
}
