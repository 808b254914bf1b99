"""Consultations: drafts of policies on which everybody may comment for a while, and what was answered."""

import secrets
from collections.abc import Iterable, Mapping
from types import SimpleNamespace

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from services.intake import store
from services.intake.actions import file_comment
from services.intake.domain.consultation import Consultation, ConsultationNotOpen, together
from services.intake.domain.petition import LIMITS, Refused, Wrong
from services.intake.door import Door, the_door
from services.intake.steps import KeyUsedBefore
from services.intake.web import doubting, stead
from services.intake.web.checking import to_receipt
from services.intake.web.filing import who_counts
from services.intake.web.form import COMMENT, comment_form, mark
from services.intake.web.papers import letter_response, qr_code
from services.intake.web.take_part import Section
from shared.db import Reading
from shared.files import read_file
from shared.web import WebApp, current_language, gettext, private, typed_once

pages = Blueprint("consultations", __name__, url_prefix="/gop-y/<int:number>")


def add_to(app: WebApp, door: Door) -> None:
    app.limit(door.limits.filing, methods=["POST"], key=who_counts)(pages)
    app.register_blueprint(pages)


# ---- on the page of taking part


def open_drafts(door: Door, tx: Reading) -> Section:
    """The drafts that wait for comments, the one that ends first standing first, and those that will."""
    return Section("take-part/_drafts.html", {"drafts": _listed(door, tx, {"open", "planned"})})


def past_drafts(door: Door, tx: Reading) -> Section:
    """The drafts on which people commented, the newest first, with what was answered."""
    return Section("take-part/_past_drafts.html", {"drafts": _listed(door, tx, {"closed"})[::-1]})


def _listed(door: Door, tx: Reading, standing: set[str]) -> list[SimpleNamespace]:
    today = door.today()
    drafts = [one for one in store.consultations(tx) if one.stands_on(today) in standing]
    comments = store.count_comments(tx, [one.id for one in drafts])
    return [
        SimpleNamespace(
            draft=one,
            stands=one.stands_on(today),
            comments=comments.get(one.id, 0),
            days_left=(one.closes_on - today).days,
        )
        for one in drafts
    ]


# ---- one draft


@pages.get("")
@private
def draft(number: int) -> ResponseReturnValue:
    return _page(number)


@pages.post("")
@private
def send(number: int) -> ResponseReturnValue:
    """File a comment. Sent twice it is filed once; outside its days nothing of what was written is lost."""
    door, typed = the_door(), {name: request.form[name] for name in COMMENT if request.form.get(name)}
    found, once = _found(number), typed_once()
    key, wrong = f"gop-y:{found.number}:{once}", [Wrong("website", "filled")] if request.form.get("website") else []
    try:
        sent = door.check_comment(typed, language=current_language())
    except Refused as refused:
        wrong.extend(refused.wrong)
    if wrong:
        return _page(number, typed=typed, wrong=wrong, once=once), 422
    if doubting.must_ask():
        return _page(number, typed=typed, once=once, is_asked=True), 422
    try:
        with door.database.writing() as tx:
            if stead.present() is not None:
                receipt = stead.comment_for(tx, door, draft=found, sent=sent, once=key)
            else:
                receipt = file_comment(tx, draft=found, sent=sent, once=key, key=door.key, today=door.today())
    except ConsultationNotOpen:
        return _page(number, typed=typed), 409
    except KeyUsedBefore:
        return _page(number, typed=typed, is_again=True), 409
    return to_receipt(receipt)


@pages.get("/du-thao.pdf")
def document(number: int) -> ResponseReturnValue:
    found = _found(number)
    if found.document is None:
        abort(404)
    try:
        data = read_file(the_door().settings.files_dir, found.document.id)
    except FileNotFoundError:
        abort(404)
    return letter_response(data, name=f"du-thao-{found.number}.pdf")


@pages.get("/ap-phich")
def poster(number: int) -> ResponseReturnValue:
    """To hang up: what it is about, until when, and the way to its page."""
    return _on_paper("poster.html", number)


@pages.get("/phieu")
def paper_form(number: int) -> ResponseReturnValue:
    """To fill in by hand."""
    return _on_paper("comment-paper.html", number)


def _on_paper(template: str, number: int) -> str:
    found = _found(number)
    address = _address(found)
    qr = qr_code(address, gettext("Mã QR mở trang góp ý"))
    return render_template(template, draft=found, qr=qr, address=_spoken(address))


def _page(
    number: int,
    *,
    typed: Mapping[str, str] | None = None,
    wrong: Iterable[Wrong] = (),
    once: str = "",
    is_again: bool = False,
    is_asked: bool = False,
) -> str:
    door, found = the_door(), _found(number)
    form = comment_form(typed or {})
    stands = found.stands_on(door.today())
    if stands == "open":
        mark(form, wrong)
    question = doubting.asked_again() if is_asked else None
    with door.database.reading() as tx:
        answers = store.public_answers(tx, found.id)
        comments = store.count_comments(tx, [found.id]).get(found.id, 0)
    return render_template(
        "consultation.html",
        draft=found,
        stands=stands,
        answers=together(answers),
        answered=len(answers),
        comments=comments,
        f=form,
        wrong=[*form.wrong, *([question.field] if question else [])],
        question=question,
        typed=typed or {},
        once=once or secrets.token_urlsafe(16),
        is_again=is_again,
        limit=LIMITS["text"],
        address=_spoken(_address(found)),
        counter=stead.shown(),
    )


def _found(number: int) -> Consultation:
    with the_door().database.reading() as tx:
        found = store.consultation_by_number(tx, number)
    if found is None:
        abort(404, description=gettext("Không có dự thảo nào ở địa chỉ này. Hãy kiểm tra lại số."))
    return found


def _address(draft: Consultation) -> str:
    """Short enough to be typed from a poster."""
    return f"{the_door().settings.public_url}/gop-y/{draft.number}"


def _spoken(address: str) -> str:
    """As people write an address: without what every browser adds."""
    return address.partition("://")[2]
