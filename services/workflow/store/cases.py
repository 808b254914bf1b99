"""A case and its clocks: found, kept, and saved only when nobody else changed it meanwhile."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    bindparam,
    delete,
    exists,
    literal_column,
    select,
    text,
    union_all,
    update,
)

from services.workflow.domain.case import Case, KindClass
from services.workflow.domain.deadline import Deadline
from services.workflow.store.identity import letters_of, seal, words_only
from services.workflow.store.papers import Words, add_attachments, folded
from services.workflow.store.tables import (
    IS_NEIGHBOUR,
    case_,
    case_attachment,
    case_excluded,
    case_words,
    deadline,
    extension_request,
)
from shared.db import Reading, Transaction, insert_new
from shared.events.intake import Attachment
from shared.ids import ordered_id
from shared.sql import insert_rows

FAR_AWAY = datetime(9000, 1, 1, tzinfo=UTC)
"""Where a case stands in the queue while its clock waits or nothing is owed: at the end."""


class StaleCase(Exception):
    """Somebody else changed the case meanwhile."""

    def __init__(self, case: Case) -> None:
        super().__init__("this case was changed meanwhile")
        self.case = case  # as it is now


_NAMES = tuple(field.name for field in fields(Case))
_COLUMNS = [case_.c[name] for name in _NAMES]
_CASE_BY_ID = select(*_COLUMNS).where(case_.c.id == bindparam("case_id"))
_CASE_TO_CHANGE = _CASE_BY_ID.with_for_update()


def _case(row: Any) -> Case:
    values = {name: row._mapping[name] for name in _NAMES}
    values["kind_class"] = KindClass(values["kind_class"])
    values["excluded"] = frozenset(values["excluded"])
    values["supporting"] = frozenset(values["supporting"])
    values["flags"], values["conditions"] = tuple(values["flags"]), tuple(values["conditions"])
    return Case(**values)


def _values(case: Case) -> dict[str, Any]:
    values = {name: getattr(case, name) for name in _NAMES}
    values["kind_class"] = case.kind_class.value
    values["excluded"] = sorted(case.excluded)
    values["supporting"] = sorted(case.supporting)
    values["flags"], values["conditions"] = list(case.flags), list(case.conditions)
    is_waiting = case.is_paused or case.is_ended or case.answered_at is not None
    values["queue_at"] = FAR_AWAY if is_waiting else (case.answer_due_at or case.received_at + timedelta(days=3650))
    return values


@dataclass(frozen=True, kw_only=True)
class NewCase:
    """A case as it is opened, with what belongs to it from the first moment."""

    case: Case
    words: Words
    proposal: dict[str, Any]
    deadlines: Sequence[Deadline] = ()
    files: Sequence[Attachment] = ()


def add_cases(tx: Transaction, opened: Sequence[NewCase]) -> None:
    """New cases with their words, files and clocks. Words and sender of a secret kind are locked away."""
    insert_rows(tx.connection, case_, [_first_row(new, tx.now) for new in opened])
    insert_rows(tx.connection, case_words, [{"case_id": new.case.id} | vars(_open_words(new)) for new in opened])
    seal(tx, letters_of(((new.case, new.words) for new in opened if new.case.is_secret), tx.now))
    excluded = [{"case_id": new.case.id, "who": who} for new in opened for who in sorted(new.case.excluded)]
    insert_rows(tx.connection, case_excluded, excluded)
    _start(tx, [(new.case.id, clock) for new in opened for clock in new.deadlines])
    add_attachments(tx, [(new.case.id, file) for new in opened for file in new.files])
    for new in opened:
        tx.changed(new.case.petition_id)


def _open_words(new: NewCase) -> Words:
    return words_only(party=new.words.party) if new.case.is_secret else new.words


def _first_row(new: NewCase, now: datetime) -> dict[str, Any]:
    return _values(new.case) | {
        "title": "" if new.case.is_secret else new.words.title,
        "folded": "" if new.case.is_restricted else folded(new.words),
        "has_excluded": bool(new.case.excluded),
        "ladder": [],
        "proposal": new.proposal,
        "decision": None,
        "changed_at": now,
    }


def load_case(tx: Transaction, case_id: UUID) -> Case | None:
    """The case, held against others until the transaction ends."""
    row = tx.connection.execute(_CASE_TO_CHANGE, {"case_id": case_id}).one_or_none()
    return None if row is None else _case(row)


def find_case(tx: Reading, case_id: UUID) -> Case | None:
    row = tx.connection.execute(_CASE_BY_ID, {"case_id": case_id}).one_or_none()
    return None if row is None else _case(row)


def cases_of(tx: Transaction, petition_id: UUID) -> list[Case]:
    """The cases of a petition, held until the transaction ends. More than one after a split."""
    found = select(*_COLUMNS).where(case_.c.petition_id == petition_id).order_by(case_.c.id).with_for_update()
    return [_case(row) for row in tx.connection.execute(found)]


def parts_of(tx: Reading, petition_id: UUID) -> list[Case]:
    """The cases of a petition, for looking."""
    found = select(*_COLUMNS).where(case_.c.petition_id == petition_id).order_by(case_.c.id)
    return [_case(row) for row in tx.connection.execute(found)]


def linked_to(tx: Transaction, case_id: UUID) -> list[Case]:
    """The cases that follow this one, held until the transaction ends."""
    found = select(*_COLUMNS).where(case_.c.linked_to == case_id, case_.c.stage == "linked").order_by(case_.c.id)
    return [_case(row) for row in tx.connection.execute(found.with_for_update())]


def save_case(tx: Transaction, case: Case, **more: Any) -> Case:
    """The case as it is kept now, one version on. Raises StaleCase when somebody else was first.

    `more` are columns that are no part of the domain's case, such as `title` or `decision`.
    """
    values = _values(case) | more
    for fixed in ("id", "version", "petition_id"):
        values.pop(fixed)
    done = tx.connection.execute(
        update(case_)
        .where(case_.c.id == case.id, case_.c.version == case.version)
        .values(**values, version=case.version + 1, changed_at=tx.now)
    )
    if done.rowcount != 1:
        raise StaleCase(find_case(tx, case.id) or case)
    tx.changed(case.petition_id)
    return replace(case, version=case.version + 1)


def exclude(tx: Transaction, case_id: UUID, who: Iterable[str]) -> None:
    """Shut out units and people that a case is about. Nobody is ever let in again by this."""
    if rows := [{"case_id": case_id, "who": name} for name in sorted(who)]:
        insert_new(tx.connection, case_excluded, rows)
        tx.connection.execute(update(case_).where(case_.c.id == case_id).values(has_excluded=True))


# ---- clocks


def _row_of(clock: Deadline) -> dict[str, Any]:
    return {
        "rule": clock.rule,
        "step": clock.step,
        "state": clock.state,
        "is_governing": clock.is_governing,
        "due_on": clock.due_on,
        "due_at": clock.due_at,
        "body": msgspec.to_builtins(clock),
    }


def add_deadlines(tx: Transaction, case_id: UUID, deadlines: Sequence[Deadline]) -> dict[UUID, Deadline]:
    """Start clocks. Returns them by their new ids."""
    return _start(tx, [(case_id, clock) for clock in deadlines])


def _start(tx: Transaction, clocks: Sequence[tuple[UUID, Deadline]]) -> dict[UUID, Deadline]:
    started = {ordered_id(): (case_id, clock) for case_id, clock in clocks}
    rows = [{"id": key, "case_id": case_id} | _row_of(clock) for key, (case_id, clock) in started.items()]
    insert_rows(tx.connection, deadline, rows)
    return {key: clock for key, (_, clock) in started.items()}


def deadlines_of(tx: Reading, case_id: UUID) -> dict[UUID, Deadline]:
    """The clocks of a case by their ids, in the order in which they were started."""
    found = select(deadline.c.id, deadline.c.body).where(deadline.c.case_id == case_id).order_by(deadline.c.id)
    return {row.id: msgspec.convert(row.body, Deadline) for row in tx.connection.execute(found)}


def save_deadlines(tx: Transaction, changed: dict[UUID, Deadline]) -> None:
    for clock_id, clock in changed.items():
        tx.connection.execute(update(deadline).where(deadline.c.id == clock_id).values(**_row_of(clock)))


def open_cases_with_clocks(tx: Reading, *, after: UUID | None, limit: int) -> list[Case]:
    """Open cases in the order of their ids: for computing anew what a changed calendar moves."""
    found = select(*_COLUMNS).where(~case_.c.is_ended).order_by(case_.c.id).limit(limit)
    if after is not None:
        found = found.where(case_.c.id > after)
    return [_case(row) for row in tx.connection.execute(found)]


_DUE = (
    select(*_COLUMNS, case_.c.ladder)
    .where(case_.c.next_step_at <= bindparam("now"))
    .order_by(case_.c.next_step_at)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)


def claim_due(tx: Transaction, *, limit: int) -> list[tuple[Case, list[str]]]:
    """Cases whose next step has come, the longest waiting first, with the steps of the ladder taken before.

    Rows that another worker holds are left to it.
    """
    due = tx.connection.execute(_DUE, {"now": tx.now, "limit": limit})
    return [(_case(row), list(row.ladder)) for row in due]


def is_anything_due(tx: Reading) -> bool:
    """One probe of an index: the price of an idle sweep."""
    found = select(case_.c.id).where(case_.c.next_step_at <= tx.now).limit(1)
    return tx.connection.execute(found).first() is not None


def climb(tx: Transaction, case: Case, *, taken: Sequence[str], is_told: bool) -> None:
    """Keep the next rung of a case that is held. No new version: a reminder must not make an officer's form stale."""
    tx.connection.execute(
        update(case_)
        .where(case_.c.id == case.id)
        .values(
            next_step=case.next_step,
            next_step_at=case.next_step_at,
            is_apology_owed=case.is_apology_owed,
            ladder=list(taken),
        )
    )
    if is_told:
        tx.changed(case.petition_id)


