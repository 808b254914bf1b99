"""The legal clock: which terms run for a case, when each ends, and what moves it. All of it counts with the
calendar.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from services.workflow.domain.vocabulary import Catalogue, Rule, holds
from shared.calendar import WEEKDAYS, WEEKDAYS_EN, Calendar, Day, Roll

State = Literal["running", "paused", "met", "missed", "void"]
ORDINARY = "ordinary"
DOSSIER_DUE, DOSSIER_APOLOGY = "dossier_due", "dossier.apology"
EVERY_KIND, UNCOUNTED_KIND = "*", "spam"
ANSWERING_STEPS = (
    "answer",
    "settle",
    "fulfil",
    "accept_or_refuse",
    "register_and_verify",
    "screen",
    "transfer",
    "send_signature_guidance",
    "respond",
)
"""What the petitioner is waiting for, the last word first: the first of these that runs is the day they are
told.
"""


class ClockRefused(Exception):
    """A clock cannot be paused, moved or ended like this. `code` is for the screen: too_late, no_more,
    too_long …
    """

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


@dataclass(frozen=True)
class Pause:
    """A time in which a clock stood still, and what that added to its term, in its unit."""

    began_at: datetime
    ended_at: datetime
    lost: int


@dataclass(frozen=True)
class Deadline:
    """One term of one case, with all that is needed to explain and to move it, whatever becomes of the rule."""

    rule: str  # code in config/clocks.json, or "topic:C01" for the topic's own answer days
    step: str  # what is owed
    group: str  # of the deadlines of one group the earliest governs
    serves: Literal["petitioner", "house", "right", "wait"]
    standing: Literal["law", "policy", "reference"]
    value: int
    unit: Literal["working_day", "day", "hour"]
    direction: Literal["after", "before"]
    roll: Roll
    anchor: str
    anchor_at: datetime  # UTC; the start of the day where only a date is known
    anchor_on: date
    due_on: date | None  # None for terms in hours
    unrolled_on: date | None  # the due day before it moved off a rest day: extensions count from here
    due_at: datetime  # the first instant at which it is late, UTC
    is_governing: bool
    is_provisional: bool  # a year that it touches has no official calendar yet
    source: str
    state: State = "running"
    paused_at: datetime | None = None
    added: int = 0  # in its unit: what pauses and extensions added
    extensions: tuple[str, ...] = ()  # codes of the rules it was extended by
    new_dates: int = 0  # dates given with an apology
    pauses: tuple[Pause, ...] = ()  # the past ones, for counting their days anew when days off change

    @property
    def is_internal(self) -> bool:
        """Whether this is no duty toward the petitioner."""
        return self.serves != "petitioner"

    @property
    def is_open(self) -> bool:
        return self.state in ("running", "paused")

    def is_late_at(self, instant: datetime) -> bool:
        """Whether the term has run out unmet. A paused clock is never late."""
        return self.state == "missed" or (self.state == "running" and instant >= self.due_at)


def deadlines_of(
    catalogue: Catalogue,
    *,
    kind: str,
    topic: str | None,
    conditions: Iterable[str] = (),
    anchors: Mapping[str, datetime | date],
    only: frozenset[str] | None = None,
    answer_by: Rule | None = None,
) -> tuple[Deadline, ...]:
    """Every term that runs for a case, given what has happened so far: the anchors, each with its instant or
    day.

    A step with an `ordinary` rule gives all its variants: `ordinary` governs until an officer sets the
    condition. A step with conditional rules alone gives those whose conditions hold. With `only`, just the
    terms of these anchors. `answer_by` stands in the place of all rules for the answer. Raises UnknownWord when
    kind or topic does not exist.
    """
    held = frozenset(conditions)
    rules = _rules_for(catalogue, kind, topic, held, anchors, answer_by)
    found = [
        start(rule, anchors[rule.anchor], catalogue.calendar) for rule in rules if only is None or rule.anchor in only
    ]
    answer = next((deadline for deadline in found if deadline.step == "answer"), None)
    if answer is not None and (apology := apology_of(answer, catalogue, kind=kind)) is not None:
        found.append(apology)
    return regovern(found, catalogue, held)


def _rules_for(
    catalogue: Catalogue,
    kind: str,
    topic: str | None,
    held: frozenset[str],
    anchors: Mapping[str, datetime | date],
    answer_by: Rule | None,
) -> list[Rule]:
    days = {name: _day_of(anchor, catalogue.calendar) for name, anchor in anchors.items()}
    running = [
        rule
        for rule in catalogue.rules
        if rule.anchor in days
        and rule.subject == "petition"
        and rule.standing != "reference"
        and (kind in rule.kinds or (EVERY_KIND in rule.kinds and kind != UNCOUNTED_KIND))
        and holds(rule, days[rule.anchor])
        and held.isdisjoint(rule.unless)
    ]
    if (own := answer_by or _topic_rule(catalogue, kind, topic, days)) is not None:
        running = [own, *(rule for rule in running if rule.step != "answer")]
    with_variants = {rule.step for rule in running if ORDINARY in rule.when}
    return [rule for rule in running if rule.step in with_variants or held.issuperset(rule.when)]


def _topic_rule(catalogue: Catalogue, kind: str, topic: str | None, days: Mapping[str, date]) -> Rule | None:
    """The topic's own answer days, as a rule; None when the case is of another kind or the law counts."""
    if topic is None or "received" not in days:
        return None
    row = catalogue.topic(topic, days["received"])
    if row.kind != kind or row.answer_working_days is None:
        return None
    return Rule(
        code=f"topic:{row.code}",
        subject="petition",
        kinds=(kind,),
        step="answer",
        when=(),
        unless=(),
        value=row.answer_working_days,
        unit="working_day",
        direction="after",
        anchor="received",
        roll="forward",
        group=f"{kind}.answer",
        standing="policy",
        serves="petitioner",
        max_times=None,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        source=row.source,
        confidence=row.confidence,
        note=None,
    )


