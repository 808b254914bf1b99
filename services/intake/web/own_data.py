"""A petitioner's own data: seen and taken home at once; corrected or erased by a request with its legal clock."""

import secrets
from collections.abc import Sequence

from flask import flash, redirect, render_template, request, send_file
from flask.typing import ResponseReturnValue

from services.intake.domain.petition import Refused, Wrong, check_words
from services.intake.door import the_door
from services.intake.own_data import RIGHTS, RequestNotHere, ask_about_data, held, is_protected, pack
from services.intake.web.following import Address, own
from services.intake.web.form import DataForm, data_form, mark
from shared.web import WebApp, gettext, lazy, private, typed_once

WORDS_AT_MOST = 2000
ASKED = {
    "correct": "Yêu cầu sửa dữ liệu cá nhân của tôi trong hồ sơ {code}.",
    "erase": "Yêu cầu xóa dữ liệu cá nhân của tôi trong hồ sơ {code}.",
    "other": "Yêu cầu khác về dữ liệu cá nhân của tôi trong hồ sơ {code}.",
}
"""What the officer reads first."""


def add_to(app: WebApp) -> None:
    app.refuses(
        RequestNotHere,
        409,
        words=lazy("Với hồ sơ này, hãy gửi yêu cầu bằng văn bản hoặc đến gặp trực tiếp, để không ai biết có hồ sơ."),
    )


@own.get("/du-lieu")
@private
def data(at: Address) -> ResponseReturnValue:
    return _page(at)


def _page(at: Address, form: DataForm | None = None, wrong: Sequence[Wrong] = ()) -> str:
    with the_door().database.reading() as tx:
        filed = at.find(tx)
        protected = is_protected(tx, filed)
    form = form or data_form()
    mark(form, wrong)
    return render_template(
        "own-data.html",
        filed=filed,
        is_protected=protected,
        here=at.here,
        f=form,
        wrong=form.wrong,
        once=secrets.token_urlsafe(16),
        limit=WORDS_AT_MOST,
    )


@own.get("/du-lieu.zip")
@private
def take_home(at: Address) -> ResponseReturnValue:
    """All that the door holds, with the files."""
    door = the_door()
    with door.database.reading() as tx:
        filed = at.find(tx)
        known = held(tx, filed, files_dir=door.settings.files_dir)
    return send_file(
        pack(known, files_dir=door.settings.files_dir),
        mimetype="application/zip",
        as_attachment=True,
        download_name="du-lieu.zip",  # no code: a denouncer's computer may be looked at
    )


@own.post("/du-lieu")
@private
def keep_request(at: Address) -> ResponseReturnValue:
    door = the_door()
    right = request.form.get("right", "")
    wrong = [] if right in RIGHTS else [Wrong("right", "missing")]
    try:
        words = check_words("words", request.form.get("words", ""), limit=WORDS_AT_MOST)
        if right != "erase" and not words:
            wrong.append(Wrong("words", "missing"))
    except Refused as refused:
        words = ""
        wrong.extend(refused.wrong)
    if wrong:
        return _page(at, data_form(request.form), wrong), 422
    once = typed_once()
    with door.database.reading() as reading:
        filed = at.find(reading)
    text = f"{ASKED[right].format(code=filed.code)}\n\n{words}".strip()
    with door.database.writing() as tx:
        receipt = ask_about_data(tx, filed=filed, words=text, once=f"data:{filed.id}:{once}"[:120], key=door.key)
    flash(gettext("Đã nhận. Chúng tôi trả lời là đã nhận trong 2 ngày làm việc."))
    return redirect(f"/bien-nhan/{receipt.token}", 303)
