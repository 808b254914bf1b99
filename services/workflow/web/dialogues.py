"""Sessions of reception and dialogue: planned and announced, who is coming, minutes, and what was promised there."""

import re
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from services.workflow import actions, store
from services.workflow.domain import dialogue as sessions
from services.workflow.domain.case import Case
from services.workflow.domain.deadline import UNITS
from services.workflow.domain.dialogue import (
    ANNOUNCED,
    HELD,
    ORGANISERS,
    PLANNED,
    Commitment,
    Dialogue,
    DialogueRefused,
    TooSoon,
)
from services.workflow.domain.permission import may
from services.workflow.domain.rules import Rules
from services.workflow.domain.vocabulary import DialogueKind
from services.workflow.steps import Incomplete, NotAllowed
from services.workflow.web.addresses import LOOKS, Act, Facts, does, sees
from services.workflow.web.asked import asked
from services.workflow.web.frame import Desk
from services.workflow.web.refusing import by_field, status_of
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
            new = PLAN.and_say(desk)
        except (Incomplete, NotAllowed, TooSoon) as refusal:
            with desk.database.reading() as look:
                return _list(desk, look, wrong=refusal)
        return redirect(url_for("dialogue", dialogue_id=new.id), 303)

    @app.get("/desk/dialogues/<uuid:dialogue_id>")
    @desk.needs()
    def dialogue(dialogue_id: UUID) -> ResponseReturnValue:
        return _page(desk, dialogue_id)

    @desk.needs()
    def dialogue_step(dialogue_id: UUID, step: str) -> ResponseReturnValue:
        try:
            STEPS[step].and_say(desk, dialogue_id=dialogue_id)
        except (Incomplete, NotAllowed, TooSoon, DialogueRefused) as refusal:
            return _page(desk, dialogue_id, step=step, wrong=refusal)
        return redirect(url_for("dialogue", dialogue_id=dialogue_id), 303)

    for step in STEPS:
        app.add_url_rule(
            f"/desk/dialogues/<uuid:dialogue_id>/{step}",
            view_func=dialogue_step,
            methods=["POST"],
            defaults={"step": step},
        )


# ---- what is typed


def _plan(
    desk: Desk,
    *,
    kind: str,
    title: str,
    topics: str,
    place: str,
    starts_on: date | None,
    begins: str,
    ends: str,
    seats: int | None,
    chair: str,
) -> actions.Plan:
    """A session as it was typed. Raises Incomplete."""
    if starts_on is None:
        raise Incomplete("starts_on")
    return actions.Plan(
        kind=kind,
        title=title,
        topics=topics,
        place=place,
        starts_at=_at(desk, starts_on, begins, "begins"),
        ends_at=_at(desk, starts_on, ends, "ends"),
        seats=_seats(seats),
        chair=chair,
    )


def _seats(typed: int | None) -> int:
    """As many as were typed; the usual ones where the form does not ask for them."""
    return typed or 0 if "seats" in asked() else BOUND_SEATS


def _at(desk: Desk, day: date, typed: str, field: str) -> datetime:
    """That time of the day: 08:00, 8h, 8h30."""
    found = re.fullmatch(r"(\d{1,2})(?:[:hg.](\d{2})?)?", typed.strip().lower())
    if found is None or int(found[1]) > 23 or int(found[2] or 0) > 59:
        raise Incomplete(field, "malformed")
    return desk.rules.calendar.start_of_day(day) + timedelta(hours=int(found[1]), minutes=int(found[2] or 0))


# ---- what is done


def _planned(
    tx: Transaction,
    desk: Desk,
    *,
    person: auth.Person,
    kind: str,
    title: str,
    topics: str = "",
    place: str,
    starts_on: date | None,
    begins: str,
    ends: str,
    seats: int | None = None,
    chair: str,
    case: UUID | None = None,
) -> Dialogue:
    """A session, planned; nobody is told yet. With `case` it is a dialogue within that case."""
    plan = _plan(
        desk,
        kind=kind,
        title=title,
        topics=topics,
        place=place,
        starts_on=starts_on,
        begins=begins,
        ends=ends,
        seats=seats,
        chair=chair,
    )
    return actions.plan_dialogue(tx, desk.rules, person=person, plan=plan, case_id=case)


