"""Where the desk reads what the department may change: the files of `config/`, checked as a whole before the
first petition. A reorganisation is written into them by `write_plan`, checked before it is.
"""

import json
import os
import shutil
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

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
from services.workflow.domain.guidance import Guidance, ReadyQuestion
from services.workflow.domain.letter import (
    BOOK_COLUMNS,
    Authority,
    Book,
    Issuer,
    Papers,
    Series,
    Template,
    faults_of,
)
from services.workflow.domain.procedure import Portal, Procedure, Review, is_code
from services.workflow.domain.procedure import faults_of as faults_of_procedure
from services.workflow.domain.reorganisation import Plan, PlanRefused, refuse_dead_ends, rewritten
from services.workflow.domain.routing import target_on
from services.workflow.domain.vocabulary import (
    PRIORITIES,
    WEB,
    Catalogue,
    Checklist,
    Criterion,
    Department,
    Dialogues,
    External,
    Ground,
    Kind,
    Ladder,
    Named,
    NoticeChannel,
    OpeningRules,
    Publishing,
    Role,
    RoutingRule,
    Rule,
    Target,
    Topic,
    Unit,
    UnknownWord,
    Ward,
    Words,
)
from shared.config import BadConfig, Folder, read_calendar, read_rows, read_value
from shared.known_answers import read_known_answers
from shared.questions import read_questions


def read_catalogue(config_dir: Folder) -> Catalogue:
    """Everything the rules know. Raises BadConfig, naming file, row and field, when a row is wrong or leads
    nowhere.
    """
    organisation, clocks = config_dir / "organisation.json", config_dir / "clocks.json"
    grounds, guidance = config_dir / "grounds.json", config_dir / "guidance.json"
    publications, procedures = config_dir / "publications.json", config_dir / "procedures.json"
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
        dialogues=read_value(config_dir / "dialogues.json", None, Dialogues, complete=True),
        checklists=read_rows(config_dir / "checklists.json", "checklists", Checklist, complete=True),
        routing=read_rows(config_dir / "routing.json", "rules", RoutingRule, complete=True),
        grounds=read_rows(grounds, "grounds", Ground, complete=True),
        criteria=read_rows(grounds, "criteria", Criterion, complete=True),
        openings=read_value(grounds, "openings", OpeningRules, complete=True),
        publishing=Publishing(
            kinds=read_rows(publications, "kinds", Named, complete=True),
            channels=read_rows(publications, "channels", NoticeChannel, complete=True),
            campaigns=read_rows(publications, "campaigns", Named, complete=True),
            reasons=read_rows(publications, "reasons", Named, complete=True),
            case_reasons=read_rows(publications, "case_reasons", Named, complete=True),
        ),
        procedures=read_rows(procedures, "procedures", Procedure, complete=True),
        procedure_fields=read_rows(procedures, "fields", Named, complete=True),
        portal=read_value(procedures, "portal", Portal, complete=True),
        review=read_value(procedures, "review", Review, complete=True),
        guidance=read_rows(guidance, "texts", Guidance, complete=True),
        questions=read_rows(guidance, "questions", ReadyQuestion, complete=True),
    )
    _check_references(catalogue)
    _check_routing(catalogue)
    _check_dialogues(catalogue)
    _check_procedures(catalogue)
    _check_guidance(catalogue)
    # The door asks and shows them; they are published from here, so what makes no sense is refused here.
    read_questions(config_dir / "questions.json", topics=frozenset(topic.code for topic in catalogue.topics))
    read_known_answers(config_dir / "known_answers.json")
    return catalogue


@dataclass(frozen=True)
class LetterText:
    """A letter as it lies in `config/letters`: what is told, by which channel, in which language and version."""

    name: str  # answered
    channel: str
    language: str
    version: str
    valid_from: str
    text: str


def read_letters(config_dir: Path) -> list[LetterText]:
    """The texts of all letters, by name, channel and language: for reading; the service that sends them checks them."""
    return [_letter(path) for path in sorted((config_dir / "letters").glob("*.*.*.txt"))]


