"""Lists: saved views, search, the fast way to a case, and giving many cases to one officer at once."""

import re
from collections.abc import Mapping
from typing import Any

from flask import abort, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from services.workflow import store
from services.workflow.web import words
from services.workflow.web.assignment import suggestions
from services.workflow.web.face import left
from services.workflow.web.frame import STAFF, Desk
from shared import auth
from shared.db import Reading
from shared.text import fold, nfc
from shared.web import gettext

KEPT = ("q", "group", "topic", "ward", "priority")  # what narrows a view, in its address
A_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z -]{2,15}")


def serve(desk: Desk) -> None:
    app = desk.app

    @app.get("/desk/")
    @auth.needs(*auth.ROLES)
    def queue() -> ResponseReturnValue:
        me = auth.me()
        if me.role not in STAFF:
            with desk.database.reading() as tx:
                return desk.page(tx, "desk/elsewhere.html", me=me)
        view = request.args.get("view") or desk.views_of(me)[0]
        if view not in store.VIEWS:
            abort(404)
        with desk.database.reading() as tx:
            urges = store.open_urges(tx, me) if me.role == "head" else []
            return desk.page(tx, "desk/queue.html", here=view, urges=urges, me=me, **_listed(desk, tx, view))

    @app.get("/desk/rows")
    @desk.needs()
    def rows() -> ResponseReturnValue:
        """The rows of a view alone: what a page that stays open asks for again, with its reader's own rights."""
        view = request.args.get("view", "")
        if view not in store.VIEWS:
            abort(404)
        with desk.database.reading() as tx:
            return render_template("desk/_rows.html", desk=desk, words=words, now=tx.now, **_listed(desk, tx, view))

    @app.get("/desk/find.json")
    @desk.needs()
    def find() -> ResponseReturnValue:
        """Cases by the beginning of their code, for the command box."""
        typed = _code(request.args.get("q", ""))
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


def _code(typed: str) -> str:
    """Letters and digits of something that may be a code, capital; empty when it cannot be one."""
    return re.sub(r"[^0-9A-Z]", "", typed.upper()) if A_CODE.fullmatch(typed.strip()) else ""


def _rows_url(view: str, asked: Mapping[str, str]) -> str:
    kept: dict[str, Any] = {name: asked[name] for name in (*KEPT, "after", "before") if asked.get(name)}
    return url_for("rows", view=view, **kept)


def _listed(desk: Desk, tx: Reading, view: str) -> dict[str, Any]:
    me, asked = auth.me(), request.args
    typed = nfc(asked.get("q", "").strip())[:80]
    filters = store.Filters(
        words=fold(typed),
        code=_code(typed),
        group=asked.get("group", "") if asked.get("group", "") in words.GROUPS else "",
        topic=asked.get("topic", "")[:16],
        ward=asked.get("ward", "")[:40],
        priority=asked.get("priority", "") if asked.get("priority", "") in words.PRIORITIES else "",
    )
    soon_at = desk.soon_at(tx.now)
    page = store.page_of(
        tx, me, view, filters, soon_at=soon_at, after=asked.get("after", "")[:80], before=asked.get("before", "")[:80]
    )
    units = {row.case.unit for row in page.rows}
    may_assign = me.role in {"head", "office", "director"}
    officers = (
        [one for one in store.colleagues(tx, roles=("officer", "head")) if one.unit in units] if may_assign else []
    )
    return {
        "view": view,
        "title": words.VIEWS[view],
        "page": page,
        "typed": typed,
        "filters": filters,
        "groups": store.count_groups(tx, me, view, soon_at=soon_at),
        "left": {row.case.id: left(row.case, desk.rules.calendar, tx.now) for row in page.rows},
        "stages": {row.case.id: desk.rules.workflow_of(row.case).stages[row.case.stage] for row in page.rows},
        "names": store.names_of(tx),
        "officers": officers,
        "suggested": suggestions(desk, tx, [row.case for row in page.rows]),
        "late_to_assign": store.late_to_assign(tx, [row.case for row in page.rows]) if may_assign else set(),
        "rows_url": _rows_url(view, asked),
    }
