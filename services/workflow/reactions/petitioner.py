"""What petitioners add, where they are reached, and whether they take it back."""

from collections.abc import Sequence

from services.workflow import store
from services.workflow.domain.case import SYSTEM, Case
from services.workflow.domain.rules import Rules
from services.workflow.ending import end_withdrawn, let_go
from services.workflow.steps import follow_up, give_out, take_step, tell_resumed
from shared.db import Transaction
from shared.events.intake import ContactChanged, PetitionSupplemented, PetitionWithdrawn
from shared.inbox import Heard, NotYet


def take_supplements(tx: Transaction, heard: Sequence[Heard], *, rules: Rules) -> None:
    """Citizens added something: keep it with each case, and let the clock run again where it waited for this."""
    for one in heard:
        _take_supplement(tx.because(one.cause), one.event, rules)


def _take_supplement(tx: Transaction, heard: PetitionSupplemented, rules: Rules) -> None:
    cases = store.cases_of(tx, heard.petition_id)
    if not cases:
        raise NotYet("the case of this petition is not open yet")
    store.add_attachments(tx, [(case.id, file) for case in cases for file in heard.attachments.value])
    for case in cases:
        text = heard.text.value
        open_text = None if case.is_secret else text
        added = store.add_supplement(tx, case.id, words=open_text, attachment_count=heard.attachment_count)
        if case.is_secret and text:
            store.seal_supplement(tx, case, added, text)
        store.add_entry(tx, case.id, "supplemented", actor="citizen", is_public=True)
        if not heard.is_reply:
            continue
        asked = store.open_question(tx, case.id)
        if asked is not None:
            store.reply_to(tx, asked.id, is_replied=True)
        if case.stage == "waiting":
            count = case.attachment_count + heard.attachment_count
            taken = take_step(
                tx, rules, case, "resume", actor=SYSTEM, role=SYSTEM, is_public=True, attachment_count=count
            )
            tell_resumed(tx, taken, actor=SYSTEM, ground="citizen_replied")
            give_out(tx, rules, taken.case)


def change_contacts(tx: Transaction, heard: Sequence[Heard], *, rules: Rules) -> None:
    """Petitioners are reached elsewhere, or in another language. What a denouncer says stays under its lock."""
    for one in heard:
        changed: ContactChanged = one.event
        cases = store.cases_of(tx, changed.petition_id)
        if not cases:
            raise NotYet("the case of this petition is not open yet")
        for case in cases:
            if changed.email.is_open and changed.phone.is_open:
                store.change_contact(tx, case, email=changed.email.value, phone=changed.phone.value)
            store.speak(tx, case.id, changed.language)
            if changed.is_address_new:
                store.add_entry(tx, case.id, "contact_changed", actor="citizen", is_public=True)
        store.forget_verified(tx, changed.petition_id, all_but=changed.verified)


def note_verified(tx: Transaction, heard: Sequence[Heard], *, rules: Rules) -> None:
    """Petitioners have shown that an address is theirs."""
    for one in heard:
        store.note_verified(tx, one.event.petition_id, one.event.channel, at=one.cause.time)


def take_withdrawals(tx: Transaction, heard: Sequence[Heard], *, rules: Rules) -> None:
    """Petitioners take their petition back: it ends at once, or an officer decides where the law wants a signed letter
    or settles it all the same."""
    for one in heard:
        cases = store.cases_of(tx, one.event.petition_id)
        if not cases:
            raise NotYet("the case of this petition is not open yet")
        for case in cases:
            _take_withdrawal(tx.because(one.cause), case, one.event, rules)


def _take_withdrawal(tx: Transaction, case: Case, asked: PetitionWithdrawn, rules: Rules) -> None:
    said = asked.reason.value if asked.reason.is_open else None
    workflow = rules.workflow_of(case)
    if case.stage == "linked" and workflow.may_take(case, "unlink", by=SYSTEM):
        case = let_go(tx, rules, case, actor=SYSTEM, role=SYSTEM, why="withdrawn", words=None)
    is_over = case.is_ended or case.answered_at is not None
    if is_over:
        return
    if not rules.catalogue.kind(case.kind).signature_needed and workflow.may_take(case, "withdraw", by=SYSTEM):
        end_withdrawn(tx, rules, case, actor="citizen", role=SYSTEM, words=said)
        return
    if case.is_secret and said:
        added = store.add_supplement(tx, case.id, words=None, attachment_count=0)
        store.seal_supplement(tx, case, added, said)
    told = None if case.is_secret else said
    store.ask_withdrawal(tx, case.id, reason=told)
    store.add_entry(tx, case.id, "withdrawal_asked", actor="citizen", is_public=True, words=told)
    follow_up(tx, case, "withdrawal_asked")
