"""Working on one case at the same time: who else is there, and what comes back when somebody else was faster."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from services.workflow import actions, store
from services.workflow.domain.case import Case
from services.workflow.store import StaleCase
from services.workflow.web import words
from services.workflow.web.case import difference_of, line
from services.workflow.web.company import in_words
from services.workflow.web.counter import CALLS, GIVEN_TO
from services.workflow.web.frame import Desk
from services.workflow.web.moves import MOVES, typed_words
from shared import auth
from shared.db import Reading
from shared.web import gettext, lazy

MOST_NEWS = 5
QUIET = {"rung", "opened"}  # of the clock: nothing that anybody did to the case

FIELDS = {
    "text": lazy("Nội dung trả lời"),
    "outcome": lazy("Kết quả"),
    "promised_on": lazy("Hẹn xong ngày"),
    "basis": lazy("Căn cứ"),
    "reason": lazy("Lý do"),
    "note": lazy("Nội dung"),
    "question": lazy("Câu hỏi"),
    "again": lazy("Vì sao phải hỏi thêm lần nữa"),
    "explanation": lazy("Giải trình vì sao trễ"),
    "officer": lazy("Người xử lý"),
    "due_on": lazy("Ngày mới"),
    "kind": lazy("Loại đơn"),
    "topic": lazy("Lĩnh vực"),
    "unit": lazy("Đơn vị xử lý"),
    "to": lazy("Cơ quan nhận"),
    "ground": lazy("Căn cứ"),
    "into": lazy("Mã hồ sơ cùng việc"),
    "given_to": lazy("Ai nhận"),
    "delegation": lazy("Giấy ủy quyền"),
    "given_on": lazy("Ngày giao"),
    "is_signed": lazy("Người nhận đã ký"),
    "direction": lazy("Ai gọi cho ai"),
    "words": lazy("Đã nói những gì"),
    "is_told": lazy("Công dân cũng đọc được"),
    "in_spite": lazy("Vì sao vẫn trình"),
    "apology": lazy("Lời xin lỗi"),
}
NUMBERED = {"answered": lazy("Đã trả lời câu %(n)s"), "unanswered": lazy("Vì sao chưa trả lời câu %(n)s")}
"""Fields of which there is one for each question."""

LONG = {"text", "reason", "note", "question", "again", "explanation", "words"}


def serve(desk: Desk) -> None:
    app = desk.app
    app.register_error_handler(StaleCase, lambda refusal: _stale(desk, refusal.case))

    @app.post("/desk/cases/<uuid:case_id>/presence")
    @desk.needs()
    def presence(case_id: UUID) -> ResponseReturnValue:
        """Say that one is here, hear who else is, and what changed. No reading: nothing of the case is shown."""
        me, doing = auth.me(), request.form.get("doing", "")
        with desk.database.writing() as tx:
            if doing == "left":
                actions.leave_case(tx, person=me, case_id=case_id)
                return "", 204
            case, others = actions.be_present(tx, person=me, case_id=case_id, doing=doing)
            seen = request.form.get("version", type=int)
            many = max(case.version - seen, 0) if seen is not None else 0
            news = _steps(desk, tx, case, many=many) if many else []
            return render_template(
                "desk/case/_presence.html", case=case, others=in_words(others, store.names_of(tx)), news=news
            )


def _steps(desk: Desk, tx: Reading, case: Case, *, many: int) -> list[SimpleNamespace]:
    """The newest so many things that people or citizens did to a case, newest first."""
    names = store.names_of(tx)
    done = [entry for entry in store.entries_of(tx, case.id) if entry.what not in QUIET]
    return [line(desk, entry, names) for entry in done[: min(many, MOST_NEWS)]]


def _since(desk: Desk, tx: Reading, case: Case) -> list[SimpleNamespace]:
    """What others did since the form was opened; where its instant tells nothing, the newest by their number."""
    me, names, seen_at = auth.me(), store.names_of(tx), _seen_at()
    entries = [entry for entry in store.entries_of(tx, case.id) if seen_at and entry.at > seen_at]
    others = [entry for entry in entries if entry.what not in QUIET and entry.actor != me.person]
    if others:
        return [line(desk, entry, names) for entry in others[:MOST_NEWS]]
    return _steps(desk, tx, case, many=max(case.version - request.form.get("version", 0, type=int), 1))


def _seen_at() -> datetime | None:
    """When the page with the form was made."""
    try:
        found = datetime.fromisoformat(request.form.get("seen", ""))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _stale(desk: Desk, case: Case) -> ResponseReturnValue:
    """Somebody was faster: who, what and when, beside what was typed, to be sent again or left."""
    me, typed = auth.me(), typed_words()
    step = str((request.view_args or {}).get("step") or request.endpoint)
    with desk.database.reading() as look:
        draft = next(reversed(store.answers_of(look, case.id)), None)
        theirs = draft if draft is not None and "text" in typed and draft.drafted_by != me.person else None
        workflow = desk.rules.workflow_of(case)
        names = store.names_of(look)
        return desk.page(
            look,
            "desk/stale.html",
            status=409,
            case=case,
            stage=workflow.stages[case.stage],
            entries=_since(desk, look, case),
            names=names,
            typed=[_field(desk, name, value, names) for name, value in typed.items()],
            theirs=theirs,
            changes=difference_of(theirs.text, typed["text"]) if theirs else [],
            what=MOVES[step][1] if step in MOVES else gettext("Gửi"),
            is_possible=step not in workflow.steps or workflow.may_take(case, step, by=me.role),
            action=request.path,
        )


def _field(desk: Desk, name: str, value: str, names: Any) -> SimpleNamespace:
    shown: dict[str, Any] = {
        "officer": names.get(value, value),
        "outcome": words.OUTCOMES.get(value, value),
        "ground": {one.code: one.name for one in desk.rules.catalogue.grounds}.get(value, value),
        "unit": desk.unit(value),
        "topic": desk.topic(value),
        "kind": desk.kind(value),
        "to": dict(desk.bodies()).get(value, value),
        "given_to": GIVEN_TO.get(value, value),
        "direction": CALLS.get(value, value),
        "is_signed": gettext("có"),
        "is_told": gettext("có"),
    }
    kind, _, number = name.partition("_")
    label = str(NUMBERED[kind]) % {"n": number} if kind in NUMBERED else FIELDS.get(name, name)
    return SimpleNamespace(
        name=name,
        value=value,
        label=label,
        is_long=name in LONG or len(value) > 60,
        shown=shown.get(name, gettext("có") if value == "yes" else value),
    )
