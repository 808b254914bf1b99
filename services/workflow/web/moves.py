"""One address for each step of a case: the form is read, one action is called, and the page comes again."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from services.workflow import actions, store
from services.workflow.domain.case import Case
from services.workflow.domain.deadline import ClockRefused
from services.workflow.domain.permission import may
from services.workflow.domain.rules import Rules
from services.workflow.steps import CaseUnknown, Incomplete, NotAllowed
from services.workflow.web import words
from services.workflow.web.answers import keep_files
from services.workflow.web.asks import Asks, asks
from services.workflow.web.case import case_page
from services.workflow.web.frame import Desk
from shared import auth
from shared.db import Transaction
from shared.web import lazy, sorry

NOT_TYPED = {"csrf_token", "version", "seen", "back"}


def _confirm_triage(
    tx: Transaction, rules: Rules, *, kind: str | None = None, topic: str | None = None, unit: str = "", **at: Any
) -> Case:
    return actions.confirm_triage(tx, rules, kind=kind, topic=topic, unit=unit or None, **at)


def _apologise(tx: Transaction, rules: Rules, *, reason: str, due_on: date, **at: Any) -> Case:
    return actions.apologise(tx, rules, reason=reason, due_on=due_on, signer=at["person"].name, **at)


def _keep_promise(tx: Transaction, rules: Rules, *, promise: UUID, done_words: str, **at: Any) -> Any:
    """What was promised was done: said in words, shown by a photo where the topic wants one."""
    return actions.keep_promise(tx, rules, promise_id=promise, words=done_words, **at)


def _move_promise(tx: Transaction, rules: Rules, *, promise: UUID, moved_to: date, reason: str, **at: Any) -> Any:
    """One later day for what was promised, with the reason that the citizen reads."""
    return actions.move_promise(tx, rules, promise_id=promise, moved_to=moved_to, reason=reason, **at)


WRITTEN = ("text", "outcome", "basis", "promised_on", "replies", "in_spite", "apology", "point")

# Step → what is called with which fields, and what the person reads when it is done. Pages and programs share it.
MOVES: dict[str, tuple[Asks, str]] = {
    "decide": (asks(_confirm_triage, "kind", "topic", "unit"), lazy("Đã phân loại")),
    "return_to_triage": (asks(actions.return_to_triage, "reason"), lazy("Đã trả lại để phân loại")),
    "quarantine": (asks(actions.quarantine, "reason"), lazy("Đã đưa vào tin rác")),
    "look_again": (asks(actions.look_again), lazy("Đã xem lại: vẫn là tin rác, vẫn được giữ")),
    "restore": (asks(actions.restore), lazy("Đã lấy ra khỏi tin rác")),
    "link": (asks(actions.link, "into"), lazy("Đã gộp: người gửi được báo và sẽ nhận cùng kết quả")),
    "assign": (asks(actions.assign, "officer"), lazy("Đã phân công")),
    "pass_on": (asks(actions.pass_on, "officer", "reason"), lazy("Đã chuyển cho đồng nghiệp")),
    "take": (asks(actions.take), lazy("Đã nhận việc")),
    "accept": (asks(actions.accept), lazy("Đã thụ lý")),
    "progress": (asks(actions.report_progress, "note"), lazy("Đã báo tiến độ cho công dân")),
    "ask": (asks(actions.ask_citizen, "question", "ready", "again"), lazy("Đã gửi câu hỏi cho công dân")),
    "resume": (asks(actions.resume), lazy("Đồng hồ chạy lại")),
    "suspend": (asks(actions.suspend, "reason"), lazy("Đã tạm đình chỉ")),
    "ask_extension": (
        asks(actions.ask_extension, "reason"),
        lazy("Đã đề nghị gia hạn, chờ người khác đồng ý"),
    ),
    "extend": (asks(actions.grant_extension, "reason"), lazy("Đã gia hạn, công dân được báo ngày mới")),
    "refuse_extension": (asks(actions.refuse_extension, "reason"), lazy("Không gia hạn")),
    "apologise": (asks(_apologise, "reason", "due_on"), lazy("Đã gửi lời xin lỗi và ngày hẹn mới")),
    "save_draft": (asks(actions.save_draft, *WRITTEN), lazy("Đã lưu bản nháp")),
    "draft": (asks(actions.submit_draft, *WRITTEN), lazy("Đã trình duyệt")),
    "take_back": (asks(actions.take_back), lazy("Đã rút lại để sửa")),
    "return_draft": (asks(actions.return_draft, "reason"), lazy("Đã trả lại người soạn")),
    "approve": (asks(actions.approve), lazy("Đã duyệt. Câu trả lời chờ được gửi.")),
    "answer": (asks(actions.answer), lazy("Đã trả lời công dân")),
    "hand_over": (
        asks(actions.hand_over, "given_to", "given_on", "delegation", "is_signed"),
        lazy("Đã ghi nhận giao kết quả tại quầy"),
    ),
    "log_call": (asks(actions.log_call, "direction", "words", "is_told"), lazy("Đã ghi cuộc gọi")),
    "name_procedure": (asks(actions.name_procedure, "procedure"), lazy("Đã ghi thủ tục")),
    "close": (asks(actions.close, "explanation"), lazy("Đã đóng hồ sơ")),
    "transfer": (asks(actions.transfer, "to", "reason"), lazy("Đã chuyển, công dân được báo tên cơ quan nhận")),
    "refuse": (asks(actions.refuse, "ground", "reason"), lazy("Đã trả lời không thụ lý")),
    "withdraw": (asks(actions.withdraw, "reason"), lazy("Đã ghi nhận công dân rút")),
    "propose_erasure": (
        asks(actions.propose_erasure, "code", "reason"),
        lazy("Đã đề nghị xóa, chờ người thứ hai quyết định"),
    ),
    "grant_erasure": (asks(actions.grant_erasure), lazy("Đã xóa ở mọi nơi. Hãy trả lời người yêu cầu.")),
    "refuse_erasure": (asks(actions.refuse_erasure, "reason"), lazy("Không xóa. Hãy trả lời kèm lý do.")),
    "decline_withdrawal": (
        asks(actions.decline_withdrawal, "reason"),
        lazy("Vẫn giải quyết: người gửi được báo lý do"),
    ),
    "keep_promise": (
        asks(_keep_promise, "promise", "done_words"),
        lazy("Đã ghi việc đã làm. Công dân được hỏi lại."),
    ),
    "move_promise": (
        asks(_move_promise, "promise", "moved_to", "reason"),
        lazy("Đã dời ngày, công dân được báo lý do"),
    ),
    "reopen": (asks(actions.reopen, "words"), lazy("Đã mở lại: đồng hồ chạy từ hôm nay, công dân được báo")),
    "refuse_reopening": (
        asks(actions.refuse_reopening, "reason"),
        lazy("Không mở lại: công dân được báo lý do"),
    ),
    "close_follow_up": (asks(actions.close_follow_up, "done"), lazy("Đã ghi việc đã làm")),
}
MOVES["guide"] = MOVES["ask"]
MOVES["reassign"] = MOVES["assign"]

NOTE = asks(actions.add_note, "note")
PURPOSE = asks(actions.read_contact, "purpose")
"""What is no step: a note among colleagues, and opening the contact for a purpose that the citizen sees."""

WITH_FILES = ("draft", "save_draft", "keep_promise")
"""Steps whose form brings photos and papers. They are kept first: what is refused afterwards does not lose them."""

GO_ON_AT = {
    "draft": "answer",
    "save_draft": "answer",
    "keep_promise": "after",
    "move_promise": "after",
    "refuse_reopening": "after",
    "close_follow_up": "after",
    "reopen": "clock-t",
}
"""Where on the page of the case the person goes on after a step."""

LISTS_OF = {"hand_back_support": "support"}
"""The list in which a step was begun that leads out of sight."""


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
        if step in WITH_FILES:
            keep_files(desk, case_id=case_id)
        at = {"person": auth.me(), "case_id": case_id, "version": request.form.get("version", type=int)}
        with desk.database.writing() as tx:
            case = act(tx, desk, at)
        flash(str(done))
        if isinstance(case, Case) and not may(auth.me(), "see", case):  # it went where this person may not look
            return redirect(url_for("queue", view=LISTS_OF.get(step)), 303)
        return redirect(back_to() or url_for("case", case_id=case_id, _anchor=GO_ON_AT.get(step)), 303)

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


def _again(desk: Desk, field: str, why: Any, status: int) -> ResponseReturnValue:
    """The page of the case again, with what was typed and what is wrong with it."""
    case_id = (request.view_args or {}).get("case_id")
    if case_id is None:
        return sorry(status, words=str(why))
    step = (request.view_args or {}).get("step") or (request.endpoint or "")
    with desk.database.reading() as look:
        case = store.find_case(look, case_id)
        if case is None or not may(auth.me(), "see", case):
            # A wrong form must not open what a right one would not.
            return desk.app.handle_user_exception(CaseUnknown())
        return case_page(
            desk,
            look,
            case_id,
            status=status,
            typed=typed_words(),
            wrong={"step": step, "field": field, "words": str(why)},
        )
