"""Consultations on drafts: prepared by one, opened by another, closed by the clock or with a reason; and the answers to
their comments, given to several at once where they say the same.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from services.workflow import store
from services.workflow.actions.answering import petition_words, submit_draft
from services.workflow.actions.looking import tell_read
from services.workflow.actions.work import accept, take
from services.workflow.domain import consultation as rules_of_consultations
from services.workflow.domain.case import SYSTEM, Case
from services.workflow.domain.checks import Reply, questions_in
from services.workflow.domain.consultation import ANCHOR, PREPARED, Consultation, ConsultationRefused
from services.workflow.domain.permission import Person
from services.workflow.domain.rules import Book, Rules, timed
from services.workflow.domain.vocabulary import holds
from services.workflow.steps import Incomplete, begin, dues, must, needed
from shared.db import Database, Transaction
from shared.events.base import Sealed
from shared.events.intake import Attachment
from shared.events.workflow import CaseClockStarted, ConsultationClosed, ConsultationOpened, DraftPolicy
from shared.ids import ordered_id

BATCH = 500  # comments a transaction whose clocks are started
LONGEST_DRAFT = 40_000  # characters of a draft that is no file
EXPORTED = 5000


class ConsultationUnknown(Exception):
    """There is no such consultation."""


def prepare_consultation(
    tx: Transaction, rules: Rules, *, person: Person, document: Attachment | None = None, **written: Any
) -> Consultation:
    """Write down what shall be laid before the public: title, summary, asked, text, unit, opens_on, closes_on."""
    must(rules_of_consultations.may_prepare(person))
    new = Consultation(
        id=ordered_id(),
        number=0,
        document=document,
        prepared_by=person.person,
        prepared_at=tx.now,
        **_checked(tx, rules, written, document=document),
    )
    new = replace(new, number=store.next_consultation_number(tx))
    store.add_consultation(tx, new)
    return new


def change_consultation(
    tx: Transaction,
    rules: Rules,
    *,
    person: Person,
    consultation_id: UUID,
    document: Attachment | None = None,
    **written: Any,
) -> Consultation:
    """Write it anew before anybody opened it; a file that was there stays where no other comes."""
    must(rules_of_consultations.may_prepare(person))
    found = _load(tx, consultation_id)
    if found.state != PREPARED:
        raise ConsultationRefused("what people comment on is not changed any more")
    document = document or found.document
    changed = replace(
        found,
        document=document,
        prepared_by=person.person,
        prepared_at=tx.now,
        **_checked(tx, rules, written, document=document),
    )
    store.save_consultation(tx, changed)
    return changed


def _checked(
    tx: Transaction, rules: Rules, written: Mapping[str, Any], *, document: Attachment | None
) -> dict[str, Any]:
    """What was typed, when it can be laid before the public. Raises Incomplete."""
    today = rules.calendar.local_day(tx.now)
    checked: dict[str, Any] = {
        "title": needed(written["title"], "title", least=10, most=160),
        "summary": needed(written["summary"], "summary", least=20, most=4000),
        "asked": needed(written["asked"], "asked", least=10, most=2000),
        "unit": written["unit"],
    }
    text = (written["text"] or "").strip()
    if not text and document is None:
        raise Incomplete("document")
    checked["text"] = needed(text, "draft_text", most=LONGEST_DRAFT) if text else None
    if checked["unit"] not in {unit.code for unit in rules.catalogue.units if holds(unit, today)}:
        raise Incomplete("unit", "unknown")
    for name in ("opens_on", "closes_on"):
        if written[name] is None:
            raise Incomplete(name)
        checked[name] = written[name]
    if checked["closes_on"] < checked["opens_on"]:
        raise Incomplete("closes_on", "too_early")
    if checked["closes_on"] < today:
        raise Incomplete("closes_on", "passed")
    return checked


def open_consultation(
    tx: Transaction, rules: Rules, *, person: Person, consultation_id: UUID, seen: str
) -> Consultation:
    """Lay the draft before the public. `seen` is when what was looked at had been written: nothing else is opened.

    Source: Kế hoạch 1167/KH-SGTVT, 1.2; two persons: policy.
    """
    found = _load(tx, consultation_id)
    must(rules_of_consultations.may_open(person, found))
    if found.prepared_at.isoformat() != seen:
        raise ConsultationRefused("it was written anew since it was looked at")
    today = rules.calendar.local_day(tx.now)
    opened = rules_of_consultations.open_up(found, by=person.person, at=tx.now, today=today)
    store.save_consultation(tx, opened)
    tx.emit(
        ConsultationOpened(
            consultation_id=opened.id,
            actor=person.person,
            prepared_by=opened.prepared_by,
            number=opened.number,
            unit=opened.unit,
            opens_on=opened.opens_on,
            closes_on=opened.closes_on,
            answers_due_on=rules_of_consultations.answers_due_on(rules.catalogue, opened.closes_on),
            draft=Sealed(
                DraftPolicy(
                    title=opened.title,
                    summary=opened.summary,
                    asked=opened.asked,
                    text=opened.text,
                    document=opened.document,
                )
            ),
        )
    )
    return opened


def close_consultation(
    tx: Transaction, rules: Rules, *, person: Person, consultation_id: UUID, reason: str
) -> Consultation:
    """End it before its last day, with the reason that everybody reads."""
    found = _load(tx, consultation_id)
    must(rules_of_consultations.may_close(person, found))
    words = needed(reason, "reason", least=10, most=1000)
    return _close(tx, rules, found, by=person.person, today=rules.calendar.local_day(tx.now), reason=words)


def _close(
    tx: Transaction, rules: Rules, found: Consultation, *, by: str, today: date, reason: str | None = None
) -> Consultation:
    closed = rules_of_consultations.close(found, by=by, at=tx.now, today=today, reason=reason)
    assert closed.closed_on is not None
    store.save_consultation(tx, closed)
    tx.emit(
        ConsultationClosed(
            consultation_id=closed.id,
            actor=by,
            closed_on=closed.closed_on,
            is_early=by != SYSTEM,
            answers_due_on=rules_of_consultations.answers_due_on(rules.catalogue, closed.closed_on),
            reason=Sealed(reason),
        )
    )
    return closed


def _load(tx: Transaction, consultation_id: UUID) -> Consultation:
    found = store.load_consultation(tx, consultation_id)
    if found is None:
        raise ConsultationUnknown
    return found


# ---- the clock


class CloseConsultations:
    """Closes consultations whose days are over, and starts the clock of every comment on one that is closed: also of
    those that were on their way when it was.
    """

    name, idle_s = "consultations", 60.0

    def __init__(self, database: Database, book: Book, *, batch: int = BATCH) -> None:
        self._database, self._book, self._batch = database, book, batch

    def once(self) -> int:
        with self._database.reading() as look:
            rules = self._book.in_force(look)
            today = rules.calendar.local_day(look.now)
            if not (store.is_consultation_over(look, today) or store.is_comment_without_clock(look)):
                return 0
        with self._database.writing() as tx:
            over = store.consultations_over(tx, today)
            for one in over:
                _close(tx, rules, one, by=SYSTEM, today=today)
            waiting = store.comments_without_clock(tx, limit=self._batch)
            for case, closed_on in waiting:
                start_clock(tx, rules, case, closed_on)
            return len(over) + len(waiting)


def start_clock(tx: Transaction, rules: Rules, case: Case, closed_on: date) -> Case:
    """The time for the answer runs from the close. Source: config/clocks.json, `consultation_comment.answer`."""
    fresh = rules_of_consultations.clocks_from(rules.catalogue, closed_on)
    store.add_deadlines(tx, case.id, fresh)
    begun = store.save_case(tx, timed(case, fresh, rules, after=(tx.now, "")))
    store.add_entry(tx, case.id, "clock_started", actor=SYSTEM, is_public=True, due_on=str(begun.answer_due_on))
    tx.emit(
        CaseClockStarted(
            petition_id=case.petition_id,
            case_id=case.id,
            actor=SYSTEM,
            anchor=ANCHOR,
            anchor_on=closed_on,
            answer_due_on=begun.answer_due_on,
            deadlines=dues(begun, fresh),
        )
    )
    return begun


# ---- the answers


def draft_for_comment(
    tx: Transaction,
    rules: Rules,
    *,
    person: Person,
    case_id: UUID,
    version: int | None = None,
    text: str,
    outcome: str,
    point: str,
    answers_all: bool = False,
    in_spite: str = "",
) -> Case:
    """Write the answer to a comment, taking it on where nobody has, and ask another person to approve it.

    `answers_all`: the drafter says that every question of the comment is answered.
    """
    case = begin(tx, person, "see", case_id, version)
    at: dict[str, Any] = {"person": person, "case_id": case_id}
    if case.stage == "accepted":
        case = take(tx, rules, **at, version=version)
    elif case.stage == "assigned":
        case = accept(tx, rules, **at, version=version)
    asked = petition_words(store.words_of(tx, case.id), store.supplements_of(tx, case.id)) if answers_all else ""
    marks = rules.answers.marks_on(rules.calendar.local_day(tx.now))
    return submit_draft(
        tx,
        rules,
        **at,
        version=case.version,
        text=text,
        outcome=outcome,
        point=point,
        in_spite=in_spite,
        replies={one.no: Reply(True) for one in questions_in(asked, marks)},
    )


def read_comments(tx: Transaction, *, person: Person, consultation_id: UUID) -> list[store.Comment]:
    """All comments that this person may see, to be taken out of here, oldest first; told for each before anything is
    given.
    """
    if store.find_consultation(tx, consultation_id) is None:
        raise ConsultationUnknown
    found = store.comments_of(tx, person, consultation_id, limit=EXPORTED)
    for comment in found:
        tell_read(tx, comment.case, person, kind="export", purpose="supervision")
    return sorted(found, key=lambda comment: comment.case.id)
