"""Taking a step: what every step of a case has in common, and how the desk words what it tells.

Of secret kinds the open fields say neither kind, topic, unit nor rule: the names of rules would give the kind away.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from email_validator import EmailNotValidError, validate_email

from services.workflow import store
from services.workflow.domain import deadline as clocks
from services.workflow.domain.assignment import at_once
from services.workflow.domain.case import SYSTEM, Case
from services.workflow.domain.deadline import Deadline
from services.workflow.domain.dialogue import Dialogue, Guest
from services.workflow.domain.ladder import who_hears
from services.workflow.domain.permission import Allowed, Person, Refusal, Refused, may
from services.workflow.domain.promise import Promise
from services.workflow.domain.rules import OPEN_STATES, Rules, effect_of, follow, owed, sooner, timed
from services.workflow.domain.summary import NEVER_AT
from services.workflow.taking_down import take_down_if_closed
from shared.db import Transaction
from shared.events.base import Sealed
from shared.events.intake import Attachment
from shared.events.workflow import (
    CaseAssigned,
    CaseClockPaused,
    CaseClockResumed,
    CaseExamined,
    CaseFollowUp,
    CaseOpened,
    CaseRouted,
    DialogueInvited,
    Due,
    PromiseChecked,
    Sorting,
)
from shared.text import nfc

SEALED = "sealed"
"""What stands in an open field where the truth would give a secret kind away."""


class CaseUnknown(Exception):
    """There is no such case, as far as this person is concerned."""


class NotAllowed(Exception):
    """The person sees the case and may not do this to it."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


class Incomplete(Exception):
    """A field that the step needs is empty or wrong. `field` is its name, `code` what is wrong with it."""

    def __init__(self, field: str, code: str = "missing") -> None:
        super().__init__(f"{field} is {code}")
        self.field, self.code = field, code


@dataclass(frozen=True)
class Taken:
    """A step that was taken."""

    before: Case
    case: Case
    clocks: Mapping[UUID, Deadline]  # all clocks of the case, as they are now

    @property
    def met_late(self) -> bool:
        return any(clock.state == "missed" for clock in self.clocks.values())


def begin(tx: Transaction, person: Person, action: str, case_id: UUID, version: int | None) -> Case:
    """The case, held for this person's act, as they saw it. Raises CaseUnknown, NotAllowed, StaleCase."""
    case = store.load_case(tx, case_id)
    if case is None:
        raise CaseUnknown
    answer = may(person, action, case)
    if isinstance(answer, Refused):
        if answer.reason in {Refusal.ABOUT_YOU, Refusal.NOT_YOURS}:
            raise CaseUnknown
        raise NotAllowed(answer.reason)
    if version is not None and case.version != version:
        raise store.StaleCase(case)
    return case


def must(answer: Allowed | Refused) -> None:
    """Go on only where this is allowed. Raises NotAllowed."""
    if isinstance(answer, Refused):
        raise NotAllowed(answer.reason)


def needed(value: str | None, field: str, *, least: int = 1, most: int = 4000) -> str:
    """What was typed, when it is enough. Raises Incomplete."""
    said = nfc((value or "").strip())
    if len(said) < least:
        raise Incomplete(field)
    if len(said) > most:
        raise Incomplete(field, "too_long")
    return said


def day_of(typed: str, field: str) -> date | None:
    """A day as people write it here, dd/MM/yyyy, or as programs do, yyyy-MM-dd; None when nothing was typed.

    Raises Incomplete.
    """
    typed = typed.strip()
    if not typed:
        return None
    try:
        return datetime.strptime(typed, "%Y-%m-%d" if "-" in typed else "%d/%m/%Y").date()
    except ValueError:
        raise Incomplete(field, "malformed") from None


def email_of(typed: str) -> str:
    """An e-mail address in its normal form. Raises Incomplete."""
    try:
        return validate_email(typed.strip(), check_deliverability=False).normalized
    except EmailNotValidError:
        raise Incomplete("email", "malformed") from None


def working_day_ahead(tx: Transaction, rules: Rules, due_on: date) -> date:
    """A day by which somebody is to have done something, when it can be one. Raises Incomplete."""
    if due_on < rules.calendar.local_day(tx.now):
        raise Incomplete("due_on", "passed")
    if not rules.calendar.is_working_day(due_on):
        raise Incomplete("due_on", "rest_day")
    return due_on


