"""A poster for offices, bus stations and boards: a sheet of A4 whose square opens the form, about all or one topic."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from services.intake.door import STEPPED, the_door
from services.intake.web.form import topic_name
from services.intake.web.papers import qr_code
from shared.web import WebApp, gettext

pages = Blueprint("posters", __name__)


def add_to(app: WebApp) -> None:
    app.register_blueprint(pages)


@pages.get("/ap-phich")
def poster() -> ResponseReturnValue:
    """The sheet; with `linh-vuc` the form opens with that topic chosen."""
    door = the_door()
    topics = [one for one in door.catalogue.topics_on(door.today()) if one.kind not in STEPPED]
    chosen = next((one for one in topics if one.code == request.args.get("linh-vuc")), None)
    about = f"?linh-vuc={chosen.code}" if chosen else ""
    link = f"{door.settings.public_url}{url_for('filing.form')}{about}"
    return render_template(
        "office-poster.html",
        topics=[(one.code, topic_name(one)) for one in topics],
        chosen=chosen,
        topic=topic_name(chosen) if chosen else "",
        address=door.settings.public_url.split("://")[-1],
        qr=qr_code(link, gettext("Mã QR mở trang gửi phản ánh")),
    )
