"""From an event to its bytes and back: canonical JSON, salted commitments, boxes for the audiences.

Source: CloudEvents 1.0 (structured JSON); RFC 8785 for the canonical form, of which we use a subset without floats.
"""

import base64
import hashlib
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from shared.events.base import AUDIENCES, SHAPES, Event, Sealed, subject_of
from shared.keys import CannotOpen, KeyRing

ZERO = bytes(32)
"""`prev` of the first event of a source."""

_to_json = msgspec.json.Encoder(order="sorted", uuid_format="canonical").encode
_from_json = msgspec.json.Decoder().decode
_AUDIENCE_OF = {service: audience for audience, service in AUDIENCES.items()}


class Malformed(Exception):
    """Bytes that are no event of ours: unreadable, of an unknown type, or not as their class says."""


@dataclass(frozen=True)
class Written:
    """An event as it lies in the outbox."""

    id: UUID
    type: str
    subject: UUID
    body: bytes  # canonical JSON of the open envelope, never changed afterwards
    sealed: bytes | None  # "desk:<box in base64> post:<box>"; emptied by an erasure


@dataclass(frozen=True)
class Envelope:
    """What stands on the outside of an event that was heard."""

    id: UUID
    source: str  # name of the service, without the slash of the wire
    type: str
    subject: UUID
    sequence: int
    time: datetime
    correlation: str


class _Wire(msgspec.Struct):
    specversion: str
    id: UUID
    source: str
    type: str
    subject: UUID
    sequence: int
    time: datetime
    nonce: str
    data: dict[str, Any]
    correlationid: str = ""
    causationid: str | None = None
    sealed: str | None = None


_wire = msgspec.json.Decoder(_Wire)


def canonical(value: object) -> bytes:
    """The one spelling of a JSON value: keys sorted, no blanks, UTF-8."""
    return _to_json(value)


def b64u(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_b64u(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def leaf_bytes(envelope: dict[str, Any], *, pos: int, prev: bytes) -> bytes:
    """What the log keeps of an event: the open envelope with its place in its source."""
    leaf = {name: value for name, value in envelope.items() if name != "sealed"}
    return _to_json(leaf | {"pos": pos, "prev": b64u(prev)})


def leaf_hash(leaf: bytes) -> bytes:
    """Source: RFC 6962, section 2.1."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def signed_bytes(source: str, leaf: bytes) -> bytes:
    """What a source signs for one event; `leaf` is the leaf hash."""
    return b"event/v1\x00/" + source.encode() + b"\x00" + leaf


def commitment(disclosure: bytes) -> str:
    return b64u(hashlib.sha256(disclosure).digest())


@dataclass(frozen=True)
class Codec:
    """Writes and reads events in the name of one service."""

    keys: KeyRing

    def write(
        self, event: Event, *, event_id: UUID, sequence: int, now: datetime, correlation: str, causation: UUID | None
    ) -> Written:
        """The bytes of an event: open fields readable, sealed ones committed to and boxed for their audiences."""
        shape, subject = SHAPES[event.TYPE], subject_of(event)
        data: dict[str, Any] = {name: getattr(event, name) for name, _ in shape.open}
        boxes: dict[str, list[Any]] = {}
        if shape.sealed:
            data["commit"] = commitments = {}
            for name, _, audiences in shape.sealed:
                disclosure = [b64u(os.urandom(16)), "/" + name, msgspec.to_builtins(getattr(event, name).value)]
                commitments["/" + name] = commitment(_to_json(disclosure))
                for audience in audiences:
                    boxes.setdefault(audience, []).append(disclosure)
        envelope = {
            "specversion": "1.0",
            "id": event_id,
            "source": "/" + self.keys.service,
            "type": event.TYPE,
            "subject": subject,
            "time": now.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "datacontenttype": "application/json",
            "sequence": sequence,
            "nonce": b64u(os.urandom(16)),
            "correlationid": correlation,
            "data": data,
        }
        if causation is not None:
            envelope["causationid"] = causation
        sealed = b" ".join(
            audience.encode() + b":" + base64.b64encode(self.keys.seal(AUDIENCES[audience], _to_json(told)))
            for audience, told in boxes.items()
        )
        return Written(
            id=event_id,
            type=event.TYPE,
            subject=subject,
            body=_to_json(envelope),
            sealed=sealed or None,
        )

    def read(self, wire: bytes) -> tuple[Envelope, Event]:
        """An event from its bytes on the wire; sealed fields are open where they are for us and still there.

        Raises Malformed.
        """
        envelope, raw = read_envelope(wire)
        shape = SHAPES.get(raw.type)
        if shape is None:
            raise Malformed(f"unknown type {raw.type}")
        try:
            fields = {
                name: msgspec.convert(raw.data[name], kind, strict=False)
                for name, kind in shape.open
                if name in raw.data
            }
            told = self._opened(raw)
            for name, kind, _ in shape.sealed:
                fields[name] = (
                    Sealed(msgspec.convert(told["/" + name], kind)) if "/" + name in told else Sealed.closed()
                )
            return envelope, shape.cls(**fields)
        except (msgspec.ValidationError, TypeError, KeyError, ValueError) as problem:
            raise Malformed(f"{raw.type}: {problem}") from None

    def _opened(self, raw: _Wire) -> dict[str, Any]:
        """What was sealed for us, by path; each value is checked against its signed commitment."""
        ours = _AUDIENCE_OF.get(self.keys.service, "nobody") + ":"
        box = next((box for box in (raw.sealed or "").split(" ") if box.startswith(ours)), None)
        if box is None:
            return {}
        try:
            disclosures = _from_json(self.keys.open(base64.b64decode(box[len(ours) :])))
        except (CannotOpen, ValueError, msgspec.DecodeError) as problem:
            raise Malformed(f"{raw.type}: the sealed part does not open ({problem})") from None
        commitments, told = raw.data.get("commit", {}), {}
        for disclosure in disclosures:
            if commitments.get(disclosure[1]) != commitment(_to_json(disclosure)):
                raise Malformed(f"{raw.type}: {disclosure[1]} is not what was committed to")
            told[disclosure[1]] = disclosure[2]
        return told


def read_envelope(wire: bytes) -> tuple[Envelope, _Wire]:
    """The outside of an event. Raises Malformed."""
    try:
        raw = _wire.decode(wire)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as problem:
        raise Malformed(str(problem)) from None
    if raw.specversion != "1.0" or not raw.source.startswith("/") or raw.sequence < 1 or raw.time.tzinfo is None:
        raise Malformed("not an envelope of ours")
    return (
        Envelope(
            id=raw.id,
            source=raw.source[1:],
            type=raw.type,
            subject=raw.subject,
            sequence=raw.sequence,
            time=raw.time,
            correlation=raw.correlationid,
        ),
        raw,
    )


def on_the_wire(body: bytes, sealed: bytes | None) -> bytes:
    """The message: the open envelope with the sealed part joined to it."""
    if sealed is None:
        return body
    return body[:-1] + b',"sealed":"' + sealed + b'"}'


def without_sealed(wire: bytes) -> bytes:
    """The open envelope of a message, as its source keeps it once the sealed part was erased."""
    return wire.split(b',"sealed":"', 1)[0] + b"}" if b',"sealed":"' in wire else wire


def open_fields(wire: bytes) -> dict[str, Any]:
    """The envelope as plain values, without its sealed part. Raises Malformed."""
    try:
        envelope = _from_json(wire)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise Malformed(str(problem)) from None
    if not isinstance(envelope, dict):
        raise Malformed("not an object")
    envelope.pop("sealed", None)
    return envelope
