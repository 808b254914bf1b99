"""Letters as they are configured: a slip stops the start and is named."""

import json
from pathlib import Path

import pytest

from services.workflow.catalogue import read_papers
from services.workflow.domain.letter import INCOMING, SECRET, Papers
from shared.config import BadConfig
from tests.config.test_files import CATALOGUE, CONFIG, change, config

__all__ = ["config"]  # a copy that a test may spoil

PAPERS: Papers = read_papers(CONFIG, CATALOGUE)


@pytest.mark.parametrize(
    ("key", "number", "changed", "says"),
    [
        ("letters", 0, {"series": "outgoin"}, r"row acknowledgement: 'outgoin' is not"),
        ("letters", 0, {"kinds": ["raport"]}, r"row acknowledgement: 'raport' is not"),
        ("letters", 0, {"body": ["((nobody))"]}, r"row acknowledgement: unknown field 'nobody'"),
        ("letters", 0, {"recipients": ["Như trên."]}, r"row acknowledgement: the last of the recipients"),
        ("letters", 0, {"abbreviation": "TB"}, r"row acknowledgement: a title and its abbreviation"),
        ("letters", 1, {"code": "acknowledgement"}, r"row acknowledgement: version 1 stands beside version 1"),
        ("letters", 0, {"bodi": []}, r"unknown field 'bodi'"),
        ("authorities", 2, {"signs": ["anser"]}, r"row head, signs: there is no letter 'anser'"),
        ("authorities", 2, {"over": ""}, r"row head: who signs for somebody"),
        ("authorities", 2, {"mark": "TM"}, r"authorities, row 3 \(head\)"),
        ("issuers", 0, {"department": "SGT"}, r"there is no department 'SGT'"),
        ("issuers", 0, {"department": "SXD"}, r"nothing stands above SGTVT"),
    ],
)
def test_a_slip_is_refused_and_named(
    config: Path, key: str, number: int, changed: dict[str, object], says: str
) -> None:
    change(config, "papers", key, number, **changed)

    with pytest.raises(BadConfig, match=says):
        read_papers(config, CATALOGUE)


def test_a_column_that_nobody_can_fill_is_refused(config: Path) -> None:
    path = config / "papers.json"
    found = json.loads(path.read_text(encoding="utf-8"))
    found["book"]["columns"][0]["code"] = "nummer"
    path.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")

    with pytest.raises(BadConfig, match="there is no 'nummer'"):
        read_papers(config, CATALOGUE)


def test_a_newer_version_may_follow(config: Path) -> None:
    path = config / "papers.json"
    found = json.loads(path.read_text(encoding="utf-8"))
    newer = found["letters"][0] | {"version": 2, "valid_from": "2027-01-01"}
    found["letters"][0]["valid_to"] = "2026-12-31"
    found["letters"].append(newer)
    path.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")

    assert len(read_papers(config, CATALOGUE).letters) == len(PAPERS.letters) + 1


def test_the_series_that_the_rules_name_are_there() -> None:
    assert {SECRET, *INCOMING.values()} <= {row.code for row in PAPERS.series}


def test_the_book_has_the_thirteen_columns_of_its_form() -> None:
    assert len(PAPERS.book.columns) == 13
