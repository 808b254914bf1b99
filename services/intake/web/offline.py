"""Without a network: a small worker in the browser keeps the empty form, and a page that says what to do.

Nothing of anybody is ever kept by it: it asks for both without cookies, and no other page is held.
"""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from flask import Blueprint, Response, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from services.intake.domain.petition import LANGUAGES
from services.intake.door import the_door
from services.intake.web.filing import empty_form
from shared.web import WebApp, current_language
from shared.web.app import KIT

ASSETS = (
    "css/app.css",
    "intake/door.css",
    "js/app.js",
    "intake/door.js",
    "js/photos.js",
    "intake/files.js",
    "intake/place.js",
    "intake/pow.js",
    "intake/topics.js",
    "img/emblem.svg",
    "fonts/be-vietnam-pro-400.woff2",
    "fonts/be-vietnam-pro-600.woff2",
)
"""What the form needs besides itself."""

pages = Blueprint("offline", __name__)


def add_to(app: WebApp) -> None:
    texts = sorted([*KIT.glob("templates/*.html"), *app.folder.glob("templates/*.html"), *app.folder.glob("**/en.po")])
    app.extensions["offline"] = sha256(b"".join(map(Path.read_bytes, texts))).hexdigest()
    app.register_blueprint(pages)


@pages.get("/gui/trong")
def form() -> ResponseReturnValue:
    """The form without anybody's words."""
    return empty_form()


@pages.get("/ngoai-mang")
def page() -> ResponseReturnValue:
    return render_template("offline.html")


@pages.get("/sw.js")
def worker() -> ResponseReturnValue:
    """The worker: another one as soon as the pages, what they offer, or anything that they need changes."""
    door, asked = the_door(), request.args.get("l", "")  # of the page, which the browser alone does not tell here
    language = asked if asked in LANGUAGES else current_language()
    asset: Callable[[str], str] = current_app.jinja_env.globals["asset"]  # type: ignore[assignment]
    own = [url_for("offline.form", lang=language), url_for("offline.page", lang=language)]
    needed, today = [asset(one) for one in ASSETS], door.today()
    offered = repr((door.catalogue.topics_on(today), door.catalogue.wards_on(today), door.catalogue.roads))
    build = sha256("".join([*own, *needed, offered, current_app.extensions["offline"]]).encode()).hexdigest()[:10]
    return Response(
        render_template("sw.js", build=build, own=own, needed=needed), content_type="text/javascript; charset=utf-8"
    )
