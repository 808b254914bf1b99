"""When it did not work: a problem document with a code for programs and words for people.

Source: RFC 9457 (problems), RFC 6750 (bearer tokens).
"""

from typing import Any

from flask import Blueprint, Response, g
from werkzeug.exceptions import HTTPException

from services.workflow import store
from services.workflow.api.bodies import brief, entry
from services.workflow.api.caller import TokenMissing, TokenReadsOnly, TokenRefused
from services.workflow.domain.case import StepRefused
from services.workflow.domain.deadline import ClockRefused
from services.workflow.domain.dialogue import DialogueRefused, TooSoon
from services.workflow.domain.reorganisation import PlanRefused
from services.workflow.steps import CaseUnknown, Incomplete, NotAllowed
from services.workflow.store import BadKey, StaleCase
from services.workflow.web import dialogues, words
from services.workflow.web.addresses import Act
from services.workflow.web.config_page import reason_of
from services.workflow.web.frame import Desk
from shared.config import BadConfig
from shared.web import gettext, lazy, problem


class BadRequest(Exception):
    """The request cannot be read as it is."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


class BadFields(Exception):
    """Fields that the step does not know, or that are no text: (field, code) each."""

    def __init__(self, wrong: list[tuple[str, str]]) -> None:
        super().__init__(", ".join(field for field, _ in wrong))
        self.wrong = wrong


BAD_REQUESTS = {
    "body_unreadable": lazy("Thân yêu cầu phải là một đối tượng JSON"),
    "body_of_other_kind": lazy("Hãy gửi application/json"),
    "version_missing": lazy("Hãy gửi phiên bản bạn đã thấy trong If-Match hoặc version"),
    "version_malformed": lazy("Phiên bản phải là một số, như trong ETag của hồ sơ"),
    "key_malformed": lazy("Idempotency-Key phải dài từ 16 đến 100 ký tự ASCII"),
    "key_used": lazy("Idempotency-Key này đã dùng cho một việc khác"),
    "view_unknown": lazy("Không có khung nhìn này"),
    "day_malformed": lazy("from và to phải là ngày, ví dụ 2026-11-23"),
    "files_of_other_kind": lazy("Hãy gửi tệp bằng multipart/form-data"),
    "step_unknown": lazy("Không có bước này"),
}
BAD_FIELDS = {
    "unknown_field": lazy("Bước này không có mục này"),
    "wrong_type": lazy("Mục này phải là chữ, số hoặc đúng/sai"),
    "unreadable": lazy("Mục này có ký tự không lưu được"),
}
TOKENS = {
    TokenMissing: (401, "token_missing", lazy("Cần tiêu đề Authorization: Bearer với mã truy cập của bạn")),
    TokenRefused: (401, "token_refused", lazy("Mã truy cập không đúng, đã hết hạn hoặc đã bị thu hồi")),
    TokenReadsOnly: (403, "token_reads_only", lazy("Mã truy cập này chỉ được đọc")),
}


def install(blueprint: Blueprint, desk: Desk) -> None:
    """Every refusal of these addresses is a problem document."""
    refuse = blueprint.register_error_handler
    for refusal in TOKENS:
        refuse(refusal, _no_token)
    refuse(BadRequest, _bad_request)
    refuse(BadFields, _bad_fields)
    refuse(BadKey, lambda _: problem(400, gettext("Không có trang này trong danh sách"), code="bad_key"))
    refuse(CaseUnknown, lambda _: problem(404, gettext("Không có hồ sơ này"), code="case_unknown"))
    refuse(NotAllowed, _not_allowed)
    refuse(StepRefused, _step_refused)
    refuse(ClockRefused, _clock_refused)
    refuse(Incomplete, _incomplete)
    refuse(TooSoon, _too_soon)
    refuse(DialogueRefused, _dialogue_refused)
    refuse(StaleCase, lambda stale: _stale(desk, stale))
    refuse(BadConfig, _bad_config)
    refuse(PlanRefused, lambda refused: problem(422, "; ".join(refused.reasons), code="plan_refused"))
    refuse(HTTPException, _on_http)


def _no_token(refusal: Exception) -> Response:
    status, code, said = TOKENS[type(refusal)]
    response = problem(status, str(said), code=code)
    if status == 401:
        error = ' error="invalid_token"' if code == "token_refused" else ""
        response.headers["WWW-Authenticate"] = f"Bearer{error}"
    return response


def _bad_request(refusal: BadRequest) -> Response:
    return problem(refusal.status, str(BAD_REQUESTS[refusal.code]), code=refusal.code)


def _bad_fields(refusal: BadFields) -> Response:
    errors = [{"field": field, "code": code, "detail": str(BAD_FIELDS[code])} for field, code in refusal.wrong]
    return problem(422, gettext("Có chỗ chưa đúng"), code="incomplete", errors=errors)


def _not_allowed(refusal: NotAllowed) -> Response:
    said = words.REFUSALS.get(refusal.reason.value, refusal.reason.value)
    return problem(403, str(said), code="not_allowed", reason=refusal.reason.name.lower())


def _step_refused(_refusal: StepRefused) -> Response:
    said = gettext("Bước này không làm được ở trạng thái hiện nay của hồ sơ.")
    return problem(409, said, code="step_refused")


def _clock_refused(refusal: ClockRefused) -> Response:
    said = str(words.CLOCKS.get(refusal.code, refusal.code))
    return problem(409, said, code="clock_refused", reason=refusal.code)


def _incomplete(refusal: Incomplete) -> Response:
    act: Act | None = g.get("act")
    said = act.said_of(refusal) if act else words.incomplete(refusal.field, refusal.code)
    error = {"field": refusal.field, "code": refusal.code, "detail": said}
    return problem(422, gettext("Có chỗ chưa đúng"), code="incomplete", errors=[error])


def _too_soon(refusal: TooSoon) -> Response:
    error = {"field": "starts_on", "code": "too_soon", "detail": dialogues.too_soon(refusal)}
    return problem(422, gettext("Có chỗ chưa đúng"), code="incomplete", errors=[error])


def _dialogue_refused(refusal: DialogueRefused) -> Response:
    return problem(409, dialogues.refused(refusal), code="dialogue_refused", reason=refusal.code)


def _bad_config(bad: BadConfig) -> Response:
    """A document that makes no sense: file, row and field in the caller's words, and as the reader said it."""
    return problem(422, reason_of(str(bad)), str(bad), code="document_refused")


def _stale(desk: Desk, refusal: StaleCase) -> Response:
    """What changed meanwhile: where the case stands now, and the last lines of its timeline."""
    with desk.database.reading() as look:
        names = store.names_of(look)
        changed: list[dict[str, Any]] = [entry(desk, one, names) for one in store.entries_of(look, refusal.case.id)[:5]]
    response = problem(
        409,
        gettext("Trong lúc bạn làm, hồ sơ này đã thay đổi"),
        code="stale",
        case=brief(desk, refusal.case),
        changed=changed,
    )
    response.set_etag(str(refusal.case.version))
    return response


def _on_http(error: HTTPException) -> Response:
    status = error.code or 500
    response = problem(status, error.name, code=error.name.lower().replace(" ", "_"))
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response
