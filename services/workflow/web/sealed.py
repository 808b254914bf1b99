"""A denunciation as this reader may see it: the copy for handlers, the letter while it is open, who opened it."""

from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from uuid import UUID

from services.workflow import store
from services.workflow.domain.case import Case
from services.workflow.domain.permission import may
from services.workflow.domain.protection import is_open_for
from services.workflow.domain.redaction import Sender, redact
from services.workflow.domain.vocabulary import OpeningReason
from services.workflow.web import words
from services.workflow.web.frame import Desk
from shared import auth
from shared.db import Reading
from shared.vault import Vault
from shared.web import current_language, lazy, ngettext

PAPERS = {
    "letter": lazy("Đơn"),
    "supplement": lazy("Bổ sung"),
}


@dataclass(frozen=True)
class Shown:
    """A paper as this reader sees it."""

    id: UUID
    what: str
    at: datetime
    text: str | None  # None: nobody confirmed a copy yet
    copy: str  # what stands in the form of those who confirm it
    is_confirmed: bool
    is_original: bool


def view_of(desk: Desk, tx: Reading, case: Case, me: auth.Person) -> SimpleNamespace | None:
    """A denunciation as this reader sees it; None for other kinds."""
    if not case.is_secret:
        return None
    vault, names = vault_of(desk), store.names_of(tx)
    openings = store.openings_of(tx, case.id)
    until = is_open_for(openings, me.person, tx.now) if may(me, "open_identity", case) else None
    papers = store.papers_of(tx, vault, case)
    letter = next((paper.words for paper in papers if paper.what == "letter"), None)
    is_confirmer = bool(may(me, "redact", case))
    redacted = store.redacted_of(tx, vault, case)
    sender, is_open = _sender(letter), until is not None
    shown = [_shown(paper, redacted.get(paper.id), sender, is_confirmer, is_open=is_open) for paper in papers]
    return SimpleNamespace(
        token=store.token_of(tx, case.petition_id),
        until=until,
        left=left_words(until, tx.now) if until else "",
        letter=letter if until else None,
        papers=shown,
        is_erased=not papers,
        is_confirmer=is_confirmer,
        may_open=bool(may(me, "open_identity", case)),
        files=store.redacted_files_of(tx, case.id),
        openings=[opening_row(desk, opening, names) for opening in openings] if is_confirmer else [],
    )


def told_words(protected: SimpleNamespace) -> store.Words:
    """The words of a denunciation for this reader: the letter while it is open, else the copy, without a person."""
    if protected.letter is not None:
        found: store.Words = protected.letter
        return found
    return store.words_only("\n\n".join(paper.text for paper in protected.papers if paper.text))


def on_paper(protected: SimpleNamespace) -> store.Words:
    """What may be printed: confirmed copies alone, even while the letter is open."""
    return store.words_only("\n\n".join(paper.copy for paper in protected.papers if paper.is_confirmed))


def vault_of(desk: Desk) -> Vault:
    return desk.database.codec.keys.vault


def _sender(letter: store.Words | None) -> Sender:
    if letter is None:
        return Sender()
    return Sender(name=letter.name, phone=letter.phone, email=letter.email, address=letter.address)


def _shown(
    paper: store.Paper, copy: store.Redacted | None, sender: Sender, is_confirmer: bool, *, is_open: bool
) -> Shown:
    said = paper.words
    original = said.whole
    proposed = redact(original, sender) if copy is None and is_confirmer else ""
    text = original if is_open else copy.text if copy else proposed or None
    return Shown(
        id=paper.id,
        what=str(PAPERS[paper.what]),
        at=paper.at,
        text=text,
        copy=copy.text if copy else proposed,
        is_confirmed=copy is not None,
        is_original=is_open,
    )


def left_words(until: datetime, now: datetime) -> str:
    """How long it stays open, in words that need no script."""
    minutes = max(int((until - now).total_seconds() + 59) // 60, 1)
    return ngettext("còn %(num)s phút", "còn %(num)s phút", minutes)


def may_see_files(tx: Reading, case: Case, me: auth.Person) -> bool:
    """Handwriting is identity: of secret kinds files are shown only while the identity is open for this reader."""
    if not case.is_secret:
        return True
    is_opener = bool(may(me, "open_identity", case))
    return is_opener and is_open_for(store.openings_of(tx, case.id), me.person, tx.now) is not None


def reason_words(reason: OpeningReason | None, code: str) -> str:
    """Why it was opened, in the page's language."""
    if reason is None:
        return code
    return reason.name if current_language() == "vi" else reason.name_en


def opening_row(desk: Desk, opening: store.Opening, names: dict[str, str]) -> SimpleNamespace:
    """An opening as lists show it."""
    return SimpleNamespace(
        id=opening.id,
        who=names.get(opening.person, ""),
        role=words.ROLES.get(opening.role, opening.role),
        reason=reason_words(desk.rules.catalogue.openings.reason(opening.reason), opening.reason),
        words=opening.words,
        at=opening.opened_at,
        ends_at=opening.ends_at,
        told=", ".join(names.get(person, "") for person in opening.told),
        reviewer=names.get(opening.reviewed_by or "", ""),
        reviewed_at=opening.reviewed_at,
        review=opening.review,
    )
