"""Who else is at a case, and what happens to it next, in words."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

from services.workflow import store
from services.workflow.domain.case import Case
from services.workflow.domain.deadline import Deadline
from services.workflow.domain.ladder import SILENCE, WAIT_OVER, house_rungs
from services.workflow.domain.next import REOPEN, Next, what_next
from services.workflow.domain.rules import Rules, timed
from services.workflow.web import words
from shared.web import gettext, lazy
from shared.web.i18n import short_instant, weekday_day

DOING = {
    "open": lazy("%(name)s đang xem hồ sơ này"),
    "typing": lazy("%(name)s đang gõ"),
    "drafting": lazy("%(name)s đang soạn trả lời"),
}
NEXT = {
    "decide": lazy("phân loại"),
    "assign": lazy("phân công người xử lý"),
    "accept": lazy("nhận việc"),
    "screen": lazy("sàng lọc: kiểm tra, chuyển hay lưu đơn"),
    "draft": lazy("soạn và trình câu trả lời"),
    "approve": lazy("duyệt câu trả lời"),
    "answer": lazy("gửi câu trả lời cho công dân"),
    "resume": lazy("trả lời câu hỏi, đồng hồ đang chờ"),
    "close": lazy("đóng hồ sơ nếu công dân không quay lại"),
    "transfer": lazy("chuyển cơ quan có thẩm quyền"),
    REOPEN: lazy("quyết định có mở lại hay không: công dân đã xin xem lại"),
}
TAKE_UP = lazy("quyết định thụ lý hay không")
"""What accepting is where the law speaks of it."""
WHO = {
    "office": lazy("Đầu mối"),
    "director": lazy("Giám đốc"),
    "citizen": lazy("Công dân"),
    "system": lazy("Hệ thống"),
    "officer": lazy("Người xử lý"),
    "head": lazy("Trưởng đơn vị"),
}


def in_words(others: Sequence[store.Present], names: Mapping[str, str]) -> list[SimpleNamespace]:
    """Who else is here, as the page says it."""
    return [
        SimpleNamespace(
            name=names[one.person], doing=one.doing, words=str(DOING[one.doing]) % {"name": names[one.person]}
        )
        for one in others
        if one.person in names
    ]


def next_in_words(
    rules: Rules,
    case: Case,
    clocks: Sequence[Deadline],
    *,
    names: Mapping[str, str],
    heads: Sequence[str],
    reply_by: date | None,
    is_asked_again: bool,
    now: datetime,
) -> SimpleNamespace | None:
    """Who does what next, until when, and what the clock does when they do not; None when the case has ended."""
    step = what_next(case, rules.workflow_of(case), clocks, reply_by=reply_by, is_asked_again=is_asked_again)
    if step is None:
        return None
    return SimpleNamespace(
        who=_who(case, step, names, heads),
        what=TAKE_UP if step.step == "accept" and rules.catalogue.kind(case.kind).signature_needed else NEXT[step.step],
        until=_until(step),
        is_late=step.due_at is not None and now >= step.due_at and step.who != "system",
        then=_then(_without_stale_rung(case, clocks, rules)),
    )


def _who(case: Case, step: Next, names: Mapping[str, str], heads: Sequence[str]) -> Any:
    if step.who == "officer" and case.officer:
        return names.get(case.officer, WHO["officer"])
    if step.who == "head" and heads:
        return ", ".join(heads)
    return WHO[step.who]


def _until(step: Next) -> str:
    if step.due_on is not None:
        return weekday_day(step.due_on)
    return short_instant(step.due_at) if step.due_at is not None else ""


def _without_stale_rung(case: Case, clocks: Sequence[Deadline], rules: Rules) -> Case:
    """The case at the rung that will be climbed: the sweep passes over an alarm whose own term has been met."""
    alarms = {f"{alarm.name}_1" for alarm in rules.catalogue.ladder.house_alarms}
    running = {rung.name for rung in house_rungs(clocks, rules.catalogue)}
    if case.next_step is None or case.next_step_at is None or case.next_step not in alarms - running:
        return case
    return timed(case, clocks, rules, after=(case.next_step_at, case.next_step))


def _then(case: Case) -> str:
    """The next rung of the ladder, for when nobody acts."""
    if case.next_step is None or case.next_step_at is None or case.next_step in {WAIT_OVER, SILENCE}:
        return ""
    name, _, number = case.next_step.partition("_")
    rung = str(words.RUNGS.get(name, "")) % {"share": number}
    return gettext("%(at)s: %(what)s", at=short_instant(case.next_step_at), what=rung) if rung else ""
