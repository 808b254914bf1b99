"""What the desk does when it hears an event. The table at the end is the contents page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from services.workflow import store
from services.workflow.domain import deadline as clocks
from services.workflow.domain.assignment import Assignee, at_once, given
from services.workflow.domain.case import SYSTEM, Case, KindClass, title_of
from services.workflow.domain.consultation import KIND, Consultation, as_comment
from services.workflow.domain.deadline import Deadline
from services.workflow.domain.dialogue import CALLED_OFF, Commitment, Dialogue, Guest, rule_of
from services.workflow.domain.doubt import is_set_aside
from services.workflow.domain.late_dossier import TOPIC as LATE_TOPIC
from services.workflow.domain.late_dossier import LateDossier, as_promised
from services.workflow.domain.letter import INCOMING
from services.workflow.domain.permission import ONLY_KINDS
from services.workflow.domain.promise import Promise, may_judge
from services.workflow.domain.routing import unit_for, unit_on
from services.workflow.domain.rules import Book, Rules, effect_of, timed
from services.workflow.domain.sorting import SPAM, Letter, OpenCase, Petition, Sorted, beside, by_words
from services.workflow.domain.vocabulary import Rule
from services.workflow.ending import end_withdrawn, let_go
from services.workflow.ledger import note_attempt
from services.workflow.steps import (
    assigned,
    check_promise,
    follow_up,
    give_out,
    invitation,
    opened,
    routed,
    take_step,
    tell_of_conduct,
    tell_resumed,
)
from shared.db import Cause, Transaction
from shared.events import Event
from shared.events.intake import (
    ContactChanged,
    ContactVerified,
    DialogueJoined,
    DialogueLeft,
    PetitionFiled,
    PetitionFollowed,
    PetitionPromiseJudged,
    PetitionRated,
    PetitionReopenRequested,
    PetitionSupplemented,
    PetitionWithdrawn,
    ReadersCounted,
    SurveyAnswered,
)
from shared.events.notify import (
    NoticeAccepted,
    NoticeDelivered,
    NoticeFailed,
    NoticeSuppressed,
    WebhookAttempted,
)
from shared.events.workflow import CaseProcedureNamed
from shared.ids import ordered_id
from shared.inbox import Heard, NotYet, Together
from shared.text import fold

NEARBY_FOR = timedelta(days=30)
APOLOGISE = "apologise_and_give_one_new_date"
MEDIA = {"image": "photo", "video": "video", "audio": "audio"}

BOOKS = (KindClass.ORDINARY, KindClass.RESTRICTED, KindClass.SECRET)

Neighbours = dict[str, list[OpenCase]]  # by topic, newest first


def open_cases(tx: Transaction, heard: Sequence[Heard], *, rules: Rules) -> None:
    """Petitions came in: owe each an answer, by when, and propose who gives it. Several matters give several cases."""
    promised = store.commitments_among(tx, [one.event.petition_id for one in heard])
    late = store.late_dossiers_among(tx, [one.event.petition_id for one in heard])
    drafts = store.consultations_by_id(tx, {one.event.consultation_id for one in heard} - {None})
    filed = [
        _sorted(one, rules, promised, drafts, late) for one in sorted(heard, key=lambda one: one.event.received_at)
    ]
    near, staff = _neighbours(tx, filed, rules), _staff(tx, filed)
    told: list[tuple[Cause, store.NewCase]] = []
    for one in filed:
        for new in _cases_of(one, near, staff, rules, now=tx.now):
            told.append((one.cause, new))
            _move_in(near, new, rules)
    told, named = _given_out(tx, told, rules, promised)
    store.add_cases(tx, [new for _, new in told])
    store.note_agreed(tx, [one.heard.petition_id for one in filed if one.heard.may_publish])
    store.note_counted(tx, [new.case.id for _, new in told], rules.counted_by)
    store.register_petitions(tx, _register(told, rules))
    routes = {new.case.id: {"unit": new.case.unit, "route": new.case.route} for _, new in told}
    store.add_entries(tx, routes, "opened", actor=SYSTEM, is_public=True)
    store.add_entered(tx, [_entered(one) for one in filed if one.heard.entered_by])
    store.add_partner_petitions(tx, [_of_partner(one.heard) for one in filed if one.heard.partner])
    known = {row.code for row in rules.catalogue.procedures}
    chosen = {one.heard.petition_id: one.heard.procedure for one in filed if one.heard.procedure in known}
    whom = {case_id: {"officer": one.person} | one.why for case_id, one in named.items()}
    store.add_entries(tx, whom, "assign", actor=SYSTEM, is_public=False)
    for cause, new in told:
        because = tx.because(cause)
        because.emit(opened(new.case, new.deadlines))
        because.emit(routed(new.case, actor=SYSTEM, units=rules.unit_codes))
        if new.case.id in named:
            because.emit(assigned(new.case, actor=SYSTEM))
        tell_of_conduct(because, rules, new.case)
        if new.case.petition_id in chosen and new.case.kind in ONLY_KINDS["name_procedure"]:
            by = late[new.case.petition_id].listed_by if new.case.petition_id in late else "citizen"
            _name_procedure(because, new.case, chosen[new.case.petition_id], by=by)


def _of_partner(heard: PetitionFiled) -> dict[str, Any]:
    return {"petition_id": heard.petition_id, "partner": heard.partner, "service_code": heard.topic or ""}


def _name_procedure(tx: Transaction, case: Case, procedure: str, *, by: str) -> None:
    """The citizen came from the page of a procedure, or the counter listed a dossier of it."""
    store.name_procedure(tx, case.id, procedure, by=by)
    tx.emit(CaseProcedureNamed(petition_id=case.petition_id, case_id=case.id, actor=by, procedure=procedure))


def _given_out(
    tx: Transaction,
    told: list[tuple[Cause, store.NewCase]],
    rules: Rules,
    promised: Mapping[UUID, Commitment],
) -> tuple[list[tuple[Cause, store.NewCase]], dict[UUID, Assignee]]:
    """The new cases, those that were accepted at once given to whom their units' matrices name, or who promised it."""
    today = rules.calendar.local_day(tx.now)
    units = {new.case.unit for _, new in told if new.case.stage == "accepted"}
    matrix = store.matrix_of(tx, units, day=today)
    found = {new.case.id: at_once(matrix, new.case, rules.workflow_of(new.case), today) for _, new in told}
    found |= {
        new.case.id: Assignee(promised[new.case.petition_id].officer)
        for _, new in told
        if new.case.petition_id in promised
    }
    named = {case_id: one for case_id, one in found.items() if one is not None}
    return [(cause, _assigned(new, named.get(new.case.id), rules, now=tx.now)) for cause, new in told], named


