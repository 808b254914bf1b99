"""Following a petition: by its secret link, or by code and digits; answering a question; judging the answer."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse

from services.intake import store
from services.intake.actions import (
    NotToBeFound,
    RatedBefore,
    RatingRefused,
    SupplementRefused,
    TooManyTries,
    can_be_rated,
    find_petition,
    note_wrong_try,
    rate_petition,
    supplement_petition,
)
from services.intake.domain.after import reopenable
from services.intake.domain.code import CodeMistyped, parse_code
from services.intake.domain.petition import LIMITS, Refused, Wrong, check_words
from services.intake.domain.rating import ASPECTS, LONGEST_WORDS, WHOLE, asked_for, read_rating
from services.intake.domain.secret import hashed
from services.intake.door import FILING_BODY, Door, accept_all, digest_of, keep_all, the_door
from services.intake.files import forget
from services.intake.register import follower_opened
from services.intake.store import Filed
from services.intake.story import tell
from services.intake.web.form import FollowForm, RateForm, SupplementForm, mark, rate_form, topic_name
from services.intake.web.papers import file_response, letter_response
from shared.db import Reading
from shared.files import is_closed, read_file
from shared.web import WebApp, client_address, gettext, lazy, private, typed_once

COOKIE = "opened"
OPEN_S = 3600  # how long code and digits open a petition in one browser

pages = Blueprint("following", __name__)
petition = Blueprint("petition", __name__)  # what every petition has, under both of its addresses
own = Blueprint("own", __name__)  # what changes a petition for good, or shows all of it: by its link alone
pages.register_blueprint(own, name="own", url_prefix="/t/<token>")
pages.register_blueprint(petition, name="by_link", url_prefix="/t/<token>")
pages.register_blueprint(petition, name="by_code", url_prefix="/theo-doi/<code>")


class NotOpen(Exception):
    """A petition was asked for by its code alone: the digits must be shown first."""

    def __init__(self, code: str) -> None:
        super().__init__("show the digits")
        self.code = code


def add_to(app: WebApp, door: Door) -> None:
    app.limit(door.limits.following, methods=["POST"], key=client_address)(pages)
    app.register_blueprint(pages)
    app.way_back = _to_the_petition
    app.register_error_handler(NotOpen, lambda closed: redirect(url_for("following.look_up", ma=closed.code), 303))
    app.refuses(
        SupplementRefused,
        409,
        words=lazy(
            "Hồ sơ này đã kết thúc hoặc đã đủ số lần bổ sung, nên không thêm được nữa. Bạn có thể gửi một việc mới."
        ),
    )
    app.refuses(
        RatingRefused,
        409,
        words=lazy("Chưa có câu trả lời để chấm điểm, hoặc đã quá 30 ngày từ khi trả lời."),
    )


# ---- by code and digits


@pages.get("/theo-doi")
@private
def look_up() -> ResponseReturnValue:
    return render_template("look-up.html", f=FollowForm(code=request.args.get("ma", "")[:20]), wrong=[])


@pages.post("/theo-doi")
@private
def open_by_code() -> ResponseReturnValue:
    """Let somebody in who has the code and the digits. Whether code or digits were wrong is not said."""
    door = the_door()
    code, digits = request.form.get("code", "")[:60], request.form.get("digits", "")[:20]
    try:
        if not any(c.isdecimal() for c in digits):
            parse_code(code)
            return _look_again(Wrong("digits", "missing"), 422)
        with door.database.reading() as tx:
            filed = find_petition(tx, code=code, digits=digits, key=door.key)
    except CodeMistyped:
        return _look_again(Wrong("code", "mistyped"), 422)
    except TooManyTries:
        return _look_again(Wrong("code", "too_many"), 429)
    except NotToBeFound:
        with door.database.reading() as tx:
            token = follower_opened(tx, code=parse_code(code), digits=digits, key=door.key)
        if token is not None:
            return redirect(url_for("follower.mine", token=token), 303)
        with door.database.writing() as writing:
            note_wrong_try(writing, code)
        return _look_again(Wrong("code", "not_found"), 422)
    page = redirect(url_for("following.by_code.follow", code=filed.code), 303)
    return _remember(page, door, filed)


def _look_again(wrong: Wrong, status: int) -> ResponseReturnValue:
    form = FollowForm(code=request.form.get("code", "")[:60])
    mark(form, [wrong])
    page = Response(render_template("look-up.html", f=form, wrong=form.wrong), status=status)
    if status == 429:
        page.headers["Retry-After"] = "3600"
    return page


def _remember(page: BaseResponse, door: Door, filed: Filed) -> BaseResponse:
    until = int(door.database.clock.now().timestamp()) + OPEN_S
    value = _signer(door).dumps([str(filed.id), until])
    is_https = door.settings.public_url.startswith("https:")
    page.set_cookie(COOKIE, value, max_age=OPEN_S, httponly=True, samesite="Lax", secure=is_https, path="/theo-doi")
    return page


def _signer(door: Door) -> URLSafeSerializer:
    return URLSafeSerializer(door.key, salt="opened")


def _by_link(tx: Reading, token: str) -> Filed:
    filed = store.petition_by_token(tx, hashed(token))
    if filed is None:
        abort(
            404,
            description=gettext("Không có hồ sơ nào ở đường dẫn này. Hãy mở lại từ tin nhắn, hoặc tra cứu bằng mã."),
        )
    return filed


def _by_code(tx: Reading, code: str) -> Filed:
    """The petition whose digits were shown in this browser. Raises NotOpen."""
    try:
        petition_id, until = _signer(the_door()).loads(request.cookies.get(COOKIE, ""))
    except (BadSignature, ValueError):
        raise NotOpen(code) from None
    filed = store.petition_of(tx, UUID(petition_id)) if until > tx.now.timestamp() else None
    if filed is None or filed.code != code.upper():
        raise NotOpen(code)
    return filed


# ---- the pages of one petition


def _to_the_petition() -> tuple[str, str] | None:
    """From what cannot be done with a petition now, the way back to it."""
    at = (request.view_args or {}).get("at")
    return (at.here, gettext("Về hồ sơ của bạn")) if isinstance(at, Address) else None


@dataclass(frozen=True)
class Address:
    """Where the pages of a petition were asked for, and how to find it from there."""

    here: str
    find: Callable[[Reading], Filed]
    token: str | None = None  # where it was opened by its link


@own.url_value_preprocessor
@petition.url_value_preprocessor
def tell_address(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Give each page its address instead of a token or a code."""
    assert values is not None
    if "token" in values:
        token = values.pop("token")
        values["at"] = Address(f"/t/{token}", lambda tx: _by_link(tx, token), token)
    else:
        code = values.pop("code")
        values["at"] = Address(f"/theo-doi/{code}", lambda tx: _by_code(tx, code))


