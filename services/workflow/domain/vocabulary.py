"""What a department may change, as the rules see it: each class is a row of a file in `config/`, dated and
sourced.
"""

from bisect import bisect
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Literal, Protocol, TypeVar

from services.workflow.domain.guidance import Guidance, ReadyQuestion
from services.workflow.domain.matching import Phrasebook
from services.workflow.domain.procedure import Portal, Procedure, Review
from shared.calendar import Calendar, Roll
from shared.text import fold

Publication = Literal["private", "code_holder", "public_summary"]
Priority = Literal["normal", "high", "urgent"]
PUBLICATIONS: tuple[Publication, ...] = ("private", "code_holder", "public_summary")
PRIORITIES: tuple[Priority, ...] = ("normal", "high", "urgent")


class UnknownWord(Exception):
    """A kind, topic, unit, role or rule that the configuration does not have on that day."""


@dataclass(frozen=True)
class Target:
    """Where work goes: a unit, or whoever holds a role on the day."""

    unit: str | None = None
    role: str | None = None


@dataclass(frozen=True)
class Kind:
    """A legal kind of petition. Kinds whose work is the law's name their topic and the role that does it."""

    id: str
    name: str
    name_en: str
    signature_needed: bool
    identity: Literal["none", "optional", "asked", "required", "required_sealed", "none_or_sealed", "verified"]
    restricted: bool
    publication: Publication
    rated: bool
    answer_clock: Literal["law", "policy", "transfer", "none"]
    topic: str | None
    routes_to: Target | None
    valid_from: date | None
    valid_to: date | None
    source: str
    confidence: str

    @property
    def has_own_topic(self) -> bool:
        return self.topic is not None


@dataclass(frozen=True)
class Topic:
    """What petitions are about. `requires`: one of these words must stand in the text too."""

    code: str
    name: str
    name_en: str
    kind: str
    routes_to: Target
    answer_working_days: int | None
    priority: Priority
    restricted: bool
    publication: Publication
    weight: int  # times the syllables of a matched phrase
    requires: tuple[str, ...]
    requires_place: bool  # nobody can go there without knowing where
    keywords: tuple[str, ...]
    keywords_en: tuple[str, ...]
    valid_from: date | None
    valid_to: date | None
    source: str
    confidence: str


@dataclass(frozen=True)
class Department:
    """The body itself under one of its names."""

    code: str
    name: str
    name_en: str
    symbol: str  # on letters
    place: str
    valid_from: date | None
    valid_to: date | None
    successor: str | None
    source: str


@dataclass(frozen=True)
class Unit:
    """A part of the body that answers. A closed one names who took over its work, perhaps another body."""

    code: str
    name: str
    name_en: str
    type: Literal["division", "desk", "agency"]
    valid_from: date | None
    valid_to: date | None
    successor: str | None
    source: str


@dataclass(frozen=True)
class Role:
    """Which unit holds a task of the law, between two days."""

    role: str
    name: str
    unit: str
    valid_from: date | None
    valid_to: date | None
    source: str


@dataclass(frozen=True, kw_only=True)
class RoutingRule:
    """Where petitions go that their topic alone would send elsewhere. What is None is not asked for; all that is
    named must hold, and the first rule that holds decides.
    """

    id: str
    kind: str | None = None
    topic: str | None = None
    ward: str | None = None
    priority: Priority | None = None
    to: Target
    set_priority: Priority | None = None  # raises, never lowers
    restricted: bool = False
    valid_from: date | None
    valid_to: date | None
    source: str

    @property
    def conditions(self) -> tuple[str, ...]:
        return tuple(said for said in (self.kind, self.topic, self.ward, self.priority) if said is not None)


@dataclass(frozen=True)
class External:
    """A body to which petitions are passed on."""

    code: str
    name: str
    name_en: str
    valid_from: date | None
    valid_to: date | None
    source: str


@dataclass(frozen=True)
class Ward:
    code: str
    type: Literal["ward", "commune"]
    type_name: str
    name: str
    valid_from: date | None
    valid_to: date | None
    source: str


