"""After the answer: asking to look at it again, and saying whether what was promised has been done."""

from collections.abc import Sequence
from uuid import UUID

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from services.intake.actions import PromiseNotAsked, ReopeningRefused, ask_reopening, judge_promise
from services.intake.domain.petition import Refused, Wrong, check_words
from services.intake.door import the_door
from services.intake.story import tell
from services.intake.web.following import Address, petition
from services.intake.web.form import PromiseForm, mark, promise_form, reopen_form
from shared.web import WebApp, gettext, lazy, private

SHORTEST_REASON = 10  # characters
WORDS_AT_MOST = 2000


def add_to(app: WebApp) -> None:
    """What is said where nothing can be said any more. The routes are those of each petition."""
    app.refuses(
        ReopeningRefused,
        409,
        words=lazy("Không xin xem lại được: chưa có câu trả lời, đã quá hạn xin xem lại, hoặc bạn đã xin rồi."),
    )
    app.refuses(
        PromiseNotAsked, 409, words=lazy("Hiện không có việc đã hẹn nào cần bạn trả lời, hoặc bạn đã trả lời rồi.")
    )


@petition.get("/mo-lai")
@private
def reopen(at: Address) -> ResponseReturnValue:
    """Opening it changes nothing: mail scanners open every link."""
    return _reopen_page(at)


def _reopen_page(at: Address, wrong: Sequence[Wrong] = ()) -> str:
    door = the_door()
    with door.database.reading() as tx:
        filed = at.find(tx)
        story = tell(tx, door, filed)
    if not story.can_reopen:
        raise ReopeningRefused
    open_again = [part for part in story.parts if part.can_reopen]
    form = reopen_form(open_again, request.form.get("part", ""), request.form.get("reason", ""))
    mark(form, wrong)
    return render_template(
        "reopen.html", filed=filed, story=story, here=at.here, f=form, wrong=form.wrong, limit=WORDS_AT_MOST
    )


@petition.post("/mo-lai")
@private
def keep_reopening(at: Address) -> ResponseReturnValue:
    door = the_door()
    with door.database.reading() as reading:
        filed = at.find(reading)
    part, wrong = _part_chosen(), []
    if filed.has_parts and part is None:
        wrong.append(Wrong("part", "missing"))
    try:
        reason = check_words("reason", request.form.get("reason", ""), shortest=SHORTEST_REASON, limit=WORDS_AT_MOST)
    except Refused as refused:
        wrong.extend(refused.wrong)
    if wrong:
        return _reopen_page(at, wrong), 422
    with door.database.writing() as tx:
        ask_reopening(tx, petition_id=filed.id, case_id=part, reason=reason, today=door.today())
    flash(gettext("Đã nhận. Người đứng đầu đơn vị sẽ xem và trả lời bạn có xử lý lại hay không, kèm lý do."))
    return redirect(at.here, 303)


def _part_chosen() -> UUID | None:
    try:
        return UUID(request.form.get("part", ""))
    except ValueError:
        return None


@petition.get("/loi-hen")
@private
def promise(at: Address) -> ResponseReturnValue:
    """Opening it changes nothing."""
    return _promise_page(at, promise_form())


def _promise_page(at: Address, form: PromiseForm) -> str:
    door = the_door()
    with door.database.reading() as tx:
        filed = at.find(tx)
        story = tell(tx, door, filed)
    if story.promise_on is None:
        raise PromiseNotAsked
    return render_template(
        "promise.html", filed=filed, story=story, here=at.here, f=form, wrong=form.wrong, limit=WORDS_AT_MOST
    )


@petition.post("/loi-hen")
@private
def keep_judgement(at: Address) -> ResponseReturnValue:
    door = the_door()
    said, words = request.form.get("is_done", ""), request.form.get("words", "")
    wrong = [] if said in {"yes", "no"} else [Wrong("is_done", "missing")]
    try:
        words = check_words("words", words, limit=WORDS_AT_MOST)
    except Refused as refused:
        wrong.extend(refused.wrong)
    if wrong:
        form = promise_form(said, request.form.get("words", ""))
        mark(form, wrong)
        return _promise_page(at, form), 422
    with door.database.reading() as reading:
        filed = at.find(reading)
    with door.database.writing() as tx:
        judge_promise(tx, petition_id=filed.id, is_done=said == "yes", words=words, today=door.today())
    flash(gettext("Cảm ơn bạn. Lời của bạn đã đến người phụ trách."))
    return redirect(at.here, 303)
