"""How a case ends: closed after its answer, passed to another body, refused, withdrawn. Each says why."""

from uuid import UUID

from services.workflow import store
from services.workflow.actions import letters
from services.workflow.domain.admission import ground_on, refusal_text
from services.workflow.domain.case import Case, StepRefused
from services.workflow.domain.permission import Person
from services.workflow.domain.rules import Rules, was_ever_late
from services.workflow.ending import end_withdrawn, release_followers
from services.workflow.steps import SEALED, Incomplete, begin, needed, take_step
from shared.db import Transaction
from shared.events.base import Sealed
from shared.events.workflow import CaseClosed, CaseRefused, CaseTransferred, CaseWithdrawalDeclined


def close(
    tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, version: int | None = None, explanation: str = ""
) -> Case:
    """Nothing more is owed. A case that was answered late needs an explanation: it stays with the case, and the log is
    committed to it."""
    case = begin(tx, person, "close", case_id, version)
    is_late = was_ever_late(case, store.deadlines_of(tx, case.id).values())
    words = needed(explanation, "explanation", least=20) if is_late else explanation.strip() or None
    taken = take_step(
        tx,
        rules,
        case,
        "close",
        actor=person.person,
        role=person.role,
        is_public=True,
        words=words,
        data={"is_late": is_late},
    )
    tell_closed(tx, taken.case, actor=person.person, is_late=is_late, explanation=words)
    return taken.case


def tell_closed(
    tx: Transaction, case: Case, *, actor: str, is_late: bool = False, explanation: str | None = None
) -> None:
    """Nothing more is owed, neither to its sender nor to those whose cases follow it."""
    for told in (case, *store.linked_to(tx, case.id)):
        tx.emit(
            CaseClosed(
                petition_id=told.petition_id,
                case_id=told.id,
                actor=actor,
                outcome="answered",
                is_late=is_late,
                explanation=Sealed(explanation),
            )
        )


def transfer(
    tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, version: int | None = None, to: str, reason: str
) -> Case:
    """Another body's matter: passed on, and the petitioner is told to whom.

    Source: NĐ 20/2008 Đ9(1)(d); Luật Tố cáo Đ24(2).
    """
    case = begin(tx, person, "transfer", case_id, version)
    body = rules.catalogue.body(to)
    if body is None:
        raise Incomplete("to", "unknown")
    words = needed(reason, "reason")
    taken = take_step(
        tx, rules, case, "transfer", actor=person.person, role=person.role, is_public=True, words=words, data={"to": to}
    )
    followers = store.linked_to(tx, case.id)
    for follower in followers:  # the same matter goes the same way
        store.add_entry(tx, follower.id, "transfer", actor=person.person, is_public=True, to=to, by=str(case.id))
    for told in (taken.case, *followers):
        letter = letters.issue(tx, rules, told, "transfer", signer=person.person, to_name=body.name, reason=words)
        tx.emit(
            CaseTransferred(
                petition_id=told.petition_id,
                case_id=told.id,
                actor=person.person,
                to=to,
                to_name=body.name if told.language == "vi" else body.name_en,
                reason=Sealed(words),
                **letters.told(told, letter),
            )
        )
    return taken.case


def refuse(
    tx: Transaction,
    rules: Rules,
    *,
    person: Person,
    case_id: UUID,
    version: int | None = None,
    ground: str,
    reason: str,
) -> Case:
    """Not accepted, on a ground that the law knows for this kind today, with the reason and how to object."""
    case = begin(tx, person, "refuse", case_id, version)
    found = ground_on(rules.catalogue, case.kind, ground, rules.calendar.local_day(tx.now))
    if found is None:
        raise Incomplete("ground", "unknown")
    words = needed(reason, "reason", least=20)
    taken = take_step(
        tx,
        rules,
        case,
        "refuse",
        actor=person.person,
        role=person.role,
        is_public=True,
        words=words,
        data={"ground": ground, "basis": found.basis, "is_letter_owed": found.is_letter_owed},
    )
    release_followers(tx, rules, case, why="lead_refused")
    letter = letters.issue(tx, rules, case, "refuse", signer=person.person, ground=ground, reason=words)
    tx.emit(
        CaseRefused(
            petition_id=case.petition_id,
            case_id=case.id,
            actor=person.person,
            ground=SEALED if case.is_secret else ground,
            reason=Sealed(refusal_text(found, words, case.language)),
            **letters.told(case, letter),
        )
    )
    return taken.case


def withdraw(
    tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, version: int | None = None, reason: str
) -> Case:
    """The citizen took it back, in writing and signed: recorded by the officer who holds the letter."""
    case = begin(tx, person, "withdraw", case_id, version)
    words = needed(reason, "reason")
    return end_withdrawn(tx, rules, case, actor=person.person, role=person.role, words=words)


def decline_withdrawal(
    tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, version: int | None = None, reason: str
) -> Case:
    """It is settled although its sender wants to take it back; they read why. Raises StepRefused when nobody asked.

    Source: Luật Tố cáo 2018 Đ33.
    """
    case = begin(tx, person, "withdraw", case_id, version)
    asked = store.withdrawal_of(tx, case.id)
    if asked is None or asked.state != "asked":
        raise StepRefused("nobody asked for it")
    words = needed(reason, "reason", least=20)
    store.decide_withdrawal(tx, case.id, state="declined", by=person.person)
    store.add_entry(tx, case.id, "decline_withdrawal", actor=person.person, is_public=True, words=words)
    tx.emit(
        CaseWithdrawalDeclined(petition_id=case.petition_id, case_id=case.id, actor=person.person, reason=Sealed(words))
    )
    return case