@dataclass(frozen=True)
class Rule:
    """A term of the law or of the department.

    `when`: conditions that must all hold; "ordinary" means that none of the others of its step does.
    `unless`: conditions of which none may hold. `serves`: who is waiting at its end: the petitioner (our
    duty), the house itself, the petitioner's own right, or nobody longer than this (wait).
    """

    code: str
    subject: Literal["petition", "dossier", "breach"]
    kinds: tuple[str, ...]
    step: str
    when: tuple[str, ...]
    unless: tuple[str, ...]
    value: int
    unit: Literal["working_day", "day", "hour"]
    direction: Literal["after", "before"]
    anchor: str
    roll: Roll
    group: str
    standing: Literal["law", "policy", "reference"]
    serves: Literal["petitioner", "house", "right", "wait"]
    max_times: int | None
    valid_from: date | None
    valid_to: date | None
    source: str
    confidence: str
    note: str | None


@dataclass(frozen=True)
class Item:
    """One thing that is looked at."""

    code: str
    name: str
    name_en: str


@dataclass(frozen=True)
class Checklist:
    """What is looked at in cases of some kinds, between two days; `per_month` cases are drawn."""

    code: str
    kinds: tuple[str, ...]
    per_month: int
    items: tuple[Item, ...]
    valid_from: date | None
    valid_to: date | None
    source: str


@dataclass(frozen=True)
class DialogueKind:
    """A sort of session: who may chair it, and the rule of `clocks.json` by which it is announced in time, if any.

    `is_bound`: it belongs to a case, and is open to nobody else.
    """

    code: str
    name: str
    name_en: str
    is_online: bool
    is_bound: bool
    chaired_by: tuple[str, ...]  # roles
    notice: str | None
    source: str
    confidence: str


@dataclass(frozen=True)
class InPerson:
    """Kinds of cases whose dialogue somebody of this role holds in person."""

    kinds: tuple[str, ...]
    by: str
    source: str


@dataclass(frozen=True)
class Commitments:
    """As which kind of petition something is filed that was promised in a session."""

    kind: str
    source: str


@dataclass(frozen=True)
class RemindedBefore:
    working_days: int
    source: str


@dataclass(frozen=True)
class Dialogues:
    """Sessions of reception and dialogue: `dialogues.json`."""

    kinds: tuple[DialogueKind, ...]
    held_in_person: InPerson
    commitments: Commitments
    reminded_before: RemindedBefore

    def kind(self, code: str) -> DialogueKind:
        """The sort of this code. Raises UnknownWord."""
        found = next((kind for kind in self.kinds if kind.code == code), None)
        if found is None:
            raise UnknownWord(f"dialogue {code!r} is not in the configuration")
        return found

    def chairs_of(self, code: str, case_kind: str | None = None) -> tuple[str, ...]:
        """The roles that may chair a session of this sort, where it is about a case of that kind."""
        if case_kind in self.held_in_person.kinds:
            return (self.held_in_person.by,)
        return self.kind(code).chaired_by


@dataclass(frozen=True)
class Share:
    """A reminder when a share of the working time is used."""

    at: float
    tell: tuple[str, ...]


@dataclass(frozen=True)
class AfterDue:
    working_days: int
    tell: tuple[str, ...]


@dataclass(frozen=True)
class LimitAlarms:
    """Alarms for one rule, each so many calendar days after its anchor."""

    rule: str
    days: tuple[int, ...]
    tell: tuple[str, ...]


@dataclass(frozen=True)
class HouseAlarm:
    """Who is told when one of our own terms has passed; the rung bears the name."""

    rule: str
    name: str
    tell: tuple[str, ...]


@dataclass(frozen=True)
class Ladder:
    """Who is told as a term runs out."""

    shares: tuple[Share, ...]
    after_due: tuple[AfterDue, ...]
    limit_alarms: LimitAlarms
    source: str
    house_alarms: tuple[HouseAlarm, ...] = ()


@dataclass(frozen=True)
class Weights:
    """How much a matched phrase counts: its syllables, times these."""

    title: int
    body_at_most: int  # a phrase counts at most so often in the body
    pick: int  # added to the topic that the citizen chose
    clear: int  # from this score on the words are stronger than the citizen's pick of a kind
    split_loose: int  # least score of a part that only an "also" sets apart
    alike: float  # least likeness of two texts about one matter, 0 to 1
    near_m: float
    near_days: int


