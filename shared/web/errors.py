"""When it did not work: a page, or a problem document for programs, that says what happened and what to do now."""

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from flask import Response, current_app, json, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError, TooManyRequests, UnsupportedMediaType
from werkzeug.http import HTTP_STATUS_CODES

from shared.telemetry import log, request_correlation
from shared.web.guard import ForeignRequest
from shared.web.i18n import gettext, lazy

if TYPE_CHECKING:
    from shared.web.app import WebApp

# Status → title, what to do.
WORDS: Mapping[int, tuple[str, str]] = {
    400: (
        lazy("Yêu cầu chưa đúng"),
        lazy("Hãy quay lại trang trước và thử lần nữa. Những gì bạn đã nhập vẫn còn ở đó."),
    ),
    401: (lazy("Cần đăng nhập"), lazy("Hãy đăng nhập rồi thử lại.")),
    403: (lazy("Bạn không được mở trang này"), lazy("Nếu bạn cho rằng đây là nhầm lẫn, hãy gọi cho chúng tôi.")),
    404: (
        lazy("Không có trang này"),
        lazy(
            "Địa chỉ có thể đã gõ thiếu, hoặc trang đã được chuyển đi. Bạn kiểm tra lại địa chỉ, hoặc đi từ trang đầu."
        ),
    ),
    405: (lazy("Không làm được theo cách này"), lazy("Hãy quay lại trang trước và dùng nút trên trang.")),
    409: (
        lazy("Trong lúc bạn làm, việc này đã thay đổi"),
        lazy("Chưa có gì được lưu. Hãy quay lại, tải lại trang để xem điều mới, rồi làm tiếp."),
    ),
    410: (lazy("Trang này không còn"), lazy("Nội dung đã được gỡ.")),
    413: (
        lazy("Tệp quá lớn"),
        lazy("Hãy quay lại, chọn ít ảnh hơn hoặc ảnh nhỏ hơn. Phần chữ bạn đã nhập vẫn còn ở đó."),
    ),
    415: (lazy("Không đọc được dạng tệp này"), lazy("Hãy quay lại và chọn tệp dạng khác.")),
    422: (
        lazy("Có chỗ chưa đúng"),
        lazy("Hãy quay lại và kiểm tra các mục đã nhập. Những gì bạn đã nhập vẫn còn ở đó."),
    ),
    429: (lazy("Bạn gửi hơi nhanh"), lazy("Hãy đợi một lát rồi thử lại. Chưa có gì bị mất.")),
    500: (
        lazy("Có lỗi ở phía chúng tôi"),
        lazy("Lỗi đã được ghi lại. Bạn thử lại sau ít phút; nếu vẫn không được, hãy gọi và đọc mã dưới đây."),
    ),
    503: (lazy("Đang tạm nghỉ"), lazy("Bạn thử lại sau ít phút. Chưa có gì bị mất.")),
}
STALE = lazy("Trang này đã mở quá lâu nên không gửi được nữa. Hãy quay lại, tải lại trang rồi gửi lần nữa.")
FOREIGN = lazy(
    "Yêu cầu này đến từ một trang khác, nên chúng tôi không thực hiện. Hãy mở trang của chúng tôi và gửi lại."
)

REFUSED = lazy("Hiện không làm được việc này")
"""The title where a named refusal says why in its own words."""

WayBack = tuple[str, str]
"""Where to go on after a conflict: address, words of the link."""

SEND_AGAIN = frozenset({429, 500, 503})
"""After these the same words may be sent once more, so the page keeps them. Never after a refused origin."""
KEPT = 64_000  # characters of a form that an error page keeps


def wants_json() -> bool:
    """A program asks, not a person."""
    app: WebApp = current_app.extensions["web"]
    if request.path.startswith(("/api/", "/internal/", f"{app.home}api/")):
        return True
    best = request.accept_mimetypes.best_match(
        ["text/html", "application/json", "application/problem+json"], "text/html"
    )
    return best != "text/html"