# ---- asking for a later day


def ask_for_extension(tx: Transaction, case_id: UUID, *, asked_by: str, reason: str) -> None:
    """A wish, which changes nothing yet: another person grants it or not."""
    end_extension_request(tx, case_id)
    row = {"case_id": case_id, "asked_by": asked_by, "asked_at": tx.now, "reason": reason}
    tx.connection.execute(extension_request.insert(), row)
    tx.connection.execute(update(case_).where(case_.c.id == case_id).values(extension_asked_by=asked_by))


def end_extension_request(tx: Transaction, case_id: UUID) -> None:
    tx.connection.execute(delete(extension_request).where(extension_request.c.case_id == case_id))
    tx.connection.execute(update(case_).where(case_.c.id == case_id).values(extension_asked_by=None))


@dataclass(frozen=True)
class ExtensionRequest:
    asked_by: str
    asked_at: datetime
    reason: str


def extension_request_of(tx: Reading, case_id: UUID) -> ExtensionRequest | None:
    found = select(extension_request.c.asked_by, extension_request.c.asked_at, extension_request.c.reason)
    row = tx.connection.execute(found.where(extension_request.c.case_id == case_id)).one_or_none()
    return None if row is None else ExtensionRequest(*row)


def proposal_of(tx: Reading, case_id: UUID) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """What the sorting proposed, and what a person decided."""
    row = tx.connection.execute(select(case_.c.proposal, case_.c.decision).where(case_.c.id == case_id)).one()
    return row.proposal, row.decision