@dataclass(frozen=True)
class KindSign:
    """A kind is recognised when each list has a phrase in one sentence (or anywhere), and no phrase of
    `none_of` stands.
    """

    kind: str
    all_of: tuple[tuple[str, ...], ...]
    none_of: tuple[str, ...]
    within: Literal["sentence", "letter"]
    in_order: bool  # the phrases must follow each other in the order of the lists


@dataclass(frozen=True)
class Naming:
    """Phrases that name a unit, a body, a condition or a topic."""

    to: str
    phrases: tuple[str, ...]


@dataclass(frozen=True)
class Superior:
    """The body that decides about these persons or decisions, for petitions of these kinds.

    The phrase `<own decision>` is a decision with the symbol of the department itself.
    """

    to: str
    kinds: tuple[str, ...]
    phrases: tuple[str, ...]


@dataclass(frozen=True)
class Danger:
    """Words of danger. `grave` ones flag the petition; with a word of `now` beside them it is urgent."""

    grave: tuple[str, ...]
    raising: tuple[str, ...]
    now: tuple[str, ...]


@dataclass(frozen=True)
class Numbering:
    """The numbering plan of telephones, national form with its leading 0."""

    mobile: tuple[str, ...]
    landline: tuple[str, ...]
    shared_cost: tuple[str, ...]


@dataclass(frozen=True)
class Words:
    """`sorting.json`: what the sorting listens for. No phrase decides alone; a person confirms what it
    proposes.
    """

    valid_from: date | None
    source: str
    weights: Weights
    kinds: tuple[KindSign, ...]
    neutral: tuple[str, ...]  # phrases that speak for no topic, though a keyword stands inside them
    wishes: tuple[str, ...]
    faults: tuple[str, ...]
    held: tuple[str, ...]
    danger: Danger
    officials: tuple[str, ...]
    asking: tuple[str, ...]
    concerned: tuple[Naming, ...]
    superiors: tuple[Superior, ...]
    elsewhere: tuple[Naming, ...]
    data_rights: tuple[Naming, ...]
    advertising: tuple[str, ...]
    abusive: tuple[str, ...]
    secrecy: tuple[str, ...]
    crime: tuple[str, ...]
    evidence_types: tuple[str, ...]
    obstacles: tuple[str, ...]
    overdue: tuple[str, ...]
    no_apology: tuple[str, ...]
    salutations: tuple[str, ...]
    places: tuple[str, ...]
    also: tuple[str, ...]
    matters: tuple[str, ...]
    foreign: tuple[str, ...]
    phones: Numbering

    @cached_property
    def persons(self) -> frozenset[str]:
        """What names a person: by name or by office."""
        return frozenset({"<person>", *self.officials})

    @cached_property
    def openings(self) -> tuple[str, ...]:
        """Where a sentence begins with one of these, a new matter may begin."""
        return (*self.also, *self.matters)


class _Dated(Protocol):
    @property
    def valid_from(self) -> date | None: ...
    @property
    def valid_to(self) -> date | None: ...


DatedRow = TypeVar("DatedRow", bound=_Dated)


def holds(row: _Dated, day: date) -> bool:
    """Whether a row holds on a day; first and last day are included."""
    return (row.valid_from is None or row.valid_from <= day) and (row.valid_to is None or day <= row.valid_to)


def one_of(rows: Iterable[DatedRow], day: date, what: str) -> DatedRow:
    """The row that holds on a day. Raises UnknownWord when none does."""
    for row in rows:
        if holds(row, day):
            return row
    raise UnknownWord(f"{what} is not in the configuration on {day}")


def phrases_in(row: object) -> Iterator[str]:
    """Every text in the lists of a row, and of the rows in its lists."""
    if isinstance(row, tuple):
        for each in row:
            yield from (each,) if isinstance(each, str) else phrases_in(each)
    elif is_dataclass(row):
        for column in fields(row):
            yield from phrases_in(getattr(row, column.name))


@dataclass(frozen=True)
class TopicsOfADay:
    """The topics that hold on a day, and those that each keyword speaks for."""

    every: tuple[Topic, ...]

    @cached_property
    def codes(self) -> frozenset[str]:
        return frozenset(topic.code for topic in self.every)

    @cached_property
    def by_keyword(self) -> Mapping[str, tuple[Topic, ...]]:
        return _by_phrase((topic, topic.keywords) for topic in self.every)

    @cached_property
    def by_foreign_keyword(self) -> Mapping[str, tuple[Topic, ...]]:
        """The same for foreign text, which its own keywords serve too."""
        return _by_phrase((topic, (*topic.keywords, *topic.keywords_en)) for topic in self.every)


