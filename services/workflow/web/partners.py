"""Partners whose programs file at the door, and the ledger of what they were told. The admin's, who reads no case.

No program makes a key or a secret: one that was stolen would make itself another.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Regexp

from services.workflow import actions, store
from services.workflow.actions.partners import RATES, PartnerUnknown, WebhookOff
from services.workflow.steps import Incomplete
from services.workflow.web.addresses import Facts, does, sees
from services.workflow.web.frame import Desk
from shared import auth
from shared.db import Reading
from shared.fetch import Reach, read_webhook_reach
from shared.web import Form, gettext, lazy
from shared.web.i18n import num

ADMIN = ("admin",)
WORLDS = {"test": lazy("Thử: kiểm tra, không lưu"), "production": lazy("Dùng thật")}
STATES = {
    "waiting": lazy("Sắp gửi"),
    "retry": lazy("Sẽ gửi lại"),
    "delivered": lazy("Đã nhận"),
    "failed": lazy("Không gửi được"),
    "withheld": lazy("Giữ lại"),
}
PROBLEMS = {
    "private_address": lazy("địa chỉ nội bộ"),
    "unknown_host": lazy("không có tên máy này"),
    "unreachable": lazy("không kết nối được"),
    "timeout": lazy("quá giờ"),
    "certificate": lazy("chứng thư sai"),
    "broken": lazy("đứt giữa chừng"),
    "redirect": lazy("chuyển hướng"),
    "malformed": lazy("địa chỉ sai"),
    "scheme": lazy("không phải https"),
    "port": lazy("cổng không được dùng"),
    "confidential": lazy("việc đã thành kín"),
    "off": lazy("đã ngừng báo tin"),
}
AFTER = {
    "case.opened.v1": lazy("Mở hồ sơ"),
    "case.routed.v1": lazy("Chuyển đơn vị"),
    "case.accepted.v1": lazy("Bắt đầu xử lý"),
    "case.clock_paused.v1": lazy("Tạm dừng"),
    "case.clock_resumed.v1": lazy("Tiếp tục"),
    "case.extended.v1": lazy("Gia hạn"),
    "case.rescheduled.v1": lazy("Đổi ngày hẹn"),
    "case.apologised.v1": lazy("Xin lỗi, hẹn lại"),
    "case.answered.v1": lazy("Trả lời"),
    "case.refused.v1": lazy("Từ chối"),
    "case.transferred.v1": lazy("Chuyển cơ quan khác"),
    "case.merged.v1": lazy("Gộp"),
    "case.unlinked.v1": lazy("Tách khỏi hồ sơ gộp"),
    "case.reopened.v1": lazy("Mở lại"),
    "case.closed.v1": lazy("Đóng"),
    "case.published.v1": lazy("Công bố bản tóm tắt"),
    "case.unpublished.v1": lazy("Gỡ bản tóm tắt"),
    "": lazy("Gửi thử"),
}
WRONG = {
    ("code", "malformed"): lazy("Mã gồm 3 đến 24 chữ thường, số, dấu gạch nối, bắt đầu bằng chữ"),
    ("code", "taken"): lazy("Đã có đối tác mang mã này"),
    ("per_minute", "unknown"): lazy("Hãy chọn một giới hạn trong danh sách"),
    ("url", "scheme"): lazy("Địa chỉ phải bắt đầu bằng https://"),
    ("url", "port"): lazy("Cổng này không được phép"),
    ("url", "malformed"): lazy("Hãy nhập địa chỉ đầy đủ, ví dụ https://hub.example.vn/webhook"),
}


class PartnerForm(Form):
    name = StringField(lazy("Tên"), [InputRequired(lazy("Hãy nhập tên đối tác")), Length(max=120)])
    code = StringField(
        lazy("Mã"),
        [
            InputRequired(lazy("Hãy đặt mã")),
            Regexp(r"^[a-z][a-z0-9-]{1,22}[a-z0-9]$", message=WRONG["code", "malformed"]),
        ],
        description=lazy("Chữ thường, số, gạch nối; không đổi được về sau. Ví dụ: hue-s"),
    )
    world = RadioField(lazy("Dùng để"), [InputRequired(lazy("Hãy chọn một mục"))], choices=list(WORLDS.items()))
    per_minute = SelectField(lazy("Giới hạn"), [InputRequired()])


class WebhookForm(Form):
    url = StringField(
        lazy("Địa chỉ nhận tin"),
        [Length(max=800)],
        description=lazy("https, máy công khai trên mạng. Để trống rồi lưu là thôi báo tin."),
    )


def serve(desk: Desk) -> None:
    app, reach = desk.app, read_webhook_reach(desk.app.settings.environment)
    app.refuses(PartnerUnknown, 404, words=lazy("Không có đối tác hoặc lượt gửi này."))
    app.refuses(
        WebhookOff, 409, words=lazy("Đối tác này hiện không nhận tin: chưa có địa chỉ, đã ngừng hoặc tạm dừng.")
    )

    @app.route("/desk/partners", methods=["GET", "POST"])
    @auth.needs(*ADMIN)
    def partners() -> ResponseReturnValue:
        """All partners; the key of a new one is shown on the page that answers its making, and never again."""
        form, key = _filled(PartnerForm.sent()), ""
        if form.is_good():
            try:
                with desk.database.writing() as tx:
                    _, key = actions.register_partner(
                        tx,
                        person=auth.me(),
                        code=form.code.data,
                        name=form.name.data,
                        is_test=form.world.data == "test",
                        per_minute=int(form.per_minute.data),
                    )
                form = _filled(PartnerForm())
            except Incomplete as refused:
                form[refused.field].errors = [
                    str(WRONG.get((refused.field, refused.code), gettext("Hãy điền mục này")))
                ]
        with desk.database.reading() as look:
            return desk.page(
                look,
                "desk/partners.html",
                here="partners",
                status=422 if form.wrong else 200,
                f=form,
                wrong=form.wrong,
                key=key,
                **all_partners(desk, look),
            )

    @app.get("/desk/partners/<uuid:partner_id>")
    @auth.needs(*ADMIN)
    def partner(partner_id: UUID) -> ResponseReturnValue:
        return _page(desk, partner_id)

    @app.post("/desk/partners/<uuid:partner_id>/key")
    @auth.needs(*ADMIN)
    def renew_key(partner_id: UUID) -> ResponseReturnValue:
        with desk.database.writing() as tx:
            key = actions.renew_key(tx, person=auth.me(), partner_id=partner_id)
        return _page(desk, partner_id, key=key)

    @app.post("/desk/partners/<uuid:partner_id>/webhook")
    @auth.needs(*ADMIN)
    def set_webhook(partner_id: UUID) -> ResponseReturnValue:
        form = WebhookForm.sent()
        try:
            if form.is_good():
                return _set(desk, partner_id, form, reach)
        except Incomplete as refused:
            form.url.errors = [str(WRONG.get((refused.field, refused.code), WRONG["url", "malformed"]))]
        return _page(desk, partner_id, form=form)

    for address, act in ACTS.items():
        app.add_url_rule(
            f"/desk/partners/<uuid:partner_id>{address}",
            endpoint=f"partner_{act.asks.action.__name__}",
            view_func=auth.needs(*ADMIN)(_doing(desk, act)),
            methods=["POST"],
        )


def _set(desk: Desk, partner_id: UUID, form: WebhookForm, reach: Reach) -> ResponseReturnValue:
    with desk.database.writing() as tx:
        url = (form.url.data or "").strip()
        secret = actions.set_webhook(tx, person=auth.me(), partner_id=partner_id, url=url, reach=reach)
    if secret:
        return _page(desk, partner_id, secret=secret)
    flash(gettext("Đã thôi báo tin."))
    return redirect(url_for("partner", partner_id=partner_id), 303)


def _doing(desk: Desk, act: Any) -> Any:
    def done(partner_id: UUID, **at: Any) -> ResponseReturnValue:
        act.and_say(desk, partner_id=partner_id, **at)
        return redirect(url_for("partner", partner_id=partner_id), 303)

    return done


def _page(
    desk: Desk, partner_id: UUID, *, form: WebhookForm | None = None, key: str = "", secret: str = ""
) -> ResponseReturnValue:
    with desk.database.reading() as look:
        facts = one_partner(desk, look, partner_id=partner_id)
        form = form or WebhookForm(data={"url": facts["partner"].webhook_url or ""})
        return desk.page(
            look,
            "desk/partner.html",
            here="partners",
            status=422 if form.wrong else 200,
            f=form,
            wrong=form.wrong,
            key=key,
            secret=secret,
            worlds=WORLDS,
            states=STATES,
            problems=PROBLEMS,
            after=AFTER,
            rates=_rates(),
            **facts,
        )


@sees("partners", "partners", roles=ADMIN)
def all_partners(_desk: Desk, look: Reading) -> Facts:
    """Partners whose programs file at the door, with their limits and what they are told; no key"""
    return {"partners": store.all_partners(look)}


@sees("partners/<uuid:partner_id>", "partner", "ledger", "older", roles=ADMIN, query=("before",))
def one_partner(_desk: Desk, look: Reading, *, partner_id: UUID) -> Facts:
    """A partner, and what its webhook was told: each delivery with all its attempts, newest first"""
    found = store.find_partner(look, partner_id)
    if found is None:
        raise PartnerUnknown
    ledger = store.ledger_of(look, partner_id, before=_before())
    older = ledger[-1].planned_at.isoformat() if len(ledger) == store.LEDGER_PAGE else ""
    return {"partner": found, "ledger": ledger, "older": older}


def _before() -> datetime | None:
    typed = request.args.get("before", "").replace(" ", "+")
    try:
        found = datetime.fromisoformat(typed) if typed else None
    except ValueError:
        abort(404)
    if found is not None and found.tzinfo is None:
        abort(404)
    return found


def _rates() -> list[tuple[str, str]]:
    return [(str(rate), gettext("%(n)s lượt mỗi phút", n=num(rate))) for rate in RATES]


def _filled(form: PartnerForm) -> PartnerForm:
    form.per_minute.choices = _rates()
    return form


AT = "partners/<uuid:partner_id>"
ACTS = {
    address: does(AT + address, action, *fields, roles=ADMIN, done=done, wrong=WRONG)
    for address, action, fields, done in (
        ("", actions.switch_partner, ("is_active",), lazy("Đã ghi nhận.")),
        ("/limit", actions.limit_partner, ("per_minute",), lazy("Đã đổi giới hạn.")),
        ("/scope", actions.widen_partner, ("hears_public",), lazy("Đã ghi nhận.")),
        ("/webhook/on", actions.unpause_webhook, (), lazy("Đã bật lại việc báo tin.")),
        ("/webhook/trial", actions.try_webhook, (), lazy("Đã gửi thử: xem kết quả trong sổ.")),
        ("/deliveries/<uuid:delivery_id>/again", actions.resend, (), lazy("Sẽ gửi lại ngay.")),
    )
}
