"""Signed notes: a text and who vouches for it. A checkpoint is a note that says how long a log is and what its root is.

Source: c2sp.org/signed-note, c2sp.org/tlog-checkpoint; RFC 8032 (Ed25519).
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from services.audit.tlog.tree import HASH

ED25519 = 1  # the kind of key that signs a log
MAX_NOTE = 64 * 1024  # bytes
_DASH = "\u2014"
_NAME = re.compile(r"[^\s+]+")
_SIZE = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)


class BadNote(Exception):
    """Not a signed note, or signed by nobody we know."""


class BadKey(Exception):
    """Not a verifier key as it is written down."""


@dataclass(frozen=True)
class Verifier:
    """The public key of a log, with the name that it signs in."""

    name: str
    key: bytes  # 32 bytes

    @property
    def short(self) -> bytes:
        """The four bytes by which a signature line names its key."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([ED25519]) + self.key).digest()[:4]

    @property
    def vkey(self) -> str:
        """As it is printed in a gazette or on a poster."""
        return f"{self.name}+{self.short.hex()}+{_b64(bytes([ED25519]) + self.key)}"

    def is_valid(self, text: bytes, signature: bytes) -> bool:
        try:
            VerifyKey(self.key).verify(text, signature)
        except (BadSignatureError, ValueError):
            return False
        return True

    @classmethod
    def read(cls, vkey: str) -> "Verifier":
        """Raises BadKey."""
        parts = vkey.strip().split("+", 2)
        if len(parts) != 3 or not _NAME.fullmatch(parts[0]):
            raise BadKey("a verifier key reads NAME+ID+KEY")
        raw = _bytes(parts[2], BadKey("the key is not base64"))
        verifier = cls(parts[0], raw[1:])
        if len(raw) != 33 or raw[0] != ED25519 or verifier.short.hex() != parts[1]:
            raise BadKey(f"the key of {parts[0]} is no Ed25519 key of a log, or its id does not fit")
        return verifier


@dataclass(frozen=True)
class Signer:
    """The private half. It signs in its name and shows itself in no repr."""

    name: str
    key: SigningKey

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise BadKey(f"a log's name has no blank and no plus sign: {self.name!r}")

    def __repr__(self) -> str:
        return f"Signer({self.name})"

    @property
    def verifier(self) -> Verifier:
        return Verifier(self.name, bytes(self.key.verify_key))

    def sign(self, text: str) -> str:
        """The note: the text, which ends with a newline, and one line of signature."""
        signature = self.key.sign(text.encode()).signature
        return f"{text}\n{_DASH} {self.name} {_b64(self.verifier.short + signature)}\n"


@dataclass(frozen=True)
class Checkpoint:
    """How long a log is and what its root is."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """Exactly three lines: some witnesses refuse more."""
        return f"{self.origin}\n{self.size}\n{_b64(self.root)}\n"


def open_note(note: str, verifier: Verifier) -> str:
    """The text of a note that this key signed. Raises BadNote.

    Lines of other keys are allowed and not looked at; a wrong signature in this key's name is not.
    """
    if len(note) > MAX_NOTE or any(letter < " " and letter != "\n" for letter in note):
        raise BadNote("too long, or not a text")
    text, blank, lines = note.rpartition("\n\n")
    if not blank or not text or not lines.endswith("\n"):
        raise BadNote("no text with signatures below it")
    text += "\n"
    is_signed = False
    for line in lines[:-1].split("\n"):
        name, signature = _read_line(line)
        if name == verifier.name and signature[:4] == verifier.short:
            if is_signed or not verifier.is_valid(text.encode(), signature[4:]):
                raise BadNote(f"the signature of {name} is wrong")
            is_signed = True
    if not is_signed:
        raise BadNote(f"{verifier.name} did not sign this")
    return text


def open_checkpoint(note: str, verifier: Verifier) -> Checkpoint:
    """What a checkpoint says, if this log's key signed it. Raises BadNote."""
    lines = open_note(note, verifier).split("\n")
    if len(lines) != 4 or lines[0] != verifier.name or not _SIZE.fullmatch(lines[1]):
        raise BadNote("a checkpoint is origin, size and root, and its origin is the key's name")
    root = _bytes(lines[2], BadNote("the root is not base64"))
    if len(root) != HASH:
        raise BadNote("the root is not a hash")
    return Checkpoint(lines[0], int(lines[1]), root)


def _read_line(line: str) -> tuple[str, bytes]:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != _DASH or not _NAME.fullmatch(parts[1]):
        raise BadNote("a line of signature reads — NAME SIGNATURE")
    signature = _bytes(parts[2], BadNote("a signature is not base64"))
    if len(signature) < 5:
        raise BadNote("a signature is too short")
    return parts[1], signature


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str, otherwise: Exception) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise otherwise from None
    if _b64(data) != text:  # one spelling only
        raise otherwise
    return data
