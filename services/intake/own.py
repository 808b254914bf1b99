"""What petitioners may do with what is theirs: take a petition back, say where and of what they are told, show that an
address is theirs, find all their petitions."""

import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from services.intake import store
from services.intake.contact import read_phone
from services.intake.domain.after import is_withdrawing
from services.intake.domain.contact import (
    CHANGES_AT_MOST,
    CHANGES_WINDOW,
    CHECKS_AT_MOST,
    CHECKS_OF_ADDRESS,
    CODE_LIVES,
    LINK_LIVES,
    LIST_LIVES,
    LISTS_AT_MOST,
    OFTEN,
    OPTIONAL,
    TRIES_AT_MOST,
    Contact,
    normal_email,
    normal_phone,
)
from services.intake.domain.parts import OVER
from services.intake.domain.petition import Phone, PhoneUnknown
from services.intake.domain.secret import address_key, check_code, hashed, is_same, unsubscribe_mark
from services.intake.steps import keys_of
from services.intake.store import Check, Filed
from shared.db import Reading, Transaction
from shared.events.base import Sealed
from shared.events.intake import (
    ContactChanged,
    ContactCheckAsked,
    ContactVerified,
    ListAsked,
    PetitionWithdrawn,
)
from shared.ids import ordered_id


class WithdrawalRefused(Exception):
    """It is over, answered, or was taken back already."""


class TooManyChanges(Exception):
    """The contact was changed again and again: each time somebody's address is told that it was left."""


class DataErased(Exception):
    """What was known of this petitioner is erased, and nothing new is kept."""


class NothingToVerify(Exception):
    """No such address is known of this petition, or it was shown to be theirs already."""


class TooManyChecks(Exception):
    """Links and codes went to this address often enough for now."""


class CheckOver(Exception):
    """The link or the code is wrong, was used, or is too old."""


def withdraw_petition(tx: Transaction, *, petition_id: UUID, reason: str) -> None:
    """Take a petition back. What follows from it is the desk's to say. Raises WithdrawalRefused."""
    store.hold(tx, petition_id)
    filed = store.petition_of(tx, petition_id)
    is_done = filed is None or filed.stage in OVER or filed.stage == "answered"
    if is_done or is_withdrawing(store.story_of(tx, petition_id)):
        raise WithdrawalRefused
    words = {"reason": reason} if reason else {}
    store.add_entry(tx, petition_id, "withdrawal_asked", at=tx.now, facts={}, words=words)
    tx.emit(PetitionWithdrawn(petition_id=petition_id, reason=Sealed(reason or None)))


# ---- where and of what one is told


def contact_of(tx: Reading, filed: Filed) -> Contact:
    """Where the petitioner is told, as it is kept."""
    words = store.words_of(tx, filed.id)
    return Contact(
        email=words.email,
        phone=_phone(words.phone),
        by_sms="sms" in filed.consents,
        language=filed.language,
        declined=tuple(sort for sort in OPTIONAL if sort in _declined(tx, filed)),
    )


def _declined(tx: Reading, filed: Filed) -> set[str]:
    """Sorts of notices that they said no to, or never agreed to."""
    return {*store.told_how(tx, filed.id).declined} | ({"survey"} - {*filed.consents})


def _phone(typed: str | None) -> Phone | None:
    if not typed:
        return None
    try:
        return read_phone(typed)
    except PhoneUnknown:  # kept before the numbering plan changed, or shared: it takes no SMS
        return Phone(typed=typed, mobile=None, last_four=typed[-4:])


def change_contact(tx: Transaction, *, petition_id: UUID, contact: Contact, token: str | None, key: bytes) -> bool:
    """Tell them there, so, and of that from now on. False when all of it was so before. Raises TooManyChanges."""
    store.hold(tx, petition_id)
    filed = store.petition_of(tx, petition_id)
    assert filed is not None, "its page was open"
    if filed.erased_at is not None:
        raise DataErased
    before = contact_of(tx, filed)
    if contact == before:
        return False
    is_address_new = (contact.email, contact.phone) != (before.email, before.phone)
    earlier = [entry for entry in store.story_of(tx, petition_id) if entry.what == "contact_changed"]
    if is_address_new and sum(tx.now - entry.at < CHANGES_WINDOW for entry in earlier) >= CHANGES_AT_MOST:
        raise TooManyChanges
    store.change_contact(tx, filed, contact, **keys_of(key, contact.email, contact.phone))
    if is_address_new:
        store.add_entry(tx, petition_id, "contact_changed", at=tx.now, facts={}, words={})
    tx.emit(
        ContactChanged(
            petition_id=petition_id,
            language=contact.language,
            channels=contact.channels,
            declined=contact.declined,
            is_address_new=is_address_new,
            verified=_verified_channels(tx, petition_id),
            code=Sealed(filed.code),
            email=Sealed(contact.email),
            phone=Sealed(contact.phone.typed if contact.phone else None),
            mobile=Sealed(contact.mobile if contact.by_sms else None),
            name=Sealed(store.words_of(tx, petition_id).name),
            link_token=Sealed(token),
        )
    )
    return True


