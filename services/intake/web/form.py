"""The forms as pages show them. What may be typed is decided by the domain; here are labels, hints and the order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, HiddenField, MultipleFileField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from services.intake.catalogue import OFFERED, Catalogue, Topic
from services.intake.domain.petition import CONSENTS, LIMITS, PARTIES, Wrong
from services.intake.door import the_door
from services.intake.story import PartSeen
from services.intake.tiles import Tiles
from services.intake.web.asked import as_typed, is_answer, typed_answers, with_questions
from services.intake.words import SCORES, wrong_words
from shared.config import valid_on
from shared.questions import Question
from shared.web import Form, allow_pictures, current_language, gettext, lazy

KINDS = {
    "report": (lazy("Phản ánh"), lazy("Đường hỏng, đèn tắt, xe bỏ chuyến, công trình gây nguy hiểm")),
    "proposal": (lazy("Kiến nghị"), lazy("Đề xuất về hạ tầng, tuyến xe, quy định")),
    "procedure_feedback": (lazy("Hồ sơ, thủ tục"), lazy("Hồ sơ trễ hạn, giấy tờ ngoài quy định, thái độ phục vụ")),
    "complaint": (lazy("Khiếu nại"), lazy("Một quyết định, hành vi hành chính xâm phạm quyền của bạn")),
    "denunciation": (lazy("Tố cáo"), lazy("Hành vi vi phạm pháp luật; chúng tôi giữ kín bạn là ai")),
}
SIGNATURES = {
    "none": lazy("Không có chữ ký"),
    "in_person": lazy("Công dân ký trước mặt tôi"),
    "scanned": lazy("Đơn đã ký, có bản quét kèm theo"),
}
SIGNING = {
    "scanned": lazy("Gửi ngay ảnh chụp hoặc bản quét đơn đã ký"),
    "digital": lazy("Gửi ngay tệp PDF đã ký số"),
    "office": lazy("Đến trụ sở ký"),
    "post": lazy("Ký rồi gửi bưu điện, hoặc tải lên sau ở trang theo dõi"),
    "unsigned": lazy("Không ký: gửi như một nguồn tin"),
}
"""How a citizen signs what the law wants signed."""
WANTED = {"place": lazy("địa điểm"), "files": lazy("ảnh hoặc tệp"), "phone": lazy("số điện thoại để hỏi lại")}
"""What a petition may still lack, in words."""

SIGNED = ("complaint", "denunciation")
TYPED = (
    "kind",
    "topic",
    "text",
    "place",
    "road",
    "km",
    "ward",
    "lat",
    "lng",
    "acc",
    "party",
    "organisation",
    "name",
    "phone",
    "email",
    "address",
    *CONSENTS,
    "procedure",
    "publication",
    "via",
    "signature",
    "arrived_on",
    "late_ground",
)
"""Fields whose words a draft keeps."""


COMMENT = ("text", "party", "name", "phone", "email", "sms")
"""Fields of a comment on a draft."""


@dataclass(frozen=True)
class Mapped:
    """Where positions may lie, and whose tiles show it."""

    bounds: str  # south, north, west, east
    tiles: Tiles | None


class PetitionForm(Form):
    """One page: what, where, who."""

    kind = RadioField(lazy("Bạn muốn gửi việc gì?"), [InputRequired()])
    text = TextAreaField(
        lazy("Chuyện gì đã xảy ra?"),
        [InputRequired()],
        description=lazy(
            "Lúc nào, nguy hiểm ra sao, kéo dài bao lâu. Đừng ghi số căn cước hay thông tin của người khác."
        ),
    )
    topic = SelectField(lazy("Lĩnh vực"))
    q = StringField(lazy("Tìm lĩnh vực"), description=lazy("Gõ một từ, có dấu hay không dấu: ổ gà, xe buyt, đèn"))
    files = MultipleFileField(
        lazy("Ảnh hoặc tệp"),
        description=lazy("Nhiều nhất 4 tệp, mỗi tệp dưới 10 MB"),
    )
    place = StringField(lazy("Địa điểm"), description=lazy("Số nhà, tên đường, cột mốc hoặc bến xe"))
    road = StringField(lazy("Số đường"), description=lazy("Ví dụ QL1A, QL49A, ĐT10"))
    km = StringField(lazy("Cột km"), description=lazy("Ghi trên cột bên đường, ví dụ 824+300 hoặc 824,3"))
    ward = SelectField(lazy("Phường, xã"))
    lat, lng, acc = HiddenField(), HiddenField(), HiddenField()
    party = RadioField(lazy("Bạn gửi với tư cách"), [InputRequired()])
    organisation = StringField(lazy("Tên tổ chức"), description=lazy("Khi đó họ tên bên dưới là người để liên hệ"))
    name = StringField(lazy("Họ và tên"))
    phone = StringField(lazy("Số điện thoại"), description=lazy("4 số cuối dùng để xem kết quả"))
    email = StringField(lazy("Thư điện tử"), description=lazy("Kết quả được gửi đến đây"))
    address = StringField(lazy("Địa chỉ của bạn"), description=lazy("Bắt buộc khi khiếu nại; khi tố cáo thì tuỳ bạn"))
    sms = BooleanField(lazy("Nhắn tin cho tôi theo số điện thoại trên khi có tin mới về việc này"))
    survey = BooleanField(lazy("Có thể mời tôi trả lời một khảo sát ngắn sau khi xong"))
    publish = BooleanField(lazy("Có thể công bố bản tóm tắt việc này, không có tên, số điện thoại và ảnh của tôi"))
    procedure = HiddenField()  # the code of the one whose page they came from
    publication = HiddenField()  # the number of what the citizen read before
    website = StringField(lazy("Để trống ô này"))
    letter = MultipleFileField(
        lazy("Đơn đã ký"), description=lazy("Chụp rõ từng trang, thấy cả chữ ký; hoặc một tệp PDF. Nhiều nhất 4 tệp.")
    )
    # What only who files in a citizen's stead is asked.
    signature = RadioField(lazy("Chữ ký của công dân"))
    arrived_on = StringField(
        lazy("Ngày thư đến"), [InputRequired()], description=lazy("Thời hạn tính từ ngày này; không ghi ngày chưa tới")
    )
    late_ground = SelectField(lazy("Vì sao nhập sau ngày thư đến"))


class FollowForm(Form):
    """Code and digits."""

    code = StringField(lazy("Mã theo dõi"), [InputRequired()], description=lazy("Ví dụ 7K3M-9HDK"))
    digits = StringField(
        lazy("4 số cuối điện thoại, hoặc PIN"), [InputRequired()], description=lazy("PIN có trên biên nhận")
    )


class CommentForm(Form):
    """A comment on a draft, with a name or without."""

    text = TextAreaField(
        lazy("Góp ý của bạn"),
        [InputRequired()],
        description=lazy("Điều nào nên giữ, nên sửa, nên bỏ, và vì sao. Ghi số điều, khoản nếu có."),
    )
    party = RadioField(lazy("Bạn góp ý với tư cách"), [InputRequired()])
    name = StringField(lazy("Họ và tên, hoặc tên tổ chức"))
    phone = StringField(lazy("Số điện thoại"), description=lazy("4 số cuối dùng để xem câu trả lời"))
    email = StringField(lazy("Thư điện tử"), description=lazy("Câu trả lời được gửi đến đây"))
    sms = BooleanField(lazy("Nhắn tin cho tôi theo số điện thoại trên khi có tin mới về việc này"))
    website = StringField(lazy("Để trống ô này"))


class SupplementForm(Form):
    """Words and files added later."""

    text = TextAreaField(lazy("Điều bạn muốn nói thêm"))
    files = MultipleFileField(lazy("Ảnh hoặc tệp"), description=lazy("Nhiều nhất 4 tệp, mỗi tệp dưới 10 MB"))


class RegistrationForm(Form):
    """Who wants to come to a session, and what about."""

    name = StringField(lazy("Họ và tên"), [InputRequired()])
    phone = StringField(lazy("Số điện thoại"), description=lazy("Điện thoại hoặc thư điện tử: ghi ít nhất một"))
    email = StringField(lazy("Thư điện tử"), description=lazy("Thư mời có địa điểm và giờ được gửi đến đây"))
    question = TextAreaField(
        lazy("Bạn muốn hỏi điều gì?"),
        [InputRequired()],
        description=lazy("Người tiếp đọc trước để chuẩn bị. Đừng ghi số căn cước hay thông tin của người khác."),
    )
    petition_code = StringField(
        lazy("Mã hồ sơ đã gửi"), description=lazy("Nếu điều này đã có hồ sơ ở chỗ chúng tôi, ví dụ 7K3M-9HDK")
    )
    sms = BooleanField(lazy("Nhắn tin cho tôi theo số điện thoại trên về buổi này và việc được hứa tại đó"))
    website = StringField(lazy("Để trống ô này"))


class RateForm(Form):
    """One question, and words for who wants to say more."""

    score = RadioField(lazy("Nhìn chung, bạn hài lòng mức nào?"), [InputRequired()])
    words = TextAreaField(lazy("Bạn muốn nói thêm?"))


class ReopenForm(Form):
    """Why the answer did not solve it, and which one where there are several."""

    part = RadioField(lazy("Phần nào chưa được giải quyết?"), [InputRequired()])
    reason = TextAreaField(
        lazy("Điều gì chưa được giải quyết?"),
        [InputRequired()],
        description=lazy("Câu trả lời sai ở đâu, việc gì chưa làm, hiện nay ra sao."),
    )


class WithdrawForm(Form):
    """Why, for who wants to say."""

    reason = TextAreaField(lazy("Vì sao bạn rút?"))


class ContactForm(Form):
    """Where and of what one is told."""

    email = StringField(lazy("Thư điện tử"))
    phone = StringField(lazy("Số điện thoại"))
    sms = BooleanField(lazy("Nhắn tin cho tôi theo số điện thoại trên"))
    language = RadioField(lazy("Ngôn ngữ của tin"), [InputRequired()])
    progress = BooleanField(lazy("Tin tiến độ trong lúc chờ"))
    survey = BooleanField(lazy("Mời trả lời khảo sát sau khi xong"))


class CodeForm(Form):
    """Digits that came by SMS."""

    digits = StringField(lazy("Mã 6 số trong tin nhắn"), [InputRequired()])


class MineForm(Form):
    """An address."""

    address = StringField(
        lazy("Thư điện tử hoặc số di động"),
        [InputRequired()],
        description=lazy("Đúng địa chỉ bạn đã ghi khi gửi"),
    )


class DataForm(Form):
    """What is asked about one's own data."""

    right = RadioField(lazy("Bạn muốn gì?"), [InputRequired()])
    words = TextAreaField(
        lazy("Nói rõ hơn"), description=lazy("Điều gì sai và sửa thành gì. Khi xin xoá thì không bắt buộc.")
    )


