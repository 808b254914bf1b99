"""What narrows a list, as it stands in the address of the page."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from services.workflow import store
from services.workflow.steps import Incomplete, day_of
from services.workflow.web import words
from shared.calendar import Calendar
from shared.text import fold, nfc
from shared.web import lazy

KEPT = (
    "q",
    "group",
    "stage",
    "topic",
    "ward",
    "priority",
    "officer",
    "unit",
    "kind",
    "channel",
    "from",
    "to",
    "provisional",
    "only",
)
"""What narrows a view, in its address."""

BEFORE_THE_FAR = datetime(8999, 1, 1, tzinfo=UTC)  # clocks that wait stand beyond it

A_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z -]{2,15}")
LISTS = {"group": words.GROUPS, "priority": words.PRIORITIES, "channel": words.CHANNELS, "only": words.ONLY}
NO_DAY = lazy("Hãy nhập ngày theo dạng ngày/tháng/năm, ví dụ 23/11/2026")


@dataclass(frozen=True)
class Asked:
    """What the address asks for: the filters, the words as typed, and which fields could not be read."""

    view: str
    typed: Mapping[str, str]  # by the names of KEPT
    filters: store.Filters
    wrong: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_narrow(self) -> bool:
        return any(name != "group" for name in self.typed)


def read_filters(calendar: Calendar, asked: Mapping[str, str], *, view: str, at: store.Glance) -> Asked:
    """The filters of an address. What is no word of ours narrows nothing."""
    # No column of text takes a NUL.
    typed = {name: nfc(asked.get(name, "").replace("\0", "").strip())[:80] for name in KEPT}
    for name, known in LISTS.items():
        typed[name] = typed[name] if typed[name] in known else ""
    wrong: dict[str, str] = {}
    days: dict[str, date | None] = {}
    for name in ("from", "to"):
        try:
            days[name] = day_of(typed[name], name)
        except Incomplete:
            days[name], wrong[name] = None, str(NO_DAY)
    first, last = days["from"], days["to"]
    is_provisional = bool(typed["provisional"])
    due_from = provisional_from(calendar, calendar.local_day(at.now)) if is_provisional else None
    due_before = BEFORE_THE_FAR if is_provisional else None
    if typed["only"] == "escalated":
        due_before = at.escalated_at + timedelta(microseconds=1)
    filters = store.Filters(
        words=fold(typed["q"]),
        code=code_typed(typed["q"]),
        **{
            name: typed[name]
            for name in ("group", "stage", "topic", "ward", "priority", "unit", "kind", "channel", "only")
        },
        officer=typed["officer"],
        received_from=calendar.start_of_day(first) if first else None,
        received_before=calendar.start_of_day(last + timedelta(days=1)) if last else None,
        due_from=due_from,
        due_before=due_before,
    )
    return Asked(view, {name: value for name, value in typed.items() if value}, filters, wrong)


def provisional_from(calendar: Calendar, today: date) -> datetime:
    """The first instant of the first year, from this one on, whose official calendar is not known yet."""
    year = today.year
    while calendar.is_confirmed(date(year, 1, 1), date(year, 12, 31)):
        year += 1
    return calendar.start_of_day(date(year, 1, 1))


def code_typed(typed: str) -> str:
    """Letters and digits of something that may be a code, capital; empty when it cannot be one."""
    return re.sub(r"[^0-9A-Z]", "", typed.upper()) if A_CODE.fullmatch(typed.strip()) else ""
