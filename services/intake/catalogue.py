"""What the configuration offers to citizens: kinds, topics, wards, the names of units, and the days that are
counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from services.intake import contact
from services.intake.domain import search
from services.intake.domain.counter import SIGNATURES, Ground, Way
from services.intake.domain.danger import Danger
from services.intake.domain.petition import Choices
from services.intake.domain.place import Road
from services.intake.domain.rating import ASPECTS, OVERALL
from services.intake.domain.steps import Term
from services.intake.domain.survey import Aspect, Choice, Item, Level, Limits, Question, Questionnaire, Trait
from shared.calendar import Calendar
from shared.config import BadConfig, read_calendar, read_rows, read_value, valid_on
from shared.text import sort_key, words

OFFERED = ("report", "proposal", "procedure_feedback", "complaint", "denunciation")
"""Kinds on the form, in its order. Programs may also send the others that a citizen can mean."""
CONFIDENCES = ("high", "medium", "low")
SIGNATURE_TERM = "signature.guide"
_NEVER_SENT = frozenset({"denunciation_unqualified", "out_of_competence", "spam", "consultation_comment"})


@dataclass(frozen=True)
class Kind:
    id: str
    name: str
    name_en: str
    signature_needed: bool
    identity: str
    rated: bool
    restricted: bool = False

    @property
    def is_open(self) -> bool:
        """Whether others may know that there is such a petition."""
        return not self.restricted

    @property
    def is_sealed(self) -> bool:
        """Whether its sender may become known to nobody at the door."""
        return self.identity.endswith("sealed")


@dataclass(frozen=True)
class Topic:
    code: str
    name: str
    name_en: str
    kind: str
    answer_working_days: int | None
    keywords: tuple[str, ...] = ()
    restricted: bool = False  # about the conduct of officials: kept close, and in no draft on a telephone
    valid_from: date | None = None
    valid_to: date | None = None

    @property
    def is_open(self) -> bool:
        """Whether others may know that there is such a petition."""
        return not self.restricted


@dataclass(frozen=True)
class Ward:
    code: str
    type_name: str
    name: str
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True)
class Unit:
    code: str
    name: str
    name_en: str


@dataclass(frozen=True)
class Named:
    """A kind of publication, or a reason for taking one down."""

    code: str
    name: str
    name_en: str


@dataclass(frozen=True)
class Licence:
    """By which everybody may use what is public again."""

    name: str
    url: str


@dataclass(frozen=True)
class _WardFile:
    wards: tuple[Ward, ...]
    bounds: tuple[float, float, float, float] | None = None  # south, north, west, east


@dataclass(frozen=True)
class Catalogue:
    """All of it, read once at start. Rows with dates of validity are asked for by day."""

    kinds: Mapping[str, Kind]
    topics: tuple[Topic, ...]
    wards: tuple[Ward, ...]
    units: Mapping[str, Unit]
    calendar: Calendar
    bounds: tuple[float, float, float, float] | None
    roads: tuple[Road, ...] = ()
    ways: tuple[Way, ...] = ()
    late_grounds: tuple[Ground, ...] = ()
    publication_kinds: Mapping[str, Named] = field(default_factory=dict)
    withdrawal_reasons: Mapping[str, Named] = field(default_factory=dict)
    case_reasons: Mapping[str, Named] = field(default_factory=dict)  # why a case left the register
    licence: Licence = field(default_factory=lambda: Licence("", ""))
    questionnaire: Questionnaire = field(default_factory=Questionnaire)
    all_terms: tuple[Term, ...] = ()
    all_dangers: tuple[Danger, ...] = ()
    _choices: dict[date, Choices] = field(default_factory=dict)

    def topics_on(self, day: date) -> tuple[Topic, ...]:
        return valid_on(self.topics, day)

    def wards_on(self, day: date) -> tuple[Ward, ...]:
        """In the order of the alphabet."""
        return tuple(sorted(valid_on(self.wards, day), key=lambda ward: sort_key(ward.name)))

    def choices(self, now: datetime) -> Choices:
        """What a petition may name at this instant."""
        return self.choices_on(self.calendar.local_day(now))

    def choices_on(self, day: date) -> Choices:
        """What a petition may name on a day; worked out once."""
        if day not in self._choices:
            self._choices[day] = self._choices_of(day)
        return self._choices[day]

    def _choices_of(self, day: date) -> Choices:
        return Choices(
            kinds=frozenset(self.kinds) - _NEVER_SENT,
            topics=frozenset(topic.code for topic in self.topics_on(day)),
            wards=frozenset(ward.code for ward in valid_on(self.wards, day)),
            identity_required=frozenset(kind.id for kind in self.kinds.values() if kind.identity == "required"),
            bounds=self.bounds,
            read_phone=contact.read_phone,
            read_email=contact.read_email,
            roads=valid_on(self.roads, day),
        )

    def way(self, code: str, day: date) -> Way | None:
        """A way in for who files in a citizen's stead."""
        return next((way for way in valid_on(self.ways, day) if way.code == code), None)

    def late_grounds_on(self, day: date) -> tuple[Ground, ...]:
        return valid_on(self.late_grounds, day)

    def terms_on(self, day: date) -> Mapping[str, Term]:
        """The terms of the law and of our promises, by their code."""
        return {term.code: term for term in valid_on(self.all_terms, day)}

    def guided_by(self, received_at: datetime) -> date | None:
        """The day by which we tell who sent an unsigned letter how to sign it."""
        day = self.calendar.local_day(received_at)
        term = self.terms_on(day).get(SIGNATURE_TERM)
        return self.calendar.add_working_days(day, term.value) if term else None

    def dangers_on(self, day: date) -> tuple[Danger, ...]:
        """The dangers whose phrases are looked for on a day."""
        return valid_on(self.all_dangers, day)

    def topic(self, code: str | None) -> Topic | None:
        return next((topic for topic in self.topics if topic.code == code), None)

    def ward(self, code: str | None) -> Ward | None:
        return next((ward for ward in self.wards if ward.code == code), None)

    def find_topics(self, typed: str, day: date) -> list[Topic]:
        """Topics for a search box, best first."""
        return self._by_code(search.search(typed, self._entries(day)))

    def propose_topics(self, text: str, day: date) -> list[Topic]:
        """Up to three topics that the words of a petition point to."""
        return self._by_code(search.propose(text, self._entries(day)))

    def needs_signature(self, kind: str | None) -> bool:
        """Whether the law asks for a signed letter. A petition whose kind is left to us is taken as it is."""
        return kind is not None and self.kinds[kind].signature_needed

    def is_sealed(self, kind: str | None) -> bool:
        """Whether what comes with a petition of this kind is closed at once. Of one left to us the desk will say."""
        return kind is not None and self.kinds[kind].is_sealed

    def estimated_answer(self, kind: str | None, topic_code: str | None, received_at: datetime) -> date | None:
        """The day by which an answer can be expected, before the desk has said its own. None where the law decides."""
        topic = self.topic(topic_code)
        if topic is None or topic.answer_working_days is None or self.needs_signature(kind):
            return None
        return self.calendar.add_working_days(self.calendar.local_day(received_at), topic.answer_working_days)

    def _entries(self, day: date) -> Sequence[search.Entry]:
        return [search.Entry(t.code, (t.name, t.name_en), t.keywords) for t in self.topics_on(day)]

    def _by_code(self, codes: Sequence[str]) -> list[Topic]:
        known = {topic.code: topic for topic in self.topics}
        return [known[code] for code in codes]


