"""Filing in a citizen's stead: the pass of the desk opens the form in another dress, and prints what the citizen holds.

The pass travels in a cookie and is used up at once: neither an address nor a log line ever holds it.
"""

from flask import Blueprint, abort, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from services.intake import store
from services.intake.actions import receipt_again
from services.intake.counter import CounterOver, enter
from services.intake.domain.code import read_aloud, spelled
from services.intake.door import the_door
from services.intake.web import drafts, receipts, stead
from shared import passes
from shared.passes import PassRefused
from shared.web import WebApp, lazy, private, sorry

REFUSED = {
    "expired": lazy("Lượt nhập thay này đã hết giờ (30 phút). Hãy mở lại từ trang Tại quầy của bàn làm việc."),
    "used": lazy("Lượt nhập thay này đã dùng rồi: mỗi lượt mở một lần. Hãy mở lại từ trang Tại quầy của bàn làm việc."),
    "switched_off": lazy("Tài khoản này đã bị khóa, nên không nhập thay được."),
    "forged": lazy("Lượt nhập thay này không do bàn làm việc ký, nên không dùng được."),
    "foreign": lazy("Lượt này không dành cho việc nhập thay ở đây."),
    "malformed": lazy("Không đọc được lượt nhập thay. Hãy mở lại từ trang Tại quầy của bàn làm việc."),
}
pages = Blueprint("counter", __name__, url_prefix=passes.ENTRANCE)


def add_to(app: WebApp) -> None:
    app.register_blueprint(pages)
    app.register_error_handler(PassRefused, lambda refused: sorry(403, words=REFUSED[refused.reason]))
    app.refuses(
        CounterOver,
        403,
        words=lazy(
            "Phiên nhập thay đã hết. Hãy quay lại trang Tại quầy của bàn làm việc và mở lại; "
            "những gì đã gõ vẫn còn trong bản nháp của trình duyệt này."
        ),
    )


# ---- pages


@pages.get("")
@private
def come_in() -> ResponseReturnValue:
    """Take the pass out of its cookie, use it up, and open the form."""
    door = the_door()
    text = request.cookies.get(passes.COOKIE, "")
    if not text:
        abort(404)
    with door.database.writing() as tx:
        secret, opened = enter(tx, door.database.codec.keys, text)
        lives = opened.expires_at - tx.now
    to = "survey.to_type_in" if opened.channel == stead.SURVEYS else "filing.form"
    page = make_response(redirect(url_for(to), 303))
    page.delete_cookie(passes.COOKIE, path=passes.ENTRANCE)
    page.set_cookie(
        stead.COOKIE,
        secret,
        max_age=int(lives.total_seconds()),
        httponly=True,
        samesite="Strict",
        secure=door.settings.public_url.startswith("https:"),
        path="/",
    )
    return page


@pages.get("/bien-nhan")
@private
def receipt() -> ResponseReturnValue:
    """The receipt for the citizen, to print or to read aloud, as long as the session lives."""
    door, at_work = the_door(), stead.present()
    if at_work is None or not at_work.once:
        raise CounterOver
    with door.database.reading() as tx:
        found = receipt_again(tx, once=at_work.once, key=door.key)
        assert found is not None, "the session names what was filed in it"
        return receipts.receipt_page(
            tx,
            door,
            found.filed,
            found.token,
            channel=at_work.channel,
            spelled=read_aloud(found.filed.code),
            pin=spelled(found.pin or ""),
        )


@pages.post("/xong")
@private
def leave() -> ResponseReturnValue:
    """The citizen has the receipt: nothing of it stays in this browser."""
    at_work = stead.present()
    if at_work is not None:
        with the_door().database.writing() as tx:
            store.end_counter(tx, at_work.id_hash)
    is_of_surveys = at_work is not None and at_work.channel == stead.SURVEYS
    page = make_response(redirect("/desk/surveys" if is_of_surveys else "/desk/counter", 303))
    page.delete_cookie(stead.COOKIE)
    page.delete_cookie(drafts.COOKIE)
    return page
