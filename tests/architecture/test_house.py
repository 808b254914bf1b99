"""The house: every service has the same rooms, one clock tells the time, every page speaks both languages."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.settings import SERVICES
from shared.web import untranslated

ROOT = Path(__file__).parent.parent.parent
CLOCK = ROOT / "shared" / "clock.py"
NO_ACTIONS = {"audit", "insight"}  # nobody may ask them to change anything
TYPES = {"date", "datetime"}


def modules(*places: str) -> list[Path]:
    return [
        file
        for place in places
        for file in sorted((ROOT / place).rglob("*.py"))
        if "versions" not in file.parts and ".venv" not in file.parts
    ]


def has(folder: Path, room: str) -> bool:
    """A room is a file or a folder with something in it."""
    return (folder / f"{room}.py").is_file() or (folder / room / "__init__.py").is_file()


def time_tellers(file: Path) -> Iterator[int]:
    """Lines that ask what time it is of anything but a clock that was handed in."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        asked, whom = node.func.attr, _name(node.func.value)
        is_clock = whom.lower().strip("_").endswith("clock")
        if (asked in {"now", "utcnow"} and not is_clock) or (asked == "today" and whom in TYPES):
            yield node.lineno


def _name(value: ast.expr) -> str:
    return value.attr if isinstance(value, ast.Attribute) else value.id if isinstance(value, ast.Name) else ""


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_has_the_rooms(name: str) -> None:
    folder = ROOT / "services" / name

    for room in ("__init__", "__main__", "reactions", "store", "domain"):
        assert has(folder, room), room
    assert has(folder, "web")
    assert has(folder, "actions") == (name not in NO_ACTIONS)
    assert (folder / "migrations" / "env.py").is_file()
    assert list((folder / "migrations" / "versions").glob("0001_*.py"))


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_says_what_it_hears_and_what_it_says(name: str) -> None:
    tree = ast.parse((ROOT / "services" / name / "__init__.py").read_text(encoding="utf-8"))

    words = ast.get_docstring(tree) or ""

    assert "Hears" in words
    assert "Says" in words


@pytest.mark.parametrize("name", SERVICES)
def test_reactions_end_with_their_table(name: str) -> None:
    folder = ROOT / "services" / name
    if name == "audit":  # it takes in everything alike
        return
    file = folder / "reactions.py" if (folder / "reactions.py").is_file() else folder / "reactions" / "__init__.py"

    last = ast.parse(file.read_text(encoding="utf-8")).body[-1]

    target = (
        last.target if isinstance(last, ast.AnnAssign) else last.targets[0] if isinstance(last, ast.Assign) else None
    )
    assert isinstance(target, ast.Name)
    assert target.id == "REACTIONS"


def test_one_clock_tells_the_time() -> None:
    askers = [
        f"{file.relative_to(ROOT)}:{line}"
        for file in modules("services", "shared")
        if file != CLOCK
        for line in time_tellers(file)
    ]

    assert askers == []


def test_the_search_for_other_clocks_finds_them(tmp_path: Path) -> None:
    file = tmp_path / "late.py"
    file.write_text(
        "datetime.now(UTC)\ndate.today()\nself.clock.now()\n_clock.now()\nfunc.now()\ndoor.today()\n", encoding="utf-8"
    )

    assert list(time_tellers(file)) == [1, 2, 5]


@pytest.mark.parametrize("file", modules("services", "shared", "ops"), ids=lambda f: str(f.relative_to(ROOT)))
def test_every_module_says_what_is_in_it(file: Path) -> None:
    assert ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))


@pytest.mark.parametrize("folder", ["shared/web", *[f"services/{name}" for name in SERVICES]])
def test_every_word_on_a_page_has_its_english(folder: str) -> None:
    assert untranslated(ROOT / folder) == []


def test_no_drawer_for_everything() -> None:
    for file in modules("services", "shared"):
        assert file.stem not in {"utils", "util", "common", "misc", "helpers"} or file.parent.name == "events"
