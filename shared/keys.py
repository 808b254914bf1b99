"""The keys of the services: each signs what it says (Ed25519) and opens what was sealed for it (X25519)."""

import base64
import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from nacl.exceptions import BadSignatureError, CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.signing import SigningKey, VerifyKey

from shared.vault import BadVault, Vault, make_vault

KEEPERS = ("workflow",)
"""Who keeps something locked in its database, and so has a vault on its ring."""


class BadKeys(Exception):
    """The folder of keys is missing, unreadable or incomplete."""


class CannotOpen(Exception):
    """A sealed box was not made for our key, or was damaged."""


@dataclass(frozen=True)
class KeyRing:
    """A service's own private keys and everybody's public ones."""

    service: str
    signing: SigningKey
    opening: PrivateKey
    verifying: dict[str, VerifyKey]
    sealing: dict[str, SealedBox[PublicKey]]
    vault_file: Path

    @cached_property
    def vault(self) -> Vault:
        """What this service keeps locked in its database. Raises BadKeys."""
        try:
            return Vault(self.vault_file)
        except BadVault as problem:
            raise BadKeys(
                f"KEYS_DIR: {problem}; what was locked under a lost key stays locked: bring the file back, "
                "see Keys in docs/operating.md"
            ) from None

    def sign(self, data: bytes) -> bytes:
        """64 bytes. Source: RFC 8032."""
        return self.signing.sign(data).signature

    def verify(self, service: str, data: bytes, signature: bytes) -> bool:
        key = self.verifying.get(service)
        if key is None:
            return False
        try:
            key.verify(data, signature)
        except (BadSignatureError, ValueError):
            return False
        return True

    def kid(self, service: str) -> str:
        """The short name of a service's public signing key: 8 hexadecimal digits."""
        return hashlib.sha256(bytes(self.verifying[service])).hexdigest()[:8]

    def seal(self, service: str, data: bytes) -> bytes:
        """What only that service can open. Source: libsodium sealed boxes."""
        return self.sealing[service].encrypt(data)

    def open(self, box: bytes) -> bytes:
        """Raises CannotOpen."""
        try:
            return SealedBox(self.opening).decrypt(box)
        except (CryptoError, ValueError, TypeError) as problem:
            raise CannotOpen(str(problem)) from None

    @classmethod
    def load(cls, folder: Path, service: str) -> "KeyRing":
        """Raises BadKeys when a file is missing or malformed."""
        try:
            public = json.loads((folder / "public.json").read_text())
            private = json.loads((folder / f"{service}.json").read_text())
            return cls(
                service=service,
                signing=SigningKey(base64.b64decode(private["sign"])),
                opening=PrivateKey(base64.b64decode(private["seal"])),
                verifying={name: VerifyKey(base64.b64decode(pair["sign"])) for name, pair in public.items()},
                sealing={name: SealedBox(PublicKey(base64.b64decode(pair["seal"]))) for name, pair in public.items()},
                vault_file=vault_file(folder, service),
            )
        except OSError as problem:
            raise BadKeys(
                f"KEYS_DIR: {problem.filename}: {problem.strerror}; `make run` and `make up` make the keys "
                "by themselves, see Keys in docs/operating.md"
            ) from None
        except (KeyError, ValueError, CryptoError, TypeError) as problem:
            raise BadKeys(f"KEYS_DIR: a key in {folder} is malformed ({problem})") from None


def vault_file(folder: Path, service: str) -> Path:
    return folder / f"{service}.vault.json"


def generate(folder: Path, services: Iterable[str]) -> None:
    """Make the keys that are missing; those that are there stay."""
    folder.mkdir(parents=True, exist_ok=True)
    public_file = folder / "public.json"
    public = json.loads(public_file.read_text()) if public_file.exists() else {}
    for service in services:
        if service in KEEPERS:
            make_vault(vault_file(folder, service))
        if service in public:
            continue
        signing, opening = SigningKey.generate(), PrivateKey.generate()
        _write(folder / f"{service}.json", {"sign": _b64(bytes(signing)), "seal": _b64(bytes(opening))}, mode=0o600)
        public[service] = {"sign": _b64(bytes(signing.verify_key)), "seal": _b64(bytes(opening.public_key))}
    _write(public_file, public, mode=0o644)


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _write(path: Path, content: dict[str, object], *, mode: int) -> None:
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as file:
        json.dump(content, file, indent=1, sort_keys=True)
    fresh.replace(path)
