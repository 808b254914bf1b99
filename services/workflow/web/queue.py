"""Lists: views and what narrows them, search, live rows, and the fast way to a case."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, cast

from flask import Response, abort, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from services.workflow import store
from services.workflow.web import words
from services.workflow.web.assignment import suggestions
from services.workflow.web.face import left
from services.workflow.web.filters import KEPT, Asked, code_typed, read_filters
from services.workflow.web.frame import DESKS, STAFF, Desk, ListLinks, counted
from shared import auth
from shared.db import Reading
from shared.web import gettext, lazy, said

NAMES = {
    "q": lazy("Tìm"),
    "stage": lazy("Bước"),
    "topic": lazy("Lĩnh vực"),
    "ward": lazy("Phường, xã"),
    "priority": lazy("Mức khẩn"),
    "officer": lazy("Người xử lý"),
    "unit": lazy("Đơn vị"),
    "kind": lazy("Loại đơn"),
    "channel": lazy("Gửi qua"),
    "from": lazy("Nhận từ ngày"),
    "to": lazy("Nhận đến ngày"),
    "provisional": lazy("Lịch nghỉ tạm tính"),
}


def in_words(desk: Desk, asked: Asked, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """What narrows the list, field by field: name in the address, and what it says."""
    shown = []
    for name, value in asked.typed.items():
        if name != "group":
            shown.append((name, _said(desk, name, value, names)))
    return shown


def _said(desk: Desk, name: str, value: str, names: Mapping[str, str]) -> str:
    if name == "provisional":
        return str(NAMES[name])
    what = _value(desk, name, value, names)
    return what if name == "only" else f"{NAMES[name]}: {what}"


def _value(desk: Desk, name: str, value: str, names: Mapping[str, str]) -> str:
    match name:
        case "stage":
            return dict(stages(desk)).get(value, value)
        case "topic":
            return desk.topic(value) or value
        case "ward":
            return desk.ward(value) or value
        case "priority":
            return str(words.PRIORITIES[value])
        case "channel":
            return str(words.CHANNELS[value])
        case "officer":
            return gettext("chưa có ai") if value == "-" else names.get(value, value)
        case "unit":
            return desk.unit(value)
        case "kind":
            return desk.kind(value) or value
        case "only":
            return str(words.ONLY[value])
        case _:
            return value


def stages(desk: Desk) -> list[tuple[str, str]]:
    """The stages of all state tables that a queue can hold, by the words of the first table that has them."""
    found: dict[str, str] = {}
    for workflow in sorted(desk.rules.current.values(), key=lambda one: one.name != "report"):
        for stage in workflow.stages.values():
            if not stage.is_end:
                found.setdefault(stage.name, said(stage.desk))
    return list(found.items())


def choices(desk: Desk, tx: Reading, me: Any) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """The lists to choose from: name in the address, label, values with their words."""
    overseer = me.role in {"office", "director"}
    people = store.colleagues(tx, unit=None if overseer else me.unit, roles=("officer", "head"))
    officers = [("-", gettext("chưa có ai")), *((one.person, one.name) for one in people)]
    lists = [
        ("stage", stages(desk)),
        ("topic", desk.topics_now(tx.now)),
        ("ward", desk.wards()),
        ("priority", [(code, str(name)) for code, name in words.PRIORITIES.items()]),
        ("officer", officers),
        ("kind", desk.kinds()),
        ("channel", [(code, str(name)) for code, name in words.CHANNELS.items()]),
    ]
    if overseer:
        lists.append(("unit", desk.units_now(tx.now)))
    return [(name, str(NAMES[name]), values) for name, values in lists]


def serve(desk: Desk) -> None:
    app = desk.app

    @app.get("/desk/")
    @auth.needs(*auth.ROLES)
    def queue() -> ResponseReturnValue:
        """A list; without a name the page on which this person's day begins."""
        me = auth.me()
        if me.role not in STAFF:
            with desk.database.reading() as tx:
                return desk.page(tx, "desk/elsewhere.html", me=me)
        view = request.args.get("view", "")
        if not view and me.role in DESKS and not request.args.keys() & {"saved", *KEPT}:
            start: Callable[[], Any] = app.view_functions[DESKS[me.role]]
            return cast(ResponseReturnValue, start())
        view = view or desk.views_of(me)[0]
        if view not in store.VIEWS:
            abort(404)
        with desk.database.reading() as tx:
            links, context = desk.links(tx, me), listed(desk, tx, view)
            context["urges"] = store.open_urges(tx, me) if me.role == "head" else []
            made = _rows(desk, tx, links, context)
            more: dict[str, Any] = {"rows": Markup(made), "etag": _etag(made), "links": links}  # of our own template
            status = 422 if context["asked"].wrong else 200
            return desk.page(
                tx, "desk/queue.html", here=request.args.get("saved") or view, status=status, me=me, **more, **context
            )

    @app.get("/desk/rows")
    @desk.needs()
    def rows() -> ResponseReturnValue:
        """The rows of a view alone: what a page that stays open asks for again, with its reader's own rights."""
        view = request.args.get("view", "")
        if view not in store.VIEWS:
            abort(404)
        with desk.database.reading() as tx:
            made = _rows(desk, tx, desk.links(tx, auth.me()), listed(desk, tx, view))
        response = Response(made, content_type="text/html; charset=utf-8")
        response.set_etag(_etag(made))
        return response.make_conditional(request)

    @app.get("/desk/find.json")
    @desk.needs()
    def find() -> ResponseReturnValue:
        """Cases by the beginning of their code, for the command box."""
        typed = code_typed(request.args.get("q", ""))
        if len(typed) < 3:
            return jsonify([])
        with desk.database.reading() as tx:
            found = store.find_by_code(tx, auth.me(), typed)
        return jsonify(
            [
                {
                    "words": f"{row.case.code} · {row.title or gettext('Hồ sơ mật')}",
                    "href": url_for("case", case_id=row.case.id),
                }
                for row in found
            ]
        )