def without_words(proposal: dict[str, Any]) -> dict[str, Any]:
    """What was proposed for a denunciation, without the words of the letter that led there."""
    return proposal | {
        "candidates": [one | {"phrases": []} for one in proposal.get("candidates", ())],
        "reasons": [
            {"code": one["code"], "words": []} for one in proposal.get("reasons", ()) if one["code"] == "route"
        ],
    }


# ---- neighbours and files

NEIGHBOURS = 10  # of a topic: where duplicates are looked for


@cache
def _newest_of(topics: int) -> Select[Any]:
    """The newest neighbours of so many topics: for each a look at the end of its index, and no further.

    What the database should plan but once, limit and condition, is written into the statement.
    """
    names = ("id", "kind", "topic", "title", "ward", "received_at", "answer_rule", "answer_due_on", "answer_due_at")
    newest = (
        select(*(case_.c[name] for name in names))
        .where(
            case_.c.topic == bindparam(f"topic_{number}"),
            case_.c.received_at >= bindparam("since"),
            text(IS_NEIGHBOUR),
        )
        .order_by(case_.c.received_at.desc())
        .limit(literal_column(str(NEIGHBOURS)))
        .subquery()
        for number in range(topics)
    )
    near = union_all(*map(select, newest)).subquery()
    words = (case_words.c.text, case_words.c.place, case_words.c.position)
    found = select(near, *words).join(case_words, case_words.c.case_id == near.c.id)
    return found.order_by(near.c.received_at.desc())


def nearby(tx: Reading, topics: Collection[str], *, since: datetime) -> Sequence[Any]:
    """The newest open ordinary cases of some topics, newest first: where duplicates may be found."""
    if not topics:
        return []
    asked = {f"topic_{number}": topic for number, topic in enumerate(topics)}
    return tx.connection.execute(_newest_of(len(topics)), asked | {"since": since}).all()


def attachments_of(tx: Reading, case_id: UUID) -> Sequence[Row[Any]]:
    """Files of a case, oldest first: id, media_type, size_bytes, sha256, added_at."""
    found = select(case_attachment).where(case_attachment.c.case_id == case_id, _is_its_own())
    return tx.connection.execute(found.order_by(case_attachment.c.added_at, case_attachment.c.id)).all()


def attachment_for_reading(tx: Reading, attachment_id: UUID) -> Sequence[Row[Any]]:
    """A file with each case that it belongs to."""
    found = select(case_attachment).where(case_attachment.c.id == attachment_id, _is_its_own())
    return tx.connection.execute(found).all()


def _is_its_own() -> ColumnElement[bool]:
    """Whether a file may be shown with its case: one that came with a denunciation is nothing of the other parts of
    that letter, whose handlers open no identity.
    """
    here, twin, other = case_.alias(), case_attachment.alias(), case_.alias()
    is_secret = exists().where(
        twin.c.id == case_attachment.c.id, other.c.id == twin.c.case_id, other.c.kind_class == KindClass.SECRET.value
    )
    is_of_secret = exists().where(here.c.id == case_attachment.c.case_id, here.c.kind_class == KindClass.SECRET.value)
    return is_of_secret | ~is_secret
