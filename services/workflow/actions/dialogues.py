"""Sessions of reception and dialogue: planned, announced in time, changed or called off, written up; and what was
promised there, which becomes a case. Whoever is coming is told of each turn.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.workflow import store
from services.workflow.actions.looking import tell_read
from services.workflow.domain import dialogue as sessions
from services.workflow.domain.case import DIALOGUE_HELD, SYSTEM, Case, StepRefused
from services.workflow.domain.dialogue import (
    ABSENT,
    ANNOUNCED,
    EXCUSED,
    HELD,
    PRESENT,
    Commitment,
    Dialogue,
    DialogueRefused,
    Guest,
)
from services.workflow.domain.permission import Person
from services.workflow.domain.rules import Book, Rules
from services.workflow.domain.vocabulary import DialogueKind, Rule
from services.workflow.steps import Incomplete, begin, email_of, invitation, must, needed, working_day_ahead
from shared.db import Database, Reading, Transaction
from shared.events.base import Sealed
from shared.events.common import AccessRead
from shared.events.workflow import (
    CaseDialogueHeld,
    CaseDialogueInvited,
    DialogueAnnounced,
    DialogueCalledOff,
    DialogueCommitted,
    DialogueHeld,
)
from shared.ids import ordered_id

INVITED, CHANGED, SOON, CALLED_OFF = "invited", "changed", "soon", "called_off"
ANSWERS = ("officer", "head")
MOST_SEATS = 500
BATCH = 20


class DialogueUnknown(Exception):
    """There is no such session, as far as this person is concerned."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is said of a session before it is held, as it was typed."""

    kind: str
    title: str
    topics: str
    place: str  # the address of a session online
    starts_at: datetime
    ends_at: datetime
    seats: int
    chair: str


# ---- before it


def plan_dialogue(
    tx: Transaction, rules: Rules, *, person: Person, plan: Plan, case_id: UUID | None = None
) -> Dialogue:
    """Plan a session; nobody is told yet. With `case_id` it is a dialogue within that case, and nobody else's."""
    case = _allowed(tx, person, case_id)
    kind = _kind(rules, plan.kind, is_bound=case is not None)
    if case is not None and (case.is_ended or case.answered_at is not None):
        raise StepRefused("no dialogue is held in a case that was answered or has ended")
    new = Dialogue(
        id=ordered_id(),
        is_online=kind.is_online,
        planned_by=person.person,
        planned_at=tx.now,
        case_id=case_id,
        **_checked(tx, rules, plan, kind, case),
    )
    _refuse_too_soon(rules, new, now=tx.now)
    store.add_dialogue(tx, new)
    return new


def change_dialogue(
    tx: Transaction, rules: Rules, *, person: Person, dialogue_id: UUID, plan: Plan, reason: str = ""
) -> Dialogue:
    """Another day, place, theme or chair. Once announced, with a reason that everybody who is coming hears.

    Another day must be as far away as a first one.
    """
    known, case = _load(tx, person, dialogue_id)
    kind = rules.catalogue.dialogues.kind(known.kind)
    wanted = replace(known, **_checked(tx, rules, replace(plan, kind=known.kind), kind, case))
    if wanted.starts_at != known.starts_at:
        _refuse_too_soon(rules, wanted, now=tx.now)
    expected = store.count_guests(tx, [known.id]).get(known.id, 0)
    if wanted.seats < expected:
        raise Incomplete("seats", "taken")
    why = needed(reason, "reason", least=5, most=500) if known.state == ANNOUNCED else ""
    changed = sessions.change(known, wanted, reason=why, now=tx.now, remind_at=_reminds_at(rules, wanted))
    store.save_dialogue(tx, changed)
    if changed.state == ANNOUNCED:
        _tell_announced(tx, changed, actor=person.person)
        _tell_guests(tx, rules, changed, CHANGED, actor=person.person, reason=why)
    return changed