def _letter(path: Path) -> LetterText:
    name, channel, language, *_ = path.name.split(".")
    head, _, text = path.read_text(encoding="utf-8").partition("\n---\n")
    told = dict(line.split(": ", 1) for line in head.splitlines() if ": " in line)
    subject = f"{told['subject']}\n\n" if "subject" in told else ""
    return LetterText(name, channel, language, told.get("version", ""), told.get("valid from", ""), subject + text)


def _check_references(catalogue: Catalogue) -> None:
    """Refuse codes that name nothing and rows of one code that hold on the same day."""
    kinds = set(catalogue.kinds_by_id)
    units = {unit.code for unit in catalogue.units} | {body.code for body in catalogue.external}
    roles = {role.role for role in catalogue.roles}
    topics = {topic.code for topic in catalogue.topics}

    def known(code: str | None, among: set[str], where: str) -> None:
        if code is not None and code not in among:
            raise BadConfig(f"{where}: {code!r} is not in the configuration")

    for unit in catalogue.units:
        known(unit.successor, units, f"organisation.json, units, row {unit.code}, successor")
        if unit.valid_to is not None and unit.successor is None:
            where = f"organisation.json, units, row {unit.code}, successor"
            raise BadConfig(f"{where}: a closed unit must name who took over its work")
    for topic in catalogue.topics:
        where = f"topics.json, topics, row {topic.code}"
        known(topic.kind, kinds, f"{where}, kind")
        known(topic.routes_to.unit, units, f"{where}, routes_to")
        known(topic.routes_to.role, roles, f"{where}, routes_to")
        if (topic.routes_to.unit is None) == (topic.routes_to.role is None):
            raise BadConfig(f"{where}, routes_to: give either a unit or a role")
        if topic.valid_to is None:
            _leads_somewhere(catalogue, topic.routes_to, f"{where}, routes_to")
    for kind in catalogue.kinds:
        known(kind.topic, topics, f"kinds.json, kinds, row {kind.id}, topic")
        if kind.routes_to is not None:
            known(kind.routes_to.role, roles, f"kinds.json, kinds, row {kind.id}, routes_to")
    for role in catalogue.roles:
        known(role.unit, units, f"organisation.json, roles, row {role.role}, unit")
    for code in catalogue.conflict_fallback:
        known(code, units, "organisation.json, conflict_fallback")
    for rule in catalogue.rules:
        for kind_id in rule.kinds:
            known(kind_id, kinds | {"*"}, f"clocks.json, rules, row {rule.code}, kinds")
    for checklist in catalogue.checklists:
        for kind_id in checklist.kinds:
            known(kind_id, kinds, f"checklists.json, checklists, row {checklist.code}, kinds")
    named = [(row.code, row.kinds) for row in catalogue.grounds]
    named += [(criterion.code, criterion.kinds) for criterion in catalogue.criteria]
    for code, its_kinds in named:
        for kind_id in its_kinds:
            known(kind_id, kinds, f"grounds.json, row {code}, kinds")
    for naming in (*catalogue.words.concerned, *catalogue.words.elsewhere):
        known(naming.to, units, "sorting.json")
    for superior in catalogue.words.superiors:
        known(superior.to, units, "sorting.json, superiors")
    for sign in catalogue.words.kinds:
        known(sign.kind, kinds, "sorting.json, kinds")
    if all(channel.code != WEB for channel in catalogue.publishing.channels):
        raise BadConfig(f"publications.json, channels: there is no {WEB!r}, the page to which every notice leads")
    _refuse_overlaps(catalogue)


