"""The counter's list of dossiers that are or will be late: typed one by one, pasted, or as a file."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from services.workflow import actions, store
from services.workflow.domain.late_dossier import COLUMNS, MOST_LINES, may_list
from services.workflow.domain.procedure import procedures_on
from services.workflow.steps import Incomplete, NotAllowed
from services.workflow.web import words
from services.workflow.web.addresses import Facts, does, sees
from services.workflow.web.asked import asked
from services.workflow.web.frame import Desk
from shared import auth
from shared.db import Reading, Transaction
from shared.web import current_language, gettext, lazy, ngettext

ROLES = ("officer", "head", "office")
MOST_BYTES = 400_000
SHOWN = 50

FIELDS = {
    "number": lazy("Mã số hồ sơ"),
    "procedure": lazy("Mã hoặc tên thủ tục"),
    "received_on": lazy("Ngày nhận"),
    "due_on": lazy("Ngày hẹn trả"),
    "name": lazy("Tên người nộp"),
    "phone": lazy("Điện thoại"),
    "email": lazy("Thư điện tử"),
}
DAY = lazy("Hãy nhập ngày theo dạng ngày/tháng/năm, ví dụ 23/11/2026")
WRONG = {
    ("rows", "missing"): lazy("Hãy dán danh sách hoặc chọn tệp"),
    ("rows", "too_long"): lazy("Mỗi lần tối đa 500 dòng: hãy chia danh sách"),
    ("rows", "columns"): lazy("Cần 7 cột, cách nhau bằng dấu chấm phẩy, dấu phẩy hoặc Tab"),
    ("rows", "malformed"): lazy("Hãy lưu tệp dạng CSV UTF-8 rồi chọn lại"),
    ("number", "missing"): lazy("Hãy nhập số hồ sơ"),
    ("number", "too_long"): lazy("Số hồ sơ dài quá 60 ký tự"),
    ("number", "known_otherwise"): lazy("Số này đã ghi với thủ tục hoặc ngày khác; ngày hẹn mới nằm trong thư xin lỗi"),
    ("procedure", "missing"): lazy("Hãy nhập mã hoặc tên thủ tục"),
    ("procedure", "unknown"): lazy("Không có thủ tục này vào ngày nhận hồ sơ"),
    ("received_on", "missing"): lazy("Hãy nhập ngày nhận"),
    ("received_on", "malformed"): DAY,
    ("received_on", "to_come"): lazy("Ngày nhận chưa đến"),
    ("due_on", "missing"): lazy("Hãy nhập ngày hẹn trả"),
    ("due_on", "malformed"): DAY,
    ("due_on", "too_early"): lazy("Ngày hẹn trả trước ngày nhận"),
    ("name", "missing"): lazy("Hãy nhập tên người nộp"),
    ("name", "too_long"): lazy("Tên dài quá 100 ký tự"),
    ("phone", "no_contact"): lazy("Cần điện thoại hoặc thư điện tử để gửi thư xin lỗi"),
    ("phone", "malformed"): lazy("Hãy kiểm tra số điện thoại"),
    ("email", "malformed"): lazy("Hãy kiểm tra địa chỉ thư điện tử"),
}


@dataclass(frozen=True)
class Taken:
    """What became of a list, with the reasons in words."""

    taken: int
    known: int
    faults: list[dict[str, Any]]


def serve(desk: Desk) -> None:
    app = desk.app

    @app.get("/desk/late-dossiers", endpoint="late_dossiers")
    @auth.needs(*ROLES)
    def listed() -> ResponseReturnValue:
        return _page(desk)

    @app.post("/desk/late-dossiers")
    @auth.needs(*ROLES)
    def list_taken() -> ResponseReturnValue:
        try:
            result: Taken = LIST(desk)
        except (Incomplete, NotAllowed) as refusal:
            return _page(desk, refusal, at="rows")
        _say_taken(result)
        if result.faults:
            return _page(desk, faults=result.faults)
        return redirect(url_for("late_dossiers"), 303)

    @app.post("/desk/late-dossiers/one")
    @auth.needs(*ROLES)
    def one_taken() -> ResponseReturnValue:
        try:
            is_new = ONE(desk)
        except (Incomplete, NotAllowed) as refusal:
            return _page(desk, refusal, at="one")
        flash(str(ONE.done) if is_new else gettext("Hồ sơ này đã ghi từ trước: không ghi lần nữa."))
        return redirect(url_for("late_dossiers"), 303)


def may_be_listed(desk: Desk, look: Reading) -> bool:
    """Whether who asks may list late dossiers: whether the pages lead there."""
    today = desk.rules.calendar.local_day(look.now)
    return bool(may_list(auth.me(), actions.counter_on(desk.rules, today)))


@sees("late-dossiers", "may", "listed", "cases", roles=ROLES)
def listed_late(desk: Desk, look: Reading) -> Facts:
    """Dossiers that the counter listed last, and by petition their cases; empty for who does not list them"""
    may = may_be_listed(desk, look)
    rows = store.latest_late_dossiers(look, most=SHOWN) if may else []
    return {"may": may, "listed": rows, "cases": store.commitment_cases(look, auth.me(), [x.petition_id for x in rows])}


def _take(tx: Transaction, desk: Desk, *, person: auth.Person, rows: str = "") -> Taken:
    """List dossiers, a line each; the file, if one is sent, goes on where the lines that were typed end."""
    result = actions.list_late_dossiers(tx, desk.rules, person=person, rows=_sent(rows))
    faults = [
        {"line": one.line, "field": one.field, "code": one.code, "reason": _said(one.field, one.code)}
        for one in result.faults
    ]
    return Taken(result.taken, result.known, faults)


def _sent(typed: str) -> str:
    """What was typed, and after it the file. Raises Incomplete for one that is not UTF-8: names would get holes."""
    file = request.files.get("file")
    try:
        text = file.read().decode("utf-8-sig") if file else ""
    except UnicodeDecodeError:
        raise Incomplete("rows", "malformed") from None
    return "\n".join(part for part in (typed.strip("\r\n"), text) if part)


LIST = does(
    "late-dossiers",
    _take,
    "rows",
    roles=ROLES,
    done=lazy("Đã đọc danh sách"),
    wrong=WRONG,
    upload="file",
    most_bytes=MOST_BYTES,
)
ONE = does(
    "late-dossiers/one",
    actions.list_late_dossier,
    *COLUMNS,
    roles=ROLES,
    done=lazy("Đã ghi; hồ sơ được mở trong giây lát"),
    wrong=WRONG,
)


def _said(field: str, code: str) -> str:
    return str(WRONG.get((field, code)) or WRONG.get((field, "missing")) or words.incomplete(field, code))


def _say_taken(result: Taken) -> None:
    taken = ngettext("Đã ghi %(num)s hồ sơ.", "Đã ghi %(num)s hồ sơ.", result.taken)
    known = ngettext("%(num)s hồ sơ đã ghi từ trước.", "%(num)s hồ sơ đã ghi từ trước.", result.known)
    flash(f"{taken} {known}" if result.known else taken)


def _page(
    desk: Desk, refusal: Exception | None = None, *, at: str = "", faults: list[dict[str, Any]] | None = None
) -> ResponseReturnValue:
    wrong = {refusal.field: _said(refusal.field, refusal.code)} if isinstance(refusal, Incomplete) else {}
    with desk.database.reading() as look:
        facts = listed_late(desk, look)
        today = desk.rules.calendar.local_day(look.now)
        return desk.page(
            look,
            "desk/late_dossiers.html",
            here="counter",
            status=403 if isinstance(refusal, NotAllowed) or not facts["may"] else 422 if wrong or faults else 200,
            fields=FIELDS,
            procedures=[
                SimpleNamespace(code=row.code, name=row.name if current_language() == "vi" else row.name_en)
                for row in procedures_on(desk.rules.catalogue.procedures, today)
            ],
            typed=request.form if at == "one" else {},
            rows=_left(faults) if faults else asked().get("rows", "") if at == "rows" else "",
            wrong=wrong,
            wrong_at=at,
            faults=faults or [],
            most=MOST_LINES,
            **facts,
        )


def _left(faults: list[dict[str, Any]]) -> str:
    """The lines that were not taken, as they were sent: to be mended where they stand."""
    file = request.files.get("file")
    if file:
        file.seek(0)
    lines = _sent(request.form.get("rows", "")).splitlines()
    return "\n".join(lines[fault["line"] - 1].strip() for fault in faults)
