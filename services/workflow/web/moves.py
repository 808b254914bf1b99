"""One address for each step of a case: the form is read, one action is called, and the page comes again."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from services.workflow import actions, store
from services.workflow.domain.deadline import ClockRefused
from services.workflow.steps import Incomplete, NotAllowed
from services.workflow.web import words
from services.workflow.web.case import case_page
from services.workflow.web.frame import Desk
from shared import auth
from shared.db import Transaction
from shared.web import lazy

Move = Callable[[Transaction, Desk, dict[str, Any]], Any]

NOT_TYPED = {"csrf_token", "version", "seen", "back"}


def _said(*names: str) -> dict[str, Any]:
    return {name: request.form.get(name, "") for name in names}


def _chosen(*names: str) -> dict[str, Any]:
    """What was picked from lists; None where it was left to the rules."""
    return {name: value or None for name, value in _said(*names).items()}


def _day(name: str) -> date | None:
    """A day as people write it here, dd/MM/yyyy. Raises Incomplete."""
    typed = request.form.get(name, "").strip()
    if not typed:
        return None
    try:
        return datetime.strptime(typed, "%d/%m/%Y").date()
    except ValueError:
        raise Incomplete(name, "malformed") from None


def _draft() -> dict[str, Any]:
    return _said("text", "outcome", "basis") | {"promised_on": _day("promised_on")}


def _new_day() -> date:
    found = _day("due_on")
    if found is None:
        raise Incomplete("due_on")
    return found


def _into(tx: Transaction) -> UUID:
    """The case to follow, by the code that was typed or the id of a button."""
    typed = request.form.get("into", "").replace("-", "").replace(" ", "").upper()
    if len(typed) == 32:
        try:
            return UUID(hex=typed)
        except ValueError:
            raise Incomplete("into", "unknown") from None
    found = [row for row in store.find_by_code(tx, auth.me(), typed) if row.case.code == typed] if typed else []
    if len(found) != 1:
        raise Incomplete("into", "unknown")
    return found[0].case.id


# Step → what is asked, and what the person reads when it is done.
MOVES: dict[str, tuple[Move, str]] = {
    "decide": (
        lambda tx, desk, at: actions.confirm_triage(tx, desk.rules, **at, **_chosen("kind", "topic", "unit")),
        lazy("Đã phân loại"),
    ),
    "return_to_triage": (
        lambda tx, desk, at: actions.return_to_triage(tx, desk.rules, **at, **_said("reason")),
        lazy("Đã trả lại để phân loại"),
    ),
    "quarantine": (
        lambda tx, desk, at: actions.quarantine(tx, desk.rules, **at, **_said("reason")),
        lazy("Đã đưa vào tin rác"),
    ),
    "restore": (lambda tx, desk, at: actions.restore(tx, desk.rules, **at), lazy("Đã lấy ra khỏi tin rác")),
    "link": (
        lambda tx, desk, at: actions.link(tx, desk.rules, **at, into=_into(tx)),
        lazy("Đã gộp: người gửi được báo và sẽ nhận cùng kết quả"),
    ),
    "assign": (lambda tx, desk, at: actions.assign(tx, desk.rules, **at, **_said("officer")), lazy("Đã phân công")),
    "take": (lambda tx, desk, at: actions.take(tx, desk.rules, **at), lazy("Đã nhận việc")),
    "accept": (lambda tx, desk, at: actions.accept(tx, desk.rules, **at), lazy("Đã nhận việc")),
    "progress": (
        lambda tx, desk, at: actions.report_progress(tx, desk.rules, **at, **_said("note")),
        lazy("Đã báo tiến độ cho công dân"),
    ),
    "ask": (
        lambda tx, desk, at: actions.ask_citizen(tx, desk.rules, **at, **_said("question", "again")),
        lazy("Đã gửi câu hỏi cho công dân"),
    ),
    "resume": (lambda tx, desk, at: actions.resume(tx, desk.rules, **at), lazy("Đồng hồ chạy lại")),
    "suspend": (
        lambda tx, desk, at: actions.suspend(tx, desk.rules, **at, **_said("reason")),
        lazy("Đã tạm đình chỉ"),
    ),
    "ask_extension": (
        lambda tx, desk, at: actions.ask_extension(tx, desk.rules, **at, **_said("reason")),
        lazy("Đã đề nghị gia hạn, chờ người khác đồng ý"),
    ),
    "extend": (
        lambda tx, desk, at: actions.grant_extension(tx, desk.rules, **at, **_said("reason")),
        lazy("Đã gia hạn, công dân được báo ngày mới"),
    ),
    "refuse_extension": (
        lambda tx, desk, at: actions.refuse_extension(tx, **at, **_said("reason")),
        lazy("Không gia hạn"),
    ),
    "apologise": (
        lambda tx, desk, at: actions.apologise(
            tx, desk.rules, **at, **_said("reason"), due_on=_new_day(), signer=auth.me().name
        ),
        lazy("Đã gửi lời xin lỗi và ngày hẹn mới"),
    ),
    "save_draft": (lambda tx, desk, at: actions.save_draft(tx, desk.rules, **at, **_draft()), lazy("Đã lưu bản nháp")),
    "draft": (
        lambda tx, desk, at: actions.submit_draft(tx, desk.rules, **at, **_draft()),
        lazy("Đã trình duyệt"),
    ),
    "take_back": (lambda tx, desk, at: actions.take_back(tx, desk.rules, **at), lazy("Đã rút lại để sửa")),
    "return_draft": (
        lambda tx, desk, at: actions.return_draft(tx, desk.rules, **at, **_said("reason")),
        lazy("Đã trả lại người soạn"),
    ),
    "approve": (
        lambda tx, desk, at: actions.approve(tx, desk.rules, **at),
        lazy("Đã duyệt. Câu trả lời chờ được gửi."),
    ),
    "answer": (
        lambda tx, desk, at: actions.answer(tx, desk.rules, **at),
        lazy("Đã trả lời công dân"),
    ),
    "close": (lambda tx, desk, at: actions.close(tx, desk.rules, **at, **_said("explanation")), lazy("Đã đóng hồ sơ")),
    "transfer": (
        lambda tx, desk, at: actions.transfer(tx, desk.rules, **at, **_said("to", "reason")),
        lazy("Đã chuyển, công dân được báo tên cơ quan nhận"),
    ),
    "refuse": (
        lambda tx, desk, at: actions.refuse(tx, desk.rules, **at, **_said("ground", "reason")),
        lazy("Đã trả lời không thụ lý"),
    ),
    "withdraw": (
        lambda tx, desk, at: actions.withdraw(tx, desk.rules, **at, **_said("reason")),
        lazy("Đã ghi nhận công dân rút"),
    ),
}
MOVES["guide"] = MOVES["ask"]
MOVES["reassign"] = MOVES["assign"]


def serve(desk: Desk) -> None:
    app = desk.app
    app.register_error_handler(
        Incomplete, lambda refusal: _again(desk, refusal.field, words.incomplete(refusal.field, refusal.code), 422)
    )
    app.register_error_handler(
        ClockRefused, lambda refusal: _again(desk, "", words.CLOCKS.get(refusal.code, str(refusal)), 409)
    )
    app.register_error_handler(
        NotAllowed, lambda refusal: _again(desk, "", words.REFUSALS.get(refusal.reason.value, str(refusal)), 403)
    )

    @app.post("/desk/cases/<uuid:case_id>/<step>")
    @desk.needs()
    def move(case_id: UUID, step: str) -> ResponseReturnValue:
        if step not in MOVES:
            abort(404)
        act, done = MOVES[step]
        at = {"person": auth.me(), "case_id": case_id, "version": request.form.get("version", type=int)}
        with desk.database.writing() as tx:
            act(tx, desk, at)
        flash(str(done))
        return redirect(back_to() or url_for("case", case_id=case_id), 303)

    @app.post("/desk/cases/<uuid:case_id>/note")
    @desk.needs()
    def note(case_id: UUID) -> ResponseReturnValue:
        with desk.database.writing() as tx:
            actions.add_note(tx, person=auth.me(), case_id=case_id, text=request.form.get("note", ""))
        return redirect(url_for("case", case_id=case_id, _anchor="timeline"), 303)

    @app.post("/desk/cases/<uuid:case_id>/contact")
    @desk.needs()
    def contact(case_id: UUID) -> ResponseReturnValue:
        """Open the sender's contact: the reason is told first, then the page shows it for ten minutes."""
        with desk.database.writing() as tx:
            actions.read_contact(tx, person=auth.me(), case_id=case_id, purpose=request.form.get("purpose", ""))
        return redirect(url_for("case", case_id=case_id, _anchor="sender"), 303)


def back_to() -> str:
    """The list from which somebody acted, a page of ours; empty when they acted from the case."""
    asked = request.form.get("back", "")
    return auth.safe_target(asked, "/desk") if asked else ""


def typed_words() -> dict[str, str]:
    return {name: value for name, value in request.form.items() if name not in NOT_TYPED}


def _again(desk: Desk, field: str, said: Any, status: int) -> ResponseReturnValue:
    """The page of the case again, with what was typed and what is wrong with it."""
    case_id = (request.view_args or {}).get("case_id")
    if case_id is None:
        abort(status)
    step = (request.view_args or {}).get("step") or (request.endpoint or "")
    with desk.database.reading() as look:
        return case_page(
            desk,
            look,
            case_id,
            status=status,
            typed=typed_words(),
            wrong={"step": step, "field": field, "words": str(said)},
        )