def _changed(
    tx: Transaction,
    desk: Desk,
    *,
    person: auth.Person,
    dialogue_id: UUID,
    title: str,
    topics: str = "",
    place: str,
    starts_on: date | None,
    begins: str,
    ends: str,
    seats: int | None = None,
    chair: str,
    reason: str = "",
) -> Dialogue:
    """Another day, place, theme or chair; once announced, with a reason that everybody who is coming hears."""
    plan = _plan(
        desk,
        kind="",  # stays what it is
        title=title,
        topics=topics,
        place=place,
        starts_on=starts_on,
        begins=begins,
        ends=ends,
        seats=seats,
        chair=chair,
    )
    return actions.change_dialogue(tx, desk.rules, person=person, dialogue_id=dialogue_id, plan=plan, reason=reason)


def _held(
    tx: Transaction,
    rules: Rules,
    *,
    person: auth.Person,
    dialogue_id: UUID,
    minutes: str,
    came: Collection[UUID] = (),
    walked_in: int | None = None,
    petitioner: str = "",
) -> Dialogue:
    """The minutes, and who came; within a case whether the petitioner did (`present`, `excused`, `absent`)."""
    return actions.hold_dialogue(
        tx,
        rules,
        person=person,
        dialogue_id=dialogue_id,
        minutes=minutes,
        came=came,
        walked_in=walked_in or 0,
        petitioner=petitioner,
    )


def _committed(
    tx: Transaction,
    rules: Rules,
    *,
    person: auth.Person,
    dialogue_id: UUID,
    what: str,
    topic: str,
    officer: str,
    due_on: date,
    guest: UUID | None = None,
) -> Commitment:
    """What was promised there, and who does it (`pseudonym@UNIT`) until when: a case is opened for it."""
    owner, _, unit = officer.partition("@")
    return actions.commit_in_dialogue(
        tx,
        rules,
        person=person,
        dialogue_id=dialogue_id,
        what=what,
        topic=topic,
        unit=unit,
        officer=owner,
        due_on=due_on,
        guest_id=guest,
    )


THERE = "dialogues/<uuid:dialogue_id>"
PLANNING = ("title", "topics", "place", "starts_on", "begins", "ends", "seats", "chair")
PLAN = does(
    "dialogues",
    _planned,
    *("kind", *PLANNING, "case"),
    done=lazy("Đã lên lịch, chưa ai được báo. Xem lại rồi thông báo."),
    wrong=WRONG,
)
STEPS: Mapping[str, Act] = {
    "announce": does(f"{THERE}/announce", actions.announce_dialogue, done=lazy("Đã thông báo"), wrong=WRONG),
    "change": does(
        f"{THERE}/change",
        _changed,
        *(*PLANNING, "reason"),
        done=lazy("Đã đổi; người đã đăng ký được báo"),
        wrong=WRONG,
    ),
    "call_off": does(
        f"{THERE}/call_off",
        actions.call_off_dialogue,
        "reason",
        done=lazy("Đã huỷ; người đã đăng ký được báo"),
        wrong=WRONG,
    ),
    "invite": does(
        f"{THERE}/invite",
        actions.invite_to_dialogue,
        *("name", "email"),
        done=lazy("Đã thêm người được mời"),
        wrong=WRONG,
    ),
    "held": does(
        f"{THERE}/held",
        _held,
        *("minutes", "came", "walked_in", "petitioner"),
        done=lazy("Đã ghi biên bản"),
        wrong=WRONG,
    ),
    "commit": does(
        f"{THERE}/commit",
        _committed,
        *("what", "topic", "officer", "due_on", "guest"),
        done=lazy("Đã ghi việc hứa; hồ sơ được mở trong giây lát"),
        wrong=WRONG,
    ),
}


# ---- pages


@sees("dialogues", "rows", "expected", "is_over", "about", "may_plan", query=("state", "case"))
def listed(_desk: Desk, look: Reading) -> Facts:
    """Sessions to come, with `state=over` those that are over, and how many are expected; `case` to plan within one"""
    me, is_over = auth.me(), request.args.get("state") == "over"
    rows = store.dialogues_for(look, me, is_over=is_over)
    about = _about(look, request.values.get("case", ""))
    return {
        "rows": rows,
        "expected": store.count_guests(look, [one.id for one in rows]),
        "is_over": is_over,
        "about": about,
        "may_plan": bool(may(me, "hold_dialogue", about.case)) if about else me.role in ORGANISERS,
    }


def _list(desk: Desk, look: Reading, *, wrong: Exception | None = None) -> ResponseReturnValue:
    facts = listed(desk, look)
    about: store.Row | None = facts["about"]
    return desk.page(
        look,
        "desk/dialogues.html",
        here="dialogues",
        status=_status(wrong),
        form=_form(desk, look, about.case if about else None, request.form, wrong),
        names=store.names_of(look),
        kind_name=lambda code: _kind_name(desk, code),
        STATES=STATES,
        **facts,
    )


