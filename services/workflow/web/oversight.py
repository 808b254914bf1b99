"""Remedies and checks: what is mended by whom until when, and the monthly look at how cases were handled."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from services.workflow import actions, store
from services.workflow.domain import inspection
from services.workflow.domain.case import Case
from services.workflow.domain.inspection import BadMonth
from services.workflow.domain.permission import may
from services.workflow.domain.remedy import OVERSEERS, RemedyRefused, may_judge, may_report
from services.workflow.steps import Incomplete, NotAllowed
from services.workflow.web import words
from services.workflow.web.forms import day_typed
from services.workflow.web.frame import Desk
from shared import auth
from shared.db import Reading
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
            with desk.database.writing() as tx:
                new = actions.open_remedy(tx, desk.rules, person=auth.me(), **_asked())
        except (Incomplete, NotAllowed) as refusal:
            with desk.database.reading() as look:
                return _remedies(desk, look, wrong=refusal)
        flash(gettext("Đã mở việc khắc phục"))
        return redirect(url_for("remedy", remedy_id=new.id), 303)

    @app.get("/desk/remedies/<uuid:remedy_id>")
    @desk.needs()
    def remedy(remedy_id: UUID) -> ResponseReturnValue:
        with desk.database.reading() as look:
            return _remedy(desk, look, remedy_id)

    @app.post("/desk/remedies/<uuid:remedy_id>/done")
    @desk.needs()
    def remedy_done(remedy_id: UUID) -> ResponseReturnValue:
        def act(tx: Any) -> None:
            actions.report_remedy(tx, person=auth.me(), remedy_id=remedy_id, evidence=request.form.get("evidence", ""))

        return _moved(desk, remedy_id, act, gettext("Đã báo xong, chờ người khác đánh giá"))

    @app.post("/desk/remedies/<uuid:remedy_id>/judge")
    @desk.needs()
    def remedy_judged(remedy_id: UUID) -> ResponseReturnValue:
        is_good = request.form.get("verdict") == "good"

        def act(tx: Any) -> None:
            actions.judge_remedy(
                tx,
                desk.rules,
                person=auth.me(),
                remedy_id=remedy_id,
                is_good=is_good,
                words=request.form.get("words", ""),
            )

        return _moved(desk, remedy_id, act, gettext("Đã khắc phục") if is_good else gettext("Đã trả lại để làm tiếp"))

    @app.get("/desk/checks")
    @auth.needs(*OVERSEERS)
    def checks() -> ResponseReturnValue:
        with desk.database.reading() as look:
            month = request.args.get("month") or _last_month(desk, look.now)
            return desk.page(look, "desk/checks.html", here="checks", **_sampled(desk, look, month))

    @app.route("/desk/checks/<month>/<uuid:case_id>", methods=["GET", "POST"])
    @auth.needs(*OVERSEERS)
    def check(month: str, case_id: UUID) -> ResponseReturnValue:
        wrong = None
        if request.method == "POST":
            wrong = _check(desk, month, case_id)
            if wrong is None:
                flash(gettext("Đã ghi kết quả kiểm tra"))
                return redirect(url_for("checks", month=month), 303)
        with desk.database.writing() as tx:
            case = actions.read_case(tx, person=auth.me(), case_id=case_id)
        with desk.database.reading() as look:
            return _check_page(desk, look, month, case, wrong)


# ---- remedies


def _asked() -> dict[str, Any]:
    """What the form asks for: the unit is the owner's own."""
    owner, _, unit = request.form.get("owner", "").partition("@")
    return {
        "what": request.form.get("what", ""),
        "owner": owner,
        "unit": unit,
        "due_on": _due_day(),
        "case_id": _id("case"),
        "check_id": _id("check"),
    }


def _id(name: str) -> UUID | None:
    typed = request.form.get(name, "")
    try:
        return UUID(typed) if typed else None
    except ValueError:
        abort(404)


def _due_day() -> date:
    due_on = day_typed("due_on")
    if due_on is None:
        raise Incomplete("due_on")
    return due_on


