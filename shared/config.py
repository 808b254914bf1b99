"""Reads what a department may change: rows of JSON files, checked strictly, each mistake named by file, row
and field.
"""

import json
from collections.abc import Container, Iterable
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any, Protocol, TypeVar, get_args, get_type_hints

import msgspec
import yaml

from shared.calendar import Calendar, DayOff, MakeUpDay, WorkingHours, calendar_of


class BadConfig(Exception):
    """A file of the configuration cannot be used; the message names file, row and field."""


class Source(Protocol):
    """A file of the configuration, or a document that stands in its place."""

    @property
    def name(self) -> str: ...
    @property
    def parent(self) -> object: ...
    def read_text(self, encoding: str | None = None) -> str: ...


class Folder(Protocol):
    """Where the files of the configuration are found by name: a folder, or a shelf of published documents over it."""

    def __truediv__(self, name: str, /) -> Source: ...


class Dated(Protocol):
    """A row that holds from one day to another, both included; None is open at that end."""

    @property
    def valid_from(self) -> date | None: ...
    @property
    def valid_to(self) -> date | None: ...


Row = TypeVar("Row")
DatedRow = TypeVar("DatedRow", bound=Dated)


def read_rows(path: Source, key: str, row_type: type[Row], *, complete: bool = False) -> tuple[Row, ...]:
    """The rows under `key` of a file as frozen dataclasses, in the order of the file.

    With `complete`, a field that the dataclass does not have is a mistake and not merely of no interest.
    Raises BadConfig when the file is missing or malformed, or a row has a wrong or missing field.
    """
    rows = _load(path).get(key)
    if not isinstance(rows, list):
        raise BadConfig(f"{path.name}: there is no list {key!r}")
    return tuple(
        _convert(row, row_type, f"{path.name}, {key}, row {_name(row, number)}", complete=complete)
        for number, row in enumerate(rows, start=1)
    )


def read_value(path: Source, key: str | None, value_type: type[Row], *, complete: bool = False) -> Row:
    """One value of a file, or with `key` None the whole file. Raises BadConfig as `read_rows` does."""
    found = _load(path)
    if key is None:
        return _convert(found, value_type, path.name, complete=complete)
    if key not in found:
        raise BadConfig(f"{path.name}: there is no {key!r}")
    return _convert(found[key], value_type, f"{path.name}, {key}", complete=complete)


def valid_on(rows: Iterable[DatedRow], day: date) -> tuple[DatedRow, ...]:
    """The rows that hold on a day."""
    return tuple(
        row
        for row in rows
        if (row.valid_from is None or row.valid_from <= day) and (row.valid_to is None or day <= row.valid_to)
    )


def parse_yaml(text: str) -> Any:
    """What a YAML text says; by libyaml where it is there, which is ten times as fast. Raises yaml.YAMLError."""
    return yaml.load(text, Loader=_Loader)


_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_calendar(config_dir: Folder) -> Calendar:
    """The calendar of `calendar.json`. Raises BadConfig."""
    path = config_dir / "calendar.json"
    confirmed = read_value(path, "confirmed_years", tuple[int, ...])
    days_off = read_rows(path, "days_off", DayOff, complete=True)
    make_up_days = read_rows(path, "make_up_days", MakeUpDay, complete=True)
    years = {*confirmed, *read_value(path, "provisional_years", tuple[int, ...])}
    _refuse_days_of_other_years(path, "days_off", days_off, years)
    _refuse_days_of_other_years(path, "make_up_days", make_up_days, years)
    try:
        return calendar_of(
            utc_offset=read_value(path, "utc_offset", str),
            weekly_rest=read_value(path, "weekly_rest", tuple[int, ...]),
            confirmed_years=confirmed,
            working_hours=read_rows(path, "working_hours", WorkingHours, complete=True),
            days_off=days_off,
            make_up_days=make_up_days,
        )
    except ValueError as wrong:
        raise BadConfig(f"{path.name}: {wrong}") from wrong


def _refuse_days_of_other_years(
    path: Source, key: str, rows: Iterable[DayOff | MakeUpDay], years: Container[int]
) -> None:
    """A day in a year that is neither confirmed nor provisional is mostly a slip of the pen in its year."""
    for number, row in enumerate(rows, start=1):
        if row.date.year not in years:
            where = f"{path.name}, {key}, row {number} ({row.date})"
            raise BadConfig(f"{where}: {row.date.year} is neither among confirmed_years nor among provisional_years")


def _load(path: Source) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_without_doubles)
    except FileNotFoundError as missing:
        raise BadConfig(f"{path.name} is missing from {path.parent}") from missing
    except (json.JSONDecodeError, UnicodeDecodeError, ValueError) as wrong:
        raise BadConfig(f"{path.name}: {wrong}") from wrong
    if not isinstance(found, dict):
        raise BadConfig(f"{path.name}: the file must be one object in braces")
    return found


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the field {next(name for name in names if names.count(name) > 1)!r} is given twice")
    return found


def _name(row: Any, number: int) -> str:
    if isinstance(row, dict):
        for field in ("code", "id", "role", "date", "topic"):
            if isinstance(row.get(field), str):
                return f"{number} ({row[field]})"
    return str(number)


def _convert(value: Any, value_type: type[Row], where: str, *, complete: bool) -> Row:
    if complete:
        _refuse_unknown(value, value_type, where)
    try:
        return msgspec.convert(value, value_type, strict=True)
    except msgspec.ValidationError as wrong:
        raise BadConfig(f"{where}: {wrong}") from wrong


def _refuse_unknown(value: Any, value_type: Any, where: str) -> None:
    """Look for fields that nothing would read: mostly a slip of the pen in a field's name."""
    if is_dataclass(value_type) and isinstance(value, dict):
        known = get_type_hints(value_type)
        if unknown := sorted(set(value) - {field.name for field in fields(value_type)}):
            raise BadConfig(f"{where}: unknown field {unknown[0]!r}")
        for name, inner in value.items():
            _refuse_unknown(inner, known[name], f"{where}, {name}")
    elif isinstance(value, list):
        for number, inner in enumerate(value, start=1):
            for option in get_args(value_type):
                _refuse_unknown(inner, option, f"{where}, {number}")
    elif isinstance(value, dict):
        for option in get_args(value_type):
            _refuse_unknown(value, option, where)