def _day_of(anchor: datetime | date, calendar: Calendar) -> date:
    return calendar.local_day(anchor) if isinstance(anchor, datetime) else anchor


def start(rule: Rule, anchor: datetime | date, calendar: Calendar) -> Deadline:
    """The term of one rule from its anchor. Source: BLDS 2015 Đ147, Đ148."""
    anchor_at = anchor.astimezone(UTC) if isinstance(anchor, datetime) else calendar.start_of_day(anchor)
    begun = Deadline(
        rule=rule.code,
        step=rule.step,
        group=rule.group,
        serves=rule.serves,
        standing=rule.standing,
        value=rule.value,
        unit=rule.unit,
        direction=rule.direction,
        roll=rule.roll,
        anchor=rule.anchor,
        anchor_at=anchor_at,
        anchor_on=calendar.local_day(anchor_at),
        due_on=None,
        unrolled_on=None,
        due_at=anchor_at,
        is_governing=True,
        is_provisional=False,
        source=rule.source,
    )
    return recount(begun, calendar)


def recount(deadline: Deadline, calendar: Calendar) -> Deadline:
    """The same term counted anew, after a pause, an extension or a new calendar. A date promised in an
    apology stays.
    """
    if deadline.new_dates:
        return deadline
    if deadline.unit == "hour":
        hours = timedelta(hours=deadline.value + deadline.added)
        due_at = deadline.anchor_at + (hours if deadline.direction == "after" else -hours)
        return replace(deadline, due_at=due_at, is_provisional=False)
    count = deadline.value + deadline.added
    if deadline.direction == "before":
        count = -count
    if deadline.unit == "working_day":
        unrolled = calendar.add_working_days(deadline.anchor_on, count)
    else:
        unrolled = deadline.anchor_on + timedelta(days=count)
    return due_by(deadline, unrolled, calendar)


