"""What a petition is, who handles it and how: proposed from its words, with reasons, for a person to confirm."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property, lru_cache
from itertools import chain
from typing import Literal

from services.workflow.domain.admission import UNIDENTIFIED, UNSIGNED, lacks_identity
from services.workflow.domain.deadline import start
from services.workflow.domain.matching import Match, Passage, likeness, longest, trigrams
from services.workflow.domain.reading import (
    Decision,
    Dossier,
    decision_in,
    distance_m,
    dossier_in,
    has_email,
    has_plate,
    has_time,
    has_typing_leftover,
    is_abusive,
    is_foreign,
    links_in,
    loose_parts,
    numbered_parts,
    persons_in,
    place_names_in,
    telephone_kind,
    without_links,
)
from services.workflow.domain.routing import Destination, is_external, target_on, unit_for, unit_on
from services.workflow.domain.vocabulary import (
    PRIORITIES,
    PUBLICATIONS,
    Catalogue,
    Kind,
    KindSign,
    Priority,
    Publication,
    RoutingRule,
    Topic,
    TopicsOfADay,
)
from shared.text import fold, is_nfc, nfc

Route = Literal["accept", "link", "split", "supplement", "transfer", "admit", "guide", "screen", "refuse", "quarantine"]
FLAGS = (
    "no_accents",
    "nfd_text",
    "not_vietnamese",
    "typing_leftover",
    "plate_in_text",
    "abusive",
    "advertising",
    "no_topic",
    "invalid_phone",
    "landline",
    "anonymous",
    "unsigned",
    "mixed",
    "evidence",
    "crime_signs",
    "secrecy_requested",
    "verify_identity",
    "safety",
    "dossier_overdue",
    "apology_missing",
    "provisional_calendar",
)
"""A flag informs; it decides nothing by itself."""
REPORT, PROPOSAL, SPAM, OUT_OF_COMPETENCE = "report", "proposal", "spam", "out_of_competence"
COMPLAINT, COMPLAINT_SECOND = "complaint", "complaint_second"
DENUNCIATION, DENUNCIATION_UNQUALIFIED = "denunciation", "denunciation_unqualified"
ABOUT_PERSONS = frozenset({DENUNCIATION, DENUNCIATION_UNQUALIFIED})
LIMITATION_RULES = {COMPLAINT: "complaint.limit", COMPLAINT_SECOND: "complaint.second_window"}
WAITING_FOR_NONE = frozenset({SPAM})  # nobody is told of these
LINKABLE = frozenset({"accept", "supplement"})  # what a person could act upon, now or when more is known


@dataclass(frozen=True, kw_only=True)
class Petition:
    """What the door received, as typed. `kind` and `topic` are the citizen's own choice: a hint, often wrong."""

    body: str
    received_at: datetime
    title: str | None = None
    kind: str | None = None
    topic: str | None = None
    language: str = "vi"
    signature_status: str = "none"  # none, scanned, digital, in_person
    ward: str | None = None
    place: str | None = None
    position: tuple[float, float] | None = None  # latitude, longitude, WGS 84
    party: str = "individual"
    name: str | None = None
    phone: str | None = None
    email: str | None = None
    address: str | None = None
    attachments: tuple[str, ...] = ()  # photo, video, audio, document
    is_nfd: bool = False  # whether it came decomposed, before the door composed it


@dataclass(frozen=True, kw_only=True)
class OpenCase:
    """A case that a new petition may be about too: unrestricted and not ended."""

    id: str
    kind: str
    topic: str | None
    received_on: date
    title: str | None
    body: str
    ward: str | None = None
    place: str | None = None
    position: tuple[float, float] | None = None
    answer_rule: str | None = None
    answer_due_on: date | None = None
    answer_due_at: datetime | None = None


@dataclass(frozen=True)
class Candidate:
    """A topic that the words speak for. `phrases`: those that did, the explanation shown to the officer."""

    topic: str
    score: int
    phrases: tuple[str, ...]


@dataclass(frozen=True)
class Reason:
    """Why something was proposed: `what` is kind, route, priority, excluded …; `words` from the text or
    codes.
    """

    what: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Limitation:
    """The citizen's own term for complaining. `day`: how many days of it had passed on the day of receipt."""

    rule: str
    from_on: date
    due_on: date
    in_time: bool
    day: int


@dataclass(frozen=True, kw_only=True)
class Sorted:
    """The proposal for one petition, or for one part of a mixed letter. A mixed letter itself has no kind."""

    kind: str | None
    topic: str | None
    candidates: tuple[Candidate, ...]
    unit: str
    route: Route
    priority: Priority
    is_restricted: bool
    is_held: bool  # weighty words in a petition of no weighty kind: treat as restricted until a person has looked
    publication: Publication
    excluded_units: tuple[str, ...]
    named_persons: tuple[str, ...]
    flags: tuple[str, ...]
    channels: tuple[str, ...]
    conditions: frozenset[str]  # for the clocks: urgent, unsigned, no_contact, see_correct_or_copy …
    linked_to: str | None = None
    transfer_to: str | None = None
    parts: tuple["Sorted", ...] = ()
    text: str | None = None  # a part's own words
    dossier: Dossier | None = None
    limitation: Limitation | None = None
    ground: str | None = None  # of a refusal: out_of_time, spam
    rule: RoutingRule | None = None  # the department's own rule that chose the unit
    reasons: tuple[Reason, ...] = ()
    is_final: bool = False  # may be done without a person: link-only advertising alone