def announce_dialogue(tx: Transaction, rules: Rules, *, person: Person, dialogue_id: UUID) -> Dialogue:
    """Open it for registration, or invite the petitioner to a dialogue about their case. Raises TooSoon when the law
    wants it announced earlier.
    """
    known, _ = _load(tx, person, dialogue_id)
    _refuse_too_soon(rules, known, now=tx.now)
    announced = sessions.announce(known, now=tx.now, remind_at=_reminds_at(rules, known))
    store.save_dialogue(tx, announced)
    _tell_announced(tx, announced, actor=person.person)
    _tell_guests(tx, rules, announced, INVITED, actor=person.person)
    return announced


def call_off_dialogue(tx: Transaction, rules: Rules, *, person: Person, dialogue_id: UUID, reason: str) -> Dialogue:
    """It is not held, and everybody who is coming hears why."""
    known, _ = _load(tx, person, dialogue_id)
    why = needed(reason, "reason", least=5, most=500)
    ended = sessions.call_off(known, reason=why)
    store.save_dialogue(tx, ended)
    if known.state == ANNOUNCED:
        tx.emit(
            DialogueCalledOff(
                dialogue_id=ended.id, actor=person.person, reason=Sealed(why if ended.is_public else None)
            )
        )
        _tell_guests(tx, rules, ended, CALLED_OFF, actor=person.person, reason=why)
    return ended


def invite_to_dialogue(
    tx: Transaction, rules: Rules, *, person: Person, dialogue_id: UUID, name: str, email: str
) -> Guest:
    """Name somebody beside the petitioner who is to come to a dialogue within a case."""
    known, case = _load(tx, person, dialogue_id)
    if case is None:
        raise DialogueRefused("public")  # there people register themselves
    if not known.is_open or tx.now >= known.starts_at:
        raise DialogueRefused(known.state if not known.is_open else "over")
    who, address = needed(name, "name", most=100), email_of(email)
    invited = (one for one in store.guests_of(tx, known.id) if (one.name, one.email) == (who, address))
    if (before := next(invited, None)) is not None:  # the button was pressed twice
        return before
    named = Guest(
        id=ordered_id(),
        dialogue_id=known.id,
        name=who,
        email=address,
        mobile=None,
        phone=None,
        language="vi",
        question="",
        petition_code=None,
        link_token=None,
        joined_at=tx.now,
    )
    store.add_guest(tx, named)
    if known.state == ANNOUNCED:
        tx.emit(invitation(rules, known, named, INVITED))
    return named


def read_dialogue(tx: Transaction, *, person: Person, dialogue_id: UUID) -> tuple[Dialogue, list[Guest]]:
    """A session with those who are coming, for who organises or chairs it: told before it is shown, since it names
    them. Others see the session without its guests. Raises DialogueUnknown.
    """
    found = store.find_dialogue(tx, person, dialogue_id)
    if found is None:
        raise DialogueUnknown
    if found.case_id is not None:
        case = begin(tx, person, "see", found.case_id, None)
        tell_read(tx, case, person, kind="case", purpose="supervision")
    guests = guests_for(tx, person, found)
    if guests and found.is_public:
        tx.emit(
            AccessRead(
                petition_id=found.id,  # of the session: it is no petition of one of them
                actor=person.person,
                role=person.role,
                unit=person.unit,
                kind="list",
                purpose="reception",
            )
        )
    return found, guests


def guests_for(look: Reading, person: Person, found: Dialogue) -> list[Guest]:
    """Those who are coming, for who organises or chairs the session; within a case, for whoever sees it.

    A code beside a name tells who sent that petition: it stands there for those alone who may know.
    """
    if found.is_public and not sessions.may_write_up(person, found):
        return []
    guests = store.guests_of(look, found.id)
    shown = store.codes_shown(look, person, {one.petition_code for one in guests if one.petition_code})
    return [one if one.petition_code in shown else replace(one, petition_code=None) for one in guests]