def _rows_url(asked: Asked) -> str:
    place: dict[str, Any] = {name: request.args[name] for name in ("after", "before") if request.args.get(name)}
    return url_for("rows", view=asked.view, **{**asked.typed, **place})


def _etag(rows: str) -> str:
    return hashlib.sha256(rows.encode()).hexdigest()[:20]


def _rows(desk: Desk, tx: Reading, links: ListLinks, context: Mapping[str, Any]) -> str:
    """The rows with the counts that stand beside them; the same words as long as nothing changed."""
    told = json.dumps({address: counted(count) for _name, address, count in links.all()})
    return render_template("desk/_rows.html", desk=desk, words=words, now=tx.now, told=told, **context)


def listed(desk: Desk, tx: Reading, view: str) -> dict[str, Any]:
    """The rows of a view with what is said of them, narrowed and paged as the address asks."""
    me = auth.me()
    asked = read_filters(desk.rules.calendar, request.args, view=view, at=desk.glance(tx.now))
    soon_at = desk.soon_at(tx.now)
    after, before = (request.args.get(name, "")[:80] for name in ("after", "before"))
    page = store.page_of(tx, me, view, asked.filters, soon_at=soon_at, after=after, before=before)
    cases = [row.case for row in page.rows]
    units = {case.unit for case in cases}
    may_assign = me.role in {"head", "office", "director"} and view != "done"
    officers = store.colleagues(tx, roles=("officer", "head")) if may_assign else []
    today = desk.rules.calendar.local_day(tx.now)
    names = store.names_of(tx)
    narrow = store.Filters(**{**vars(asked.filters), "group": ""})
    return {
        "asked": asked,
        "view": view,
        "title": words.VIEWS[view],
        "page": page,
        "filters": asked.filters,
        "narrowed": in_words(desk, asked, names),
        "choices": choices(desk, tx, me),
        "groups": store.count_groups(tx, me, view, soon_at=soon_at, filters=narrow),
        "counted": counted,
        "walked": store.WALKED,
        "left": {case.id: left(case, desk.rules.calendar, tx.now) for case in cases},
        "stages": {case.id: desk.rules.workflow_of(case).stages[case.stage] for case in cases},
        "names": names,
        "officers": [one for one in officers if one.unit in units],
        "suggested": suggestions(desk, tx, cases),
        "late_to_assign": store.late_to_assign(tx, cases) if may_assign else set(),
        "away": store.away_in(tx, units, day=today),
        "rows_url": _rows_url(asked),
    }