def sort(
    petition: Petition,
    catalogue: Catalogue,
    *,
    open_cases: Iterable[OpenCase] = (),
    day: date | None = None,
) -> Sorted:
    """The proposal for a petition received on a day, by default the local day of its receipt.

    Raises UnknownWord when the configuration leads nowhere on that day.
    """
    letter = Letter.of(petition, catalogue, day)
    return beside(letter, by_words(letter), tuple(open_cases))


def by_words(letter: "Letter") -> Sorted:
    """The proposal before any other case is looked at."""
    if (advertising := _sort_advertising(letter)) is not None:
        return advertising
    pieces = _matters_of(letter)
    if len(pieces) < 2:
        return _sort_one(letter)
    return _sort_mixed(letter, tuple(_sort_one(_piece_of(letter, piece)) for piece in pieces))


@dataclass(frozen=True)
class Letter:
    """A petition with what is read out of it only once."""

    petition: Petition
    catalogue: Catalogue
    day: date
    whole: "Letter | None" = None
    is_part: bool = False

    @classmethod
    def of(cls, petition: Petition, catalogue: Catalogue, day: date | None = None) -> "Letter":
        return cls(petition, catalogue, day or catalogue.calendar.local_day(petition.received_at))

    @cached_property
    def title(self) -> Passage:
        return self.passage(nfc(self.petition.title or ""))

    @cached_property
    def body(self) -> Passage:
        return self.passage(_without_salutation(nfc(self.petition.body), self.catalogue.words.salutations))

    def passage(self, text: str) -> Passage:
        return Passage(text, self.catalogue.phrasebook)

    @cached_property
    def text(self) -> str:
        return f"{self.title.text}\n{self.body.text}".strip()

    @cached_property
    def whole_text(self) -> Passage:
        return self.body if self.text == self.body.text else self.passage(self.text)

    @cached_property
    def passages(self) -> tuple[Passage, Passage]:
        return self.title, self.body

    @cached_property
    def units(self) -> tuple[Passage, ...]:
        """The title and each sentence."""
        return (self.title, *self.body.sentences)

    @cached_property
    def heard_in_units(self) -> frozenset[str]:
        return frozenset().union(*(unit.heard for unit in self.units))

    @cached_property
    def heard_in_letter(self) -> frozenset[str]:
        return frozenset().union(self.title.heard, self.whole_text.heard)

    @cached_property
    def gist(self) -> "_Gist":
        return _gist_of(self.text, self.petition.place)

    @cached_property
    def links(self) -> list[str]:
        return links_in(self.text)

    @cached_property
    def dossier(self) -> Dossier | None:
        return dossier_in(self.text)

    @cached_property
    def is_advertised(self) -> bool:
        said = self.found(self.catalogue.words.advertising)
        return len(said) >= 2 or (bool(said) and bool(self.links))

    @cached_property
    def is_placed(self) -> bool:
        """Whether anything tells where it is: a ward, a point, a place typed, or a word of place in the text."""
        petition = self.petition
        if petition.ward or petition.position or _given(petition.place):
            return True
        source = self.whole or self
        return source.has(self.catalogue.words.places) or source.has(self.catalogue.ward_names)

    @cached_property
    def flags(self) -> dict[str, bool]:
        return _flags_of_letter(self)

    @cached_property
    def is_foreign(self) -> bool:
        if self.whole is not None:
            return self.whole.is_foreign
        return is_foreign(self.text, self.catalogue.words.foreign)

    @cached_property
    def candidates(self) -> tuple[Candidate, ...]:
        return rank(self)

    @cached_property
    def recognised(self) -> "tuple[Kind | None, Reason | None]":
        return recognise(self)

    def has(self, phrases: Collection[str]) -> bool:
        return any(self.heard(passage, phrases) for passage in self.passages)

    def found(self, phrases: Collection[str]) -> tuple[str, ...]:
        """Which of the phrases stand in the text, other than inside neutral ones."""
        heard = (match for passage in self.passages for match in self.heard(passage, phrases))
        return tuple(dict.fromkeys(match.phrase for match in heard))

    def heard(self, passage: Passage, phrases: Collection[str]) -> list[Match]:
        matches = passage.find_all(phrases)
        if not matches:
            return []
        neutral = passage.find_all(self.catalogue.words.neutral)
        return [match for match in matches if not any(match.is_inside(other) for other in neutral)]

    def named(self, phrases: Collection[str]) -> tuple[str, ...]:
        """Phrases that stand in the text other than as somebody who is asked to act."""
        words = self.catalogue.words
        return tuple(
            dict.fromkeys(
                match.phrase
                for passage in self.passages
                for sentence in passage.sentences
                for match in sentence.find_all(phrases)
                if not sentence.is_asked(match, words.asking, words.matters)
            )
        )


def _part_of(petition: Petition, text: str) -> Petition:
    return replace(petition, title=None, body=text, kind=None, topic=None)