def take_step(
    tx: Transaction,
    rules: Rules,
    case: Case,
    name: str,
    *,
    actor: str,
    role: str,
    is_public: bool = False,
    words: str | None = None,
    data: Mapping[str, Any] | None = None,
    columns: Mapping[str, Any] | None = None,
    wait_ends_at: datetime | None = None,
    clocks_at: datetime | None = None,
    heirs: Collection[UUID] = (),
    **changes: Any,
) -> Taken:
    """Take a step of the state table and save all that follows: stage, clocks, next rung, a line of the timeline; what
    was public of a case that has no public life of its own any more is taken down.

    `changes` are fields of the case, `columns` those that only the store knows, `data` and `words` go to the timeline.
    `clocks_at` is when the clocks moved, where that is not now; `heirs` are the cases that go on with the matter of one
    that ends so. The caller tells the event.
    Raises StepRefused, StaleCase, ClockRefused.
    """
    workflow = rules.workflow_of(case)
    step = workflow.step(case, name, by=role)
    moved = replace(workflow.take(case, name, by=role), **changes)
    known = store.deadlines_of(tx, case.id)
    changed = effect_of(step, known, at=clocks_at or tx.now, calendar=rules.calendar)
    changed |= follow(case.kind, known, changed, rules.catalogue)
    if changed:
        store.save_deadlines(tx, changed)
    after = known | changed
    if step.starts:
        after = after | _start(tx, rules, moved, step.starts)
    moved = retimed(tx, rules, case, moved, (*known.values(),), (*after.values(),), wait_ends_at=wait_ends_at)
    saved = store.save_case(tx, moved, **(columns or {}))
    store.add_entry(tx, case.id, name, actor=actor, is_public=is_public, words=words, **(data or {}))
    if saved.is_ended or saved.answered_at is not None:
        store.decide_withdrawal(tx, case.id, state="over", by=actor)
    if saved.stage in NEVER_AT:
        take_down_if_closed(tx, saved, by=actor, heirs=heirs)
    return Taken(case, saved, after)


def move_followers(tx: Transaction, lead: Case) -> list[Case]:
    """The cases that follow this one, held, with the due day that it has now. The caller tells each of them."""
    moved = []
    for follower in store.linked_to(tx, lead.id):
        due = replace(
            follower,
            answer_due_at=lead.answer_due_at,
            answer_due_on=lead.answer_due_on,
            answer_rule=lead.answer_rule,
        )
        moved.append(store.save_case(tx, due) if due != follower else follower)
    return moved


def _start(tx: Transaction, rules: Rules, case: Case, anchors: frozenset[str]) -> dict[UUID, Deadline]:
    """Start the clocks that run from what has just happened."""
    fresh = clocks.deadlines_of(
        rules.catalogue,
        kind=case.kind,
        topic=case.topic,
        conditions=frozenset(case.conditions),
        anchors={"received": case.received_at} | dict.fromkeys(anchors, tx.now),
        only=anchors,
    )
    return store.add_deadlines(tx, case.id, fresh)


def retimed(
    tx: Transaction,
    rules: Rules,
    before: Case,
    case: Case,
    clocks_before: Sequence[Deadline],
    clocks_after: Sequence[Deadline],
    *,
    wait_ends_at: datetime | None = None,
) -> Case:
    """The case with due day and next rung. While the governing clock stays the same, the rung that waits stays too:
    a step taken a moment before the sweep must not swallow a reminder."""
    then, now = owed(clocks_before), owed(clocks_after)
    is_same = then == now and (before.is_paused, before.is_ended) == (case.is_paused, case.is_ended)
    if is_same and not case.is_ended and case.answered_at is None and wait_ends_at is None:
        return sooner(case, clocks_after, rules, after=tx.now)
    return timed(case, clocks_after, rules, after=(tx.now, ""), wait_ends_at=wait_ends_at)