def read_catalogue(config_dir: Path) -> Catalogue:
    """The catalogue of a configuration. Raises BadConfig, naming file, row and field."""
    wards, publications = read_value(config_dir / "wards.json", None, _WardFile), config_dir / "publications.json"
    return Catalogue(
        kinds={kind.id: kind for kind in read_rows(config_dir / "kinds.json", "kinds", Kind)},
        topics=read_rows(config_dir / "topics.json", "topics", Topic),
        wards=wards.wards,
        units={unit.code: unit for unit in read_rows(config_dir / "organisation.json", "units", Unit)},
        calendar=read_calendar(config_dir),
        bounds=wards.bounds,
        roads=_roads(config_dir / "roads.json"),
        ways=_ways(config_dir / "counter.json"),
        late_grounds=read_rows(config_dir / "counter.json", "late_grounds", Ground, complete=True),
        publication_kinds={row.code: row for row in read_rows(publications, "kinds", Named)},
        withdrawal_reasons={row.code: row for row in read_rows(publications, "reasons", Named)},
        case_reasons={row.code: row for row in read_rows(publications, "case_reasons", Named)},
        licence=read_value(publications, "licence", Licence),
        questionnaire=_questionnaire(config_dir / "sipas.json"),
        all_terms=read_rows(config_dir / "clocks.json", "rules", Term),
        all_dangers=_dangers(config_dir / "dangers.json"),
    )