def _without_salutation(text: str, salutations: tuple[str, ...]) -> str:
    """The text after "Kính gửi …": whom it is addressed to is not whom it is about."""
    first = Passage(text[:200])
    for match in first.find_all(salutations):
        ends = [mark.end() for mark in re.finditer(r"[\n.,;:]", first.text)]
        for end in ends:
            addressed = len(Passage(first.text[:end]).words) - match.length
            if match.first == 0 and 0 < addressed <= 15:
                return text[end:].lstrip()
    return text


# --- topics ---


def rank(letter: Letter) -> tuple[Candidate, ...]:
    """All topics that the words speak for, the best first.

    A phrase weighs its syllables, times three in the title, times the topic's own weight; in the body it
    counts at most twice; inside a longer phrase it does not count at all.
    """
    topics, weights = letter.catalogue.topics_of(letter.day), letter.catalogue.words.weights
    scores: dict[str, int] = {}
    phrases: dict[str, dict[str, None]] = {}
    for passage, times, at_most in (
        (letter.title, weights.title, 1),
        (letter.body, 1, weights.body_at_most),
    ):
        neutral = letter.catalogue.words.neutral
        for topic, match, count in _matches(passage, topics, neutral, is_foreign=letter.is_foreign):
            points = match.length * topic.weight * times * min(count, at_most)
            scores[topic.code] = scores.get(topic.code, 0) + points
            phrases.setdefault(topic.code, {})[match.phrase] = None
    picked = letter.petition.topic
    if picked in topics.codes:
        scores[picked] = scores.get(picked, 0) + weights.pick
    for code in tuple(scores):
        requires = letter.catalogue.topic(code, letter.day).requires
        if requires and not letter.named(requires):
            del scores[code]
    ranked = sorted(scores, key=lambda code: (-scores[code], -len(phrases.get(code, ())), code))
    return tuple(Candidate(code, scores[code], tuple(phrases.get(code, ()))) for code in ranked)


def _matches(
    passage: Passage, topics: TopicsOfADay, neutral: tuple[str, ...], *, is_foreign: bool
) -> list[tuple[Topic, Match, int]]:
    """Each topic's phrases in a passage with how often they stand there; those inside neutral phrases are
    none.
    """
    found: dict[tuple[int, int], list[tuple[Topic, Match]]] = {
        (match.first, match.last): [] for match in passage.find_all(neutral)
    }
    speaking = topics.by_foreign_keyword if is_foreign else topics.by_keyword
    for match in passage.find_all(speaking.keys()):
        for topic in speaking[match.phrase]:
            found.setdefault((match.first, match.last), []).append((topic, match))
    kept = longest(Match("", first, last) for first, last in found)
    counted: dict[tuple[str, str], tuple[Topic, Match, int]] = {}
    for span in kept:
        for topic, match in found[span.first, span.last]:
            _, _, before = counted.get((topic.code, match.phrase), (topic, match, 0))
            counted[topic.code, match.phrase] = (topic, match, before + 1)
    return list(counted.values())


def _topic_of(letter: Letter, kind: Kind | None) -> str | None:
    """The kind's own topic, or the best one that needs no signature: those words alone make no legal kind.

    A restricted topic goes first where the words speak clearly of it: those concerned must not get it as
    another one.
    """
    if kind is not None and (kind.has_own_topic or kind.identity == "verified"):
        return kind.topic
    usual = [row for row in letter.candidates if not _is_of_signed_kind(letter, row.topic)]
    for row in usual:
        is_clear = len(row.phrases) >= 2 or letter.title.has(row.phrases)
        if is_clear and letter.catalogue.topic(row.topic, letter.day).restricted:
            return row.topic
    return usual[0].topic if usual else None


def _is_of_signed_kind(letter: Letter, topic: str) -> bool:
    row = letter.catalogue.topic(topic, letter.day)
    return letter.catalogue.kind(row.kind).signature_needed


def _field(letter: Letter) -> str | None:
    """The topic of the matter itself, beside complaint and denunciation: the field of the decision."""
    for row in letter.candidates:
        topic = letter.catalogue.topic(row.topic, letter.day)
        if row.phrases and topic.kind != OUT_OF_COMPETENCE and not _is_of_signed_kind(letter, row.topic):
            return row.topic
    return None


# --- kind ---


def recognise(letter: Letter) -> tuple[Kind | None, Reason | None]:
    """The legal kind that the words show, before any topic; None when they show none.

    Words of complaint or denunciation prove nothing alone: there must be a decision, or a person.
    """
    for sign in letter.catalogue.words.kinds:
        said = _shows(letter, sign)
        if said:
            return letter.catalogue.kind(sign.kind), Reason("kind", said)
    return _picked_kind(letter)


def _shows(letter: Letter, sign: KindSign) -> tuple[str, ...]:
    """The phrases by which a sign is shown; none when it is not."""
    if not _may_show(letter, sign) or (sign.none_of and letter.has(sign.none_of)):
        return ()
    units = (letter.whole_text,) if sign.within == "letter" else letter.units
    in_title = [_meant(letter, letter.title, phrases) for phrases in sign.all_of]
    for unit in units:
        found = [_meant(letter, unit, phrases) for phrases in sign.all_of]
        if sign.in_order:
            if all(found) and _is_in_order(found):
                return tuple(matches[0].phrase for matches in found)
            continue
        either = [here or there for here, there in zip(found, in_title, strict=True)]
        if any(found) and all(either):
            return tuple(dict.fromkeys(matches[0].phrase for matches in either))
    return ()