def _remedies(desk: Desk, look: Reading, *, wrong: Exception | None = None) -> ResponseReturnValue:
    me, is_closed = auth.me(), request.args.get("state") == "closed"
    about = _about(look, request.values.get("case", ""))
    return desk.page(
        look,
        "desk/remedies.html",
        here="remedies",
        status=_status(wrong),
        rows=store.remedies_for(look, me, is_closed=is_closed),
        is_closed=is_closed,
        today=desk.rules.calendar.local_day(look.now),
        names=store.names_of(look),
        owners=_owners(look, about),
        about=about,
        check=request.values.get("check", "")[:36],
        may_open=me.role in {"head", *OVERSEERS},
        typed=request.form,
        wrong=_wrong(wrong),
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
    me = auth.me()
    found = store.find_remedy(look, me, remedy_id)
    if found is None:
        raise actions.RemedyUnknown
    return desk.page(
        look,
        "desk/remedy.html",
        here="remedies",
        status=_status(wrong),
        remedy=found,
        names=store.names_of(look),
        case=store.row_of(look, me, found.case_id) if found.case_id else None,
        today=desk.rules.calendar.local_day(look.now),
        may_report=found.state == "open" and bool(may_report(me, found)),
        may_judge=found.state == "done" and bool(may_judge(me, found)),
        typed=request.form,
        wrong=_wrong(wrong),
        STATES=STATES,
        CAUSES=CAUSES,
    )


def _moved(desk: Desk, remedy_id: UUID, act: Any, done: str) -> ResponseReturnValue:
    try:
        with desk.database.writing() as tx:
            act(tx)
    except (Incomplete, NotAllowed) as refusal:
        with desk.database.reading() as look:
            return _remedy(desk, look, remedy_id, wrong=refusal)
    flash(done)
    return redirect(url_for("remedy", remedy_id=remedy_id), 303)


def _status(wrong: Exception | None) -> int:
    return 200 if wrong is None else 403 if isinstance(wrong, NotAllowed) else 422


def _wrong(wrong: Exception | None) -> dict[str, str]:
    """What is wrong, by field; what nobody may do stands under no field."""
    if isinstance(wrong, Incomplete):
        said = (
            WRONG.get((wrong.field, wrong.code))
            or WRONG.get((wrong.field, "missing"))
            or gettext("Hãy chọn một kết quả")
        )
        return {wrong.field: str(said)}
    if isinstance(wrong, NotAllowed):
        return {"": str(words.REFUSALS.get(wrong.reason.value, wrong.reason.value))}
    return {}


# ---- checks


def _last_month(desk: Desk, now: datetime) -> str:
    today = desk.rules.calendar.local_day(now)
    return f"{today.replace(day=1) - timedelta(days=1):%Y-%m}"


def _sampled(desk: Desk, look: Reading, month: str) -> dict[str, Any]:
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
        "names": store.names_of(look),
    }


def _check(desk: Desk, month: str, case_id: UUID) -> Exception | None:
    """Keep the result of a check; what is wrong with it, if it cannot be kept."""
    results = {name.removeprefix("item-"): value for name, value in request.form.items() if name.startswith("item-")}
    try:
        with desk.database.writing() as tx:
            actions.record_check(
                tx,
                desk.rules,
                person=auth.me(),
                case_id=case_id,
                month=month,
                results=results,
                words=request.form.get("words", ""),
            )
    except (Incomplete, NotAllowed) as refusal:
        return refusal
    return None


def _check_page(desk: Desk, look: Reading, month: str, case: Case, wrong: Exception | None) -> ResponseReturnValue:
    first, _ = inspection.month_of(month)
    checklist = inspection.checklist_on(desk.rules.catalogue.checklists, first)
    if checklist is None or not may(auth.me(), "check", case):
        abort(404)
    return desk.page(
        look,
        "desk/check.html",
        here="checks",
        status=_status(wrong),
        case=case,
        row=store.row_of(look, auth.me(), case.id),
        checklist=checklist,
        name=lambda item: item.name if current_language() == "vi" else item.name_en,
        done=store.inspection_of(look, case.id, month),
        month=month,
        names=store.names_of(look),
        typed=request.form,
        wrong=_wrong(wrong),
        RESULTS=RESULTS,
    )


def remedies_of(look: Reading, case: Case) -> Mapping[str, Any]:
    """What the page of a case shows: its remedies, and whether this person may open one."""
    me = auth.me()
    return {
        "rows": store.remedies_of(look, me, case.id),
        "may_open": bool(may(me, "open_remedy", case)),
        "states": STATES,
    }
