"""Where and of what a petitioner is told: changed, shown to be theirs, ended by a link in a letter."""

from collections.abc import Sequence
from typing import Any, NoReturn
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from services.intake.contact import masked_email, masked_phone
from services.intake.domain.contact import OPTIONAL, Contact, check_contact
from services.intake.domain.petition import Refused, Wrong
from services.intake.door import Door, the_door
from services.intake.own import (
    CheckOver,
    DataErased,
    NothingToVerify,
    TooManyChanges,
    TooManyChecks,
    ask_check,
    change_contact,
    contact_of,
    decline_sort,
    open_link_check,
    petition_of_mark,
    verify_by_code,
    verify_by_link,
)
from services.intake.store import Filed, told_how
from services.intake.web.following import Address, own
from services.intake.web.form import CodeForm, ContactForm, mark
from shared.db import Reading
from shared.web import WebApp, client_address, gettext, lazy, private

pages = Blueprint("contact", __name__)
SORTS = {"progress": lazy("Tin tiến độ"), "survey": lazy("Mời khảo sát")}


def add_to(app: WebApp, door: Door) -> None:
    app.limit(door.limits.following, methods=["POST"], key=client_address)(pages)
    app.register_blueprint(pages)
    app.refuses(NothingToVerify, 409, words=lazy("Không có địa chỉ nào cần xác minh ở đây. Hãy mở lại trang liên hệ."))
    app.refuses(DataErased, 410, words=lazy("Dữ liệu của hồ sơ này đã được xoá theo yêu cầu."))
    app.refuses(
        TooManyChanges, 429, words=lazy("Hôm nay liên hệ đã đổi nhiều lần. Hãy thử lại ngày mai, hoặc gọi chúng tôi.")
    )
    app.refuses(
        TooManyChecks,
        429,
        words=lazy(
            "Đã gửi nhiều lần đến địa chỉ này. Hãy dùng đường dẫn hoặc mã gửi sau cùng; "
            "không dùng được nữa thì đợi 15 phút rồi xin gửi lại."
        ),
    )
    app.refuses(
        CheckOver,
        410,
        words=lazy("Đường dẫn hoặc mã này đã dùng, sai, hoặc quá hạn. Hãy mở trang hồ sơ và xin gửi lại."),
    )


# ---- changing


@own.get("/lien-he")
@private
def contact(at: Address) -> ResponseReturnValue:
    return _contact_page(at)


def _contact_page(at: Address, form: ContactForm | None = None) -> str:
    door = the_door()
    with door.database.reading() as tx:
        filed = at.find(tx)
        if filed.erased_at is not None:
            raise DataErased
        now, told = contact_of(tx, filed), told_how(tx, filed.id)
    form = form or contact_form(now)
    return render_template(
        "contact.html",
        filed=filed,
        here=at.here,
        f=form,
        wrong=form.wrong,
        now=now,
        told=told,
        to_verify=[
            (channel, address)
            for channel, address, verified_at in (
                ("email", masked_email(now.email or ""), told.email_verified_at),
                ("sms", masked_phone(now.phone.typed if now.phone else ""), told.phone_verified_at),
            )
            if channel in now.channels and verified_at is None
        ],
    )


def contact_form(now: Contact | None = None, typed: Any = None) -> ContactForm:
    if now is None:
        form = ContactForm(MultiDict(typed or {}))
    else:
        form = ContactForm(
            MultiDict(
                {"email": now.email or "", "phone": now.phone.typed if now.phone else "", "language": now.language}
                | ({"sms": "y"} if now.by_sms else {})
                | {sort: "y" for sort in OPTIONAL if sort not in now.declined}
            )
        )
    form.language.choices = [("vi", "Tiếng Việt"), ("en", "English")]
    return form


