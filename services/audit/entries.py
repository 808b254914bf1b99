"""From a message to an entry of the log: read it, compute its leaf, and decide whether it may be kept.

What may be kept is worked out from the event classes: their open fields, with their types, and a commitment for each
sealed one. Whatever else a source puts into an event never enters the log. The typed reading also is the check of the
canonical profile: no floats, no large numbers, no unknown keys.
"""

import base64
import hashlib
import unicodedata
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from services.audit.domain.chain import Link
from shared.bus import Message
from shared.events.base import SHAPES, Shape
from shared.events.codec import (
    Malformed,
    canonical,
    from_b64u,
    leaf_bytes,
    leaf_hash,
    open_fields,
    read_envelope,
)

MAX_ENTRY = 8 * 1024  # bytes: policy; the format could take 65,535
MAX_MESSAGE = 256 * 1024  # bytes

_Int = Annotated[int, Meta(ge=-(2**53) + 1, le=2**53 - 1)]
_Text = Annotated[str, Meta(max_length=200)]
_Hash = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{43}$")]


class Refused(Exception):
    """A message that is no event of a source we know; `reason` is one word for the counters."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(detail or reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message read: the entry it would become, and its place in the chain of its source."""

    message: Message
    source: str
    link: Link
    kid: str
    sig: bytes
    entry: bytes
    event_id: UUID
    type: str
    subject: UUID
    sequence: int
    time: datetime
    actor: str | None
    unit: str | None
    code: str | None  # a petition's public code, where the event tells it
    withheld: str  # why its content must not enter the log; empty: it may


def read(message: Message, sources: frozenset[str]) -> Arrival:
    """Raises Refused when it is unreadable, or from a stranger."""
    if len(message.body) > MAX_MESSAGE:
        raise Refused("too_large")
    try:
        envelope, raw = read_envelope(message.body)
        if envelope.source not in sources:
            raise Refused("foreign_source", envelope.source[:32])
        opened = open_fields(message.body)
        headers = message.headers
        pos, prev = int(headers["pos"]), from_b64u(headers["prev"])
        entry = leaf_bytes(opened, pos=pos, prev=prev)
        sig = base64.b64decode(headers["sig"], validate=True)
        epoch, kid = str(headers["epoch"])[:36], str(headers["kid"])[:8]
    except (Malformed, KeyError, TypeError, ValueError) as problem:
        raise Refused("unreadable", str(problem)[:200]) from None
    if pos < 1 or pos >= 2**53 or len(prev) != 32:
        raise Refused("unreadable", "no place in a chain")
    data = raw.data
    withheld = _fault(message.body, opened, entry, raw.type)
    return Arrival(
        message=message,
        source=envelope.source,
        link=Link(epoch=epoch, pos=pos, prev=prev, leaf=leaf_hash(entry)),
        kid=kid,
        sig=sig,
        entry=entry,
        event_id=envelope.id,
        type=envelope.type[:64],
        subject=envelope.subject,
        sequence=envelope.sequence,
        time=envelope.time,
        actor=None if withheld else actor_of(data),
        unit=None if withheld else _word(data, "unit"),
        code=None if withheld else _word(data, "public_code"),
        withheld=withheld,
    )


def digest_of(entry: bytes) -> bytes:
    """What a receipt shows at once: SHA-256 of the event as it was before it got its place in its source."""
    opened = msgspec.json.decode(entry)
    del opened["pos"], opened["prev"]
    return hashlib.sha256(canonical(opened)).digest()


def actor_of(data: dict[str, Any]) -> str | None:
    """The pseudonym of who did it, where an event says so."""
    return _word(data, "actor", "person")


def _word(data: dict[str, Any], *names: str) -> str | None:
    for name in names:
        if isinstance(value := data.get(name), str):
            return value
    return None


def _fault(body: bytes, opened: dict[str, Any], entry: bytes, type_: str) -> str:
    """Why the content must not enter the log, or nothing."""
    reader = _readers().get(type_)
    if reader is None:
        return "unknown_type"
    if len(entry) > MAX_ENTRY:
        return "too_large"
    plain = canonical(opened)
    if body != plain and not body.startswith(plain[:-1] + b',"sealed":'):
        return "not_canonical"  # two spellings of one event, or a key that is there twice
    if not plain.isascii() and not unicodedata.is_normalized("NFC", plain.decode()):
        return "not_canonical"
    try:
        reader.decode(plain)
    except msgspec.ValidationError:
        return "not_allowed"
    return ""


# ---- the allow-list: one strict reader for each type of event


@cache
def _readers() -> dict[str, msgspec.json.Decoder[Any]]:
    return {type_: msgspec.json.Decoder(_envelope(type_, _data(shape))) for type_, shape in SHAPES.items()}


def _envelope(type_: str, data: Any) -> Any:
    return msgspec.defstruct(
        "Envelope",
        [
            ("specversion", Literal["1.0"]),
            ("id", UUID),
            ("source", _Text),
            ("type", Literal[type_]),
            ("subject", UUID),
            ("time", datetime),
            ("datacontenttype", Literal["application/json"]),
            ("sequence", _Int),
            ("nonce", Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{22}$")]),
            ("data", data),
            ("correlationid", Annotated[str, Meta(pattern="^[A-Za-z0-9._:/+=-]{0,64}$")] | UnsetType, UNSET),
            ("causationid", UUID | None | UnsetType, UNSET),
        ],
        forbid_unknown_fields=True,
    )


def _data(shape: Shape) -> Any:
    # A field may have been added after an event was told, so none has to be there.
    known: list[Any] = [(name, _strict(kind) | UnsetType, UNSET) for name, kind in shape.open]
    if shape.sealed:
        known.append(("commit", _commitments(tuple(name for name, _, _ in shape.sealed)) | UnsetType, UNSET))
    return msgspec.defstruct("Data", known, forbid_unknown_fields=True)


def _commitments(names: tuple[str, ...]) -> Any:
    return msgspec.defstruct(
        "Commitments",
        [(name, _Hash | UnsetType, UNSET) for name in names],
        rename={name: "/" + name for name in names},
        forbid_unknown_fields=True,
    )


def _strict(kind: Any) -> Any:
    """A type that takes what the class declares and nothing beside it."""
    if kind is str:
        return _Text
    if kind is int:
        return _Int
    if get_origin(kind) in (Union, UnionType):
        return Union[tuple(NoneType if part is NoneType else _strict(part) for part in get_args(kind))]  # noqa: UP007
    if get_origin(kind) is tuple:
        many: Any = tuple
        return many[_strict(get_args(kind)[0]), ...]
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        return msgspec.defstruct(
            kind.__name__,
            [(part.name, _strict(hints[part.name]) | UnsetType, UNSET) for part in fields(kind)],
            forbid_unknown_fields=True,
        )
    return kind