def _assigned(new: store.NewCase, named: Assignee | None, rules: Rules, *, now: datetime) -> store.NewCase:
    if named is None:
        return new
    workflow = rules.workflow_of(new.case)
    running = dict(enumerate(new.deadlines))
    after = running | effect_of(workflow.steps["assign"], running, at=now, calendar=rules.calendar)
    case, clocks_after = given(new.case, named, workflow), tuple(after.values())
    return replace(new, case=timed(case, clocks_after, rules, after=(case.received_at, "")), deadlines=clocks_after)


def _register(told: Sequence[tuple[Cause, store.NewCase]], rules: Rules) -> list[tuple[UUID, str, int]]:
    """Petitions as they go into the register, each in the closest book that one of its cases asks for."""
    found: dict[UUID, store.NewCase] = {}
    for _, new in told:
        other = found.get(new.case.petition_id)
        if other is None or BOOKS.index(other.case.kind_class) < BOOKS.index(new.case.kind_class):
            found[new.case.petition_id] = new
    return [
        (petition_id, INCOMING[new.case.kind_class], rules.calendar.local_day(new.case.received_at).year)
        for petition_id, new in found.items()
    ]


KNEW_ON = "knew_on"  # the question of config/steps that begins the time for a complaint


@dataclass(frozen=True)
class _Filed:
    """A petition with what it is by its words alone, before anything beside it was looked at."""

    heard: PetitionFiled
    cause: Cause
    letter: Letter
    found: Sorted
    promised: Commitment | None = None  # what a session promised: unit, officer and day are known
    consultation: Consultation | None = None  # on which it comments
    late: LateDossier | None = None  # the dossier that it was filed for: topic, unit and day are known

    @property
    def has_secret_part(self) -> bool:
        """Whether a denunciation is among several matters: what was answered is then told to its handlers alone."""
        return any((part.kind or "").startswith("denunciation") for part in self.found.parts)

    @property
    def is_of_its_own(self) -> bool:
        return bool(self.promised or self.consultation or self.late)

    @property
    def is_set_aside(self) -> bool:
        """So doubtful that a person looks at it apart from the other work, before its clocks start."""
        is_ours = self.is_of_its_own or self.heard.entered_by is not None
        is_protected = self.heard.public_code is None
        return not is_ours and not is_protected and is_set_aside(self.heard.doubts, self.found)

    @property
    def topic_beside(self) -> str | None:
        """Among whose cases the same matter is looked for: those of the topic that the words say, where it could be
        accepted at once, else of the one that the citizen chose."""
        if self.heard.public_code is None or self.is_of_its_own or self.is_set_aside:  # secret; a matter of its own
            return None
        is_plain = self.found.route == "accept" and not self.found.is_restricted and not self.found.is_held
        return self.found.topic if is_plain else self.heard.topic


