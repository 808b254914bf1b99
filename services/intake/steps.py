"""Filing a petition: what the citizen's page, a program, the counter and a promise of a session have in common."""

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from services.intake import store
from services.intake.domain.code import new_code
from services.intake.domain.contact import normal_email, normal_phone
from services.intake.domain.petition import Kept, Petition, Phone
from services.intake.domain.secret import address_key, digits_check, hashed, link_token, pin_of
from services.intake.store import Filed
from shared.db import Transaction
from shared.events.base import Sealed
from shared.events.intake import Answered, Attachment, ContactGiven, PetitionFiled
from shared.ids import ordered_id


class KeyUsedBefore(Exception):
    """Another petition was sent under the same idempotency key."""


class NoCodeLeft(Exception):
    """Again and again a fresh code was taken: the random numbers of this machine are not random."""


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What the citizen holds at once."""

    filed: Filed
    token: str  # opens the petition: the link of the receipt
    is_new: bool  # False: it had been filed before, under the same key

    @property
    def pin(self) -> str | None:
        return pin_of(self.token) if self.filed.has_pin else None


@dataclass(frozen=True, kw_only=True)
class Stead:
    """Who wrote a petition down for its citizen, and when it came."""

    person: str  # u:…
    received_at: datetime  # never to come, and earlier than now only with a ground
    late_ground: str | None


def file_petition(
    tx: Transaction,
    *,
    sent: Petition,
    kept: Sequence[Kept],
    once: str,
    key: bytes,
    channel: str,
    stead: Stead | None = None,
    procedure: str | None = None,
    partner: str | None = None,
    petition_id: UUID | None = None,
    doubts: tuple[str, ...] = (),
) -> Receipt:
    """File a petition. Asked twice with the same `once`, it is filed once and both get the same receipt.

    `stead`: who wrote it down for the citizen; `petition_id`: its id, where the desk has named one beforehand;
    `procedure`: the code of the one whose page they came from; `partner`: of whose program sent it; `doubts`: why a
    person should look at it first.
    Raises KeyUsedBefore when something else was filed under this key.
    """
    token, fingerprint = link_token(key, once), _fingerprint(sent, kept)
    came_at = tx.now if stead is None else stead.received_at
    filed = _keep(
        tx,
        sent,
        petition_id=petition_id or uuid4(),
        once=once,
        token=token,
        fingerprint=fingerprint,
        key=key,
        channel=channel,
        received_at=came_at,
        is_doubted=bool(doubts),
    )
    if filed is None:
        before = store.petition_by_once(tx, once)
        if before is None:
            raise NoCodeLeft
        if before.fingerprint != fingerprint:
            raise KeyUsedBefore
        return Receipt(filed=before, token=token, is_new=False)

    tx.emit(_told(filed, sent, kept, stead, procedure, doubts, partner), event_id=filed.event_id)
    store.add_attachments(tx, filed.id, kept)
    if sent.told_by:
        tx.emit(_contact(filed, sent, token))
    return Receipt(filed=filed, token=token, is_new=True)


def _keep(
    tx: Transaction,
    sent: Petition,
    *,
    petition_id: UUID,
    once: str,
    token: str,
    fingerprint: bytes,
    key: bytes,
    channel: str,
    received_at: datetime,
    is_doubted: bool,
) -> Filed | None:
    """The petition, kept. None when the key, or five fresh codes in a row, were taken."""
    digits = sent.opening_digits or pin_of(token)
    keys = keys_of(key, sent.email, sent.phone)
    for _ in range(5):
        code = new_code(secrets.choice)
        filed = Filed(
            id=petition_id,
            once=once,
            fingerprint=fingerprint,
            code=code,
            token_hash=hashed(token),
            digits_check=digits_check(key, code, digits),
            has_pin=sent.opening_digits is None,
            is_bearer=sent.is_bearer,
            kind=sent.kind,
            topic=sent.topic,
            ward=sent.ward,
            language=sent.language,
            channel=channel,
            consents=sent.consents,
            received_at=received_at,
            event_id=ordered_id(),
            stage="received",
            unit=None,
            due_on=None,
            reply_by=None,
            round=0,
            is_rated=False,
            answered_at=None,
            consultation_id=sent.consultation_id,
            is_doubted=is_doubted,
            signature_status=sent.signature_status,
        )
        if store.add_petition(tx, filed, sent, **keys):
            return filed
        if store.petition_by_once(tx, once) is not None:
            return None
    return None


def keys_of(key: bytes, email: str | None, phone: Phone | None) -> dict[str, bytes | None]:
    """What a petition is found by, of its addresses."""
    return {
        "email_key": address_key(key, normal_email(email)) if email else None,
        "phone_key": address_key(key, normal_phone(phone)) if phone else None,
    }


def _fingerprint(sent: Petition, kept: Sequence[Kept]) -> bytes:
    """What tells two petitions apart: every word, and every file."""
    phone = sent.phone.typed if sent.phone else None
    words = [sent.kind, sent.topic, sent.title, sent.text, sent.place, sent.ward, sent.position, sent.party]
    contact = [sent.name, phone, sent.email, sent.address, list(sent.consents), sent.language]
    more = [sent.organisation, [[one.code, one.raw] for one in sent.answers]]
    said = [words, contact, [one.sha256 for one in kept]]
    whole = json.dumps([*said, more] if any(more) else said, ensure_ascii=False)
    return hashlib.sha256(whole.encode()).digest()


def _told(
    filed: Filed,
    sent: Petition,
    kept: Sequence[Kept],
    stead: Stead | None,
    procedure: str | None,
    doubts: tuple[str, ...],
    partner: str | None,
) -> PetitionFiled:
    return PetitionFiled(
        petition_id=filed.id,
        public_code=None if filed.is_bearer else filed.code,
        kind=sent.kind,
        topic=sent.topic,
        ward=sent.ward,
        language=sent.language,
        channel=filed.channel,
        party=sent.party,
        signature_status=sent.signature_status,
        attachment_count=len(kept),
        received_at=filed.received_at,
        is_nfd=sent.is_nfd,
        entered_by=None if stead is None else stead.person,
        late_ground=None if stead is None else stead.late_ground,
        consultation_id=sent.consultation_id,
        procedure=procedure,
        doubts=doubts,
        may_publish="publish" in sent.consents and not sent.is_bearer,
        partner=partner,
        code=Sealed(filed.code),
        title=Sealed(sent.title),
        text=Sealed(sent.text),
        place=Sealed(sent.place),
        position=Sealed(sent.position),
        name=Sealed(sent.name),
        phone=Sealed(sent.phone.typed if sent.phone else None),
        email=Sealed(sent.email),
        address=Sealed(sent.address),
        attachments=Sealed(attachments_of(kept)),
        organisation=Sealed(sent.organisation),
        answers=Sealed(tuple(Answered(**vars(one)) for one in sent.answers)),
    )


def _contact(filed: Filed, sent: Petition, token: str) -> ContactGiven:
    by_sms = "sms" in sent.told_by and sent.phone is not None
    return ContactGiven(
        petition_id=filed.id,
        language=sent.language,
        channels=sent.told_by,
        code=Sealed(filed.code),
        email=Sealed(sent.email),
        mobile=Sealed(sent.phone.mobile if by_sms and sent.phone else None),
        name=Sealed(sent.name),
        link_token=Sealed(token),
    )


def attachments_of(kept: Sequence[Kept]) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(id=one.id, media_type=one.media_type, size_bytes=one.size_bytes, sha256=one.sha256) for one in kept
    )
