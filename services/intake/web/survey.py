"""The questionnaire of a survey round: by invitation, by an open link, or typed in by an officer from paper."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from services.intake import store
from services.intake.domain.petition import Refused, Wrong
from services.intake.domain.survey import COUNTER, INVITATION, LINK, PAPER, WARD, WORDS, Survey, read_answer
from services.intake.door import Door, the_door
from services.intake.survey import AnsweredBefore, SurveyOver, answer_by_invitation, answer_survey, decline, survey_of
from services.intake.web import stead
from services.intake.web.papers import qr_code
from services.intake.web.take_part import Section
from services.intake.words import wrong_words
from shared.db import Reading
from shared.web import WebApp, client_address, current_language, gettext, lazy, private

ENTERED = {PAPER: lazy("Phiếu giấy người dân đã điền"), COUNTER: lazy("Người dân trả lời tại quầy, tôi ghi lại")}

pages = Blueprint("survey", __name__)


def add_to(app: WebApp, door: Door) -> None:
    app.register_blueprint(pages)
    app.limit(door.limits.following, methods=["POST"], key=client_address)(pages)
    app.register_error_handler(SurveyOver, _over)
    app.refuses(AnsweredBefore, 409, words=lazy("Lời mời này đã được dùng để trả lời. Mỗi lời mời trả lời một lần."))
    app.jinja_env.globals.update(word_of=_word)


def open_rounds(door: Door, tx: Reading) -> Section:
    """The rounds that everybody may answer, as a section of the page of taking part."""
    return Section("take-part/_surveys.html", {"surveys": _open_to_all(door, tx)})


def _open_to_all(door: Door, tx: Reading) -> list[Survey]:
    return [one for one in store.unsigned_surveys(tx) if one.takes(LINK, door.today())]


def _word(row: Any, name: str = "name") -> str:
    """A word of the questionnaire in the page's language."""
    return str(getattr(row, name if current_language() == "vi" else f"{name}_en"))


# ---- by an open link


@pages.get("/khao-sat")
def surveys() -> ResponseReturnValue:
    return redirect(url_for("take_part"), 303)


@pages.get("/khao-sat/<code>")
@private
def by_link(code: str) -> ResponseReturnValue:
    survey = _known(code)
    if not survey.takes(LINK, the_door().today()):
        raise SurveyOver(survey)
    return _form(survey, LINK)


@pages.post("/khao-sat/<code>")
@private
def answer_by_link(code: str) -> ResponseReturnValue:
    door, survey = the_door(), _known(code)
    _must_take(survey, LINK)
    try:
        answer = _answer(survey)
    except Refused as refused:
        return _form(survey, LINK, refused.wrong)
    with door.database.writing() as tx:
        answer_survey(tx, survey=survey, answer=answer, answer_id=_once(), way=LINK)
    return redirect(url_for("survey.thanks"), 303)


@pages.get("/khao-sat/cam-on")
def thanks() -> ResponseReturnValue:
    return render_template("survey-thanks.html")


@pages.get("/khao-sat/<code>/ap-phich")
def poster(code: str) -> ResponseReturnValue:
    """A sheet to hang up: what it is about, until when, and the square that opens it."""
    survey = _known(code)
    if not survey.takes(LINK, the_door().today()):
        raise SurveyOver(survey)
    link = f"{the_door().settings.public_url}/khao-sat/{survey.code}"
    qr = qr_code(link, gettext("Mã QR mở phiếu khảo sát"))
    return render_template("survey-poster.html", survey=survey, link=link, qr=qr)


# ---- by an invitation


@pages.get("/k/<token>")
@private
def invited(token: str) -> ResponseReturnValue:
    """Opening it changes nothing: mail scanners open every link."""
    return _form(_invited_to(token), INVITATION, token=token)


@pages.post("/k/<token>")
@private
def answer_invitation(token: str) -> ResponseReturnValue:
    survey, answer_id = _invited_to(token, answer_id=_once()), _once()
    try:
        answer = _answer(survey)
    except Refused as refused:
        return _form(survey, INVITATION, refused.wrong, token=token)
    answer_by_invitation(the_door().database, survey=survey, answer=answer, answer_id=answer_id, token=token)
    return redirect(url_for("survey.thanks"), 303)


@pages.get("/k/<token>/thoi")
@private
def stop(token: str) -> ResponseReturnValue:
    with the_door().database.reading() as tx:
        if survey_of(tx, token) is None:
            abort(404)
    return render_template("survey-stop.html", token=token)


@pages.post("/k/<token>/thoi")
@private
def stop_asking(token: str) -> ResponseReturnValue:
    with the_door().database.writing() as tx:
        decline(tx, token=token)
    flash(gettext("Đã ghi nhận. Chúng tôi không mời bạn trả lời khảo sát nữa."))
    return redirect(url_for("home.home"), 303)


# ---- typed in by an officer


