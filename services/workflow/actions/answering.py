"""From draft to answer. Four eyes: who drafts does not approve. Before the approver stands the gate."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from services.workflow import store
from services.workflow.actions import letters
from services.workflow.actions.promises import make_promise
from services.workflow.domain import consultation
from services.workflow.domain.case import Case, StepRefused
from services.workflow.domain.checks import (
    OF_COMMENTS,
    OUTCOMES,
    Draft,
    Finding,
    Reply,
    examine,
    personal_data_in,
    unmet,
)
from services.workflow.domain.permission import Person
from services.workflow.domain.rules import Rules
from services.workflow.steps import Incomplete, Taken, begin, needed, take_step
from shared.db import Reading, Transaction
from shared.events.base import Sealed
from shared.events.workflow import AnswerApproved, AnswerDrafted, CaseAnswered
from shared.text import nfc

LONGEST_ANSWER = 8000  # characters
LONGEST_POINT = 500
LEAST_REASON = 10  # characters: why an answer is submitted that does not pass the gate


def save_draft(
    tx: Transaction,
    rules: Rules,
    *,
    person: Person,
    case_id: UUID,
    version: int | None = None,
    text: str,
    outcome: str = "done",
    promised_on: date | None = None,
    basis: str = "",
    replies: Mapping[int, Reply] | None = None,
    in_spite: str = "",
    apology: str = "",
    point: str = "",
) -> Case:
    """Keep a version of the answer; nobody is asked yet."""
    case = begin(tx, person, "save_draft", case_id, version)
    draft = _draft(tx, case, person, text=text, outcome=outcome, promised_on=promised_on, basis=basis, state="draft")
    found = look_over(tx, rules, case, draft, replies or {})
    return _keep(tx, rules, case, "save_draft", person, draft, _sheet(case, replies, found, in_spite, apology, point))


def submit_draft(
    tx: Transaction,
    rules: Rules,
    *,
    person: Person,
    case_id: UUID,
    version: int | None = None,
    text: str,
    outcome: str,
    promised_on: date | None = None,
    basis: str = "",
    replies: Mapping[int, Reply] | None = None,
    in_spite: str = "",
    apology: str = "",
    point: str = "",
) -> Case:
    """Keep a version and ask another person to approve it. `replies` say of each question of the petition, by its
    number, whether it is answered.

    A hard check that is not met refuses it, unless the drafter says why (`in_spite`): the approver reads that, and the
    log is committed to it. Of a comment on a draft, `point` is what it says, as it is published beside the answer.
    """
    case = begin(tx, person, "draft", case_id, version)
    if case.kind == consultation.KIND:
        check_published(rules, point=point, text=text)
    if outcome == "scheduled" and promised_on is None:
        raise Incomplete("promised_on")
    if promised_on is not None and promised_on < rules.calendar.local_day(tx.now):
        raise Incomplete("promised_on", "passed")
    needed(text, "text", least=20, most=LONGEST_ANSWER)
    draft = _draft(
        tx, case, person, text=text, outcome=outcome, promised_on=promised_on, basis=basis, state="submitted"
    )
    found = look_over(tx, rules, case, draft, replies or {})
    if unmet(found):
        needed(in_spite, "in_spite", least=LEAST_REASON)
    return _keep(tx, rules, case, "draft", person, draft, _sheet(case, replies, found, in_spite, apology, point))


def check_published(rules: Rules, *, point: str, text: str) -> None:
    """What everybody reads of a comment, in words fit for that, and its answer: no reason lets personal data through.

    Raises Incomplete.
    """
    needed(point, "point", least=5, most=LONGEST_POINT)
    for field, said in (("point", point), ("text", text)):
        if personal_data_in(said, own_phone=rules.answers.own_phone):
            raise Incomplete(field, "personal")


def look_over(
    tx: Reading, rules: Rules, case: Case, draft: store.Answer, replies: Mapping[int, Reply]
) -> tuple[Finding, ...]:
    """What the gate says of a version."""
    told = store.words_of(tx, case.id)
    before_it = Draft(
        text=draft.text,
        outcome=draft.outcome,
        promised_on=draft.promised_on,
        basis=draft.basis or "",
        topic=case.topic,
        place=told.place or "",
        petition=petition_words(told, store.supplements_of(tx, case.id)),
        replies=replies,
        photo_count=store.count_answer_files(tx, case.id, draft.round),
    )
    return examine(before_it, rules.answers, rules.calendar.local_day(tx.now))


def petition_words(told: store.Words, supplements: Sequence[store.Supplement]) -> str:
    """All that the citizen wrote, in its order: what was added later never changes the numbers of earlier questions."""
    return "\n".join([told.text, *(one.text for one in supplements if one.text)])


def _sheet(
    case: Case, replies: Mapping[int, Reply] | None, found: Sequence[Finding], in_spite: str, apology: str, point: str
) -> store.Sheet:
    return store.Sheet(
        replies=replies or {},
        findings=found,
        in_spite=nfc(in_spite.strip()) or None if unmet(found) else None,
        apology=nfc(apology.strip()) or None if case.answer_round else None,  # a first answer has nothing to mend
        point=nfc(point.strip()) or None if case.kind == consultation.KIND else None,
    )


def _draft(
    tx: Transaction,
    case: Case,
    person: Person,
    *,
    text: str,
    outcome: str,
    promised_on: date | None,
    basis: str,
    state: str,
) -> store.Answer:
    if outcome not in (OF_COMMENTS if case.kind == consultation.KIND else OUTCOMES):
        raise Incomplete("outcome", "unknown")
    return store.Answer(
        version=case.draft_version + 1,
        round=case.answer_round + 1,
        text=needed(text, "text", most=LONGEST_ANSWER),
        outcome=outcome,
        promised_on=promised_on,
        basis=basis.strip() or None,
        state=state,
        drafted_by=person.person,
        drafted_at=tx.now,
    )


def _keep(
    tx: Transaction, rules: Rules, case: Case, step: str, person: Person, draft: store.Answer, sheet: store.Sheet
) -> Case:
    store.add_answer(tx, case.id, draft)
    store.add_sheet(tx, case.id, draft.version, sheet)
    taken = take_step(
        tx,
        rules,
        case,
        step,
        actor=person.person,
        role=person.role,
        data={"version": draft.version},
        drafted_by=person.person,
        draft_version=draft.version,
        approved_by=None,
    )
    is_forced = step == "draft" and sheet.in_spite is not None
    tx.emit(
        AnswerDrafted(
            petition_id=case.petition_id,
            case_id=case.id,
            actor=person.person,
            version=draft.version,
            unmet=unmet(sheet.findings) if is_forced else (),
            in_spite=Sealed(sheet.in_spite if is_forced else None),
        )
    )
    return taken.case


def _tell_drafted(tx: Transaction, case: Case, *, actor: str) -> None:
    tx.emit(AnswerDrafted(petition_id=case.petition_id, case_id=case.id, actor=actor, version=case.draft_version))


def take_back(tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, version: int | None = None) -> Case:
    """The drafter thinks again before anybody approved."""
    case = begin(tx, person, "take_back", case_id, version)
    store.change_answer(tx, case.id, case.draft_version, state="draft")
    taken = take_step(tx, rules, case, "take_back", actor=person.person, role=person.role)
    _tell_drafted(tx, taken.case, actor=person.person)
    return taken.case


def return_draft(
    tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, version: int | None = None, reason: str
) -> Case:
    """Not like this: back to the drafter, in words."""
    case = begin(tx, person, "return_draft", case_id, version)
    words = needed(reason, "reason", least=5)
    store.change_answer(
        tx, case.id, case.draft_version, state="returned", decided_by=person.person, decided_at=tx.now, words=words
    )
    taken = take_step(tx, rules, case, "return_draft", actor=person.person, role=person.role, words=words)
    _tell_drafted(tx, taken.case, actor=person.person)
    return taken.case


def approve(tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, version: int | None = None) -> Case:
    """The last version of the draft is the institution's answer; said by somebody else than its drafter."""
    case = begin(tx, person, "approve", case_id, version)
    if case.drafted_by is None:
        raise StepRefused("there is no draft to approve")
    letters.draft_of(tx, rules, case, "answer", signer=person.person)  # who cannot sign it does not approve it
    store.change_answer(tx, case.id, case.draft_version, state="approved", decided_by=person.person, decided_at=tx.now)
    taken = take_step(
        tx,
        rules,
        case,
        "approve",
        actor=person.person,
        role=person.role,
        data={"version": case.draft_version},
        approved_by=person.person,
        is_apology_owed=False,
    )
    tx.emit(
        AnswerApproved(
            petition_id=case.petition_id,
            case_id=case.id,
            actor=person.person,
            drafted_by=case.drafted_by,
            version=case.draft_version,
        )
    )
    return taken.case


