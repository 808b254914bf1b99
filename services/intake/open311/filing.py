"""What a partner's program sends: read, checked with all that is wrong at once, and filed once."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.intake import store
from services.intake.catalogue import Catalogue, Topic
from services.intake.domain.open311 import ATTRIBUTES_AT_MOST, DESCRIPTION_AT_MOST
from services.intake.domain.petition import LIMITS, SHORTEST_TEXT, Kept, Petition, Refused, Wrong, check_petition
from services.intake.domain.questions import read_answers
from services.intake.open311.attributes import Attribute, named_as_attribute, split_answers
from services.intake.steps import KeyUsedBefore, Receipt, file_petition
from services.intake.store import Partner
from shared.db import Transaction
from shared.fetch import FetchRefused, Reach, check_address
from shared.questions import Question
from shared.text import nfc

CHANNEL = "open311"
ALIKE_WITHIN_S = 600
"""Sent again within this time, or twice it at most, the same words of the same partner are one request."""
OURS = {"place": "address_string", "text": "description", "name": "first_name", "ward": "address_id"}
"""Fields of a petition by the names under which programs know them."""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A request that may be filed."""

    petition: Petition
    service: Topic
    media_url: str
    digest: bytes  # of all that was sent


def offered(catalogue: Catalogue, now: datetime) -> tuple[Topic, ...]:
    """Services: topics that are nobody's secret and ask for no name, in the order of the catalogue."""
    kinds = {kind.id for kind in catalogue.kinds.values() if kind.is_open and not kind.signature_needed}
    choices = catalogue.choices(now)
    kinds &= choices.kinds - choices.identity_required
    topics = catalogue.topics_on(catalogue.calendar.local_day(now))
    return tuple(topic for topic in topics if topic.is_open and topic.kind in kinds)


def read_sent(
    typed: Mapping[str, str],
    attributes: Sequence[Attribute],
    *,
    service: Topic,
    questions: Sequence[Question],
    catalogue: Catalogue,
    now: datetime,
    reach: Reach,
    language: str,
    uploads: Sequence[str] = (),
) -> Sent:
    """The request that was sent; `questions` are those about its service, `uploads` hashes of what came with it.

    Raises Refused with all that is wrong, by the names of Open311.
    """
    wrong: list[Wrong] = []
    description, media_url = nfc(typed.get("description", "")), typed.get("media_url", "").strip()
    if len(description) > DESCRIPTION_AT_MOST:
        wrong.append(Wrong("description", "too_long", DESCRIPTION_AT_MOST, str(len(description) - DESCRIPTION_AT_MOST)))
        description = description[:DESCRIPTION_AT_MOST]
    if not _has_place(typed):
        wrong.append(Wrong("address_string", "place_missing"))
    if len(attributes) > ATTRIBUTES_AT_MOST:
        wrong.append(Wrong("attribute", "too_many", ATTRIBUTES_AT_MOST))
    if media_url:
        try:
            check_address(media_url, reach)
        except FetchRefused as refused:
            wrong.append(Wrong("media_url", "media_address", given=refused.problem))
    agreed = typed.get("publish", "").strip().lower()
    if agreed not in {"", "true", "false"}:
        wrong.append(Wrong("publish", "not_a_boolean"))
    answers, others = split_answers(attributes[:ATTRIBUTES_AT_MOST], questions)
    values = {
        "kind": service.kind,
        "topic": service.code,
        "text": _text(description, others, service, language),
        "place": typed.get("address_string", ""),
        "ward": typed.get("address_id", ""),
        "lat": typed.get("lat", ""),
        "lng": typed.get("long", ""),
        "name": " ".join(part for name in ("last_name", "first_name") if (part := typed.get(name, "").strip())),
        "phone": typed.get("phone", ""),
        "email": typed.get("email", ""),
        **answers,
        **({"publish": "y"} if agreed == "true" else {}),
    }
    today = catalogue.calendar.local_day(now)
    petition = None
    try:
        petition = check_petition(
            values,
            choices=catalogue.choices(now),
            language=language,
            read_answers=lambda reader: read_answers(reader, questions, today=today),
        )
    except Refused as refused:
        wrong += [
            replace(one, field=OURS[one.field]) if one.field in OURS else named_as_attribute(one, questions)
            for one in refused.wrong
            if OURS.get(one.field) not in {already.field for already in wrong}
        ]
    if wrong or petition is None:
        raise Refused(tuple(wrong))
    whole = json.dumps([values, [*attributes], media_url, [*uploads], language], ensure_ascii=False, sort_keys=True)
    return Sent(
        petition=_opened_by_pin(petition),
        service=service,
        media_url=media_url,
        digest=hashlib.sha256(whole.encode()).digest(),
    )


def _opened_by_pin(petition: Petition) -> Petition:
    """Its code stands in a public list, and four digits of a telephone would be tried: six of ours open it."""
    return petition if petition.phone is None else replace(petition, phone=replace(petition.phone, last_four=None))


def _has_place(typed: Mapping[str, str]) -> bool:
    is_point = all(typed.get(name, "").strip() for name in ("lat", "long"))
    return is_point or any(typed.get(name, "").strip() for name in ("address_string", "address_id"))


def _text(description: str, others: Sequence[Attribute], service: Topic, language: str) -> str:
    """The words of the petition: few or none are made whole by the name of the service, and nothing is lost for which
    nobody asked."""
    name = service.name_en if language == "en" else service.name
    words = description.strip()
    if len(words) < SHORTEST_TEXT:
        words = f"{name}: {words}" if words else name.ljust(SHORTEST_TEXT, ".")
    lines = [f"{code}: {value}" for code, value in others if value.strip()]
    whole = "\n".join([words, "", *lines] if lines else [words])
    return whole[: LIMITS["text"]]


def file_request(
    tx: Transaction, *, sent: Sent, partner: Partner, once: str, kept: Sequence[Kept], key: bytes
) -> Receipt:
    """File a request of a partner, once: under the key that it named, else by what it says.

    Raises KeyUsedBefore where another request was sent under this key.
    """
    keys = [_once(partner, "key", once)] if once else _by_content(partner, sent.digest, tx.now)
    known = [(one, before) for one in keys if (before := store.petition_by_once(tx, one)) is not None]
    if known and store.request_digest(tx, known[0][1].id) != sent.digest:
        raise KeyUsedBefore
    receipt = file_petition(
        tx,
        sent=sent.petition,
        kept=kept,
        once=known[0][0] if known else keys[0],
        key=key,
        channel=CHANNEL,
        partner=partner.code,
    )
    if receipt.is_new:
        petition_id, service_code = receipt.filed.id, sent.service.code
        store.add_request(tx, petition_id, partner_code=partner.code, service_code=service_code, digest=sent.digest)
        if sent.media_url:
            store.want_media(tx, petition_id, sent.media_url)
    return receipt


def _by_content(partner: Partner, digest: bytes, now: datetime) -> list[str]:
    """Keys that follow from what is said: of this while, and of the one before."""
    while_ = int(now.timestamp()) // ALIKE_WITHIN_S
    return [_once(partner, "words", f"{digest.hex()}:{one}") for one in (while_, while_ - 1)]


def _once(partner: Partner, sort: str, key: str) -> str:
    return f"open311:{partner.code}:{hashlib.sha256(f'{sort}:{key}'.encode()).hexdigest()}"
