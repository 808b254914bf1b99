"""A small application on the web kit: every part once, for the tests of the kit."""

from datetime import UTC, datetime
from typing import Any

from flask import abort, render_template, request
from wtforms import (
    BooleanField,
    DateField,
    MultipleFileField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional

from shared.settings import Settings
from shared.web import Form, WebApp, cacheable, lazy, make_app, ngettext, private

LEVELS = ((5, "Rất hài lòng"), (4, "Hài lòng"), (3, "Bình thường"), (2, "Không hài lòng"), (1, "Rất không hài lòng"))
DAYS = (
    ("got", "20", "ngày gửi, không tính"),
    ("rest", "21", "nghỉ"),
    ("rest", "22", "nghỉ"),
    ("hold", "23", "chờ bạn trả lời"),
    ("used", "24", ""),
    ("today", "25", "hôm nay"),
    ("", "26", ""),
    ("due", "27", "hạn trả lời"),
)
AT = datetime(2026, 11, 20, 0, 42, tzinfo=UTC)


class TooLate(Exception):
    """The sample's own refusal."""


class Report(Form):
    kind = RadioField(
        lazy("Bạn muốn gửi loại nào?"),
        [InputRequired(lazy("Hãy chọn loại bạn muốn gửi"))],
        choices=[("report", "Phản ánh sự cố"), ("denunciation", "Tố cáo")],
    )
    topic = SelectField("Lĩnh vực", [InputRequired()], choices=[("", "— Chọn —"), ("C01", "Ổ gà, hư hỏng mặt đường")])
    description = TextAreaField(
        lazy("Chuyện gì đã xảy ra?"), [InputRequired(), Length(20, 2000)], description="Lúc nào, nguy hiểm ra sao."
    )
    photos = MultipleFileField("Ảnh", description="Tối đa 4 ảnh.")
    location = StringField("Địa điểm", [InputRequired("Hãy nhập địa điểm"), Length(max=200)])
    on = DateField("Ngày xảy ra", [Optional()], format="%d/%m/%Y")
    code = StringField("Mã theo dõi", [Optional()])
    secret = PasswordField("Mật khẩu", [Optional()])
    overall = RadioField("Nhìn chung, bạn hài lòng mức nào?", [Optional()], choices=LEVELS)
    consent = BooleanField("Tôi đã đọc cách cơ quan dùng thông tin này.", [InputRequired("Hãy xác nhận bạn đã đọc")])


def make_sample(settings: Settings, *, is_staff: bool = False) -> WebApp:
    """The sample application, of citizens or of staff."""
    app = make_app(__name__, settings, is_staff=is_staff, openapi="" if is_staff else "/api/v1/openapi.json")
    app.refuses(TooLate, 409, words=lazy("Quá muộn rồi"))

    @app.route("/form", methods=["GET", "POST"])
    def form() -> Any:
        sent = Report.sent()
        if sent.is_good():
            return {"description": sent.description.data, "secret": sent.secret.data}
        return render_template("parts.html", f=sent, wrong=sent.wrong, days=DAYS, at=AT), 422 if sent.wrong else 200

    @app.get("/desk")
    def desk() -> str:
        return render_template("rows.html", at=AT)

    @app.get("/count/<int:n>")
    def count(n: int) -> str:
        return ngettext("%(num)s hồ sơ", "%(num)s hồ sơ", n)

    @app.get("/mine")
    @private
    def mine() -> str:
        return "riêng"

    @app.get("/figures")
    @cacheable(300)
    def figures() -> str:
        return "93,1%"

    @app.route("/broken", methods=["GET", "POST"])
    def broken() -> str:
        raise RuntimeError("a secret of ours")

    @app.post("/late")
    def late() -> str:
        raise TooLate

    @app.get("/api/v1/late")
    def api_late() -> str:
        raise TooLate

    @app.get("/gone")
    def gone() -> str:
        abort(404, description="Không có hồ sơ nào với mã này")

    @app.post("/often")
    @app.limit("2 per minute")
    def often() -> str:
        return "được"

    @app.get("/address")
    def address() -> str:
        return request.remote_addr or ""

    return app
