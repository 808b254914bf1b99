"""The page for those who write programs: what there is, within which limits, and how to get a key."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from services.intake.domain.open311 import DESCRIPTION_AT_MOST, ROWS_AT_MOST, SPAN_AT_MOST
from services.intake.door import the_door
from shared.web import WebApp, cacheable, gettext

pages = Blueprint("developers", __name__)


def add_to(app: WebApp) -> None:
    app.register_blueprint(pages)


@pages.get("/open311")
@cacheable(300)
def page() -> ResponseReturnValue:
    where = the_door().settings.public_url
    calls = (
        ("GET", "/discovery.xml", gettext("Có những địa chỉ nào")),
        ("GET", "/services.xml", gettext("Có những loại việc nào")),
        ("GET", "/services/C01.xml", gettext("Một loại việc hỏi thêm gì")),
        ("POST", "/requests.xml", gettext("Gửi một việc, cần api_key")),
        ("GET", "/requests/7K3M-9HDK.xml", gettext("Một việc đang ở đâu")),
        ("GET", "/requests.xml", gettext("Danh sách việc trong 90 ngày")),
    )
    return render_template(
        "developers.html",
        production=f"{where}/open311/v2",
        test=f"{where}/open311/test/v2",
        calls=calls,
        days=SPAN_AT_MOST.days,
        rows=ROWS_AT_MOST,
        characters=DESCRIPTION_AT_MOST,
    )
