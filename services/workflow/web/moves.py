"""One address for each step of a case: the form is read, one action is called, and the page comes again."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from services.workflow import actions, store
from services.workflow.domain.case import StepRefused
from services.workflow.domain.deadline import ClockRefused
from services.workflow.steps import CaseUnknown, Incomplete, NotAllowed
from services.workflow.store import StaleCase
from services.workflow.web import words
from services.workflow.web.case import case_page, line
from services.workflow.web.forms import day_typed, said
from services.workflow.web.frame import Desk
from shared import auth
from shared.db import Transaction
from shared.web import gettext, lazy

Move = Callable[[Transaction, Desk, dict[str, Any]], Any]

NOT_TYPED = {"csrf_token", "version"}
SUGGESTED = "suggested"
"""What a list sends instead of a person, when each case goes to whom it was suggested for."""


def _chosen(*names: str) -> dict[str, Any]:
    """What was picked from lists; None where it was left to the rules."""
    return {name: value or None for name, value in said(*names).items()}


def _new_day() -> date:
    found = day_typed("due_on")
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
        lambda tx, desk, at: actions.return_to_triage(tx, desk.rules, **at, **said("reason")),
        lazy("Đã trả lại để phân loại"),
    ),
    "quarantine": (
        lambda tx, desk, at: actions.quarantine(tx, desk.rules, **at, **said("reason")),
        lazy("Đã đưa vào tin rác"),
    ),
    "restore": (lambda tx, desk, at: actions.restore(tx, desk.rules, **at), lazy("Đã lấy ra khỏi tin rác")),
    "link": (
        lambda tx, desk, at: actions.link(tx, desk.rules, **at, into=_into(tx)),
        lazy("Đã gộp: người gửi được báo và sẽ nhận cùng kết quả"),
    ),
    "assign": (lambda tx, desk, at: actions.assign(tx, desk.rules, **at, **said("officer")), lazy("Đã phân công")),
    "pass_on": (
        lambda tx, desk, at: actions.pass_on(tx, desk.rules, **at, **said("officer", "reason")),
        lazy("Đã chuyển cho đồng nghiệp"),
    ),
    "take": (lambda tx, desk, at: actions.take(tx, desk.rules, **at), lazy("Đã nhận việc")),
    "accept": (lambda tx, desk, at: actions.accept(tx, desk.rules, **at), lazy("Đã nhận việc")),
    "progress": (
        lambda tx, desk, at: actions.report_progress(tx, desk.rules, **at, **said("note")),
        lazy("Đã báo tiến độ cho công dân"),
    ),
    "ask": (
        lambda tx, desk, at: actions.ask_citizen(tx, desk.rules, **at, **said("question", "again")),
        lazy("Đã gửi câu hỏi cho công dân"),
    ),
    "resume": (lambda tx, desk, at: actions.resume(tx, desk.rules, **at), lazy("Đồng hồ chạy lại")),
    "suspend": (
        lambda tx, desk, at: actions.suspend(tx, desk.rules, **at, **said("reason")),
        lazy("Đã tạm đình chỉ"),
    ),
    "ask_extension": (
        lambda tx, desk, at: actions.ask_extension(tx, desk.rules, **at, **said("reason")),
        lazy("Đã đề nghị gia hạn, chờ người khác đồng ý"),
    ),
    "extend": (
        lambda tx, desk, at: actions.grant_extension(tx, desk.rules, **at, **said("reason")),
        lazy("Đã gia hạn, công dân được báo ngày mới"),
    ),
    "refuse_extension": (
        lambda tx, desk, at: actions.refuse_extension(tx, **at, **said("reason")),
        lazy("Không gia hạn"),
    ),
    "apologise": (
        lambda tx, desk, at: actions.apologise(
            tx, desk.rules, **at, **said("reason"), due_on=_new_day(), signer=auth.me().name
        ),
        lazy("Đã gửi lời xin lỗi và ngày hẹn mới"),
    ),
    "take_back": (lambda tx, desk, at: actions.take_back(tx, desk.rules, **at), lazy("Đã rút lại để sửa")),
    "return_draft": (
        lambda tx, desk, at: actions.return_draft(tx, desk.rules, **at, **said("reason")),
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
    "close": (lambda tx, desk, at: actions.close(tx, desk.rules, **at, **said("explanation")), lazy("Đã đóng hồ sơ")),
    "transfer": (
        lambda tx, desk, at: actions.transfer(tx, desk.rules, **at, **said("to", "reason")),
        lazy("Đã chuyển, công dân được báo tên cơ quan nhận"),
    ),
    "refuse": (
        lambda tx, desk, at: actions.refuse(tx, desk.rules, **at, **said("ground", "reason")),
        lazy("Đã trả lời không thụ lý"),
    ),
    "withdraw": (
        lambda tx, desk, at: actions.withdraw(tx, desk.rules, **at, **said("reason")),
        lazy("Đã ghi nhận công dân rút"),
    ),
}
MOVES["guide"] = MOVES["ask"]
MOVES["reassign"] = MOVES["assign"]


def serve(desk: Desk) -> None:
    app = desk.app
    app.register_error_handler(StaleCase, lambda refusal: _stale(desk, refusal))
    app.register_error_handler(Incomplete, lambda refusal: _again(desk, refusal.field, _words_of(refusal), 422))
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
        return redirect(url_for("case", case_id=case_id), 303)

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

    @app.post("/desk/bulk")
    @desk.needs()
    def bulk() -> ResponseReturnValue:
        """Give many cases to one officer, each in its own transaction; per row it is said what failed and why."""
        officer, outcomes = request.form.get("officer", ""), []
        for picked in request.form.getlist("id")[:200]:
            ident, _, version = picked.partition(":")
            outcomes.append(_assign_one(desk, ident, version, officer))
        with desk.database.reading() as look:
            return desk.page(look, "desk/bulk.html", outcomes=outcomes, names=store.names_of(look), officer=officer)


def _assign_one(desk: Desk, ident: str, version: str, officer: str) -> tuple[str, str, str]:
    """Code, id and, when it failed, why."""
    try:
        case_id = UUID(ident)
    except ValueError:
        return ("", "", gettext("Không có hồ sơ này"))
    try:
        with desk.database.writing() as tx:
            if officer == SUGGESTED:
                officer = actions.suggested_officer(tx, desk.rules, person=auth.me(), case_id=case_id)
            case = actions.assign(
                tx, desk.rules, person=auth.me(), case_id=case_id, version=int(version or 0), officer=officer
            )
    except CaseUnknown:
        return ("", "", gettext("Không có hồ sơ này"))
    except StaleCase as stale:
        return (stale.case.code, ident, gettext("đã thay đổi trong lúc bạn chọn"))
    except Incomplete as refusal:
        return (_code_of(desk, case_id), ident, _words_of(refusal))
    except (StepRefused, NotAllowed):
        return (_code_of(desk, case_id), ident, gettext("không phân công được ở trạng thái hiện nay"))
    return (case.code, ident, "")


def _code_of(desk: Desk, case_id: UUID) -> str:
    with desk.database.reading() as look:
        row = store.row_of(look, auth.me(), case_id)
    return row.case.code if row else ""


def _words_of(refusal: Incomplete) -> str:
    found = words.INCOMPLETE.get((refusal.field, refusal.code)) or words.INCOMPLETE.get((refusal.field, "missing"))
    return str(found or gettext("Hãy điền mục này"))


def _typed() -> dict[str, str]:
    return {name: value for name, value in request.form.items() if name not in NOT_TYPED}


def _again(desk: Desk, field: str, why: Any, status: int) -> ResponseReturnValue:
    """The page of the case again, with what was typed and what is wrong with it."""
    case_id = (request.view_args or {}).get("case_id")
    if case_id is None:
        abort(status)
    step = (request.view_args or {}).get("step") or (request.endpoint or "")
    with desk.database.reading() as look:
        return case_page(
            desk, look, case_id, status=status, typed=_typed(), wrong={"step": step, "field": field, "words": str(why)}
        )


def _stale(desk: Desk, refusal: StaleCase) -> ResponseReturnValue:
    """Somebody was faster: what changed meanwhile, and what was typed, to be sent again or left."""
    with desk.database.reading() as look:
        names = store.names_of(look)
        entries = [line(desk, entry, names) for entry in store.entries_of(look, refusal.case.id)[:5]]
        stage = desk.rules.workflow_of(refusal.case).stages[refusal.case.stage]
        return desk.page(
            look,
            "desk/stale.html",
            status=409,
            case=refusal.case,
            stage=stage,
            entries=entries,
            typed=_typed(),
            action=request.path,
        )
