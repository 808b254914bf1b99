"""One case of a petition that came in, as it is opened: by its words, with its clocks."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from services.workflow import store
from services.workflow.domain import deadline as clocks
from services.workflow.domain.case import Case, KindClass, title_of
from services.workflow.domain.consultation import Consultation
from services.workflow.domain.deadline import Deadline
from services.workflow.domain.dialogue import Commitment, rule_of
from services.workflow.domain.doubt import is_set_aside
from services.workflow.domain.late_dossier import LateDossier, as_promised
from services.workflow.domain.routing import unit_for
from services.workflow.domain.rules import Rules, timed
from services.workflow.domain.sorting import SPAM, Letter, OpenCase, Sorted
from services.workflow.domain.vocabulary import Rule
from shared.db import Cause
from shared.events.intake import PetitionFiled
from shared.ids import ordered_id
from shared.text import fold

APOLOGISE = "apologise_and_give_one_new_date"
KNEW_ON = "knew_on"  # the question of config/steps that begins the time for a complaint


@dataclass(frozen=True)
class Filed:
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


def new_case(
    one: Filed, found: Sorted, lead: OpenCase | None, staff: Mapping[str, str], rules: Rules, *, now: datetime
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
