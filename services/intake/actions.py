"""What citizens may ask of the door: to file a petition, to add to it, to judge the answer and what it promised, to
have it looked at again, to be let in by code and digits."""

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

from services.intake import store
from services.intake.domain.after import asked_promise, reopenable
from services.intake.domain.code import CodeMistyped, parse_code
from services.intake.domain.consultation import Consultation, ConsultationNotOpen
from services.intake.domain.dialogue import Registered, Registration
from services.intake.domain.parts import OVER
from services.intake.domain.petition import Kept, Petition
from services.intake.domain.rating import Rating
from services.intake.domain.secret import PIN_DIGITS, digits_check, hashed, is_same, link_token
from services.intake.steps import Receipt, Stead, attachments_of, file_petition
from services.intake.store import Filed
from shared.db import Reading, Transaction
from shared.events.base import Sealed
from shared.events.intake import (
    DialogueJoined,
    DialogueLeft,
    PetitionPromiseJudged,
    PetitionRated,
    PetitionReopenRequested,
    PetitionSupplemented,
    ReadersCounted,
)

DRAFT_LIVES = timedelta(hours=24)
TRIES_WINDOW = timedelta(hours=1)
TRIES_AT_MOST = 10
RATE_WITHIN = timedelta(days=30)
SUPPLEMENTS_AT_MOST = 20
SIGNED_BY_HAND = "Đơn đã ký: bản chụp hoặc bản quét kèm theo."
SIGNED_DIGITALLY = "Đơn đã ký: tệp PDF kèm theo có chữ ký số, chưa kiểm tra chữ ký."


class NotToBeFound(Exception):
    """Code and digits do not open a petition. The same words whether the code, the digits or both are wrong."""


class TooManyTries(Exception):
    """This code was tried with wrong digits too often; it rests for an hour."""


class SessionClosed(Exception):
    """The session is over, was called off, or is none: nobody can register for it or cancel."""


class SessionFull(Exception):
    """All seats of the session are taken."""


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


def file_comment(
    tx: Transaction,
    *,
    draft: Consultation,
    sent: Petition,
    once: str,
    key: bytes,
    today: date,
    channel: str = "web",
    stead: Stead | None = None,
) -> Receipt:
    """File a comment on a draft: a petition that names it. Sent again under the same `once` it has the same receipt,
    also when the draft was closed in between.

    Raises ConsultationNotOpen, KeyUsedBefore.
    """
    if draft.stands_on(today) != "open" and store.petition_by_once(tx, once) is None:
        raise ConsultationNotOpen
    comment = replace(sent, consultation_id=draft.id)
    return file_petition(tx, sent=comment, kept=(), once=once, key=key, channel=channel, stead=stead)


def receipt_again(tx: Reading, *, once: str, key: bytes) -> Receipt | None:
    """The receipt of what was filed under this key, if anything was."""
    before = store.petition_by_once(tx, once)
    if before is None:
        return None
    return Receipt(filed=before, token=link_token(key, once), is_new=False)


def supplement_petition(
    tx: Transaction, *, petition_id: UUID, text: str, kept: Sequence[Kept], once: str, is_reply: bool = True
) -> bool:
    """Add words or files of the citizen. False when this was sent before. Raises SupplementRefused.

    `is_reply` False: a program brings it, and what the citizen was asked is not answered by it.
    """
    filed = store.petition_of(tx, petition_id)
    if filed is None or filed.stage in OVER or store.count_supplements(tx, petition_id) >= SUPPLEMENTS_AT_MOST:
        raise SupplementRefused
    if not store.add_supplement(tx, supplement_id=uuid4(), petition_id=petition_id, once=once):
        return False

    store.add_attachments(tx, petition_id, kept, after=len(store.attachments_of(tx, petition_id)))
    store.add_entry(
        tx, petition_id, "supplemented", at=tx.now, facts={"files": len(kept)}, words={"text": text} if text else {}
    )
    if filed.reply_by is not None and is_reply:
        store.move_case(tx, petition_id, reply_by=None, stage="assigned")
    tx.emit(
        PetitionSupplemented(
            petition_id=petition_id,
            attachment_count=len(kept),
            is_reply=is_reply,
            text=Sealed(text or None),
            attachments=Sealed(attachments_of(kept)),
        )
    )
    return True


def send_signed_letter(
    tx: Transaction, *, petition_id: UUID, is_digital: bool, kept: Sequence[Kept], once: str
) -> bool:
    """Add the signed letter that was missing. The desk verifies it and says from when on the time runs.

    False when this was sent before. Raises SupplementRefused.
    """
    text = SIGNED_DIGITALLY if is_digital else SIGNED_BY_HAND
    if not supplement_petition(tx, petition_id=petition_id, text=text, kept=kept, once=once):
        return False
    store.note_signature(tx, petition_id, "digital" if is_digital else "scanned")
    return True


def rate_petition(tx: Transaction, *, petition_id: UUID, rating: Rating, low: int) -> None:
    """Judge the last answer, once. Of a mark up to `low` the head of the unit learns that it was a low one, unless the
    citizen does not want it. Raises RatingRefused, RatedBefore.
    """
    filed = store.petition_of(tx, petition_id)
    if filed is None or not can_be_rated(tx, filed):
        raise RatingRefused
    if not store.add_rating(tx, petition_id, filed.round):
        raise RatedBefore
    t1, t2, t3, t4 = (Sealed(rating.aspects.get(code)) for code in ("T1", "T2", "T3", "T4"))
    tx.emit(
        PetitionRated(
            petition_id=petition_id,
            round=filed.round,
            score=Sealed(rating.score),
            words=Sealed(rating.words or None),
            t1=t1,
            t2=t2,
            t3=t3,
            t4=t4,
            is_for_head=Sealed(rating.score <= low and not rating.is_kept_from_head),
        )
    )


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


# ---- sessions


def join_session(
    tx: Transaction, *, session_id: UUID, coming: Registration, language: str, once: str, key: bytes
) -> str:
    """Register for a session; returns the secret of the registration. Asked twice with the same `once`, once.

    Raises SessionClosed when it is not to come any more, SessionFull when all seats are taken.
    """
    token = link_token(key, f"session:{once}")
    if store.registration_by_token(tx, hashed(token)) is not None:
        return token
    session = store.hold_session(tx, session_id)
    if session is None or not session.is_open_at(tx.now):
        raise SessionClosed
    if store.count_taken(tx, session_id) >= session.seats:
        raise SessionFull
    guest_id = uuid4()
    store.add_registration(tx, Registered(guest_id, session_id), token_hash=hashed(token))
    tx.emit(
        DialogueJoined(
            dialogue_id=session_id,
            guest_id=guest_id,
            language=language,
            joined_at=tx.now,
            name=Sealed(coming.name),
            email=Sealed(coming.email),
            mobile=Sealed(coming.mobile),
            phone=Sealed(coming.phone),
            question=Sealed(coming.question),
            petition_code=Sealed(coming.petition_code),
            link_token=Sealed(token),
        )
    )
    return token


def leave_session(tx: Transaction, *, token: str) -> None:
    """Cancel a registration: once, and as long as the session is to come. Raises SessionClosed."""
    mine = store.registration_by_token(tx, hashed(token))
    session = None if mine is None else store.hold_session(tx, mine.session_id)
    if mine is None or session is None or not session.is_open_at(tx.now):
        raise SessionClosed
    if store.drop_registration(tx, mine.id):
        tx.emit(DialogueLeft(dialogue_id=session.id, guest_id=mine.id))
