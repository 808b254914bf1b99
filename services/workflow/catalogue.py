"""Where the desk reads what the department may change: the files of `config/`, checked as a whole before the
first petition.
"""

from datetime import date
from pathlib import Path

from services.workflow.domain.answering import (
    AnswerRules,
    Canned,
    CheckRule,
    PhotoTopic,
    PlainWord,
    QuestionMark,
    Term,
)
from services.workflow.domain.checks import CHECKS, OUTCOMES
from services.workflow.domain.routing import target_on
from services.workflow.domain.vocabulary import (
    Catalogue,
    Department,
    External,
    Kind,
    Ladder,
    Role,
    Rule,
    Topic,
    Unit,
    UnknownWord,
    Ward,
    Words,
)
from shared.config import BadConfig, read_calendar, read_rows, read_value
from shared.web.org import read_org


def read_catalogue(config_dir: Path) -> Catalogue:
    """Everything the rules know. Raises BadConfig, naming file, row and field, when a row is wrong or leads
    nowhere.
    """
    organisation, clocks = config_dir / "organisation.json", config_dir / "clocks.json"
    catalogue = Catalogue(
        kinds=read_rows(config_dir / "kinds.json", "kinds", Kind, complete=True),
        topics=read_rows(config_dir / "topics.json", "topics", Topic, complete=True),
        departments=read_rows(organisation, "departments", Department, complete=True),
        units=read_rows(organisation, "units", Unit, complete=True),
        roles=read_rows(organisation, "roles", Role, complete=True),
        external=read_rows(organisation, "external", External, complete=True),
        conflict_fallback=read_value(organisation, "conflict_fallback", tuple[str, ...]),
        wards=read_rows(config_dir / "wards.json", "wards", Ward, complete=True),
        rules=read_rows(clocks, "rules", Rule, complete=True),
        ladder=read_value(clocks, "ladder", Ladder, complete=True),
        words=read_value(config_dir / "sorting.json", None, Words, complete=True),
        calendar=read_calendar(config_dir),
    )
    _check_references(catalogue)
    return catalogue


def _check_references(catalogue: Catalogue) -> None:
    """Refuse codes that name nothing and rows of one code that hold on the same day."""
    kinds = set(catalogue.kinds_by_id)
    units = {unit.code for unit in catalogue.units} | {body.code for body in catalogue.external}
    roles = {role.role for role in catalogue.roles}
    topics = {topic.code for topic in catalogue.topics}

    def known(code: str | None, among: set[str], where: str) -> None:
        if code is not None and code not in among:
            raise BadConfig(f"{where}: {code!r} is not in the configuration")

    for topic in catalogue.topics:
        where = f"topics.json, topics, row {topic.code}"
        known(topic.kind, kinds, f"{where}, kind")
        known(topic.routes_to.unit, units, f"{where}, routes_to")
        known(topic.routes_to.role, roles, f"{where}, routes_to")
        if (topic.routes_to.unit is None) == (topic.routes_to.role is None):
            raise BadConfig(f"{where}, routes_to: give either a unit or a role")
        if topic.valid_to is None:
            _leads_somewhere(catalogue, topic, where)
    for kind in catalogue.kinds:
        known(kind.topic, topics, f"kinds.json, kinds, row {kind.id}, topic")
        if kind.routes_to is not None:
            known(kind.routes_to.role, roles, f"kinds.json, kinds, row {kind.id}, routes_to")
    for unit in catalogue.units:
        known(unit.successor, units, f"organisation.json, units, row {unit.code}, successor")
        if unit.valid_to is not None and unit.successor is None:
            where = f"organisation.json, units, row {unit.code}, successor"
            raise BadConfig(f"{where}: a closed unit must name who took over its work")
    for role in catalogue.roles:
        known(role.unit, units, f"organisation.json, roles, row {role.role}, unit")
    for code in catalogue.conflict_fallback:
        known(code, units, "organisation.json, conflict_fallback")
    for rule in catalogue.rules:
        for kind_id in rule.kinds:
            known(kind_id, kinds | {"*"}, f"clocks.json, rules, row {rule.code}, kinds")
    for naming in (*catalogue.words.concerned, *catalogue.words.elsewhere):
        known(naming.to, units, "sorting.json")
    for superior in catalogue.words.superiors:
        known(superior.to, units, "sorting.json, superiors")
    for sign in catalogue.words.kinds:
        known(sign.kind, kinds, "sorting.json, kinds")
    _refuse_overlaps(catalogue)


def _leads_somewhere(catalogue: Catalogue, topic: Topic, where: str) -> None:
    last = max((unit.valid_to for unit in catalogue.units if unit.valid_to), default=None)
    if last is not None:
        try:
            target_on(catalogue, topic.routes_to, last)
        except UnknownWord as nowhere:
            raise BadConfig(f"{where}, routes_to: {nowhere}") from nowhere


