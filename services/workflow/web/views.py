"""Views that a person saves: kept under a name, put into order, renamed and taken away."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from services.workflow import actions, store
from services.workflow.steps import Incomplete
from services.workflow.web import words
from services.workflow.web.addresses import Facts, does, sees
from services.workflow.web.filters import KEPT
from services.workflow.web.frame import Desk
from shared import auth
from shared.db import Reading, Transaction
from shared.web import gettext, lazy

WRONG = {
    "missing": lazy("Hãy đặt tên cho khung nhìn"),
    "too_long": lazy("Tên dài nhất 60 ký tự"),
    "too_many": lazy("Mỗi người lưu được 12 khung nhìn. Hãy bỏ bớt một khung cũ."),
}


WRONG_FIELDS = {("name", code): said for code, said in WRONG.items()}


def serve(desk: Desk) -> None:
    app = desk.app

    @app.get("/desk/views")
    @desk.needs()
    def views() -> ResponseReturnValue:
        return _page(desk)

    @app.post("/desk/views")
    @desk.needs()
    def save_view() -> ResponseReturnValue:
        query: dict[str, Any] = _query(**{name: request.form.get(name, "") for name in ("view", *KEPT)})
        name = request.form.get("name", "")
        try:
            made = SAVE(desk)
        except Incomplete as refusal:
            return _page(desk, wrong=str(WRONG[refusal.code]), typed=name, query=query)
        flash(gettext("Đã lưu khung nhìn “%(name)s”", name=name.strip()))
        return redirect(url_for("queue", saved=made, **query), 303)

    @app.post("/desk/views/<uuid:view_id>/<what>")
    @desk.needs()
    def change_view(view_id: UUID, what: str) -> ResponseReturnValue:
        try:
            CHANGE(desk, view_id=view_id, what=what)
        except Incomplete as refusal:
            return _page(desk, wrong=str(WRONG[refusal.code]))
        return redirect(url_for("views", _anchor=f"v-{view_id}" if what != "drop" else None), 303)


@sees("views", "views")
def kept_views(_desk: Desk, look: Reading) -> Facts:
    """The views that one saved, in their order"""
    return {"views": store.saved_views_of(look, auth.me().person)}


def _query(*, view: str = "", **kept: str) -> dict[str, str]:
    """What narrows a list, as it is kept."""
    return {name: value[:80] for name, value in kept.items() if value} | {
        "view": view if view in store.VIEWS else "all"
    }


def _save(tx: Transaction, *, person: auth.Person, name: str, **query: str) -> UUID:
    """A list kept under a name."""
    return actions.save_view(tx, person=person, name=name, query=_query(**query))


def _change(tx: Transaction, *, person: auth.Person, view_id: UUID, what: str, name: str = "") -> None:
    """A saved view renamed (`rename`), taken away (`drop`), moved `up` or `down`."""
    match what:
        case "rename":
            actions.rename_view(tx, person=person, view_id=view_id, name=name)
        case "drop":
            actions.drop_view(tx, person=person, view_id=view_id)
        case "up" | "down":
            actions.move_view(tx, person=person, view_id=view_id, by=-1 if what == "up" else 1)
        case _:
            abort(404)


SAVE = does("views", _save, "name", "view", *KEPT, done=lazy("Đã lưu khung nhìn"), wrong=WRONG_FIELDS)
CHANGE = does("views/<uuid:view_id>/<what>", _change, "name", done=lazy("Đã đổi khung nhìn"), wrong=WRONG_FIELDS)


def _page(desk: Desk, *, wrong: str = "", typed: str = "", query: dict[str, str] | None = None) -> ResponseReturnValue:
    with desk.database.reading() as look:
        mine = kept_views(desk, look)["views"]
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
