"""A unit's page: who answers for what, who is away, and whose open cases need somebody else meanwhile."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from wtforms import DateField, SelectField
from wtforms.validators import InputRequired, Optional

from services.workflow import actions, store
from services.workflow.domain.assignment import ANSWERS_CASES, BY_DIALOGUE, BY_MATRIX, suggestion
from services.workflow.domain.case import Case
from services.workflow.domain.rules import Rules
from services.workflow.domain.vocabulary import holds
from services.workflow.steps import Incomplete
from services.workflow.web.addresses import Act, Facts, does, sees
from services.workflow.web.asked import asking
from services.workflow.web.frame import Desk
from shared import auth
from shared.db import Reading, Transaction
from shared.web import Form, gettext, lazy

ABSENCES = {
    "leave": lazy("Nghỉ phép"),
    "sick": lazy("Nghỉ ốm"),
    "mission": lazy("Công tác"),
    "training": lazy("Đi học"),
    "other": lazy("Việc khác"),
}
WRONG = {
    ("topic", "taken"): lazy("Đã có dòng phân công cho lĩnh vực và nơi này trong những ngày đó: hãy kết thúc dòng cũ"),
    ("topic", "unknown"): lazy("Hãy chọn lĩnh vực trong danh sách"),
    ("ward", "unknown"): lazy("Hãy chọn phường, xã trong danh sách"),
    ("officer", "unknown"): lazy("Hãy chọn một người của đơn vị"),
    ("officer", "nobody"): lazy("Không có ai để gợi ý: hãy chọn người"),
    ("deputy", "unknown"): lazy("Hãy chọn người thay là người khác của đơn vị"),
    ("valid_from", "passed"): lazy("Ngày bắt đầu không được trước hôm nay"),
    ("valid_to", "before"): lazy("Ngày cuối không được trước ngày bắt đầu"),
    ("until", "before"): lazy("Ngày cuối không được trước ngày bắt đầu hoặc trước hôm nay"),
    ("absent", "unknown"): lazy("Hãy chọn một người của đơn vị"),
    ("absent", "taken"): lazy("Người này đã được ghi vắng mặt trong những ngày đó"),
    ("absence_reason", "unknown"): lazy("Hãy chọn lý do trong danh sách"),
}
A_DAY = ["%d/%m/%Y"]


class DutyForm(Form):
    topic = SelectField(lazy("Lĩnh vực"))
    ward = SelectField(lazy("Phường, xã"))
    officer = SelectField(lazy("Người xử lý"), [InputRequired(lazy("Hãy chọn một người của đơn vị"))])
    deputy = SelectField(lazy("Người thay khi vắng"))
    valid_from = DateField(lazy("Từ ngày"), [InputRequired(lazy("Hãy nhập ngày bắt đầu"))], format=A_DAY)
    valid_to = DateField(lazy("Đến hết ngày"), [Optional()], format=A_DAY)


class AbsenceForm(Form):
    absent = SelectField(lazy("Ai vắng"), [InputRequired(lazy("Hãy chọn một người của đơn vị"))])
    valid_from = DateField(lazy("Từ ngày"), [InputRequired(lazy("Hãy nhập ngày bắt đầu"))], format=A_DAY)
    until = DateField(lazy("Đến hết ngày"), [InputRequired(lazy("Hãy nhập ngày cuối"))], format=A_DAY)
    absence_reason = SelectField(lazy("Lý do"), choices=list(ABSENCES.items()))
    deputy = SelectField(lazy("Người thay"))


def serve(desk: Desk) -> None:
    app = desk.app

    @app.get("/desk/unit")
    @auth.needs("head")
    def own_unit() -> ResponseReturnValue:
        return _page(desk, _duty_form(desk), _absence_form(desk))

    @app.post("/desk/unit/duties")
    @auth.needs("head")
    def add_duty() -> ResponseReturnValue:
        form = _duty_form(desk, is_sent=True)
        if form.is_good() and _is_done(desk, form, ADD_DUTY, prefix="duty-"):
            return redirect(url_for("own_unit"), 303)
        return _page(desk, form, _absence_form(desk))

    @app.post("/desk/unit/duties/<uuid:duty_id>/end")
    @auth.needs("head")
    def end_duty(duty_id: UUID) -> ResponseReturnValue:
        END_DUTY.and_say(desk, duty_id=duty_id)
        return redirect(url_for("own_unit"), 303)

    @app.post("/desk/unit/absences")
    @auth.needs("head")
    def add_absence() -> ResponseReturnValue:
        form = _absence_form(desk, is_sent=True)
        if form.is_good() and _is_done(desk, form, ADD_ABSENCE, prefix="absence-"):
            return redirect(url_for("own_unit"), 303)
        return _page(desk, _duty_form(desk), form)

    @app.post("/desk/unit/absences/<uuid:absence_id>/end")
    @auth.needs("head")
    def end_absence(absence_id: UUID) -> ResponseReturnValue:
        END_ABSENCE.and_say(desk, absence_id=absence_id)
        return redirect(url_for("own_unit"), 303)


def _add_absence(
    tx: Transaction,
    rules: Rules,
    *,
    person: auth.Person,
    absent: str,
    valid_from: date,
    until: date,
    absence_reason: str,
    deputy: str | None = None,
) -> Any:
    """Somebody of the unit is away, and who stands in for them."""
    return actions.add_absence(
        tx,
        rules,
        person=person,
        absent=absent,
        valid_from=valid_from,
        valid_to=until,
        reason=absence_reason,
        deputy=deputy,
    )


ADD_DUTY = does(
    "unit/duties",
    actions.add_duty,
    *("topic", "ward", "officer", "deputy", "valid_from", "valid_to"),
    roles=("head",),
    done=lazy("Đã thêm vào bảng phân công"),
    wrong=WRONG,
)
END_DUTY = does(
    "unit/duties/<uuid:duty_id>/end",
    actions.end_duty,
    roles=("head",),
    done=lazy("Đã kết thúc dòng phân công. Hồ sơ đang mở vẫn ở người đang xử lý."),
)
ADD_ABSENCE = does(
    "unit/absences",
    _add_absence,
    *("absent", "valid_from", "until", "absence_reason", "deputy"),
    roles=("head",),
    done=lazy("Đã ghi vắng mặt"),
    wrong=WRONG,
)
END_ABSENCE = does(
    "unit/absences/<uuid:absence_id>/end",
    actions.end_absence,
    roles=("head",),
    done=lazy("Đã ghi là đi làm lại từ hôm nay"),
)


def _is_done(desk: Desk, form: Form, act: Act, *, prefix: str) -> bool:
    """Whether it was done; what was wrong stands at its field."""
    typed = MultiDict((name.removeprefix(prefix), value) for name, value in request.form.items())
    try:
        with asking(typed):
            act.and_say(desk)
    except Incomplete as refusal:
        getattr(form, refusal.field).errors = [said_of(refusal)]
        return False
    return True


def said_of(refusal: Incomplete) -> str:
    return str(WRONG.get((refusal.field, refusal.code), gettext("Hãy điền mục này")))


def _staff(desk: Desk) -> list[tuple[str, str]]:
    with desk.database.reading() as look:
        found = store.colleagues(look, unit=auth.me().unit, roles=ANSWERS_CASES)
    return [(one.person, one.name) for one in found]


def _duty_form(desk: Desk, *, is_sent: bool = False) -> DutyForm:
    now, staff = desk.database.clock.now(), _staff(desk)
    form = DutyForm.sent(prefix="duty-") if is_sent else DutyForm(prefix="duty-")
    form.topic.choices = [("", gettext("Mọi lĩnh vực")), *desk.topics_now(now)]
    form.ward.choices = [("", gettext("Mọi phường, xã")), *_wards(desk)]
    form.officer.choices = [("", gettext("— Chọn người —")), *staff]
    form.deputy.choices = [("", gettext("Không có: trưởng đơn vị quyết định")), *staff]
    if not is_sent:
        form.valid_from.data = desk.rules.calendar.local_day(now)
    return form


def _absence_form(desk: Desk, *, is_sent: bool = False) -> AbsenceForm:
    staff = _staff(desk)
    form = AbsenceForm.sent(prefix="absence-") if is_sent else AbsenceForm(prefix="absence-")
    form.absent.choices = [("", gettext("— Chọn người —")), *staff]
    form.deputy.choices = [("", gettext("Theo bảng phân công")), *staff]
    if not is_sent:
        form.valid_from.data = desk.rules.calendar.local_day(desk.database.clock.now())
    return form


def _wards(desk: Desk) -> list[tuple[str, str]]:
    return [(ward.code, f"{ward.type_name} {ward.name}") for ward in desk.rules.catalogue.wards]


def _page(desk: Desk, duty: DutyForm, absence: AbsenceForm) -> ResponseReturnValue:
    wrong = [*duty.wrong, *absence.wrong]
    with desk.database.reading() as look:
        return desk.page(
            look,
            "desk/unit.html",
            here="own_unit",
            status=422 if wrong else 200,
            duty=duty,
            absence=absence,
            wrong=wrong,
            names=store.names_of(look),
            reasons=ABSENCES,
            today=desk.rules.calendar.local_day(look.now),
            **unit_now(desk, look),
        )


@sees("unit", "now_held", "ended", "absences", "left", "staff", roles=("head",))
def unit_now(desk: Desk, look: Reading) -> Facts:
    """Who of one's unit answers for what, who is away, and which of their open cases are left"""
    me, today = auth.me(), desk.rules.calendar.local_day(look.now)
    duties = store.duties_of(look, {me.unit or ""})
    absences = store.absences_of(look, {me.unit or ""}, since=today)
    away = [one.person for one in absences if holds(one, today)]
    return {
        "now_held": [one for one in duties if one.valid_to is None or one.valid_to >= today],
        "ended": [one for one in duties if one.valid_to is not None and one.valid_to < today],
        "absences": absences,
        "left": store.left_behind(look, me, away),
        "staff": store.colleagues(look, unit=me.unit, roles=ANSWERS_CASES),
    }


