"""The first page, and the two that say how we keep what people tell us and whom to ask when a page is hard to use."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from services.intake import store
from services.intake.door import the_door
from services.intake.web.form import FollowForm
from shared.web import WebApp

NOTICE, NOTICES = "notice", 3
"""The kind of short notices, and how many of those in force stand on the first page."""

pages = Blueprint("home", __name__)


def add_to(app: WebApp) -> None:
    app.register_blueprint(pages)


@pages.get("/")
def home() -> ResponseReturnValue:
    door = the_door()
    with door.database.reading() as tx:
        notices = store.publications_on(tx, door.today(), kind=NOTICE, most=NOTICES)
        figures = store.register_figures(tx)
    return render_template("home.html", f=FollowForm(), notices=notices, figures=figures)


@pages.get("/quyen-rieng-tu")
def privacy() -> ResponseReturnValue:
    return render_template("privacy.html")


@pages.get("/tiep-can")
def accessibility() -> ResponseReturnValue:
    return render_template("accessibility.html")
