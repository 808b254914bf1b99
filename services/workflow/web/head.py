"""The desk of a head: what waits for their decision, and how the unit stands, on one page with one click to act."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from flask.typing import ResponseReturnValue

from services.workflow import store
from services.workflow.domain import deadline as clocks
from services.workflow.domain.case import Case
from services.workflow.domain.rules import owed
from services.workflow.domain.vocabulary import holds
from services.workflow.web.addresses import Facts, sees
from services.workflow.web.assignment import suggestions
from services.workflow.web.charts import Load, loads
from services.workflow.web.face import instant_left, left
from services.workflow.web.frame import Desk, counted
from shared import auth
from shared.db import Reading
from shared.web import gettext, lazy

SHOWN = 8  # cases of each list; the whole list is one click away

WAITS = {
    "triage": lazy("chưa phân loại"),
    "accepted": lazy("chưa phân công"),
    "assigned": lazy("đã giao, chưa nhận việc"),
    "in_progress": lazy("đang xử lý, chưa trình câu trả lời"),
    "drafted": lazy("chờ duyệt câu trả lời"),
    "approved": lazy("đã duyệt, chưa gửi"),
}
"""Where a late case waits, by its stage."""


def serve(desk: Desk) -> None:
    app = desk.app

    @app.get("/desk/head", endpoint="head_desk")
    @auth.needs("head")
    def head_desk() -> ResponseReturnValue:
        return _page(desk)


def _page(desk: Desk) -> ResponseReturnValue:
    with desk.database.reading() as look:
        names = store.names_of(look)
        return desk.page(
            look, "desk/head.html", here="head_desk", me=auth.me(), counted=counted, names=names, **day_of(desk, look)
        )


@sees(
    "head",
    *("urges", "counts", "assigning", "suggested", "approving", "wishes", "unsatisfied", "late"),
    *("people", "absences", "away", "load"),
    roles=("head",),
)
def day_of(desk: Desk, look: Reading) -> Facts:
    """What waits for a head's decision, and how the unit stands: the first cases of each list, and counts"""
    me, at = auth.me(), desk.glance(look.now)
    people = store.colleagues(look, unit=me.unit, roles=("officer", "head"))
    today = desk.rules.calendar.local_day(look.now)
    absences = store.absences_of(look, {me.unit or ""}, since=today)
    assigning = _to_assign(desk, look, me, at)
    counts = store.count_lists(
        look, me, ("open", "late", "soon", "unassigned", "approve", "extensions", "apologies", "unsent"), at
    )
    return {
        "urges": store.open_urges(look, me),
        "counts": counts,
        "assigning": assigning,
        "suggested": suggestions(desk, look, [one.case for one in assigning]),
        "approving": _to_approve(desk, look, me, at),
        "wishes": _wishes(desk, look, me, at),
        "unsatisfied": _unsatisfied(desk, look, me),
        "late": _late(desk, look, me, at),
        "people": people,
        "absences": absences,
        "away": {one.person for one in absences if holds(one, today)},
        "load": _load(look, me, people, at),
    }


def _to_assign(desk: Desk, look: Reading, me: auth.Person, at: store.Glance) -> list[SimpleNamespace]:
    """Cases without an officer, with the time that is left for giving them to one."""
    rows = store.first_of(look, me, "unassigned", at, limit=SHOWN)
    until = store.running_until(look, [row.case.id for row in rows], "head_assigns_officer")
    return [
        _shown(desk, look, row, time=instant_left(until.get(row.case.id), desk.rules.calendar, look.now))
        for row in rows
    ]


def _to_approve(desk: Desk, look: Reading, me: auth.Person, at: store.Glance) -> list[SimpleNamespace]:
    """Answers that wait, with their checks; the words of restricted cases are read in the case alone."""
    rows = store.first_of(look, me, "approve", at, limit=SHOWN)
    drafts = store.latest_drafts(look, [row.case for row in rows])
    found = []
    for row in rows:
        draft, is_open = drafts.get(row.case.id), not row.case.is_restricted
        if draft is not None and not is_open:
            draft = replace(draft, text="")
        shown = _shown(desk, look, row, draft=draft, is_open=is_open)
        sheet = store.sheet_of(look, row.case.id, draft.version) if draft else None
        shown.checks = sheet.findings if sheet else ()
        shown.may_approve = desk.rules.workflow_of(row.case).may_take(row.case, "approve", by=me.role)
        found.append(shown)
    return found


def _wishes(desk: Desk, look: Reading, me: auth.Person, at: store.Glance) -> list[SimpleNamespace]:
    """Who asks for a later day, why, and which day it would be."""
    rows = store.first_of(look, me, "extensions", at, limit=SHOWN)
    asked = store.extension_requests_of(look, [row.case.id for row in rows])
    return [_shown(desk, look, row, wish=asked.get(row.case.id), later=later_day(desk, look, row.case)) for row in rows]


def later_day(desk: Desk, look: Reading, case: Case) -> Any:
    """The day to which an extension would move the answer; None where no rule allows one any more."""
    today = desk.rules.calendar.local_day(look.now)
    found = clocks.extension_rules(desk.rules.catalogue, kind=case.kind, conditions=case.conditions, day=today)
    governing = owed(store.deadlines_of(look, case.id).values())
    if not found or governing is None or governing.due_on is None or today > governing.due_on:
        return None
    return clocks.extend(governing, found[0], desk.rules.calendar, on=today).due_on


def _unsatisfied(desk: Desk, look: Reading, me: auth.Person) -> list[SimpleNamespace]:
    """Answers that somebody was not satisfied with."""
    waiting = [(one, store.row_of(look, me, one.case_id)) for one in store.follow_ups_seen_by(look, me)[:SHOWN]]
    return [_shown(desk, look, row, since=one.opened_at) for one, row in waiting if row is not None]


def _late(desk: Desk, look: Reading, me: auth.Person, at: store.Glance) -> list[SimpleNamespace]:
    """What is overdue, with where it waits."""
    rows = store.first_of(look, me, "late", at, limit=SHOWN)
    return [_shown(desk, look, row, waits=WAITS.get(row.case.stage, "")) for row in rows]


def _shown(desk: Desk, look: Reading, row: store.Row, **more: Any) -> SimpleNamespace:
    time = more.pop("time", None) or left(row.case, desk.rules.calendar, look.now)
    return SimpleNamespace(row=row, case=row.case, time=time, **more)


def _load(look: Reading, me: auth.Person, people: Any, at: store.Glance) -> Any:
    counts = store.count_officers(look, me, [one.person for one in people], at)
    rows = [Load(one.name, **counts[one.person], key=one.person) for one in people]
    return loads("load", gettext("Việc theo người"), [row for row in rows if row.open or row.late])
