"""The forms of what the law asks before a case is taken up: each is a step of its own."""

from flask import request

from services.workflow import actions
from services.workflow.web.frame import Desk
from services.workflow.web.moves import MOVES, Move, _day, _said
from shared.web import lazy

STEPS: dict[str, tuple[Move, str]] = {
    "record_signature": (
        lambda tx, desk, at: actions.record_signature(
            tx, desk.rules, **at, **_said("how"), signed_on=_day("signed_on")
        ),
        lazy("Đã ghi nhận đơn có chữ ký. Thời hạn thụ lý tính từ ngày nhận đơn ký."),
    ),
    "verify_signature": (
        lambda tx, desk, at: actions.verify_signature(tx, desk.rules, **at, **_said("note")),
        lazy("Đã xác minh chữ ký"),
    ),
    "set_limitation": (
        lambda tx, desk, at: actions.set_limitation(
            tx,
            desk.rules,
            **at,
            **_said("obstacle"),
            knew_on=_day("knew_on"),
            obstacle_from=_day("obstacle_from"),
            obstacle_to=_day("obstacle_to"),
        ),
        lazy("Đã ghi nhận thời hiệu"),
    ),
    "judge": (
        lambda tx, desk, at: actions.judge(
            tx,
            desk.rules,
            **at,
            **_said("reason"),
            criteria=request.form.getlist("criteria"),
            is_remote=request.form.get("is_remote") == "yes",
        ),
        lazy("Đã ghi nhận, thời hạn giải quyết được tính lại"),
    ),
    "name_first_level": (
        lambda tx, desk, at: actions.name_first_level(tx, desk.rules, **at, **_said("first")),
        lazy("Đã nối với hồ sơ khiếu nại lần đầu"),
    ),
    "screen": (
        lambda tx, desk, at: actions.screen(tx, desk.rules, **at, **_said("outcome", "reason", "to")),
        lazy("Đã ghi nhận kết quả sàng lọc"),
    ),
}


def serve(_desk: Desk) -> None:
    """Their addresses are those of all steps."""
    MOVES.update(STEPS)
