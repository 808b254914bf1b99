"""The page of the plan tells the truth: every row has tests that bear its name, and they are there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "plan.md"

OF_THE_DESK = (
    "S14b", "S17a", "S31a", "S35", "S06", "S13a", "S13b", "S23c", "S27", "S32a", "S32c", "S36", "S39", "S17d", "S29",
    "S37", "S22b", "S22c", "S25", "S26b", "S17b", "S22d", "S10a", "S20a", "S20b", "S22a", "S34", "S07a", "S09", "S16c",
    "S17c", "S28", "S33b",
)  # fmt: skip
"""The core rows of the plan that belong to the desk."""

WAITING: frozenset[str] = frozenset()
"""Rows of the desk that nothing proves yet: none now. Whoever writes the first test of one takes it out here, and
writes its row of the page."""

ROW = re.compile(r"^\| (S\d+[a-z]?) \| (.+) \| (.+) \| (.+) \| (.+) \|$", re.MULTILINE)
WAITS = "waits"


def named_tests() -> set[str]:
    """The names of all tests."""
    found: set[str] = set()
    for file in (ROOT / "tests").rglob("test_*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        found |= {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name[:5] == "test_"}
    return found


TESTS = named_tests()


def proofs(row: str) -> set[str]:
    return {name for name in TESTS if name.startswith(f"test_{row.lower()}_")}


def rows() -> dict[str, str]:
    """What the page says of the tests of each row."""
    return {row[0]: row[4] for row in ROW.findall(PAGE.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("row", [row for row in OF_THE_DESK if row not in WAITING])
def test_a_row_of_the_desk_is_proven_by_a_test_of_its_name(row: str) -> None:
    assert proofs(row), f"no test begins with test_{row.lower()}_"
    assert set(re.findall(r"`(test_\w+)`", rows()[row])) & proofs(row), f"docs/plan.md names no test of {row}"


def test_a_row_that_waits_is_said_to_wait_and_nothing_proves_it_yet() -> None:
    for row in WAITING:
        assert not proofs(row), f"{row} is proven: take it out of WAITING, and name its tests in docs/plan.md"
        assert rows()[row].startswith(WAITS)


def test_every_core_row_stands_on_the_page_once() -> None:
    listed = [row[0] for row in ROW.findall(PAGE.read_text(encoding="utf-8"))]

    assert len(listed) == len(set(listed)) == 59
    assert set(OF_THE_DESK) <= set(listed)


def test_every_test_that_the_page_names_is_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", PAGE.read_text(encoding="utf-8")))

    assert named
    assert named <= TESTS, sorted(named - TESTS)


def test_a_row_without_a_test_is_said_to_wait() -> None:
    for row, said in rows().items():
        assert said.startswith(WAITS) == ("`test_" not in said), row