def due_by(deadline: Deadline, unrolled: date, calendar: Calendar) -> Deadline:
    """The term with its end on this day, moved off a rest day as its rule says."""
    due_on = calendar.roll(unrolled, deadline.roll)
    first, last = sorted((deadline.anchor_on, due_on))
    return replace(
        deadline,
        unrolled_on=unrolled,
        due_on=due_on,
        due_at=calendar.end_of_day(due_on),
        is_provisional=not calendar.is_confirmed(first, last),
    )


def regovern(
    deadlines: Iterable[Deadline], catalogue: Catalogue, conditions: Iterable[str] = ()
) -> tuple[Deadline, ...]:
    """The same deadlines, marking those that bind: of each group the earliest that is asked for. Ended ones bind
    no longer.
    """
    deadlines = tuple(deadlines)
    first: dict[str, Deadline] = {}
    for deadline in _asked_for(deadlines, catalogue, conditions):
        best = first.setdefault(deadline.group, deadline)
        if deadline.due_at < best.due_at:
            first[deadline.group] = deadline
    return tuple(_governing(deadline, first.get(deadline.group) is deadline) for deadline in deadlines)


def rivals_of(
    deadline: Deadline, deadlines: Iterable[Deadline], catalogue: Catalogue, conditions: Iterable[str] = ()
) -> tuple[Deadline, ...]:
    """The other open terms of the same duty: it binds because it is the earliest of them."""
    return tuple(
        other
        for other in _asked_for(tuple(deadlines), catalogue, conditions)
        if other.group == deadline.group and other.rule != deadline.rule
    )


def _asked_for(deadlines: tuple[Deadline, ...], catalogue: Catalogue, conditions: Iterable[str]) -> Iterator[Deadline]:
    """The open ones, of each step the variant that the conditions ask for."""
    held, when = frozenset(conditions), catalogue.conditions_by_rule
    most: dict[str, int] = {}  # step → how many conditions its most particular variant has
    for deadline in deadlines:
        needs = when.get(deadline.rule, frozenset())
        if ORDINARY not in needs and needs <= held:
            most[deadline.step] = max(most.get(deadline.step, 0), len(needs))
    for deadline in deadlines:
        needs = when.get(deadline.rule, frozenset())
        is_ordinary = ORDINARY in needs and most.get(deadline.step, 0) == 0
        is_variant = ORDINARY not in needs and needs <= held and len(needs) == most[deadline.step]
        if deadline.is_open and (is_ordinary or is_variant):
            yield deadline


def _governing(deadline: Deadline, is_governing: bool) -> Deadline:
    return deadline if deadline.is_governing == is_governing else replace(deadline, is_governing=is_governing)


def answer_deadline(deadlines: Iterable[Deadline], *, is_over: bool = False) -> Deadline | None:
    """The term whose end the petitioner is told as the due day; None when nothing is (`is_over`: or was) owed."""
    told = [row for row in deadlines if row.serves == "petitioner" and row.is_governing]
    owed = [row for row in told if is_over or row.is_open]
    for step in ANSWERING_STEPS:
        if matching := [row for row in owed if row.step == step]:
            return min(matching, key=lambda row: row.due_at)
    return None


# --- what moves a clock ---


def pause(deadline: Deadline, at: datetime) -> Deadline:
    """The clock stands still. Raises ClockRefused when it does not run or has run out."""
    if deadline.state != "running":
        raise ClockRefused("not_running", f"{deadline.rule} is {deadline.state}: only a running clock can pause")
    if at >= deadline.due_at:
        raise ClockRefused("too_late", f"{deadline.rule} has run out: it is late and cannot pause")
    return replace(deadline, state="paused", paused_at=at.astimezone(UTC))


