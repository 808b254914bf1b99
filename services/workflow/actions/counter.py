"""At the counter and on the telephone: a pass for filing in a citizen's stead, answers handed over, calls."""

from datetime import date
from secrets import token_urlsafe
from uuid import UUID

from services.workflow import store
from services.workflow.domain.case import Case, StepRefused
from services.workflow.domain.counter import CHANNELS, DIRECTIONS, RECEIVERS, SURVEYS, may_hand_over
from services.workflow.domain.permission import Person
from services.workflow.domain.rules import Rules
from services.workflow.steps import Incomplete, begin, needed
from shared.db import Reading, Transaction
from shared.events.base import Sealed
from shared.events.workflow import AnswerHandedOver, CaseProgressed
from shared.keys import KeyRing
from shared.passes import LIVES, Pass, write_pass


def sign_pass(look: Reading, keys: KeyRing, *, person: Person, channel: str) -> str:
    """A pass with which this person files one petition at the door in a citizen's stead, or types in answers to
    surveys. Raises Incomplete.
    """
    if channel not in {*CHANNELS, SURVEYS}:
        raise Incomplete("channel", "unknown")
    given = Pass(
        audience="intake",
        person=person.person,
        unit=person.unit,
        channel=channel,
        expires_at=look.now + LIVES,
        nonce=token_urlsafe(16),
    )
    return write_pass(keys, given)


def hand_over(
    tx: Transaction,
    rules: Rules,
    *,
    person: Person,
    case_id: UUID,
    version: int | None = None,
    given_to: str,
    given_on: date | None = None,
    delegation: str = "",
    is_signed: bool = False,
) -> Case:
    """The answer was given on paper, in person: to the petitioner, or to who showed a written delegation. Once."""
    case = begin(tx, person, "hand_over", case_id, version)
    if not may_hand_over(case, store.handovers_of(tx, case.id)):
        raise StepRefused("there is no answer that waits to be handed over")
    if given_to not in RECEIVERS:
        raise Incomplete("given_to", "unknown")
    words = needed(delegation, "delegation", least=5) if given_to == "delegate" else None
    on = _day_of_giving(rules, case, given_on, tx)
    given = store.Handover(
        round=case.answer_round,
        given_to=given_to,
        delegation=words,
        given_on=on,
        is_signed=is_signed,
        actor=person.person,
        at=tx.now,
    )
    store.add_handover(tx, case.id, given)
    store.add_entry(
        tx,
        case.id,
        "hand_over",
        actor=person.person,
        is_public=True,
        given_to=given_to,
        given_on=on.isoformat(),
        is_signed=is_signed,
    )
    tx.emit(
        AnswerHandedOver(
            petition_id=case.petition_id,
            case_id=case.id,
            actor=person.person,
            round=case.answer_round,
            given_to=given_to,
            given_on=on,
            is_signed=is_signed,
        )
    )
    return case


def _day_of_giving(rules: Rules, case: Case, given_on: date | None, tx: Transaction) -> date:
    today, answered_at = rules.calendar.local_day(tx.now), case.answered_at
    on = given_on or today
    if on > today:
        raise Incomplete("given_on", "to_come")
    if answered_at is not None and on < rules.calendar.local_day(answered_at):
        raise Incomplete("given_on", "too_early")
    return on


def log_call(
    tx: Transaction,
    _rules: Rules,
    *,
    person: Person,
    case_id: UUID,
    version: int | None = None,
    direction: str,
    words: str,
    is_told: bool = False,
) -> Case:
    """A telephone call: who called whom and what was said. The citizen reads it only where `is_told` says so."""
    case = begin(tx, person, "log_call", case_id, version)
    if direction not in DIRECTIONS:
        raise Incomplete("direction", "unknown")
    said = needed(words, "words", least=5)
    if is_told:
        _tell_call(tx, person, case, said)
    store.add_entry(tx, case.id, "log_call", actor=person.person, is_public=is_told, words=said, direction=direction)
    return case


def _tell_call(tx: Transaction, person: Person, case: Case, said: str) -> None:
    begin(tx, person, "progress", case.id, None)  # what the citizen is told is said by who handles the case
    if case.is_ended:
        raise StepRefused("the case has ended: nothing is told any more")
    tx.emit(CaseProgressed(petition_id=case.petition_id, case_id=case.id, actor=person.person, note=Sealed(said)))
