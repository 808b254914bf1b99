"""Drafts between the form and the sending: kept locked, with a key that only the citizen's browser has, for one day.

So the server holds no word of a petition that was never sent: a denunciation thought over and left unsaid stays unsaid.
"""

import base64
import binascii
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from services.intake.domain.petition import Kept


@dataclass(frozen=True)
class DraftKey:
    """What the browser keeps: which draft, and the key to it."""

    id: UUID
    key: bytes

    @classmethod
    def fresh(cls) -> "DraftKey":
        return cls(uuid4(), secrets.token_bytes(SecretBox.KEY_SIZE))

    @classmethod
    def read(cls, cookie: str) -> "DraftKey | None":
        """The key in a cookie; None when it is none of ours."""
        name, _, key = cookie.partition(".")
        try:
            found = cls(UUID(name), base64.urlsafe_b64decode(key + "=" * (-len(key) % 4)))
        except (ValueError, binascii.Error):
            return None
        return found if len(found.key) == SecretBox.KEY_SIZE else None

    def write(self) -> str:
        return f"{self.id}.{base64.urlsafe_b64encode(self.key).rstrip(b'=').decode()}"

    @property
    def once(self) -> str:
        """The idempotency key of the petition that this draft becomes."""
        return f"web:{self.id}"


@dataclass(frozen=True)
class DraftFile:
    """A file of a draft, with the name its owner knows it by."""

    kept: Kept
    name: str
    field: str = "files"  # of the form: files, or letter for the signed letter


@dataclass(frozen=True)
class Draft:
    """What was typed so far, right or wrong, and the files that were accepted."""

    typed: Mapping[str, str] = field(default_factory=dict)
    files: tuple[DraftFile, ...] = ()

    def files_for(self, field: str) -> tuple[DraftFile, ...]:
        return tuple(one for one in self.files if one.field == field)

    def without(self, file_ids: set[str]) -> "Draft":
        return replace(self, files=tuple(one for one in self.files if str(one.kept.id) not in file_ids))

    def lock(self, key: bytes) -> bytes:
        files = [
            [
                str(f.kept.id),
                f.kept.media_type,
                f.kept.size_bytes,
                f.kept.sha256,
                f.name,
                f.kept.is_waiting,
                f.field,
                f.kept.had_position,
            ]
            for f in self.files
        ]
        # A lone half of an emoji is refused by the rules, but must survive until they say so.
        return SecretBox(key).encrypt(json.dumps({"typed": dict(self.typed), "files": files}).encode())

    @classmethod
    def unlock(cls, locked: bytes, key: bytes) -> "Draft | None":
        """The draft; None when the key does not fit."""
        try:
            found = json.loads(SecretBox(key).decrypt(locked))
        except (CryptoError, ValueError):
            return None
        files = tuple(
            DraftFile(
                Kept(
                    id=UUID(id_),
                    media_type=media_type,
                    size_bytes=size,
                    sha256=sha256,
                    is_waiting=is_waiting,
                    had_position=any(more),  # a draft from before this was known says nothing
                ),
                name,
                field,
            )
            for id_, media_type, size, sha256, name, is_waiting, field, *more in found["files"]
        )
        return cls(found["typed"], files)