def _about(look: Reading, typed: str) -> store.Row | None:
    """The case within which a dialogue is planned, when the person may see it."""
    try:
        return store.row_of(look, auth.me(), UUID(typed)) if typed else None
    except ValueError:
        abort(404)


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


@sees(
    THERE,
    *("dialogue", "minutes", "guests", "case", "commitments", "cases", "last_notice", "notice_source"),
    *("is_theirs", "may_announce", "may_change", "may_call_off", "may_hold", "may_commit"),
    tells=actions.read_dialogue,
)
def one_dialogue(desk: Desk, look: Reading, dialogue_id: UUID) -> Facts:
    """A session with its minutes, guests and promises for who organises or chairs it, and what one may do about it"""
    me, rules, found = auth.me(), desk.rules, store.find_dialogue(look, auth.me(), dialogue_id)
    if found is None:
        raise actions.DialogueUnknown
    case = store.find_case(look, found.case_id) if found.case_id else None
    is_theirs = bool(may(me, "hold_dialogue", case)) if case else bool(sessions.may_write_up(me, found))
    may_plan = is_theirs and (case is not None or me.role in ORGANISERS)
    made = store.commitments_of(look, found.id)
    cases = store.commitment_cases(look, me, [one.petition_id for one in made])
    day, today = rules.calendar.local_day(found.starts_at), rules.calendar.local_day(look.now)
    rule = actions.notice_rule(rules, found.kind, today)
    has_begun = look.now >= found.starts_at
    return {
        "dialogue": found,
        "minutes": found.minutes if is_theirs or case else None,
        "guests": actions.guests_for(look, me, found),
        "case": store.row_of(look, me, found.case_id) if found.case_id else None,
        "commitments": [one for one in made if is_theirs or one.petition_id in cases],
        "cases": cases,
        "last_notice": sessions.notice_of(rule, day, rules.calendar).due_on if rule else None,
        "notice_source": rule.source if rule else "",
        "is_theirs": is_theirs,
        "may_announce": may_plan and found.state == PLANNED and not has_begun,
        "may_change": may_plan and found.is_open and not has_begun,
        "may_call_off": may_plan and found.is_open,
        "may_hold": is_theirs and found.state == ANNOUNCED and has_begun,
        "may_commit": is_theirs and found.state == HELD and found.is_public,
    }


def _page(desk: Desk, dialogue_id: UUID, *, step: str = "", wrong: Exception | None = None) -> ResponseReturnValue:
    facts = LOOKS[THERE](desk, dialogue_id=dialogue_id)
    found: Dialogue = facts["dialogue"]
    about: store.Row | None = facts["case"]
    typed = request.form if step == "change" else _as_typed(desk, found)
    with desk.database.reading() as look:
        return desk.page(
            look,
            "desk/dialogue.html",
            here="dialogues",
            status=_status(wrong),
            coming=[one for one in facts["guests"] if not one.has_left],
            kind_name=_kind_name(desk, found.kind),
            names=store.names_of(look),
            owners=store.colleagues(look, roles=("officer", "head")),
            topics=desk.topics_now(look.now),
            form=_form(desk, look, about.case if about else None, typed, wrong, step),
            typed=request.form,
            step=step,
            wrong=_wrong(wrong),
            STATES=STATES,
            PETITIONER=PETITIONER,
            **facts,
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
    return 409 if isinstance(wrong, DialogueRefused) else status_of(wrong)


def _wrong(wrong: Exception | None) -> dict[str, str]:
    """What is wrong, by field; what cannot be done at all stands under no field."""
    match wrong:
        case TooSoon():
            return {"starts_on": too_soon(wrong)}
        case DialogueRefused():
            return {"": refused(wrong)}
    return by_field(wrong, _said)


def _said(field: str, code: str) -> str:
    return str(WRONG.get((field, code)) or WRONG.get((field, "missing")) or gettext("Hãy xem lại mục này"))


def too_soon(wrong: TooSoon) -> str:
    """Why the day is too near, and which is the first that is not."""
    return gettext(
        "Phải báo trước ít nhất %(count)s %(unit)s (%(source)s): báo hôm nay thì sớm nhất là %(day)s",
        count=wrong.rule.value,
        unit=UNITS[wrong.rule.unit][current_language() != "vi"],
        source=wrong.rule.source,
        day=weekday_day(wrong.earliest),
    )


def refused(wrong: DialogueRefused) -> str:
    """Why this cannot be done with the session any more, or yet."""
    return str(REFUSED.get(wrong.code, gettext("Buổi này đã được người khác xử lý. Hãy tải lại trang.")))


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
