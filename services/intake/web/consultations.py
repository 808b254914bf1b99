"""Consultations: drafts of policies on which everybody may comment for a while."""

from services.intake.door import Door
from services.intake.web.take_part import Section
from shared.db import Reading


def open_drafts(door: Door, tx: Reading) -> Section:
    """The drafts that wait for comments, as a section of the page of taking part."""
    return Section("take-part/_drafts.html", {"drafts": ()})