def _may_show(letter: Letter, sign: KindSign) -> bool:
    """Whether each list of a sign has a phrase anywhere: most signs end here."""
    heard = letter.heard_in_letter if sign.within == "letter" else letter.heard_in_units
    return not any(heard.isdisjoint(phrases) for phrases in sign.all_of)


def _meant(letter: Letter, passage: Passage, phrases: Collection[str]) -> list[Match]:
    """Where phrases stand, leaving out persons who are merely asked to act."""
    words = letter.catalogue.words
    return [
        match
        for match in letter.heard(passage, phrases)
        if match.phrase not in words.persons or not passage.is_asked(match, words.asking, words.matters)
    ]


def _is_in_order(found: list[list[Match]]) -> bool:
    at = -1
    for matches in found:
        later = [match for match in matches if match.first > at]
        if not later:
            return False
        at = min(match.last for match in later)
    return True


def _picked_kind(letter: Letter) -> tuple[Kind | None, Reason | None]:
    """The citizen's own choice stands for the first half of a sign, where the words give the other half and
    no topic.
    """
    picked = letter.petition.kind
    strong = [row for row in letter.candidates if row.score >= letter.catalogue.words.weights.clear]
    if picked is None or picked not in letter.catalogue.kinds_by_id or strong:
        return None, None
    for sign in letter.catalogue.words.kinds:
        if sign.kind == picked:
            said = _shows(letter, replace(sign, all_of=sign.all_of[1:] or sign.all_of))
            if said:
                return letter.catalogue.kind(picked), Reason("kind", (f"<{picked}>", *said))
    return None, None


def _kind_by_topic(letter: Letter, topic: str | None) -> Kind:
    """The topic's usual kind; a wish without a fault is a proposal, a fault without a wish a report."""
    words, catalogue = letter.catalogue.words, letter.catalogue
    picked = letter.petition.kind
    usual = catalogue.topic(topic, letter.day).kind if topic else REPORT
    if usual not in (REPORT, PROPOSAL):
        return catalogue.kind(usual)
    first = letter.body.sentences[:1]
    is_wished = letter.title.has(words.wishes) or any(sentence.has(words.wishes) for sentence in first)
    is_fault = letter.has(words.faults)
    if topic is None:
        if picked in (REPORT, PROPOSAL, "procedure_feedback", "regulation_feedback"):
            return catalogue.kind(picked)
        return catalogue.kind(PROPOSAL if is_wished and not is_fault else REPORT)
    if usual == REPORT and not is_fault and (is_wished or picked == PROPOSAL):
        return catalogue.kind(PROPOSAL)
    if usual == PROPOSAL and not is_wished and (is_fault or picked == REPORT):
        return catalogue.kind(REPORT)
    return catalogue.kind(usual)


# --- one matter ---


@dataclass
class _Draft:
    """The proposal while it is made."""

    kind: Kind
    topic: str | None
    reasons: list[Reason] = field(default_factory=list)
    excluded: frozenset[str] = frozenset()
    transfer_to: str | None = None


def _sort_one(letter: Letter) -> Sorted:
    catalogue, petition, day = letter.catalogue, letter.petition, letter.day
    kind, why = letter.recognised
    if kind is not None and kind.id == DENUNCIATION and _is_unqualified(petition):
        kind = catalogue.kind(DENUNCIATION_UNQUALIFIED)
    topic = _topic_of(letter, kind)
    draft = _Draft(kind or _kind_by_topic(letter, topic), topic, [why] if why else [])
    if topic and (best := next((row for row in letter.candidates if row.topic == topic), None)):
        draft.reasons.append(Reason("topic", best.phrases))
    draft.excluded = _concerned(letter, draft)
    row = catalogue.topic(topic, day) if topic else None
    priority = _priority(letter, row, draft)
    destination = unit_for(
        catalogue,
        kind=draft.kind.id,
        topic=draft.topic,
        day=day,
        excluded=draft.excluded,
        ward=petition.ward,
        priority=priority,
    )
    destination, rule = _not_ours(letter, draft, destination), destination.rule
    if rule is not None and rule.set_priority is not None:
        priority = max(priority, rule.set_priority, key=PRIORITIES.index)
    limitation = _limitation(letter, draft.kind)
    route, ground = _route(letter, draft, limitation=limitation)
    draft.reasons.append(Reason("route", (route,)))
    is_restricted = draft.kind.restricted or any(one is not None and one.restricted for one in (row, rule))
    held = () if is_restricted else letter.found(catalogue.words.held)
    if held:
        draft.reasons.append(Reason("held", held))
    publication = _least([draft.kind.publication, *([row.publication] if row else [])])
    if rule is not None and rule.restricted:
        publication = "private"
    return Sorted(
        kind=draft.kind.id,
        topic=draft.topic,
        candidates=letter.candidates[:3],
        unit=destination.unit,
        route=route,
        priority=priority,
        is_restricted=is_restricted,
        is_held=not is_restricted and (bool(held) or _is_weighty(letter, petition.kind)),
        publication=publication,
        excluded_units=tuple(sorted(draft.excluded)),
        named_persons=persons_in(letter.text),
        flags=_flags(letter, draft, priority=priority, publication=publication),
        channels=_channels(letter, draft.kind),
        conditions=_conditions(letter, draft.kind, priority=priority),
        transfer_to=destination.transfer_to,
        text=letter.petition.body if letter.is_part else None,
        dossier=letter.dossier,
        limitation=limitation,
        ground=ground,
        rule=rule,
        reasons=tuple(draft.reasons),
    )