def resume(deadline: Deadline, at: datetime, calendar: Calendar) -> Deadline:
    """The clock runs on; its end moves by what was lost: working days, days or hours, as the term is counted.

    Raises ClockRefused when it is not paused.
    """
    if deadline.state != "paused" or deadline.paused_at is None:
        raise ClockRefused("not_paused", f"{deadline.rule} is {deadline.state}: only a paused clock can run on")
    at = max(at.astimezone(UTC), deadline.paused_at)
    running = replace(deadline, state="running", paused_at=None)
    if deadline.unit == "hour":
        return replace(running, due_at=deadline.due_at + (at - deadline.paused_at))
    lost = lost_between(deadline.paused_at, at, unit=deadline.unit, calendar=calendar)
    running = replace(running, pauses=(*deadline.pauses, Pause(deadline.paused_at, at, lost)))
    return _move(running, lost, calendar)


def lost_between(began_at: datetime, ended_at: datetime, *, unit: str, calendar: Calendar) -> int:
    """How many days a pause adds to a term: working days, or days of the calendar, as the term is counted."""
    first, last = calendar.local_day(began_at), calendar.local_day(ended_at)
    return calendar.working_days_between(first, last) if unit == "working_day" else (last - first).days


def extend(deadline: Deadline, rule: Rule, calendar: Calendar, *, on: date, value: int | None = None) -> Deadline:
    """A later due day by a rule of extension, counted from the due day before rolling.

    `value`: in the rule's unit, at most and by default the rule's own. Raises ClockRefused when the term
    ended, the due day has passed, the rule was used up, or more is asked than it gives.
    """
    value = rule.value if value is None else value
    if not deadline.is_open or deadline.due_on is None or deadline.unrolled_on is None:
        raise ClockRefused("not_running", f"{deadline.rule} is {deadline.state}: it cannot be extended")
    if on > deadline.due_on:
        raise ClockRefused("too_late", f"{deadline.rule} was due on {deadline.due_on}: it is late, not extended")
    if rule.max_times is not None and len(deadline.extensions) >= rule.max_times:
        raise ClockRefused("no_more", f"{rule.code} allows {rule.max_times} extension(s)")
    if not 1 <= value <= rule.value:
        raise ClockRefused("too_long", f"{rule.code} allows 1 to {rule.value}, not {value}")
    longer = replace(deadline, extensions=(*deadline.extensions, rule.code))
    if rule.unit == deadline.unit:
        return _move(longer, value, calendar)
    unrolled = (
        calendar.add_working_days(deadline.unrolled_on, value)
        if rule.unit == "working_day"
        else deadline.unrolled_on + timedelta(days=value)
    )
    return due_by(longer, unrolled, calendar)


def _move(deadline: Deadline, count: int, calendar: Calendar) -> Deadline:
    """Later by so many of its own units, from the due day before rolling."""
    assert deadline.unrolled_on is not None
    unrolled = (
        calendar.add_working_days(deadline.unrolled_on, count)
        if deadline.unit == "working_day"
        else deadline.unrolled_on + timedelta(days=count)
    )
    return due_by(replace(deadline, added=deadline.added + count), unrolled, calendar)


def apologise(deadline: Deadline, calendar: Calendar, *, due_on: date) -> Deadline:
    """The one new date that an apology gives. Raises ClockRefused for a second one, a rest day, or no later
    day.

    Source: NĐ 61/2018 Đ19(9).
    """
    if not deadline.is_open or deadline.due_on is None:
        raise ClockRefused("not_running", f"{deadline.rule} is {deadline.state}: no new date can be given")
    if deadline.new_dates:
        raise ClockRefused("no_more", "an apology gives one new date only, and it was given")
    if due_on <= deadline.due_on:
        raise ClockRefused("not_later", f"the new date must be after {deadline.due_on}")
    if not calendar.is_working_day(due_on):
        raise ClockRefused("rest_day", f"{due_on} is not a working day")
    return replace(due_by(deadline, due_on, calendar), new_dates=1)


def meet(deadline: Deadline, at: datetime) -> Deadline:
    """The duty was done: in time, or late."""
    if not deadline.is_open:
        return deadline
    is_late = deadline.state == "running" and at >= deadline.due_at
    return replace(deadline, state="missed" if is_late else "met", paused_at=None)


