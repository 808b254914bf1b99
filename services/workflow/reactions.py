"""What the desk does when it hears an event. The table at the end is the contents page."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from services.workflow import store
from services.workflow.domain import deadline as clocks
from services.workflow.domain.case import SYSTEM, Case, KindClass
from services.workflow.domain.deadline import Deadline
from services.workflow.domain.rules import Rules, timed
from services.workflow.domain.sorting import OpenCase, Petition, Sorted, sort
from services.workflow.steps import opened, resumed, routed, take_step
from shared.db import Transaction
from shared.events import Event
from shared.events.intake import PetitionFiled, PetitionSupplemented
from shared.events.notify import NoticeAccepted, NoticeDelivered, NoticeFailed, NoticeSuppressed
from shared.ids import ordered_id
from shared.inbox import NotYet
from shared.text import fold

NEARBY_FOR = timedelta(days=30)
LONGEST_TITLE = 90  # characters
MEDIA = {"image": "photo", "video": "video", "audio": "audio"}

Heard = Callable[..., None]


def open_case(tx: Transaction, heard: PetitionFiled, *, rules: Rules) -> None:
    """A petition came in: owe an answer, by when, and propose who gives it. Several matters give several cases."""
    petition = _petition(heard)
    found = _sorted(tx, petition, rules, kind_is_open=heard.public_code is not None)
    for part in found.parts or (found,):
        _open_one(tx, heard, petition, part, rules)


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


def _sorted(tx: Transaction, petition: Petition, rules: Rules, *, kind_is_open: bool) -> Sorted:
    """What the petition is, seen beside its neighbours: open cases of the topic that the citizen chose. Where the words
    say another topic, it is looked at once more beside that topic's."""
    beside = _neighbours(tx, petition, petition.topic, rules) if kind_is_open else []
    found = sort(petition, rules.catalogue, open_cases=beside)
    if (
        found.route != "accept"
        or found.is_restricted
        or found.is_held
        or not kind_is_open
        or found.topic == petition.topic
    ):
        return found
    beside = _neighbours(tx, petition, found.topic, rules)
    return sort(petition, rules.catalogue, open_cases=beside) if beside else found


def _neighbours(tx: Transaction, petition: Petition, topic: str | None, rules: Rules) -> list[OpenCase]:
    if topic is None:
        return []
    since = petition.received_at - NEARBY_FOR
    return [_neighbour(row, rules) for row in store.nearby(tx, topic=topic, since=since)]


def _neighbour(row: Any, rules: Rules) -> OpenCase:
    return OpenCase(
        id=str(row.id),
        kind=row.kind,
        topic=row.topic,
        received_on=rules.calendar.local_day(row.received_at),
        title=row.title,
        body=row.text,
        ward=row.ward,
        place=row.place,
        position=_position(row.position),
        answer_rule=row.answer_rule,
        answer_due_on=row.answer_due_on,
    )


def _open_one(tx: Transaction, heard: PetitionFiled, petition: Petition, found: Sorted, rules: Rules) -> None:
    kind = found.kind or "report"
    workflow = rules.current[kind]
    lead = store.find_case(tx, UUID(found.linked_to)) if found.linked_to else None
    kind_class = _kind_class(found, kind)
    needs_a_person = kind_class is not KindClass.ORDINARY or found.topic is None or found.is_held
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
        linked_to=lead.id if lead else None,
        excluded=frozenset(found.excluded_units) | _people_named(tx, found),
        flags=tuple(found.flags),
        conditions=tuple(sorted(found.conditions)),
        attachment_count=heard.attachment_count,
    )
    deadlines = () if lead else _clocks_of(case, rules, now=tx.now)
    case = _inheriting(case, lead) if lead else timed(case, deadlines, rules, after=(heard.received_at, ""))
    words = found.text or petition.body
    store.add_case(
        tx,
        case,
        title=petition.title or _first_words(words),
        folded=fold(" ".join(filter(None, (petition.title, petition.place, words)))),
        words=_words(heard, words),
        proposal=_proposal(found),
        deadlines=deadlines,
    )
    store.add_attachments(tx, case.id, heard.attachments.value)
    store.add_entry(tx, case.id, "opened", actor=SYSTEM, is_public=True, unit=case.unit, route=case.route)
    tx.emit(opened(case, deadlines))
    tx.emit(routed(case, actor=SYSTEM, units=rules.unit_codes))


def _kind_class(found: Sorted, kind: str) -> KindClass:
    if kind.startswith("denunciation"):
        return KindClass.SECRET
    return KindClass.RESTRICTED if found.is_restricted or found.is_held else KindClass.ORDINARY


