"""A promise: what an answer said will be done by a day. Its own short ladder, within working hours."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from services.workflow.domain.answering import AnswerRules
from shared.calendar import Calendar

BEFORE, DAY, ASK, PASSED = "before", "day", "ask", "passed"


@dataclass(frozen=True, kw_only=True)
class Promise:
    """One promise of a case."""

    id: UUID
    case_id: UUID
    round: int  # of the answer that made it
    what: str
    promised_on: date
    made_by: str
    made_at: datetime
    state: str = "open"  # open, kept, broken, moved
    checked_by: str | None = None  # pseudonym, citizen, system
    checked_at: datetime | None = None
    words: str | None = None  # what was done, or why the day was moved
    asked_at: datetime | None = None  # the citizen was asked
    judged_at: datetime | None = None  # and said
    is_done: bool | None = None  # yes or no,
    said: str | None = None  # in these words
    moved_from: UUID | None = None
    next_step: str | None = None
    next_step_at: datetime | None = None

    @property
    def is_denied(self) -> bool:
        """The citizen said that it was not done."""
        return self.is_done is False

    @property
    def can_be_kept(self) -> bool:
        """Whether the unit may still show that it was done. What the citizen denied is no longer the unit's to say."""
        return not self.is_denied and self.state in {"open", "broken"}

    @property
    def can_be_moved(self) -> bool:
        """One later day, once, as long as it was not done."""
        return self.state in {"open", "broken"} and self.moved_from is None


@dataclass(frozen=True)
class Rung:
    """One step of a promise's ladder."""

    at: datetime
    name: str


def rungs_of(promised_on: date, rules: AnswerRules, calendar: Calendar) -> tuple[Rung, ...]:
    """Reminders before and on the day, the question to the citizen at its end, and the morning after."""
    days, hours = rules.term("promise.remind_before", promised_on), rules.term("promise.ask_before_close", promised_on)
    before = calendar.add_working_days(promised_on, -days)
    worked_on = calendar.roll(promised_on, "forward")
    morning_after = calendar.next_working_instant(calendar.end_of_day(worked_on))
    return (
        Rung(calendar.next_working_instant(calendar.start_of_day(before)), BEFORE),
        Rung(calendar.next_working_instant(calendar.start_of_day(worked_on)), DAY),
        Rung(calendar.next_working_instant(calendar.close_of_day(worked_on) - timedelta(hours=hours)), ASK),
        Rung(morning_after, PASSED),
    )


def next_of(rungs: tuple[Rung, ...], *, after: datetime, name: str = "") -> Rung | None:
    """The rung that follows the one of this name, or that comes first after an instant."""
    names = [rung.name for rung in rungs]
    if name in names:
        return next(iter(rungs[names.index(name) + 1 :]), None)
    return next((rung for rung in rungs if rung.at > after), None)


def judge_until(promise: Promise, rules: AnswerRules) -> date:
    """The last day on which the citizen may say whether it was done."""
    return promise.promised_on + timedelta(days=rules.term("promise.judge_within", promise.promised_on))


def may_judge(promise: Promise, rules: AnswerRules, today: date) -> bool:
    """Whether the citizen was asked, has not said yet, and the time is not over."""
    is_asked = promise.asked_at is not None and promise.judged_at is None and promise.state != "moved"
    return is_asked and today <= judge_until(promise, rules)


def silence_until(promise: Promise, closes_after: int) -> date:
    """The day before which silence closes no case that this promise belongs to."""
    return promise.promised_on + timedelta(days=closes_after)