def problem(status: int, title: str = "", detail: str = "", **more: Any) -> Response:
    """A problem document. Source: RFC 9457."""
    body = {
        "type": "about:blank",
        "title": title or HTTP_STATUS_CODES.get(status, ""),
        "status": status,
        **({"detail": detail} if detail else {}),
        **more,
        "correlation": request_correlation(),
    }
    return Response(json.dumps(body), status=status, content_type="application/problem+json")


def sorry(status: int, *, words: str = "", what: str = "") -> Response:
    """The answer when it did not work: a problem document under /api/, a page otherwise."""
    title, advice = WORDS.get(status) or WORDS[500 if status >= 500 else 400]
    if wants_json():
        return problem(status, HTTP_STATUS_CODES.get(status, ""), str(words or what or ""))
    app: WebApp = current_app.extensions["web"]
    page = render_template(
        "error.html",
        frame="_desk.html" if app.is_staff and request.path.startswith(app.home) else "_page.html",
        status=status,
        title=what or title,
        advice=words or advice,
        correlation=request_correlation() if status >= 500 else "",
        back=(app.way_back() or _came_from()) if status == HTTPStatus.CONFLICT else None,
        kept=_typed() if status in SEND_AGAIN and request.method == "POST" else [],
    )
    response = Response(page, status=status, content_type="text/html; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response


def install(app: "WebApp") -> None:
    """From now on no error of this application shows a naked page."""
    app.register_error_handler(HTTPException, _on_http)
    app.register_error_handler(CSRFError, _on_stale)
    app.register_error_handler(ForeignRequest, _on_foreign)
    app.error_callback = cast(Any, _on_api)


def on_refusal(status: int, words: str) -> Callable[[Exception], ResponseReturnValue]:
    """What a named refusal of the domain becomes."""

    def answer(refusal: Exception) -> ResponseReturnValue:
        log.info("refused", refusal=type(refusal).__name__, status=status)
        if wants_json():
            return problem(status, HTTP_STATUS_CODES.get(status, ""), str(words), code=_code_of(refusal))
        return sorry(status, words=words, what=REFUSED if words and status == HTTPStatus.CONFLICT else "")

    return answer


def _came_from() -> WayBack | None:
    """The page of ours from which somebody came, unless it is this one."""
    came = urlsplit(request.referrer or "")
    if came.netloc != request.host or came.path == request.path or not came.path.startswith("/"):
        return None
    return came._replace(scheme="", netloc="", fragment="").geturl(), gettext("Về trang trước")


def _code_of(refusal: Exception) -> str:
    """The name of a refusal as programs read it: remedy_unknown."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(refusal).__name__).lower()


def _on_http(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        return error.response
    status = error.code or 500
    is_ours = "description" in vars(error) and not isinstance(
        error, (InternalServerError, TooManyRequests, UnsupportedMediaType)
    )
    answer = sorry(status, words=str(error.description) if is_ours else "")
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After", "WWW-Authenticate"}:
            answer.headers[name] = value
    return answer


def _on_stale(_error: CSRFError) -> ResponseReturnValue:
    log.info("refused", refusal="CSRFError", status=400)
    return sorry(400, words=STALE)


def _on_foreign(_refusal: ForeignRequest) -> ResponseReturnValue:
    log.info("refused", refusal="ForeignRequest", status=403)
    return sorry(403, words=FOREIGN)


def _on_api(error: Any) -> ResponseReturnValue:
    """What APIFlask found wrong in a request."""
    more = {"errors": error.detail} if error.detail else {}
    response = problem(
        error.status_code, HTTP_STATUS_CODES.get(error.status_code, ""), str(error.message or ""), **more
    )
    response.headers.extend(dict(error.headers or {}))
    return response


def _typed() -> list[tuple[str, str]]:
    """What was typed, to be sent again by one press; a token is left out, the page has a fresh one."""
    try:
        typed = [
            (name, value) for name, value in request.form.items(multi=True) if name not in {"csrf_token", "password"}
        ]
    except HTTPException:
        return []
    return typed if sum(len(name) + len(value) for name, value in typed) <= KEPT else []