def _entered(one: _Filed) -> store.Entered:
    """Who wrote it down for its citizen: told on the page of the case, and of no weight for anybody's rights."""
    return store.Entered(
        petition_id=one.heard.petition_id,
        person=one.heard.entered_by or "",
        channel=one.heard.channel,
        at=one.cause.time,
        received_at=one.heard.received_at,
        late_ground=one.heard.late_ground,
    )


def _sorted(
    one: Heard,
    rules: Rules,
    promised: Mapping[UUID, Commitment],
    drafts: Mapping[UUID, Consultation],
    listed: Mapping[UUID, LateDossier],
) -> _Filed:
    letter, made = Letter.of(_petition(one.event), rules.catalogue), promised.get(one.event.petition_id)
    found, draft, late = by_words(letter), drafts.get(one.event.consultation_id), listed.get(one.event.petition_id)
    if made is not None:
        kind = rules.catalogue.dialogues.commitments.kind
        found = _as_known(found, kind=kind, topic=made.topic, unit=made.unit)
    elif late is not None:
        found = _as_listed(found, rules, letter.day)
    elif draft is not None:
        unit = unit_on(rules.catalogue, draft.unit, letter.day)
        found = as_comment(found, draft, unit=unit, publication=rules.catalogue.kind(KIND).publication)
    return _Filed(one.event, one.cause, letter, found, made, draft, late)


def _as_listed(found: Sorted, rules: Rules, day: date) -> Sorted:
    """A late dossier belongs where the catalogue says that late dossiers belong."""
    topic = rules.catalogue.topic(LATE_TOPIC, day)
    unit = unit_for(rules.catalogue, kind=topic.kind, topic=topic.code, day=day).unit
    known = _as_known(found, kind=topic.kind, topic=topic.code, unit=unit)
    return replace(known, priority=topic.priority, publication=topic.publication)


def _as_known(found: Sorted, *, kind: str, topic: str, unit: str) -> Sorted:
    """What we wrote down ourselves is not guessed at again: its words are ours, and name nobody as a citizen would."""
    return replace(
        found,
        kind=kind,
        topic=topic,
        unit=unit,
        route="accept",
        is_restricted=False,
        is_held=False,
        excluded_units=(),
        named_persons=(),
        linked_to=None,
        parts=(),
    )


def _petition(heard: PetitionFiled) -> Petition:
    return Petition(
        title=heard.title.value,
        body=heard.text.value,
        received_at=heard.received_at,
        kind=heard.kind,
        topic=heard.topic,
        language=heard.language,
        signature_status=heard.signature_status,
        ward=heard.ward,
        place=heard.place.value,
        position=_position(heard.position.value),
        party=heard.party,
        name=heard.name.value,
        phone=heard.phone.value,
        email=heard.email.value,
        address=heard.address.value,
        is_nfd=heard.is_nfd,
        attachments=tuple(MEDIA.get(file.media_type.split("/")[0], "document") for file in heard.attachments.value),
    )


def _position(written: str | None) -> tuple[float, float] | None:
    if not written:
        return None
    latitude, _, longitude = written.partition(",")
    return float(latitude), float(longitude)


def _neighbours(tx: Transaction, filed: Sequence[_Filed], rules: Rules) -> Neighbours:
    """Open cases that these petitions may be about too."""
    near: Neighbours = {one.topic_beside: [] for one in filed if one.topic_beside}
    since = min(one.heard.received_at for one in filed) - NEARBY_FOR
    for row in store.nearby(tx, near, since=since):
        near[row.topic].append(_neighbour(row, row, rules))
    return near


