"""Survey rounds: prepared on one page, opened by somebody else, followed, closed and signed off on another."""

from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from services.workflow import actions, store
from services.workflow.actions.surveys import Frame, answered_between
from services.workflow.domain.counter import SURVEYS
from services.workflow.domain.remedy import OVERSEERS
from services.workflow.domain.survey import (
    OPEN,
    PREPARED,
    Survey,
    SurveyRefused,
    may_open,
    may_prepare,
    signs_for,
)
from services.workflow.steps import Incomplete, NotAllowed
from services.workflow.web import words
from services.workflow.web.counter import send_to_door
from services.workflow.web.forms import day_typed
from services.workflow.web.frame import Desk
from shared import auth
from shared.config import read_rows, read_value
from shared.db import Reading
from shared.web import current_language, gettext, lazy

FEWEST = 5  # answers under which nobody reads the words
STATES = {
    "prepared": lazy("Đã soạn, chờ người khác mở"),
    "open": lazy("Đang mở"),
    "closed": lazy("Đã đóng, chờ ký xác nhận"),
    "signed": lazy("Đã ký xác nhận"),
}
TONES = {"prepared": "new", "open": "doing", "closed": "wait", "signed": "done"}
WAYS = {
    "invitation": (lazy("Mời người đã được trả lời"), lazy("Những ai đã đồng ý được hỏi; mỗi người một lời mời")),
    "link": (lazy("Đường dẫn mở, kèm áp phích có mã QR"), lazy("Ai cũng trả lời được trong thời gian mở")),
    "paper": (lazy("Phiếu giấy, trả lời tại quầy"), lazy("Cán bộ nhập và phiếu được đánh dấu như vậy")),
}
CAME = {
    "invitation": lazy("qua lời mời"),
    "link": lazy("qua đường dẫn mở"),
    "paper": lazy("phiếu giấy"),
    "counter": lazy("tại quầy"),
}
WRONG = {
    ("name", "missing"): lazy("Hãy đặt tên cho đợt, từ 10 đến 200 ký tự"),
    ("name", "too_long"): lazy("Hãy đặt tên cho đợt, từ 10 đến 200 ký tự"),
    ("policy", "too_long"): lazy("Tên chính sách dài nhất 300 ký tự"),
    ("items", "missing"): lazy("Hãy chọn ít nhất một câu hỏi"),
    ("ways", "missing"): lazy("Hãy chọn ít nhất một cách trả lời"),
    ("wards", "unknown"): lazy("Hãy chọn phường, xã trong danh sách"),
    ("starts_on", "missing"): lazy("Hãy nhập ngày bắt đầu"),
    ("starts_on", "passed"): lazy("Ngày bắt đầu đã qua"),
    ("starts_on", "to_come"): lazy("Chưa đến ngày bắt đầu"),
    ("ends_on", "missing"): lazy("Hãy nhập ngày kết thúc"),
    ("ends_on", "before_start"): lazy("Ngày kết thúc phải từ ngày bắt đầu trở đi"),
    ("ends_on", "too_long"): lazy("Một đợt dài nhất 120 ngày"),
    ("ends_on", "passed"): lazy("Ngày kết thúc đã qua: hãy sửa lại rồi mở"),
    ("answered_from", "missing"): lazy("Hãy nhập từ ngày nào, vì đợt này có gửi lời mời"),
    ("answered_to", "missing"): lazy("Hãy nhập đến ngày nào, vì đợt này có gửi lời mời"),
    ("answered_to", "before_start"): lazy("Ngày này phải sau ngày đầu của kỳ"),
    ("answered_to", "to_come"): lazy("Ngày này chưa đến"),
    ("population", "malformed"): lazy("Hãy nhập một số nguyên, ví dụ 5000"),
    ("population", "out_of_range"): lazy("Hãy nhập một số từ 1 đến 10.000.000"),
    ("reason", "missing"): lazy("Hãy viết lý do đóng sớm, ít nhất 10 ký tự"),
}
DAYS = ("starts_on", "ends_on", "answered_from", "answered_to")
DAY_WRONG = lazy("Hãy nhập ngày theo dạng ngày/tháng/năm, ví dụ 23/11/2026")


@dataclass(frozen=True)
class Named:
    """A content or a factor of the questionnaire."""

    code: str
    name: str
    name_en: str
    factors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Item:
    """A question."""

    code: str
    text: str
    text_en: str
    factor: str = ""


@dataclass(frozen=True)
class Rounds:
    """How rounds are run."""

    reminder_after_days: int


@dataclass(frozen=True)
class Questionnaire:
    """What can be asked."""

    contents: tuple[Named, ...]
    items: tuple[Item, ...]
    others: tuple[Item, ...]
    rounds: Rounds

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(one.code for one in (*self.items, *self.others))

    def groups(self) -> list[tuple[str, list[Item]]]:
        """The questions as the form shows them: a group for each content, and the rest."""
        found = [(_said(one), [item for item in self.items if item.factor in one.factors]) for one in self.contents]
        return [*found, (gettext("Câu hỏi khác"), list(self.others))]


