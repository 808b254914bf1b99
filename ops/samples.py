"""Sample petitions: reading files of their format, and refusing what is not of it by name."""

from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec


class BadSample(Exception):
    """A file of petitions is not of the format; the message names the petition and the key."""


class Petitioner(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who wrote, as typed."""

    party: str = "individual"
    name: str | None = None
    phone: str | None = None
    email: str | None = None
    address: str | None = None


class Files(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many files of a sort: photo, video, audio, document."""

    type: str
    count: int = 1


class Sample(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One petition, and what is expected of it."""

    id: str
    received_at: datetime
    body: str
    title: str | None = None
    channel: str = "web"
    language: str = "vi"
    signature_status: str = "none"
    petitioner: Petitioner = Petitioner()
    attachments: tuple[Files, ...] = ()
    expected: dict[str, Any] | None = None
    note: str | None = None


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    petitions: tuple[Sample, ...]
    petitioners: str | None = None
    as_of: str | None = None
    assumptions: tuple[str, ...] = ()


def read_samples(path: Path) -> tuple[Sample, ...]:
    """The petitions of a file, in its order. Raises BadSample."""
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise BadSample(f"{path}: {problem.strerror}") from None
    try:
        samples = msgspec.json.decode(content, type=_File).petitions
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise BadSample(f"{path}: {problem}") from None
    for sample in samples:
        if sample.received_at.tzinfo is None:
            raise BadSample(f"{path}: {sample.id}: received_at has no time zone")
    if len({sample.id for sample in samples}) < len(samples):
        raise BadSample(f"{path}: an id stands there twice")
    return samples
