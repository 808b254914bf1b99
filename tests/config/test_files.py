"""The files of `config/` as they are shipped: dated, sourced, and no slip goes unnoticed."""

import json
import shutil
import unicodedata
from datetime import date, timedelta
from pathlib import Path

import pytest

from services.workflow.catalogue import read_catalogue
from services.workflow.domain.routing import unit_for
from shared.config import BadConfig

CONFIG = Path(__file__).parents[2] / "config"
FILES = [
    "calendar", "checklists", "clocks", "dialogues", "grounds", "guidance", "kinds", "known_answers", "organisation",
    "papers", "procedures", "publications", "questions", "roads", "routing", "sipas", "sorting", "steps", "topics",
    "wards",
]  # fmt: skip
CATALOGUE = read_catalogue(CONFIG)


def rows_of(name: str, key: str) -> list[dict]:
    return json.loads((CONFIG / f"{name}.json").read_text(encoding="utf-8"))[key]


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_composed_text_without_hidden_characters(name):
    text = (CONFIG / f"{name}.json").read_text(encoding="utf-8")

    assert text == unicodedata.normalize("NFC", text)
    assert not any(unicodedata.category(letter) == "Cf" for letter in text)


def test_one_sample_alone_is_decomposed():
    samples = json.loads((CONFIG / "samples/petitions.json").read_text(encoding="utf-8"))["petitions"]

    decomposed = [row["id"] for row in samples if row["body"] != unicodedata.normalize("NFC", row["body"])]

    assert decomposed == ["P03"]


@pytest.mark.parametrize(
    ("name", "key", "count"),
    [
        ("kinds", "kinds", 12),
        ("clocks", "rules", 64),
        ("grounds", "grounds", 25),
        ("grounds", "criteria", 7),
        ("guidance", "texts", 31),
        ("guidance", "questions", 24),
        ("topics", "topics", 31),
        ("wishes", "wishes", 9),
        ("wards", "wards", 40),
        ("organisation", "departments", 3),
        ("organisation", "units", 12),
        ("organisation", "roles", 12),
        ("organisation", "external", 7),
        ("papers", "series", 5),
        ("papers", "issuers", 3),
        ("papers", "authorities", 6),
        ("papers", "letters", 19),
        ("procedures", "fields", 5),
        ("procedures", "procedures", 9),
        ("publications", "kinds", 7),
        ("publications", "channels", 6),
        ("publications", "campaigns", 2),
        ("publications", "reasons", 4),
        ("publications", "case_reasons", 4),
        ("routing", "rules", 2),
        ("calendar", "days_off", 50),
        ("calendar", "make_up_days", 4),
    ],
)
def test_every_row_is_there_dated_and_sourced(name, key, count):
    rows = rows_of(name, key)

    assert len(rows) == count
    for row in rows:
        assert row["source"]
        assert "date" in row or {"valid_from", "valid_to"} <= set(row)


def test_there_are_twenty_one_wards_and_nineteen_communes():
    kinds = [ward.type for ward in CATALOGUE.wards]

    assert (kinds.count("ward"), kinds.count("commune")) == (21, 19)


def test_on_every_day_every_topic_leads_to_a_unit_of_ours():
    day, own = date(2024, 1, 1), {unit.code for unit in CATALOGUE.units}
    while day < date(2027, 12, 31):
        for topic in CATALOGUE.topics_on(day):
            found = unit_for(CATALOGUE, kind=topic.kind, topic=topic.code, day=day)
            assert found.unit in own
            assert CATALOGUE.unit(found.unit).valid_to is None or day <= CATALOGUE.unit(found.unit).valid_to
        day += timedelta(days=30)


def test_each_swapped_day_is_made_up_for():
    swapped = {row.date for row in CATALOGUE.calendar.days_off.values() if row.kind == "swapped"}

    assert {row.replaces for row in CATALOGUE.calendar.make_up_days.values()} == swapped


def test_two_rules_of_one_group_belong_to_one_step():
    steps: dict[str, set[str]] = {}
    for rule in CATALOGUE.rules:
        steps.setdefault(rule.group, set()).add(rule.step)

    assert [group for group, found in steps.items() if len(found) > 1] == []


