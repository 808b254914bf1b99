"""The catalogue of the project's own configuration, read once, and builders of petitions for the tests of the rules."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from services.workflow.catalogue import read_catalogue
from services.workflow.domain.sorting import Petition
from services.workflow.domain.vocabulary import Catalogue

CONFIG = Path(__file__).parents[2] / "config"


@cache
def the_catalogue() -> Catalogue:
    return read_catalogue(CONFIG)


def at(text: str) -> datetime:
    """An instant from its local time in Huế: 2026-11-23T09:00."""
    return datetime.fromisoformat(f"{text}+07:00").astimezone(UTC)


def a_petition(body: str, *, title: str | None = None, received: str = "2026-11-23T09:00", **changed: Any) -> Petition:
    """A petition of a person with a name, a mobile number and an address, received on a Monday morning."""
    known: dict[str, Any] = {
        "name": "Lê Văn Mẫu",
        "phone": "0905 123 456",
        "address": "phường An Cựu, thành phố Huế",
        "received_at": at(received),
    }
    return Petition(title=title, body=body, **known | changed)