class PromiseForm(Form):
    """Done or not, and words for who wants to say more."""

    is_done = RadioField(lazy("Việc đã được làm chưa?"), [InputRequired()])
    words = TextAreaField(lazy("Bạn muốn nói thêm?"))


def reopen_form(parts: Sequence[PartSeen], part: str = "", reason: str = "") -> ReopenForm:
    form = ReopenForm(MultiDict({"part": part, "reason": reason}))
    form.part.choices = [
        (str(one.case_id), gettext("Phần %(n)s: %(title)s", n=one.number, title=one.topic or one.label))
        for one in parts
    ]
    return form


def data_form(typed: Mapping[str, str] | None = None) -> DataForm:
    form = DataForm(MultiDict(typed or {}))
    form.right.choices = [
        ("correct", gettext("Sửa điều sai")),
        ("erase", gettext("Xoá tên, liên hệ và điều tôi viết")),
        ("other", gettext("Việc khác: hạn chế, phản đối, bản sao của bàn xử lý")),
    ]
    return form


def promise_form(is_done: str = "", words: str = "") -> PromiseForm:
    form = PromiseForm(MultiDict({"is_done": is_done, "words": words}))
    form.is_done.choices = [("yes", gettext("Đã làm")), ("no", gettext("Chưa làm, hoặc làm chưa xong"))]
    return form


