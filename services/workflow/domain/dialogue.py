"""Sessions of reception and dialogue: when one may be announced, who may do what with it, what was promised there."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from services.workflow.domain import deadline as clocks
from services.workflow.domain.deadline import Deadline
from services.workflow.domain.permission import ALLOWED, Allowed, Person, Refusal, Refused
from services.workflow.domain.vocabulary import Commitments, Rule
from shared.calendar import Calendar
from shared.text import fold, words

PLANNED, ANNOUNCED, HELD, CALLED_OFF = "planned", "announced", "held", "called_off"
PRESENT, EXCUSED, ABSENT = "present", "excused", "absent"
ORGANISERS = ("office", "director")
COMMITMENT_RULE = "dialogue.commitment"


class DialogueRefused(Exception):
    """The session does not stand where this could be done. `code`: over, held, called_off, announced, not_yet …"""

    def __init__(self, code: str) -> None:
        super().__init__(f"the session: {code}")
        self.code = code


class TooSoon(Exception):
    """The day is nearer than the law lets a session be announced. `earliest` is the first day that is not."""

    def __init__(self, earliest: date, rule: Rule) -> None:
        super().__init__(f"{rule.code}: not before {earliest}")
        self.earliest, self.rule = earliest, rule


@dataclass(frozen=True, kw_only=True)
class Dialogue:
    """A session: a reception day, a dialogue on a theme, a session online, or a dialogue within a case."""

    id: UUID
    kind: str  # code in config/dialogues
    title: str
    topics: str
    place: str  # where, or the address of a session online
    is_online: bool
    starts_at: datetime
    ends_at: datetime
    seats: int
    chair: str  # pseudonym of who receives
    planned_by: str
    planned_at: datetime
    case_id: UUID | None = None  # a dialogue within this case: nobody else is told
    state: str = PLANNED
    edition: int = 0  # 1: announced; one more with each change
    reason: str | None = None  # of the last change, or why it was called off
    minutes: str | None = None
    walked_in: int = 0  # people who came unannounced
    petitioner: str | None = None  # of a case: present, excused, absent
    held_by: str | None = None  # who wrote the minutes
    held_at: datetime | None = None
    reminds_at: datetime | None = None  # when the guests are reminded

    @property
    def is_public(self) -> bool:
        return self.case_id is None

    @property
    def is_open(self) -> bool:
        """Whether it is still to come, as far as anybody has said."""
        return self.state in {PLANNED, ANNOUNCED}


@dataclass(frozen=True, kw_only=True)
class Guest:
    """Somebody who registered at the door, or whom the desk invites to a dialogue within a case."""

    id: UUID
    dialogue_id: UUID
    name: str
    email: str | None
    mobile: str | None  # E.164, where SMS was agreed to
    phone: str | None  # as typed
    language: str
    question: str
    petition_code: str | None
    link_token: str | None  # None: named by the desk
    joined_at: datetime
    has_left: bool = False
    has_come: bool | None = None  # None: not said yet


def is_sender(guest: Guest, name: str | None, phone: str | None, email: str | None) -> bool:
    """Whether a guest is who sent a petition, as far as can be told: by name, e-mail address or telephone."""
    is_named = name is not None and _plain(guest.name) == _plain(name)
    is_written_to = email is not None and guest.email is not None and guest.email.lower() == email.lower()
    is_called = phone is not None and _subscriber(phone) in {_subscriber(guest.phone), _subscriber(guest.mobile)}
    return is_named or is_written_to or is_called


def _plain(name: str) -> str:
    return " ".join(words(fold(name)))


def _subscriber(phone: str | None) -> str | None:
    """The digits of a number after 0 or +84, however it was typed."""
    return "".join(re.findall(r"\d", phone))[-9:] if phone else None


@dataclass(frozen=True, kw_only=True)
class Commitment:
    """What was promised in a session, by whom until when: the case of a petition that the door files for it."""

    petition_id: UUID
    dialogue_id: UUID
    guest_id: UUID | None  # whom it was promised to; None: everybody
    what: str
    topic: str
    unit: str
    officer: str
    due_on: date
    made_by: str
    made_at: datetime


# ---- who may


def may_organise(person: Person) -> Allowed | Refused:
    """The Office and the director plan sessions, announce, change and call them off."""
    return ALLOWED if person.role in ORGANISERS else Refused(Refusal.NOT_YOUR_ROLE)


def may_write_up(person: Person, dialogue: Dialogue) -> Allowed | Refused:
    """Who organises sessions, and who chaired this one."""
    return ALLOWED if person.person == dialogue.chair else may_organise(person)


# ---- when


def notice_of(rule: Rule, day: date, calendar: Calendar) -> Deadline:
    """The last day on which a session on that day may be announced, counted and rolled backwards.

    Source: NĐ 154/2026 Đ23(1) for sessions online, NĐ 155/2026 Đ11 for dialogues on a complaint.
    """
    return clocks.start(rule, day, calendar)


def is_in_time(rule: Rule, day: date, today: date, calendar: Calendar) -> bool:
    last = notice_of(rule, day, calendar).due_on
    return last is not None and today <= last


def earliest(rule: Rule, today: date, calendar: Calendar) -> date:
    """The first working day for which today is early enough."""
    day = today
    while not (calendar.is_working_day(day) and is_in_time(rule, day, today, calendar)):
        day += timedelta(days=1)
    return day


def refuse_too_soon(rule: Rule | None, day: date, today: date, calendar: Calendar) -> None:
    """Raises TooSoon, with the earliest day, when the law wants the session announced earlier than today."""
    if rule is not None and not is_in_time(rule, day, today, calendar):
        raise TooSoon(earliest(rule, today, calendar), rule)


def reminds_at(starts_at: datetime, calendar: Calendar, *, working_days: int) -> datetime:
    """When the guests are reminded: at the opening, so many working days before."""
    before = calendar.add_working_days(calendar.local_day(starts_at), -working_days)
    return calendar.next_working_instant(calendar.start_of_day(before))


# ---- what becomes of it


def announce(dialogue: Dialogue, *, now: datetime, remind_at: datetime) -> Dialogue:
    """The session as it is told. Raises DialogueRefused."""
    if dialogue.state != PLANNED:
        raise DialogueRefused(dialogue.state)
    _refuse_past(dialogue, now)
    return replace(dialogue, state=ANNOUNCED, edition=1, reminds_at=remind_at if remind_at > now else None)


def change(dialogue: Dialogue, changed: Dialogue, *, reason: str, now: datetime, remind_at: datetime) -> Dialogue:
    """The session as it was changed: told anew when it had been announced. Raises DialogueRefused."""
    if not dialogue.is_open:
        raise DialogueRefused(dialogue.state)
    _refuse_past(dialogue, now)
    if dialogue.state == PLANNED:
        return changed
    reminds = remind_at if remind_at > now else None
    return replace(changed, edition=dialogue.edition + 1, reason=reason, reminds_at=reminds)


def call_off(dialogue: Dialogue, *, reason: str) -> Dialogue:
    """Not held, with the reason. Raises DialogueRefused."""
    if not dialogue.is_open:
        raise DialogueRefused(dialogue.state)
    return replace(dialogue, state=CALLED_OFF, reason=reason, reminds_at=None)


def hold(
    dialogue: Dialogue, *, minutes: str, walked_in: int, petitioner: str | None, by: str, now: datetime
) -> Dialogue:
    """The session with its minutes. Raises DialogueRefused before it began."""
    if dialogue.state != ANNOUNCED:
        raise DialogueRefused(dialogue.state)
    if now < dialogue.starts_at:
        raise DialogueRefused("not_yet")
    return replace(
        dialogue,
        state=HELD,
        minutes=minutes,
        walked_in=walked_in,
        petitioner=petitioner,
        held_by=by,
        held_at=now,
        reminds_at=None,
    )


def _refuse_past(dialogue: Dialogue, now: datetime) -> None:
    if now >= dialogue.starts_at:
        raise DialogueRefused("over")


# ---- what was promised there


def rule_of(made: Commitment, rules: Commitments, *, received_on: date) -> Rule:
    """The promised day as a term from the day of receipt, which no rest day moves: people were told this very day."""
    return Rule(
        code=COMMITMENT_RULE,
        subject="petition",
        kinds=(rules.kind,),
        step="answer",
        when=(),
        unless=(),
        value=max((made.due_on - received_on).days, 0),
        unit="day",
        direction="after",
        anchor="received",
        roll="none",
        group=f"{rules.kind}.answer",
        standing="policy",
        serves="petitioner",
        max_times=None,
        valid_from=None,
        valid_to=None,
        source=rules.source,
        confidence="policy",
        note=None,
    )
