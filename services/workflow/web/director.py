"""The whole house at a glance, for the director: what is late and where, and what waits for a decision."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue

from services.workflow import store
from services.workflow.web.addresses import Facts, sees
from services.workflow.web.charts import Drawing, Load, loads, weeks
from services.workflow.web.face import left
from services.workflow.web.frame import Desk, counted
from services.workflow.web.office import chase
from shared import auth
from shared.db import Reading
from shared.web import gettext
from shared.web.i18n import num

WEEKS = 8
SHOWN = 6
FEWEST = 5
"""Figures of restricted kinds below this are not shown: a small number points at somebody."""


def serve(desk: Desk) -> None:
    app = desk.app

    @app.get("/desk/director", endpoint="director_desk")
    @auth.needs("director")
    def director_desk() -> ResponseReturnValue:
        with desk.database.reading() as look:
            facts = day_of(desk, look)
            trend = _trend(_mondays(desk, look.now), facts["told"])
            return desk.page(
                look,
                "desk/director.html",
                here="director_desk",
                me=auth.me(),
                counted=counted,
                trend=trend,
                **facts,
            )


@sees("director", "counts", "units", "kept", "told", "waiting", "alarms", roles=("director",))
def day_of(desk: Desk, look: Reading) -> Facts:
    """The whole house: what is late and where, eight weeks, and what waits for a decision of the director"""
    me, at = auth.me(), desk.glance(look.now)
    lists = ("open", "late", "soon", "escalated", "apologies", "sign", "extensions", "suspended", "restricted")
    told = store.weeks_of(look, me, [desk.rules.calendar.start_of_day(day) for day in _mondays(desk, look.now)])
    counts = store.count_lists(look, me, lists, at)
    return {
        "counts": counts | {"restricted": few(counts["restricted"])},
        "units": chase(desk, look, me, at),
        "kept": _kept(desk, told),
        "told": told,
        "waiting": _waiting(desk, look, me, at),
        "alarms": _alarms(desk, look, me),
    }


def few(count: int) -> str:
    """A figure of restricted kinds."""
    return gettext("dưới %(n)s", n=num(FEWEST)) if 0 < count < FEWEST else counted(count)


def _mondays(desk: Desk, now: datetime) -> list[date]:
    today = desk.rules.calendar.local_day(now)
    this = today - timedelta(days=today.weekday())
    return [this - timedelta(weeks=back) for back in range(WEEKS - 1, -1, -1)]


def _kept(desk: Desk, told: store.Weeks) -> Drawing:
    """What each unit answered in these weeks, and how much of it late."""
    rows = [Load(desk.unit(unit), answered, 0, late, key=unit) for unit, (answered, late) in told.by_unit.items()]
    ordered = sorted(rows, key=lambda row: -row.late / row.open)
    return loads("kept", gettext("Đã trả lời trong 8 tuần, theo đơn vị"), ordered)


def _trend(starts: Sequence[date], told: store.Weeks) -> SimpleNamespace:
    title = gettext("Nhận và trả lời theo tuần")
    answered, late = sum(told.answered), sum(told.late)
    came = num(sum(told.received))
    finding = gettext("Trong 8 tuần nhận %(came)s, chưa trả lời hồ sơ nào.", came=came)
    if answered:
        finding = gettext(
            "Trong 8 tuần nhận %(came)s, trả lời %(went)s, đúng hạn %(share)s%%.",
            came=came,
            went=num(answered),
            share=num(100 * (answered - late) / answered, 1),
        )
    labels = [f"{day.day}/{day.month}" for day in starts]
    rows = [
        (label, num(came), num(went), num(late))
        for label, came, went, late in zip(labels, told.received, told.answered, told.late, strict=True)
    ]
    svg = weeks("weeks", title, finding, labels, told.received, told.answered)
    return SimpleNamespace(title=title, finding=finding, svg=svg, rows=rows)


def _waiting(desk: Desk, look: Reading, me: auth.Person, at: store.Glance) -> list[SimpleNamespace]:
    """What waits for the director alone: by list, with the first cases of each."""
    lists: Mapping[str, tuple[Any, str]] = {
        "sign": (gettext("Quyết định chờ ký"), url_for("queue", view="approve", only="restricted")),
        "extensions": (gettext("Xin gia hạn"), url_for("queue", view="all", only="extension")),
        "suspended": (gettext("Đang tạm đình chỉ"), url_for("queue", view="all", stage="suspended")),
        "escalated": (gettext("Đã báo Giám đốc: quá hạn lâu"), url_for("queue", view="all", only="escalated")),
        "apologies": (gettext("Còn nợ lời xin lỗi"), url_for("queue", view="all", only="apology")),
    }
    found = []
    for name, (title, url) in lists.items():
        rows = store.first_of(look, me, name, at, limit=SHOWN)
        shown = [(row, left(row.case, desk.rules.calendar, look.now)) for row in rows]
        found.append(SimpleNamespace(name=name, title=title, url=url, rows=shown))
    return found


def _alarms(desk: Desk, look: Reading, me: auth.Person) -> list[SimpleNamespace]:
    """Open cases that come near the last limit of all, with the days that are left."""
    limit, today = desk.rules.catalogue.ladder.limit_alarms, desk.rules.calendar.local_day(look.now)
    rule = desk.rules.catalogue.rule(limit.rule, today)
    until = look.now + timedelta(days=rule.value - min(limit.days))
    return [
        SimpleNamespace(row=row, due_at=due_at, days=(due_at - look.now).days)
        for row, due_at in store.alarms(look, me, rule=limit.rule, until=until, limit=SHOWN)
    ]