# ---- after it


def hold_dialogue(
    tx: Transaction,
    rules: Rules,
    *,
    person: Person,
    dialogue_id: UUID,
    minutes: str,
    came: Collection[UUID] = (),
    walked_in: int = 0,
    petitioner: str = "",
) -> Dialogue:
    """Write it up: minutes, and who came. Within a case: whether the petitioner did.

    Who stayed away without a good reason does not hold up the case; with one, another dialogue is owed.
    Source: NĐ 155/2026 Đ11.
    """
    known, case = _load(tx, person, dialogue_id, is_write_up=True)
    if case is not None and petitioner not in {PRESENT, EXCUSED, ABSENT}:
        raise Incomplete("petitioner")
    if not 0 <= walked_in <= MOST_SEATS:
        raise Incomplete("walked_in", "malformed")
    held = sessions.hold(
        known,
        minutes=needed(minutes, "minutes", least=20, most=20_000),
        walked_in=walked_in,
        petitioner=petitioner if case is not None else None,
        by=person.person,
        now=tx.now,
    )
    expected = {one.id for one in store.guests_of(tx, known.id) if not one.has_left}
    there = expected & set(came)
    store.save_dialogue(tx, held)
    store.note_attendance(tx, known.id, there)
    tx.emit(
        DialogueHeld(
            dialogue_id=held.id,
            actor=person.person,
            expected=len(expected),
            came=len(there),
            walked_in=walked_in,
            minutes=Sealed(held.minutes or ""),
        )
    )
    if case is not None:
        _note_held(tx, case, held, actor=person.person)
    return held


def _note_held(tx: Transaction, case: Case, held: Dialogue, *, actor: str) -> None:
    assert held.petitioner is not None
    if held.petitioner != EXCUSED and DIALOGUE_HELD not in case.flags:
        case = store.save_case(tx, replace(case, flags=(*case.flags, DIALOGUE_HELD)))
    store.add_entry(tx, case.id, "dialogue_held", actor=actor, is_public=True, petitioner=held.petitioner)
    tx.emit(
        CaseDialogueHeld(
            petition_id=case.petition_id,
            case_id=case.id,
            actor=actor,
            dialogue_id=held.id,
            petitioner=held.petitioner,
        )
    )


def commit_in_dialogue(
    tx: Transaction,
    rules: Rules,
    *,
    person: Person,
    dialogue_id: UUID,
    what: str,
    topic: str,
    unit: str,
    officer: str,
    due_on: date,
    guest_id: UUID | None = None,
) -> Commitment:
    """What was promised there, to whom, and who does it until when. The door files it as their petition, so it has a
    code, a clock, and an answer that reaches them. What is promised within a case is a matter of its decision.
    """
    known, case = _load(tx, person, dialogue_id, is_write_up=True)
    if case is not None or known.state != HELD:
        raise DialogueRefused("bound" if case is not None else known.state)
    today = rules.calendar.local_day(tx.now)
    asked = next((one for one in store.guests_of(tx, known.id) if one.id == guest_id), None)
    if guest_id is not None and asked is None:
        raise Incomplete("guest", "unknown")
    if topic not in {one.code for one in rules.catalogue.topics_on(today)}:
        raise Incomplete("topic", "unknown")
    if officer not in {one.person for one in store.colleagues(tx, unit=unit, roles=ANSWERS)}:
        raise Incomplete("officer", "unknown")
    words = needed(what, "what", least=10, most=4000)
    if before := _made_before(tx, known, guest_id=guest_id, what=words, officer=officer, due_on=due_on):
        return before
    made = Commitment(
        petition_id=ordered_id(),
        dialogue_id=known.id,
        guest_id=guest_id,
        what=words,
        topic=topic,
        unit=unit,
        officer=officer,
        due_on=working_day_ahead(tx, rules, due_on),
        made_by=person.person,
        made_at=tx.now,
    )
    store.add_commitment(tx, made)
    tx.emit(
        DialogueCommitted(
            dialogue_id=known.id,
            petition_id=made.petition_id,
            actor=person.person,
            kind=rules.catalogue.dialogues.commitments.kind,
            topic=topic,
            unit=unit,
            officer=officer,
            due_on=made.due_on,
            language=asked.language if asked else "vi",
            text=Sealed(made.what),
            name=Sealed(asked.name if asked else None),
            email=Sealed(asked.email if asked else None),
            mobile=Sealed(asked.mobile if asked else None),
        )
    )
    return made