def _is_weighty(letter: Letter, kind: str | None) -> bool:
    known = letter.catalogue.kinds_by_id.get(kind or "")
    return known is not None and known.signature_needed


def _is_unqualified(petition: Petition) -> bool:
    """No name, or a name that nobody could find. Source: Luật Tố cáo 2018 Đ25(1)."""
    is_found = any(map(_given, (petition.address, petition.phone, petition.email)))
    return not (_given(petition.name) and is_found)


def _given(value: str | None) -> bool:
    return bool(value and value.strip())


def _concerned(letter: Letter, draft: _Draft) -> frozenset[str]:
    """The units that a complaint, a denunciation or a report of conduct is about: they neither handle nor see
    it.

    Named or implied: the unit's name, the counter, the field of the decision. For other kinds nobody: the
    unit whose work is reported is the one to mend it. Source: Luật Tố cáo 2018 Đ8, Đ9, Đ49; policy.
    """
    catalogue, day = letter.catalogue, letter.day
    row = catalogue.topic(draft.topic, day) if draft.topic else None
    is_conduct = row is not None and row.restricted and not draft.kind.signature_needed
    is_legal = draft.kind.signature_needed or draft.kind.id in ABOUT_PERSONS
    if not (is_conduct or is_legal):
        return frozenset()
    units: set[str] = set()
    words: list[str] = []
    for naming in catalogue.words.concerned:
        if said := letter.named(naming.phrases):
            units.add(unit_on(catalogue, naming.to, day))
            words.extend(said)
    is_about_official = bool(letter.named(catalogue.words.officials))
    is_implied = draft.kind.id not in ABOUT_PERSONS or (not units and is_about_official)
    if is_legal and is_implied and (decided := _field(letter)):
        units.add(target_on(catalogue, catalogue.topic(decided, day).routes_to, day))
        words.append(decided)
    units = {unit for unit in units if not is_external(catalogue, unit)}
    if units:
        draft.reasons.append(Reason("excluded", tuple(dict.fromkeys(words))))
    return frozenset(units)


def _not_ours(letter: Letter, draft: _Draft, destination: Destination) -> Destination:
    """Makes the kind `out_of_competence` where the matter belongs to another body, and finds the body."""
    catalogue, day = letter.catalogue, letter.day
    if draft.kind.signature_needed or draft.kind.id in ABOUT_PERSONS:
        for superior in catalogue.words.superiors:
            if draft.kind.id in superior.kinds and (said := _names_superior(letter, superior.phrases)):
                draft.reasons.append(Reason("transfer", said))
                draft.transfer_to = superior.to
                return replace(destination, transfer_to=superior.to)
        draft.transfer_to = destination.transfer_to
        return destination
    if draft.kind.id == OUT_OF_COMPETENCE:
        named = [(letter.found(naming.phrases), naming.to) for naming in catalogue.words.elsewhere]
        said, to = max(named, key=lambda pair: len(" ".join(pair[0]).split()))
        draft.transfer_to = to if said else None
        if said:
            draft.reasons.append(Reason("transfer", said))
        return replace(destination, transfer_to=draft.transfer_to)
    if destination.transfer_to and not destination.is_fallback:
        draft.kind = catalogue.kind(OUT_OF_COMPETENCE)
        draft.transfer_to = destination.transfer_to
        return replace(
            unit_for(catalogue, kind=OUT_OF_COMPETENCE, topic=draft.topic, day=day, excluded=draft.excluded),
            transfer_to=draft.transfer_to,
        )
    draft.transfer_to = destination.transfer_to
    return destination


def _names_superior(letter: Letter, phrases: tuple[str, ...]) -> tuple[str, ...]:
    said = letter.named([phrase for phrase in phrases if phrase != "<own decision>"])
    if "<own decision>" in phrases:
        decision = decision_in(letter.text)
        own = letter.catalogue.department_on(letter.day).symbol
        if decision and decision.symbol and decision.symbol.rsplit("-", 1)[-1] == own:
            said = (*said, f"{decision.number}/{decision.symbol}")
    return said


def _priority(letter: Letter, topic: Topic | None, draft: _Draft) -> Priority:
    """The topic's, raised for words of danger with a place or a time, never lowered."""
    priority: Priority = topic.priority if topic else "normal"
    danger = letter.catalogue.words.danger
    grave, raising, now = (letter.found(words) for words in (danger.grave, danger.raising, danger.now))
    if not (grave or raising) or not (letter.is_placed or has_time(letter.text)):
        return priority
    raised: Priority = "urgent" if grave and now else "high"
    if draft.kind.signature_needed or draft.kind.id in ABOUT_PERSONS:
        raised = "high"
    if PRIORITIES.index(raised) > PRIORITIES.index(priority):
        draft.reasons.append(Reason("priority", (*grave, *raising, *now)))
        return raised
    return priority


