"""A letter that waits for its signature: printed from what was sent, signed, and sent as a picture or a PDF."""

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from services.intake import store
from services.intake.actions import SupplementRefused, send_signed_letter
from services.intake.door import FILING_BODY, accept_all, keep_all, the_door
from services.intake.files import forget
from services.intake.web.following import Address, petition
from services.intake.words import wrong_words
from shared.pdf import has_signature
from shared.web import WebApp, gettext, lazy, private, typed_once


class SignatureNotAwaited(Exception):
    """It needs no signature, or one has come."""


def add_to(app: WebApp) -> None:
    """What is said where no signature is waited for. The routes are those of each petition."""
    app.refuses(
        SignatureNotAwaited, 409, words=lazy("Hồ sơ này không chờ chữ ký: đã có chữ ký, hoặc không cần chữ ký.")
    )


@petition.get("/don")
@private
def printed(at: Address) -> ResponseReturnValue:
    """What was sent as a letter to print and to sign."""
    door = the_door()
    with door.database.reading() as tx:
        filed = at.find(tx)
        words, sent = store.words_of(tx, filed.id), store.attachments_of(tx, filed.id)
    if not door.catalogue.needs_signature(filed.kind) or words.text is None:
        return redirect(at.here, 303)
    answers = [one for one in words.answers or () if one["code"] != "signed_letter"]
    return render_template(
        "letter.html", kind=filed.kind, words=words, answers=answers, code=filed.code, files=len(sent), here=at.here
    )


@petition.post("/chu-ky")
@private
def send_letter(at: Address) -> ResponseReturnValue:
    """Take in the signed letter: it reaches the desk as a supplement, and the page says that it is being verified."""
    door = the_door()
    request.max_content_length = FILING_BODY
    with door.database.reading() as tx:
        filed = at.find(tx)
    if not door.awaits_signature(filed):
        raise SignatureNotAwaited
    once = typed_once()
    sent = [(one.filename, one.read()) for one in request.files.getlist("letter") if one.filename]
    taken, wrong = accept_all(sent, field="letter")
    if wrong or not taken:
        flash(wrong_words(wrong[0]) if wrong else gettext("Hãy chọn ảnh chụp hoặc tệp PDF của đơn đã ký."), "error")
        return redirect(f"{at.here}#chu-ky", 303)
    is_digital = any(one.media_type == "application/pdf" and has_signature(data) for one, data, _ in taken)
    kept = keep_all(door, taken, kind=filed.kind)
    try:
        with door.database.writing() as tx:
            is_new = send_signed_letter(
                tx, petition_id=filed.id, is_digital=is_digital, kept=kept, once=f"{filed.id}:{once}"
            )
    except SupplementRefused:
        forget(door.settings.files_dir, kept)
        raise
    if not is_new:
        forget(door.settings.files_dir, kept)
    flash(gettext("Đã nhận đơn đã ký. Chúng tôi đối chiếu rồi báo bạn."))
    return redirect(at.here, 303)
