"""Makes the golden example of an event that has none: `python -m tests.contracts.examples`. Old ones stay.

Where fields were added, the example from before goes on as `….v1@1.json`.
"""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from shared.events import AUDIENCES, SHAPES
from shared.events.base import Event, Sealed
from shared.events.codec import Codec, on_the_wire
from shared.keys import KeyRing, generate
from shared.settings import SERVICES
from tests.builders import an_event
from tests.support import NOON

FOLDER = Path(__file__).parent / "golden"
KEYS = Path(__file__).parent / "keys"
"""Keys of these examples, and of nothing else."""

SOURCE = {
    "petition": "intake",
    "contact": "intake",
    "list": "intake",
    "notice": "notify",
    "readers": "intake",
    "survey.invited": "intake",
    "survey.declined": "intake",
    "survey.answered": "intake",
    "dialogue.joined": "intake",
    "dialogue.left": "intake",
    "webhook.attempted": "notify",
}


def source_of(type_: str) -> str:
    """Who says events of a type; what everybody says stands here as said by the desk."""
    noun, verb, _ = type_.split(".")
    return SOURCE.get(f"{noun}.{verb}") or SOURCE.get(noun, "workflow")


def plain(event: Event) -> dict[str, Any]:
    """All fields of an event as plain values, sealed ones opened."""
    values = {}
    for name, value in vars(event).items():
        opened = value.value if isinstance(value, Sealed) else value
        values[name] = msgspec.to_builtins(opened)
    return values


def codec_of(service: str) -> Codec:
    return Codec(KeyRing.load(KEYS, service))


def make(type_: str) -> None:
    event = an_event(SHAPES[type_].cls)
    written = codec_of(source_of(type_)).write(
        event,
        event_id=UUID("0193b3c0-0000-7000-8000-000000000001"),
        sequence=1,
        now=NOON,
        correlation="0193b3c0-0000-7000-8000-000000000002",
        causation=UUID("0193b3c0-0000-7000-8000-000000000003"),
    )
    wire = json.loads(on_the_wire(written.body, written.sealed))
    example = {"wire": wire, "fields": plain(event)}
    (FOLDER / f"{type_}.json").write_text(json.dumps(example, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    generate(KEYS, SERVICES)
    for new in sorted(set(SHAPES) - {path.stem for path in FOLDER.glob("*.json")}):
        make(new)
        print(new, "for", ", ".join(AUDIENCES))
