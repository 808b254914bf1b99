"""Procedures at the desk: which one a case is about, and the review of each when its day has come."""

from uuid import UUID

from services.workflow import store
from services.workflow.domain.case import SYSTEM, Case
from services.workflow.domain.permission import Person
from services.workflow.domain.procedure import Procedure, procedures_on, to_review
from services.workflow.domain.remedy import OPEN, Remedy
from services.workflow.domain.routing import unit_on
from services.workflow.domain.rules import Book, Rules
from services.workflow.steps import Incomplete, begin
from shared.db import Database, Transaction
from shared.events.workflow import CaseProcedureNamed, RemedyOpened
from shared.ids import ordered_id
from shared.telemetry import log


def name_procedure(
    tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, procedure: str, version: int | None = None
) -> Case:
    """Say which procedure a case is about. Raises Incomplete where there is none of this code today."""
    case = begin(tx, person, "name_procedure", case_id, version)
    today = rules.calendar.local_day(tx.now)
    if procedure not in {row.code for row in procedures_on(rules.catalogue.procedures, today)}:
        raise Incomplete("procedure", "unknown")
    if store.procedure_of(tx, case.id) == procedure:
        return case
    store.name_procedure(tx, case.id, procedure, by=person.person)
    store.add_entry(tx, case.id, "procedure", actor=person.person, procedure=procedure)
    tx.emit(CaseProcedureNamed(petition_id=case.petition_id, case_id=case.id, actor=person.person, procedure=procedure))
    return case


class ReviewSweep:
    """Opens a remedy for each procedure whose review day has come, once for each such day."""

    name, idle_s = "reviews", 600.0

    def __init__(self, database: Database, book: Book) -> None:
        self._database, self._book = database, book

    def once(self) -> int:
        with self._database.reading() as look:
            rules = self._book.in_force(look)
            due = to_review(rules.catalogue.procedures, rules.calendar.local_day(look.now))
            opened = store.reviews_opened(look, [row.code for row in due]) if due else set()
        waiting = [row for row in due if (row.code, row.review_on) not in opened]
        if not waiting:
            return 0
        with self._database.writing() as tx:
            rules = self._book.in_force(tx)
            return sum(open_review(tx, rules, row) for row in waiting)


def open_review(tx: Transaction, rules: Rules, procedure: Procedure) -> bool:
    """The head of its unit, or where there is none the Office, looks whether a procedure is still right.

    False where that was opened before, or where nobody is there to do it. Source: Kế hoạch 1167/KH-SGTVT.
    """
    today = rules.calendar.local_day(tx.now)
    unit = unit_on(rules.catalogue, procedure.unit, today)
    owner = next(
        iter(store.colleagues(tx, unit=unit, roles=("head",)) or store.colleagues(tx, roles=("office",))), None
    )
    if owner is None:
        log.warning("nobody is there to review a procedure", procedure=procedure.code, unit=unit)
        return False
    new = Remedy(
        id=ordered_id(),
        what=f"Rà soát thủ tục {procedure.code} {procedure.name} (bản {procedure.version}): đối chiếu quy định hiện "
        "hành, sửa danh mục nếu khác, đặt ngày rà soát mới.",
        unit=unit,
        owner=owner.person,
        due_on=rules.calendar.add_working_days(today, rules.catalogue.review.working_days),
        state=OPEN,
        opened_by=SYSTEM,
        opened_at=tx.now,
        procedure=procedure.code,
        review_on=procedure.review_on,
    )
    if not store.add_review(tx, new):
        return False
    tx.emit(
        RemedyOpened(remedy_id=new.id, actor=SYSTEM, cause=new.cause, unit=new.unit, owner=new.owner, due_on=new.due_on)
    )
    return True
