"""Valid things for tests: a test says only what matters to it."""

from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any, TypeVar, get_args, get_origin, get_type_hints
from uuid import UUID, uuid4

from shared.events import Sealed
from shared.events.base import Event
from shared.events.common import AccessRead
from shared.events.intake import ContactGiven, PetitionFiled
from tests.support import NOON

E = TypeVar("E", bound=Event)

_WORDS: dict[str, Any] = {
    "kind": "report",
    "topic": "C01",
    "unit": "KCHT",
    "language": "vi",
    "channel": "web",
    "party": "individual",
    "signature_status": "none",
    "actor": "u:officer",
    "email": "anh.nth@example.vn",
    "mobile": "+84905123456",
    "phone": "0905 123 456",
    "name": "Nguyễn Thị Hồng Ánh",
    "code": "7K3M9HDT",
    "public_code": "7K3M9HDT",
    "channels": ("email", "sms"),
    "link_token": "x" * 22,
    "priority": "normal",
    "publication": "public_summary",
}


def an_event(cls: type[E], **given: Any) -> E:
    """A valid event of a class; fields not given are made up, alike each time except for ids."""
    hints = get_type_hints(cls)
    values = {field.name: given.get(field.name, _made_up(field.name, hints[field.name])) for field in fields(cls)}  # type: ignore[arg-type]
    for name, kind in hints.items():
        if get_origin(kind) is Sealed and name in values and not isinstance(values[name], Sealed):
            values[name] = Sealed(values[name])
    return cls(**values)


def _made_up(name: str, kind: Any) -> Any:
    if get_origin(kind) is Sealed:
        kind = get_args(kind)[0]
    choices = get_args(kind) if type(None) in get_args(kind) else ()
    if choices:
        kind = next(choice for choice in choices if choice is not type(None))
    if name in _WORDS:
        return _WORDS[name]
    if get_origin(kind) is tuple:
        return ()
    if kind in _PLAIN:
        return _PLAIN[kind]()
    return kind(**{field.name: _made_up(field.name, get_type_hints(kind)[field.name]) for field in fields(kind)})


_PLAIN: dict[Any, Any] = {
    UUID: uuid4,
    str: lambda: "text",
    int: lambda: 1,
    bool: lambda: False,
    datetime: lambda: NOON.astimezone(UTC),
    date: lambda: date(2026, 12, 2),
}


def petition_filed(**given: Any) -> PetitionFiled:
    """A pothole on Điện Biên Phủ, reported on Monday noon."""
    usual = {
        "text": "Trước số nhà 120 đường Điện Biên Phủ có ổ gà sâu khoảng 20 cm, đề nghị vá sớm.",
        "title": "Ổ gà sâu trên đường Điện Biên Phủ",
        "place": "120 Điện Biên Phủ",
        "position": None,
        "address": None,
        "attachments": (),
        "attachment_count": 0,
        "ward": "thuy-xuan",
        "consultation_id": None,
    }
    return an_event(PetitionFiled, **(usual | given))


def contact_given(**given: Any) -> ContactGiven:
    return an_event(ContactGiven, **given)


def access_read(**given: Any) -> AccessRead:
    return an_event(AccessRead, **given)