def _made_before(tx: Reading, known: Dialogue, **told: Any) -> Commitment | None:
    """The same promise of the same session: the button was pressed twice, and nobody is owed it twice."""
    made = store.commitments_of(tx, known.id)
    return next((one for one in made if all(getattr(one, name) == value for name, value in told.items())), None)


# ---- who may, and what makes sense


def _allowed(tx: Transaction, person: Person, case_id: UUID | None) -> Case | None:
    """The case of a bound session, held for this person. Raises NotAllowed, CaseUnknown."""
    if case_id is not None:
        return begin(tx, person, "hold_dialogue", case_id, None)
    must(sessions.may_organise(person))
    return None


def _load(
    tx: Transaction, person: Person, dialogue_id: UUID, *, is_write_up: bool = False
) -> tuple[Dialogue, Case | None]:
    """The session, and its case if it has one, held. Raises DialogueUnknown, NotAllowed."""
    seen = store.find_dialogue(tx, person, dialogue_id)
    if seen is None:
        raise DialogueUnknown
    case = begin(tx, person, "hold_dialogue", seen.case_id, None) if seen.case_id is not None else None
    known = store.load_dialogue(tx, dialogue_id)
    assert known is not None
    if case is None:
        must(sessions.may_write_up(person, known) if is_write_up else sessions.may_organise(person))
    return known, case


def _kind(rules: Rules, code: str, *, is_bound: bool) -> DialogueKind:
    known = {kind.code: kind for kind in rules.catalogue.dialogues.kinds if kind.is_bound == is_bound}
    if code not in known:
        raise Incomplete("kind", "unknown")
    return known[code]


def _checked(tx: Transaction, rules: Rules, plan: Plan, kind: DialogueKind, case: Case | None) -> dict[str, Any]:
    """The fields of a session, each as it may be. Raises Incomplete."""
    if plan.ends_at <= plan.starts_at:
        raise Incomplete("ends_at", "too_early")
    if not 1 <= plan.seats <= MOST_SEATS:
        raise Incomplete("seats", "malformed")
    place = needed(plan.place, "place", most=300)
    if kind.is_online and not place.startswith("https://"):
        raise Incomplete("place", "no_link")
    return {
        "kind": kind.code,
        "title": needed(plan.title, "title", least=5, most=200),
        "topics": plan.topics.strip()[:2000],
        "place": place,
        "starts_at": plan.starts_at,
        "ends_at": plan.ends_at,
        "seats": plan.seats,
        "chair": _chair(tx, rules, plan.chair, kind, case),
    }


def _chair(tx: Reading, rules: Rules, chair: str, kind: DialogueKind, case: Case | None) -> str:
    roles = rules.catalogue.dialogues.chairs_of(kind.code, case.kind if case else None)
    named = next((one for one in store.colleagues(tx, roles=roles) if one.person == chair), None)
    if named is None:
        raise Incomplete("chair", "in_person" if case and roles != kind.chaired_by else "unknown")
    if case is not None and case.excluded & {named.person, named.unit}:
        raise Incomplete("chair", "about_them")
    return named.person


def notice_rule(rules: Rules, kind: str, day: date) -> Rule | None:
    """The rule by which such a session on that day is announced in time; None where no law asks for it."""
    code = rules.catalogue.dialogues.kind(kind).notice
    return None if code is None else rules.catalogue.rule(code, day)


