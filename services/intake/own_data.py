"""What the door holds of a petition: shown whole to who holds its secret, and asked to be corrected or erased.

Source: Luật 91/2025/QH15 on personal data; NĐ 356/2025.
"""

import json
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from uuid import UUID

from services.intake import store
from services.intake.domain.petition import PARTIES, Petition
from services.intake.own import contact_of
from services.intake.steps import Receipt, file_petition
from services.intake.store import Filed
from shared.db import Reading, Transaction
from shared.files import is_closed, read_file

KIND = "data_request"
RIGHTS = ("correct", "erase", "other")
IN_MEMORY = 2 * 2**20  # bytes; what is larger goes through a file
ENDINGS = {"image/jpeg": "jpg", "application/pdf": "pdf"}


class RequestNotHere(Exception):
    """Of what protects its sender, nobody is asked by another petition: that would say that it exists."""


def held(tx: Reading, filed: Filed, *, files_dir: Path) -> dict[str, Any]:
    """All that the door keeps of a petition, as plain values."""
    contact, told = contact_of(tx, filed), store.told_how(tx, filed.id)
    sent = store.attachments_of(tx, filed.id)
    found: dict[str, Any] = _plain(
        {
            "code": filed.code,
            "received_at": filed.received_at,
            "kind": filed.kind,
            "topic": filed.topic,
            "ward": filed.ward,
            "channel": filed.channel,
            "words": vars(store.words_of(tx, filed.id)),
            "contact": {
                "language": filed.language,
                "told_by": contact.channels,
                "consents": filed.consents,
                "declined": contact.declined,
                "email_verified_at": told.email_verified_at,
                "phone_verified_at": told.phone_verified_at,
            },
            "files": [vars(one) | {"is_locked": is_closed(files_dir, one.id)} for one in sent],
            "case": {
                "stage": filed.stage,
                "unit": filed.unit,
                "due_on": filed.due_on,
                "answered_at": filed.answered_at,
            },
            "story": [vars(entry) for entry in store.story_of(tx, filed.id)],
            "opened_by": [vars(one) for one in store.openings_of(tx, filed.id)],
            "notices": [vars(one) for one in store.notices_of(tx, filed.id)],
        }
    )
    return found


def _plain(value: Any) -> Any:
    """The same in what JSON knows."""
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)


def pack(known: Mapping[str, Any], *, files_dir: Path) -> IO[bytes]:
    """A ZIP of what is held and of the files that can be opened here, at its beginning."""
    whole: IO[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  # whoever sends it closes it
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("du-lieu.json", json.dumps(known, ensure_ascii=False, indent=1))
        for no, one in enumerate(known["files"], start=1):
            data = None if one["is_locked"] else _bytes_of(files_dir, UUID(one["id"]))
            if data is not None:
                archive.writestr(f"tep-{no}.{ENDINGS.get(one['media_type'], 'bin')}", data)
    whole.seek(0)
    return whole


def _bytes_of(files_dir: Path, file_id: UUID) -> bytes | None:
    """A file, where it can be read: one that the scanner has still to look at cannot."""
    try:
        return read_file(files_dir, file_id)
    except FileNotFoundError:
        return None


def is_protected(tx: Reading, filed: Filed) -> bool:
    """Whether another petition must not speak of it."""
    return filed.is_bearer or store.told_how(tx, filed.id).is_kept_close


def ask_about_data(tx: Transaction, *, filed: Filed, words: str, once: str, key: bytes) -> Receipt:
    """File what somebody asks about their own data, with the contact of the petition it is about.

    It is a petition of its own, with the clocks of its kind. Raises RequestNotHere.
    """
    if is_protected(tx, filed):
        raise RequestNotHere
    contact = contact_of(tx, filed)
    if filed.is_doubted:  # an address at which nobody has looked yet is told nothing by this way either
        contact = replace(contact, email=None, phone=None, by_sms=False)
    sent = Petition(
        kind=KIND,
        topic=None,
        title=None,
        text=words,
        place=None,
        ward=None,
        position=None,
        party=PARTIES[0],
        name=store.words_of(tx, filed.id).name,
        phone=contact.phone,
        email=contact.email,
        address=None,
        consents=("sms",) if contact.by_sms else (),
        language=contact.language,
    )
    return file_petition(tx, sent=sent, kept=(), once=once, key=key, channel="web")
