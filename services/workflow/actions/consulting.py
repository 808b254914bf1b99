"""Asking somebody outside for an opinion: a question that never says who the citizen is, behind a link that ends.

The link is a random word of 256 bits, told to the postman alone; here only its hash is kept.
"""

import hashlib
import hmac
import secrets
from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from email_validator import EmailNotValidError, validate_email

from services.workflow import store
from services.workflow.domain.case import SYSTEM, Case, StepRefused
from services.workflow.domain.consult import names_the_citizen
from services.workflow.domain.deadline import ClockRefused
from services.workflow.domain.ladder import who_hears
from services.workflow.domain.permission import Person, Refused, may
from services.workflow.domain.rules import Rules
from services.workflow.domain.vocabulary import Rule, holds
from services.workflow.steps import Incomplete, NotAllowed, begin, needed, paused, take_step, tell_paused, tell_resumed
from shared.db import Reading, Transaction
from shared.events.base import Sealed
from shared.events.workflow import CaseConsultAnswered, CaseConsulted, CaseConsultRevoked
from shared.ids import ordered_id

LINK_RULE, WAIT_RULE = "policy.consult", "policy.expert_wait"
LONGEST_ANSWER = 8000  # characters


class NoSuchLink(Exception):
    """The link leads nowhere: which of wrong, over, taken back or used it is, is not told."""


def consult(
    tx: Transaction,
    rules: Rules,
    *,
    person: Person,
    case_id: UUID,
    version: int | None = None,
    name: str,
    email: str,
    question: str,
    files: Collection[UUID] = (),
    is_waiting: bool = False,
    language: str = "vi",
) -> Case:
    """Send somebody outside a question by a link of their own. With `is_waiting` the clock stands still meanwhile,
    where the rules allow it, and no longer than they say.
    """
    case = begin(tx, person, "consult", case_id, version)
    if case.is_ended or case.answered_at is not None:
        raise StepRefused("nothing is asked about a case that was answered or has ended")
    told = store.words_of(tx, case.id)
    words = needed(question, "question", least=20)
    if names_the_citizen(words, (told.name, told.phone, told.email, told.address)):
        raise Incomplete("question", "names_the_citizen")
    known = {row.id for row in store.attachments_of(tx, case.id)}
    calendar, token = rules.calendar, secrets.token_urlsafe(32)
    today = calendar.local_day(tx.now)
    expires_on = calendar.add_working_days(today, rules.catalogue.rule(LINK_RULE, today).value)
    wait_ends_on = None
    if is_waiting:
        wait_ends_on = calendar.add_working_days(today, _wait_rule(tx, rules, case, person).value)
    asked = store.Consult(
        id=ordered_id(),
        case_id=case.id,
        name=needed(name, "name", most=200),
        email=_address(email),
        question=words,
        files=tuple(str(one) for one in files if one in known),
        token_hash=hash_of(token),
        asked_by=person.person,
        asked_at=tx.now,
        expires_on=expires_on,
        expires_at=calendar.end_of_day(expires_on),
        wait_ends_on=wait_ends_on,
    )
    store.add_consult(tx, asked)
    store.add_entry(tx, case.id, "consult", actor=person.person, words=words, due_on=expires_on.isoformat())
    tx.emit(
        CaseConsulted(
            petition_id=case.petition_id,
            case_id=case.id,
            consult_id=asked.id,
            actor=person.person,
            expires_on=expires_on,
            is_waiting=is_waiting,
            language=language,
            name=Sealed(asked.name),
            email=Sealed(asked.email),
            link_token=Sealed(token),
        )
    )
    return _wait(tx, rules, case, person, asked) if is_waiting else case


def _address(email: str) -> str:
    try:
        return validate_email(email.strip(), check_deliverability=False).normalized
    except EmailNotValidError:
        raise Incomplete("email", "malformed") from None


def may_wait(rules: Rules, case: Case, person: Person, *, tx: Reading) -> bool:
    """Whether the clock may stand still for an opinion on this case, and has not done so before."""
    try:
        _wait_rule(tx, rules, case, person)
    except (ClockRefused, StepRefused, NotAllowed):
        return False
    return True


