"""Sessions of reception and dialogue: planned and announced, who is coming, minutes, and what was promised there."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from services.workflow import actions, store
from services.workflow.domain import dialogue as sessions
from services.workflow.domain.case import Case
from services.workflow.domain.deadline import UNITS
from services.workflow.domain.dialogue import ANNOUNCED, HELD, ORGANISERS, PLANNED, Dialogue, DialogueRefused, TooSoon
from services.workflow.domain.permission import may
from services.workflow.domain.vocabulary import DialogueKind
from services.workflow.steps import Incomplete, NotAllowed
from services.workflow.web import words
from services.workflow.web.forms import day_typed
from services.workflow.web.frame import Desk
from shared import auth
from shared.db import Reading, Transaction
from shared.web import current_language, gettext, lazy
from shared.web.i18n import weekday_day

STATES = {
    "planned": (lazy("Chưa thông báo"), "new"),
    "announced": (lazy("Đã thông báo"), "doing"),
    "held": (lazy("Đã diễn ra"), "done"),
    "called_off": (lazy("Đã huỷ"), "late"),
}
PETITIONER = {
    "present": lazy("Có mặt"),
    "excused": lazy("Vắng, có lý do chính đáng: phải mời đối thoại lần nữa"),
    "absent": lazy("Vắng, không có lý do chính đáng: tiếp tục giải quyết"),
}
TOLD = {
    "invited": lazy("Mời đối thoại"),
    "changed": lazy("Đổi giờ hoặc nơi đối thoại"),
    "soon": lazy("Nhắc ngày đối thoại"),
    "called_off": lazy("Huỷ buổi đối thoại"),
}
WRONG = {
    ("kind", "unknown"): lazy("Hãy chọn loại buổi"),
    ("title", "missing"): lazy("Hãy ghi tên buổi, ít nhất 5 ký tự"),
    ("place", "missing"): lazy("Hãy ghi nơi tổ chức, hoặc đường dẫn vào phòng trực tuyến"),
    ("place", "no_link"): lazy("Buổi trực tuyến cần đường dẫn vào phòng, bắt đầu bằng https://"),
    ("starts_on", "missing"): lazy("Hãy nhập ngày"),
    ("starts_on", "malformed"): lazy("Hãy nhập ngày theo dạng ngày/tháng/năm, ví dụ 23/11/2026"),
    ("starts_on", "passed"): lazy("Ngày giờ này đã qua"),
    ("begins", "malformed"): lazy("Hãy nhập giờ bắt đầu, ví dụ 08:00"),
    ("ends", "malformed"): lazy("Hãy nhập giờ kết thúc, ví dụ 11:00"),
    ("ends_at", "too_early"): lazy("Giờ kết thúc phải sau giờ bắt đầu"),
    ("seats", "malformed"): lazy("Hãy ghi số chỗ, từ 1 đến 500"),
    ("seats", "taken"): lazy("Số người đã đăng ký nhiều hơn số chỗ này"),
    ("chair", "unknown"): lazy("Hãy chọn người chủ trì; loại buổi này không phải ai cũng chủ trì được"),
    ("chair", "in_person"): lazy("Khiếu nại lần hai: người đứng đầu phải trực tiếp đối thoại (NĐ 155/2026 Đ11)"),
    ("chair", "about_them"): lazy("Hồ sơ này khiếu nại chính người hoặc đơn vị được chọn"),
    ("reason", "missing"): lazy("Hãy ghi lý do: người đã đăng ký sẽ đọc được"),
    ("name", "missing"): lazy("Hãy ghi tên người được mời"),
    ("email", "malformed"): lazy("Hãy kiểm tra địa chỉ thư điện tử"),
    ("minutes", "missing"): lazy("Hãy ghi biên bản, ít nhất 20 ký tự"),
    ("minutes", "too_long"): lazy("Biên bản dài quá 20.000 ký tự"),
    ("walked_in", "malformed"): lazy("Hãy ghi số người, từ 0 đến 500"),
    ("petitioner", "missing"): lazy("Hãy chọn người khiếu nại có mặt hay không"),
    ("what", "missing"): lazy("Hãy ghi việc đã hứa, ít nhất 10 ký tự"),
    ("topic", "unknown"): lazy("Hãy chọn lĩnh vực"),
    ("officer", "unknown"): lazy("Hãy chọn người làm"),
    ("guest", "unknown"): lazy("Hãy chọn người được hứa trong danh sách"),
    ("due_on", "missing"): lazy("Hãy nhập ngày phải xong"),
    ("due_on", "malformed"): lazy("Hãy nhập ngày theo dạng ngày/tháng/năm, ví dụ 23/11/2026"),
    ("due_on", "passed"): lazy("Ngày này đã qua"),
    ("due_on", "rest_day"): lazy("Ngày này không làm việc"),
}
REFUSED = {
    "over": lazy("Buổi này đã bắt đầu, nên không đổi hay thông báo được nữa."),
    "not_yet": lazy("Buổi này chưa bắt đầu, nên chưa ghi biên bản được."),
    "bound": lazy("Việc hứa trong đối thoại của một hồ sơ nằm trong quyết định của hồ sơ đó."),
}
BOUND_SEATS = 20
Act = Callable[[Transaction], Any]


def serve(desk: Desk) -> None:
    app = desk.app
    app.refuses(actions.DialogueUnknown, 404, words=lazy("Không có buổi này."))
    app.refuses(DialogueRefused, 409, words=lazy("Buổi này đã được người khác xử lý. Hãy tải lại trang."))

    @app.get("/desk/dialogues")
    @desk.needs()
    def dialogues() -> ResponseReturnValue:
        with desk.database.reading() as look:
            return _list(desk, look)

    @app.post("/desk/dialogues")
    @desk.needs()
    def dialogue_planned() -> ResponseReturnValue:
        try:
            with desk.database.writing() as tx:
                new = actions.plan_dialogue(
                    tx, desk.rules, person=auth.me(), plan=_typed(desk), case_id=_id(request.form.get("case", ""))
                )
        except (Incomplete, NotAllowed, TooSoon) as refusal:
            with desk.database.reading() as look:
                return _list(desk, look, wrong=refusal)
        flash(gettext("Đã lên lịch, chưa ai được báo. Xem lại rồi thông báo."))
        return redirect(url_for("dialogue", dialogue_id=new.id), 303)

    @app.get("/desk/dialogues/<uuid:dialogue_id>")
    @desk.needs()
    def dialogue(dialogue_id: UUID) -> ResponseReturnValue:
        return _page(desk, dialogue_id)

    @app.post("/desk/dialogues/<uuid:dialogue_id>/<step>")
    @desk.needs()
    def dialogue_step(dialogue_id: UUID, step: str) -> ResponseReturnValue:
        if step not in STEPS:
            abort(404)
        act, done = STEPS[step]
        try:
            with desk.database.writing() as tx:
                act(tx, desk, {"person": auth.me(), "dialogue_id": dialogue_id})
        except (Incomplete, NotAllowed, TooSoon, DialogueRefused) as refusal:
            return _page(desk, dialogue_id, step=step, wrong=refusal)
        flash(str(done))
        return redirect(url_for("dialogue", dialogue_id=dialogue_id), 303)


# ---- what is typed


def _typed(desk: Desk) -> actions.Plan:
    """A session as the form says it. Raises Incomplete."""
    day = day_typed("starts_on")
    if day is None:
        raise Incomplete("starts_on")
    asked = request.form
    return actions.Plan(
        kind=asked.get("kind", ""),
        title=asked.get("title", ""),
        topics=asked.get("topics", ""),
        place=asked.get("place", ""),
        starts_at=_at(desk, day, "begins"),
        ends_at=_at(desk, day, "ends"),
        seats=_count("seats", BOUND_SEATS),
        chair=asked.get("chair", ""),
    )


def _at(desk: Desk, day: date, field: str) -> datetime:
    """That time of the day: 08:00, 8h, 8h30."""
    found = re.fullmatch(r"(\d{1,2})(?:[:hg.](\d{2})?)?", request.form.get(field, "").strip().lower())
    if found is None or int(found[1]) > 23 or int(found[2] or 0) > 59:
        raise Incomplete(field, "malformed")
    return desk.rules.calendar.start_of_day(day) + timedelta(hours=int(found[1]), minutes=int(found[2] or 0))


def _count(field: str, usual: int = 0) -> int:
    """A number that was typed; the usual one where the form does not ask for it."""
    typed = request.form.get(field, str(usual)).strip() or "0"
    if not typed.isdecimal() or len(typed) > 4:
        raise Incomplete(field, "malformed")
    return int(typed)


def _came() -> list[UUID]:
    """Who was ticked: however many there were."""
    try:
        return [UUID(typed) for typed in request.form.getlist("came")]
    except ValueError:
        abort(404)


def _id(typed: str) -> UUID | None:
    try:
        return UUID(typed) if typed else None
    except ValueError:
        abort(404)


def _announce(tx: Transaction, desk: Desk, at: dict[str, Any]) -> Any:
    return actions.announce_dialogue(tx, desk.rules, **at)


def _change(tx: Transaction, desk: Desk, at: dict[str, Any]) -> Any:
    return actions.change_dialogue(tx, desk.rules, plan=_typed(desk), reason=request.form.get("reason", ""), **at)


def _call_off(tx: Transaction, desk: Desk, at: dict[str, Any]) -> Any:
    return actions.call_off_dialogue(tx, desk.rules, reason=request.form.get("reason", ""), **at)


def _invite(tx: Transaction, desk: Desk, at: dict[str, Any]) -> Any:
    name, email = request.form.get("name", ""), request.form.get("email", "")
    return actions.invite_to_dialogue(tx, desk.rules, name=name, email=email, **at)


def _hold(tx: Transaction, desk: Desk, at: dict[str, Any]) -> Any:
    return actions.hold_dialogue(
        tx,
        desk.rules,
        minutes=request.form.get("minutes", ""),
        came=_came(),
        walked_in=_count("walked_in"),
        petitioner=request.form.get("petitioner", ""),
        **at,
    )


def _commit(tx: Transaction, desk: Desk, at: dict[str, Any]) -> Any:
    officer, _, unit = request.form.get("officer", "").partition("@")
    due_on = day_typed("due_on")
    if due_on is None:
        raise Incomplete("due_on")
    return actions.commit_in_dialogue(
        tx,
        desk.rules,
        what=request.form.get("what", ""),
        topic=request.form.get("topic", ""),
        unit=unit,
        officer=officer,
        due_on=due_on,
        guest_id=_id(request.form.get("guest", "")),
        **at,
    )


STEPS: Mapping[str, tuple[Callable[[Transaction, Desk, dict[str, Any]], Any], Any]] = {
    "announce": (_announce, lazy("Đã thông báo")),
    "change": (_change, lazy("Đã đổi; người đã đăng ký được báo")),
    "call_off": (_call_off, lazy("Đã huỷ; người đã đăng ký được báo")),
    "invite": (_invite, lazy("Đã thêm người được mời")),
    "held": (_hold, lazy("Đã ghi biên bản")),
    "commit": (_commit, lazy("Đã ghi việc hứa; hồ sơ được mở trong giây lát")),
}


# ---- pages


def _list(desk: Desk, look: Reading, *, wrong: Exception | None = None) -> ResponseReturnValue:
    me, is_over = auth.me(), request.args.get("state") == "over"
    rows = store.dialogues_for(look, me, is_over=is_over)
    about = _about(look, request.values.get("case", ""))
    may_plan = bool(may(me, "hold_dialogue", about.case)) if about else me.role in ORGANISERS
    return desk.page(
        look,
        "desk/dialogues.html",
        here="dialogues",
        status=_status(wrong),
        rows=rows,
        expected=store.count_guests(look, [one.id for one in rows]),
        is_over=is_over,
        about=about,
        may_plan=may_plan,
        form=_form(desk, look, about.case if about else None, request.form, wrong),
        names=store.names_of(look),
        kind_name=lambda code: _kind_name(desk, code),
        STATES=STATES,
    )


def _about(look: Reading, typed: str) -> store.Row | None:
    """The case within which a dialogue is planned, when the person may see it."""
    case_id = _id(typed)
    return store.row_of(look, auth.me(), case_id) if case_id else None


def _form(
    desk: Desk, look: Reading, case: Case | None, typed: Mapping[str, str], wrong: Exception | None, step: str = ""
) -> SimpleNamespace:
    """What the form of a session offers, what was typed, and what is wrong with it."""
    dialogues = desk.rules.catalogue.dialogues
    kinds = [kind for kind in dialogues.kinds if kind.is_bound == (case is not None)]
    roles = {role for kind in kinds for role in dialogues.chairs_of(kind.code, case.kind if case else None)}
    today = desk.rules.calendar.local_day(look.now)
    return SimpleNamespace(
        kinds=[(kind.code, _name(kind), _notice(desk, kind, today)) for kind in kinds],
        chairs=store.colleagues(look, roles=tuple(roles)),
        typed=typed,
        wrong=_wrong(wrong),
        step=step,
        is_bound=case is not None,
    )


def _name(kind: DialogueKind) -> str:
    return kind.name if current_language() == "vi" else kind.name_en


def _kind_name(desk: Desk, code: str) -> str:
    return next((_name(kind) for kind in desk.rules.catalogue.dialogues.kinds if kind.code == code), code)


def _notice(desk: Desk, kind: DialogueKind, today: date) -> str:
    """From which day on such a session may be held when it is announced today; empty where no law asks for it."""
    rule = actions.notice_rule(desk.rules, kind.code, today)
    if rule is None:
        return ""
    first = sessions.earliest(rule, today, desk.rules.calendar)
    return gettext("báo hôm nay thì sớm nhất là %(day)s", day=weekday_day(first))


def _page(desk: Desk, dialogue_id: UUID, *, step: str = "", wrong: Exception | None = None) -> ResponseReturnValue:
    me, rules = auth.me(), desk.rules
    with desk.database.writing() as tx:
        found, guests = actions.read_dialogue(tx, person=me, dialogue_id=dialogue_id)
    with desk.database.reading() as look:
        case = store.find_case(look, found.case_id) if found.case_id else None
        is_theirs = bool(may(me, "hold_dialogue", case)) if case else bool(sessions.may_write_up(me, found))
        may_plan = is_theirs and (case is not None or me.role in ORGANISERS)
        made = store.commitments_of(look, found.id)
        cases = store.commitment_cases(look, me, [one.petition_id for one in made])
        day, today = rules.calendar.local_day(found.starts_at), rules.calendar.local_day(look.now)
        rule = actions.notice_rule(rules, found.kind, today)
        has_begun = look.now >= found.starts_at
        return desk.page(
            look,
            "desk/dialogue.html",
            here="dialogues",
            status=_status(wrong),
            dialogue=found,
            guests=guests,
            coming=[one for one in guests if not one.has_left],
            case=store.row_of(look, me, found.case_id) if found.case_id else None,
            kind_name=_kind_name(desk, found.kind),
            names=store.names_of(look),
            last_notice=sessions.notice_of(rule, day, rules.calendar).due_on if rule else None,
            notice_source=rule.source if rule else "",
            may_announce=may_plan and found.state == PLANNED and not has_begun,
            may_change=may_plan and found.is_open and not has_begun,
            may_call_off=may_plan and found.is_open,
            may_hold=is_theirs and found.state == ANNOUNCED and has_begun,
            may_commit=is_theirs and found.state == HELD and found.is_public,
            is_theirs=is_theirs,
            commitments=[one for one in made if is_theirs or one.petition_id in cases],
            cases=cases,
            owners=store.colleagues(look, roles=("officer", "head")),
            topics=desk.topics_now(look.now),
            form=_form(desk, look, case, request.form if step == "change" else _as_typed(desk, found), wrong, step),
            typed=request.form,
            step=step,
            wrong=_wrong(wrong),
            STATES=STATES,
            PETITIONER=PETITIONER,
        )


def _as_typed(desk: Desk, known: Dialogue) -> dict[str, str]:
    zone = desk.rules.calendar.zone
    starts, ends = known.starts_at.astimezone(zone), known.ends_at.astimezone(zone)
    return {
        "kind": known.kind,
        "title": known.title,
        "topics": known.topics,
        "place": known.place,
        "starts_on": f"{starts:%d/%m/%Y}",
        "begins": f"{starts:%H:%M}",
        "ends": f"{ends:%H:%M}",
        "seats": str(known.seats),
        "chair": known.chair,
    }


def _status(wrong: Exception | None) -> int:
    match wrong:
        case None:
            return 200
        case NotAllowed():
            return 403
        case DialogueRefused():
            return 409
        case _:
            return 422


def _wrong(wrong: Exception | None) -> dict[str, str]:
    """What is wrong, by field; what cannot be done at all stands under no field."""
    match wrong:
        case Incomplete():
            said = WRONG.get((wrong.field, wrong.code)) or WRONG.get((wrong.field, "missing"))
            return {wrong.field: str(said or gettext("Hãy xem lại mục này"))}
        case TooSoon():
            return {
                "starts_on": gettext(
                    "Phải báo trước ít nhất %(count)s %(unit)s (%(source)s): báo hôm nay thì sớm nhất là %(day)s",
                    count=wrong.rule.value,
                    unit=UNITS[wrong.rule.unit][current_language() != "vi"],
                    source=wrong.rule.source,
                    day=weekday_day(wrong.earliest),
                )
            }
        case NotAllowed():
            return {"": str(words.REFUSALS.get(wrong.reason.value, wrong.reason.value))}
        case DialogueRefused():
            usual = gettext("Buổi này đã được người khác xử lý. Hãy tải lại trang.")
            return {"": str(REFUSED.get(wrong.code, usual))}
    return {}


# ---- on the page of a case


def of(desk: Desk, look: Reading, case: Case, me: auth.Person) -> SimpleNamespace | None:
    """The dialogues within a case, and whether its decision waits for one; None for kinds that know none."""
    may_hold = may(me, "hold_dialogue", case)
    rows = store.dialogues_of(look, case.id)
    steps = desk.rules.workflow_of(case).steps.values()
    is_owed = any(step.unmet(case) == "dialogue_held" for step in steps)
    if not rows and not is_owed and not may_hold:
        return None
    is_open = not case.is_ended and case.answered_at is None
    return SimpleNamespace(
        rows=rows,
        may_plan=bool(may_hold) and is_open,
        is_owed=is_owed and is_open,
        STATES=STATES,
        PETITIONER=PETITIONER,
    )


def line_words(what: str, data: Mapping[str, Any]) -> str:
    """What a line of the timeline says of a dialogue."""
    if what == "dialogue":
        return str(TOLD.get(data.get("ground", ""), ""))
    return gettext(
        "Đã đối thoại: người khiếu nại %(how)s", how=str(PETITIONER.get(data.get("petitioner", ""), "")).lower()
    )
