"""Photos and papers that show what an answer says: they go to the citizen with it, and stay with its round."""

from uuid import UUID

from services.workflow import store
from services.workflow.domain.case import Case, StepRefused
from services.workflow.domain.permission import Person
from services.workflow.domain.rules import Rules
from services.workflow.steps import Incomplete, begin
from shared.db import Transaction
from shared.events.intake import Attachment


def add_evidence(tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, files: list[Attachment]) -> Case:
    """Keep files beside the answer that is being written, or, once it is given, beside what was promised.

    Nothing of the case changes, so nobody outside hears of it before the answer.
    """
    case = begin(tx, person, "add_evidence", case_id, None)
    round_ = round_of(rules, case)
    most = rules.answers.term("evidence.files_at_most", rules.calendar.local_day(tx.now))
    if store.count_answer_files(tx, case.id, round_) + len(files) > most:
        raise Incomplete("evidence", "too_many")
    for file in files:
        kept = store.AnswerFile(
            id=file.id,
            case_id=case.id,
            round=round_,
            media_type=file.media_type,
            size_bytes=file.size_bytes,
            sha256=file.sha256,
            added_by=person.person,
            added_at=tx.now,
        )
        store.add_answer_file(tx, kept)
    return case


def round_of(rules: Rules, case: Case) -> int:
    """The answer that files of this moment go with. Raises StepRefused once it was approved: what was seen stays."""
    if case.answered_at is not None:
        return case.answer_round
    if "draft" in {step.name for step in rules.workflow_of(case).steps_from(case.stage)}:
        return case.answer_round + 1
    raise StepRefused("files are added while the answer is written")


def remove_evidence(tx: Transaction, rules: Rules, *, person: Person, file_id: UUID) -> store.AnswerFile:
    """Take a file away before anybody was asked to approve the answer that it goes with."""
    file = store.find_answer_file(tx, file_id)
    if file is None:
        raise Incomplete("evidence", "gone")
    case = begin(tx, person, "add_evidence", file.case_id, None)
    if case.answered_at is not None or file.round != round_of(rules, case):
        raise StepRefused("what was given stays")
    store.drop_answer_file(tx, file_id)
    return file