@own.post("/lien-he")
@private
def keep_contact(at: Address) -> ResponseReturnValue:
    door = the_door()
    choices = door.catalogue.choices(door.database.clock.now())
    try:
        wanted = check_contact(request.form, read_phone=choices.read_phone, read_email=choices.read_email)
    except Refused as refused:
        form = contact_form(typed=request.form)
        mark(form, refused.wrong)
        return _contact_page(at, form), 422
    with door.database.reading() as reading:
        filed = at.find(reading)
    with door.database.writing() as tx:
        is_changed = change_contact(tx, petition_id=filed.id, contact=wanted, token=at.token, key=door.key)
    if is_changed:
        flash(gettext("Đã lưu. Từ nay chúng tôi báo bạn theo cách này."))
    return redirect(f"{at.here}/lien-he", 303)


# ---- showing that an address is theirs


@own.post("/xac-minh")
@private
def ask_to_verify(at: Address) -> ResponseReturnValue:
    """Send a link, or a code."""
    door, channel = the_door(), request.form.get("channel", "")
    with door.database.reading() as reading:
        filed = at.find(reading)
    with door.database.writing() as tx:
        ask_check(tx, petition_id=filed.id, channel=channel, key=door.key)
    if channel == "sms":
        return redirect(f"{at.here}/ma", 303)
    flash(gettext("Đã gửi thư. Hãy mở thư và bấm nút trong 24 giờ."))
    return redirect(f"{at.here}/lien-he", 303)


@own.get("/ma")
@private
def type_code(at: Address) -> ResponseReturnValue:
    return _code_page(at)


def _code_page(at: Address, wrong: Sequence[Wrong] = ()) -> str:
    with the_door().database.reading() as tx:
        filed = at.find(tx)
    form = CodeForm(request.form)
    mark(form, wrong)
    return render_template("contact-code.html", filed=filed, here=at.here, f=form, wrong=form.wrong)


@own.post("/ma")
@private
def keep_code(at: Address) -> ResponseReturnValue:
    door = the_door()
    digits = "".join(filter(str.isdecimal, request.form.get("digits", "")[:20]))
    with door.database.reading() as reading:
        filed = at.find(reading)
    with door.database.writing() as tx:
        is_right = verify_by_code(tx, petition_id=filed.id, code=digits, key=door.key)
    if not is_right:
        return _code_page(at, [Wrong("digits", "wrong_code")]), 422
    flash(gettext("Đã xác minh số điện thoại."))
    return redirect(f"{at.here}/lien-he", 303)


@pages.get("/xac-minh/<token>")
@private
def verify(token: str) -> ResponseReturnValue:
    """Opening it changes nothing: mail scanners open every link."""
    with the_door().database.reading() as tx:
        open_link_check(tx, token)
    return render_template("contact-verify.html", token=token, is_done=False)


@pages.post("/xac-minh/<token>")
@private
def keep_verified(token: str) -> ResponseReturnValue:
    with the_door().database.writing() as tx:
        verify_by_link(tx, token=token)
    return render_template("contact-verify.html", token=token, is_done=True)


# ---- told of less, by a link in a letter


@pages.get("/ngung/<sort>/<uuid:petition_id>/<mark_>")
@private
def unsubscribe(sort: str, petition_id: UUID, mark_: str) -> ResponseReturnValue:
    """Opening it changes nothing."""
    with the_door().database.reading() as tx:
        _ours(tx, sort, petition_id, mark_)
    return render_template("unsubscribe.html", sort=SORTS[sort], is_done=False)


@pages.post("/ngung/<sort>/<uuid:petition_id>/<mark_>")
@private
def keep_unsubscribed(sort: str, petition_id: UUID, mark_: str) -> ResponseReturnValue:
    """By the button, or by a mail program with one click. Source: RFC 8058."""
    door = the_door()
    with door.database.writing() as tx:
        if not decline_sort(tx, petition_id=petition_id, mark=mark_, sort=sort, key=door.key):
            _lost()
    return render_template("unsubscribe.html", sort=SORTS[sort], is_done=True)


def _ours(tx: Reading, sort: str, petition_id: UUID, mark_: str) -> Filed:
    filed = petition_of_mark(tx, petition_id, mark_)
    if filed is None or sort not in SORTS:
        _lost()
    return filed


def _lost() -> NoReturn:
    """Nothing is there, whatever was wrong with the link."""
    abort(404, description=gettext("Không có gì ở đường dẫn này. Hãy mở lại từ thư, hoặc đổi trong trang hồ sơ."))