def read_questionnaire(config_dir: Any) -> Questionnaire:
    """Raises BadConfig."""
    path = config_dir / "sipas.json"
    return Questionnaire(
        contents=read_rows(path, "contents", Named),
        items=read_rows(path, "items", Item),
        others=read_rows(path, "other_items", Item),
        rounds=read_value(path, "rounds", Rounds, complete=True),
    )


def serve(desk: Desk) -> None:
    app = desk.app
    asked = read_questionnaire(app.settings.config_dir)
    remind_after = timedelta(days=asked.rounds.reminder_after_days)
    app.refuses(actions.SurveyUnknown, 404, words=lazy("Không có đợt khảo sát này."))
    app.refuses(SurveyRefused, 409, words=lazy("Đợt này đã được người khác xử lý. Hãy tải lại trang."))

    @app.get("/desk/surveys")
    @desk.needs()
    def surveys() -> ResponseReturnValue:
        with desk.database.reading() as look:
            return desk.page(
                look,
                "desk/surveys.html",
                here="surveys",
                rows=store.surveys(look),
                may_prepare=bool(may_prepare(auth.me())),
                STATES=STATES,
                TONES=TONES,
            )

    @app.route("/desk/surveys/new", methods=["GET", "POST"])
    @auth.needs(*OVERSEERS)
    def survey_prepared() -> ResponseReturnValue:
        def act(tx: Any, frame: Frame) -> Survey:
            return actions.prepare_survey(tx, desk.rules, person=auth.me(), frame=frame, known=asked.codes)

        return _written(desk, asked, act, None)

    @app.route("/desk/surveys/<uuid:survey_id>/change", methods=["GET", "POST"])
    @auth.needs(*OVERSEERS)
    def survey_changed(survey_id: UUID) -> ResponseReturnValue:
        def act(tx: Any, frame: Frame) -> Survey:
            return actions.change_survey(
                tx, desk.rules, person=auth.me(), survey_id=survey_id, frame=frame, known=asked.codes
            )

        with desk.database.reading() as look:
            found = store.find_survey(look, survey_id)
        if found is None:
            raise actions.SurveyUnknown
        if found.state != PREPARED:
            raise SurveyRefused("it was opened already")
        return _written(desk, asked, act, found)

    @app.get("/desk/surveys/<uuid:survey_id>")
    @desk.needs()
    def survey(survey_id: UUID) -> ResponseReturnValue:
        with desk.database.reading() as look:
            return _survey(desk, asked, look, survey_id)

    @app.post("/desk/surveys/<uuid:survey_id>/open")
    @desk.needs()
    def survey_opened(survey_id: UUID) -> ResponseReturnValue:
        def act(tx: Any) -> None:
            actions.open_survey(
                tx,
                desk.rules,
                person=auth.me(),
                survey_id=survey_id,
                seen=request.form.get("seen", ""),
                remind_after=remind_after,
            )

        return _moved(desk, asked, survey_id, act, gettext("Đã mở đợt khảo sát"))

    @app.post("/desk/surveys/<uuid:survey_id>/close")
    @desk.needs()
    def survey_closed(survey_id: UUID) -> ResponseReturnValue:
        def act(tx: Any) -> None:
            actions.close_survey(tx, person=auth.me(), survey_id=survey_id, reason=request.form.get("reason", ""))

        return _moved(desk, asked, survey_id, act, gettext("Đã đóng đợt khảo sát"))

    @app.post("/desk/surveys/<uuid:survey_id>/sign")
    @desk.needs()
    def survey_signed(survey_id: UUID) -> ResponseReturnValue:
        def act(tx: Any) -> None:
            actions.sign_survey(tx, person=auth.me(), survey_id=survey_id)

        return _moved(desk, asked, survey_id, act, gettext("Đã ký xác nhận"))

    @app.post("/desk/surveys/enter")
    @desk.needs()
    def enter_answers() -> ResponseReturnValue:
        """To the door, to type in answers that were given on paper or in words."""
        return send_to_door(desk, SURVEYS)


def _said(row: Named) -> str:
    return row.name if current_language() == "vi" else row.name_en


def _text(item: Item) -> str:
    return item.text if current_language() == "vi" else item.text_en


# ---- preparing


def _written(desk: Desk, asked: Questionnaire, act: Any, found: Survey | None) -> ResponseReturnValue:
    """The form of a round; sent, the round itself or what is wrong with it."""
    wrong: Incomplete | None = None
    if request.method == "POST":
        try:
            with desk.database.writing() as tx:
                kept = act(tx, _frame())
        except Incomplete as refusal:
            wrong = refusal
        else:
            flash(gettext("Đã lưu. Một người khác mở đợt này."))
            return redirect(url_for("survey", survey_id=kept.id), 303)
    with desk.database.reading() as look:
        return desk.page(
            look,
            "desk/survey-form.html",
            here="surveys",
            status=200 if wrong is None else 422,
            survey=found,
            typed=_typed(asked, found),
            groups=asked.groups(),
            text=_text,
            WAYS=WAYS,
            wrong=_wrong(wrong),
        )


