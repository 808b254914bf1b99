"""Remedies and checks: what is mended by whom until when, and the monthly look at how cases were handled."""

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from services.workflow import actions, store
from services.workflow.domain import inspection
from services.workflow.domain.case import Case
from services.workflow.domain.inspection import BadMonth
from services.workflow.domain.permission import may
from services.workflow.domain.remedy import OVERSEERS, Remedy, RemedyRefused, may_judge, may_report
from services.workflow.domain.rules import Rules
from services.workflow.steps import CaseUnknown, Incomplete, NotAllowed
from services.workflow.web.addresses import LOOKS, Act, Facts, does, sees
from services.workflow.web.asked import asking
from services.workflow.web.frame import Desk
from services.workflow.web.refusing import by_field, status_of
from shared import auth
from shared.db import Reading, Transaction
from shared.web import current_language, gettext, lazy

STATES = {"open": lazy("Đang làm"), "done": lazy("Chờ đánh giá"), "closed": lazy("Đã khắc phục")}
CAUSES = {
    "case": lazy("từ một hồ sơ"),
    "check": lazy("từ một lần kiểm tra"),
    "figures": lazy("từ số liệu"),
    "procedure": lazy("từ ngày rà soát thủ tục"),
}
RESULTS = {"good": lazy("Tốt"), "bad": lazy("Chưa tốt"), "none": lazy("Không áp dụng")}
WRONG = {
    ("what", "missing"): lazy("Hãy viết việc cần làm, ít nhất 10 ký tự"),
    ("owner", "unknown"): lazy("Hãy chọn một người của đơn vị làm"),
    ("owner", "about_them"): lazy("Hồ sơ này phản ánh chính người hoặc đơn vị được chọn"),
    ("due_on", "missing"): lazy("Hãy nhập ngày phải xong"),
    ("due_on", "malformed"): lazy("Hãy nhập ngày theo dạng ngày/tháng/năm, ví dụ 23/11/2026"),
    ("due_on", "passed"): lazy("Ngày này đã qua"),
    ("due_on", "rest_day"): lazy("Ngày này không làm việc"),
    ("evidence", "missing"): lazy("Hãy viết đã làm gì, xem ở đâu, ít nhất 10 ký tự"),
    ("words", "missing"): lazy("Hãy viết lý do, đủ để người khác hiểu"),
    ("month", "taken"): lazy("Hồ sơ này đã được kiểm tra trong tháng này"),
    ("month", "unknown"): lazy("Tháng này chưa có danh mục kiểm tra"),
}


def serve(desk: Desk) -> None:
    app = desk.app
    app.refuses(actions.RemedyUnknown, 404, words=lazy("Không có việc khắc phục này."))
    app.refuses(RemedyRefused, 409, words=lazy("Việc này đã được người khác xử lý. Hãy tải lại trang."))
    app.refuses(BadMonth, 404)

    @app.get("/desk/remedies")
    @desk.needs()
    def remedies() -> ResponseReturnValue:
        with desk.database.reading() as look:
            return _remedies(desk, look)

    @app.post("/desk/remedies")
    @auth.needs("head", "office", "director")
    def remedy_opened() -> ResponseReturnValue:
        try:
            new = OPEN.and_say(desk)
        except (Incomplete, NotAllowed) as refusal:
            with desk.database.reading() as look:
                return _remedies(desk, look, wrong=refusal)
        return redirect(url_for("remedy", remedy_id=new.id), 303)

    @app.get("/desk/remedies/<uuid:remedy_id>")
    @desk.needs()
    def remedy(remedy_id: UUID) -> ResponseReturnValue:
        with desk.database.reading() as look:
            return _remedy(desk, look, remedy_id)

    @app.post("/desk/remedies/<uuid:remedy_id>/done")
    @desk.needs()
    def remedy_done(remedy_id: UUID) -> ResponseReturnValue:
        return _moved(desk, remedy_id, DONE, str(DONE.done))

    @app.post("/desk/remedies/<uuid:remedy_id>/judge")
    @desk.needs()
    def remedy_judged(remedy_id: UUID) -> ResponseReturnValue:
        is_good = request.form.get("verdict") == "good"
        return _moved(desk, remedy_id, JUDGE, gettext("Đã khắc phục") if is_good else gettext("Đã trả lại để làm tiếp"))

    @app.get("/desk/checks")
    @auth.needs(*OVERSEERS)
    def checks() -> ResponseReturnValue:
        with desk.database.reading() as look:
            names = store.names_of(look)
            return desk.page(look, "desk/checks.html", here="checks", names=names, **sampled(desk, look))

    @app.route("/desk/checks/<month>/<uuid:case_id>", methods=["GET", "POST"])
    @auth.needs(*OVERSEERS)
    def check(month: str, case_id: UUID) -> ResponseReturnValue:
        wrong = None
        if request.method == "POST":
            wrong = _check(desk, month, case_id)
            if wrong is None:
                return redirect(url_for("checks", month=month), 303)
        facts = LOOKS["checks/<month>/<uuid:case_id>"](desk, month=month, case_id=case_id)
        with desk.database.reading() as look:
            return _check_page(desk, look, facts, wrong)