def answer(tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, version: int | None = None) -> Case:
    """Give the approved answer to the citizen, and to everybody whose case follows this one."""
    case = begin(tx, person, "answer", case_id, version)
    given = next((draft for draft in reversed(store.answers_of(tx, case.id)) if draft.state == "approved"), None)
    if given is None or case.approved_by is None or case.approved_by == given.drafted_by:
        raise StepRefused("only an answer that another person approved can be given")
    signer = store.names_of(tx).get(case.approved_by, "")
    store.change_answer(tx, case.id, given.version, state="answered")
    taken = take_step(
        tx,
        rules,
        case,
        "answer",
        actor=person.person,
        role=person.role,
        is_public=True,
        data={"version": given.version, "outcome": given.outcome},
        answered_at=tx.now,
        answer_round=given.round,
    )
    _tell_answered(tx, rules, taken, given, approver=case.approved_by, signer=signer, actor=person.person)
    return taken.case


def _tell_answered(
    tx: Transaction, rules: Rules, taken: Taken, given: store.Answer, *, approver: str, signer: str, actor: str
) -> None:
    is_on_time = taken.before.answer_due_at is None or tx.now < taken.before.answer_due_at
    store.outdate_summaries(tx, taken.case.id)
    sheet = store.sheet_of(tx, taken.case.id, given.version)
    evidence = [one.attachment for one in store.answer_files_of(tx, taken.case.id) if one.round == given.round]
    followers = store.linked_to(tx, taken.case.id)
    for follower in followers:
        store.add_entry(
            tx, follower.id, "answer", actor=actor, is_public=True, outcome=given.outcome, by=str(taken.case.id)
        )
    for told in (taken.case, *followers):
        letter = letters.issue(tx, rules, told, "answer", signer=approver, **letters.answer_fields(given, sheet))
        tx.emit(
            CaseAnswered(
                petition_id=told.petition_id,
                case_id=told.id,
                actor=actor,
                round=given.round,
                outcome=given.outcome,
                promised_on=given.promised_on,
                due_on=taken.before.answer_due_on,
                is_on_time=is_on_time,
                is_rated=rules.catalogue.kind(told.kind).rated,
                corrects=given.round - 1 or None,
                reopen_until=reopen_until(rules, taken.case),
                answer=Sealed(given.text),
                signer=Sealed(signer),
                apology=Sealed(sheet.apology if sheet else None),
                point=Sealed(sheet.point if sheet and told.kind == consultation.KIND else None),
                evidence=Sealed(tuple(evidence)),
                **letters.told(told, letter),
            )
        )
    if given.outcome == "scheduled" and given.promised_on is not None:
        make_promise(tx, rules, taken.case, what=given.text, promised_on=given.promised_on, actor=actor)


def reopen_until(rules: Rules, case: Case) -> date | None:
    """The last day on which the citizen may ask to look again; None for kinds that have another way by law."""
    if case.answered_at is None or "reopen" not in rules.workflow_of(case).steps:
        return None
    answered_on = rules.calendar.local_day(case.answered_at)
    return answered_on + timedelta(days=rules.answers.term("reopen.within", answered_on))