def _by_phrase(rows: Iterable[tuple[Topic, tuple[str, ...]]]) -> dict[str, tuple[Topic, ...]]:
    found: dict[str, tuple[Topic, ...]] = {}
    for topic, phrases in rows:
        for phrase in phrases:
            found[phrase] = (*found.get(phrase, ()), topic)
    return found


@dataclass(frozen=True)
class Ground:
    """A ground on which petitions of some kinds are not accepted, with its article."""

    code: str
    kinds: tuple[str, ...]
    name: str
    name_en: str
    basis: str
    is_letter_owed: bool  # whether a written letter must say so
    form: str | None
    valid_from: date | None
    valid_to: date | None
    source: str
    confidence: str


@dataclass(frozen=True)
class Criterion:
    """One of the criteria by which a case is complex."""

    code: str
    name: str
    name_en: str
    kinds: tuple[str, ...]
    valid_from: date | None
    valid_to: date | None
    source: str


@dataclass(frozen=True)
class OpeningReason:
    """Why somebody may look at who a denouncer is."""

    code: str
    name: str
    name_en: str
    source: str


@dataclass(frozen=True)
class OpeningRules:
    """How an identity is opened: for how long, for which reasons, and who hears of it, by the role of who opens."""

    minutes: int
    least_words: int  # characters
    tells: dict[str, tuple[str, ...]]  # role → roles that hear: the first of which anybody is there
    reasons: tuple[OpeningReason, ...]
    source: str

    @property
    def open_for(self) -> timedelta:
        return timedelta(minutes=self.minutes)

    def reason(self, code: str) -> OpeningReason | None:
        return next((reason for reason in self.reasons if reason.code == code), None)


@dataclass(frozen=True)
class Named:
    """A kind of publication, a campaign, or a reason for a withdrawal, between two days."""

    code: str
    name: str
    name_en: str
    valid_from: date | None
    valid_to: date | None
    source: str


@dataclass(frozen=True)
class NoticeChannel:
    """A way by which people read or hear it. `is_shown`: somebody has to show that it was done."""

    code: str
    name: str
    name_en: str
    is_shown: bool
    valid_from: date | None
    valid_to: date | None
    source: str


WEB = "web"
"""The channel that every publication has: its page, to which the printed notice leads."""


@dataclass(frozen=True)
class Publishing:
    """What may be published how, as the department has it."""

    kinds: tuple[Named, ...]
    channels: tuple[NoticeChannel, ...]
    campaigns: tuple[Named, ...]
    reasons: tuple[Named, ...]
    case_reasons: tuple[Named, ...]  # why the summary of a case is taken down

    def codes_on(self, rows: Iterable[Named | NoticeChannel], day: date) -> tuple[str, ...]:
        """The codes that may be chosen on a day, in the order of the file."""
        return tuple(row.code for row in rows if holds(row, day))

    def channels_of(self, chosen: Iterable[str], day: date) -> tuple[str, ...]:
        """The chosen channels in the order of the file; the page is always among them."""
        wanted = {WEB, *chosen}
        return tuple(code for code in self.codes_on(self.channels, day) if code in wanted)

    def must_show(self, code: str) -> bool:
        return any(row.is_shown for row in self.channels if row.code == code)


