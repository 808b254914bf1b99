"""Survey rounds: prepared on one page, opened by somebody else, followed, closed and signed off on another."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from flask import redirect, request, url_for
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
from services.workflow.web.addresses import Act, Facts, does, sees
from services.workflow.web.counter import send_to_door, signed_pass
from services.workflow.web.frame import Desk
from services.workflow.web.refusing import by_field, status_of
from shared import auth
from shared.config import read_rows, read_value
from shared.db import Reading, Transaction
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
WRONG |= dict.fromkeys(
    ((name, "malformed") for name in DAYS), lazy("Hãy nhập ngày theo dạng ngày/tháng/năm, ví dụ 23/11/2026")
)


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
    app.extensions["questionnaire"] = read_questionnaire(app.settings.config_dir)
    app.refuses(actions.SurveyUnknown, 404, words=lazy("Không có đợt khảo sát này."))
    app.refuses(SurveyRefused, 409, words=lazy("Đợt này đã được người khác xử lý. Hãy tải lại trang."))

    @app.get("/desk/surveys")
    @desk.needs()
    def surveys() -> ResponseReturnValue:
        with desk.database.reading() as look:
            return desk.page(
                look, "desk/surveys.html", here="surveys", STATES=STATES, TONES=TONES, **listed(desk, look)
            )

    @app.route("/desk/surveys/new", methods=["GET", "POST"])
    @auth.needs(*OVERSEERS)
    def survey_prepared() -> ResponseReturnValue:
        return _written(desk, None, PREPARE)

    @app.route("/desk/surveys/<uuid:survey_id>/change", methods=["GET", "POST"])
    @auth.needs(*OVERSEERS)
    def survey_changed(survey_id: UUID) -> ResponseReturnValue:
        with desk.database.reading() as look:
            found = _find(look, survey_id)
        if found.state != PREPARED:
            raise SurveyRefused("it was opened already")
        return _written(desk, found, CHANGE, survey_id=survey_id)

    @app.get("/desk/surveys/<uuid:survey_id>")
    @desk.needs()
    def survey(survey_id: UUID) -> ResponseReturnValue:
        with desk.database.reading() as look:
            return _page(desk, look, survey_id)

    @app.post("/desk/surveys/<uuid:survey_id>/open")
    @desk.needs()
    def survey_opened(survey_id: UUID) -> ResponseReturnValue:
        return _moved(desk, survey_id, OPEN_IT)

    @app.post("/desk/surveys/<uuid:survey_id>/close")
    @desk.needs()
    def survey_closed(survey_id: UUID) -> ResponseReturnValue:
        return _moved(desk, survey_id, CLOSE)

    @app.post("/desk/surveys/<uuid:survey_id>/sign")
    @desk.needs()
    def survey_signed(survey_id: UUID) -> ResponseReturnValue:
        return _moved(desk, survey_id, SIGN)

    @app.post("/desk/surveys/enter")
    @desk.needs()
    def enter_answers() -> ResponseReturnValue:
        """To the door, to type in answers that were given on paper or in words."""
        return send_to_door(desk, SURVEYS)


# ---- what is done


def _prepare(
    tx: Transaction,
    desk: Desk,
    *,
    person: auth.Person,
    name: str,
    policy: str = "",
    items: Sequence[str],
    ways: Sequence[str],
    wards: Sequence[str] = (),
    starts_on: date | None,
    ends_on: date | None,
    answered_from: date | None = None,
    answered_to: date | None = None,
    population: int | None = None,
    survey_id: UUID | None = None,
) -> Survey:
    """A round with its questions, ways and days, written; somebody else opens it."""
    frame = Frame(
        name=name,
        policy=policy,
        items=items,
        ways=ways,
        wards=wards,
        starts_on=starts_on,
        ends_on=ends_on,
        answered_from=answered_from,
        answered_to=answered_to,
        population=population,
    )
    known = _asked(desk).codes
    if survey_id is None:
        return actions.prepare_survey(tx, desk.rules, person=person, frame=frame, known=known)
    return actions.change_survey(tx, desk.rules, person=person, survey_id=survey_id, frame=frame, known=known)


def _open(tx: Transaction, desk: Desk, *, person: auth.Person, survey_id: UUID, seen: str) -> Survey:
    """People may answer from now on, and who is invited hears of it; `seen` is `prepared_at` as it was read."""
    remind_after = timedelta(days=_asked(desk).rounds.reminder_after_days)
    return actions.open_survey(tx, desk.rules, person=person, survey_id=survey_id, seen=seen, remind_after=remind_after)


def _enter(desk: Desk, *, person: auth.Person) -> str:
    """A pass to the door, for typing in answers that were given on paper or in words, for half an hour."""
    return signed_pass(desk, person=person, channel=SURVEYS)


TEXTS = ("name", "policy", "population", *DAYS)
LISTS = ("items", "ways", "wards")
THERE = "surveys/<uuid:survey_id>"
KEPT = lazy("Đã lưu. Một người khác mở đợt này.")
PREPARE = does("surveys/new", _prepare, *TEXTS, *LISTS, roles=OVERSEERS, done=KEPT, wrong=WRONG)
CHANGE = does(f"{THERE}/change", _prepare, *TEXTS, *LISTS, roles=OVERSEERS, done=KEPT, wrong=WRONG)
OPEN_IT = does(f"{THERE}/open", _open, "seen", done=lazy("Đã mở đợt khảo sát"), wrong=WRONG)
CLOSE = does(f"{THERE}/close", actions.close_survey, "reason", done=lazy("Đã đóng đợt khảo sát"), wrong=WRONG)
SIGN = does(f"{THERE}/sign", actions.sign_survey, done=lazy("Đã ký xác nhận"), wrong=WRONG)
ENTER = does("surveys/enter", _enter, done=lazy("Đã mở lượt nhập thay"))


def _asked(desk: Desk) -> Questionnaire:
    questionnaire: Questionnaire = desk.app.extensions["questionnaire"]
    return questionnaire


def _find(look: Reading, survey_id: UUID) -> Survey:
    found = store.find_survey(look, survey_id)
    if found is None:
        raise actions.SurveyUnknown
    return found


@sees("surveys", "rows", "may_prepare")
def listed(_desk: Desk, look: Reading) -> Facts:
    """The rounds, the newest first"""
    return {"rows": store.surveys(look), "may_prepare": bool(may_prepare(auth.me()))}


def _said(row: Named) -> str:
    return row.name if current_language() == "vi" else row.name_en


def _text(item: Item) -> str:
    return item.text if current_language() == "vi" else item.text_en


# ---- preparing


@sees("surveys/new", "groups", "ways", roles=OVERSEERS)
def may_be_asked(desk: Desk, _look: Reading) -> Facts:
    """What a round may ask, by content, and the ways to answer"""
    return {"groups": _asked(desk).groups(), "ways": list(WAYS)}


def _written(desk: Desk, found: Survey | None, act: Act, **at: Any) -> ResponseReturnValue:
    """The form of a round; sent, the round itself or what is wrong with it."""
    wrong: Incomplete | None = None
    if request.method == "POST":
        try:
            kept = act.and_say(desk, **at)
        except Incomplete as refusal:
            wrong = refusal
        else:
            return redirect(url_for("survey", survey_id=kept.id), 303)
    with desk.database.reading() as look:
        return desk.page(
            look,
            "desk/survey-form.html",
            here="surveys",
            status=200 if wrong is None else 422,
            survey=found,
            typed=_typed(_asked(desk), found),
            groups=_asked(desk).groups(),
            text=_text,
            WAYS=WAYS,
            wrong=by_field(wrong, _asked_for),
        )


def _typed(asked: Questionnaire, found: Survey | None) -> SimpleNamespace:
    """What the form shows: what was typed, what is kept, or a new round with every question."""
    if request.method == "POST":
        form = request.form
        lists = {name: form.getlist(name) for name in LISTS}
        return SimpleNamespace(**lists, **{name: form.get(name, "") for name in TEXTS})
    if found is None:
        empty = dict.fromkeys(TEXTS, "")
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


@sees(
    THERE,
    *("survey", "groups", "count", "answered", "cases", "said", "signed", "signs", "address"),
    *("may_prepare", "may_open", "may_close", "reads_words"),
)
def one_survey(desk: Desk, look: Reading, survey_id: UUID) -> Facts:
    """A round: how many answered and how, who signed it off, and what one may do about it; no answer by itself"""
    me, found = auth.me(), _find(look, survey_id)
    signed = store.signatures_of(look, found.id)
    heads = {one.unit for one in store.colleagues(look, roles=("head",))}
    count = store.count_survey_answers(look, found.id)
    answered, span = sum(count.values()), answered_between(desk.rules, found)
    reads_words = me.role in OVERSEERS and found.state in {"closed", "signed"} and answered >= FEWEST
    return {
        "survey": found,
        "groups": [(name, chosen) for name, items in _asked(desk).groups() if (chosen := _chosen(items, found))],
        "count": count,
        "answered": answered,
        "cases": None if span is None else store.count_answered(look, first=span[0], before=span[1]),
        "said": store.survey_words(look, found.id) if reads_words else [],
        "signed": signed,
        "signs": signs_for(me, found, signed=signed, headless=set(found.signers) - heads),
        "address": f"{desk.app.settings.public_url}/khao-sat/{found.code}",
        "may_prepare": bool(may_prepare(me)),
        "may_open": found.state == PREPARED and bool(may_open(me, found)),
        "may_close": found.state == OPEN and bool(may_prepare(me)),
        "reads_words": reads_words,
    }


def _page(desk: Desk, look: Reading, survey_id: UUID, *, wrong: Exception | None = None) -> ResponseReturnValue:
    facts = one_survey(desk, look, survey_id)
    return desk.page(
        look,
        "desk/survey.html",
        here="surveys",
        status=status_of(wrong),
        text=_text,
        names=store.names_of(look),
        signed_units=", ".join(desk.unit(unit) for unit in facts["signs"]),
        typed=request.form,
        wrong=by_field(wrong, _asked_for),
        STATES=STATES,
        TONES=TONES,
        WAYS=WAYS,
        CAME=CAME,
        **facts,
    )


def _chosen(items: list[Item], found: Survey) -> list[Item]:
    return [item for item in items if item.code in found.items]


def _moved(desk: Desk, survey_id: UUID, act: Act) -> ResponseReturnValue:
    try:
        act.and_say(desk, survey_id=survey_id)
    except (Incomplete, NotAllowed) as refusal:
        with desk.database.reading() as look:
            return _page(desk, look, survey_id, wrong=refusal)
    return redirect(url_for("survey", survey_id=survey_id), 303)


def _asked_for(field: str, code: str) -> str:
    return str(WRONG.get((field, code)) or WRONG.get((field, "missing")) or words.incomplete(field, code))
