"""What is answered: a case as its page shows it, its row in a list, people, counts. Masked where the page masks."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import fields, is_dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from babel.support import LazyProxy

from services.workflow import store
from services.workflow.domain.case import Case
from services.workflow.domain.deadline import Deadline
from services.workflow.domain.dialogue import Dialogue, Guest
from services.workflow.domain.document import Document
from services.workflow.web import words
from services.workflow.web.case import line
from services.workflow.web.charts import Drawing
from services.workflow.web.frame import Desk
from shared import auth
from shared.web import said

Body = dict[str, Any]


def brief(desk: Desk, case: Case) -> Body:
    """Which case it is and where it stands."""
    stage = desk.rules.workflow_of(case).stages[case.stage]
    return {
        "id": str(case.id),
        "code": case.code,
        "version": case.version,
        "stage": case.stage,
        "stage_words": said(stage.desk),
        "is_ended": case.is_ended,
    }


def row(desk: Desk, found: store.Row, *, time_left: str = "") -> Body:
    """A case as a list shows it."""
    case = found.case
    return brief(desk, case) | {
        "title": found.title or None,
        "place": found.place,
        "kind": case.kind,
        "topic": case.topic,
        "ward": case.ward,
        "unit": case.unit,
        "officer": case.officer,
        "priority": case.priority,
        "class": case.kind_class.value,
        "attachment_count": case.attachment_count,
        "received_at": case.received_at.isoformat(),
        "answer_due_on": _iso(case.answer_due_on),
        "answer_due_at": _iso(case.answer_due_at),
        "time_left": time_left,
        "is_paused": case.is_paused,
        "is_apology_owed": case.is_apology_owed,
        "linked_to": None if case.linked_to is None else str(case.linked_to),
    }


def whole(desk: Desk, shown: Mapping[str, Any], steps: list[str]) -> Body:
    """A case as its page shows it to this person; `shown` is what the page was made of."""
    case: Case = shown["case"]
    told: store.Words = shown["told"]
    names: Mapping[str, str] = shown["names"]
    listed = store.Row(case=case, title=shown["title"], place=told.place)
    return row(desk, listed, time_left=shown["clock"].big) | {
        "steps": steps,
        "may": sorted(shown["may"]),
        "text": told.text,
        "asked": told.answers,
        "position": told.position,
        "channel": case.channel,
        "signature_status": case.signature_status,
        "publication": case.publication,
        "route": case.route,
        "flags": list(case.flags),
        "officer_name": names.get(case.officer or ""),
        "excluded": sorted(case.excluded) if "decide" in shown["may"] else None,
        "excluded_count": len(case.excluded),
        "contact": contact(told, shown["masked"], shown["shown_until"]),
        "counter": counter(shown["counter"]["entered"]),
        "supplements": [
            {"at": one.at.isoformat(), "text": one.text, "attachment_count": one.attachment_count}
            for one in shown["supplements"]
        ],
        "attachments": [
            {"id": str(one.id), "media_type": one.media_type, "size_bytes": one.size_bytes, "sha256": one.sha256}
            for one in shown["files"]
        ],
        "deadlines": [deadline(one) for one in shown["clock"].rows],
        "explanation": shown["clock"].explanation,
        "questions": [question(one) for one in shown["questions"]],
        "answers": [draft(one) for one in shown["drafts"]],
        "checks": [
            {"code": one.code, "is_good": one.is_good, "is_hard": one.is_hard} for one in shown["answering"].findings
        ],
        "handovers": [handover(one) for one in shown["counter"]["handovers"]],
        "timeline": [entry(desk, one, names) for one in shown["raw_entries"]],
        "notices": [
            {"purpose": one.purpose, "channel": one.channel, "state": one.state, "at": one.at.isoformat()}
            for one in shown["notices"]
        ],
        "readings": [
            {"who": who, "purpose": str(purpose), "at": at.isoformat()} for who, purpose, at, _ in shown["reads"]
        ],
        "proposal": {"proposed": shown["proposal"][0], "decided": shown["proposal"][1]},
        "lead": None if shown["lead"] is None else row(desk, shown["lead"]),
        "followers": [row(desk, one) for one in shown["followers"]],
        "related": [row(desk, one) for one in shown["related"]],
        "extension": extension(shown),
        "was_late": shown["was_late"],
        "apologised_at": _iso(case.apologised_at),
        "answered_at": _iso(case.answered_at),
    }


def contact(told: store.Words, masked: Mapping[str, str], until: Any) -> Body:
    """Name and contact: masked, or open for some minutes to who said why."""
    names = ("organisation", "name", "phone", "email", "address")
    values = {name: getattr(told, name) if until else masked.get(name) for name in names}
    return {name: value or None for name, value in values.items()} | {"shown_until": _iso(until)}


def counter(entered: store.Entered | None) -> Body | None:
    """Who wrote the petition down for its citizen, and when."""
    if entered is None:
        return None
    return {
        "entered_by": entered.person,
        "entered_at": entered.at.isoformat(),
        "received_at": entered.received_at.isoformat(),
        "late_ground": entered.late_ground,
    }


def deadline(clock: Deadline) -> Body:
    return {
        "rule": clock.rule,
        "step": clock.step,
        "state": clock.state,
        "due_on": _iso(clock.due_on),
        "due_at": clock.due_at.isoformat(),
        "is_governing": clock.is_governing,
        "is_internal": clock.is_internal,
        "source": clock.source,
    }


def question(asked: store.Question) -> Body:
    return {
        "text": asked.text,
        "asked_by": asked.asked_by,
        "asked_at": asked.asked_at.isoformat(),
        "reply_by": asked.reply_by.isoformat(),
        "is_replied": asked.is_replied,
    }


def draft(answer: store.Answer) -> Body:
    return {
        "version": answer.version,
        "round": answer.round,
        "state": answer.state,
        "text": answer.text,
        "outcome": answer.outcome,
        "promised_on": _iso(answer.promised_on),
        "basis": answer.basis,
        "drafted_by": answer.drafted_by,
        "drafted_at": answer.drafted_at.isoformat(),
        "decided_by": answer.decided_by,
        "returned_because": answer.words,
    }


def handover(given: store.Handover) -> Body:
    return {
        "round": given.round,
        "given_to": given.given_to,
        "given_on": given.given_on.isoformat(),
        "is_signed": given.is_signed,
        "by": given.actor,
    }


def entry(desk: Desk, told: store.Entry, names: Mapping[str, str]) -> Body:
    """A line of the timeline, with the words of the page."""
    shown = line(desk, told, names)
    return {
        "at": told.at.isoformat(),
        "what": told.what,
        "title": str(shown.title),
        "words": told.words,
        "who": shown.who,
        "is_public": told.is_public,
        "data": told.data,
    }


def extension(shown: Mapping[str, Any]) -> Body:
    """Who wishes a later day and why, and which day it would be."""
    wish = shown["request"]
    return {
        "possible_to": _iso(shown["extension"]),
        "asked_by": wish.asked_by if wish else None,
        "reason": wish.reason if wish else None,
    }


def colleague(person: auth.Person) -> Body:
    """Somebody who works here, as pages name them: no login and no address."""
    return {
        "person": person.person,
        "name": person.name,
        "role": person.role,
        "role_words": str(words.ROLES[person.role]),
        "unit": person.unit,
    }


def account(person: auth.Person) -> Body:
    """An account, as the admin sees it."""
    more = {"id": str(person.person_id), "login": person.login, "email": person.email, "is_active": person.is_active}
    return colleague(person) | more


def plain(desk: Desk, value: Any) -> Any:
    """What a page shows, in JSON. A case and its row stay as lists show them; a citizen's words are never put so."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str | UUID | LazyProxy):
        return str(value)
    if isinstance(value, date):  # an instant, too
        return value.isoformat()
    for kind, shown in SHOWN_AS.items():
        if isinstance(value, kind):
            return shown(desk, value)
    if isinstance(value, Mapping):
        return {str(name): plain(desk, one) for name, one in value.items()}
    if isinstance(value, SimpleNamespace):
        return plain(desk, vars(value))
    if isinstance(value, Set):
        return sorted(plain(desk, one) for one in value)
    if is_dataclass(value) and not isinstance(value, store.Words):
        return {field.name: plain(desk, getattr(value, field.name)) for field in fields(value)}
    if hasattr(value, "_asdict"):
        return plain(desk, value._asdict())
    if isinstance(value, Sequence):
        return [plain(desk, one) for one in value]
    raise TypeError(f"{type(value).__name__} is nothing that a page shows as it is")


def without(value: Any, left_out: str) -> dict[str, Any]:
    return {name: one for name, one in vars(value).items() if name != left_out}


SHOWN_AS: Mapping[type, Callable[[Desk, Any], Any]] = {
    store.Row: row,
    Case: brief,
    auth.Person: lambda _desk, value: colleague(value),
    store.Answer: lambda _desk, value: draft(value),
    Deadline: lambda _desk, value: deadline(value),
    Drawing: lambda desk, value: {"title": value.title, "rows": plain(desk, value.rows)},
    Document: lambda desk, value: plain(desk, without(value, "text")),
    Dialogue: lambda desk, value: plain(desk, without(value, "minutes")),
    Guest: lambda desk, value: plain(desk, without(value, "link_token")),
}
"""Things that stand in JSON otherwise than by their fields: a text of the rule book is given by its own address, the
minutes of a session stand beside it for those who may read them, and a guest's link is that guest's key.
"""


def _iso(value: Any) -> str | None:
    return None if value is None else str(value.isoformat())