def _route(letter: Letter, draft: _Draft, *, limitation: Limitation | None) -> tuple[Route, str | None]:
    """The outcome of sorting that is proposed, and the ground of a refusal."""
    kind, petition = draft.kind, letter.petition
    if kind.id == DENUNCIATION_UNQUALIFIED:
        return "screen", None
    if kind.signature_needed:
        # Parts that need a signature wait for the citizen's separate, signed letters.
        if petition.signature_status == "none" or letter.is_part or letter.is_foreign:
            return "guide", None
        if draft.transfer_to:
            return "transfer", None
        if limitation and not limitation.in_time and not letter.has(letter.catalogue.words.obstacles):
            return "refuse", "out_of_time"
        return "admit", None
    if kind.id == OUT_OF_COMPETENCE or draft.transfer_to:
        return "transfer", None
    is_named = not lacks_identity(kind, name=petition.name, address=petition.address, phone=petition.phone)
    is_asked_back = _is_unclear(letter, draft) or (kind.identity == "required" and not is_named)
    return ("supplement", None) if is_asked_back else ("accept", None)


def _is_unclear(letter: Letter, draft: _Draft) -> bool:
    """Whether nobody could act on it as it is: about nothing that we know, or nowhere that we could go."""
    kind = draft.kind
    if kind.has_own_topic or kind.identity == "verified" or kind.id == "consultation_comment":
        return False
    if draft.topic is None:
        return not (letter.is_placed or letter.dossier)
    row = letter.catalogue.topic(draft.topic, letter.day)
    return row.requires_place and not letter.is_placed and not _given(letter.petition.address)


def _limitation(letter: Letter, kind: Kind) -> Limitation | None:
    """The citizen's term for complaining, counted from the day they say to have received the decision."""
    code = LIMITATION_RULES.get(kind.id)
    decision: Decision | None = decision_in(letter.text) if code else None
    if code is None or decision is None or decision.known_on is None or decision.known_on > letter.day:
        return None
    term = start(letter.catalogue.rule(code, letter.day), decision.known_on, letter.catalogue.calendar)
    assert term.due_on is not None
    return Limitation(
        rule=code,
        from_on=decision.known_on,
        due_on=term.due_on,
        in_time=letter.day <= term.due_on,
        day=(letter.day - decision.known_on).days,
    )


def _least(levels: list[Publication]) -> Publication:
    return min(levels, key=PUBLICATIONS.index)


# --- duplicates ---


def beside(letter: Letter, found: Sorted, others: Sequence[OpenCase]) -> Sorted:
    """What was proposed by the words, seen beside open cases: what could be accepted follows the one about the same
    matter. Nothing restricted does.
    """
    if not others:
        return found
    if found.parts:
        pieces = ((_piece_of(letter, part.text or ""), part) for part in found.parts)
        return replace(found, parts=tuple(beside(piece, part, others) for piece, part in pieces))
    if found.is_restricted or found.route not in LINKABLE:
        return found
    for alike, other in _alike(letter, [other for other in others if other.topic == found.topic]):
        shared = _shared_places(letter, other)
        if _is_same_matter(letter, other, shared=shared, alike=alike):
            why = (Reason("linked", (*sorted(shared), f"{alike:.0%}")), Reason("route", ("link",)))
            reasons = chain.from_iterable(why if reason.what == "route" else (reason,) for reason in found.reasons)
            return replace(found, route="link", linked_to=other.id, reasons=tuple(reasons))
    return found


def _alike(letter: Letter, others: Iterable[OpenCase]) -> list[tuple[float, OpenCase]]:
    """Cases of about the same time with how alike their words are, the likest first."""
    days = letter.catalogue.words.weights.near_days
    near = [
        (likeness(letter.gist.trigrams, _gist_of_case(other).trigrams), other)
        for other in others
        if abs((letter.day - other.received_on).days) <= days
    ]
    return sorted(near, key=lambda pair: (-pair[0], pair[1].received_on, pair[1].id))


def _is_same_matter(letter: Letter, other: OpenCase, *, shared: frozenset[str], alike: float) -> bool:
    weights, petition = letter.catalogue.words.weights, letter.petition
    if petition.position and other.position:
        apart = distance_m(petition.position, other.position)
        if apart <= weights.near_m:
            return True
        if apart > 5 * weights.near_m:
            return False
    if len(shared) >= 2 or alike >= 0.8:
        return True
    is_near = bool(shared) or (petition.ward is not None and petition.ward == other.ward)
    return is_near and alike >= weights.alike


@dataclass(frozen=True)
class _Gist:
    """What two texts are compared by: groups of three letters, names of places, all words without marks."""

    trigrams: frozenset[str]
    names: frozenset[str]
    folded: str


@lru_cache(maxsize=512)  # the newest cases of a topic stand beside every petition about it
def _gist_of(text: str, place: str | None) -> _Gist:
    told = f"{text}\n{place or ''}"
    return _Gist(trigrams(fold(text)), place_names_in(told), Passage(nfc(told)).folded)


