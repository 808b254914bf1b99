"""What the answers say of services and of requests, in the language that is asked for."""

from datetime import timedelta
from typing import Any

from flask import url_for

from services.intake.catalogue import Topic
from services.intake.domain.open311 import status_of
from services.intake.domain.register import PublicCase
from services.intake.door import Door
from services.intake.open311.writing import Record
from services.intake.store import Listed
from services.intake.words import STAGES
from shared.web import current_language, gettext


def service_row(door: Door, topic: Topic, *, has_attributes: bool) -> Record:
    kind = door.catalogue.kinds[topic.kind]
    return {
        "service_code": topic.code,
        "service_name": name_of(topic),
        "description": "",
        "metadata": has_attributes,
        "type": "realtime",
        "keywords": ",".join(word.replace(",", " ") for word in topic.keywords[:12]),
        "group": kind.name_en if current_language() == "en" else kind.name,
    }


def request_row(door: Door, one: Listed) -> Record:
    """A request: of one that is public what its page in the register says, of all others where it stands."""
    topic, ward = door.catalogue.topic(one.service_code), door.catalogue.ward(one.ward)
    ward_name = f"{ward.type_name} {ward.name}".strip() if ward else ""
    expected = one.due_on or (
        door.catalogue.estimated_answer(topic.kind if topic else None, one.service_code, one.requested_at)
        if one.public is None
        else None
    )
    return {
        "service_request_id": one.id,
        "status": status_of(one.stage),
        "status_notes": gettext(STAGES[one.stage]) if one.stage in STAGES else "",
        "service_name": name_of(topic) if topic else "",
        "service_code": one.service_code,
        "description": "",
        "agency_responsible": door.unit_name(one.unit),
        "service_notice": "",
        "requested_datetime": one.requested_at,
        "updated_datetime": one.changed_at,
        "expected_datetime": door.catalogue.calendar.end_of_day(expected) - timedelta(seconds=1) if expected else None,
        "address": ward_name,
        "address_id": ward.code if ward else "",
        "zipcode": "",
        "lat": None,
        "long": None,
        "media_url": "",
    } | (_words(door, one.public, ward_name) if one.public is not None else {})


def _words(door: Door, public: PublicCase, ward_name: str) -> dict[str, Any]:
    """What everybody may read of it: written and masked at the desk, its place to about 100 m, photos with covers."""
    said: dict[str, Any] = {
        "description": f"{public.title}\n\n{public.text}",
        "address": ", ".join(filter(None, (public.place, ward_name))),
        "lat": public.lat,
        "long": public.lng,
        "media_url": _photo_url(door, public),
    }
    return said | ({"status_notes": public.answer} if public.answer else {})


def _photo_url(door: Door, public: PublicCase) -> str:
    """The address of one photo, which is all that the standard has room for: before the work rather than after it."""
    photo = min(public.photos, key=lambda one: one.shows != "before", default=None)
    if photo is None:
        return ""
    return door.settings.public_url + url_for("register.photo", number=public.number, photo_id=photo.id)


def name_of(topic: Topic) -> str:
    return topic.name_en if current_language() == "en" else topic.name
