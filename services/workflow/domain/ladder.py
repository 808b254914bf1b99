"""The ladder of a case: when who is reminded, told that it is late, told above. Each case knows only its next rung."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from services.workflow.domain import deadline as clocks
from services.workflow.domain.case import Case
from services.workflow.domain.deadline import Deadline
from services.workflow.domain.permission import Person
from services.workflow.domain.vocabulary import Catalogue

APOLOGY, WAIT_OVER, SILENCE = "apology", "wait_over", "silence"
APOLOGY_NEAR = 2  # working days before its last day


@dataclass(frozen=True)
class Rung:
    """One step of the ladder, within working hours."""

    at: datetime
    name: str  # remind_50, apology, overdue_1, escalate_1, alarm_1
    action: str  # remind, apology, overdue, escalate, alarm, or the name of an alarm of the house
    tell: tuple[str, ...]  # officer, unit_head, focal_point, director
    share: int | None = None  # per cent of the working time that is used
    term: Deadline | None = None  # the term of our own that has passed


def rungs_of(owed: Deadline, catalogue: Catalogue, *, kind: str, limit: Deadline | None = None) -> tuple[Rung, ...]:
    """All rungs of the clock that governs, by time; among them the day of the apology and the alarms of the limit."""
    count: dict[str, int] = {}
    rungs = []
    for step in (*clocks.ladder_of(owed, catalogue), *(clocks.ladder_of(limit, catalogue) if limit else ())):
        count[step.action] = count.get(step.action, 0) + 1
        name = f"{step.action}_{step.share or count[step.action]}"
        rungs.append(Rung(at=step.at, name=name, action=step.action, tell=step.tell, share=step.share))
    apology = clocks.apology_of(owed, catalogue, kind=kind)
    if apology is not None and apology.due_on is not None:
        calendar = catalogue.calendar
        at = calendar.next_working_instant(calendar.start_of_day(apology.due_on))
        rungs.append(Rung(at=at, name=APOLOGY, action=APOLOGY, tell=("officer", "unit_head")))
    return tuple(sorted(rungs, key=lambda rung: (rung.at, rung.name)))


def house_rungs(deadlines: Iterable[Deadline], catalogue: Catalogue) -> tuple[Rung, ...]:
    """The rungs of our own terms that run: one each, when the term has passed."""
    alarms = {alarm.rule: alarm for alarm in catalogue.ladder.house_alarms}
    return tuple(
        Rung(
            at=catalogue.calendar.next_working_instant(clock.due_at),
            name=f"{alarms[clock.rule].name}_1",
            action=alarms[clock.rule].name,
            tell=alarms[clock.rule].tell,
            term=clock,
        )
        for clock in deadlines
        if clock.rule in alarms and clock.state == "running"
    )


def next_rung(rungs: Iterable[Rung], *, after: tuple[datetime, str]) -> Rung | None:
    """The rung that follows an instant and the name of what was taken then ("" for nothing), or None at the top."""
    ahead = [rung for rung in rungs if (rung.at, rung.name) > after]
    return min(ahead, key=lambda rung: (rung.at, rung.name), default=None)


def apologise_by(owed: Deadline, catalogue: Catalogue, *, kind: str) -> date | None:
    """The last day on which an apology is in time, for kinds that owe one.

    Source: NĐ 61/2018 Đ19(9) for dossiers; the same by policy for petitions.
    """
    apology = clocks.apology_of(owed, catalogue, kind=kind)
    return None if apology is None else apology.due_on


def is_apology_near(owed: Deadline, catalogue: Catalogue, *, kind: str, now: datetime) -> bool:
    """Whether an apology is worth offering: the answer is late, or the last day for one is near. Nobody loses the right
    to apologise before.
    """
    today = catalogue.calendar.local_day(now)
    last = apologise_by(owed, catalogue, kind=kind) or owed.due_on
    is_near = last is not None and catalogue.calendar.working_days_between(today, last) <= APOLOGY_NEAR
    return is_near or now >= owed.due_at


def who_hears(people: Iterable[Person], case: Case, levels: Iterable[str]) -> tuple[str, ...]:
    """Pseudonyms of those who are told, by level. Whom the case is about is never told, whatever the level.

    Where a level is empty the next one hears instead: the head for a case without an officer, the director for a unit
    whose head is concerned.
    """
    may_hear = [person for person in people if not case.excluded & {person.person, person.unit}]
    wanted = set(levels)
    if "officer" in wanted and case.officer is None:
        wanted.add("unit_head")
    told = {person.person for person in may_hear if _levels(person, case) & wanted}
    if not told:
        told = {person.person for person in may_hear if person.role == "director"}
    return tuple(sorted(told))


def _levels(person: Person, case: Case) -> set[str]:
    is_level = {
        "officer": person.person == case.officer,
        "unit_head": person.role == "head" and person.unit == case.unit,
        "focal_point": person.role == "office" and not case.is_secret,
        "director": person.role == "director",
    }
    return {name for name, is_so in is_level.items() if is_so}