@petition.get("")
@private
def follow(at: Address) -> ResponseReturnValue:
    return _follow_page(at)


def _follow_page(at: Address, *, form: SupplementForm | None = None) -> str:
    door = the_door()
    with door.database.reading() as tx:
        filed = at.find(tx)
        story = tell(tx, door, filed)
        words, sent = store.words_of(tx, filed.id), store.attachments_of(tx, filed.id)
        digest = digest_of(tx, filed)
        draft = store.consultation_of(tx, filed.consultation_id) if filed.consultation_id else None
        told = door.guidance.on_day(tx, door.today()).about(filed.topic, door.today()) if story.question else None
    attachments = [one for one in sent if not is_closed(door.settings.files_dir, one.id)]
    topic, ward = door.catalogue.topic(filed.topic), door.catalogue.ward(filed.ward)
    form = form or SupplementForm()
    if filed.reply_by is not None:
        form.text.label.text = gettext("Câu trả lời của bạn")
    return render_template(
        "track.html",
        filed=filed,
        story=story,
        words=words,
        attachments=attachments,
        closed_count=len(sent) - len(attachments),
        topic=topic_name(topic) if topic else "",
        ward=f"{ward.type_name} {ward.name}".strip() if ward else "",
        draft=draft,
        guidance=told,
        here=at.here,
        is_awaited=door.awaits_signature(filed),
        guided_on=door.catalogue.guided_by(filed.received_at),
        is_by_link=at.token is not None,
        f=form,
        wrong=form.wrong,
        once=secrets.token_urlsafe(16),
        digest=digest,
        limit=LIMITS["text"],
    )


@petition.post("/bo-sung")
@private
def supplement(at: Address) -> ResponseReturnValue:
    door = the_door()
    request.max_content_length = FILING_BODY
    with door.database.reading() as tx:
        filed = at.find(tx)
    once = typed_once()
    sent = [(one.filename, one.read()) for one in request.files.getlist("files") if one.filename]
    taken, wrong = accept_all(sent)
    text = ""
    try:
        text = check_words("supplement", request.form.get("text", ""))
    except Refused as refused:
        wrong = [*wrong, *refused.wrong]
    if not text and not taken and not wrong:
        wrong = [Wrong("supplement", "missing")]
    if wrong:
        form = SupplementForm(request.form)
        mark(form, wrong, supplement="text")
        return _follow_page(at, form=form), 422
    kept = keep_all(door, taken, kind=filed.kind)
    try:
        with door.database.writing() as tx:
            is_new = supplement_petition(tx, petition_id=filed.id, text=text, kept=kept, once=f"{filed.id}:{once}")
    except SupplementRefused:
        forget(door.settings.files_dir, kept)
        raise
    if not is_new:
        forget(door.settings.files_dir, kept)
    flash(gettext("Đã nhận. Người xử lý sẽ đọc điều bạn vừa gửi."))
    return redirect(at.here, 303)


