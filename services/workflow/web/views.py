"""Views that a person saves: kept under a name, put into order, renamed and taken away."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from services.workflow import actions, store
from services.workflow.steps import Incomplete
from services.workflow.web import words
from services.workflow.web.filters import KEPT
from services.workflow.web.frame import Desk
from shared import auth
from shared.web import gettext, lazy

WRONG = {
    "missing": lazy("Hãy đặt tên cho khung nhìn"),
    "too_long": lazy("Tên dài nhất 60 ký tự"),
    "too_many": lazy("Mỗi người lưu được 12 khung nhìn. Hãy bỏ bớt một khung cũ."),
}


def serve(desk: Desk) -> None:
    app = desk.app

    @app.get("/desk/views")
    @desk.needs()
    def views() -> ResponseReturnValue:
        return _page(desk)

    @app.post("/desk/views")
    @desk.needs()
    def save_view() -> ResponseReturnValue:
        query: dict[str, Any] = {name: request.form.get(name, "")[:80] for name in KEPT if request.form.get(name)}
        view = request.form.get("view", "")
        query["view"] = view if view in store.VIEWS else "all"
        name = request.form.get("name", "")
        try:
            with desk.database.writing() as tx:
                made = actions.save_view(tx, person=auth.me(), name=name, query=query)
        except Incomplete as refusal:
            return _page(desk, wrong=str(WRONG[refusal.code]), typed=name, query=query)
        flash(gettext("Đã lưu khung nhìn “%(name)s”", name=name.strip()))
        return redirect(url_for("queue", saved=made, **query), 303)

    @app.post("/desk/views/<uuid:view_id>/<what>")
    @desk.needs()
    def change_view(view_id: UUID, what: str) -> ResponseReturnValue:
        me = auth.me()
        try:
            with desk.database.writing() as tx:
                if what == "rename":
                    actions.rename_view(tx, person=me, view_id=view_id, name=request.form.get("name", ""))
                elif what == "drop":
                    actions.drop_view(tx, person=me, view_id=view_id)
                elif what in {"up", "down"}:
                    actions.move_view(tx, person=me, view_id=view_id, by=-1 if what == "up" else 1)
        except Incomplete as refusal:
            return _page(desk, wrong=str(WRONG[refusal.code]))
        return redirect(url_for("views", _anchor=f"v-{view_id}" if what != "drop" else None), 303)


def _page(desk: Desk, *, wrong: str = "", typed: str = "", query: dict[str, str] | None = None) -> ResponseReturnValue:
    with desk.database.reading() as look:
        mine = store.saved_views_of(look, auth.me().person)
        return desk.page(
            look,
            "desk/views.html",
            here="views",
            status=422 if wrong else 200,
            mine=[(view, words.VIEWS.get(view.query.get("view", ""), "")) for view in mine],
            trouble=wrong,
            typed=typed,
            query=query or {},
        )