def _check_routing(catalogue: Catalogue) -> None:
    """Refuse rules that ask for nothing, ask for what there is not, or lead nowhere."""
    known: dict[str, set[str]] = {
        "kind": set(catalogue.kinds_by_id),
        "topic": {topic.code for topic in catalogue.topics},
        "ward": {ward.code for ward in catalogue.wards},
        "priority": set(PRIORITIES),
    }
    for rule in catalogue.routing:
        where = f"routing.json, rules, row {rule.id}"
        if not rule.conditions:
            raise BadConfig(f"{where}: a rule must ask for a kind, a topic, a ward or a priority")
        for name, codes in known.items():
            asked = getattr(rule, name)
            if asked is not None and asked not in codes:
                raise BadConfig(f"{where}, {name}: {asked!r} is not in the configuration")
        if (rule.to.unit is None) == (rule.to.role is None):
            raise BadConfig(f"{where}, to: give either a unit or a role")
        if rule.to.role is not None and rule.to.role not in {role.role for role in catalogue.roles}:
            raise BadConfig(f"{where}, to: {rule.to.role!r} is not in the configuration")
        if rule.kind is not None and catalogue.kind(rule.kind).routes_to is not None:
            raise BadConfig(f"{where}, kind: {rule.kind!r} goes to the role that the law gives it, before any rule")
        if rule.valid_to is None:
            _leads_somewhere(catalogue, rule.to, f"{where}, to")


def _check_dialogues(catalogue: Catalogue) -> None:
    """Refuse sorts of sessions that nobody may chair, or whose rule is not there or counts forwards."""
    before = {rule.code for rule in catalogue.rules if rule.direction == "before"}
    for kind in catalogue.dialogues.kinds:
        where = f"dialogues.json, kinds, row {kind.code}"
        if kind.notice is not None and kind.notice not in before:
            raise BadConfig(f"{where}, notice: {kind.notice!r} is not in the configuration as a term before a day")
        if not kind.chaired_by or set(kind.chaired_by) - {"head", "director"}:
            raise BadConfig(f"{where}, chaired_by: some of director, head")
    held, made = catalogue.dialogues.held_in_person, catalogue.dialogues.commitments
    for code, where in (*((one, "held_in_person, kinds") for one in held.kinds), (made.kind, "commitments, kind")):
        if code not in catalogue.kinds_by_id:
            raise BadConfig(f"dialogues.json, {where}: {code!r} is not in the configuration")
    if catalogue.dialogues.reminded_before.working_days < 1:
        raise BadConfig("dialogues.json, reminded_before, working_days: not less than one")


def _check_procedures(catalogue: Catalogue) -> None:
    """Refuse procedures that make no sense, that nobody answers for, or whose versions run backwards."""
    fields, units = {row.code for row in catalogue.procedure_fields}, {unit.code for unit in catalogue.units}
    newest: dict[str, int] = {}
    for row in sorted(catalogue.procedures, key=lambda one: one.valid_from or date.min):
        where = f"procedures.json, procedures, row {row.code}"
        for fault in faults_of_procedure(row):
            raise BadConfig(f"{where}, {fault}")
        if not is_code(row.code):
            raise BadConfig(f"{where}, code: capital letters, digits and hyphens: it is part of an address")
        for code, among, name in ((row.field, fields, "field"), (row.unit, units, "unit")):
            if code not in among:
                raise BadConfig(f"{where}, {name}: {code!r} is not in the configuration")
        if row.version <= newest.get(row.code, 0):
            raise BadConfig(f"{where}, version: {row.version} follows {newest[row.code]}")
        newest[row.code] = row.version
        if row.valid_to is None:
            _leads_somewhere(catalogue, Target(unit=row.unit), f"{where}, unit")
    if not catalogue.portal.url.startswith("https://"):
        raise BadConfig("procedures.json, portal, url: begins with https://")
    if catalogue.review.working_days < 1:
        raise BadConfig("procedures.json, review, working_days: at least one")


def _check_guidance(catalogue: Catalogue) -> None:
    """Refuse texts and questions without words, or about a topic that there is not."""
    topics = {topic.code for topic in catalogue.topics}
    rows = [
        *((f"texts, row {row.topic}", "topic", (row.topic,), row) for row in catalogue.guidance),
        *((f"questions, row {row.code}", "topics", row.topics, row) for row in catalogue.questions),
    ]
    for where, field, about, row in rows:
        if not about:
            raise BadConfig(f"guidance.json, {where}, {field}: at least one topic")
        for code in about:
            if code not in topics:
                raise BadConfig(f"guidance.json, {where}, {field}: {code!r} is not in the configuration")
        for name in ("text", "text_en"):
            if not getattr(row, name).strip():
                raise BadConfig(f"guidance.json, {where}, {name}: there are no words")