# ---- what other pages show of it


def suggestions(desk: Desk, tx: Reading, cases: Iterable[Case]) -> dict[UUID, str]:
    """Whom the list suggests for accepted cases that nobody has, for whoever may give them out."""
    me, waiting = auth.me(), [case for case in cases if case.stage == "accepted" and case.officer is None]
    if not waiting or me.role not in {"head", "office", "director"}:
        return {}
    today = desk.rules.calendar.local_day(tx.now)
    units = {case.unit for case in waiting}
    matrix = store.matrix_with(tx, store.duties_of(tx, units, since=today), units, day=today)
    load = store.load_of(tx, me, matrix.staff)
    found = {case.id: suggestion(matrix, case, today, load=load) for case in waiting}
    return {case_id: person for case_id, person in found.items() if person is not None}


def why_assigned(desk: Desk, data: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """By which row of the matrix a case was given out, for the timeline; empty where a person did it."""
    if data.get("by") == BY_DIALOGUE:
        return gettext("Đã nhận làm tại buổi tiếp công dân, đối thoại")
    if data.get("by") != BY_MATRIX:
        return ""
    about = [desk.topic(data.get("topic")) or gettext("mọi lĩnh vực"), desk.ward(data.get("ward"))]
    said = gettext("Theo bảng phân công: %(about)s", about=", ".join(filter(None, about)))
    if instead := data.get("instead_of"):
        return gettext("%(said)s; thay cho %(name)s đang vắng", said=said, name=names.get(instead, ""))
    return said
