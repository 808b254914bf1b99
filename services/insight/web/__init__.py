"""The public pages: how we answered, for everybody, without a name of anybody."""

from flask import Response, abort, jsonify, render_template, request

from services.insight import store
from services.insight.domain.periods import NAMES, TWELVE_MONTHS
from services.insight.web import drawings, export, findings, rounds
from services.insight.web.asked import Questionnaire
from services.insight.web.gallery import Gallery
from services.insight.web.names import Names
from services.insight.web.picture import Picture, look
from shared.db import Database
from shared.settings import Settings
from shared.web import WebApp, cacheable, lazy, make_app

PERIODS = (
    ("thang", lazy("Tháng này")),
    ("quy", lazy("Quý này")),
    ("nam", lazy("Năm nay")),
    ("12-thang", lazy("12 tháng")),
)
ENDINGS = (
    ("answered", lazy("đã trả lời")),
    ("open", lazy("đang giải quyết")),
    ("transferred", lazy("chuyển cơ quan khác")),
    ("refused", lazy("không thụ lý, có nêu lý do")),
    ("linked", lazy("trùng, gộp vào hồ sơ khác")),
    ("split", lazy("tách thành nhiều hồ sơ")),
    ("withdrawn", lazy("người gửi rút lại")),
)
FRESH_S = 60  # how long others may keep a page


def make_pages(settings: Settings, database: Database, names: Names, questionnaire: Questionnaire) -> WebApp:
    """The web application of the mirror. It reads and never writes."""
    app = make_app(__name__, settings)
    gallery = Gallery(lambda name: _picture(database, name))
    app.ready_check("database", lambda: _touch(database))

    def asked() -> Picture:
        name = request.args.get("ky", "")
        return gallery.show(name if name in NAMES else TWELVE_MONTHS)

    @app.get("/so-lieu")
    @cacheable(FRESH_S)
    def figures() -> str:
        picture = asked()
        return render_template(
            "so-lieu.html",
            now=picture,
            periods=PERIODS,
            endings=ENDINGS,
            find=findings,
            people=drawings.people(picture),
            charts=drawings.all_charts(picture, names),
        )

    @app.get("/so-lieu/cach-tinh")
    @cacheable(FRESH_S)
    def method() -> str:
        return render_template("cach-tinh.html")

    rounds.add_to(app, database, questionnaire)

    @app.get("/so-lieu/<which>.csv")
    @cacheable(FRESH_S)
    def sheet(which: str) -> Response:
        picture = asked()
        try:
            head, rows = export.table(picture, names, which)
        except KeyError:
            abort(404)
        name = f"{which}-{picture.period.first_day}-{picture.period.last_day}.csv"
        response = Response(export.as_csv(head, rows), content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    @app.get("/so-lieu/so-lieu.json")
    @cacheable(FRESH_S)
    def numbers() -> Response:
        return jsonify(export.as_json(asked()))

    return app


def _picture(database: Database, name: str) -> Picture:
    with database.reading() as tx:
        return look(tx, name)


def _touch(database: Database) -> None:
    with database.reading() as tx:
        store.latest_event(tx)