def _gist_of_case(other: OpenCase) -> _Gist:
    return _gist_of(f"{other.title or ''}\n{other.body}", other.place)


def _shared_places(letter: Letter, other: OpenCase) -> frozenset[str]:
    """Names of roads, crossings and the like that both texts bear, accents aside; not those that place nothing."""
    mine, theirs = letter.gist, _gist_of_case(other)
    names = (mine.names | theirs.names) - letter.catalogue.common_names
    both = {name for name in names if f" {name} " in mine.folded and f" {name} " in theirs.folded}
    return frozenset(name for name in both if not any(name != other_ and name in other_ for other_ in both))


# --- flags, channels, conditions ---


def _flags(letter: Letter, draft: _Draft, *, priority: Priority, publication: Publication) -> tuple[str, ...]:
    words, petition, kind, dossier = letter.catalogue.words, letter.petition, draft.kind, letter.dossier
    is_overdue = dossier is not None and dossier.due_on is not None and dossier.due_on < letter.day
    is_overdue = is_overdue or (
        draft.topic is not None and kind.id == "procedure_feedback" and letter.has(words.overdue)
    )
    told = {
        "plate_in_text": publication != "private" and has_plate(letter.text),
        "no_topic": draft.topic is None and kind.routes_to is None,
        "unsigned": kind.signature_needed and petition.signature_status == "none",
        "evidence": kind.id in ABOUT_PERSONS and bool(set(petition.attachments) & set(words.evidence_types)),
        "crime_signs": kind.id in ABOUT_PERSONS and letter.has(words.crime),
        "secrecy_requested": letter.has(words.secrecy),
        "verify_identity": kind.identity == "verified",
        "safety": priority == "urgent" or letter.has(words.danger.grave),
        "dossier_overdue": is_overdue,
        "apology_missing": is_overdue and letter.has(words.no_apology),
    }
    told |= (letter.whole or letter).flags
    told["mixed"] = letter.is_part  # each case of a mixed letter bears what is true of the letter
    if kind.id == DENUNCIATION_UNQUALIFIED and _is_unqualified(petition):
        told["anonymous"] = True
    return tuple(flag for flag in FLAGS if told.get(flag))


def _flags_of_letter(letter: Letter) -> dict[str, bool]:
    """What is true of the letter as a whole, however many matters it has."""
    words, petition = letter.catalogue.words, letter.petition
    typed = f"{petition.title or ''}\n{petition.body}"
    number = telephone_kind(petition.phone, words.phones)
    is_foreign = letter.is_foreign
    return {
        "no_accents": not is_foreign and bool(letter.body.words) and letter.whole_text.is_unaccented,
        "nfd_text": petition.is_nfd or not is_nfc(typed),
        "not_vietnamese": is_foreign,
        "typing_leftover": not is_foreign and has_typing_leftover(letter.text),
        "abusive": any(is_abusive(passage, words.abusive) for passage in letter.passages),
        "advertising": letter.is_advertised,
        "invalid_phone": number == "invalid",
        "landline": number == "landline",
        "anonymous": not _given(petition.name),
    }


def _channels(letter: Letter, kind: Kind) -> tuple[str, ...]:
    """Where results may be told, given what was typed. SMS goes to Vietnamese mobile numbers only."""
    petition = letter.petition
    if kind.id in WAITING_FOR_NONE:
        return ()
    channels = ["email"] if has_email(petition.email) else []
    if telephone_kind(petition.phone, letter.catalogue.words.phones) == "mobile":
        channels.append("sms")
    return tuple(channels)


def _conditions(letter: Letter, kind: Kind, *, priority: Priority) -> frozenset[str]:
    petition = letter.petition
    held = set()
    if priority == "urgent":
        held.add("urgent")
    waits = petition.signature_status == "none" or letter.is_part or letter.is_foreign
    if kind.signature_needed and waits:
        held.add(UNSIGNED)
    if lacks_identity(kind, name=petition.name, address=petition.address, phone=petition.phone):
        held.add(UNIDENTIFIED)
    if not (_given(petition.phone) or _given(petition.email) or _given(petition.address)):
        held.add("no_contact")
    if kind.identity == "verified":
        held |= {naming.to for naming in letter.catalogue.words.data_rights if letter.has(naming.phrases)}
    return frozenset(held)


# --- advertising ---


def _sort_advertising(letter: Letter) -> Sorted | None:
    """Spam: links and offers about none of our matters. Only what is nothing but links is set aside without a
    person.
    """
    words, catalogue = letter.catalogue.words, letter.catalogue
    links, said = letter.links, letter.found(words.advertising)
    is_bare = bool(links) and len(Passage(without_links(letter.text)).words) <= 3
    if not (is_bare or letter.is_advertised) or letter.has(words.faults) or letter.recognised[0] is not None:
        return None
    is_about_us = any(row.phrases and row.score >= 2 for row in letter.candidates)
    if is_about_us and len(said) < 3:
        return None
    kind = catalogue.kind(SPAM)
    flags = letter.flags | {"advertising": True}
    return Sorted(
        kind=kind.id,
        topic=None,
        candidates=letter.candidates[:3],
        unit=unit_for(catalogue, kind=kind.id, topic=None, day=letter.day).unit,
        route="quarantine",
        priority="normal",
        is_restricted=kind.restricted,
        is_held=False,
        publication=kind.publication,
        excluded_units=(),
        named_persons=(),
        flags=tuple(flag for flag in FLAGS if flags.get(flag)),
        channels=(),
        conditions=frozenset(),
        ground="spam",
        reasons=(Reason("kind", (*said, *links)),),
        is_final=bool(links),
    )