def test_words_of_law_weigh_double():
    assert {topic.code for topic in CATALOGUE.topics if topic.weight == 2} == {"C28", "C29"}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A copy of the configuration that a test may spoil."""
    for name in FILES:
        shutil.copy(CONFIG / f"{name}.json", tmp_path)
    return tmp_path


def change(config: Path, name: str, key: str, number: int, **changed: object) -> None:
    path = config / f"{name}.json"
    found = json.loads(path.read_text(encoding="utf-8"))
    found[key][number] |= changed
    path.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")


@pytest.mark.parametrize(
    ("spoiled", "says"),
    [
        (("topics", "topics", 0, {"routes_to": {"unit": "KCTH"}}), r"row C01, routes_to: 'KCTH'"),
        (("topics", "topics", 0, {"routes_to": {}}), r"row C01, routes_to: give either"),
        (("topics", "topics", 0, {"kind": "raport"}), r"row C01, kind: 'raport'"),
        (("topics", "topics", 1, {"code": "C01"}), r"row C01: two rows hold on the same day"),
        (("topics", "topics", 0, {"answer_working_days": "7"}), r"topics\.json.*\(C01\).*answer_working_days"),
        (("topics", "topics", 0, {"priority": "highest"}), r"\(C01\).*priority"),
        (("organisation", "units", 0, {"valid_to": "2026-01-01"}), r"row VP, successor"),
        (("organisation", "units", 0, {"succesor": "KCHT"}), r"unknown field 'succesor'"),
        (("clocks", "rules", 0, {"kinds": ["complain"]}), r"row complaint\.accept\.decree, kinds: 'complain'"),
        (("clocks", "rules", 0, {"unit": "weeks"}), r"\(complaint\.accept\.decree\).*unit"),
        (("kinds", "kinds", 0, {"topic": "C00"}), r"row report, topic: 'C00'"),
        (("guidance", "texts", 0, {"topic": "C99"}), r"guidance\.json, texts, row C99, topic: 'C99'"),
        (("guidance", "texts", 1, {"topic": "C01"}), r"guidance\.json, texts, row C01: two rows hold on the same day"),
        (("guidance", "texts", 0, {"text_en": " "}), r"guidance\.json, texts, row C01, text_en: there are no words"),
        (("guidance", "texts", 0, {"wants": ["photo"]}), r"guidance\.json, texts, row 1 \(C01\): .*wants"),
        (("guidance", "questions", 0, {"topics": ["C01", "C99"]}), r"questions, row where, topics: 'C99'"),
        (("guidance", "questions", 0, {"topics": []}), r"questions, row where, topics: at least one"),
        (("guidance", "questions", 0, {"texts": "?"}), r"questions, row 1 \(where\): unknown field 'texts'"),
        (("calendar", "days_off", 0, {"date": "2024-01-06"}), r"calendar\.json: 2024-01-06 .* weekly rest day"),
    ],
)
def test_a_slip_is_refused_and_named(config, spoiled, says):
    name, key, number, changed = spoiled
    change(config, name, key, number, **changed)

    with pytest.raises(BadConfig, match=says):
        read_catalogue(config)


def test_s25_every_topic_has_its_text_and_a_question_kept_ready():
    topics = {topic.code for topic in CATALOGUE.topics}

    assert {row.topic for row in CATALOGUE.guidance} == topics
    assert {code for row in CATALOGUE.questions for code in row.topics} == topics
    assert max(len(row.text) for row in CATALOGUE.guidance) < 250


def test_a_row_may_follow_another_of_the_same_code(config):
    topics = json.loads((config / "topics.json").read_text(encoding="utf-8"))
    newer = topics["topics"][0] | {"answer_working_days": 5, "valid_from": "2027-01-01"}
    topics["topics"][0]["valid_to"] = "2026-12-31"
    topics["topics"].append(newer)
    (config / "topics.json").write_text(json.dumps(topics, ensure_ascii=False), encoding="utf-8")

    catalogue = read_catalogue(config)

    days = [catalogue.topic("C01", day).answer_working_days for day in (date(2026, 12, 31), date(2027, 1, 1))]
    assert days == [7, 5]
