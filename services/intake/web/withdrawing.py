"""Taking a petition back: what follows from it is said before."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from services.intake.domain.petition import BEARER_KINDS, Refused, Wrong, check_words
from services.intake.door import the_door
from services.intake.own import WithdrawalRefused, withdraw_petition
from services.intake.story import tell
from services.intake.web.following import Address, own
from services.intake.web.form import WithdrawForm, mark
from shared.web import WebApp, gettext, lazy, private

WORDS_AT_MOST = 1000


def add_to(app: WebApp) -> None:
    """What is said where nothing can be taken back. The routes are those of each petition."""
    app.refuses(
        WithdrawalRefused,
        409,
        words=lazy("Không rút được nữa: hồ sơ đã có kết quả, đã kết thúc, hoặc bạn đã xin rút rồi."),
    )


@own.get("/rut")
@private
def withdraw(at: Address) -> ResponseReturnValue:
    """Opening it changes nothing: mail scanners open every link."""
    return _withdraw_page(at)


def _withdraw_page(at: Address, wrong: Sequence[Wrong] = ()) -> str:
    door = the_door()
    with door.database.reading() as tx:
        filed = at.find(tx)
        story = tell(tx, door, filed)
    if not story.can_withdraw:
        raise WithdrawalRefused
    form = WithdrawForm(request.form)
    mark(form, wrong)
    return render_template(
        "withdraw.html", filed=filed, story=story, here=at.here, f=form, wrong=form.wrong, limit=WORDS_AT_MOST
    )


@own.post("/rut")
@private
def keep_withdrawal(at: Address) -> ResponseReturnValue:
    door = the_door()
    try:
        reason = check_words("reason", request.form.get("reason", ""), limit=WORDS_AT_MOST)
    except Refused as refused:
        return _withdraw_page(at, refused.wrong), 422
    with door.database.reading() as reading:
        filed = at.find(reading)
    with door.database.writing() as tx:
        withdraw_petition(tx, petition_id=filed.id, reason=reason)
    if filed.kind in BEARER_KINDS:
        flash(
            gettext("Đã nhận. Người có thẩm quyền sẽ quyết định và báo bạn. Trong lúc chờ, việc xem xét vẫn tiếp tục.")
        )
    else:
        flash(gettext("Đã nhận yêu cầu rút. Trang này sẽ báo khi hồ sơ kết thúc, thường trong một phút."))
    return redirect(at.here, 303)