@dataclass(frozen=True)
class Catalogue:
    """All that the rules know of the department, its law and its words."""

    kinds: tuple[Kind, ...]
    topics: tuple[Topic, ...]
    departments: tuple[Department, ...]
    units: tuple[Unit, ...]
    roles: tuple[Role, ...]
    external: tuple[External, ...]
    conflict_fallback: tuple[str, ...]
    wards: tuple[Ward, ...]
    rules: tuple[Rule, ...]
    ladder: Ladder
    words: Words
    calendar: Calendar
    grounds: tuple[Ground, ...]
    criteria: tuple[Criterion, ...]
    openings: OpeningRules
    publishing: Publishing
    dialogues: Dialogues
    procedures: tuple[Procedure, ...]
    procedure_fields: tuple[Named, ...]
    portal: Portal
    review: Review
    guidance: tuple[Guidance, ...] = ()
    questions: tuple[ReadyQuestion, ...] = ()
    checklists: tuple[Checklist, ...] = ()
    routing: tuple[RoutingRule, ...] = ()

    @cached_property
    def kinds_by_id(self) -> dict[str, Kind]:
        return {kind.id: kind for kind in self.kinds}

    def kind(self, kind: str) -> Kind:
        if kind not in self.kinds_by_id:
            raise UnknownWord(f"kind {kind!r} is not in the configuration")
        return self.kinds_by_id[kind]

    @cached_property
    def _topics_by_code(self) -> dict[str, list[Topic]]:
        found: dict[str, list[Topic]] = {}
        for topic in self.topics:
            found.setdefault(topic.code, []).append(topic)
        return found

    def topic(self, code: str, day: date) -> Topic:
        return one_of(self._topics_by_code.get(code, ()), day, f"topic {code!r}")

    @cached_property
    def _topic_changes(self) -> list[date]:
        """The days on which a topic begins, or no longer holds: between two of them all days are alike."""
        begins = {topic.valid_from for topic in self.topics if topic.valid_from}
        last = {topic.valid_to for topic in self.topics if topic.valid_to} - {date.max}
        return sorted(begins | {day + timedelta(days=1) for day in last})

    @cached_property
    def _topics_between_changes(self) -> list[TopicsOfADay]:
        days = [date.min, *self._topic_changes]
        return [TopicsOfADay(tuple(topic for topic in self.topics if holds(topic, day))) for day in days]

    def topics_of(self, day: date) -> TopicsOfADay:
        return self._topics_between_changes[bisect(self._topic_changes, day)]

    def topics_on(self, day: date) -> tuple[Topic, ...]:
        return self.topics_of(day).every

    @cached_property
    def _units_by_code(self) -> dict[str, Unit]:
        return {unit.code: unit for unit in reversed(self.units)}  # of rows that follow each other the first stands

    def unit(self, code: str) -> Unit | None:
        """The row of one of our own units, closed ones included; None for another body."""
        return self._units_by_code.get(code)

    @cached_property
    def _bodies_by_code(self) -> dict[str, External]:
        return {body.code: body for body in reversed(self.external)}

    def body(self, code: str) -> External | None:
        return self._bodies_by_code.get(code)

    def deciders_on(self, day: date) -> tuple[Department | External, ...]:
        """Who may decide on a proposal of ours: ourselves, or a body outside."""
        departments = tuple(row for row in self.departments if holds(row, day))
        return (*departments, *(row for row in self.external if holds(row, day)))

    def rule(self, code: str, day: date) -> Rule:
        return one_of((rule for rule in self.rules if rule.code == code), day, f"rule {code!r}")

    @cached_property
    def conditions_by_rule(self) -> dict[str, frozenset[str]]:
        return {rule.code: frozenset(rule.when) for rule in self.rules}

    @cached_property
    def topics_by_code(self) -> Mapping[str, Topic]:
        """The newest row of each topic, for its name."""
        return {topic.code: topic for topic in self.topics}

    @cached_property
    def wards_by_code(self) -> Mapping[str, Ward]:
        return {ward.code: ward for ward in self.wards}

    @cached_property
    def ward_names(self) -> tuple[str, ...]:
        return tuple(ward.name for ward in self.wards)

    @cached_property
    def common_names(self) -> frozenset[str]:
        """Names, folded, that tell no place from another: of wards, units and bodies, and our own."""
        ours = [name for row in self.departments for name in (row.name, row.place)]
        names = [*self.ward_names, *(unit.name for unit in self.units), *(body.name for body in self.external), *ours]
        return frozenset(map(fold, names))

    @cached_property
    def phrasebook(self) -> Phrasebook:
        """All that sorting listens for in a text."""
        return Phrasebook.of((*phrases_in(self.words), *phrases_in(self.topics), *self.ward_names))

    def department_on(self, day: date) -> Department:
        return one_of(self.departments, day, "the department")

    def unit_name(self, code: str, language: str = "vi") -> str:
        """The name of a unit, of the department itself or of another body, as people read it. Raises UnknownWord."""
        ours = (row for row in self.departments if row.code == code)
        found = self.unit(code) or next(ours, None) or self.body(code)
        if found is None:
            raise UnknownWord(f"unit {code!r} is not in the configuration")
        return found.name if language == "vi" else found.name_en
