"""Notes among colleagues. They change nothing of the case; whom a note names is told, when they may see the case."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from services.workflow import store
from services.workflow.domain.case import Case
from services.workflow.domain.mention import meant_by
from services.workflow.domain.permission import Person, may
from services.workflow.steps import Incomplete, begin, needed
from shared import auth
from shared.db import Transaction
from shared.events.workflow import CaseMentioned
from shared.text import fold


def add_note(tx: Transaction, *, person: Person, case_id: UUID, text: str) -> None:
    """A note among colleagues; nobody outside hears of it.

    @name or @unit tells those people, once each. A name of nobody and a name of somebody who may not see the case are
    refused alike, so that nothing is learned by trying.
    """
    case = begin(tx, person, "note", case_id, None)
    words = needed(text, "note")
    meant = meant_by(words, people_to_mention(store.colleagues(tx), case))
    if meant.unknown:
        raise Incomplete("note", "mention_unknown")
    note_id = store.add_note(tx, case_id, author=person.person, text=words)
    told = tuple(sorted(one for one in meant.people if one != person.person))
    if not told:
        return
    store.add_mentions(tx, note_id=note_id, case_id=case_id, people=told)
    tx.emit(
        CaseMentioned(petition_id=case.petition_id, case_id=case.id, note_id=note_id, actor=person.person, tell=told)
    )


def people_to_mention(people: Sequence[auth.Person], case: Case) -> Mapping[str, list[str]]:
    """Whom a note about this case may name, and by which folded words: name, name for signing in, code of the unit."""
    known: dict[str, list[str]] = {}
    for one in people:
        if may(one, "see", case):
            for name in {fold(one.name), fold(one.login), fold(one.unit or "")} - {""}:
                known.setdefault(name, []).append(one.person)
    return known


def read_mentions(tx: Transaction, *, person: Person, case_id: UUID) -> None:
    """Who opens a case has seen the notes that name them."""
    store.read_mentions(tx, case_id, person.person)