def _neighbour(case: Any, words: Any, rules: Rules) -> OpenCase:
    return OpenCase(
        id=str(case.id),
        kind=case.kind,
        topic=case.topic,
        received_on=rules.calendar.local_day(case.received_at),
        title=words.title,
        body=words.text,
        ward=case.ward,
        place=words.place,
        position=_position(words.position),
        answer_rule=case.answer_rule,
        answer_due_on=case.answer_due_on,
        answer_due_at=case.answer_due_at,
    )


def _move_in(near: Neighbours, new: store.NewCase, rules: Rules) -> None:
    """Let those that are opened after it in this batch find a new case as if it had been kept before."""
    if new.case.topic in near and not new.case.is_restricted and new.case.linked_to is None:
        near[new.case.topic].insert(0, _neighbour(new.case, new.words, rules))


def _staff(tx: Transaction, filed: Sequence[_Filed]) -> Mapping[str, str]:
    """Folded names of the staff by pseudonym, where a petition names anybody at all."""
    if not any(part.named_persons for one in filed for part in (one.found, *one.found.parts)):
        return {}
    return {person: fold(name) for person, name in store.names_of(tx).items()}


def _cases_of(
    one: _Filed, near: Neighbours, staff: Mapping[str, str], rules: Rules, *, now: datetime
) -> list[store.NewCase]:
    others = near.get(one.topic_beside or "", [])[: store.NEIGHBOURS]
    if one.is_set_aside:
        return [_new_case(one, one.found, None, staff, rules, now=now)]
    found = one.found if one.promised or one.late else beside(one.letter, one.found, others)
    leads = {other.id: other for other in others}
    return [
        _new_case(one, part, leads.get(part.linked_to or ""), staff, rules, now=now) for part in found.parts or (found,)
    ]


def _new_case(
    one: _Filed, found: Sorted, lead: OpenCase | None, staff: Mapping[str, str], rules: Rules, *, now: datetime
) -> store.NewCase:
    heard = one.heard
    proposal = _proposal(found, heard) | ({"doubts": list(heard.doubts)} if heard.doubts else {})
    if one.is_set_aside:
        found = _aside(found, rules, one.letter.day)
    kind = found.kind or "report"
    workflow = rules.current[kind]
    kind_class = _kind_class(found, kind)
    is_comment = one.consultation is not None
    needs_a_person = not is_comment and (
        kind_class is not KindClass.ORDINARY or found.topic is None or found.is_held or bool(heard.doubts)
    )
    case = Case(
        id=ordered_id(),
        petition_id=heard.petition_id,
        code=heard.code.value.replace("-", ""),
        kind=kind,
        topic=found.topic,
        unit=found.unit,
        stage=workflow.first_stage("otherwise" if needs_a_person else found.route),
        workflow=workflow.name,
        workflow_version=workflow.version,
        received_at=heard.received_at,
        route=found.route,
        priority=found.priority,
        kind_class=kind_class,
        publication=found.publication,
        ward=heard.ward,
        language=heard.language,
        channel=heard.channel,
        signature_status=heard.signature_status,
        linked_to=UUID(lead.id) if lead else None,
        excluded=frozenset(found.excluded_units) | _people_named(found, staff),
        flags=tuple(found.flags),
        conditions=tuple(sorted(found.conditions)),
        attachment_count=heard.attachment_count,
        consultation_id=one.consultation.id if one.consultation else None,
    )
    deadlines = () if lead or is_comment else _clocks_of(case, rules, now=now, promised=one.promised, late=one.late)
    since = _owed_since(heard.received_at, deadlines, rules, one.late)
    return store.NewCase(
        case=_inheriting(case, lead) if lead else timed(case, deadlines, rules, after=(since, "")),
        words=_words(heard, found.text or heard.text.value, has_answers=case.is_secret or not one.has_secret_part),
        proposal=store.without_words(proposal) if case.is_secret else proposal,
        deadlines=deadlines,
        files=heard.attachments.value,
    )


def _aside(found: Sorted, rules: Rules, day: date) -> Sorted:
    """As what it lies there until a person has looked; what was proposed by its words is kept beside it."""
    unit = unit_for(rules.catalogue, kind=SPAM, topic=None, day=day).unit
    known = rules.catalogue.kind(SPAM)
    return replace(found, kind=SPAM, topic=None, unit=unit, route="quarantine", publication=known.publication, parts=())