def _refuse_overlaps(catalogue: Catalogue) -> None:
    """Two rows of one code may follow each other, never hold together."""
    named = [("topics.json, topics", topic.code, topic) for topic in catalogue.topics]
    rows = [
        *named,
        *(("organisation.json, units", unit.code, unit) for unit in catalogue.units),
        *(("organisation.json, roles", role.role, role) for role in catalogue.roles),
        *(("clocks.json, rules", rule.code, rule) for rule in catalogue.rules),
    ]
    seen: dict[tuple[str, str], list[object]] = {}
    for where, code, row in rows:
        for other in seen.setdefault((where, code), []):
            if _overlap(row, other):
                raise BadConfig(f"{where}, row {code}: two rows hold on the same day")
        seen[where, code].append(row)


def _overlap(one: object, other: object) -> bool:
    begins = [getattr(row, "valid_from", None) for row in (one, other)]
    ends = [getattr(row, "valid_to", None) for row in (one, other)]
    return all(
        end is None or begin is None or begin <= end for begin, end in ((begins[0], ends[1]), (begins[1], ends[0]))
    )


# ---- answers


def read_answer_rules(config_dir: Path, catalogue: Catalogue) -> AnswerRules:
    """What an answer is looked at by, and the texts kept ready. Raises BadConfig, naming file, row and field."""
    path = config_dir / "answer_rules.json"
    rules = AnswerRules(
        checks=read_rows(path, "checks", CheckRule, complete=True),
        question_marks=read_rows(path, "question_marks", QuestionMark, complete=True),
        plain_words=read_rows(path, "plain_words", PlainWord, complete=True),
        photo_topics=read_rows(path, "photo_topics", PhotoTopic, complete=True),
        terms=read_rows(path, "terms", Term, complete=True),
        canned=tuple(_read_canned(file) for file in sorted((config_dir / "answers").glob("*.txt"))),
        own_phone=read_org(config_dir / "org.yaml").hotline,
    )
    topics = {topic.code for topic in catalogue.topics}
    named = [("answer_rules.json, photo_topics", row.topic) for row in rules.photo_topics]
    named += [(f"answers/{row.code}.txt, topics", topic) for row in rules.canned for topic in row.topics]
    for where, code in named:
        if code not in topics:
            raise BadConfig(f"{where}: {code!r} is not in the configuration")
    for check in rules.checks:
        if check.code not in CHECKS:
            raise BadConfig(f"answer_rules.json, checks, row {check.code}: there is no such check")
    _refuse_doubles(rules)
    return rules


def _refuse_doubles(rules: AnswerRules) -> None:
    """Two checks or terms of one code may follow each other, never hold together."""
    seen: dict[tuple[str, str], list[CheckRule | Term]] = {}
    for key, rows in (("checks", rules.checks), ("terms", rules.terms)):
        for row in rows:
            if any(_overlap(row, other) for other in seen.setdefault((key, row.code), [])):
                raise BadConfig(f"answer_rules.json, {key}, row {row.code}: two rows hold on the same day")
            seen[key, row.code].append(row)


_HEAD = ("title", "title en", "topics", "outcome", "version", "valid from", "source")


def _read_canned(path: Path) -> Canned:
    """A text kept ready: a head of `name: value` lines, a line of three dashes, the words."""
    where = f"answers/{path.name}"
    head, dashes, text = path.read_text(encoding="utf-8").partition("\n---\n")
    values = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in head.splitlines())}
    if not dashes or not text.strip():
        raise BadConfig(f"{where}: after a line of three dashes comes the text")
    if missing := [name for name in _HEAD if not values.get(name)]:
        raise BadConfig(f"{where}, {missing[0]}: missing")
    if unknown := sorted(set(values) - {*_HEAD, "valid to"}):
        raise BadConfig(f"{where}: unknown field {unknown[0]!r}")
    if values["outcome"] not in OUTCOMES:
        raise BadConfig(f"{where}, outcome: {values['outcome']!r} is none of {', '.join(OUTCOMES)}")
    try:
        return Canned(
            code=path.stem.split("@")[0],
            title=values["title"],
            title_en=values["title en"],
            topics=tuple(topic.strip() for topic in values["topics"].split(",")),
            outcome=values["outcome"],
            version=int(values["version"]),
            text=text.strip(),
            valid_from=date.fromisoformat(values["valid from"]),
            valid_to=date.fromisoformat(values["valid to"]) if values.get("valid to") else None,
            source=values["source"],
        )
    except ValueError as wrong:
        raise BadConfig(f"{where}: {wrong}") from wrong