def _verified_channels(tx: Reading, petition_id: UUID) -> tuple[str, ...]:
    told = store.told_how(tx, petition_id)
    known = (("email", told.email_verified_at), ("sms", told.phone_verified_at))
    return tuple(channel for channel, at in known if at is not None)


def petition_of_mark(tx: Reading, petition_id: UUID, mark: str) -> Filed | None:
    """The petition whose notices a link for being told of less speaks of."""
    filed = store.petition_of(tx, petition_id)
    known = unsubscribe_mark(petition_id.hex, filed.token_hash if filed else b"")
    return filed if is_same(known.encode(), mark.encode()) else None


def decline_sort(tx: Transaction, *, petition_id: UUID, mark: str, sort: str, key: bytes) -> bool:
    """Send no more notices of a sort; surveys about none of this person's petitions. False when the link is unknown."""
    filed = petition_of_mark(tx, petition_id, mark)
    if filed is None or filed.erased_at is not None or sort not in OPTIONAL:
        return False
    theirs = {petition_id, *store.willing_of_sender(tx, petition_id)} if sort == "survey" else {petition_id}
    for one in sorted(theirs):
        other = store.petition_of(tx, one)
        assert other is not None, "it was found a moment ago"
        before = contact_of(tx, other)
        declined = tuple(known for known in OPTIONAL if known == sort or known in before.declined)
        change_contact(tx, petition_id=one, contact=replace(before, declined=declined), token=None, key=key)
    return True


# ---- showing that an address is theirs


def ask_check(tx: Transaction, *, petition_id: UUID, channel: str, key: bytes) -> None:
    """Send a link, or a code, to the address of a petition. Raises NothingToVerify, TooManyChecks."""
    store.hold(tx, petition_id)
    filed = store.petition_of(tx, petition_id)
    assert filed is not None, "its page was open"
    contact, told = contact_of(tx, filed), store.told_how(tx, petition_id)
    verified_at = told.email_verified_at if channel == "email" else told.phone_verified_at
    if channel not in contact.channels or verified_at is not None or filed.is_doubted:
        raise NothingToVerify
    address = keys_of(key, contact.email, contact.phone)["email_key" if channel == "email" else "phone_key"]
    assert address is not None, "one is told by this channel"
    _must_be_few(tx, address, petition_id)
    secret = secrets.token_hex(16)
    token = secret if channel == "email" else check_code(secret)
    check = _check(tx, address, channel=channel, petition_id=petition_id, language=contact.language)
    lives = LINK_LIVES if channel == "email" else CODE_LIVES
    kept = hashed(secret) if channel == "email" else code_hash(key, check.id, token)
    store.add_check(tx, replace(check, secret_hash=kept, expires_at=tx.now + lives))
    tx.changed(petition_id)
    tx.emit(ContactCheckAsked(petition_id=petition_id, channel=channel, token=Sealed(token)))


def _must_be_few(tx: Reading, address: bytes, petition_id: UUID) -> None:
    """Whoever writes the address of somebody else on petitions of theirs keeps nobody from verifying it: the first
    link or code of a petition always goes."""
    sent = store.checks_since(tx, address, window=OFTEN)
    theirs = [check for check in sent if check.petition_id == petition_id]
    is_live = any(_is_good(check, tx.now) for check in theirs)
    if len(theirs) >= CHECKS_AT_MOST or (len(sent) >= CHECKS_OF_ADDRESS and is_live):
        raise TooManyChecks


def _is_good(check: Check, now: datetime) -> bool:
    """Whether a link or a code may still be used."""
    return not check.is_done and check.expires_at > now and check.tries < TRIES_AT_MOST


def _check(tx: Transaction, address: bytes, *, channel: str, petition_id: UUID | None, language: str) -> Check:
    return Check(
        id=ordered_id(),
        petition_id=petition_id,
        channel=channel,
        address_key=address,
        secret_hash=None,
        language=language,
        tries=0,
        made_at=tx.now,
        expires_at=tx.now,
        is_done=False,
    )


