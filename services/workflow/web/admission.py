"""The forms of what the law asks before a case is taken up: each is a step of its own."""

from services.workflow import actions
from services.workflow.web.asks import Asks, asks
from services.workflow.web.frame import Desk
from services.workflow.web.moves import MOVES
from shared.web import lazy

STEPS: dict[str, tuple[Asks, str]] = {
    "record_signature": (
        asks(actions.record_signature, "how", "signed_on"),
        lazy("Đã ghi nhận đơn có chữ ký. Thời hạn thụ lý tính từ ngày nhận đơn ký."),
    ),
    "verify_signature": (asks(actions.verify_signature, "note"), lazy("Đã xác minh chữ ký")),
    "set_limitation": (
        asks(actions.set_limitation, "knew_on", "obstacle_from", "obstacle_to", "obstacle"),
        lazy("Đã ghi nhận thời hiệu"),
    ),
    "judge": (
        asks(actions.judge, "criteria", "is_remote", "reason"),
        lazy("Đã ghi nhận, thời hạn giải quyết được tính lại"),
    ),
    "name_first_level": (asks(actions.name_first_level, "first"), lazy("Đã nối với hồ sơ khiếu nại lần đầu")),
    "verify_identity": (asks(actions.verify_identity, "note"), lazy("Đã xác minh người gửi")),
    "name_right": (
        asks(actions.name_right, "right", "has_processor"),
        lazy("Đã ghi nhận quyền được yêu cầu, hạn thực hiện tính từ ngày nhận"),
    ),
    "screen": (asks(actions.screen, "outcome", "reason", "to"), lazy("Đã ghi nhận kết quả sàng lọc")),
}


def serve(_desk: Desk) -> None:
    """Their addresses are those of all steps."""
    MOVES.update(STEPS)
