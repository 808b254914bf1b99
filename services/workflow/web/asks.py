"""What is called with which fields: of a form or of the JSON of a program, each field read as its action takes it."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from inspect import Parameter, signature
from typing import Any
from uuid import UUID

from services.workflow import store
from services.workflow.actions.splitting import Part
from services.workflow.domain.checks import Reply
from services.workflow.steps import Incomplete
from services.workflow.web.asked import asked
from services.workflow.web.forms import chosen, day_typed, number_typed, picked, ticked
from services.workflow.web.frame import Desk
from shared import auth
from shared.db import Reading

Read = Callable[[Reading, str], Any]


def _day(name: str) -> date:
    day = day_typed(name)
    if day is None:
        raise Incomplete(name)
    return day


def _id(name: str) -> UUID | None:
    typed = asked().get(name, "")
    try:
        return UUID(typed) if typed else None
    except ValueError:
        raise Incomplete(name, "unknown") from None


def _one_id(name: str) -> UUID:
    return _id(name) or UUID(int=0)  # nothing bears it: whoever looks for it says so


def _object(name: str) -> Any:
    """What a program sent as an object or a list of objects. Raises Incomplete."""
    try:
        return json.loads(asked().get(name) or "null")
    except ValueError:
        raise Incomplete(name, "malformed") from None


def _words(name: str) -> dict[str, str]:
    found = _object(name) or {}
    if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
        raise Incomplete(name, "malformed")
    return found


def _row(name: str) -> dict[str, Any]:
    found = _object(name)
    if not isinstance(found, dict):
        raise Incomplete(name, "malformed" if found else "missing")
    return found


def _parts(name: str) -> list[Part]:
    try:
        return [Part(**{key: str(value) for key, value in one.items() if value}) for one in _object(name) or []]
    except (TypeError, AttributeError):
        raise Incomplete(name, "malformed") from None


BY_TYPE: dict[Any, Callable[[str], Any]] = {
    str: lambda name: asked().get(name, ""),
    str | None: chosen,
    bool: ticked,
    int: lambda name: asked().get(name, 0, type=int),
    int | None: number_typed,
    date: _day,
    date | None: day_typed,
    UUID: _one_id,
    UUID | None: _id,
    Sequence[str]: lambda name: asked().getlist(name),
    Collection[UUID]: picked,
    Sequence[Part]: _parts,
    Mapping[str, str]: _words,
    Mapping[str, Any]: _row,
}
"""How a field is read, by what its action takes."""

STRUCTURED = (Sequence[Part], Mapping[str, str], Mapping[str, Any])
"""What a program sends as an object; a page asks for its pieces one by one."""


def _into(tx: Reading, name: str) -> UUID:
    """The case to follow, by the code that was typed or the id of a button."""
    typed = asked().get(name, "").replace("-", "").replace(" ", "").upper()
    if len(typed) == 32:
        try:
            return UUID(hex=typed)
        except ValueError:
            raise Incomplete(name, "unknown") from None
    found = [row for row in store.find_by_code(tx, auth.me(), typed) if row.case.code == typed] if typed else []
    if len(found) != 1:
        raise Incomplete(name, "unknown")
    return found[0].case.id


def _paper(_tx: Reading, name: str) -> UUID:
    try:
        return UUID(asked().get(name, ""))
    except ValueError:
        raise Incomplete("text", "gone") from None


def replies(_tx: Reading, name: str = "replies") -> dict[int, Reply]:
    """What is said of each question: a program names those that are answered; on the page `answered_2` is ticked, or
    `unanswered_2` says why not.
    """
    found = {int(number): Reply(is_answered=True) for number in asked().getlist(name) if number.isdecimal()}
    for typed, value in asked().items():
        what, _, number = typed.partition("_")
        if what in {"answered", "unanswered"} and number.isdecimal():
            before = found.get(int(number), Reply(False))
            is_answered = before.is_answered or what == "answered"
            found[int(number)] = Reply(is_answered, value.strip()[:400] if what == "unanswered" else before.why_not)
    return found


def photos(_tx: Reading, name: str = "photos") -> tuple[str, ...]:
    """Photos that are published, as `file:before|after:cell,cell`: a program names them so; on the page `show_<file>`
    says what a photo shows, and `cell_<file>` are the ticked cells.
    """
    found = asked().getlist(name)
    for field, shows in asked().items():
        what, _, file = field.partition("_")
        if what == "show" and shows:
            found.append(f"{file}:{shows}:{','.join(asked().getlist(f'cell_{file}'))}")
    return tuple(found)


BY_NAME: dict[str, Read] = {
    "into": _into,
    "paper": _paper,
    "replies": replies,
    "photos": photos,
    "consult_id": lambda _tx, name: next(iter(picked(name)), UUID(int=0)),
    "language": lambda _tx, name: "en" if asked().get(name) == "en" else "vi",
}
"""Fields that are read in a way of their own."""


@dataclass(frozen=True)
class Asks:
    """An action and the fields that it asks for. It gets of the desk what its first arguments name."""

    action: Callable[..., Any]
    fields: tuple[str, ...]

    def __call__(self, tx: Any, desk: Desk, at: Mapping[str, Any]) -> Any:
        """Read the fields and act. Raises what the action raises, and Incomplete where a field cannot be read."""
        known = {"tx": tx, "rules": desk.rules, "_rules": desk.rules, "book": desk.book, "desk": desk}
        given = {name: self._read(tx, name) for name in self.fields}
        at = {name: value for name, value in at.items() if name != "person" or self._is_told_who}
        return self.action(*(known[name] for name in self._first), **at, **given)

    @cached_property
    def _takes(self) -> Mapping[str, Parameter]:
        return signature(self.action).parameters

    @cached_property
    def _is_told_who(self) -> bool:
        return "person" in self._takes or any(one.kind is Parameter.VAR_KEYWORD for one in self._takes.values())

    @cached_property
    def _first(self) -> tuple[str, ...]:
        return tuple(one.name for one in self._takes.values() if one.kind is Parameter.POSITIONAL_OR_KEYWORD)

    def _read(self, tx: Reading, name: str) -> Any:
        return BY_NAME[name](tx, name) if name in BY_NAME else BY_TYPE[self.type_of(name)](name)

    def type_of(self, name: str) -> Any:
        """What the action takes in this field."""
        return self._takes[name].annotation if name in self._takes else str

    @property
    def is_in_one(self) -> bool:
        """Whether it is one transaction; else the action opens its own."""
        return "tx" in self._first

    @property
    def needs(self) -> tuple[str, ...]:
        """The fields that the action cannot do without."""
        return tuple(
            name for name in self.fields if name in self._takes and self._takes[name].default is Parameter.empty
        )

    @property
    def structured(self) -> frozenset[str]:
        """The fields in which a program sends an object."""
        return frozenset(name for name in self.fields if self.type_of(name) in STRUCTURED)


def asks(action: Callable[..., Any], *fields: str) -> Asks:
    """A step: what is called, and the fields that are asked for."""
    return Asks(action, fields)