def petition_form(
    catalogue: Catalogue,
    day: date,
    typed: Mapping[str, str],
    *,
    found: Sequence[Topic] = (),
    sought: str = "",
    questions: Sequence[Question] = (),
) -> PetitionForm:
    """The form with what was typed so far; `found` topics stand first in their list."""
    given = {"party": PARTIES[0], **typed, "q": sought}
    form = with_questions(PetitionForm, questions)(as_typed(questions, given))
    form.party.choices = [("individual", gettext("Cá nhân")), ("organisation", gettext("Tổ chức"))]
    form.kind.choices = [(kind, KINDS[kind][0]) for kind in OFFERED if kind in catalogue.kinds]
    form.topic.choices = _topic_choices(catalogue.topics_on(day), found)
    form.ward.choices = [("", gettext("— Không rõ —"))] + [
        (ward.code, f"{ward.name} ({ward.type_name})" if ward.type_name else ward.name)
        for ward in catalogue.wards_on(day)
    ]
    form.signature.choices = list(SIGNATURES.items())
    form.late_ground.choices = [("", gettext("— Nhập ngay trong ngày thư đến —"))] + [
        (ground.code, ground.name if current_language() == "vi" else ground.name_en)
        for ground in catalogue.late_grounds_on(day)
    ]
    for name in ("place", "road", "km", "organisation", "name", "phone", "email", "address"):
        form[name].flags.maxlength = LIMITS[name]
    form.kind.flags.secret = " ".join([*SIGNED, *(one.code for one in catalogue.topics_on(day) if one.restricted)])
    form.road.flags.options = tuple(road.code for road in valid_on(catalogue.roads, day))
    form.files.errors = []
    form.letter.errors = []
    return form