def code_hash(key: bytes, check_id: UUID, code: str) -> bytes:
    """What is kept of a code: six digits alone are found by trying, with the house's key and its row they are not."""
    return address_key(key, f"{check_id.hex}/{code}")


def open_link_check(tx: Reading, token: str) -> Check:
    """What a link of an e-mail verifies. Raises CheckOver."""
    check = store.check_by_secret(tx, hashed(token))
    if check is None or check.petition_id is None or check.is_done or check.expires_at <= tx.now:
        raise CheckOver
    return check


def verify_by_link(tx: Transaction, *, token: str) -> None:
    """The button of the page was pressed to which an e-mail led. Raises CheckOver."""
    _verified(tx, open_link_check(tx, token))


def verify_by_code(tx: Transaction, *, petition_id: UUID, code: str, key: bytes) -> bool:
    """Whether the digits are those that were sent last. A wrong try is kept; after five the code is worth nothing.

    Raises CheckOver.
    """
    check = store.newest_code(tx, petition_id)
    if check is None or not _is_good(check, tx.now):
        raise CheckOver
    if not is_same(check.secret_hash, code_hash(key, check.id, code)):
        store.note_code_tried(tx, check.id)
        return False
    _verified(tx, check)
    return True


def _verified(tx: Transaction, check: Check) -> None:
    """The address is theirs, where it is still the petition's."""
    assert check.petition_id is not None, "it verifies the address of a petition"
    told = store.told_how(tx, check.petition_id)
    if check.address_key != (told.email_key if check.channel == "email" else told.phone_key):
        raise CheckOver
    store.end_check(tx, check.id)
    store.verify_address(tx, check.petition_id, check.channel)
    tx.emit(ContactVerified(petition_id=check.petition_id, channel=check.channel))


# ---- all my petitions


def ask_list(tx: Transaction, *, email: str | None, phone: Phone | None, language: str, key: bytes) -> None:
    """Remember that a list is wanted at this address. Whether there is anything to list is looked at afterwards, by a
    loop, so that nobody learns it from the answer or its time."""
    channel, address = ("email", email) if email else ("sms", phone.mobile if phone else None)
    normal = normal_email(email) if email else normal_phone(phone) if phone else ""
    found_by = address_key(key, normal)
    is_too_often = store.count_lists(tx, found_by, window=OFTEN) >= LISTS_AT_MOST
    check = _check(tx, found_by, channel=channel, petition_id=None, language=language)
    store.add_check(tx, replace(check, address=None if is_too_often else address, expires_at=tx.now + LIST_LIVES))


def send_lists(tx: Transaction, *, key: bytes, limit: int = 50) -> int:
    """Send the lists that are wanted, where there is something to list. How many were looked at."""
    waiting = store.lists_to_send(tx, limit=limit)
    for check in waiting:
        store.end_check(tx, check.id)
        if store.has_petitions(tx, check.address_key):
            token = list_token(key, check.id)
            is_mail = check.channel == "email"
            tx.emit(
                ListAsked(
                    list_id=check.id,
                    language=check.language,
                    email=Sealed(check.address if is_mail else None),
                    mobile=Sealed(None if is_mail else check.address),
                    token=Sealed(token),
                )
            )
            store.keep_secret(tx, check.id, hashed(token), expires_at=tx.now + LIST_LIVES)
    return len(waiting)


def list_token(key: bytes, list_id: UUID) -> str:
    """Opens a list, for as long as it lives."""
    return address_key(key, f"list/{list_id.hex}").hex()


def petitions_in_list(tx: Reading, token: str) -> list[Filed]:
    """The petitions of the address to which a list was sent. Raises CheckOver."""
    check = store.check_by_secret(tx, hashed(token))
    if check is None or check.petition_id is not None or check.expires_at <= tx.now:
        raise CheckOver
    return store.petitions_of_address(tx, check.address_key)


def key_addresses(tx: Transaction, *, key: bytes, limit: int = 500) -> int:
    """Give petitions from before their addresses had keys what they are found by. How many."""
    rows = [
        {"id": row.id} | keys_of(key, row.email or None, _phone(row.phone)) for row in store.unkeyed(tx, limit=limit)
    ]
    store.keep_keys(tx, rows)
    return len(rows)


FORGOTTEN_AFTER = timedelta(hours=24)
"""Links and codes that were used or are too old."""
