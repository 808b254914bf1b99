"""A reorganisation carried out: accounts, duties and open cases of closed units go to their successors, each told.

In batches, each a transaction, of what still stands where it no longer belongs: stopped anywhere it goes on from
there, and done once more it does nothing.
"""

from dataclasses import replace
from datetime import date, timedelta

from services.workflow import store
from services.workflow.actions.assignment import told_of
from services.workflow.actions.people import move_person
from services.workflow.domain import deadline as clocks
from services.workflow.domain import routing
from services.workflow.domain.assignment import Duty, clashing
from services.workflow.domain.case import SYSTEM, Case
from services.workflow.domain.permission import Person
from services.workflow.domain.reorganisation import Plan, is_in_force
from services.workflow.domain.routing import beside, holder_of, is_external
from services.workflow.domain.rules import Book, Rules, sooner
from services.workflow.steps import give_out, routed
from shared import auth
from shared.db import Database, Transaction
from shared.events.workflow import UnitsReorganised
from shared.ids import ordered_id
from shared.telemetry import log

BATCH = 200  # cases a transaction
REORGANISED = "reorganised"


class Succession:
    """Carries out the reorganisations whose day has come."""

    name, idle_s = "succession", 60.0

    def __init__(self, database: Database, book: Book) -> None:
        self._database, self._book = database, book

    def once(self) -> int:
        with self._database.reading() as look:
            rules = self._book.in_force(look)
            due = store.reorganisations(look, due_by=rules.calendar.local_day(look.now))
        known = [one for one in due if is_in_force(rules.catalogue, one.plan, one.on_day)]
        if len(known) < len(due):
            log.warning("a reorganisation waits: these rules were read before it was written, start anew")
        return sum(carry_out(self._database, rules, one) for one in known)


def carry_out(database: Database, rules: Rules, known: store.Reorganisation) -> int:
    """Everything that the plan moves, to the end. Returns how many cases were touched."""
    with database.writing() as tx:
        _move_people(tx, rules, known)
    touched = 0
    while True:
        with database.writing() as tx:
            count = move_batch(tx, rules, known)
            touched += count
            if count < BATCH:
                _finish(tx, known)
                return touched


def _finish(tx: Transaction, known: store.Reorganisation) -> None:
    store.note_moved(tx, known.id, 0, is_done=True)
    if known.done_at is not None:
        return
    moved = next(one.moved for one in store.reorganisations(tx) if one.id == known.id)
    tx.emit(
        UnitsReorganised(
            reorganisation_id=known.id,
            actor=SYSTEM,
            on_day=known.on_day,
            closed=tuple(known.plan.heirs),
            successors=tuple(known.plan.heirs.values()),
            moved=moved,
        )
    )


# ---- people and what they answer for


def _move_people(tx: Transaction, rules: Rules, known: store.Reorganisation) -> None:
    """Accounts go where the plan says, and take with them what they answered for."""
    plan, last = known.plan, known.on_day - timedelta(days=1)
    for person in auth.list_people(tx):
        unit = plan.unit_of(person.login, person.unit)
        if unit is not None and unit != person.unit:
            move_person(tx, person, unit=unit)
    staff = {one.person: one for one in store.colleagues(tx)}
    heirs = plan.heirs
    for duty in store.duties_of(tx, heirs, since=known.on_day):
        store.end_duty(tx, duty.id, last=last, by=SYSTEM)
        tx.emit(told_of(replace(duty, valid_to=last), actor=SYSTEM))
        heir, officer = heirs[duty.unit], staff.get(duty.officer)
        if officer is not None and officer.unit == heir:
            _take_along(tx, duty, heir, staff, on=known.on_day)


def _take_along(tx: Transaction, duty: Duty, heir: str, staff: dict[str, auth.Person], *, on: date) -> None:
    deputy = staff.get(duty.deputy or "")
    new = replace(
        duty,
        id=ordered_id(),
        unit=heir,
        deputy=deputy.person if deputy is not None and deputy.unit == heir else None,
        valid_from=max(on, duty.valid_from),
    )
    if clashing(store.duties_of(tx, {heir}, since=on), new) is None:
        store.add_duty(tx, new, by=SYSTEM)
        tx.emit(told_of(new, actor=SYSTEM))


# ---- cases


def move_batch(tx: Transaction, rules: Rules, known: store.Reorganisation) -> int:
    """Some cases, each to where it belongs now. Returns how many there were."""
    heirs = known.plan.heirs
    cases = store.to_be_moved(tx, heirs, limit=BATCH)
    people = {one.person: one for one in store.colleagues(tx)} if cases else {}
    moved = sum(_move(tx, rules, case, known.plan, people) for case in cases)
    store.note_moved(tx, known.id, moved, is_done=False)
    return len(cases)


def _move(tx: Transaction, rules: Rules, case: Case, plan: Plan, people: dict[str, auth.Person]) -> bool:
    """Whether the case changed its unit. Its number, its code and what it was promised stay as they are."""
    heirs, today = plan.heirs, rules.calendar.local_day(tx.now)
    widened = replace(case, excluded=case.excluded | {heirs[one] for one in case.excluded if one in heirs})
    if case.is_ended:
        store.widen_exclusion(tx, widened)
        return False
    heir = heirs.get(case.unit, case.unit)
    unit = holder_of(rules.catalogue, routing.FOCAL_POINT, today) if is_external(rules.catalogue, heir) else heir
    found = beside(rules.catalogue, unit, today, routing.with_successors(rules.catalogue, widened.excluded, today))
    moved = replace(widened, unit=found.unit)
    if not _stays_with(people.get(case.officer or ""), moved):
        moved = replace(moved, officer=None)
    moved = _back_to_the_head(tx, rules, case, moved)
    store.exclude(tx, case.id, moved.excluded)
    saved = store.save_case(tx, moved)
    told = {"from": case.unit, "to": saved.unit, "heir": heir, "source": plan.source}
    store.add_entry(tx, case.id, "moved", actor=SYSTEM, is_public=not case.is_restricted, **told)
    tx.emit(routed(saved, actor=SYSTEM, units=rules.unit_codes, ground=REORGANISED))
    if saved.stage == "accepted":
        give_out(tx, rules, saved)
    return saved.unit != case.unit


def _stays_with(officer: Person | None, moved: Case) -> bool:
    """Whether who has the case works in its unit now, and it is not about them."""
    return officer is not None and officer.unit == moved.unit and not moved.excluded & {officer.person, officer.unit}


def _back_to_the_head(tx: Transaction, rules: Rules, before: Case, moved: Case) -> Case:
    """A case that was assigned and not begun waits for its new head again, whose own time for it begins."""
    if moved.officer is not None or before.stage != "assigned":
        return moved
    fresh = clocks.deadlines_of(
        rules.catalogue,
        kind=moved.kind,
        topic=moved.topic,
        conditions=moved.conditions,
        anchors={"received": moved.received_at, "routed": tx.now},
        only=frozenset({"routed"}),
    )
    store.add_deadlines(tx, moved.id, fresh)
    return sooner(replace(moved, stage="accepted"), fresh, rules, after=tx.now)