def _clocks_of(case: Case, rules: Rules, *, now: datetime) -> tuple[Deadline, ...]:
    anchors: dict[str, Any] = {"received": case.received_at}
    if case.stage == "accepted":
        anchors["routed"] = now
    found = clocks.deadlines_of(
        rules.catalogue, kind=case.kind, topic=case.topic, conditions=case.conditions, anchors=anchors
    )
    # What is sorted at once needs no time for being sorted.
    return tuple(clock for clock in found if clock.step != "triage" or case.stage == "triage")


def _inheriting(case: Case, lead: Case) -> Case:
    """Proposed as the same matter: it takes the due day of the case it would follow."""
    return replace(
        case, answer_due_at=lead.answer_due_at, answer_due_on=lead.answer_due_on, answer_rule=lead.answer_rule
    )


def _people_named(tx: Transaction, found: Sorted) -> frozenset[str]:
    """Pseudonyms of the staff whom the petition names: they neither handle, see nor hear of it."""
    if not found.named_persons:
        return frozenset()
    named = {fold(name) for name in found.named_persons}
    return frozenset(person for person, name in store.names_of(tx).items() if fold(name) in named)


def _words(heard: PetitionFiled, text: str) -> dict[str, Any]:
    return {
        "text": text,
        "place": heard.place.value,
        "position": heard.position.value,
        "name": heard.name.value,
        "phone": heard.phone.value,
        "email": heard.email.value,
        "address": heard.address.value,
        "party": heard.party,
    }


def _first_words(text: str) -> str:
    """A title where the citizen gave none."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_TITLE else line[:LONGEST_TITLE].rsplit(" ", 1)[0] + "…"


def _proposal(found: Sorted) -> dict[str, Any]:
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
        "candidates": [
            {"topic": each.topic, "score": each.score, "phrases": list(each.phrases)} for each in found.candidates
        ],
        "reasons": [{"code": each.what, "words": list(each.words)} for each in found.reasons],
    }


def take_supplement(tx: Transaction, heard: PetitionSupplemented, *, rules: Rules) -> None:
    """The citizen added something: keep it with each case, and let the clock run again where it waited for this."""
    cases = store.cases_of(tx, heard.petition_id)
    if not cases:
        raise NotYet("the case of this petition is not open yet")
    for case in cases:
        store.add_supplement(tx, case.id, words=heard.text.value, attachment_count=heard.attachment_count)
        store.add_attachments(tx, case.id, heard.attachments.value)
        asked = store.open_question(tx, case.id)
        store.add_entry(tx, case.id, "supplemented", actor="citizen", is_public=True)
        if asked is not None:
            store.reply_to(tx, asked.id, is_replied=True)
        if case.stage == "waiting":
            count = case.attachment_count + heard.attachment_count
            taken = take_step(
                tx, rules, case, "resume", actor=SYSTEM, role=SYSTEM, is_public=True, attachment_count=count
            )
            tx.emit(resumed(taken, actor=SYSTEM, ground="citizen_replied"))


Told = NoticeAccepted | NoticeDelivered | NoticeFailed | NoticeSuppressed


def keep_notice(tx: Transaction, heard: Told, *, rules: Rules) -> None:
    """The postman told what became of a notice: shown on the case page."""
    state, detail = "accepted", None
    if isinstance(heard, NoticeDelivered):
        state, detail = "delivered", heard.evidence
    elif isinstance(heard, NoticeFailed):
        state, detail = "failed", heard.error_class
    elif isinstance(heard, NoticeSuppressed):
        state, detail = "suppressed", heard.ground
    at = tx.cause.time if tx.cause else tx.now
    notice = store.Notice(
        id=heard.notice_id,
        audience=heard.audience,
        channel=heard.channel,
        purpose=heard.purpose,
        state=state,
        detail=detail,
        at=at,
    )
    store.keep_notice(tx, heard.petition_id, notice)


def by(rules: Rules) -> Mapping[type[Event], Callable[[Transaction, Any], None]]:
    """The reactions, working by these rules."""
    return {heard: partial(react, rules=rules) for heard, react in REACTIONS.items()}


REACTIONS: dict[type[Event], Heard] = {
    PetitionFiled: open_case,
    PetitionSupplemented: take_supplement,
    NoticeAccepted: keep_notice,
    NoticeDelivered: keep_notice,
    NoticeFailed: keep_notice,
    NoticeSuppressed: keep_notice,
}