def _kind_class(found: Sorted, kind: str) -> KindClass:
    if kind.startswith("denunciation"):
        return KindClass.SECRET
    return KindClass.RESTRICTED if found.is_restricted or found.is_held else KindClass.ORDINARY


def _owed_since(
    received_at: datetime, deadlines: Sequence[Deadline], rules: Rules, late: LateDossier | None
) -> datetime:
    """From when on the ladder is climbed: for a dossier that was listed too late, from the day of its apology."""
    apology = next((clock for clock in deadlines if late and clock.step == APOLOGISE), None)
    if apology is None or apology.due_on is None:
        return received_at
    return min(received_at, rules.calendar.start_of_day(apology.due_on))


def _clocks_of(
    case: Case, rules: Rules, *, now: datetime, promised: Commitment | None, late: LateDossier | None
) -> tuple[Deadline, ...]:
    anchors: dict[str, Any] = {"received": case.received_at}
    if late:
        anchors[clocks.DOSSIER_DUE] = late.due_on
    if case.stage == "accepted":
        anchors["routed"] = now
    answer_by: Rule | None = None
    if promised:
        received_on = rules.calendar.local_day(case.received_at)
        answer_by = rule_of(promised, rules.catalogue.dialogues.commitments, received_on=received_on)
    elif late:
        law = rules.catalogue.rule(clocks.DOSSIER_APOLOGY, late.due_on)
        answer_by = as_promised(case.kind, law.source)
    found = clocks.deadlines_of(
        rules.catalogue,
        kind=case.kind,
        topic=case.topic,
        conditions=case.conditions,
        anchors=anchors,
        answer_by=answer_by,
    )
    # What is sorted at once needs no time for being sorted.
    return tuple(clock for clock in found if clock.step != "triage" or case.stage == "triage")


def _inheriting(case: Case, lead: OpenCase) -> Case:
    """Proposed as the same matter: it takes the due day of the case it would follow."""
    return replace(
        case, answer_due_at=lead.answer_due_at, answer_due_on=lead.answer_due_on, answer_rule=lead.answer_rule
    )


def _people_named(found: Sorted, staff: Mapping[str, str]) -> frozenset[str]:
    """Pseudonyms of the staff whom the petition names: they neither handle, see nor hear of it."""
    named = set(map(fold, found.named_persons))
    return frozenset(person for person, name in staff.items() if name in named)


def _words(heard: PetitionFiled, text: str, *, has_answers: bool) -> store.Words:
    return store.Words(
        title=heard.title.value or title_of(text),
        text=text,
        place=heard.place.value,
        position=heard.position.value,
        name=heard.name.value,
        phone=heard.phone.value,
        email=heard.email.value,
        address=heard.address.value,
        party=heard.party,
        organisation=heard.organisation.value,
        answers=[asdict(one) for one in heard.answers.value] if has_answers else [],
    )


def _knew_on(found: Sorted, heard: PetitionFiled) -> str | None:
    """The day on which the petitioner learned of the decision: as they answered, or as their words say."""
    said = next((one.raw for one in heard.answers.value if one.code == KNEW_ON), None)
    if said is not None:
        return datetime.strptime(said, "%d/%m/%Y").date().isoformat()
    return found.limitation.from_on.isoformat() if found.limitation else None


def _proposal(found: Sorted, heard: PetitionFiled) -> dict[str, Any]:
    """What the sorting proposed, kept beside what a person decides, so that proposals can be measured."""
    return {
        "kind": found.kind,
        "topic": found.topic,
        "unit": found.unit,
        "route": found.route,
        "is_restricted": found.is_restricted,
        "transfer_to": found.transfer_to,
        "linked_to": found.linked_to,
        "ground": found.ground,
        "rule": None if found.rule is None else msgspec.to_builtins(found.rule),
        "knew_on": _knew_on(found, heard),
        "candidates": [
            {"topic": each.topic, "score": each.score, "phrases": list(each.phrases)} for each in found.candidates
        ],
        "reasons": [{"code": each.what, "words": list(each.words)} for each in found.reasons],
    }


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


def take_wishes(tx: Transaction, heard: Sequence[Heard], *, rules: Rules) -> None:
    """Citizens ask to look again at an answer: it goes to the head of the unit."""
    for one in heard:
        asked: PetitionReopenRequested = one.event
        case = next(iter(_answered(tx, asked.petition_id, asked.round, only=asked.case_id)), None)
        if case is not None and asked.reason.is_open:
            _take_wish(tx.because(one.cause), case, asked, rules)