# --- several matters ---


def _matters_of(letter: Letter) -> list[str]:
    """The texts of the matters of a mixed letter; one or none when it has a single matter.

    A letter that counts its matters is cut there. One that does not is cut where a sentence begins with
    "also" or a verb of petition, and only when another unit or another law is concerned. Source: Luật Tiếp
    công dân 2013 Đ25(3).
    """
    if pieces := numbered_parts(letter.body.text):
        cut = _different(letter, pieces, is_loose=False)
        if len(cut) > 1:
            return cut
    loose = loose_parts(letter.body, letter.catalogue.words.openings)
    return _different(letter, loose, is_loose=True) if len(loose) > 1 else loose


def _different(letter: Letter, pieces: list[str], *, is_loose: bool) -> list[str]:
    """Neighbouring pieces about one matter put together; a piece about nothing belongs to the one before it."""
    words = letter.catalogue.words
    least = words.weights.split_loose if is_loose else 1
    announced = _announced(letter, pieces)
    grouped: dict[tuple[str | None, ...], list[str]] = {}
    lead: list[str] = []
    current = lead
    for text in pieces:
        piece = _piece_of(letter, text)
        matter = _matter(piece, least=least)
        begins = piece.body.begins_with(words.matters)
        if matter and is_loose and not begins and not (piece.has(words.faults) or piece.has(words.wishes)):
            matter = None
        if matter and announced and matter[1] not in announced and not begins:
            matter = None  # an argument of the complaint that was announced
        if matter is not None:
            key = _desk_of(letter, matter) if is_loose else matter
            current = grouped.setdefault(key, [])
        current.append(text)
    first = next(iter(grouped.values()), lead)
    if first is not lead:
        first[:0] = lead
    return ["\n".join(texts) for texts in grouped.values()]


def _announced(letter: Letter, pieces: list[str]) -> frozenset[str]:
    """Topics of the signed kinds that the title, or all before the first number, announces."""
    claims = {claim for sign in letter.catalogue.words.kinds for claim in sign.all_of[0]}
    if letter.title.has([verb for verb in letter.catalogue.words.matters if verb not in claims]):
        return frozenset()
    before = _piece_of(letter, pieces[0]) if len(pieces) > 2 else None
    topics: set[str] = set()
    for sign in letter.catalogue.words.kinds:
        kind = letter.catalogue.kind(sign.kind)
        is_told = letter.title.has(sign.all_of[0]) or (before is not None and bool(_shows(before, sign)))
        if kind.signature_needed and kind.topic and is_told:
            topics.add(kind.topic)
    return frozenset(topics)


def _piece_of(letter: Letter, text: str) -> Letter:
    return Letter(_part_of(letter.petition, text), letter.catalogue, letter.day, whole=letter, is_part=True)


def _matter(piece: Letter, *, least: int) -> tuple[str, str | None] | None:
    """Kind and topic of a piece, when its own words speak clearly enough."""
    kind, _ = piece.recognised
    topic = _topic_of(piece, kind)
    if kind is not None:
        return kind.id, topic
    if topic is None:
        return None
    score = next(row.score for row in piece.candidates if row.topic == topic)
    return (_kind_by_topic(piece, topic).id, topic) if score >= least else None


def _desk_of(letter: Letter, matter: tuple[str, str | None]) -> tuple[str | None, ...]:
    """Who would handle a matter, and under which law of its own."""
    kind, topic = matter
    destination = unit_for(letter.catalogue, kind=kind, topic=topic, day=letter.day, ward=letter.petition.ward)
    return destination.transfer_to or destination.unit, letter.catalogue.kind(kind).topic


def _sort_mixed(letter: Letter, parts: tuple[Sorted, ...]) -> Sorted:
    """The letter itself: no kind, as strict as its strictest part; the focal point splits it."""
    catalogue = letter.catalogue
    told = letter.flags | {"mixed": True}
    own = {"safety", "secrecy_requested", "evidence", "crime_signs", "unsigned", "plate_in_text"}
    for part in parts:
        told |= {flag: True for flag in part.flags if flag in own}
    return Sorted(
        kind=None,
        topic=None,
        candidates=letter.candidates[:3],
        unit=unit_for(catalogue, kind=REPORT, topic=None, day=letter.day).unit,
        route="split",
        priority=max((part.priority for part in parts), key=PRIORITIES.index),
        is_restricted=any(part.is_restricted for part in parts),
        is_held=any(part.is_held for part in parts),
        publication=_least([part.publication for part in parts]),
        excluded_units=tuple(sorted({unit for part in parts for unit in part.excluded_units})),
        named_persons=persons_in(letter.text),
        flags=tuple(flag for flag in FLAGS if told.get(flag)),
        channels=parts[0].channels,
        conditions=frozenset(),
        parts=parts,
        reasons=(Reason("route", ("split",)),),
    )