@petition.get("/danh-gia")
@private
def rate(at: Address) -> ResponseReturnValue:
    """Opening it changes nothing, also with a mark in the link: mail scanners open every link."""
    return _rate_page(at, form=rate_form({WHOLE: asked_for(request.args.get("diem", ""))}))


def _rate_page(at: Address, *, form: RateForm) -> str:
    door = the_door()
    low = door.catalogue.questionnaire.limits.follow_up_if_T5_at_most
    with door.database.reading() as tx:
        filed = at.find(tx)
        is_done = store.has_rated(tx, filed.id, filed.round)
        answer = next((e for e in reversed(store.story_of(tx, filed.id)) if e.what == "answered"), None)
        if answer is None or not (is_done or can_be_rated(tx, filed)):
            raise RatingRefused
        can_reopen = bool(reopenable(store.story_of(tx, filed.id), door.today()))
    return render_template(
        "rate.html",
        can_reopen=can_reopen,
        filed=filed,
        answer=answer,
        is_done=is_done,
        here=at.here,
        f=form,
        wrong=form.wrong,
        limit=LONGEST_WORDS,
        aspects=[one for one in door.catalogue.questionnaire.aspects if one.code in ASPECTS],
        levels=door.catalogue.questionnaire.levels,
        low=[one for one in door.catalogue.questionnaire.levels if 0 < one.value <= low],
        typed=request.form,
    )


@petition.post("/danh-gia")
@private
def keep_rating(at: Address) -> ResponseReturnValue:
    """Record the judgement. Pressed twice it is one, and the first; the page says so."""
    door = the_door()
    typed = request.form.to_dict()
    try:
        rating = read_rating(typed)
    except Refused as refused:
        form = rate_form(typed)
        mark(form, refused.wrong)
        return _rate_page(at, form=form), 422
    with door.database.reading() as reading:
        filed = at.find(reading)
    limits = door.catalogue.questionnaire.limits
    with suppress(RatedBefore), door.database.writing() as tx:
        rate_petition(tx, petition_id=filed.id, rating=rating, low=limits.follow_up_if_T5_at_most)
    with door.database.reading() as reading:
        is_low = rating.score <= limits.reopen_if_T5_at_most
        is_offered = is_low and reopenable(store.story_of(reading, filed.id), door.today())
    if is_offered:  # to whom it was not good enough; the unit sees the wish, never the score
        flash(gettext("Cảm ơn bạn đã chấm điểm. Nếu việc chưa xong, bạn có thể xin xem lại."))
        return redirect(f"{at.here}/mo-lai", 303)
    return redirect(f"{at.here}/danh-gia", 303)


@petition.get("/tep/<uuid:file_id>")
@private
def own_file(at: Address, file_id: UUID) -> ResponseReturnValue:
    door = the_door()
    with door.database.reading() as tx:
        filed = at.find(tx)
        kept = {one.id: one.media_type for one in store.attachments_of(tx, filed.id)}
        for entry in store.story_of(tx, filed.id):  # and what came with answers
            kept |= {UUID(one["id"]): one["media_type"] for one in entry.words.get("evidence") or ()}
    if file_id not in kept:
        raise NotFound
    try:
        return file_response(read_file(door.settings.files_dir, file_id), kept[file_id])
    except FileNotFoundError:
        raise NotFound from None


@petition.get("/van-ban/<uuid:letter_id>")
@private
def letter(at: Address, letter_id: UUID) -> ResponseReturnValue:
    """A letter of the institution about this petition, as it was signed."""
    door = the_door()
    with door.database.reading() as tx:
        filed = at.find(tx)
        known = {entry.facts["letter"]["id"] for entry in store.story_of(tx, filed.id) if "letter" in entry.facts}
    if str(letter_id) not in known:
        raise NotFound
    try:
        return letter_response(read_file(door.settings.files_dir, letter_id), name=f"van-ban-{str(letter_id)[:8]}.pdf")
    except FileNotFoundError:
        raise NotFound from None
