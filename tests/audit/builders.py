"""Valid things for the tests of the memory: a service that tells events in its own chain, and logs of any size."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from services.audit import publish, reactions
from services.audit.publish import SignerLoop
from services.audit.reactions import Taken
from services.audit.tlog.note import Signer
from shared.bus import Message
from shared.db import Database
from shared.events import Sealed
from shared.events.base import Event, subject_of
from shared.events.codec import (
    ZERO,
    Codec,
    b64u,
    canonical,
    leaf_bytes,
    leaf_hash,
    on_the_wire,
    open_fields,
    signed_bytes,
)
from shared.events.intake import PetitionFiled
from shared.events.workflow import CaseAssigned, CaseProgressed
from shared.keys import KeyRing
from tests.support import NOON

ORIGIN = "test.example/log"


def petition_filed(petition_id: UUID | None = None, *, public_code: str | None = "7K3M-9HDX") -> PetitionFiled:
    return PetitionFiled(
        petition_id=petition_id or uuid4(),
        public_code=public_code,
        kind="report",
        topic="C01",
        ward="W01",
        language="vi",
        channel="web",
        party="individual",
        signature_status="none",
        attachment_count=0,
        received_at=NOON,
        code=Sealed("7K3M-9HDX"),
        title=Sealed(None),
        text=Sealed("Ổ gà lớn trước cổng trường, đường Nguyễn Huệ"),
        place=Sealed(None),
        position=Sealed(None),
        name=Sealed(None),
        phone=Sealed(None),
        email=Sealed(None),
        address=Sealed(None),
        attachments=Sealed(()),
    )


def case_assigned(petition_id: UUID | None = None, *, actor: str = "u:K9ra") -> CaseAssigned:
    subject = petition_id or uuid4()
    return CaseAssigned(petition_id=subject, case_id=subject, actor=actor, officer="u:7Qm4", unit="KCHT")


def case_progressed(petition_id: UUID | None = None) -> CaseProgressed:
    subject = petition_id or uuid4()
    return CaseProgressed(petition_id=subject, case_id=subject, actor="u:7Qm4", note=Sealed("Đã đặt cọc cảnh báo"))


@dataclass
class Teller:
    """A service that says things: numbers, chains and signs them as its relay would."""

    keys: KeyRing
    epoch: str = "e1"
    pos: int = 0
    head: bytes = ZERO
    sequences: dict[UUID, int] = field(default_factory=dict)
    at: datetime = NOON

    def tell(self, *events: Event) -> list[Message]:
        return [self._next(self._body(event)) for event in events]

    def tell_altered(self, event: Event, **data: Any) -> Message:
        """An event with other data than its class allows; well-formed and signed."""
        body, sealed = self._body(event)
        envelope = open_fields(body)
        envelope["data"] |= data
        return self._next((canonical(envelope), sealed))

    def tell_bytes(self, body: bytes) -> Message:
        return self._next((body, None))

    def body_of(self, event: Event) -> bytes:
        return self._body(event)[0]

    def fork(self) -> "Teller":
        """The same service, telling another story from here on."""
        return Teller(self.keys, self.epoch, self.pos, self.head, dict(self.sequences), self.at)

    def _body(self, event: Event) -> tuple[bytes, bytes | None]:
        subject = subject_of(event)
        self.sequences[subject] = self.sequences.get(subject, 0) + 1
        written = Codec(self.keys).write(
            event,
            event_id=uuid4(),
            sequence=self.sequences[subject],
            now=self.at,
            correlation=str(uuid4()),
            causation=None,
        )
        return written.body, written.sealed

    def _next(self, told: tuple[bytes, bytes | None]) -> Message:
        body, sealed = told
        source, prev = self.keys.service, self.head
        self.pos += 1
        self.head = leaf_hash(leaf_bytes(open_fields(body), pos=self.pos, prev=prev))
        return Message(
            body=on_the_wire(body, sealed),
            headers={
                "pos": self.pos,
                "epoch": self.epoch,
                "prev": b64u(prev),
                "sig": base64.b64encode(self.keys.sign(signed_bytes(source, self.head))).decode(),
                "kid": self.keys.kid(source),
            },
            routing_key=f"{source}.event",
            message_id=str(uuid4()),
        )


def many(teller: Teller, count: int) -> list[Message]:
    subject = uuid4()
    return teller.tell(*(case_assigned(subject) for _ in range(count)))


def append(database: Database, messages: Sequence[Message], *, keys: KeyRing) -> Taken:
    with database.writing() as tx:
        return reactions.append(tx, messages, keys=keys)


def with_headers(message: Message, **headers: Any) -> Message:
    return Message(message.body, dict(message.headers) | headers, message.routing_key, message.message_id)


def a_signer(database: Database, folder: Path) -> tuple[SignerLoop, Signer]:
    signer = publish.make_key(folder / "logkey", ORIGIN)
    return SignerLoop(database, signer, folder / "signer.json"), signer