def comment_form(typed: Mapping[str, str]) -> CommentForm:
    form = CommentForm(MultiDict({"party": PARTIES[0], **typed}))
    form.party.choices = [("individual", gettext("Cá nhân")), ("organisation", gettext("Tổ chức"))]
    for name in ("name", "phone", "email"):
        form[name].flags.maxlength = LIMITS[name]
    return form


def rate_form(typed: Mapping[str, str]) -> RateForm:
    form = RateForm(MultiDict(typed))
    form.score.choices = [(str(value), gettext(said)) for value, said in SCORES.items()]
    return form


def mark(form: Form, wrong: Iterable[Wrong], **elsewhere: str) -> None:
    """Put each reason at its field; `elsewhere` names the field on the page where it has another one."""
    for one in wrong:
        field = form[elsewhere.get(one.field, one.field)]
        said = wrong_words(one)
        if is_answer(one.field) and one.problem == "missing":  # many look alike: name the question
            said = gettext("Hãy trả lời: %(question)s", question=field.label.text)
        elif isinstance(form, CommentForm) and (one.field, one.problem) == ("text", "missing"):
            said = gettext("Hãy viết góp ý của bạn")
        field.errors = [*field.errors, said]


def typed_words() -> dict[str, str]:
    """What was typed into the petition form, as it came."""
    return {name: request.form[name] for name in TYPED if request.form.get(name)} | typed_answers()


def place_map() -> Mapped:
    """What the place on a form knows of maps. Where there is one, its page may show the pictures of the tile server."""
    door = the_door()
    if door.tiles is not None and door.tiles.origin:
        allow_pictures(door.tiles.origin)
    bounds = door.catalogue.bounds or (-90.0, 90.0, -180.0, 180.0)
    return Mapped(",".join(map(str, bounds)), door.tiles)


def position_words(position: str, accuracy: str | None) -> str:
    """That a position was given, and how exactly a telephone knew it."""
    if accuracy and accuracy.isdecimal() and len(accuracy) < 6:
        return gettext("Đã ghi vị trí %(at)s, sai số khoảng %(n)s m", at=position.replace(",", ", "), n=accuracy)
    return gettext("Đã ghi vị trí %(at)s", at=position.replace(",", ", "))


def topic_name(topic: Topic) -> str:
    return topic.name_en if current_language() == "en" else topic.name


def _topic_choices(topics: Sequence[Topic], found: Sequence[Topic]) -> Any:
    first = ("", gettext("Để chúng tôi xếp giúp"))
    every = [(topic.code, topic_name(topic)) for topic in topics]
    if not found:
        return [first, *every]
    best = [(topic.code, topic_name(topic)) for topic in found]
    others = [one for one in every if one not in best]
    return {gettext("Khớp nhất"): best, gettext("Lĩnh vực khác"): [first, *others]}
