"""What citizens may ask of the door: to file a petition, to add to it, to judge the answer and what it promised, to
have it looked at again, to be let in by code and digits."""

import hashlib
import json
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from services.intake import store
from services.intake.domain.after import asked_promise, reopenable
from services.intake.domain.code import CodeMistyped, new_code, parse_code
from services.intake.domain.parts import OVER
from services.intake.domain.petition import Kept, Petition
from services.intake.domain.secret import PIN_DIGITS, digits_check, hashed, is_same, link_token, pin_of
from services.intake.store import Filed
from shared.db import Reading, Transaction
from shared.events.base import Sealed
from shared.events.intake import (
    Attachment,
    ContactGiven,
    PetitionFiled,
    PetitionPromiseJudged,
    PetitionRated,
    PetitionReopenRequested,
    PetitionSupplemented,
    ReadersCounted,
)
from shared.ids import ordered_id

DRAFT_LIVES = timedelta(hours=24)
TRIES_WINDOW = timedelta(hours=1)
TRIES_AT_MOST = 10
RATE_WITHIN = timedelta(days=30)
SUPPLEMENTS_AT_MOST = 20
SCORES = range(1, 6)


class KeyUsedBefore(Exception):
    """Another petition was sent under the same idempotency key."""


class NoCodeLeft(Exception):
    """Again and again a fresh code was taken: the random numbers of this machine are not random."""


class NotToBeFound(Exception):
    """Code and digits do not open a petition. The same words whether the code, the digits or both are wrong."""


class TooManyTries(Exception):
    """This code was tried with wrong digits too often; it rests for an hour."""


class SupplementRefused(Exception):
    """Nothing can be added to this petition any more."""


class RatingRefused(Exception):
    """There is no answer to judge, or the time for it is over."""


class RatedBefore(Exception):
    """This answer was judged already."""


class ReopeningRefused(Exception):
    """There is no answer that can be looked at again: none was given, the time is over, or it was asked for before."""


class PromiseNotAsked(Exception):
    """Nobody waits for a word on a promise: none was asked about, it was said already, or the time is over."""


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
) -> Receipt:
    """File a petition. Asked twice with the same `once`, it is filed once and both get the same receipt.

    `stead`: who wrote it down for the citizen. Raises KeyUsedBefore when something else was filed under this key.
    """
    token, fingerprint = link_token(key, once), _fingerprint(sent, kept)
    came_at = tx.now if stead is None else stead.received_at
    filed = _keep(
        tx, sent, once=once, token=token, fingerprint=fingerprint, key=key, channel=channel, received_at=came_at
    )
    if filed is None:
        before = store.petition_by_once(tx, once)
        if before is None:
            raise NoCodeLeft
        if before.fingerprint != fingerprint:
            raise KeyUsedBefore
        return Receipt(filed=before, token=token, is_new=False)

    tx.emit(_told(filed, sent, kept, stead), event_id=filed.event_id)
    store.add_attachments(tx, filed.id, kept)
    if sent.told_by:
        tx.emit(_contact(filed, sent, token))
    return Receipt(filed=filed, token=token, is_new=True)


def receipt_again(tx: Reading, *, once: str, key: bytes) -> Receipt | None:
    """The receipt of what was filed under this key, if anything was."""
    before = store.petition_by_once(tx, once)
    if before is None:
        return None
    return Receipt(filed=before, token=link_token(key, once), is_new=False)


def supplement_petition(tx: Transaction, *, petition_id: UUID, text: str, kept: Sequence[Kept], once: str) -> bool:
    """Add words or files of the citizen. False when this was sent before. Raises SupplementRefused."""
    filed = store.petition_of(tx, petition_id)
    if filed is None or filed.stage in OVER or store.count_supplements(tx, petition_id) >= SUPPLEMENTS_AT_MOST:
        raise SupplementRefused
    if not store.add_supplement(tx, supplement_id=uuid4(), petition_id=petition_id, once=once):
        return False

    store.add_attachments(tx, petition_id, kept, after=len(store.attachments_of(tx, petition_id)))
    store.add_entry(
        tx, petition_id, "supplemented", at=tx.now, facts={"files": len(kept)}, words={"text": text} if text else {}
    )
    if filed.reply_by is not None:
        store.move_case(tx, petition_id, reply_by=None, stage="assigned")
    tx.emit(
        PetitionSupplemented(
            petition_id=petition_id,
            attachment_count=len(kept),
            text=Sealed(text or None),
            attachments=Sealed(_attachments(kept)),
        )
    )
    return True


def rate_petition(tx: Transaction, *, petition_id: UUID, score: int, words: str) -> None:
    """Judge the last answer, once. Raises RatingRefused, RatedBefore."""
    filed = store.petition_of(tx, petition_id)
    if filed is None or not can_be_rated(tx, filed) or score not in SCORES:
        raise RatingRefused
    if not store.add_rating(tx, petition_id, filed.round):
        raise RatedBefore
    tx.emit(PetitionRated(petition_id=petition_id, round=filed.round, score=Sealed(score), words=Sealed(words or None)))


def can_be_rated(tx: Reading, filed: Filed) -> bool:
    """Whether its last answer asks for a judgement and is not older than thirty days."""
    return filed.is_rated and filed.answered_at is not None and tx.now - filed.answered_at <= RATE_WITHIN


