"""Changing the configuration: one person writes, another puts in force, and everybody can read who and why."""

from datetime import date
from uuid import UUID

from services.workflow import store
from services.workflow.domain.document import Document, digest_of, stream_of
from services.workflow.domain.permission import Person, Refused, may_configure
from services.workflow.rulebook import RuleBook
from services.workflow.steps import Incomplete, NotAllowed, needed
from shared.db import Reading, Transaction
from shared.events.base import Sealed
from shared.events.workflow import ConfigChanged
from shared.text import nfc

MOST_TEXT = 2_000_000  # characters
AT_THE_DOOR = frozenset({"guidance.json", "known_answers.json", "procedures.json", "questions.json"})
"""Documents that citizens read as they are: the door shows them from their day on, like the desk, without a restart."""


class DocumentUnknown(Exception):
    """There is no such document or draft."""


class DraftDecided(Exception):
    """The draft was published or withdrawn before."""


class DraftOutdated(Exception):
    """Another change of the same document was published since the draft was written: it would undo it."""


def draft_document(
    tx: Transaction,
    book: RuleBook,
    *,
    person: Person,
    name: str,
    text: str,
    reason: str,
    valid_from: date | None = None,
    based_on: str | None = None,
) -> Document:
    """Write a document anew; nothing changes until somebody else publishes it.

    `based_on` is the sha256 of the text that the writer saw, where that may be an old one. Raises BadConfig where the
    text makes no sense, Incomplete, DraftOutdated, NotAllowed.
    """
    _allow(person, "draft")
    if name not in book.names:
        raise DocumentUnknown
    before, first_day = newest_text(tx, book, name)
    on = max(_today(tx, book), first_day) if valid_from is None else valid_from
    if on < _today(tx, book):
        raise Incomplete("valid_from", "past")
    if on < first_day:
        raise Incomplete("valid_from", "before_last")
    if based_on is not None and based_on != digest_of(before):
        raise DraftOutdated
    written = _as_kept(needed(text, "text", most=MOST_TEXT))
    if written == before:
        raise Incomplete("text", "unchanged")
    why = needed(reason, "reason", least=10)
    book.check(tx, name, written, valid_from=on)
    return store.add_draft(
        tx,
        name=name,
        text=written,
        based_on=digest_of(before),
        valid_from=on,
        reason=why,
        drafted_by=person.person,
    )


def publish_document(tx: Transaction, book: RuleBook, *, person: Person, document_id: UUID) -> Document:
    """Put in force what somebody else wrote, from its day on, or from today where that has passed.

    Raises DocumentUnknown, DraftDecided, DraftOutdated, BadConfig, NotAllowed.
    """
    store.hold_documents(tx)
    draft = _draft(tx, document_id)
    _allow(person, "publish", drafted_by=draft.drafted_by)
    before, first_day = newest_text(tx, book, draft.name)
    if draft.based_on != digest_of(before):
        raise DraftOutdated
    on = max(draft.valid_from, first_day, _today(tx, book))
    book.check(tx, draft.name, draft.text, valid_from=on)
    kept = store.keep_published(tx, draft, valid_from=on, by=person.person)
    tx.emit(
        ConfigChanged(
            document=stream_of(kept.name),
            name=kept.name,
            version=kept.version,
            sha256=kept.sha256,
            valid_from=kept.valid_from,
            drafted_by=kept.drafted_by,
            published_by=person.person,
            text=Sealed(kept.text if kept.name in AT_THE_DOOR else None),
        )
    )
    return kept


def withdraw_draft(tx: Transaction, *, person: Person, document_id: UUID) -> Document:
    """Give a draft up. It stays in the history. Raises DocumentUnknown, DraftDecided, NotAllowed."""
    _allow(person, "withdraw")
    store.hold_documents(tx)
    return store.keep_withdrawn(tx, _draft(tx, document_id), by=person.person)


def newest_text(tx: Reading, book: RuleBook, name: str) -> tuple[str, date]:
    """What a change of a document is written over, and from which day that holds: perhaps a day to come."""
    known = store.published(tx, name)
    if known:
        return known[-1].text, known[-1].valid_from
    return book.text_of(name, {}), date.min


def _draft(tx: Transaction, document_id: UUID) -> Document:
    draft = store.find_document(tx, document_id)
    if draft is None:
        raise DocumentUnknown
    if draft.state != "draft":
        raise DraftDecided
    return draft


def _allow(person: Person, action: str, *, drafted_by: str | None = None) -> None:
    answer = may_configure(person, action, drafted_by=drafted_by)
    if isinstance(answer, Refused):
        raise NotAllowed(answer.reason)


def _as_kept(text: str) -> str:
    """Composed letters and plain line ends, as the files have them."""
    return nfc(text).replace("\r\n", "\n").replace("\r", "\n").strip() + "\n"


def _today(tx: Reading, book: RuleBook) -> date:
    return book.in_force(tx).calendar.local_day(tx.now)