def give_out(tx: Transaction, rules: Rules, case: Case) -> Case:
    """An accepted case, given at once to whom its unit's matrix names; as it was where nobody is named or there."""
    today = rules.calendar.local_day(tx.now)
    workflow = rules.workflow_of(case)
    if case.officer is not None or not workflow.may_take(case, "assign", by=SYSTEM):
        return case
    named = at_once(store.matrix_of(tx, {case.unit}, day=today), case, workflow, today)
    if named is None:
        return case
    told = {"officer": named.person} | named.why
    taken = take_step(tx, rules, case, "assign", actor=SYSTEM, role=SYSTEM, data=told, officer=named.person)
    tx.emit(assigned(taken.case, actor=SYSTEM))
    return taken.case


# ---- how it is told


def assigned(case: Case, *, actor: str) -> CaseAssigned:
    """Who has the case now; where work was begun, it goes on in other hands."""
    assert case.officer is not None
    return CaseAssigned(
        petition_id=case.petition_id,
        case_id=case.id,
        actor=actor,
        officer=case.officer,
        unit=None if case.is_secret else case.unit,
        is_begun=case.stage != "assigned" or None,
    )


def rule_name(case: Case, rule: str | None) -> str:
    return SEALED if case.is_secret or rule is None else rule


def dues(case: Case, deadlines: Mapping[UUID, Deadline] | Sequence[Deadline]) -> tuple[Due, ...]:
    """What is owed to the citizen, as events say it."""
    found = deadlines.values() if isinstance(deadlines, Mapping) else deadlines
    return tuple(
        Due(
            rule=rule_name(case, clock.rule),
            step=SEALED if case.is_secret else clock.step,
            due_on=clock.due_on,
            due_at=clock.due_at,
            is_governing=clock.is_governing,
        )
        for clock in found
        if not clock.is_internal and clock.state in OPEN_STATES
    )


def opened(case: Case, deadlines: Sequence[Deadline]) -> CaseOpened:
    is_open = not case.is_secret
    return CaseOpened(
        petition_id=case.petition_id,
        case_id=case.id,
        kind=case.kind if is_open else None,
        topic=case.topic if is_open else None,
        priority=case.priority,
        is_restricted=case.is_restricted,
        publication=case.publication,
        workflow_version=case.workflow_version,
        received_at=case.received_at,
        answer_due_on=case.answer_due_on,
        deadlines=dues(case, deadlines),
        sorting=Sealed(Sorting(kind=case.kind, topic=case.topic, unit=case.unit)),
    )


def routed(case: Case, *, actor: str, units: frozenset[str], ground: str | None = None) -> CaseRouted:
    """`units` are the codes of all units: what else is excluded are people, who are told sealed."""
    is_open = not case.is_secret
    return CaseRouted(
        petition_id=case.petition_id,
        case_id=case.id,
        actor=actor,
        route=case.route if is_open else SEALED,
        unit=case.unit if is_open else None,
        excluded_units=tuple(sorted(case.excluded & units)) if is_open else (),
        ground=ground,
        excluded=Sealed(tuple(sorted(case.excluded))),
        destination=Sealed(case.unit),
    )


def paused(taken: Taken, *, actor: str, ground: str) -> CaseClockPaused | None:
    """The clocks that stand still since this step, if any do."""
    still = [clock.rule for clock in taken.clocks.values() if clock.state == "paused"]
    if not still:
        return None
    return CaseClockPaused(
        petition_id=taken.case.petition_id,
        case_id=taken.case.id,
        actor=actor,
        ground=ground,
        rules=(SEALED,) if taken.case.is_secret else tuple(still),
    )


def resumed(taken: Taken, *, actor: str, ground: str) -> CaseClockResumed:
    return CaseClockResumed(
        petition_id=taken.case.petition_id,
        case_id=taken.case.id,
        actor=actor,
        ground=ground,
        answer_due_on=taken.case.answer_due_on,
        deadlines=dues(taken.case, taken.clocks),
    )


def tell_paused(tx: Transaction, case: Case, told: CaseClockPaused, *, letter: Mapping[str, Any] | None = None) -> None:
    """Tell that clocks stand still; those whose cases follow this one hear it, too, unless it waits for its sender.
    A letter goes to the sender alone."""
    tx.emit(replace(told, **letter or {}))
    if told.ground == "waiting_for_citizen":
        return
    for follower in store.linked_to(tx, case.id):
        tx.emit(replace(told, petition_id=follower.petition_id, case_id=follower.id))