# ---- remedies


@sees("remedies", "remedies", "is_closed", query=("state",))
def remedies_now(_desk: Desk, look: Reading) -> Facts:
    """What is to be mended by whom until when; with `state=closed` what was mended"""
    is_closed = request.args.get("state") == "closed"
    return {"remedies": store.remedies_for(look, auth.me(), is_closed=is_closed), "is_closed": is_closed}


@sees("remedies/<uuid:remedy_id>", "remedy", "case", "may_report", "may_judge")
def one_remedy(_desk: Desk, look: Reading, remedy_id: UUID) -> Facts:
    """A remedy with its case, and what one may do about it"""
    me = auth.me()
    found = store.find_remedy(look, me, remedy_id)
    if found is None:
        raise actions.RemedyUnknown
    return {
        "remedy": found,
        "case": store.row_of(look, me, found.case_id) if found.case_id else None,
        "may_report": found.state == "open" and bool(may_report(me, found)),
        "may_judge": found.state == "done" and bool(may_judge(me, found)),
    }


def _open(
    tx: Transaction,
    rules: Rules,
    *,
    person: auth.Person,
    what: str,
    owner: str,
    due_on: date,
    case: UUID | None = None,
    check: UUID | None = None,
) -> Remedy:
    """Something to be mended, by somebody (`pseudonym@UNIT`) until a working day; it may come of a case or a check."""
    owner, _, unit = owner.partition("@")
    return actions.open_remedy(
        tx, rules, person=person, what=what, owner=owner, unit=unit, due_on=due_on, case_id=case, check_id=check
    )


def _judge(
    tx: Transaction, rules: Rules, *, person: auth.Person, remedy_id: UUID, verdict: str, words: str = ""
) -> Remedy:
    """Whether it was mended (`good`), or goes back to be worked on (`bad`), by another person than who did it."""
    is_good = verdict == "good"
    return actions.judge_remedy(tx, rules, person=person, remedy_id=remedy_id, is_good=is_good, words=words)


OPEN = does(
    "remedies",
    _open,
    *("what", "owner", "due_on", "case", "check"),
    roles=("head", *OVERSEERS),
    done=lazy("Đã mở việc khắc phục"),
    wrong=WRONG,
)
DONE = does(
    "remedies/<uuid:remedy_id>/done",
    actions.report_remedy,
    "evidence",
    done=lazy("Đã báo xong, chờ người khác đánh giá"),
    wrong=WRONG,
)
JUDGE = does("remedies/<uuid:remedy_id>/judge", _judge, "verdict", "words", done=lazy("Đã ghi đánh giá"), wrong=WRONG)


def _remedies(desk: Desk, look: Reading, *, wrong: Exception | None = None) -> ResponseReturnValue:
    me, facts = auth.me(), remedies_now(desk, look)
    about = _about(look, request.values.get("case", ""))
    return desk.page(
        look,
        "desk/remedies.html",
        here="remedies",
        status=status_of(wrong),
        rows=facts["remedies"],
        is_closed=facts["is_closed"],
        today=desk.rules.calendar.local_day(look.now),
        names=store.names_of(look),
        owners=_owners(look, about),
        about=about,
        check=request.values.get("check", "")[:36],
        may_open=me.role in {"head", *OVERSEERS},
        typed=request.values,
        wrong=by_field(wrong, _said),
        STATES=STATES,
        CAUSES=CAUSES,
    )


def _about(look: Reading, typed: str) -> store.Row | None:
    """The case that gives rise to a remedy, when the person may see it."""
    try:
        return store.row_of(look, auth.me(), UUID(typed)) if typed else None
    except ValueError:
        return None


def _owners(look: Reading, about: store.Row | None) -> list[auth.Person]:
    """Who may be asked: heads ask their own unit, and nobody whom the case is about is asked."""
    me = auth.me()
    unit = None if me.role in OVERSEERS else me.unit
    excluded = about.case.excluded if about else frozenset()
    people = store.colleagues(look, unit=unit, roles=("officer", "head"))
    return [one for one in people if not excluded & {one.person, one.unit}]


