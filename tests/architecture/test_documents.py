"""The documents: made ones are fresh, links lead somewhere, and nothing in them is unfinished."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from ops.document_events import DOCUMENT, document
from shared.events.base import SHAPES

ROOT = Path(__file__).parent.parent.parent
SKIPPED = {".venv", ".git", "var", "node_modules"}
PLACES = ("docs", "services", "shared", "ops", "config", "tests")
TEXTS = {".py", ".md", ".html", ".txt", ".yaml", ".yml", ".json", ".po", ".css", ".js", ".toml", ".sh"}

UNFINISHED = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "T" + "BD")) + r")\b")
SOMEBODYS_MACHINE = re.compile(r"(?<![\w.{}<])/(?:home|Users|root)/\w")
NOT_OURS_TO_CLAIM = "Chỉ số " + "SIPAS"  # the official index; ours has its structure, not its name


def markdown() -> list[Path]:
    """Every document of ours."""
    return [*ROOT.glob("*.md"), *sorted((ROOT / "docs").rglob("*.md"))]


def texts() -> Iterator[tuple[Path, str]]:
    """Every text of the project."""
    files = [file for place in PLACES for file in (ROOT / place).rglob("*")]
    for file in [*ROOT.iterdir(), *files]:
        is_ours = not SKIPPED & set(file.relative_to(ROOT).parts) and ".min." not in file.name
        if is_ours and file.is_file() and (file.suffix in TEXTS or file.name in {"Makefile", "NOTICE"}):
            yield file, file.read_text(encoding="utf-8")


def links(document: Path) -> list[str]:
    found: list[str] = []

    def walk(tokens: list[Token]) -> None:
        for token in tokens:
            found.extend(str(token.attrs[name]) for name in ("href", "src") if name in token.attrs)
            walk(token.children or [])

    walk(MarkdownIt().enable("table").parse(document.read_text(encoding="utf-8")))
    return found


def anchors(document: Path) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    tokens = MarkdownIt().parse(document.read_text(encoding="utf-8"))
    titles = [tokens[i + 1].content for i, token in enumerate(tokens) if token.type == "heading_open"]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_the_page_of_events_is_what_the_code_says() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "run `make docs`"


def test_the_page_of_events_knows_every_event_and_every_audience() -> None:
    page = DOCUMENT.read_text(encoding="utf-8")

    for type_, shape in SHAPES.items():
        section = page.split(f"### {type_}\n", 1)[1].split("\n### ", 1)[0]
        for name, _, audiences in shape.sealed:
            line = next(row for row in section.splitlines() if row.startswith(f"| `{name}` |"))
            assert all(f"`{audience}`" in line for audience in audiences)
        for name, _ in shape.open:
            assert re.search(rf"^\| `{name}` \| .+ \| everybody \|", section, re.MULTILINE)


@pytest.mark.parametrize("page", markdown(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in links(page):
        if re.match(r"^(https?|mailto):", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path) if path else page
        assert target.exists(), f"{page.name}: {link}"
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), f"{page.name}: {link}"


def test_nothing_is_left_unfinished_and_nothing_names_somebodys_machine() -> None:
    for file, words in texts():
        assert not UNFINISHED.search(words), file
        assert not SOMEBODYS_MACHINE.search(words), file
        assert str(ROOT) + "/" not in words, file


def test_no_page_claims_the_official_index() -> None:
    for file, words in texts():
        if file.suffix in {".html", ".po", ".txt"} or "services" in file.parts:
            assert NOT_OURS_TO_CLAIM not in words, file


def test_every_decision_has_its_five_parts_and_is_listed() -> None:
    decisions = sorted(file for file in (ROOT / "docs" / "adr").glob("*.md") if file.name != "README.md")
    listed = (ROOT / "docs" / "adr" / "README.md").read_text(encoding="utf-8")

    numbers = [int(decision.name[:4]) for decision in decisions]

    assert len(set(numbers)) == len(numbers)
    for number, decision in zip(numbers, decisions, strict=True):
        words = decision.read_text(encoding="utf-8")
        assert words.startswith(f"# {number}. ")
        for part in ("Status", "Context", "Decision", "Consequences", "What we did not choose"):
            assert f"**{part}" in words, f"{decision.name}: {part}"
        assert decision.name in listed
