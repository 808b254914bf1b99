"""Writes docs/events.md from the event classes: who says what, to whom each field is told, and what it is.

python -m ops.document_events            write it
python -m ops.document_events --check    say whether it is fresh; exit code 1 when it is not
"""

import ast
import inspect
import re
import sys
import types
from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, Union, get_args, get_origin

from ops.documents import write_or_check
from shared.events import common, intake, notify, workflow
from shared.events.base import AUDIENCES, SHAPES, Event, Shape

DOCUMENT = Path(__file__).parent.parent / "docs" / "events.md"

SPEAKERS = (
    ("intake", intake, "The door"),
    ("workflow", workflow, "The desk"),
    ("notify", notify, "The postman"),
    ("all services", common, "In their own name"),
)

WORDS = {
    "str": "text",
    "int": "integer",
    "bool": "yes or no",
    "UUID": "id",
    "datetime": "instant, UTC",
    "date": "local date",
}

HEAD = """# Events

This page is made from `shared/events/` by `make docs`; do not edit it. How events travel is in [map.md](map.md), why
they are built like this in [ADR 3](adr/0003-events-between-calls-within.md) and
[ADR 5](adr/0005-what-is-sealed-and-for-whom.md).

The type of an event is also its routing key. Events are past tense; fields may be added, a changed meaning is a new
version, and a name is never used again. *Open* fields are for every ear and hold no personal data and no free text.
*Sealed* fields travel encrypted to the audiences named; everybody else keeps a salted commitment.

| audience | service |
|---|---|
"""


@dataclass(frozen=True)
class Told:
    """One field of an event as the document shows it."""

    name: str
    type: str
    audiences: tuple[str, ...]  # empty: open
    words: str


def document() -> str:
    """The whole page."""
    parts = [HEAD + "".join(f"| `{audience}` | {service} |\n" for audience, service in AUDIENCES.items())]
    parts.append(_contents())
    for speaker, module, place in SPEAKERS:
        parts.append(f"## {place}: {speaker}\n")
        about = _words_of(module).split("\n\n", 1)
        if len(about) > 1:
            parts.append(about[1] + "\n")
        parts += [_event(shape) for shape in _shapes_of(module)]
        parts += [_part(module, cls) for cls in _parts_of(module)]
    return "\n".join(parts)


def _contents() -> str:
    rows = ["| speaker | says |", "|---|---|"]
    for speaker, module, _place in SPEAKERS:
        names = [shape.cls.TYPE for shape in _shapes_of(module)]
        rows.append(f"| {speaker} | {' · '.join(f'[{name}](#{_anchor(name)})' for name in names)} |")
    return "\n".join(rows) + "\n"


def _event(shape: Shape) -> str:
    cls = shape.cls
    words = _words_of(cls) or _sentence(cls.__name__)
    lines = [f"### {cls.TYPE}\n", f"{words}\n"]
    if cls.SUBJECT != "petition_id":
        lines.append(f"Its stream is that of `{cls.SUBJECT}`.\n")
    lines += ["| field | type | told to | |", "|---|---|---|---|"]
    lines += [_row(told) for told in fields_of(cls, shape)]
    return "\n".join(lines) + "\n"


def _part(module: types.ModuleType, cls: type) -> str:
    remarks = _remarks(cls)
    lines = [f"### Part: {cls.__name__}\n", f"{_words_of(cls)}\n", "| field | type | |", "|---|---|---|"]
    for part in fields(cls):
        kind = _type(_hint(module, cls, part.name))
        lines.append(f"| `{part.name}` | {kind} | {_cell(remarks.get(part.name, ''))} |")
    return "\n".join(lines) + "\n"


def _row(told: Told) -> str:
    ears = ", ".join(f"`{audience}`" for audience in told.audiences) or "everybody"
    return f"| `{told.name}` | {told.type} | {ears} | {_cell(told.words)} |"


def fields_of(cls: type[Event], shape: Shape) -> list[Told]:
    """The fields of an event in the order of its class."""
    remarks = _remarks(cls)
    told = {name: Told(name, _type(kind), (), remarks.get(name, "")) for name, kind in shape.open}
    for name, kind, audiences in shape.sealed:
        told[name] = Told(name, _type(kind), audiences, remarks.get(name, ""))
    return [told[part.name] for part in fields(cls)]  # type: ignore[arg-type]  # every event is a dataclass


def _shapes_of(module: types.ModuleType) -> list[Shape]:
    """The events that a module declares, in the order of its text."""
    found = [shape for shape in SHAPES.values() if shape.cls.__module__ == module.__name__]
    return sorted(found, key=lambda shape: inspect.getsourcelines(shape.cls)[1])


def _parts_of(module: types.ModuleType) -> list[type]:
    """The dataclasses that a module's events are made of."""
    own = [cls for cls in vars(module).values() if inspect.isclass(cls) and cls.__module__ == module.__name__]
    return [cls for cls in own if is_dataclass(cls) and not issubclass(cls, Event)]


def _remarks(cls: type) -> dict[str, str]:
    """The comments beside the fields of a class, by field."""
    source = inspect.getsource(cls)
    lines, remarks = source.splitlines(), {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found = re.search(r"#\s*(.+)$", lines[(node.end_lineno or node.lineno) - 1])
            if found:
                remarks[node.target.id] = found.group(1).strip()
    return remarks


def _hint(module: types.ModuleType, cls: type, name: str) -> Any:
    hint = cls.__annotations__[name]
    return eval(hint, vars(module)) if isinstance(hint, str) else hint


def _type(kind: Any) -> str:
    """A type in words: text, instant, list of …, or nothing."""
    if kind is type(None):
        return "nothing"
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return " or ".join(_type(part) for part in get_args(kind))
    if origin is tuple:
        return f"list of {_type(get_args(kind)[0])}"
    return WORDS.get(kind.__name__, f"*{kind.__name__}*")


def _words_of(documented: object) -> str:
    """A docstring; none where there is only the one that every dataclass gets."""
    words = inspect.cleandoc(getattr(documented, "__doc__", None) or "")
    return "" if re.match(r"^\w+\(.*\)$", words, re.DOTALL) else words


def _sentence(name: str) -> str:
    """CaseAssigned → Case assigned."""
    words = re.sub(r"(?<!^)(?=[A-Z])", " ", name)
    return words[0] + words[1:].lower() + "."


def _anchor(name: str) -> str:
    return re.sub(r"[^\w-]", "", name.lower())


def _cell(words: str) -> str:
    return words.replace("|", "\\|").replace("<", "&lt;")


def main(argv: Sequence[str] | None = None) -> int:
    return write_or_check(DOCUMENT, document(), __doc__, argv)


if __name__ == "__main__":
    sys.exit(main())
