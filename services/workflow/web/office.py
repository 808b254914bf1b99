"""The desk of the office: the most doubtful petitions first, whom to chase, what left the house."""

from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from services.workflow import actions, store
from services.workflow.domain.doubt import doubt_of, doubts_of
from services.workflow.domain.sorting import SPAM
from services.workflow.web.addresses import Facts, sees
from services.workflow.web.case import look_at
from services.workflow.web.charts import Drawing, Load, loads
from services.workflow.web.face import left
from services.workflow.web.frame import Desk, counted
from services.workflow.web.moves import MOVES
from shared import auth
from shared.db import Reading
from shared.web import gettext, lazy

LOOKED_AT = 50  # petitions among which the most doubtful comes first
SHOWN = 10
GONE_FOR = timedelta(days=30)
LOOKED_AT_WITHIN = timedelta(days=7)
"""What lies apart is looked at once a week at the least. Source: policy."""

DOUBTS = {
    "no_topic": lazy("chưa rõ lĩnh vực"),
    "no_kind": lazy("chưa rõ loại đơn"),
    "weighty": lazy("có từ cần người xem trước"),
    "elsewhere": lazy("có thể thuộc cơ quan khác"),
    "close": lazy("hai lĩnh vực gần ngang nhau"),
    "several": lazy("nhiều việc trong một đơn"),
    "spam": lazy("có thể là tin rác"),
    "door": lazy("cổng tiếp nhận nghi là tin rác"),
    "same": lazy("có thể trùng"),
}


def serve(desk: Desk) -> None:
    app = desk.app

    @app.get("/desk/office", endpoint="office_desk")
    @auth.needs("office")
    def office_desk() -> ResponseReturnValue:
        with desk.database.reading() as look:
            return desk.page(
                look,
                "desk/office.html",
                here="office_desk",
                me=auth.me(),
                counted=counted,
                doubts=DOUBTS,
                bodies=dict(desk.bodies()),
                names=store.names_of(look),
                **day_of(desk, look),
            )

    @app.get("/desk/office/triage")
    @auth.needs("office", "head")
    def triage() -> ResponseReturnValue:
        """One petition at a time, the most doubtful first: its words, what is proposed and why, a key for each act."""
        me = auth.me()
        try:
            case_id = UUID(request.args.get("case", ""))
        except ValueError:
            return _to_the_first(desk, me)
        with desk.database.writing() as tx:
            case = actions.read_case(tx, person=me, case_id=case_id)
        if case.stage != "triage":
            return redirect(url_for("case", case_id=case_id), 303)
        with desk.database.reading() as look:
            rows = inbox(desk, look, me, desk.glance(look.now), of="aside" if case.kind == SPAM else "triage")
            order = [one.case.id for one in rows]
            place = order.index(case_id) if case_id in order else 0
            context = look_at(desk, look, case_id)
            return desk.page(
                look,
                "desk/triage.html",
                here="triage",
                back=url_for("triage"),
                trouble=None,
                typed={},
                place=place + 1,
                many=len(order),
                following=order[(place + 1) % len(order)] if len(order) > 1 else None,
                doubts=[str(DOUBTS[name]) for name in doubts_of(context["proposal"][0])],
                has_split="split_up" in MOVES,
                **context,
            )


@sees("office", "counts", "inbox", "aside", "chase", "passing", "passed", "quarantined", roles=("office",))
def day_of(desk: Desk, look: Reading) -> Facts:
    """The most doubtful petitions first, whom to chase, what left the house: first cases and counts"""
    me, at = auth.me(), desk.glance(look.now)
    lists = (
        "triage",
        "aside",
        "open",
        "late",
        "soon",
        "escalated",
        "unassigned",
        "extensions",
        "apologies",
        "passing_on",
    )
    return {
        "counts": store.count_lists(look, me, lists, at),
        "inbox": inbox(desk, look, me, at)[:SHOWN],
        "aside": inbox(desk, look, me, at, of="aside")[:SHOWN],
        "chase": chase(desk, look, me, at),
        "passing": store.first_of(look, me, "passing_on", at, limit=SHOWN),
        "passed": store.passed_on(look, me, since=look.now - GONE_FOR, limit=SHOWN),
        "quarantined": store.put_aside(look, me, desk.rules.knowing("look_again"), limit=SHOWN),
    }


@sees("office/triage", "inbox", roles=("office", "head"))
def to_sort(desk: Desk, look: Reading) -> Facts:
    """What waits to be sorted, the most doubtful first, with what is proposed and why it is doubtful"""
    return {"inbox": inbox(desk, look, auth.me(), desk.glance(look.now))}


def _to_the_first(desk: Desk, me: auth.Person) -> ResponseReturnValue:
    with desk.database.reading() as look:
        rows = inbox(desk, look, me, desk.glance(look.now))
        if rows:
            return redirect(url_for("triage", case=rows[0].case.id), 303)
        return desk.page(look, "desk/triage_done.html", here="triage")


def inbox(desk: Desk, look: Reading, me: auth.Person, at: store.Glance, *, of: str = "triage") -> list[SimpleNamespace]:
    """What waits to be sorted, the most doubtful first; among equals the one that is due first. `of` aside: what lies
    apart until somebody has looked, the oldest first.
    """
    rows = store.first_of(look, me, of, at, limit=LOOKED_AT)
    proposed = store.proposals_of(look, [row.case.id for row in rows])
    found = [
        SimpleNamespace(
            row=row,
            case=row.case,
            proposal=proposed[row.case.id],
            doubts=doubts_of(proposed[row.case.id]),
            why=proposed[row.case.id].get("doubts", []),
            is_overdue=look.now - row.case.received_at >= LOOKED_AT_WITHIN,
            time=left(row.case, desk.rules.calendar, look.now),
        )
        for row in rows
    ]
    if of == "aside":
        return found
    return sorted(found, key=lambda one: -doubt_of(one.proposal))  # stable: the nearest due day stays first


def chase(desk: Desk, look: Reading, me: auth.Person, at: store.Glance) -> Drawing:
    """The units with what they have open, near and late, the latest first."""
    units = desk.units_now(look.now)
    counts = store.count_units(look, me, [code for code, _ in units], at)
    rows = [Load(name, **counts[code], key=code) for code, name in units]
    busy = [row for row in rows if row.open]
    return loads("units", gettext("Đang mở theo đơn vị"), sorted(busy, key=lambda row: (-row.late, -row.soon)))
