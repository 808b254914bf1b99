"""How what the desk told becomes lines of a petition's story, and where the petition stands after it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.intake import store
from services.intake.domain.parts import Part, whole_of
from services.intake.store import Entry
from shared.db import Transaction
from shared.events.base import STAFF, Event, Sealed
from shared.events.intake import Attachment
from shared.events.workflow import CaseRefused, WithLetter
from shared.inbox import Heard, Together


@dataclass(frozen=True)
class Told:
    """What the petitioner may know of an event: a line of the story, and where the case stands since."""

    what: str  # empty: no line, only where the case stands
    facts: dict[str, Any]
    words: dict[str, Sealed[Any]]
    known: dict[str, Any]

    def entry(self, at: datetime, case_id: UUID) -> Entry:
        """The line as it is kept: without the words that were sealed for others or erased."""
        plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in self.facts.items()}
        words = {name: value.value for name, value in self.words.items() if value.is_open and value.value is not None}
        return Entry(at, self.what, plain, words, case_id)


def told_as(
    what: str, *, facts: dict[str, Any] | None = None, words: dict[str, Sealed[Any]] | None = None, **known: Any
) -> Told:
    """A line of the story with its facts and words, and by keyword where the case stands since."""
    return Told(what, facts or {}, words or {}, known)


def files_of(evidence: Sealed[tuple[Attachment, ...]]) -> Sealed[Any]:
    """Photos and papers as the story keeps them; those told to others stay closed."""
    if not evidence.is_open:
        return Sealed.closed()
    return Sealed([{"id": str(one.id), "media_type": one.media_type} for one in evidence.value] or None)


def noting(told_of: Callable[[Any], Told]) -> Together:
    """The reaction that notes of each event what `told_of` says of it."""
    return Together(lambda tx, heard: note(tx, [(one, with_letter(told_of(one.event), one.event)) for one in heard]))


def with_letter(told: Told, heard: Event) -> Told:
    """The same, with the letter that came with it: the follow page hands it out."""
    if not isinstance(heard, WithLetter) or not heard.letter.is_open or heard.letter.value is None:
        return told
    letter = heard.letter.value
    kept = {
        "id": str(letter.id),
        "type": letter.type,
        "number": letter.number,
        "signed_on": letter.signed_on.isoformat(),
        "size_bytes": letter.size_bytes,
        "sha256": letter.sha256,
    }
    return replace(told, facts=told.facts | {"letter": kept})


def note(tx: Transaction, told: Sequence[tuple[Heard, Told]]) -> None:
    """Keep where the cases stand, and add a line to their stories. Petitions that are not ours are passed over."""
    ours = store.cases_among(tx, [heard.event.petition_id for heard, _ in told])
    noted = {heard.event.petition_id: (heard, one) for heard, one in told if heard.event.petition_id in ours}

    known = {id_: _where(tx, ours[id_], heard.event, one.known) for id_, (heard, one) in noted.items()}
    for id_, (heard, _) in noted.items():
        if _has_been_looked_at(heard.event):
            known[id_] = known[id_] | {"is_doubted": False}
    store.move_cases(tx, known)
    lines = {id_: one.entry(heard.cause.time, heard.event.case_id) for id_, (heard, one) in noted.items() if one.what}
    store.add_entries(tx, lines)


def _has_been_looked_at(heard: Event) -> bool:
    """Whether a person has done something with it: doubt ends there, save where it is confirmed."""
    is_spam = isinstance(heard, CaseRefused) and heard.ground == "spam"
    return getattr(heard, "actor", "").startswith(STAFF) and not is_spam


def _where(tx: Transaction, ours: store.Known, heard: Any, known: dict[str, Any]) -> dict[str, Any]:
    """What is known of a petition since an event about one of its cases: of most that is the only one."""
    if not ours.has_parts and ours.case_id in {None, heard.case_id}:
        return known | {"case_id": heard.case_id}
    parts = _parts(tx, ours, heard)
    parts[heard.case_id] = replace(parts[heard.case_id], **known)
    store.save_parts(tx, heard.petition_id, parts.values())
    return whole_of([*parts.values()]) | {"has_parts": True}


def _parts(tx: Transaction, ours: store.Known, heard: Any) -> dict[UUID, Part]:
    """The cases of a petition with that of an event, which may be new. Several from now on, where there was one."""
    assert ours.case_id is not None
    known = store.parts_of(tx, heard.petition_id) if ours.has_parts else []
    known = known or [store.only_case_of(tx, heard.petition_id, ours.case_id)]
    new = Part(case_id=heard.case_id, stage="received", number=len(known))
    return {new.case_id: new} | {part.case_id: part for part in known}


def happened_at(tx: Transaction) -> datetime:
    """When what we hear of happened; not when we heard of it."""
    return tx.cause.time if tx.cause is not None else tx.now