def tell_resumed(
    tx: Transaction, taken: Taken, *, actor: str, ground: str, letter: Mapping[str, Any] | None = None
) -> None:
    """Tell that the clock runs again, and the new due day to those whose cases follow this one. A letter goes to the
    sender alone."""
    told = resumed(taken, actor=actor, ground=ground)
    tx.emit(replace(told, **letter or {}))
    why = "wait_is_over" if ground == "citizen_replied" else ground  # who replied was not they
    for follower in move_followers(tx, taken.case):
        tx.emit(replace(told, petition_id=follower.petition_id, case_id=follower.id, ground=why))


def examined(
    taken: Taken, person: Person, *, what: str, is_due_moved: bool = False, words: str | None = None
) -> CaseExamined:
    """What was found about a case; of a secret one neither what nor how."""
    case = taken.case
    return CaseExamined(
        petition_id=case.petition_id,
        case_id=case.id,
        actor=person.person,
        what=SEALED if case.is_secret else what,
        signature_status=None if case.is_secret else case.signature_status,
        conditions=() if case.is_secret else case.conditions,
        is_due_moved=is_due_moved,
        answer_due_on=case.answer_due_on,
        deadlines=dues(case, taken.clocks),
        reason=Sealed(words),
    )


# ---- after the answer


def check_promise(
    tx: Transaction,
    case: Case,
    promise: Promise,
    state: str,
    *,
    actor: str,
    words: str | None = None,
    moved_to: date | None = None,
    evidence: Sequence[Attachment] = (),
) -> Promise:
    """A promise as it is kept now that somebody said what became of it; told to all whom it was made to."""
    checked = replace(promise, state=state, checked_by=actor, checked_at=tx.now, words=words)
    store.save_promise(tx, checked)
    for told in (case, *store.linked_to(tx, case.id)):
        tx.emit(
            PromiseChecked(
                petition_id=told.petition_id,
                case_id=told.id,
                actor=actor,
                promise_id=promise.id,
                state=state,
                promised_on=promise.promised_on,
                moved_to=moved_to,
                reason=Sealed(words if state == "moved" else None),
                evidence=Sealed(tuple(evidence)),
            )
        )
    return checked


def is_about_conduct(rules: Rules, case: Case) -> bool:
    """Whether it says how somebody of the house behaves, and is neither complaint nor denunciation."""
    if case.topic is None or case.is_secret or rules.catalogue.kind(case.kind).signature_needed:
        return False
    return rules.catalogue.topic(case.topic, rules.calendar.local_day(case.received_at)).restricted


def tell_of_conduct(tx: Transaction, rules: Rules, case: Case) -> None:
    """The director hears at once of harassment and the like, unless it is about them."""
    if is_about_conduct(rules, case) and (tell := who_hears(store.colleagues(tx), case, ("director",))):
        tx.emit(CaseFollowUp(petition_id=case.petition_id, case_id=case.id, ground="conduct_reported", tell=tell))


def follow_up(tx: Transaction, case: Case, ground: str, *, but: Collection[str | None] = ()) -> None:
    """Tell the head of the unit that something waits for a decision; `but` those, whom it is not told."""
    people = [one for one in store.colleagues(tx) if one.person not in but]
    tell = who_hears(people, case, ("unit_head",))
    tx.emit(CaseFollowUp(petition_id=case.petition_id, case_id=case.id, ground=ground, tell=tell))


# ---- sessions


def invitation(
    rules: Rules, dialogue: Dialogue, guest: Guest, ground: str, *, reason: str | None = None
) -> DialogueInvited:
    """What the post tells one guest."""
    return DialogueInvited(
        dialogue_id=dialogue.id,
        guest_id=guest.id,
        ground=ground,
        starts_at=dialogue.starts_at,
        session_on=rules.calendar.local_day(dialogue.starts_at),
        language=guest.language,
        title=Sealed(dialogue.title),
        place=Sealed(dialogue.place),
        reason=Sealed(reason),
        name=Sealed(guest.name),
        email=Sealed(guest.email),
        mobile=Sealed(guest.mobile),
        link_token=Sealed(guest.link_token),
    )