def _wait_rule(tx: Reading, rules: Rules, case: Case, person: Person) -> Rule:
    """The rule by which the clock may wait. Raises NotAllowed, StepRefused, ClockRefused."""
    answer = may(person, "await_expert", case)
    if isinstance(answer, Refused):
        raise NotAllowed(answer.reason)
    workflow, today = rules.workflow_of(case), rules.calendar.local_day(tx.now)
    if "await_expert" not in workflow.steps:
        raise ClockRefused("no_rule", "no rule lets the clock of this kind wait for an opinion")
    workflow.step(case, "await_expert", by=person.role)
    found = [
        rule
        for rule in rules.catalogue.rules
        if rule.code == WAIT_RULE and case.kind in rule.kinds and holds(rule, today)
    ]
    if not found:
        raise ClockRefused("no_rule", "no rule lets the clock of this kind wait for an opinion")
    waited = sum(one.wait_ends_on is not None for one in store.consults_of(tx, case.id))
    if found[0].max_times is not None and waited >= found[0].max_times:
        raise ClockRefused("no_more", f"the clock waits for an opinion {found[0].max_times} time(s)")
    return found[0]


def _wait(tx: Transaction, rules: Rules, case: Case, person: Person, asked: store.Consult) -> Case:
    assert asked.wait_ends_on is not None
    calendar = rules.calendar
    taken = take_step(
        tx,
        rules,
        case,
        "await_expert",
        actor=person.person,
        role=person.role,
        is_public=True,
        wait_ends_at=calendar.next_working_instant(calendar.end_of_day(asked.wait_ends_on)),
    )
    if (still := paused(taken, actor=person.person, ground="expert_opinion")) is not None:
        tell_paused(tx, taken.case, still)
    return taken.case


def end_wait(
    tx: Transaction, rules: Rules, case: Case, *, ground: str, actor: str = SYSTEM, role: str = SYSTEM
) -> Case:
    """The opinion came, or is waited for no longer: the clock runs again, where none came from the end of the wait."""
    waited = next((one for one in store.consults_of(tx, case.id) if one.is_waited_for), None)
    ended_at = None
    if waited is not None:
        store.change_consult(tx, waited.id, wait_ended_at=tx.now)
        if ground == "expert_wait_over" and waited.wait_ends_on is not None:
            ended_at = min(tx.now, rules.calendar.end_of_day(waited.wait_ends_on) - timedelta(microseconds=1))
    taken = take_step(
        tx,
        rules,
        case,
        "resume",
        actor=actor,
        role=role,
        is_public=True,
        data={"ground": ground},
        clocks_at=ended_at,
    )
    tell_resumed(tx, taken, actor=actor, ground=ground)
    return taken.case


def revoke(
    tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, version: int | None = None, consult_id: UUID
) -> Case:
    """Take the link back; where the clock waited for it, it runs again."""
    case = begin(tx, person, "revoke_consult", case_id, version)
    asked = next((one for one in store.consults_of(tx, case.id) if one.id == consult_id), None)
    if asked is None or asked.state != "asked":
        raise StepRefused("there is no open link to take back")
    store.change_consult(tx, asked.id, state="revoked")
    store.add_entry(tx, case.id, "revoke_consult", actor=person.person)
    tx.emit(CaseConsultRevoked(petition_id=case.petition_id, case_id=case.id, consult_id=asked.id, actor=person.person))
    if asked.is_waited_for and case.stage == "consulting":
        return end_wait(tx, rules, case, ground="expert_wait_over", actor=person.person, role=SYSTEM)
    return case


# ---- by the link, without an account


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def find_by_link(tx: Reading, token: str) -> store.Consult:
    """What the link leads to. Raises NoSuchLink, whatever the reason."""
    wanted = hash_of(token)
    found = store.consult_by_hash(tx, wanted)
    is_right = hmac.compare_digest(found.token_hash if found else hash_of(""), wanted)
    if found is None or not is_right or not found.is_open_at(tx.now):
        raise NoSuchLink
    case = store.find_case(tx, found.case_id)
    if case is None or case.is_secret:  # it became one since
        raise NoSuchLink
    return found


def answer_by_link(tx: Transaction, rules: Rules, *, token: str, text: str) -> None:
    """The opinion, once. Where the clock waited for it, it runs again. Raises NoSuchLink, Incomplete."""
    asked = find_by_link(tx, token)
    case = store.load_case(tx, asked.case_id)
    asked = find_by_link(tx, token)  # held now: of two answers at once the second finds nothing
    assert case is not None
    words = needed(text, "text", least=5, most=LONGEST_ANSWER)
    store.change_consult(tx, asked.id, state="answered", answer=words, answered_at=tx.now)
    store.add_entry(tx, case.id, "consult_answered", actor="outside", words=words)
    tx.emit(
        CaseConsultAnswered(
            petition_id=case.petition_id,
            case_id=case.id,
            consult_id=asked.id,
            tell=who_hears(store.colleagues(tx), case, ("officer",)),
        )
    )
    if asked.is_waited_for and case.stage == "consulting":
        end_wait(tx, rules, case, ground="expert_answered")