def _frame() -> Frame:
    """What was typed. Raises Incomplete."""
    form = request.form
    return Frame(
        name=form.get("name", ""),
        policy=form.get("policy", ""),
        items=form.getlist("items"),
        ways=form.getlist("ways"),
        wards=form.getlist("wards"),
        population=_number(form.get("population", "")),
        **{name: day_typed(name) for name in DAYS},
    )


def _number(typed: str) -> int | None:
    plain = typed.strip().replace(".", "").replace(" ", "")
    if not plain:
        return None
    if not plain.isascii() or not plain.isdigit():
        raise Incomplete("population", "malformed")
    return int(plain[:12])


def _typed(asked: Questionnaire, found: Survey | None) -> SimpleNamespace:
    """What the form shows: what was typed, what is kept, or a new round with every question."""
    if request.method == "POST":
        form = request.form
        lists = {name: form.getlist(name) for name in ("items", "ways", "wards")}
        return SimpleNamespace(
            **lists, **{name: form.get(name, "") for name in ("name", "policy", "population", *DAYS)}
        )
    if found is None:
        empty = dict.fromkeys(("name", "policy", "population", *DAYS), "")
        return SimpleNamespace(items=asked.codes, ways=("invitation",), wards=(), **empty)
    days = {name: f"{day:%d/%m/%Y}" if (day := getattr(found, name)) else "" for name in DAYS}
    return SimpleNamespace(
        name=found.name,
        policy=found.policy or "",
        items=found.items,
        ways=found.ways,
        wards=found.wards,
        population=found.population or "",
        **days,
    )


# ---- one round


def _survey(
    desk: Desk, asked: Questionnaire, look: Reading, survey_id: UUID, *, wrong: Exception | None = None
) -> ResponseReturnValue:
    me, found = auth.me(), store.find_survey(look, survey_id)
    if found is None:
        raise actions.SurveyUnknown
    signed = store.signatures_of(look, found.id)
    heads = {one.unit for one in store.colleagues(look, roles=("head",))}
    count = store.count_survey_answers(look, found.id)
    answered, span = sum(count.values()), answered_between(desk.rules, found)
    signs = signs_for(me, found, signed=signed, headless=set(found.signers) - heads)
    reads_words = me.role in OVERSEERS and found.state in {"closed", "signed"} and answered >= FEWEST
    return desk.page(
        look,
        "desk/survey.html",
        here="surveys",
        status=200 if wrong is None else 403 if isinstance(wrong, NotAllowed) else 422,
        survey=found,
        groups=[(name, chosen) for name, items in asked.groups() if (chosen := _chosen(items, found))],
        text=_text,
        count=count,
        answered=answered,
        cases=None if span is None else store.count_answered(look, first=span[0], before=span[1]),
        said=store.survey_words(look, found.id) if reads_words else [],
        signed=signed,
        names=store.names_of(look),
        may_prepare=bool(may_prepare(me)),
        may_open=found.state == PREPARED and bool(may_open(me, found)),
        is_mine=found.prepared_by == me.person,
        may_close=found.state == OPEN and bool(may_prepare(me)),
        signs=signs,
        signed_units=", ".join(desk.unit(unit) for unit in signs),
        reads_words=reads_words,
        address=f"{desk.app.settings.public_url}/khao-sat/{found.code}",
        typed=request.form,
        wrong=_wrong(wrong),
        FEWEST=FEWEST,
        STATES=STATES,
        TONES=TONES,
        WAYS=WAYS,
        CAME=CAME,
    )


def _chosen(items: list[Item], found: Survey) -> list[Item]:
    return [item for item in items if item.code in found.items]


def _moved(desk: Desk, asked: Questionnaire, survey_id: UUID, act: Any, done: str) -> ResponseReturnValue:
    try:
        with desk.database.writing() as tx:
            act(tx)
    except (Incomplete, NotAllowed) as refusal:
        with desk.database.reading() as look:
            return _survey(desk, asked, look, survey_id, wrong=refusal)
    flash(done)
    return redirect(url_for("survey", survey_id=survey_id), 303)


def _wrong(wrong: Exception | None) -> dict[str, str]:
    """What is wrong, by field; what nobody may do stands under no field."""
    if isinstance(wrong, Incomplete):
        said = WRONG.get((wrong.field, wrong.code)) or (DAY_WRONG if wrong.code == "malformed" else None)
        return {
            wrong.field: str(said or WRONG.get((wrong.field, "missing")) or words.incomplete(wrong.field, wrong.code))
        }
    if isinstance(wrong, NotAllowed):
        return {"": str(words.REFUSALS.get(wrong.reason.value, wrong.reason.value))}
    return {}
