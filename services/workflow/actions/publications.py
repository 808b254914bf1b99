"""Making things public: one person prepares, another posts; whoever saw it at its place shows that; withdrawn with a
reason.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from services.workflow import store
from services.workflow.domain import publication as rules_of_publications
from services.workflow.domain.permission import Person
from services.workflow.domain.publication import POSTED, PREPARED, Proof, Publication, PublicationRefused
from services.workflow.domain.rules import Rules
from services.workflow.domain.vocabulary import Named, holds
from services.workflow.steps import Incomplete, must, needed
from shared.db import Transaction
from shared.events.base import Sealed
from shared.events.intake import Attachment
from shared.events.workflow import PublicationPosted, PublicationShown, PublicationWithdrawn
from shared.ids import ordered_id
from shared.text import has_forbidden_characters

LONGEST_TITLE, LONGEST_TEXT, LONGEST_PLACE, LONGEST_NOTE = 160, 20_000, 160, 1000  # characters
SERIES = "publication"


class PublicationUnknown(Exception):
    """There is no such publication, as far as this person is concerned."""


@dataclass(frozen=True, kw_only=True)
class Written:
    """A publication as somebody wrote it."""

    title: str
    text: str
    kind: str
    channels: tuple[str, ...]
    starts_on: date | None
    ends_on: date | None
    campaign: str | None
    unit: str


def prepare_publication(tx: Transaction, rules: Rules, *, person: Person, written: Written) -> Publication:
    """Keep what somebody else may post. Raises Incomplete, NotAllowed."""
    must(rules_of_publications.may_prepare(person, written.unit))
    new = Publication(
        id=ordered_id(),
        version=1,
        state=PREPARED,
        prepared_by=person.person,
        prepared_at=tx.now,
        **_checked(tx, rules, written),
    )
    store.add_publication(tx, new)
    return new


def change_publication(
    tx: Transaction, rules: Rules, *, person: Person, publication_id: UUID, written: Written
) -> Publication:
    """Write it anew before it is posted: whoever did so does not post it.

    Raises Incomplete, NotAllowed, PublicationRefused.
    """
    found = _load(tx, person, publication_id)
    must(rules_of_publications.may_prepare(person, found.unit))
    must(rules_of_publications.may_prepare(person, written.unit))
    if found.state != PREPARED:
        raise PublicationRefused(f"it is {found.state}")
    changed = replace(
        found,
        version=found.version + 1,
        prepared_by=person.person,
        prepared_at=tx.now,
        **_checked(tx, rules, written),
    )
    store.save_publication(tx, changed)
    return changed


def post_publication(
    tx: Transaction, rules: Rules, *, person: Person, publication_id: UUID, version: int
) -> Publication:
    """Make public what somebody else wrote, as it was seen. It gets the next number of the year's register.

    Raises PublicationRefused where it was changed meanwhile, Incomplete where its last day has passed.
    """
    found = _load(tx, person, publication_id)
    must(rules_of_publications.may_post(person, found))
    today = rules.calendar.local_day(tx.now)
    if found.is_over_on(today):
        raise Incomplete("ends_on", "passed")
    count = store.allot(tx, {(SERIES, today.year): 1})[SERIES, today.year]
    posted = rules_of_publications.post(
        found, version=version, number=f"{today.year}-{count:02}", by=person.person, at=tx.now
    )
    store.save_publication(tx, posted)
    assert posted.number is not None
    tx.emit(
        PublicationPosted(
            publication_id=posted.id,
            actor=person.person,
            prepared_by=posted.prepared_by,
            number=posted.number,
            kind=posted.kind,
            channels=posted.channels,
            campaign=posted.campaign,
            unit=posted.unit,
            starts_on=posted.starts_on,
            ends_on=posted.ends_on,
            title=Sealed(posted.title),
            text=Sealed(posted.text),
        )
    )
    return posted


def drop_publication(tx: Transaction, *, person: Person, publication_id: UUID) -> Publication:
    """Give up what was not posted. Raises PublicationRefused."""
    found = _load(tx, person, publication_id)
    must(rules_of_publications.may_prepare(person, found.unit))
    dropped = rules_of_publications.drop(found, by=person.person, at=tx.now)
    store.save_publication(tx, dropped)
    return dropped


def show_publication(
    tx: Transaction,
    rules: Rules,
    *,
    person: Person,
    publication_id: UUID,
    channel: str,
    place: str,
    note: str,
    seen_on: date | None,
    file: Attachment | None,
) -> Proof:
    """Somebody saw or heard it at a place: with a photo, or in words. Raises Incomplete, PublicationRefused."""
    found = _load(tx, person, publication_id)
    must(rules_of_publications.may_prepare(person, found.unit))
    if found.state != POSTED:
        raise PublicationRefused(f"it is {found.state}")
    if channel not in found.channels or not rules.catalogue.publishing.must_show(channel):
        raise Incomplete("channel")
    if seen_on is None:
        raise Incomplete("seen_on")
    if seen_on > rules.calendar.local_day(tx.now):
        raise Incomplete("seen_on", "to_come")
    words = note.strip()
    if file is None or words:
        words = needed(note, "note", least=10, most=LONGEST_NOTE)
    shown = Proof(
        id=ordered_id(),
        publication_id=found.id,
        channel=channel,
        place=needed(place, "place", least=3, most=LONGEST_PLACE),
        note=words or None,
        seen_on=seen_on,
        shown_by=person.person,
        shown_at=tx.now,
        file_id=file.id if file else None,
        media_type=file.media_type if file else None,
        size_bytes=file.size_bytes if file else None,
        sha256=file.sha256 if file else None,
    )
    store.add_proof(tx, shown)
    tx.emit(
        PublicationShown(
            publication_id=found.id,
            proof_id=shown.id,
            actor=person.person,
            channel=channel,
            seen_on=seen_on,
            sha256=shown.sha256,
        )
    )
    return shown


def withdraw_publication(
    tx: Transaction, rules: Rules, *, person: Person, publication_id: UUID, reason: str, words: str = ""
) -> Publication:
    """Take it down; its address goes on saying why. Raises Incomplete, PublicationRefused."""
    found = _load(tx, person, publication_id)
    must(rules_of_publications.may_withdraw(person, found))
    withdrawn = rules_of_publications.withdraw(
        found,
        reason=_code(reason, rules.catalogue.publishing.reasons, rules.calendar.local_day(tx.now), "reason"),
        words=needed(words, "words", least=0, most=LONGEST_NOTE) or None,
        by=person.person,
        at=tx.now,
    )
    store.save_publication(tx, withdrawn)
    assert withdrawn.reason is not None
    tx.emit(PublicationWithdrawn(publication_id=withdrawn.id, actor=person.person, reason=withdrawn.reason))
    return withdrawn


def _load(tx: Transaction, person: Person, publication_id: UUID) -> Publication:
    found = store.load_publication(tx, person, publication_id)
    if found is None:
        raise PublicationUnknown
    return found


# ---- what was typed


def _checked(tx: Transaction, rules: Rules, written: Written) -> dict[str, Any]:
    """What was written, field by field as it is kept. Raises Incomplete."""
    publishing, today = rules.catalogue.publishing, rules.calendar.local_day(tx.now)
    if written.starts_on is None:
        raise Incomplete("starts_on")
    if written.starts_on < today:
        raise Incomplete("starts_on", "passed")
    if written.ends_on is not None and written.ends_on < written.starts_on:
        raise Incomplete("ends_on", "before_first")
    if written.unit not in rules.unit_codes:
        raise Incomplete("unit")
    return {
        "title": _title(written.title),
        "text": _text(written.text),
        "kind": _code(written.kind, publishing.kinds, today, "kind"),
        "channels": publishing.channels_of(written.channels, today),
        "starts_on": written.starts_on,
        "ends_on": written.ends_on,
        "campaign": _code(written.campaign, publishing.campaigns, today, "campaign") if written.campaign else None,
        "unit": written.unit,
    }


def _title(typed: str) -> str:
    title = needed(typed, "title", least=5, most=LONGEST_TITLE)
    if "\n" in title or has_forbidden_characters(title):
        raise Incomplete("title", "line_break")
    return title


def _text(typed: str) -> str:
    text = needed(typed.replace("\r\n", "\n"), "text", least=20, most=LONGEST_TEXT)
    if has_forbidden_characters(text):
        raise Incomplete("text", "hidden_characters")
    return text


def _code(typed: str, rows: Iterable[Named], day: date, field: str) -> str:
    if typed not in {row.code for row in rows if holds(row, day)}:
        raise Incomplete(field)
    return typed
