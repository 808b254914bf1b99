"""Proof of work instead of a riddle of pictures: the browser computes for a second what we check at once. And a plain
question, for who cannot compute it.

Source: ALTCHA, protocol version 2, PBKDF2 with a counter that is known here.
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import altcha

from services.intake import store
from shared.db import Transaction

ALGORITHM = "PBKDF2/SHA-256"
COUNTERS = range(16, 144)
"""Among so many keys the browser looks for the right one: 80 on the average, never none."""
PROOF_LIVES = timedelta(hours=2)
LONGEST = 4000  # characters of what a browser sends as proof
SMALL = range(2, 10)  # the numbers of plain questions
OLDEST_STAMP = timedelta(days=30)  # forms are opened offline too: an old one says nothing bad


@dataclass(frozen=True)
class Riddle:
    """A plain question: two small numbers to add. Answered rightly it counts once."""

    first: int
    second: int
    until: int  # seconds since 1970
    nonce: str

    def is_answer(self, typed: str) -> bool:
        return typed.strip().isdecimal() and len(typed.strip()) <= 3 and int(typed) == self.first + self.second


@dataclass(frozen=True)
class Prover:
    """Gives out challenges and questions, and knows what became of them."""

    key: bytes = field(repr=False)
    cost: int  # iterations for one key; 0: no work is asked for

    def challenge(self, now: datetime) -> dict[str, Any]:
        """Work for a browser, signed."""
        made = altcha.create_challenge(
            ALGORITHM,
            self.cost,
            counter=COUNTERS.start + secrets.randbelow(len(COUNTERS)),
            data={"until": int((now + PROOF_LIVES).timestamp())},
            hmac_secret=self._secret("challenge"),
            hmac_key_secret=self._secret("solution"),
        )
        return made.to_dict()

    def spend(self, tx: Transaction, proof: str) -> bool:
        """Whether work was done for this, for the first time and lately."""
        if not self.cost or not proof or len(proof) > LONGEST or not proof.isascii():
            return False
        checked = altcha.verify_solution(proof, self._secret("challenge"), hmac_key_secret=self._secret("solution"))
        if not checked.verified:
            return False
        challenge = json.loads(base64.b64decode(proof))["challenge"]
        until = datetime.fromtimestamp(challenge["parameters"]["data"]["until"], UTC)
        return self._spend_once(tx, challenge["signature"].lower(), until)

    # ---- the plain question

    def riddle(self, now: datetime) -> Riddle:
        until = int((now + PROOF_LIVES).timestamp())
        return Riddle(secrets.choice(SMALL), secrets.choice(SMALL), until, secrets.token_hex(8))

    def seal(self, riddle: Riddle) -> str:
        """The question as a form carries it: nobody else can make one."""
        said = f"{riddle.first}-{riddle.second}-{riddle.until}-{riddle.nonce}"
        return f"{said}-{self._mark('riddle', said)}"

    def unseal(self, sealed: str) -> Riddle | None:
        """The question that was asked; None when it is none of ours."""
        said, _, mark = sealed.rpartition("-")
        if not sealed.isascii() or not hmac.compare_digest(mark, self._mark("riddle", said)):
            return None
        first, second, until, nonce = said.split("-")
        return Riddle(int(first), int(second), int(until), nonce)

    def answered(self, tx: Transaction, sealed: str, typed: str) -> bool:
        """Whether a question of ours was answered rightly, for the first time and lately."""
        riddle = self.unseal(sealed)
        if riddle is None or not riddle.is_answer(typed):
            return False
        return self._spend_once(tx, sealed, datetime.fromtimestamp(riddle.until, UTC))

    # ---- when a form was opened

    def stamp(self, now: datetime) -> str:
        """The instant as a form carries it."""
        said = str(int(now.timestamp()))
        return f"{said}-{self._mark('began', said)}"

    def seconds_since(self, stamp: str, now: datetime) -> float | None:
        """Seconds since a form of ours was opened; None when that is not known."""
        said, _, mark = stamp.partition("-")
        if not stamp.isascii() or not hmac.compare_digest(mark, self._mark("began", said)):
            return None
        passed = now.timestamp() - int(said)
        return passed if 0 <= passed <= OLDEST_STAMP.total_seconds() else None

    def blurred(self, *words: str) -> str:
        """Words as a counter may keep them: alike for the same ones, and nothing can be read from it."""
        return self._mark("words", "\0".join(words))

    def _spend_once(self, tx: Transaction, name: str, until: datetime) -> bool:
        if until <= tx.now:
            return False
        return store.spend_proof(tx, hashlib.sha256(name.encode()).digest(), expires_at=until)

    def _secret(self, use: str) -> bytes:
        return hmac.digest(self.key, f"proof/{use}".encode(), "sha256")

    def _mark(self, use: str, said: str) -> str:
        return hmac.digest(self._secret(use), said.encode("utf-8", "surrogatepass"), "sha256").hex()[:32]


NUMBERS: Mapping[str, tuple[str, ...]] = {
    "vi": ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"),
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
}
