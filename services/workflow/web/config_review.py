"""The review of a draft: what it changes, whether it makes sense, what it would have made of what came lately."""

from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from services.workflow import store
from services.workflow.domain.case import KindClass
from services.workflow.domain.document import Document, Line, changes, digest_of
from services.workflow.domain.permission import may_configure
from services.workflow.domain.rules import Rules
from services.workflow.domain.simulation import Moves, count_moves, simulate
from services.workflow.web import words
from services.workflow.web.config_page import book_of, newest, page, reason_of, state_of, today_of
from services.workflow.web.config_words import MISSING, OUTCOMES
from services.workflow.web.frame import Desk
from shared import auth
from shared.config import BadConfig
from shared.db import Reading

SORTS = frozenset({"sorting.json", "topics.json", "routing.json", "organisation.json", "kinds.json"})
"""Documents that decide what a petition is and who handles it: their drafts are tried on what came lately."""

TRIED = {"some": 500, "all": 2000}  # newest cases a simulation looks at, at once and when asked for more
TRIED_FOR = timedelta(days=30)
COUNTED = 1000  # open cases that are counted by another calendar, to see what it would move
EXAMPLES = 12
KEPT = 48  # letters of what stays at each side of what changes in a long line


REVIEWED = ("draft", "document", "lines", "is_outdated", "trouble", "tried", "moves", "may_publish")


def review(desk: Desk, look: Reading, draft: Document, *, status: int = 200) -> ResponseReturnValue:
    facts = reviewed(desk, look, draft)
    return page(desk, look, "review", status=status, today=today_of(desk, look), **facts)


def reviewed(desk: Desk, look: Reading, draft: Document) -> dict[str, Any]:
    """What a draft changes, whether it still makes sense, and what it would have made of what came lately."""
    before, _ = newest(desk, look, draft.name)
    is_open = draft.state == "draft"
    is_outdated = is_open and draft.based_on != digest_of(before)
    trouble, tried, moves = None, None, None
    if is_open and not is_outdated:
        on = max(draft.valid_from, today_of(desk, look))
        try:
            new = book_of(desk).check(look, draft.name, draft.text, valid_from=on)
            tried = _tried(desk, look, draft, new, on) if draft.name in SORTS else None
            moves = _moves(look, new) if new.counted_by != desk.rules.counted_by else None
        except BadConfig as bad:
            trouble = SimpleNamespace(words=reason_of(str(bad)), plain=str(bad))
    base = before if is_open else _base_of(desk, look, draft)
    return {
        "draft": draft,
        "document": state_of(desk, look, draft.name),
        "lines": [] if base is None else [replace(one, parts=_shortened(one)) for one in changes(base, draft.text)],
        "is_outdated": is_outdated,
        "trouble": trouble,
        "tried": tried,
        "moves": moves,
        "may_publish": bool(may_configure(auth.me(), "publish", drafted_by=draft.drafted_by)),
    }


def _shortened(line: Line) -> tuple[tuple[str, str], ...]:
    """The parts of a line with what stays left out in the middle, where it is long and something else changes."""
    if len(line.parts) < 2:
        return line.parts
    return tuple(
        (kind, f"{text[:KEPT]} … {text[-KEPT:]}" if kind == "=" and len(text) > 3 * KEPT else text)
        for kind, text in line.parts
    )


def _base_of(desk: Desk, look: Reading, draft: Document) -> str | None:
    """The text that a decided draft was written over."""
    texts = [one.text for one in store.published(look, draft.name)] + [book_of(desk).text_of(draft.name, {})]
    return next((text for text in texts if digest_of(text) == draft.based_on), None)


def _moves(look: Reading, new: Rules) -> Moves:
    """The draft's days off tried on the ordinary cases that are open."""
    found = store.open_cases_with_clocks(look, after=None, limit=COUNTED)
    cases = [case for case in found if case.kind_class is KindClass.ORDINARY]
    clocks = store.clocks_of(look, [case.id for case in cases])
    return count_moves(new, [(case, clocks[case.id]) for case in cases], now=look.now)


def _tried(desk: Desk, look: Reading, draft: Document, new: Rules, on: date) -> SimpleNamespace:
    """The draft tried on the ordinary cases of the last days, as if they came on its first day."""
    since, most = look.now - TRIED_FOR, TRIED["all" if request.args.get("tried") == "all" else "some"]
    calendar = desk.rules.calendar
    petitions = store.petitions_since(look, since, limit=most)
    at = calendar.next_working_instant(calendar.start_of_day(on))
    found = simulate(desk.rules, new, petitions, at=at)
    titles = store.titles_of(look, auth.me(), [one.case_id for one in found.changed[:200]])
    examples = [(one, *titles[one.case_id]) for one in found.changed if one.case_id in titles][:EXAMPLES]
    there_are = store.count_petitions_since(look, since)
    return SimpleNamespace(
        looked_at=found.looked_at,
        changed=len(found.changed),
        there_are=there_are,
        is_all=found.looked_at >= there_are,
        can_go_on=found.looked_at < min(there_are, TRIED["all"]),
        most=TRIED["all"],
        counts=[(OUTCOMES[name], found.counts.get(name, 0)) for name in OUTCOMES],
        examples=[
            (one.case_id, code, title, [(OUTCOMES[name], *_both(desk, one, name)) for name in one.fields])
            for one, code, title in examples
        ],
        is_hidden=bool(found.changed) and not examples,
    )


def _both(desk: Desk, one: Any, name: str) -> tuple[str, str]:
    """The old and the new value of an outcome, in words."""
    named = {"kind": desk.kind, "topic": desk.topic, "unit": desk.unit}
    value = named.get(name, lambda code: str(words.PRIORITIES.get(code, code)))
    before, after = getattr(one.before, name), getattr(one.after, name)
    return value(before) or before or str(MISSING), value(after) or after or str(MISSING)
