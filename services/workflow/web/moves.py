"""One address for each step of a case: the form is read, one action is called, and the page comes again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from inspect import Parameter, signature
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from services.workflow import actions, store
from services.workflow.domain.case import Case
from services.workflow.domain.checks import Reply
from services.workflow.domain.deadline import ClockRefused
from services.workflow.domain.permission import may
from services.workflow.domain.rules import Rules
from services.workflow.steps import CaseUnknown, Incomplete, NotAllowed
from services.workflow.web import words
from services.workflow.web.asked import asked
from services.workflow.web.case import case_page
from services.workflow.web.forms import chosen, day_typed, picked, said, ticked
from services.workflow.web.frame import Desk
from shared import auth
from shared.db import Transaction
from shared.web import lazy, sorry

Move = Callable[[Transaction, Desk, dict[str, Any]], Any]

NOT_TYPED = {"csrf_token", "version", "seen", "back"}


def _into(tx: Transaction) -> UUID:
    """The case to follow, by the code that was typed or the id of a button."""
    typed = asked().get("into", "").replace("-", "").replace(" ", "").upper()
    if len(typed) == 32:
        try:
            return UUID(hex=typed)
        except ValueError:
            raise Incomplete("into", "unknown") from None
    found = [row for row in store.find_by_code(tx, auth.me(), typed) if row.case.code == typed] if typed else []
    if len(found) != 1:
        raise Incomplete("into", "unknown")
    return found[0].case.id


def _paper() -> UUID:
    try:
        return UUID(asked().get("paper", ""))
    except ValueError:
        raise Incomplete("text", "gone") from None


def _replies() -> dict[int, Reply]:
    """The numbers of the petition's questions that the answer answers."""
    return {int(number): Reply(is_answered=True) for number in asked().getlist("replies") if number.isdecimal()}


def _reading(read: Callable[[str], Any], name: str) -> Callable[[Transaction], Any]:
    return lambda _tx: read(name)


DAYS = (
    "promised_on", "given_on", "due_on", "signed_on", "knew_on", "obstacle_from", "obstacle_to", "answer_by",
)  # fmt: skip
TICKS = ("is_remote", "is_signed", "is_told", "is_waiting")
READ: dict[str, Callable[[Transaction], Any]] = {
    **{name: _reading(chosen, name) for name in ("kind", "topic")},
    **{name: _reading(day_typed, name) for name in DAYS},
    **{name: _reading(ticked, name) for name in TICKS},
    "into": _into,
    "paper": lambda _tx: _paper(),
    "criteria": lambda _tx: asked().getlist("criteria"),
    "replies": lambda _tx: _replies(),
    "files": lambda _tx: picked("files"),
    "consult_id": lambda _tx: next(iter(picked("consult_id")), UUID(int=0)),
    "language": lambda _tx: "en" if asked().get("language") == "en" else "vi",
}
"""How a field is read; one that does not stand here is handed on as it came."""


@dataclass(frozen=True)
class Asks:
    """A step that reads its fields and hands them to its action."""

    action: Callable[..., Any]
    fields: tuple[str, ...]

    def __call__(self, tx: Transaction, desk: Desk, at: dict[str, Any]) -> Any:
        given = {name: READ[name](tx) if name in READ else said(name)[name] for name in self.fields}
        return self.action(tx, desk.rules, **at, **given)

    @property
    def needs(self) -> tuple[str, ...]:
        """The fields that the action cannot do without."""
        known = signature(self.action).parameters
        return tuple(name for name in self.fields if known[name].default is Parameter.empty)


def asks(action: Callable[..., Any], *fields: str) -> Asks:
    """A step: what is called, and the fields that are asked for."""
    return Asks(action, fields)


def _refuse_extension(tx: Transaction, _rules: Rules, *, reason: str, **at: Any) -> None:
    actions.refuse_extension(tx, reason=reason, **at)


def _confirm_triage(
    tx: Transaction, rules: Rules, *, kind: str | None = None, topic: str | None = None, unit: str = "", **at: Any
) -> Case:
    return actions.confirm_triage(tx, rules, kind=kind, topic=topic, unit=unit or None, **at)


def _apologise(tx: Transaction, rules: Rules, *, reason: str, due_on: date | None, **at: Any) -> Case:
    if due_on is None:
        raise Incomplete("due_on")
    return actions.apologise(tx, rules, reason=reason, due_on=due_on, signer=at["person"].name, **at)


WRITTEN = ("text", "outcome", "basis", "promised_on", "replies", "in_spite", "apology", "point")

# Step → what is called with which fields, and what the person reads when it is done. Pages and programs share it.
MOVES: dict[str, tuple[Move, str]] = {
    "decide": (asks(_confirm_triage, "kind", "topic", "unit"), lazy("Đã phân loại")),
    "return_to_triage": (asks(actions.return_to_triage, "reason"), lazy("Đã trả lại để phân loại")),
    "quarantine": (asks(actions.quarantine, "reason"), lazy("Đã đưa vào tin rác")),
    "restore": (asks(actions.restore), lazy("Đã lấy ra khỏi tin rác")),
    "link": (asks(actions.link, "into"), lazy("Đã gộp: người gửi được báo và sẽ nhận cùng kết quả")),
    "assign": (asks(actions.assign, "officer"), lazy("Đã phân công")),
    "pass_on": (asks(actions.pass_on, "officer", "reason"), lazy("Đã chuyển cho đồng nghiệp")),
    "take": (asks(actions.take), lazy("Đã nhận việc")),
    "accept": (asks(actions.accept), lazy("Đã thụ lý")),
    "progress": (asks(actions.report_progress, "note"), lazy("Đã báo tiến độ cho công dân")),
    "ask": (asks(actions.ask_citizen, "question", "again"), lazy("Đã gửi câu hỏi cho công dân")),
    "resume": (asks(actions.resume), lazy("Đồng hồ chạy lại")),
    "suspend": (asks(actions.suspend, "reason"), lazy("Đã tạm đình chỉ")),
    "ask_extension": (
        asks(actions.ask_extension, "reason"),
        lazy("Đã đề nghị gia hạn, chờ người khác đồng ý"),
    ),
    "extend": (asks(actions.grant_extension, "reason"), lazy("Đã gia hạn, công dân được báo ngày mới")),
    "refuse_extension": (asks(_refuse_extension, "reason"), lazy("Không gia hạn")),
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
            case = act(tx, desk, at)
        flash(str(done))
        if isinstance(case, Case) and not may(auth.me(), "see", case):  # it went where this person may not look
            return redirect(url_for("queue"), 303)
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