def _remedy(desk: Desk, look: Reading, remedy_id: UUID, *, wrong: Exception | None = None) -> ResponseReturnValue:
    return desk.page(
        look,
        "desk/remedy.html",
        here="remedies",
        status=status_of(wrong),
        names=store.names_of(look),
        today=desk.rules.calendar.local_day(look.now),
        **one_remedy(desk, look, remedy_id),
        typed=request.form,
        wrong=by_field(wrong, _said),
        STATES=STATES,
        CAUSES=CAUSES,
    )


def _moved(desk: Desk, remedy_id: UUID, act: Act, done: str) -> ResponseReturnValue:
    try:
        act(desk, remedy_id=remedy_id)
    except (Incomplete, NotAllowed) as refusal:
        with desk.database.reading() as look:
            return _remedy(desk, look, remedy_id, wrong=refusal)
    flash(done)
    return redirect(url_for("remedy", remedy_id=remedy_id), 303)


def _said(field: str, code: str) -> str:
    return str(WRONG.get((field, code)) or WRONG.get((field, "missing")) or gettext("Hãy chọn một kết quả"))


# ---- checks


def _last_month(desk: Desk, now: datetime) -> str:
    today = desk.rules.calendar.local_day(now)
    return f"{today.replace(day=1) - timedelta(days=1):%Y-%m}"


@sees(
    "checks",
    *("month", "first", "before", "following", "rows", "done", "checklist"),
    roles=OVERSEERS,
    query=("month",),
)
def sampled(desk: Desk, look: Reading) -> Facts:
    """The cases drawn for the checks of a `month` (yyyy-MM, else the last one), and what the checks found"""
    month = request.args.get("month") or _last_month(desk, look.now)
    first, after = inspection.month_of(month)
    calendar, checklist = desk.rules.calendar, inspection.checklist_on(desk.rules.catalogue.checklists, first)
    drawn: list[UUID] = []
    if checklist is not None:
        answered = store.answered_between(
            look,
            auth.me(),
            checklist.kinds,
            first=calendar.start_of_day(first),
            before=calendar.start_of_day(after),
        )
        drawn = inspection.sample(answered, month=month, count=checklist.per_month)
    rows = [row for case_id in drawn if (row := store.row_of(look, auth.me(), case_id)) is not None]
    return {
        "month": month,
        "first": first,
        "before": f"{first - timedelta(days=1):%Y-%m}",
        "following": f"{after:%Y-%m}" if after <= calendar.local_day(look.now) else "",
        "rows": rows,
        "done": store.inspections_of(look, auth.me(), month),
        "checklist": checklist,
    }


def _check(desk: Desk, month: str, case_id: UUID) -> Exception | None:
    """Keep the result of a check; what is wrong with it, if it cannot be kept."""
    results = {name.removeprefix("item-"): value for name, value in request.form.items() if name.startswith("item-")}
    typed = MultiDict({"results": json.dumps(results), "words": request.form.get("words", "")})
    try:
        with asking(typed):
            CHECK.and_say(desk, month=month, case_id=case_id)
    except (Incomplete, NotAllowed) as refusal:
        return refusal
    return None


@sees(
    "checks/<month>/<uuid:case_id>",
    "case",
    "row",
    "checklist",
    "done",
    "month",
    roles=OVERSEERS,
    tells=actions.read_case,
)
def one_check(desk: Desk, look: Reading, month: str, case_id: UUID) -> Facts:
    """The checklist for a case, and what its check found"""
    first, _ = inspection.month_of(month)
    case, checklist = store.find_case(look, case_id), inspection.checklist_on(desk.rules.catalogue.checklists, first)
    if case is None or checklist is None or not may(auth.me(), "check", case):
        raise CaseUnknown
    return {
        "case": case,
        "row": store.row_of(look, auth.me(), case.id),
        "checklist": checklist,
        "done": store.inspection_of(look, case.id, month),
        "month": month,
    }


CHECK = does(
    "checks/<month>/<uuid:case_id>",
    actions.record_check,
    *("results", "words"),
    roles=OVERSEERS,
    done=lazy("Đã ghi kết quả kiểm tra"),
    wrong=WRONG,
)


def _check_page(desk: Desk, look: Reading, facts: Facts, wrong: Exception | None) -> ResponseReturnValue:
    return desk.page(
        look,
        "desk/check.html",
        here="checks",
        status=status_of(wrong),
        name=lambda item: item.name if current_language() == "vi" else item.name_en,
        names=store.names_of(look),
        typed=request.form,
        wrong=by_field(wrong, _said),
        RESULTS=RESULTS,
        **facts,
    )


def remedies_of(look: Reading, case: Case) -> Mapping[str, Any]:
    """What the page of a case shows: its remedies, and whether this person may open one."""
    me = auth.me()
    return {
        "rows": store.remedies_of(look, me, case.id),
        "may_open": bool(may(me, "open_remedy", case)),
        "states": STATES,
    }