def void(deadline: Deadline) -> Deadline:
    """Nothing is owed any more: the case ended another way, or became of another kind."""
    return replace(deadline, state="void", paused_at=None) if deadline.is_open else deadline


def extension_rules(catalogue: Catalogue, *, kind: str, conditions: Iterable[str], day: date) -> tuple[Rule, ...]:
    """The rules by which the answer of a case may be put off on a day, given its conditions."""
    held = frozenset(conditions)
    return tuple(
        rule
        for rule in catalogue.rules
        if rule.step == "extend" and kind in rule.kinds and holds(rule, day) and held.issuperset(rule.when)
    )


# --- apologies ---


def apology_of(answer: Deadline, catalogue: Catalogue, *, kind: str) -> Deadline | None:
    """The last day for apologising when the answer will be late; None where no such rule holds. What is owed by the
    day that was promised for a dossier has the law's own rule.
    """
    if answer.due_on is None:
        return None
    if answer.anchor == DOSSIER_DUE:
        return dossier_apology(catalogue, answer.due_on)
    for rule in catalogue.rules:
        if rule.anchor == "answer_due" and kind in rule.kinds and holds(rule, answer.due_on):
            return start(rule, answer.due_on, catalogue.calendar)
    return None


def dossier_apology(catalogue: Catalogue, due_on: date) -> Deadline:
    """The last day on which the apology for a late dossier is in time. Source: NĐ 61/2018 Đ19(9)."""
    return start(catalogue.rule(DOSSIER_APOLOGY, due_on), due_on, catalogue.calendar)


# --- reminders ---


@dataclass(frozen=True)
class LadderStep:
    """When somebody is told how a clock stands. `tell` names roles: officer, unit_head, focal_point,
    director.
    """

    at: datetime  # UTC, inside working hours unless the term is counted by the wall clock
    action: Literal["remind", "overdue", "escalate", "alarm"]
    share: int | None  # per cent of the working time that is used
    tell: tuple[str, ...]


def ladder_of(deadline: Deadline, catalogue: Catalogue) -> tuple[LadderStep, ...]:
    """All steps of a clock, earliest first. Those in the past of a case that came late are the caller's to
    skip.
    """
    calendar, ladder = catalogue.calendar, catalogue.ladder
    if deadline.rule == ladder.limit_alarms.rule:
        alarms = ladder.limit_alarms
        days = (deadline.anchor_on + timedelta(days=number + deadline.added) for number in alarms.days)
        return tuple(
            LadderStep(calendar.hours_of(calendar.roll(day, "backward"))[0][0], "alarm", None, alarms.tell)
            for day in days
        )
    overdue_at = deadline.due_at
    if deadline.due_on is not None:
        overdue_at = calendar.next_working_instant(deadline.due_at)
    last = max(ladder.shares, key=lambda share: share.at)
    begins, total = _time_given(deadline, calendar)
    steps = [
        LadderStep(_used(begins, total * share.at, deadline, calendar), "remind", round(share.at * 100), share.tell)
        for share in ladder.shares
    ]
    steps.append(LadderStep(overdue_at, "overdue", None, last.tell))
    due_day = deadline.due_on or calendar.local_day(deadline.due_at)
    for after in ladder.after_due:
        opens = calendar.hours_of(calendar.add_working_days(due_day, after.working_days))[0][0]
        steps.append(LadderStep(max(opens, overdue_at), "escalate", None, after.tell))
    return tuple(sorted(steps, key=lambda step: step.at))


def _time_given(deadline: Deadline, calendar: Calendar) -> tuple[datetime, timedelta]:
    """Since when there is how much time: working time, or plain time for terms in hours."""
    begins = deadline.anchor_at
    if deadline.due_on is None:
        return begins, deadline.due_at - begins
    if deadline.direction == "before":
        begins = calendar.start_of_day(deadline.due_on)  # nothing to do before its own day
    return begins, calendar.working_time_between(begins, deadline.due_at)