def _leads_somewhere(catalogue: Catalogue, target: Target, where: str) -> None:
    closed = (unit.valid_to for unit in catalogue.units if unit.valid_to and unit.valid_to < date.max)
    last = max(closed, default=date.min)
    try:
        target_on(catalogue, target, last + timedelta(days=1))
    except UnknownWord as nowhere:
        raise BadConfig(f"{where}: {nowhere}") from nowhere


def _refuse_overlaps(catalogue: Catalogue) -> None:
    """Two rows of one code may follow each other, never hold together."""
    named = [("topics.json, topics", topic.code, topic) for topic in catalogue.topics]
    rows = [
        *named,
        *(("organisation.json, units", unit.code, unit) for unit in catalogue.units),
        *(("organisation.json, roles", role.role, role) for role in catalogue.roles),
        *(("clocks.json, rules", rule.code, rule) for rule in catalogue.rules),
        *(("checklists.json, checklists", one.code, one) for one in catalogue.checklists),
        *(("routing.json, rules", rule.id, rule) for rule in catalogue.routing),
        *(("procedures.json, procedures", row.code, row) for row in catalogue.procedures),
        *(("procedures.json, fields", row.code, row) for row in catalogue.procedure_fields),
        *(("guidance.json, texts", row.topic, row) for row in catalogue.guidance),
        *(("guidance.json, questions", row.code, row) for row in catalogue.questions),
        *(("publications.json, kinds", row.code, row) for row in catalogue.publishing.kinds),
        *(("publications.json, channels", row.code, row) for row in catalogue.publishing.channels),
        *(("publications.json, campaigns", row.code, row) for row in catalogue.publishing.campaigns),
        *(("publications.json, reasons", row.code, row) for row in catalogue.publishing.reasons),
        *(("publications.json, case_reasons", row.code, row) for row in catalogue.publishing.case_reasons),
        *(("grounds.json, grounds", f"{row.code} for {kind}", row) for row in catalogue.grounds for kind in row.kinds),
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


# ---- letters


def read_papers(config_dir: Folder, catalogue: Catalogue) -> Papers:
    """What is known of letters. Raises BadConfig, as `read_catalogue` does."""
    path = config_dir / "papers.json"
    papers = Papers(
        series=read_rows(path, "series", Series, complete=True),
        issuers=read_rows(path, "issuers", Issuer, complete=True),
        authorities=read_rows(path, "authorities", Authority, complete=True),
        letters=read_rows(path, "letters", Template, complete=True),
        book=read_value(path, "book", Book, complete=True),
    )
    _check_letters(papers, catalogue)
    _check_signing(papers, catalogue)
    return papers


def _check_letters(papers: Papers, catalogue: Catalogue) -> None:
    """Refuse templates that name what is not there, and two of one name that hold on the same day."""
    series, grounds = {row.code for row in papers.series}, {row.code for row in catalogue.grounds}
    kinds = {*catalogue.kinds_by_id, "*"}
    seen: dict[str, list[Template]] = {}
    for row in papers.letters:
        where = f"papers.json, letters, row {row.code}"
        for fault in faults_of(row):
            raise BadConfig(f"{where}: {fault}")
        for code, among in (
            (row.series, series),
            *((kind, kinds) for kind in row.kinds),
            *((ground, grounds) for ground in row.grounds),
        ):
            if code not in among:
                raise BadConfig(f"{where}: {code!r} is not in the configuration")
        for other in seen.setdefault(row.code, []):
            if row.version == other.version or _overlap(row, other):
                raise BadConfig(f"{where}: version {row.version} stands beside version {other.version}")
        seen[row.code].append(row)


def _check_signing(papers: Papers, catalogue: Catalogue) -> None:
    letters = {row.code for row in papers.letters} | {"*"}
    departments = {row.code for row in catalogue.departments}
    for row in papers.authorities:
        if unknown := sorted(set(row.signs) - letters):
            raise BadConfig(f"papers.json, authorities, row {row.role}, signs: there is no letter {unknown[0]!r}")
        if bool(row.mark) != bool(row.over):
            raise BadConfig(f"papers.json, authorities, row {row.role}: who signs for somebody says for whom")
    for issuer in papers.issuers:
        if issuer.department not in departments:
            raise BadConfig(f"papers.json, issuers: there is no department {issuer.department!r}")
    if unknown := sorted({column.code for column in papers.book.columns} - BOOK_COLUMNS):
        raise BadConfig(f"papers.json, book, columns: there is no {unknown[0]!r}")
    if missing := departments - {issuer.department for issuer in papers.issuers}:
        raise BadConfig(f"papers.json, issuers: nothing stands above {', '.join(sorted(missing))}")


# ---- answers


def read_canned(config_dir: Path) -> tuple[Canned, ...]:
    """The texts that are kept ready. Raises BadConfig."""
    return tuple(_read_canned(file) for file in sorted((config_dir / "answers").glob("*.txt")))


def read_answer_rules(
    config_dir: Folder, catalogue: Catalogue, *, canned: tuple[Canned, ...], own_phone: str
) -> AnswerRules:
    """What an answer is looked at by. `own_phone` is ours and may stand in it.

    Raises BadConfig, naming file, row and field.
    """
    path = config_dir / "answer_rules.json"
    rules = AnswerRules(
        checks=read_rows(path, "checks", CheckRule, complete=True),
        question_marks=read_rows(path, "question_marks", QuestionMark, complete=True),
        plain_words=read_rows(path, "plain_words", PlainWord, complete=True),
        photo_topics=read_rows(path, "photo_topics", PhotoTopic, complete=True),
        terms=read_rows(path, "terms", Term, complete=True),
        canned=canned,
        own_phone=own_phone,
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


# ---- a reorganisation


REORGANISED = ("organisation.json", "topics.json")
"""In the order in which they are written: between the two, what is there can be worked with."""


def read_plan(path: Path) -> Plan:
    """A plan from its file. Raises BadConfig."""
    return read_value(path, None, Plan, complete=True)


def catalogue_after(config_dir: Path, plan: Plan, on: date) -> Catalogue:
    """The catalogue as the plan would make it; nothing is written. Raises PlanRefused with all reasons."""
    with TemporaryDirectory() as folder:
        return _try_out(Path(folder), config_dir, plan, on)[0]


def write_plan(config_dir: Path, plan: Plan, on: date) -> Catalogue:
    """The same, written: each file whole or not at all. Once more changes nothing. Raises PlanRefused."""
    with TemporaryDirectory() as folder:
        after, texts = _try_out(Path(folder), config_dir, plan, on)
    for name, text in texts.items():
        if text != (config_dir / name).read_text(encoding="utf-8"):
            _replace(config_dir / name, text)
    return after


def _try_out(folder: Path, config_dir: Path, plan: Plan, on: date) -> tuple[Catalogue, dict[str, str]]:
    organisation, topics = (json.loads((config_dir / name).read_text(encoding="utf-8")) for name in REORGANISED)
    made = rewritten(organisation, topics, plan, on)
    texts = {name: one_row_a_line(document) for name, document in zip(REORGANISED, made, strict=True)}
    for file in config_dir.glob("*.json"):
        shutil.copy(file, folder)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    try:
        after = read_catalogue(folder)
    except BadConfig as wrong:
        raise PlanRefused([str(wrong)]) from wrong
    refuse_dead_ends(after, plan, on)
    return after, texts


def one_row_a_line(document: dict[str, Any]) -> str:
    """A file of rows as it is kept: each row on a line of its own, so that a change shows as the rows that changed."""
    parts = []
    for key, value in document.items():
        if isinstance(value, list) and all(isinstance(row, dict) for row in value):
            rows = ",\n".join(f"    {json.dumps(row, ensure_ascii=False)}" for row in value)
            parts.append(f"  {json.dumps(key)}: [\n{rows}\n  ]")
        else:
            parts.append(f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _replace(path: Path, text: str) -> None:
    """Another content in one blow: a reader finds the old file or the new one."""
    beside = path.with_name(f".{path.name}.new")
    with beside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
