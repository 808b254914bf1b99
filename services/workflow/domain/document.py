"""A document of the configuration as text: its versions, which one holds on a day, its rows and lines, its changes."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from difflib import SequenceMatcher
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

ROW_IS_NAMED_BY = ("code", "id", "role", "date", "topic")
CONTEXT = 2  # lines that are shown around a change
_DECODER = json.JSONDecoder()
_BLANK = re.compile(r"[\s,]*")
_PLACE = re.compile(r"^(?P<file>[^,:]+)(?:, (?P<key>\w+))?(?:, row (?P<row>[^,:]+(?: \([^)]*\))?))?")
_JSON_LINE = re.compile(r"line (\d+) column (\d+)")


@dataclass(frozen=True, kw_only=True)
class Document:
    """A file of the configuration as somebody wrote it anew: a draft, or published and in force from a day."""

    id: UUID
    name: str  # clocks.json
    version: int  # of its name, from 1; 0 for a draft
    number: int  # of all publications, in their order; 0 for a draft
    state: str  # draft, published, withdrawn
    text: str
    sha256: str
    based_on: str  # sha256 of the text that it was written over
    valid_from: date
    reason: str
    drafted_by: str
    drafted_at: datetime
    decided_by: str | None = None  # who published or withdrew it
    decided_at: datetime | None = None


def digest_of(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def stream_of(name: str) -> UUID:
    """What binds the publications of one name together, in their order."""
    return uuid5(NAMESPACE_URL, f"config/{name}")


def in_force_on(documents: Iterable[Document], day: date) -> dict[str, Document]:
    """Of each name the newest publication whose day has come."""
    found: dict[str, Document] = {}
    for one in sorted(documents, key=lambda one: one.number):
        if one.valid_from <= day:
            found[one.name] = one
    return found


# ---- rows of a text


@dataclass(frozen=True)
class Row:
    """One entry of a list in the text, with where it stands."""

    number: int  # from 1
    value: dict[str, Any]
    begins: int
    ends: int

    @property
    def name(self) -> str:
        """What the row is known by: its code, or its number."""
        named = (self.value.get(field) for field in ROW_IS_NAMED_BY)
        return next((one for one in named if isinstance(one, str)), str(self.number))


def rows_of(text: str) -> dict[str, list[Row]]:
    """The lists of rows in a text that is one JSON object, by their keys."""
    return {key: _rows_at(text, begins) for key, begins in _keys_of(text) if text[begins] == "["}


def keys_of(text: str) -> list[str]:
    """The keys of the outermost object. Raises ValueError or IndexError when the text is no JSON object."""
    return [key for key, _ in _keys_of(text)]


def _keys_of(text: str) -> Iterable[tuple[str, int]]:
    """Each key of the outermost object and where its value begins."""
    at = text.index("{") + 1
    while text[(at := _after_blank(text, at))] != "}":
        key, at = _DECODER.raw_decode(text, at)
        at = _after_blank(text, text.index(":", at) + 1)
        yield key, at
        _, at = _DECODER.raw_decode(text, at)


def _rows_at(text: str, at: int) -> list[Row]:
    rows: list[Row] = []
    at += 1
    while text[(at := _after_blank(text, at))] != "]":
        value, ends = _DECODER.raw_decode(text, at)
        if isinstance(value, dict):
            rows.append(Row(len(rows) + 1, value, at, ends))
        at = ends
    return rows


def _after_blank(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def with_row(text: str, row: Row, value: Mapping[str, Any], *, next_one: Mapping[str, Any] | None = None) -> str:
    """The text with a row written anew, and perhaps another one after it; all else stays as it was typed."""
    rows = [value] if next_one is None else [value, next_one]
    indent = text[text.rfind("\n", 0, row.begins) + 1 : row.begins]
    written = f",\n{indent}".join(json.dumps(each, ensure_ascii=False) for each in rows)
    return text[: row.begins] + written + text[row.ends :]


# ---- where something stands


def line_at(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def line_of(text: str, name: str, problem: str) -> int | None:
    """The line of a document that a problem speaks of; None where it names no line, or another file."""
    place = _PLACE.match(problem)
    if place is None or place["file"] != name:
        return None
    if told := _JSON_LINE.search(problem):
        return int(told[1])
    try:
        keys, rows = dict(_keys_of(text)), rows_of(text).get(place["key"] or "", [])
    except (ValueError, IndexError):
        return None
    wanted = place["row"] or ""
    for row in rows:
        if wanted in {row.name, str(row.number), f"{row.number} ({row.name})"}:
            return line_at(text, row.begins)
    unknown = re.search(r"unknown field '(\w+)'", problem)
    at = keys.get(place["key"] or (unknown[1] if unknown else ""))
    return None if at is None else line_at(text, at)


# ---- what changed


@dataclass(frozen=True)
class Line:
    """A line of a comparison: `=` stays, `-` goes, `+` comes, `…` where lines that stay are left out."""

    kind: str
    before: int | None
    after: int | None
    parts: tuple[tuple[str, str], ...]  # (`=`, `-` or `+`, text)


def changes(before: str, after: str) -> list[Line]:
    """What a text changes, line by line and within each line word by word, with a few lines around."""
    old, new = before.splitlines(), after.splitlines()
    found: list[Line] = []
    for group in SequenceMatcher(a=old, b=new, autojunk=False).get_grouped_opcodes(CONTEXT):
        if found:
            found.append(Line("…", None, None, ()))
        for kind, start, end, first, last in group:
            if kind == "equal":
                found += [
                    Line("=", start + n + 1, first + n + 1, (("=", line),)) for n, line in enumerate(old[start:end])
                ]
            else:
                found += _replaced(old, new, start, end, first, last)
    return found


def _replaced(old: list[str], new: list[str], start: int, end: int, first: int, last: int) -> list[Line]:
    """Lines that go and lines that come; as many as pair up are compared word by word."""
    found: list[Line] = []
    pairs = min(end - start, last - first)
    for n in range(pairs):
        gone, come = _words(old[start + n], new[first + n])
        found += [Line("-", start + n + 1, None, gone), Line("+", None, first + n + 1, come)]
    found += [Line("-", at + 1, None, (("=", old[at]),)) for at in range(start + pairs, end)]
    found += [Line("+", None, at + 1, (("=", new[at]),)) for at in range(first + pairs, last)]
    return found


def _words(before: str, after: str) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    one, other = re.findall(r"\w+|\W", before), re.findall(r"\w+|\W", after)
    gone: list[tuple[str, str]] = []
    come: list[tuple[str, str]] = []
    for kind, start, end, first, last in SequenceMatcher(a=one, b=other, autojunk=False).get_opcodes():
        if end > start:
            gone.append(("=" if kind == "equal" else "-", "".join(one[start:end])))
        if last > first:
            come.append(("=" if kind == "equal" else "+", "".join(other[first:last])))
    return tuple(gone), tuple(come)