def _answered(tx: Transaction, petition_id: UUID, round: int, *, only: UUID | None = None) -> list[Case]:
    """The cases that were answered so: the petition's own, or those that they follow; none once that answer does not
    hold any more."""
    cases = store.cases_of(tx, petition_id)
    if not cases:
        raise NotYet("the case of this petition is not open yet")
    leads = [
        store.load_case(tx, case.linked_to) if case.stage == "linked" and case.linked_to else case
        for case in cases
        if only in {None, case.id}
    ]
    return [case for case in leads if case and case.answered_at is not None and case.answer_round == round]


def _take_wish(tx: Transaction, case: Case, asked: PetitionReopenRequested, rules: Rules) -> None:
    """Once for each answer; kinds that the law gives another way are left as they are."""
    reason = asked.reason.value
    if "reopen" not in rules.workflow_of(case).steps:
        return
    if not store.add_reopening(
        tx, case_id=case.id, petition_id=asked.petition_id, round=case.answer_round, reason=reason
    ):
        return
    store.add_entry(tx, case.id, "reopening_asked", actor="citizen", is_public=True, words=reason)
    store.close_follow_ups(tx, case.id, state="joined", by="citizen")
    follow_up(tx, case, "reopen_requested")


def take_low_marks(tx: Transaction, heard: Sequence[Heard], *, rules: Rules) -> None:
    """Citizens were not satisfied with an answer, and let the head of the unit know: something to look at, once for
    each answer, and nothing more where somebody asked to look again. No line in the case: its officer is not told."""
    for one in heard:
        rated: PetitionRated = one.event
        if not (rated.is_for_head.is_open and rated.is_for_head.value):
            continue
        for case in _answered(tx, rated.petition_id, rated.round):
            is_asked_again = any(wish.round == rated.round for wish in store.reopenings_of(tx, case.id))
            if is_asked_again or not store.open_follow_up(tx, case_id=case.id, round=rated.round, unit=case.unit):
                continue
            follow_up(tx.because(one.cause), case, "not_satisfied", but=case.officer)


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


def take_judgements(tx: Transaction, heard: Sequence[Heard], *, rules: Rules) -> None:
    """Citizens said whether what was promised has been done."""
    for one in heard:
        judged: PetitionPromiseJudged = one.event
        cases = store.cases_of(tx, judged.petition_id)
        if not cases:
            raise NotYet("the case of this petition is not open yet")
        promise = store.load_promise(tx, judged.promise_id)
        case = store.load_case(tx, promise.case_id) if promise else None
        is_theirs = case is not None and {case.id} & {found for own in cases for found in (own.id, own.linked_to)}
        if promise and case and is_theirs and may_judge(promise, rules.answers, rules.calendar.local_day(tx.now)):
            words = judged.words.value if judged.words.is_open else None
            _judge(tx.because(one.cause), case, promise, is_done=judged.is_done, words=words)


def _judge(tx: Transaction, case: Case, promise: Promise, *, is_done: bool, words: str | None) -> None:
    """The citizen said whether it was done. A no is the head's to follow up."""
    promise = replace(promise, judged_at=tx.now, is_done=is_done, said=words or None)
    state = "kept" if is_done else "broken"
    if promise.state != state:
        promise = check_promise(tx, case, promise, state, actor="citizen", words=promise.words)
    store.save_promise(tx, replace(promise, next_step=None, next_step_at=None))
    what = "promise_yes" if is_done else "promise_no"
    store.add_entry(tx, case.id, what, actor="citizen", is_public=True, words=words or None)
    if not is_done:
        follow_up(tx, case, "promise_denied")


def take_survey_answers(tx: Transaction, heard: Sequence[Heard], *, rules: Rules) -> None:
    """People answered a survey round: how many, by which way, and what they added in words."""
    told: list[SurveyAnswered] = [one.event for one in heard]
    rows = [
        {
            "answer_id": one.answer_id,
            "survey_id": one.survey_id,
            "way": one.way,
            "words": one.words.value if one.words.is_open else None,
        }
        for one in told
    ]
    store.add_survey_answers(tx, rows)