def ask_reopening(tx: Transaction, *, petition_id: UUID, case_id: UUID | None = None, reason: str, today: date) -> None:
    """Ask to look again at the last answer, or at that to this one of several matters; once for each answer.

    Raises ReopeningRefused.
    """
    store.hold(tx, petition_id)
    answers = reopenable(store.story_of(tx, petition_id), today)
    answer = next((one for one in answers if case_id in {None, one.case_id}), None)
    if answer is None:
        raise ReopeningRefused
    round_ = int(answer.facts["round"])
    store.add_entry(
        tx,
        petition_id,
        "reopen_requested",
        at=tx.now,
        facts={"round": round_},
        words={"reason": reason},
        case_id=answer.case_id,
    )
    tx.emit(
        PetitionReopenRequested(petition_id=petition_id, case_id=answer.case_id, round=round_, reason=Sealed(reason))
    )


def judge_promise(tx: Transaction, *, petition_id: UUID, is_done: bool, words: str, today: date) -> None:
    """Say whether what was promised has been done. Raises PromiseNotAsked."""
    store.hold(tx, petition_id)
    asked = asked_promise(store.story_of(tx, petition_id), today)
    if asked is None:
        raise PromiseNotAsked
    promise_id = asked.facts["promise_id"]
    store.add_entry(
        tx,
        petition_id,
        "promise_judged",
        at=tx.now,
        facts={"promise_id": promise_id, "is_done": is_done},
        words={"words": words} if words else {},
        case_id=asked.case_id,
    )
    tx.emit(
        PetitionPromiseJudged(
            petition_id=petition_id, promise_id=UUID(promise_id), is_done=is_done, words=Sealed(words or None)
        )
    )


def count_opening(tx: Transaction, publication_id: UUID, *, today: date) -> None:
    """Somebody opened the page of a publication; nobody keeps who."""
    store.count_reader(tx, publication_id, today, opened=1)


def count_petition(tx: Transaction, receipt: Receipt, *, number: str, today: date) -> None:
    """A petition began on the page of a publication. Of kinds whose senders are protected none is counted."""
    read = (
        store.publication_by_number(tx, number) if number and receipt.is_new and not receipt.filed.is_bearer else None
    )
    if read is not None and read.reason is None:
        store.count_reader(tx, read.id, today, petitions=1)


def tell_readers(tx: Transaction, *, today: date) -> int:
    """Tell the desk how often its publications were opened on the days that are over; how many counts were told."""
    taken = store.take_untold_readers(tx, before=today)
    for one in taken:
        tx.emit(
            ReadersCounted(
                publication_id=one.publication_id, on_day=one.on_day, opened=one.opened, petitions=one.petitions
            )
        )
    return len(taken)


def find_petition(tx: Reading, *, code: str, digits: str, key: bytes) -> Filed:
    """The petition that code and digits open. Raises NotToBeFound, TooManyTries, CodeMistyped."""
    plain = parse_code(code)
    if store.count_tries(tx, plain, window=TRIES_WINDOW) >= TRIES_AT_MOST:
        raise TooManyTries
    filed = store.petition_by_code(tx, plain)
    typed = "".join(c for c in unicodedata.normalize("NFKC", digits) if c.isdecimal())
    shown = digits_check(
        key, plain, typed[-4:] if len(typed) > PIN_DIGITS else typed
    )  # a whole number ends in its last four
    if not is_same(filed.digits_check if filed else None, shown) or filed is None:
        raise NotToBeFound
    return filed


def note_wrong_try(tx: Transaction, code: str) -> None:
    """Remember that wrong digits were shown with a code."""
    try:
        store.add_try(tx, parse_code(code), window=TRIES_WINDOW)
    except CodeMistyped:
        return


def _keep(
    tx: Transaction,
    sent: Petition,
    *,
    once: str,
    token: str,
    fingerprint: bytes,
    key: bytes,
    channel: str,
    received_at: datetime,
) -> Filed | None:
    """The petition, kept. None when the key, or five fresh codes in a row, were taken."""
    digits = sent.opening_digits or pin_of(token)
    for _ in range(5):
        code = new_code(secrets.choice)
        filed = Filed(
            id=uuid4(),
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
        )
        if store.add_petition(tx, filed, sent):
            return filed
        if store.petition_by_once(tx, once) is not None:
            return None
    return None


def _fingerprint(sent: Petition, kept: Sequence[Kept]) -> bytes:
    """What tells two petitions apart: every word, and every file."""
    phone = sent.phone.typed if sent.phone else None
    words = [sent.kind, sent.topic, sent.title, sent.text, sent.place, sent.ward, sent.position, sent.party]
    contact = [sent.name, phone, sent.email, sent.address, list(sent.consents), sent.language]
    whole = json.dumps([words, contact, [one.sha256 for one in kept]], ensure_ascii=False)
    return hashlib.sha256(whole.encode()).digest()


def _told(filed: Filed, sent: Petition, kept: Sequence[Kept], stead: Stead | None) -> PetitionFiled:
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
        code=Sealed(filed.code),
        title=Sealed(sent.title),
        text=Sealed(sent.text),
        place=Sealed(sent.place),
        position=Sealed(sent.position),
        name=Sealed(sent.name),
        phone=Sealed(sent.phone.typed if sent.phone else None),
        email=Sealed(sent.email),
        address=Sealed(sent.address),
        attachments=Sealed(_attachments(kept)),
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


def _attachments(kept: Sequence[Kept]) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(id=one.id, media_type=one.media_type, size_bytes=one.size_bytes, sha256=one.sha256) for one in kept
    )