@pages.get("/khao-sat/nhap")
@private
def to_type_in() -> ResponseReturnValue:
    """The rounds that take answers from paper; the one, where there is one."""
    door = _at_work()
    with door.database.reading() as tx:
        found = [one for one in store.unsigned_surveys(tx) if one.takes(PAPER, door.today())]
    if len(found) == 1:
        return redirect(url_for("survey.type_in", code=found[0].code), 303)
    return render_template("survey-enter.html", surveys=found)


@pages.get("/khao-sat/nhap/<code>")
@private
def type_in(code: str) -> ResponseReturnValue:
    _at_work()
    survey = _known(code)
    if not survey.takes(PAPER, the_door().today()):
        raise SurveyOver(survey)
    return _form(survey, PAPER)


@pages.post("/khao-sat/nhap/<code>")
@private
def keep_typed(code: str) -> ResponseReturnValue:
    door, at_work, survey = _at_work(), stead.present(), _known(code)
    assert at_work is not None, "an officer is at work"
    _must_take(survey, PAPER)
    way = request.form.get("way", "")
    wrong = [] if way in ENTERED else [Wrong("way", "missing")]
    try:
        answer = _answer(survey)
    except Refused as refused:
        return _form(survey, PAPER, [*wrong, *refused.wrong])
    if wrong:
        return _form(survey, PAPER, wrong)
    with door.database.writing() as tx:
        answer_survey(tx, survey=survey, answer=answer, answer_id=_once(), way=way, entered_by=at_work.person)
    flash(gettext("Đã ghi một phiếu. Nhập phiếu tiếp theo, hoặc bấm Xong."))
    return redirect(url_for("survey.type_in", code=code), 303)


def _at_work() -> Door:
    """The door, for an officer with a pass for this; nobody else finds the page."""
    at_work = stead.present()
    if at_work is None or at_work.channel != stead.SURVEYS:
        abort(404)
    return the_door()


# ---- the form


def _known(code: str) -> Survey:
    with the_door().database.reading() as tx:
        found = store.survey_by_code(tx, code)
    if found is None:
        abort(404)
    return found


def _invited_to(token: str, answer_id: UUID | None = None) -> Survey:
    """The round of an invitation that can still be used, or with which just this answer came."""
    door = the_door()
    with door.database.reading() as tx:
        found = survey_of(tx, token)
        is_again = answer_id is not None and store.has_survey_answer(tx, answer_id)
    if found is None:
        abort(404, description=gettext("Không có lời mời nào ở địa chỉ này. Hãy kiểm tra lại đường dẫn."))
    survey, is_spent = found
    if is_spent and not is_again:
        raise AnsweredBefore
    if not is_again:
        _must_take(survey, INVITATION)
    return survey


def _must_take(survey: Survey, way: str) -> None:
    if not survey.takes(way, the_door().today()):
        raise SurveyOver(survey, request.form.get(WORDS, "")[:1000])


def _once() -> UUID:
    """The number under which this answer is kept, as the form was given it."""
    try:
        return UUID(request.form.get("once", ""))
    except ValueError:
        return uuid4()


def _answer(survey: Survey) -> Any:
    """What was answered. Raises Refused."""
    door = the_door()
    typed = {name: request.form.getlist(name) for name in request.form}
    return read_answer(typed, survey=survey, asked=door.catalogue.questionnaire, wards=_wards(door, survey))


def _wards(door: Door, survey: Survey) -> frozenset[str]:
    return frozenset(survey.wards) or frozenset(ward.code for ward in door.catalogue.wards_on(door.today()))


def _form(survey: Survey, way: str, wrong: Sequence[Wrong] = (), *, token: str = "") -> ResponseReturnValue:
    """The questionnaire with what was ticked and typed."""
    door = the_door()
    asked, wards = door.catalogue.questionnaire, _wards(door, survey)
    said = {one.field: wrong_words(one) for one in wrong}
    page = make_response(
        render_template(
            "survey.html",
            survey=survey,
            way=way,
            token=token,
            once=request.form.get("once") or uuid4(),
            levels=asked.levels,
            factors=[
                (factor, items)
                for factor in asked.factors
                if (items := [one for one in asked.items if one.factor == factor.code and one.code in survey.items])
            ],
            questions={code: asked.questions[code] for code in survey.items if code in asked.questions},
            traits=asked.traits,
            wards=[ward for ward in door.catalogue.wards_on(door.today()) if ward.code in wards],
            ward=WARD,
            entered=ENTERED,
            typed=request.form,
            said=said,
            wrong=[SimpleNamespace(id=name, errors=[words]) for name, words in said.items()],
        )
    )
    page.status_code = 422 if wrong else 200
    return page


def _over(over: SurveyOver) -> ResponseReturnValue:
    """No answer is taken; what was written stays on the page, to be copied."""
    door = the_door()
    page = make_response(
        render_template(
            "survey-over.html", survey=over.survey, words=over.words, is_early=door.today() < over.survey.starts_on
        )
    )
    page.status_code = 410 if over.survey.closed_at or door.today() > over.survey.ends_on else 403
    return page