def _dangers(path: Path) -> tuple[Danger, ...]:
    dangers = read_rows(path, "dangers", Danger, complete=True)
    for danger in dangers:
        where = f"{path.name}, dangers, row {danger.code}"
        if not danger.phrases:
            raise BadConfig(f"{where}, phrases: at least one")
        for phrase in danger.phrases:
            if not phrase or phrase != " ".join(words(phrase)):
                raise BadConfig(f"{where}, phrases: {phrase!r} is not words in small letters, one space between two")
        if not danger.source.strip():
            raise BadConfig(f"{where}, source: there are no words")
        if danger.valid_from and danger.valid_to and danger.valid_to < danger.valid_from:
            raise BadConfig(f"{where}, valid_to: before valid_from")
    return dangers


def _roads(path: Path) -> tuple[Road, ...]:
    roads = read_rows(path, "roads", Road, complete=True)
    for road in roads:
        where = f"{path.name}, roads, row {road.code}"
        if road.confidence not in CONFIDENCES:
            raise BadConfig(f"{where}, confidence: one of {', '.join(CONFIDENCES)}")
        if (road.km_from is None) != (road.km_to is None) or (road.km_from or 0) > (road.km_to or 0):
            raise BadConfig(f"{where}, km_to: the last post, not before km_from, and both or neither")
    return roads


def _questionnaire(path: Path) -> Questionnaire:
    levels = read_rows(path, "scale", Level)
    factors, items = read_rows(path, "factors", Choice), read_rows(path, "items", Item)
    known = {factor.code for factor in factors}
    for item in items:
        if item.factor not in known:
            raise BadConfig(f"{path.name}, items, row {item.code}, factor: there is no factor {item.factor!r}")
    return Questionnaire(
        levels=(*reversed(levels), read_value(path, "no_opinion", Level)),
        factors=factors,
        items=items,
        questions={one.code: one for one in read_rows(path, "other_items", Question)},
        traits=read_rows(path, "respondent", Trait, complete=True),
        aspects=_aspects(path),
        limits=_limits(path),
    )


def _aspects(path: Path) -> tuple[Aspect, ...]:
    """Events of ratings name them, so their codes are fixed; their words are not."""
    found = read_rows(path, "after_answer", Aspect)
    if tuple(one.code for one in found) != (*ASPECTS, OVERALL):
        raise BadConfig(f"{path.name}, after_answer: asks {', '.join((*ASPECTS, OVERALL))}, in this order")
    return found


def _limits(path: Path) -> Limits:
    found = read_value(path, "rules", Limits)
    for name, mark in vars(found).items():
        if mark not in range(5):  # of five levels the best is never too low
            raise BadConfig(f"{path.name}, rules, {name}: a mark from 0 (never) to 4")
    return found


def _ways(path: Path) -> tuple[Way, ...]:
    ways = read_rows(path, "ways", Way, complete=True)
    for way in ways:
        if not way.signatures or set(way.signatures) - set(SIGNATURES):
            raise BadConfig(f"{path.name}, ways, row {way.code}, signatures: some of {', '.join(SIGNATURES)}")
        if way.days_back < 0:
            raise BadConfig(f"{path.name}, ways, row {way.code}, days_back: not less than nothing")
    return ways
