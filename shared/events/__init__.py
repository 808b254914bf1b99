"""The contracts between the services: one class per event, one file per speaker."""

from shared.events import common, intake, notify, workflow
from shared.events.base import AUDIENCES, DESK, DOOR, MIRROR, POST, SHAPES, STAFF, Event, NotForUs, Sealed, subject_of

__all__ = [
    "AUDIENCES",
    "DESK",
    "DOOR",
    "MIRROR",
    "POST",
    "SHAPES",
    "STAFF",
    "Event",
    "NotForUs",
    "Sealed",
    "common",
    "intake",
    "notify",
    "subject_of",
    "workflow",
]
