"""A letter about several matters, taken apart by a person: one case each, with the clocks of the first receipt."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from services.workflow import store
from services.workflow.actions.sorting import reclassified, unit_for
from services.workflow.domain import deadline as clocks
from services.workflow.domain.case import Case, title_of
from services.workflow.domain.deadline import Deadline
from services.workflow.domain.permission import Person
from services.workflow.domain.rules import Rules, timed
from services.workflow.ending import release_followers
from services.workflow.steps import Incomplete, begin, give_out, needed, opened, routed, take_step
from shared.db import Transaction
from shared.events.intake import Attachment
from shared.events.workflow import CaseSplit
from shared.ids import ordered_id

LEAST, MOST = 2, 6  # parts


@dataclass(frozen=True, kw_only=True)
class Part:
    """One matter of a letter: the words that are about it, and what it is."""

    text: str
    kind: str | None = None  # as the letter itself, where nothing else is said
    topic: str | None = None
    unit: str | None = None  # by the rules of routing


def split(
    tx: Transaction,
    rules: Rules,
    *,
    person: Person,
    case_id: UUID,
    version: int | None = None,
    parts: Sequence[Part],
) -> list[Case]:
    """Open a case for each part; the one that held them all ends as split. The petition and its code stay one."""
    case = begin(tx, person, "split_up", case_id, version)
    parts = [part for part in parts if part.text.strip()]
    if not LEAST <= len(parts) <= MOST:
        raise Incomplete("parts", "too_few" if len(parts) < LEAST else "too_many")
    words = store.words_of(tx, case.id)
    files = [
        Attachment(id=row.id, media_type=row.media_type, size_bytes=row.size_bytes, sha256=row.sha256)
        for row in store.attachments_of(tx, case.id)
    ]
    has_secret = any((part.kind or case.kind).startswith("denunciation") for part in parts)
    made = [_part(tx, rules, case, part, words, files, has_secret=has_secret) for part in parts]
    release_followers(tx, rules, case, why="lead_split")
    taken = take_step(
        tx,
        rules,
        case,
        "split_up",
        actor=person.person,
        role=person.role,
        is_public=True,
        data={"parts": [str(new.case.id) for new in made]},
        heirs=[new.case.id for new in made],
        linked_to=None,
    )
    store.add_cases(tx, made)
    store.add_entries(
        tx,
        {new.case.id: {"unit": new.case.unit, "route": new.case.route, "from": str(case.id)} for new in made},
        "opened",
        actor=person.person,
        is_public=True,
    )
    tx.emit(
        CaseSplit(
            petition_id=case.petition_id,
            case_id=taken.case.id,
            actor=person.person,
            parts=tuple(new.case.id for new in made),
            count=len(made),
        )
    )
    for new in made:
        tx.emit(opened(new.case, new.deadlines))
        tx.emit(routed(new.case, actor=person.person, units=rules.unit_codes))
    return [give_out(tx, rules, new.case) for new in made]


def pieces_of(text: str) -> list[str]:
    """A letter in its sentences, for a person to say which part each belongs to."""
    return [piece.strip() for piece in re.split(r"(?<=[.!?…;])\s+|\n+", text) if piece.strip()]


def _part(
    tx: Transaction,
    rules: Rules,
    case: Case,
    part: Part,
    words: store.Words,
    files: Sequence[Attachment],
    *,
    has_secret: bool,
) -> store.NewCase:
    text = needed(part.text, "parts", least=10, most=20000)
    sorted_as = reclassified(
        case, rules, kind=part.kind or case.kind, topic=part.topic or case.topic, told=words, is_part=True
    )
    unit = unit_for(tx, case, sorted_as, rules, part.unit)
    is_plain = not sorted_as.is_restricted
    workflow = rules.workflow_of(sorted_as)
    new = replace(
        sorted_as,
        id=ordered_id(),
        unit=unit,
        stage=workflow.first_stage("accept" if is_plain else "otherwise"),
        route="accept" if is_plain else "triage",
        officer=None,
        linked_to=None,
        supporting=frozenset(),
        flags=tuple(flag for flag in case.flags if flag != "mixed"),
        next_step=None,
        next_step_at=None,
        answer_due_at=None,
        answer_due_on=None,
        answer_rule=None,
        version=1,
    )
    deadlines = _clocks_of(rules, new, tx)
    is_told_elsewhere = has_secret and not new.is_secret  # answers beside a denunciation are for its handlers alone
    return store.NewCase(
        case=timed(new, deadlines, rules, after=(tx.now, "")),
        words=replace(words, title=title_of(text), text=text, answers=[] if is_told_elsewhere else words.answers),
        proposal=_proposal(new),
        deadlines=deadlines,
        files=files,
    )


def _clocks_of(rules: Rules, new: Case, tx: Transaction) -> tuple[Deadline, ...]:
    """Own clocks, from the day on which the letter came."""
    anchors: dict[str, Any] = {"received": new.received_at}
    if new.stage == "accepted":
        anchors["routed"] = tx.now
    found = clocks.deadlines_of(
        rules.catalogue, kind=new.kind, topic=new.topic, conditions=new.conditions, anchors=anchors
    )
    return tuple(clock for clock in found if clock.step != "triage" or new.stage == "triage")


def _proposal(new: Case) -> dict[str, Any]:
    """Decided by a person: nothing was proposed."""
    return {
        "kind": new.kind,
        "topic": new.topic,
        "unit": new.unit,
        "route": new.route,
        "is_restricted": new.is_restricted,
        "transfer_to": None,
        "linked_to": None,
        "ground": None,
        "rule": None,
        "candidates": [],
        "reasons": [],
    }
