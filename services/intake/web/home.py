"""The first page, and the two that say how we keep what people tell us and whom to ask when a page is hard to use."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from services.intake.web.form import FollowForm
from shared.web import WebApp

pages = Blueprint("home", __name__)


def add_to(app: WebApp) -> None:
    app.register_blueprint(pages)


@pages.get("/")
def home() -> ResponseReturnValue:
    return render_template("home.html", f=FollowForm())


@pages.get("/quyen-rieng-tu")
def privacy() -> ResponseReturnValue:
    return render_template("privacy.html")


@pages.get("/tiep-can")
def accessibility() -> ResponseReturnValue:
    return render_template("accessibility.html")
