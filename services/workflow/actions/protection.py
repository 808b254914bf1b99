"""Who is kept out of a case, who looks behind a denunciation and who hears of it, and what its handlers may read."""

from uuid import UUID

from services.workflow import store
from services.workflow.domain import routing
from services.workflow.domain.case import Case
from services.workflow.domain.permission import Person, Refusal
from services.workflow.domain.protection import may_review, told_of_opening
from services.workflow.domain.rules import Rules
from services.workflow.domain.vocabulary import UnknownWord
from services.workflow.steps import CaseUnknown, Incomplete, NotAllowed, begin, needed, routed, take_step
from shared.db import Transaction
from shared.events.common import AccessRead
from shared.events.workflow import AccessBreakGlass, AccessReviewed, CaseRedacted, IdentityErased
from shared.ids import ordered_id

ERASED = ("retention_over", "legal_order")


def exclude_person(
    tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, version: int | None = None, who: str, reason: str
) -> Case:
    """It turned out that the case is about somebody of the house, or about a unit: they lose it at once and for good.

    An officer who had it has it no more; where the unit itself is concerned another one gets it.
    Source: Luật Tố cáo 2018 Đ8, Đ49; Luật Khiếu nại 2011 Đ6.
    """
    case = begin(tx, person, "exclude_person", case_id, version)
    units = _units_of(tx, rules, who)
    words = needed(reason, "reason", least=10)
    excluded = case.excluded | {who}
    is_officer_out = case.officer is not None and bool({case.officer, units.get(case.officer)} & excluded)
    unit = _another_unit(rules, case, excluded) if case.unit in excluded else case.unit
    is_officer_out = is_officer_out or unit != case.unit
    store.exclude(tx, case.id, {who})
    taken = take_step(
        tx,
        rules,
        case,
        "exclude_person",
        actor=person.person,
        role=person.role,
        words=words,
        data={"who": who},
        excluded=excluded,
        unit=unit,
        officer=None if is_officer_out else case.officer,
    )
    tx.emit(routed(taken.case, actor=person.person, units=rules.unit_codes))
    return taken.case


def _units_of(tx: Transaction, rules: Rules, who: str) -> dict[str, str | None]:
    """The units of everybody who works here. Raises Incomplete when nobody and no unit is called so."""
    units = {one.person: one.unit for one in store.colleagues(tx)}
    if who not in units and who not in rules.unit_codes:
        raise Incomplete("who", "unknown")
    return units


def _another_unit(rules: Rules, case: Case, excluded: frozenset[str]) -> str:
    day = rules.calendar.local_day(case.received_at)
    try:
        found = routing.unit_for(rules.catalogue, kind=case.kind, topic=case.topic, day=day, excluded=excluded)
    except UnknownWord:
        raise Incomplete("who", "nobody_left") from None
    if found.unit not in rules.unit_codes or found.unit in excluded:
        raise Incomplete("who", "nobody_left")
    return found.unit


# ---- behind a denunciation


def open_identity(
    tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, reason: str, words: str
) -> store.Opening:
    """Look at who the denouncer is, for half an hour. A second person hears of it at once; without one it stays shut.

    Source: Luật Tố cáo 2018 Đ8(3), Đ49; NĐ 156/2026 Đ6.
    """
    case = begin(tx, person, "open_identity", case_id, None)
    openings = rules.catalogue.openings
    if openings.reason(reason) is None:
        raise Incomplete("reason", "unknown")
    said = needed(words, "words", least=openings.least_words)
    told = told_of_opening(store.colleagues(tx), case, openings, person=person.person, role=person.role)
    if not told:
        raise NotAllowed(Refusal.NOBODY_TO_TELL)
    opening = store.Opening(
        id=ordered_id(),
        case_id=case.id,
        petition_id=case.petition_id,
        person=person.person,
        role=person.role,
        reason=reason,
        words=said,
        opened_at=tx.now,
        ends_at=tx.now + openings.open_for,
        told=told,
    )
    store.add_opening(tx, opening)
    store.add_entry(tx, case.id, "open_identity", actor=person.person, is_public=True, reason=reason)
    _tell_opened(tx, opening)
    return opening


def _tell_opened(tx: Transaction, opening: store.Opening) -> None:
    tx.emit(
        AccessRead(
            petition_id=opening.petition_id,
            actor=opening.person,
            role=opening.role,
            unit=None,
            kind="identity",
            purpose=opening.reason,
        )
    )
    tx.emit(
        AccessBreakGlass(
            petition_id=opening.petition_id,
            case_id=opening.case_id,
            actor=opening.person,
            role=opening.role,
            reason=opening.reason,
            ends_at=opening.ends_at,
            tell=opening.told,
        )
    )


def review_opening(tx: Transaction, *, person: Person, opening_id: UUID, review: str) -> None:
    """A second person looks at why an identity was opened. Raises CaseUnknown for everybody else."""
    opening = store.opening_for_review(tx, opening_id)
    case = store.find_case(tx, opening.case_id) if opening else None
    if opening is None or case is None or not may_review(person, opening, case):
        raise CaseUnknown
    if opening.reviewed_by is not None:
        raise Incomplete("review", "already")
    store.mark_reviewed(tx, opening.id, by=person.person, review=needed(review, "review", least=5))
    tx.emit(
        AccessReviewed(
            petition_id=opening.petition_id, case_id=opening.case_id, actor=person.person, opened_by=opening.person
        )
    )


def redact(
    tx: Transaction,
    rules: Rules,
    *,
    person: Person,
    case_id: UUID,
    version: int | None = None,
    paper: UUID,
    text: str,
) -> Case:
    """Confirm the copy of a paper that handlers read from now on. Source: Luật Tố cáo 2018 Đ56(2)."""
    case = begin(tx, person, "redact", case_id, version)
    found = next((one for one in store.papers_of(tx, tx.codec.keys.vault, case) if one.id == paper), None)
    if found is None:
        raise Incomplete("text", "gone")
    store.redact(tx, found, text=needed(text.replace("\r\n", "\n"), "text", most=20_000), by=person.person)
    taken = take_step(tx, rules, case, "redact", actor=person.person, role=person.role)
    tx.emit(CaseRedacted(petition_id=case.petition_id, case_id=case.id, actor=person.person))
    return taken.case


def add_redacted_file(
    tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, data: bytes, media_type: str
) -> Case:
    """A picture made for the handlers, with everything covered that tells who wrote it."""
    case = begin(tx, person, "redact", case_id, None)
    file_id = store.add_redacted_file(tx, case, data=data, media_type=media_type, by=person.person)
    taken = take_step(tx, rules, case, "redact", actor=person.person, role=person.role, data={"file": str(file_id)})
    tx.emit(CaseRedacted(petition_id=case.petition_id, case_id=case.id, actor=person.person))
    return taken.case


def erase_identity(tx: Transaction, *, petition_id: UUID, actor: str, ground: str) -> None:
    """Destroy the key of a petition: what was locked under it is gone, in every copy and backup."""
    if ground not in ERASED:
        raise Incomplete("ground", "unknown")
    if not store.token_of(tx, petition_id):
        raise CaseUnknown
    store.erase(tx, petition_id)
    tx.emit(IdentityErased(petition_id=petition_id, actor=actor, ground=ground))


def rewrap(tx: Transaction, *, limit: int = 500) -> int:
    """Wrap a batch of keys anew under the current wrapping key. How many were done."""
    return store.rewrap(tx, limit=limit)
