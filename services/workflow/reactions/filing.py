"""A petition came in: what it is by its words, what stands beside it, and the cases that are opened for it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.workflow import store
from services.workflow.domain.assignment import Assignee, at_once, given
from services.workflow.domain.case import SYSTEM, Case, KindClass
from services.workflow.domain.consultation import KIND, Consultation, as_comment
from services.workflow.domain.dialogue import Commitment
from services.workflow.domain.late_dossier import TOPIC as LATE_TOPIC
from services.workflow.domain.late_dossier import LateDossier
from services.workflow.domain.letter import INCOMING
from services.workflow.domain.permission import ONLY_KINDS
from services.workflow.domain.routing import unit_for, unit_on
from services.workflow.domain.rules import Rules, effect_of, timed
from services.workflow.domain.sorting import Letter, OpenCase, Petition, Sorted, beside, by_words
from services.workflow.reactions.opening import Filed, new_case
from services.workflow.steps import assigned, opened, routed, tell_of_conduct
from shared.db import Cause, Transaction
from shared.events.intake import PetitionFiled
from shared.events.workflow import CaseProcedureNamed
from shared.inbox import Heard
from shared.text import fold

NEARBY_FOR = timedelta(days=30)
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


def _entered(one: Filed) -> store.Entered:
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
) -> Filed:
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
    return Filed(one.event, one.cause, letter, found, made, draft, late)


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


def _neighbours(tx: Transaction, filed: Sequence[Filed], rules: Rules) -> Neighbours:
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


def _staff(tx: Transaction, filed: Sequence[Filed]) -> Mapping[str, str]:
    """Folded names of the staff by pseudonym, where a petition names anybody at all."""
    if not any(part.named_persons for one in filed for part in (one.found, *one.found.parts)):
        return {}
    return {person: fold(name) for person, name in store.names_of(tx).items()}


def _cases_of(
    one: Filed, near: Neighbours, staff: Mapping[str, str], rules: Rules, *, now: datetime
) -> list[store.NewCase]:
    others = near.get(one.topic_beside or "", [])[: store.NEIGHBOURS]
    if one.is_set_aside:
        return [new_case(one, one.found, None, staff, rules, now=now)]
    found = one.found if one.promised or one.late else beside(one.letter, one.found, others)
    leads = {other.id: other for other in others}
    return [
        new_case(one, part, leads.get(part.linked_to or ""), staff, rules, now=now) for part in found.parts or (found,)
    ]