def _refuse_too_soon(rules: Rules, dialogue: Dialogue, *, now: datetime) -> None:
    calendar = rules.calendar
    if dialogue.starts_at <= now:
        raise Incomplete("starts_on", "passed")
    day, today = calendar.local_day(dialogue.starts_at), calendar.local_day(now)
    sessions.refuse_too_soon(notice_rule(rules, dialogue.kind, today), day, today, calendar)


def _reminds_at(rules: Rules, dialogue: Dialogue) -> datetime:
    before = rules.catalogue.dialogues.reminded_before.working_days
    return sessions.reminds_at(dialogue.starts_at, rules.calendar, working_days=before)


# ---- how it is told


def _tell_announced(tx: Transaction, dialogue: Dialogue, *, actor: str) -> None:
    def told(value: str) -> Sealed[str | None]:
        return Sealed(value if dialogue.is_public else None)

    tx.emit(
        DialogueAnnounced(
            dialogue_id=dialogue.id,
            actor=actor,
            kind=dialogue.kind,
            edition=dialogue.edition,
            is_public=dialogue.is_public,
            is_online=dialogue.is_online,
            starts_at=dialogue.starts_at,
            ends_at=dialogue.ends_at,
            seats=dialogue.seats,
            title=told(dialogue.title),
            topics=told(dialogue.topics),
            place=told(dialogue.place),
            chair=told(_name_of(tx, dialogue.chair)),
        )
    )


def _tell_guests(
    tx: Transaction, rules: Rules, dialogue: Dialogue, ground: str, *, actor: str, reason: str | None = None
) -> None:
    """Tell all who are coming, and the petitioner of its case."""
    for one in store.guests_of(tx, dialogue.id):
        if not one.has_left:
            tx.emit(invitation(rules, dialogue, one, ground, reason=reason))
    case = store.load_case(tx, dialogue.case_id) if dialogue.case_id is not None else None
    if case is None:
        return
    store.add_entry(tx, case.id, "dialogue", actor=actor, is_public=True, words=reason, ground=ground)
    tx.emit(
        CaseDialogueInvited(
            petition_id=case.petition_id,
            case_id=case.id,
            actor=actor,
            dialogue_id=dialogue.id,
            ground=ground,
            starts_at=dialogue.starts_at,
            is_online=dialogue.is_online,
            place=Sealed(dialogue.place),
            chair=Sealed(_name_of(tx, dialogue.chair)),
            reason=Sealed(reason),
        )
    )


def _name_of(tx: Reading, person: str) -> str:
    return store.names_of(tx).get(person, "")


# ---- what the clock asks


class DialogueReminder:
    """Reminds those who are coming, once, a working day before."""

    name, idle_s = "dialogues", 60.0

    def __init__(self, database: Database, book: Book) -> None:
        self._database, self._book = database, book

    def once(self) -> int:
        with self._database.reading() as look:
            if not store.is_any_dialogue_due(look):
                return 0
        with self._database.writing() as tx:
            due, rules = store.due_dialogues(tx, limit=BATCH), self._book.in_force(tx)
            for dialogue_id, case_id in due:
                case = store.load_case(tx, case_id) if case_id else None  # first, as by everybody: else two would wait
                known = store.load_dialogue(tx, dialogue_id)
                if known is not None and known.reminds_at is not None and known.reminds_at <= tx.now:
                    _remind(tx, rules, known, case)
            return len(due)


def _remind(tx: Transaction, rules: Rules, known: Dialogue, case: Case | None) -> None:
    """Nobody is reminded of a dialogue within a case that has ended."""
    store.save_dialogue(tx, replace(known, reminds_at=None))
    if case is None or not case.is_ended:
        _tell_guests(tx, rules, known, SOON, actor=SYSTEM)
