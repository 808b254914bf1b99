"""What the pages of the configuration share: their frame, a document's state, rows and values in words."""

import json
import re
from collections.abc import Mapping
from datetime import date
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from flask import abort
from flask.typing import ResponseReturnValue

from services.workflow import store
from services.workflow.actions import DocumentUnknown, newest_text
from services.workflow.domain.document import Document, Row
from services.workflow.domain.permission import may_configure
from services.workflow.domain.rules import Rules
from services.workflow.rulebook import RuleBook
from services.workflow.web.config_words import CONFIDENCE, FIELDS, LISTS, NAMES, REASONS, STATES, VALUES
from services.workflow.web.frame import Desk
from shared import auth
from shared.db import Reading
from shared.web import gettext

BELOW = ("valid_from", "valid_to", "source", "confidence", "name", "name_en")
"""Fields of a row that have a column of their own."""

ISO_DAY = re.compile(r"^\d{4}-\d\d-\d\d$")


def page(desk: Desk, look: Reading, template: str, *, status: int = 200, **context: Any) -> ResponseReturnValue:
    me = auth.me()
    return desk.page(
        look,
        f"desk/config/{template}.html",
        here="config",
        status=status,
        names=store.names_of(look),
        title_of=title_of,
        list_title=lambda key: LISTS.get(key, key),
        label=lambda field: FIELDS.get(field, field),
        states=STATES,
        said=said,
        may={action: bool(may_configure(me, action)) for action in ("draft", "publish", "withdraw")},
        me=me,
        **context,
    )


def book_of(desk: Desk) -> RuleBook:
    if not isinstance(desk.book, RuleBook):
        abort(404)
    return desk.book


def title_of(name: str) -> str:
    return str(NAMES.get(name, name))


def newest(desk: Desk, look: Reading, name: str) -> tuple[str, date]:
    if name not in book_of(desk).names:
        raise DocumentUnknown
    return newest_text(look, book_of(desk), name)


def find(look: Reading, document_id: UUID) -> Document:
    found = store.find_document(look, document_id)
    if found is None:
        raise DocumentUnknown
    return found


def today_of(desk: Desk, look: Reading) -> date:
    return desk.rules.calendar.local_day(look.now)


def state_of(desk: Desk, look: Reading, name: str) -> SimpleNamespace:
    """A document as the lists show it: which version holds since when, and what is to come."""
    if name not in book_of(desk).names:
        raise DocumentUnknown
    in_force = book_of(desk).edition(look).documents.get(name)
    known = store.published(look, name)
    to_come = known[-1] if known and known[-1].valid_from > today_of(desk, look) else None
    return SimpleNamespace(name=name, title=title_of(name), in_force=in_force, to_come=to_come, versions=len(known))


def shown_row(row: Row, today: date) -> SimpleNamespace:
    value = row.value
    until = value.get("valid_to")
    since = value.get("valid_from")
    return SimpleNamespace(
        number=row.number,
        name=row.name,
        title=value.get("name") or value.get("step") or "",
        facts=[
            (key, said(one)) for key, one in value.items() if key not in BELOW and one not in (None, [], "", row.name)
        ],
        since=day_of(since),
        until=day_of(until),
        is_dated="valid_from" in value,
        is_over=bool(until) and str(until) < today.isoformat(),
        is_to_come=bool(since) and str(since) > today.isoformat(),
        source=value.get("source") or "",
        confidence=CONFIDENCE.get(value.get("confidence", ""), ""),
    )


def others_of(text: str, lists: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What stands in a document beside its lists of rows."""
    return [(key, said(value)) for key, value in json.loads(text).items() if not lists.get(key)]


def said(value: Any) -> str:
    """A value of a row as people read it."""
    if isinstance(value, bool):
        return gettext("có") if value else gettext("không")
    if isinstance(value, list):
        return ", ".join(map(said, value))
    if isinstance(value, dict):
        return "; ".join(f"{FIELDS.get(key, key)}: {said(one)}" for key, one in value.items() if one is not None)
    if value is None:
        return ""
    if isinstance(value, str) and ISO_DAY.match(value):
        return f"{date.fromisoformat(value):%d/%m/%Y}"
    return str(VALUES.get(value, value)) if isinstance(value, str) else str(value)


def day_of(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) and value else None


def unconfirmed_years(rules: Rules, look: Reading) -> list[int]:
    """Years from now on into which days fall that are known but not confirmed."""
    calendar = rules.calendar
    years = {day.year for day in calendar.days_off} | {calendar.local_day(look.now).year + 1}
    this_year = calendar.local_day(look.now).year
    return sorted(year for year in years if year >= this_year and year not in calendar.confirmed_years)


def reason_of(problem: str) -> str:
    """Why a document was refused, in the reader's language where we know the sentence."""
    place, _, why = problem.partition(": ")
    for pattern, sentence in REASONS:
        if found := re.search(pattern, why or problem):
            given = {name: value or "" for name, value in found.groupdict().items()}
            return f"{place}: {str(sentence) % given}" if why else str(sentence) % given
    return problem
