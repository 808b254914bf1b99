"""What an event is: open fields for every ear, sealed fields for those with a declared need."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Generic, TypeVar, dataclass_transform, get_args, get_type_hints
from uuid import UUID

T = TypeVar("T")
C = TypeVar("C", bound=type)

DESK, POST, DOOR, MIRROR = "desk", "post", "door", "mirror"
AUDIENCES = {DESK: "workflow", POST: "notify", DOOR: "intake", MIRROR: "insight"}
"""Who may open what is sealed: audience → the one service that holds its private key."""


STAFF = "u:"
"""With what the pseudonyms of staff begin, in the field `actor` and wherever else somebody is named."""


class NotForUs(Exception):
    """A sealed value was asked for by a service that it was not told to, or after its erasure."""


class Sealed(Generic[T]):
    """A value that only its audiences can read. It never shows itself in a repr, a log line or a traceback."""

    __slots__ = ("_is_open", "_value")

    def __init__(self, value: T) -> None:
        self._value, self._is_open = value, True

    @classmethod
    def closed(cls) -> "Sealed[T]":
        """What others hold instead: that there was a value, and nothing of it."""
        nothing = cls.__new__(cls)
        nothing._is_open = False
        return nothing

    @property
    def is_open(self) -> bool:
        return self._is_open

    @property
    def value(self) -> T:
        """The value. Raises NotForUs in a service that was not told."""
        if not self._is_open:
            raise NotForUs("this value is sealed for others, or was erased")
        return self._value

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sealed):
            return NotImplemented
        return self._is_open and other._is_open and bool(self._value == other._value)

    __hash__ = None  # type: ignore[assignment]  # equality needs the value, a hash would leak it

    def __repr__(self) -> str:
        return "Sealed(…)"


_NO_DEFAULT: Any = object()


def told_to(*audiences: str, default: Any = _NO_DEFAULT) -> Any:
    """A sealed field, readable by these audiences alone. `default` is what it holds where nothing was said."""
    unknown = set(audiences) - set(AUDIENCES)
    if unknown or not audiences:
        raise ValueError(f"unknown audience: {unknown or 'none named'}")
    if default is _NO_DEFAULT:
        return field(metadata={"audiences": audiences})
    return field(default_factory=lambda: Sealed(default), metadata={"audiences": audiences})


class Event:
    """Something that happened, told by the service where it happened."""

    TYPE: ClassVar[str]
    SUBJECT: ClassVar[str] = "petition_id"


@dataclass(frozen=True)
class Shape:
    """An event class as the codec sees it, worked out once."""

    cls: type[Event]
    open: tuple[tuple[str, Any], ...]  # name, type
    sealed: tuple[tuple[str, Any, tuple[str, ...]], ...]  # name, type inside, audiences


SHAPES: dict[str, Shape] = {}
"""Every event class there is, by its type on the wire."""


@dataclass_transform(frozen_default=True, kw_only_default=True)
def event(type_: str, *, subject: str = "petition_id") -> Callable[[C], C]:
    """Declare an event class: its versioned name, which is its routing key too, and the field that names its stream."""

    def declare(cls: C) -> C:
        made: Any = dataclass(frozen=True, kw_only=True)(cls)
        made.TYPE, made.SUBJECT = type_, subject
        if type_ in SHAPES:
            raise ValueError(f"{type_} is declared twice")
        hints = get_type_hints(made)
        sealed = tuple(
            (f.name, get_args(hints[f.name])[0], f.metadata["audiences"])
            for f in fields(made)
            if "audiences" in f.metadata
        )
        names = {name for name, _, _ in sealed}
        plain = tuple((f.name, hints[f.name]) for f in fields(made) if f.name not in names)
        SHAPES[type_] = Shape(cls=made, open=plain, sealed=sealed)
        return cls

    return declare


def subject_of(told: Event) -> UUID:
    """The stream that an event belongs to: its petition, or whom it is about."""
    subject = getattr(told, told.SUBJECT)
    assert isinstance(subject, UUID)
    return subject