def take_guests(tx: Transaction, heard: Sequence[Heard], *, rules: Rules) -> None:
    """People registered for sessions at the door: each is invited, or told at once that it is not held after all."""
    for one in heard:
        joined: DialogueJoined = one.event
        session = store.load_dialogue(tx, joined.dialogue_id)
        if session is None:
            raise NotYet("this session is not known")
        if joined.name.is_open:
            _take_guest(tx.because(one.cause), session, joined, rules)


def _take_guest(tx: Transaction, session: Dialogue, joined: DialogueJoined, rules: Rules) -> None:
    coming = Guest(
        id=joined.guest_id,
        dialogue_id=session.id,
        name=joined.name.value,
        email=joined.email.value,
        mobile=joined.mobile.value,
        phone=joined.phone.value,
        language=joined.language,
        question=joined.question.value,
        petition_code=joined.petition_code.value,
        link_token=joined.link_token.value,
        joined_at=joined.joined_at,
    )
    store.add_guest(tx, coming)
    ground = "called_off" if session.state == CALLED_OFF else "invited"
    tx.emit(invitation(rules, session, coming, ground, reason=session.reason if ground == "called_off" else None))


def let_guests_go(tx: Transaction, heard: Sequence[Heard], *, rules: Rules) -> None:
    """People cancelled: their seats are free, and nobody reminds them."""
    for one in heard:
        store.leave_dialogue(tx, one.event.guest_id)


def keep_notices(tx: Transaction, heard: Sequence[Heard], *, rules: Rules) -> None:
    """The postman told what became of notices: shown on the pages of their cases."""
    store.keep_notices(tx, [(one.event.petition_id, _notice(one.event, one.cause.time)) for one in heard])


def _notice(told: NoticeAccepted | NoticeDelivered | NoticeFailed | NoticeSuppressed, at: datetime) -> store.Notice:
    state, detail = "accepted", None
    if isinstance(told, NoticeDelivered):
        state, detail = "delivered", told.evidence
    elif isinstance(told, NoticeFailed):
        state, detail = "failed", told.error_class
    elif isinstance(told, NoticeSuppressed):
        state, detail = "suppressed", told.ground
    return store.Notice(
        id=told.notice_id,
        audience=told.audience,
        channel=told.channel,
        purpose=told.purpose,
        state=state,
        detail=detail,
        at=at,
    )


def keep_readers(tx: Transaction, heard: Sequence[Heard], *, rules: Rules) -> None:
    """The door counted who opened what was made public: shown in the register, and by campaign."""
    for one in heard:
        told = one.event
        if store.is_known_publication(tx, told.publication_id):
            store.keep_readers(tx, told.publication_id, told.on_day, opened=told.opened, petitions=told.petitions)


def count_followers(tx: Transaction, heard: Sequence[Heard], *, rules: Rules) -> None:
    """How many follow a published case: the number is all that the desk learns of them."""
    for one in heard:
        store.note_followers(tx, one.event.case_id, one.event.followers)


def keep_attempts(tx: Transaction, heard: Sequence[Heard], *, rules: Rules) -> None:
    """Deliveries to partners were tried: shown in their ledger."""
    for one in heard:
        note_attempt(tx.because(one.cause), one.event)


def by(book: Book) -> Mapping[type[Event], Together]:
    """The reactions, each time working by the rules in force."""
    return {heard: Together(_ruled(react, book)) for heard, react in REACTIONS.items()}


def _ruled(react: Callable[..., None], book: Book) -> Callable[[Transaction, Sequence[Heard]], None]:
    return lambda tx, heard: react(tx, heard, rules=book.in_force(tx))


REACTIONS: Mapping[type[Event], Callable[..., None]] = {
    PetitionFiled: open_cases,
    PetitionSupplemented: take_supplements,
    PetitionReopenRequested: take_wishes,
    PetitionRated: take_low_marks,
    PetitionPromiseJudged: take_judgements,
    PetitionWithdrawn: take_withdrawals,
    ContactChanged: change_contacts,
    ContactVerified: note_verified,
    ReadersCounted: keep_readers,
    PetitionFollowed: count_followers,
    SurveyAnswered: take_survey_answers,
    DialogueJoined: take_guests,
    DialogueLeft: let_guests_go,
    NoticeAccepted: keep_notices,
    NoticeDelivered: keep_notices,
    NoticeFailed: keep_notices,
    NoticeSuppressed: keep_notices,
    WebhookAttempted: keep_attempts,
}
