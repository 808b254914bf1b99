"""The first page, and the two that say how we keep what people tell us and whom to ask when a page is hard to use."""

from datetime import datetime, timedelta

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from services.intake import store
from services.intake.door import Door, the_door
from services.intake.web.form import FollowForm
from shared.db import Reading
from shared.web import WebApp

NOTICE, NOTICES = "notice", 3
"""The kind of short notices, and how many of those in force stand on the first page."""
FIGURES_KEPT = timedelta(minutes=1)

pages = Blueprint("home", __name__)


def add_to(app: WebApp) -> None:
    app.register_blueprint(pages)


@pages.get("/")
def home() -> ResponseReturnValue:
    door = the_door()
    with door.database.reading() as tx:
        notices = store.publications_on(tx, door.today(), kind=NOTICE, most=NOTICES)
        figures = _figures(door, tx)
    return render_template("home.html", f=FollowForm(), notices=notices, figures=figures)


def _figures(door: Door, tx: Reading) -> store.RegisterFigures:
    """The figures of the register, counted at most once a minute by each process: counting reads all of it."""
    kept: dict[str, tuple[datetime, store.RegisterFigures]] = current_app.extensions.setdefault("home", {})
    now = door.database.clock.now()
    counted_at, figures = kept.get("figures", (None, None))
    if counted_at is None or figures is None or not counted_at <= now < counted_at + FIGURES_KEPT:
        figures = store.register_figures(tx)
        kept["figures"] = (now, figures)
    return figures


@pages.get("/quyen-rieng-tu")
def privacy() -> ResponseReturnValue:
    return render_template("privacy.html")


@pages.get("/tiep-can")
def accessibility() -> ResponseReturnValue:
    return render_template("accessibility.html")