def _used(begins: datetime, time: timedelta, deadline: Deadline, calendar: Calendar) -> datetime:
    """When so much of the time is used."""
    return begins + time if deadline.due_on is None else calendar.add_working_time(begins, time)


# --- in words ---

ANCHORS = {
    "received": ("ngày tiếp nhận", "the day of receipt"),
    "routed": ("ngày chuyển đơn vị", "the day it was given to the unit"),
    "asked": ("ngày hỏi lại", "the day of the question"),
    "accepted": ("ngày thụ lý", "the day of acceptance"),
    "decided": ("ngày ra quyết định", "the day of the decision"),
    "issued": ("ngày ban hành", "the day of issue"),
    "concluded": ("ngày kết luận", "the day of the conclusion"),
    "knew_of_decision": ("ngày nhận hoặc biết quyết định", "the day the decision was received or known"),
    "decision_received_or_settle_due": (
        "ngày nhận quyết định hoặc hết hạn giải quyết",
        "the day the decision was received",
    ),
    "grounds_found": ("ngày phát hiện căn cứ", "the day the ground was found"),
    "dialogue": ("ngày đối thoại", "the dialogue"),
    "session": ("ngày tiếp trực tuyến", "the session"),
    "consultation_closed": ("ngày kết thúc lấy ý kiến", "the close of the consultation"),
    "answer_due": ("hạn trả lời", "the day the answer is due"),
    "dossier_due": ("ngày hẹn trả hồ sơ", "the day the dossier is due"),
    "dossier_received": ("ngày nhận hồ sơ", "the day the dossier was received"),
    "detected": ("lúc phát hiện", "the detection"),
}
UNITS = {
    "working_day": ("ngày làm việc", "working day", "working days"),
    "day": ("ngày", "day", "days"),
    "hour": ("giờ", "hour", "hours"),
}  # Vietnamese has one form


def strip(deadline: Deadline, calendar: Calendar) -> tuple[Day, ...]:
    """The days from the anchor to the due day, for the strip that shows the count; none for terms in hours."""
    if deadline.due_on is None:
        return ()
    first, last = sorted((deadline.anchor_on, deadline.due_on))
    return calendar.days(first, last)


def explain(deadline: Deadline, calendar: Calendar, language: str = "vi", *, rivals: Iterable[Deadline] = ()) -> str:
    """One or a few sentences: how the due day was counted, which days were skipped, and by which act. Where others bind
    the same duty (`rivals_of`), why this one holds.
    """
    is_vi = language == "vi"
    said = [_counted(deadline, calendar, language)]
    if deadline.added:
        added = _term(deadline.added, deadline.unit, language)
        said.append(
            f"Đã cộng thêm {added} do tạm dừng hoặc gia hạn."
            if is_vi
            else f"{added} {'was' if deadline.added == 1 else 'were'} added by a pause or an extension."
        )
    if deadline.new_dates and deadline.due_on:
        said.append(
            f"Ngày hẹn mới duy nhất, kèm lời xin lỗi: {_spoken(deadline.due_on, language)}."
            if is_vi
            else f"The one new date, given with an apology: {_spoken(deadline.due_on, language)}."
        )
    if deadline.is_provisional:
        said.append(
            "Lịch nghỉ của năm liên quan chưa được công bố chính thức, ngày này là tạm tính."
            if is_vi
            else "The official calendar of a year in it is not known yet: this day is provisional."
        )
    said.append(f"Căn cứ: {deadline.source}." if is_vi else f"Basis: {_source(deadline)}.")
    said.extend(_yields(rival, calendar, language) for rival in rivals)
    return " ".join(said)


def _term(count: int, unit: str, language: str) -> str:
    in_vietnamese, one, many = UNITS[unit]
    return f"{count} {in_vietnamese if language == 'vi' else one if count == 1 else many}"


