"""The desk of a head: what waits for their decision, and how the unit stands, on one page with one click to act."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from services.workflow import actions, store
from services.workflow.domain import deadline as clocks
from services.workflow.domain.case import Case
from services.workflow.domain.checks import check_answer
from services.workflow.domain.rules import owed
from services.workflow.steps import Incomplete
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

WRONG = {
    "malformed": lazy("Hãy nhập ngày theo dạng ngày/tháng/năm, ví dụ 23/11/2026"),
    "missing": lazy("Hãy nhập ngày"),
    "before": lazy("Ngày cuối phải sau ngày đầu"),
    "unknown": lazy("Hãy chọn một người của đơn vị"),
}


def serve(desk: Desk) -> None:
    app = desk.app

    @app.get("/desk/head", endpoint="head_desk")
    @auth.needs("head")
    def head_desk() -> ResponseReturnValue:
        return _page(desk)

    @app.post("/desk/absences")
    @auth.needs("head")
    def absences() -> ResponseReturnValue:
        """Note that somebody is away, or that they are back."""
        me, form = auth.me(), request.form
        try:
            with desk.database.writing() as tx:
                if form.get("back_again"):
                    from_on = datetime.fromisoformat(form.get("from_on", "")).date()
                    actions.end_away(tx, person=me, who=form.get("who", ""), from_on=from_on)
                else:
                    days = {name: _day(name) for name in ("from_on", "until_on")}
                    actions.note_away(tx, person=me, who=form.get("who", ""), **days)
        except Incomplete as refusal:
            return _page(desk, wrong={refusal.field: str(WRONG.get(refusal.code, WRONG["missing"]))})
        flash(gettext("Đã ghi"))
        return redirect(url_for("head_desk", _anchor="away"), 303)


def _day(name: str) -> Any:
    typed = request.form.get(name, "").strip()
    if not typed:
        raise Incomplete(name)
    try:
        return datetime.strptime(typed, "%d/%m/%Y").date()
    except ValueError:
        raise Incomplete(name, "malformed") from None


def _page(desk: Desk, *, wrong: dict[str, str] | None = None) -> ResponseReturnValue:
    me = auth.me()
    with desk.database.reading() as look:
        at, names = desk.glance(look.now), store.names_of(look)
        people = store.colleagues(look, unit=me.unit, roles=("officer", "head"))
        today = desk.rules.calendar.local_day(look.now)
        away = [one for one in store.away_on(look, today, today.replace(year=today.year + 1)) if one.person in names]
        counts = store.count_lists(
            look, me, ("open", "late", "soon", "unassigned", "approve", "extensions", "apologies", "unsent"), at
        )
        return desk.page(
            look,
            "desk/head.html",
            here="head_desk",
            status=422 if wrong else 200,
            me=me,
            counts=counts,
            counted=counted,
            assigning=_to_assign(desk, look, me, at),
            approving=_to_approve(desk, look, me, at),
            wishes=_wishes(desk, look, me, at),
            late=_late(desk, look, me, at),
            people=people,
            away=[one for one in away if any(one.person == other.person for other in people)],
            away_now={one.person: one.until_on for one in away if one.from_on <= today},
            names=names,
            trouble=wrong or {},
            load=_load(look, me, people, at),
        )


def _to_assign(desk: Desk, look: Reading, me: auth.Person, at: store.Glance) -> list[SimpleNamespace]:
    """Cases without an officer, with the time that is left for giving them to one."""
    rows = store.first_of(look, me, "unassigned", at, limit=SHOWN)
    until = store.clocks_of(look, [row.case.id for row in rows], "head_assigns_officer")
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
        draft = drafts.get(row.case.id)
        shown = _shown(desk, look, row, draft=draft, is_open=not row.case.is_restricted)
        phone = str(getattr(desk.app.org, "hotline", ""))
        shown.checks = draft and check_answer(
            draft.text, outcome=draft.outcome, promised_on=draft.promised_on, basis=draft.basis, own_phone=phone
        )
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
