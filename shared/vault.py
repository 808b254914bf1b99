"""What a service keeps locked: AES-256-GCM under one key for each petition, itself wrapped by a key of this ring.

Whoever has the database alone reads nothing, and whoever destroys the wrapped key of a petition has erased all that
was locked under it, in backups too. Source: NIST SP 800-38D (GCM), SP 800-57 part 1 (keys that wrap keys).
"""

import base64
import hashlib
import json
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES, NONCE_BYTES = 32, 12


class BadVault(Exception):
    """The file of the wrapping keys is missing, unreadable or malformed."""


class CannotUnlock(Exception):
    """A box was locked under another key, for another thing, or was damaged."""


def fresh_key() -> bytes:
    return AESGCM.generate_key(256)


def lock(key: bytes, data: bytes, *, about: bytes) -> bytes:
    """Nonce and ciphertext. `about` is what the box belongs to: moved to another place it opens no more."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, data, about)


def unlock(key: bytes, box: bytes, *, about: bytes) -> bytes:
    """Raises CannotUnlock."""
    try:
        return AESGCM(key).decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], about)
    except (InvalidTag, ValueError):
        raise CannotUnlock("the box does not open with this key") from None


def kid_of(key: bytes) -> str:
    """The short name of a wrapping key: 8 hexadecimal digits."""
    return hashlib.sha256(key).hexdigest()[:8]


class Vault:
    """The wrapping keys of a service. The first of its file wraps, all of them unwrap."""

    def __init__(self, file: Path) -> None:
        """Raises BadVault."""
        self.file = file
        self._keys = _read(file)

    @property
    def current(self) -> str:
        """The name of the key that wraps now."""
        return next(iter(self._keys))

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._keys)

    def wrap(self, key: bytes, *, about: bytes) -> tuple[str, bytes]:
        """The name of the wrapping key, and the wrapped key."""
        return self.current, lock(self._keys[self.current], key, about=about)

    def unwrap(self, kid: str, wrapped: bytes, *, about: bytes) -> bytes:
        """The key of a petition. A key that came into the file since is found. Raises CannotUnlock."""
        if kid not in self._keys:
            self._keys = _read(self.file)
        if kid not in self._keys:
            raise CannotUnlock(f"the wrapping key {kid} is not in {self.file.name}")
        return unlock(self._keys[kid], wrapped, about=about)

    def add_key(self) -> str:
        """Put a fresh key first: it wraps from now on. The older ones stay until nothing needs them."""
        fresh = fresh_key()
        self._keep({kid_of(fresh): fresh} | self._keys)
        return self.current

    def drop_old_keys(self) -> int:
        """Forget all keys but the one that wraps. How many there were."""
        old = len(self._keys) - 1
        self._keep({self.current: self._keys[self.current]})
        return old

    def _keep(self, keys: dict[str, bytes]) -> None:
        _write(self.file, list(keys.values()))
        self._keys = keys


def make_vault(file: Path) -> None:
    """Make the first wrapping key, unless there is one."""
    if not file.exists():
        _write(file, [fresh_key()])


def _read(file: Path) -> dict[str, bytes]:
    try:
        keys = [base64.b64decode(written, validate=True) for written in json.loads(file.read_text())["keys"]]
    except OSError as problem:
        raise BadVault(f"{file}: {problem.strerror}") from None
    except (KeyError, TypeError, ValueError) as problem:
        raise BadVault(f"{file} is malformed ({problem})") from None
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise BadVault(f"{file} is malformed (it must hold keys of {KEY_BYTES} bytes)")
    return {kid_of(key): key for key in keys}


def _write(file: Path, keys: list[bytes]) -> None:
    fresh = file.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump({"keys": [base64.b64encode(key).decode() for key in keys]}, out, indent=1)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)