def _source(deadline: Deadline) -> str:
    """The basis for an English reader: an act keeps its name, and what is the house's own rule is called so."""
    return f"the department's own rule ({deadline.source})" if deadline.standing == "policy" else deadline.source


def _yields(rival: Deadline, calendar: Calendar, language: str) -> str:
    """That a later day by another act does not hold."""
    term = _term(rival.value + rival.added, rival.unit, language)
    until = (
        _spoken(rival.due_on, language) if rival.due_on else f"{rival.due_at.astimezone(calendar.zone):%H:%M %d/%m/%Y}"
    )
    if language == "vi":
        return f"{rival.source} cho {term}, đến {until}: lấy ngày sớm hơn."
    return f"{_source(rival)} gives {term}, until {until}: the earlier day holds."


def _counted(deadline: Deadline, calendar: Calendar, language: str) -> str:
    is_vi = language == "vi"
    term = _term(deadline.value, deadline.unit, language)
    if deadline.due_on is None or deadline.unrolled_on is None:
        start_at = deadline.anchor_at.astimezone(calendar.zone)
        due_at = deadline.due_at.astimezone(calendar.zone)
        if is_vi:
            return (
                f"{term} kể từ {start_at:%H:%M} ngày {start_at:%d/%m/%Y}, "
                f"tính cả ban đêm và ngày nghỉ: trước {due_at:%H:%M} ngày {due_at:%d/%m/%Y}."
            )
        return (
            f"{term} from {start_at:%H:%M} on {start_at:%d/%m/%Y}, nights and holidays included: "
            f"before {due_at:%H:%M} on {due_at:%d/%m/%Y}."
        )
    due, unrolled = _spoken(deadline.due_on, language), _spoken(deadline.unrolled_on, language)
    anchor = ANCHORS.get(deadline.anchor, (deadline.anchor, deadline.anchor))[0 if is_vi else 1]
    since = f"{anchor} ({_spoken(deadline.anchor_on, language)})"
    skipped = _skipped(deadline, calendar, language)
    if not deadline.value and not deadline.added:
        text = since[0].upper() + since[1:]
    elif deadline.direction == "before":
        text = f"Chậm nhất {term} trước {since}" if is_vi else f"At least {term} before {since}"
    else:
        whole = _term(deadline.value + deadline.added, deadline.unit, language)
        text = (
            f"{whole} kể từ {since}, không tính ngày đầu{skipped}"
            if is_vi
            else f"{whole} from {since}, the first day not counted{skipped}"
        )
    if unrolled != due and not deadline.new_dates:
        return text + (
            f"; {unrolled} là ngày nghỉ nên {'lùi về' if deadline.roll == 'backward' else 'chuyển sang'} {due}."
            if is_vi
            else f"; {unrolled} is a day off, so it moves {'back' if deadline.roll == 'backward' else 'on'} to {due}."
        )
    return text + (f": hết ngày {due}." if is_vi else f": until the end of {due}.")


def _skipped(deadline: Deadline, calendar: Calendar, language: str) -> str:
    """`, không tính 21-22/11 (cuối tuần), 24/11 (…)`: the days off that a term in working days leaves out."""
    if deadline.unit != "working_day":
        return ""
    is_vi = language == "vi"
    weekends: list[str] = []
    holidays: list[str] = []
    for day in strip(deadline, calendar)[1:]:
        if day.kind == "rest":
            weekends.append(f"{day.on:%d/%m}")
        elif not day.is_working:
            holidays.append(f"{day.on:%d/%m} ({day.name if is_vi else day.name_en})")
    parts = [*holidays]
    if weekends:
        parts.append(f"{'cuối tuần' if is_vi else 'weekends'} {', '.join(weekends)}")
    if not parts:
        return ""
    return (" và không tính " if is_vi else " nor ") + ", ".join(parts)


def _spoken(day: date, language: str) -> str:
    names = WEEKDAYS if language == "vi" else WEEKDAYS_EN
    return f"{names[day.weekday()]} {day:%d/%m/%Y}"
