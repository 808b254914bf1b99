"""What the door says to citizens, on pages and in problem documents: in Vietnamese, which the catalogue turns into
English.

Every refusal says what to do next.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from services.intake.domain.petition import Wrong
from services.intake.store import Entry, Notice, Opening
from shared.web import gettext, ngettext
from shared.web.i18n import day, instant, num, weekday_day


def N_(words: str) -> str:
    """Words for the catalogue that are looked up there when they are said."""
    return words


_FIELDS: Mapping[tuple[str, str], str] = {
    ("kind", "missing"): N_("Hãy chọn loại việc bạn muốn gửi"),
    ("kind", "not_a_choice"): N_("Hãy chọn một loại việc trong danh sách"),
    ("topic", "not_a_choice"): N_("Hãy chọn một lĩnh vực trong danh sách, hoặc để chúng tôi xếp giúp"),
    ("ward", "not_a_choice"): N_("Hãy chọn một phường, xã trong danh sách, hoặc để trống"),
    ("text", "missing"): N_("Hãy viết chuyện gì đã xảy ra"),
    ("text", "too_short"): N_("Hãy viết rõ hơn, ít nhất %(limit)s ký tự, để chúng tôi hiểu cần làm gì"),
    ("text", "too_long"): N_(
        "Nội dung dài hơn %(limit)s ký tự: hãy bớt %(given)s ký tự, hoặc gửi phần còn lại bằng tệp PDF"
    ),
    ("signature", "not_a_choice"): N_("Hãy chọn chữ ký như đơn đang có; cách gửi này không nhận cách ký đó"),
    ("files", "scan_missing"): N_("Hãy kèm bản quét của đơn đã ký, hoặc chọn “Không có chữ ký”"),
    ("signature", "missing"): N_("Hãy chọn bạn ký đơn thế nào"),
    ("letter", "letter_missing"): N_("Hãy chọn ảnh chụp hoặc tệp của đơn đã ký, hoặc chọn cách ký khác"),
    ("letter", "no_digital_signature"): N_(
        "Không thấy chữ ký số trong tệp PDF này. Hãy gửi tệp đã ký số, hoặc chọn “ảnh chụp hoặc bản quét”"
    ),
    ("organisation", "missing"): N_("Hãy nhập tên tổ chức, hoặc chọn “Cá nhân”"),
    ("arrived_on", "missing"): N_("Hãy ghi ngày thư đến"),
    ("arrived_on", "not_a_day"): N_("Hãy nhập ngày theo dạng ngày/tháng/năm, ví dụ 23/11/2026"),
    ("arrived_on", "to_come"): N_("Ngày thư đến chưa tới"),
    ("arrived_on", "too_old"): N_(
        "Thư đến quá %(limit)s ngày trước thì không nhập lùi ngày ở đây: hãy báo Văn phòng bằng văn bản"
    ),
    ("late_ground", "missing"): N_("Hãy chọn vì sao nhập sau ngày thư đến"),
    ("place", "too_long"): N_("Địa điểm dài hơn %(limit)s ký tự: hãy ghi ngắn lại"),
    ("road", "not_a_road"): N_("Hãy ghi số đường như QL1A, QL49A hoặc ĐT10; đường phố thì ghi vào ô Địa điểm"),
    ("road", "needed_for_post"): N_("Hãy ghi số đường đi cùng cột km, ví dụ QL1A"),
    ("km", "not_a_post"): N_("Hãy ghi cột km như 824+300 hoặc 824,3; điều khác thì ghi vào ô Địa điểm"),
    ("km", "off_the_road"): N_("Đường này qua địa bàn ở %(given)s. Hãy xem lại cột km, hoặc để trống"),
    ("digits", "wrong_code"): N_("Mã không đúng. Hãy xem lại tin nhắn mới nhất; sau 5 lần sai phải xin mã khác"),
    ("address", "not_an_address"): N_("Hãy ghi một thư điện tử hoặc một số di động, ví dụ 0905 123 456"),
    ("address", "takes_no_sms"): N_("Số này không nhận được tin nhắn. Hãy ghi số di động hoặc thư điện tử"),
    ("right", "missing"): N_("Hãy chọn điều bạn muốn"),
    ("words", "missing"): N_("Hãy nói rõ điều gì sai, hoặc bạn muốn gì"),
    ("language", "missing"): N_("Hãy chọn một ngôn ngữ"),
    ("phone", "not_a_phone"): N_("Hãy kiểm tra số điện thoại, ví dụ 0905 123 456"),
    ("phone", "old_prefix"): N_("Đầu số này đã đổi năm 2018. Có phải số của bạn nay là %(given)s?"),
    ("phone", "needed_for_sms"): N_("Hãy nhập số điện thoại để nhận tin nhắn, hoặc bỏ chọn ô nhận tin nhắn"),
    ("phone", "takes_no_sms"): N_(
        "Số này không nhận được tin nhắn của chúng tôi. Hãy nhập số di động Việt Nam, hoặc bỏ chọn ô nhận tin nhắn"
    ),
    ("phone", "told_often"): N_(
        "Số này đã được báo nhiều lần hôm nay. Hãy bỏ chọn ô nhắn tin để theo dõi bằng mã, hoặc thử lại ngày mai"
    ),
    ("email", "told_often"): N_(
        "Địa chỉ này đã được báo nhiều lần hôm nay. Hãy để trống để theo dõi bằng mã, hoặc thử lại ngày mai"
    ),
    ("email", "not_an_email"): N_("Hãy kiểm tra địa chỉ thư điện tử, ví dụ ten@example.vn"),
    ("name", "needed_by_law"): N_("Hãy nhập họ tên: luật yêu cầu người khiếu nại ghi rõ tên"),
    ("address", "needed_by_law"): N_("Hãy nhập địa chỉ: luật yêu cầu người khiếu nại ghi rõ địa chỉ"),
    ("position", "not_a_position"): N_("Không đọc được vị trí. Hãy ghi địa điểm bằng chữ thay cho vị trí"),
    ("position", "outside"): N_("Vị trí này ở ngoài địa bàn của chúng tôi. Hãy ghi địa điểm bằng chữ thay cho vị trí"),
    ("website", "filled"): N_("Hãy để trống ô này rồi gửi lại: ô này chỉ để chặn máy gửi thư rác"),
    ("score", "missing"): N_("Hãy chọn một mức từ 1 đến 5"),
    ("words", "too_long"): N_("Lời nhắn dài hơn %(limit)s ký tự: hãy bớt %(given)s ký tự"),
    ("supplement", "missing"): N_("Hãy viết câu trả lời, hoặc gửi ít nhất một tệp"),
    ("supplement", "too_long"): N_("Nội dung dài hơn %(limit)s ký tự: hãy bớt %(given)s ký tự"),
    ("reason", "missing"): N_("Hãy viết điều gì chưa được giải quyết"),
    ("reason", "too_short"): N_("Hãy viết rõ hơn, ít nhất %(limit)s ký tự: điều gì chưa được giải quyết"),
    ("part", "missing"): N_("Hãy chọn phần chưa được giải quyết"),
    ("items", "missing"): N_("Hãy trả lời ít nhất một câu"),
    ("N1", "too_many"): N_("Hãy chọn nhiều nhất %(limit)s việc: hãy bỏ bớt"),
    ("is_done", "missing"): N_("Hãy chọn đã làm hay chưa làm"),
    ("petition_code", "mistyped"): N_(
        "Mã này gõ chưa đúng: mã có 8 chữ và số, ví dụ 7K3M-9HDK. Hãy nhìn lại biên nhận, hoặc để trống"
    ),
    ("name", "missing"): N_("Hãy nhập họ tên, để chúng tôi mời bạn đúng lượt"),
    ("phone", "one_of_two"): N_("Hãy nhập số điện thoại hoặc thư điện tử, để chúng tôi báo khi buổi này đổi giờ"),
    ("question", "missing"): N_("Hãy viết điều bạn muốn hỏi, để người tiếp chuẩn bị trước"),
    ("question", "too_short"): N_("Hãy viết rõ hơn, ít nhất %(limit)s ký tự, để người tiếp chuẩn bị trước"),
    ("code", "mistyped"): N_(
        "Mã này gõ chưa đúng: mã có 8 chữ và số, ví dụ 7K3M-9HDK, không có 0, 1, O, I. Hãy nhìn lại biên nhận hoặc "
        "tin nhắn"
    ),
    ("digits", "missing"): N_("Hãy nhập 4 số cuối điện thoại bạn đã ghi, hoặc 6 số PIN trên biên nhận"),
    ("code", "not_found"): N_(
        "Mã và số không khớp nhau. Hãy xem lại từng chữ; số là 4 số cuối điện thoại bạn đã ghi khi gửi, hoặc PIN "
        "trên biên nhận"
    ),
    ("code", "too_many"): N_(
        "Mã này đã bị thử sai nhiều lần nên tạm khoá một giờ. Hãy thử lại sau, hoặc mở bằng đường dẫn trong tin nhắn"
    ),
}
_ANY_FIELD: Mapping[str, str] = {
    "missing": N_("Hãy điền mục này"),
    "not_a_choice": N_("Hãy chọn trong danh sách"),
    "too_short": N_("Hãy viết ít nhất %(limit)s ký tự"),
    "too_long": N_("Mục này dài hơn %(limit)s ký tự: hãy bớt %(given)s ký tự"),
    "not_a_number": N_("Hãy nhập một con số, ví dụ 20 hoặc 1,5"),
    "too_little": N_("Số này nhỏ quá: hãy nhập từ %(given)s trở lên"),
    "too_much": N_("Số này lớn quá: hãy nhập nhiều nhất %(given)s"),
    "not_a_day": N_("Hãy nhập ngày theo dạng ngày/tháng/năm, ví dụ 23/11/2026"),
    "to_come": N_("Ngày này chưa tới: hãy nhập ngày đã qua"),
    "line_break": N_("Mục này chỉ được một dòng: hãy bỏ dấu xuống dòng"),
    "hidden_characters": N_(
        "Mục này có ký tự ẩn không hiện được trên màn hình. Hãy xoá và gõ lại, đừng dán từ nơi khác"
    ),
    "needed_by_law": N_("Hãy điền mục này: luật yêu cầu"),
    "wrong_type": N_("Mục này phải là chuỗi chữ, hoặc số với lat và lng"),
    "not_answers": N_("Mục này phải là một đối tượng: mã câu hỏi và câu trả lời"),
    "unknown_field": N_("Không có mục nào tên như vậy"),
}
_FILES: Mapping[str, str] = {
    "file_empty": N_("Tệp %(name)s không có gì bên trong. Hãy chọn tệp khác"),
    "file_too_large": N_(
        "Tệp %(name)s lớn hơn 10 MB. Hãy chọn tệp nhỏ hơn, hoặc chụp màn hình tấm ảnh rồi gửi ảnh chụp"
    ),
    "file_type": N_(
        "Tệp %(name)s không phải ảnh (JPG, PNG, WebP, HEIC), PDF, Word (.docx), Excel (.xlsx) hay LibreOffice. Hãy "
        "chọn tệp dạng khác"
    ),
    "office_locked": N_(
        "Tệp %(name)s có mật khẩu, hoặc là Word, Excel đời cũ (.doc, .xls). Hãy bỏ mật khẩu, lưu lại thành .docx, "
        ".xlsx hoặc PDF"
    ),
    "office_active": N_(
        "Tệp %(name)s có macro, đối tượng nhúng hoặc phần lấy từ nơi khác khi mở. Hãy lưu thành PDF rồi gửi lại"
    ),
    "office_broken": N_("Không mở được tệp %(name)s. Hãy mở tệp, lưu lại hoặc lưu thành PDF rồi gửi lại"),
    "office_too_large": N_("Tệp %(name)s nén quá nhiều dữ liệu bên trong. Hãy lưu thành PDF rồi gửi lại"),
    "file_infected": N_("Tệp %(name)s có mã độc nên không nhận được. Hãy gửi tệp khác, hoặc chụp ảnh tờ giấy"),
    "picture_too_large": N_("Ảnh %(name)s có quá nhiều điểm ảnh (trên 60 triệu). Hãy gửi ảnh nhỏ hơn"),
    "picture_broken": N_("Không mở được ảnh %(name)s, có thể ảnh bị hỏng. Hãy chụp lại hoặc chọn ảnh khác"),
    "pdf_locked": N_("Tệp %(name)s đang khoá bằng mật khẩu. Hãy bỏ mật khẩu rồi gửi lại"),
    "pdf_broken": N_("Không mở được tệp PDF %(name)s. Hãy xuất lại tệp PDF, hoặc chụp ảnh từng trang"),
    "pdf_active": N_(
        "Tệp PDF %(name)s có mã chạy hoặc tệp đính kèm bên trong. Hãy in lại thành PDF thường, hoặc chụp ảnh từng trang"
    ),
    "too_many_files": N_("Bạn gửi được nhiều nhất %(limit)s tệp. Hãy bỏ bớt"),
    "file_gone": N_("Tệp đã gửi trước đó không còn. Hãy chọn lại tệp"),
}


def wrong_words(wrong: Wrong) -> str:
    """Why a field was refused and what to do."""
    values = {"limit": num(wrong.limit) if wrong.limit is not None else "", "given": wrong.given, "name": wrong.given}
    if wrong.problem in _FILES:
        return gettext(_FILES[wrong.problem], **values)
    words = _FIELDS.get((wrong.field, wrong.problem)) or _ANY_FIELD[wrong.problem]
    return gettext(words, **values)


STAGES: Mapping[str, str] = {
    "received": N_("Đã tiếp nhận"),
    "in_triage": N_("Đang xem xét"),
    "waiting": N_("Cần bổ sung"),
    "assigned": N_("Đang xem xét"),
    "in_progress": N_("Đang xử lý"),
    "paused": N_("Tạm dừng"),
    "drafted": N_("Đang xử lý"),
    "approved": N_("Đang xử lý"),
    "answered": N_("Đã có kết quả"),
    "reopened": N_("Đang xử lý lại"),
    "closed": N_("Đã đóng"),
    "transferred": N_("Đã chuyển cơ quan khác"),
    "linked": N_("Đang xử lý cùng một việc đã báo"),
    "split": N_("Đã tách thành từng việc"),
    "refused": N_("Không thụ lý"),
    "withdrawn": N_("Đã rút"),
    "quarantined": N_("Không tiếp nhận"),
}
"""The citizen's word for each stage."""

_GROUNDS: Mapping[str, str] = {
    "waiting_for_citizen": N_("chờ bạn trả lời"),
    "expert_opinion": N_("chờ ý kiến chuyên môn"),
    "suspension": N_("tạm đình chỉ theo luật"),
    "expert_answered": N_("đã có ý kiến chuyên môn"),
    "expert_wait_over": N_("hết thời gian chờ ý kiến chuyên môn"),
    "citizen_replied": N_("bạn đã trả lời"),
    "wait_is_over": N_("hết thời gian chờ"),
}
_OUTCOMES: Mapping[str, str] = {
    "done": N_("Đã làm xong"),
    "scheduled": N_("Đã có lịch thực hiện"),
    "explained": N_("Đã giải thích"),
    "taken_up": N_("Đã tiếp thu"),
    "not_competent": N_("Không thuộc thẩm quyền của chúng tôi"),
}
_REFUSALS: Mapping[str, str] = {
    "no_signature": N_("đơn chưa có chữ ký"),
    "out_of_time": N_("đã quá thời hiệu"),
    "answered_before": N_("đã được trả lời bằng văn bản, không có tình tiết mới"),
    "not_own_interest": N_("không liên quan trực tiếp đến quyền lợi của người gửi"),
    "spam": N_("không phải phản ánh, kiến nghị"),
}
_ROLES: Mapping[str, str] = {
    "officer": N_("Người xử lý"),
    "head": N_("Lãnh đạo phòng"),
    "office": N_("Cán bộ đầu mối"),
    "auditor": N_("Kiểm tra viên"),
    "director": N_("Lãnh đạo cơ quan"),
    "admin": N_("Người quản trị"),
}
_PURPOSES: Mapping[str, str] = {
    "assigned_case": N_("xử lý hồ sơ"),
    "approval": N_("duyệt trả lời"),
    "supervision": N_("theo dõi, đôn đốc"),
    "contribution": N_("phối hợp xử lý"),
    "complaint": N_("giải quyết khiếu nại"),
    "audit": N_("kiểm tra"),
    "legal_order": N_("theo yêu cầu của pháp luật"),
    "site_visit": N_("hẹn kiểm tra tại chỗ"),
    "ask_more": N_("hỏi thêm thông tin"),
    "verify_conditions": N_("xác minh điều kiện thụ lý"),
    "contact_sender": N_("liên hệ người gửi"),
    "protect_sender": N_("bảo vệ người gửi"),
    "redact": N_("che thông tin người gửi"),
    "transfer": N_("chuyển cơ quan có thẩm quyền"),
    "reception": N_("tổ chức tiếp công dân"),
}
_READ: Mapping[str, str] = {
    "identity": N_("xem tên và liên hệ của bạn"),
    "attachment": N_("mở tệp bạn gửi"),
    "letter": N_("mở văn bản gửi bạn"),
    "export": N_("xuất hồ sơ"),
}
_CHANNELS: Mapping[str, str] = {"email": N_("Thư điện tử"), "sms": N_("Tin nhắn"), "letter": N_("Thư giấy")}
_NOTICES: Mapping[str, str] = {
    "accepted": N_("đã gửi lúc %(at)s"),
    "delivered": N_("đã đến lúc %(at)s"),
    "failed": N_("không gửi được, lúc %(at)s"),
    "suppressed": N_("không gửi, lúc %(at)s"),
}
_PURPOSE_OF_NOTICE: Mapping[str, str] = {
    "filed": N_("báo đã nhận"),
    "contact": N_("xác nhận liên hệ"),
    "accepted": N_("báo đã nhận việc"),
    "refused": N_("báo không thụ lý"),
    "transferred": N_("báo đã chuyển"),
    "info_requested": N_("câu hỏi cho bạn"),
    "merged": N_("báo gộp với việc đã báo"),
    "unlinked": N_("báo xem xét riêng trở lại"),
    "split": N_("báo tách thành nhiều phần"),
    "progressed": N_("báo tiến độ"),
    "paused": N_("báo tạm dừng"),
    "resumed": N_("báo tiếp tục"),
    "extended": N_("báo dời hạn"),
    "rescheduled": N_("báo hạn tính lại"),
    "due_moved": N_("báo hạn tính lại"),
    "apologised": N_("thư xin lỗi"),
    "answered": N_("kết quả"),
    "rate": N_("mời chấm điểm"),
    "closed": N_("báo kết thúc"),
    "promise_asked": N_("hỏi việc đã hẹn"),
    "promise_moved": N_("báo dời ngày hẹn"),
    "reopened": N_("báo xử lý lại"),
    "reopening_refused": N_("báo giữ nguyên câu trả lời"),
    "survey_invited": N_("mời trả lời khảo sát"),
    "survey_reminded": N_("nhắc lời mời khảo sát"),
    "dialogue_set": N_("mời đối thoại"),
    "withdrawal_declined": N_("báo vẫn giải quyết tiếp"),
    "contact_check": N_("xác minh liên hệ"),
}
_DIALOGUE: Mapping[str, str] = {
    "invited": N_("Mời bạn đối thoại lúc %(at)s"),
    "changed": N_("Buổi đối thoại đã đổi, nay là lúc %(at)s"),
    "soon": N_("Nhắc bạn: đối thoại lúc %(at)s"),
    "called_off": N_("Không đối thoại lúc %(at)s như đã hẹn"),
}
_CAME: Mapping[str, str] = {
    "present": N_("Đã đối thoại với bạn"),
    "excused": N_("Bạn vắng có lý do; chúng tôi sẽ mời lại"),
    "absent": N_("Bạn vắng tại buổi đối thoại; việc giải quyết vẫn tiếp tục"),
}
SCORES: Mapping[int, str] = {
    5: N_("Rất hài lòng"),
    4: N_("Hài lòng"),
    3: N_("Bình thường"),
    2: N_("Không hài lòng"),
    1: N_("Rất không hài lòng"),
}


def outcome_words(outcome: str) -> str:
    """What kind of result an answer is."""
    return _said(_OUTCOMES, outcome)


def refusal_words(ground: str) -> str:
    """Why a petition was not accepted."""
    return _said(_REFUSALS, ground)


def role_words(role: str) -> str:
    return _said(_ROLES, role)


def purpose_words(purpose: str) -> str:
    return _said(_PURPOSES, purpose)


def opening_words(opening: Opening, unit: str) -> str:
    """Who opened it and what they looked at: "Người xử lý, Văn phòng Sở"."""
    who = ", ".join(part for part in (role_words(opening.role), unit) if part)
    return f"{who}: {_said(_READ, opening.kind)}" if opening.kind in _READ else who


def notice_words(notice: Notice, at: str) -> str:
    """What became of a message: "Tin nhắn (kết quả): đã đến lúc 08:16, 23/11"."""
    became = gettext(_NOTICES[notice.state], at=at)
    return f"{_said(_CHANNELS, notice.channel)} ({_said(_PURPOSE_OF_NOTICE, notice.purpose)}): {became}"


def entry_words(entry: Entry, unit_name: str) -> tuple[str, str]:
    """A line of the story and the sentence beneath it. Empty title: nothing the citizen needs to be told."""
    facts, words = entry.facts, entry.words
    match entry.what:
        case "opened":
            due = _day(facts, "due_on")
            if not due:
                return gettext("Đã vào sổ"), ""
            return gettext("Đã vào sổ, tính hạn trả lời"), gettext("Hạn trả lời: %(day)s", day=due)
        case "routed":
            return gettext("Đã chuyển đến %(unit)s", unit=unit_name), ""
        case "assigned":
            return gettext("Đã giao người xử lý"), ""
        case "accepted":
            return gettext("Đã nhận việc, bắt đầu xử lý"), ""
        case "refused" | "quarantined":
            reason = words.get("reason") or refusal_words(facts["ground"])
            title = gettext("Không thụ lý") if entry.what == "refused" else gettext("Không tiếp nhận")
            return title, reason
        case "transferred":
            return gettext("Đã chuyển đến %(unit)s", unit=facts["to_name"]), words.get("reason", "")
        case "merged":
            return gettext("Đã gộp theo dõi cùng một việc đã được báo"), gettext(
                "Bạn vẫn nhận kết quả theo mã của mình"
            )
        case "unlinked":
            due = _day(facts, "due_on")
            return gettext("Được xem xét riêng trở lại"), gettext("Hạn trả lời: %(day)s", day=due) if due else ""
        case "split":
            return (
                gettext("Đơn của bạn nói về %(n)s việc, nên được tách thành %(n)s phần", n=facts["count"]),
                gettext("Mỗi phần có nơi trả lời và hạn riêng, tính từ ngày bạn gửi. Mã của bạn giữ nguyên."),
            )
        case "asked":
            return gettext("Chúng tôi hỏi bạn, mong trả lời trước %(day)s", day=_day(facts, "reply_by")), words.get(
                "question", ""
            )
        case "supplemented":
            count = int(facts.get("files", 0))
            sent = ngettext("kèm %(num)s tệp", "kèm %(num)s tệp", count) if count else ""
            return gettext("Bạn đã bổ sung"), " ".join(
                part for part in (words.get("text", ""), f"({sent})" if sent else "") if part
            )
        case "progressed":
            return gettext("Tin từ người xử lý"), words.get("note", "")
        case "paused" if facts["ground"] != "waiting_for_citizen":  # that the question says already
            return gettext("Tạm dừng tính hạn"), _said(_GROUNDS, facts["ground"])
        case "clock_started":
            due = _day(facts, "due_on")
            return gettext("Đợt lấy ý kiến đã kết thúc, bắt đầu tính hạn trả lời"), (
                gettext("Hạn trả lời: %(day)s", day=due) if due else ""
            )
        case "resumed":
            due = _day(facts, "due_on")
            return gettext("Tiếp tục tính hạn"), gettext("Hạn mới: %(day)s", day=due) if due else _said(
                _GROUNDS, facts["ground"]
            )
        case "extended":
            title = gettext(
                "Dời hạn từ %(before)s sang %(day)s", before=_short(facts, "due_before"), day=_short(facts, "due_on")
            )
            return title, words.get("reason", "")
        case "rescheduled" if facts["is_announced"]:  # other days of ours are not the citizen's concern
            title = gettext(
                "Hạn trả lời tính lại: từ %(before)s thành %(day)s",
                before=_short(facts, "due_before"),
                day=_short(facts, "due_on"),
            )
            return title, gettext("Vì lịch nghỉ chính thức đã thay đổi")
        case "dialogue_invited":
            at = instant(datetime.fromisoformat(facts["starts_at"]))
            chair = gettext("Chủ trì: %(name)s", name=words["chair"]) if words.get("chair") else ""
            where = ["", ""] if facts["ground"] == "called_off" else [words.get("place", ""), chair]
            note = " · ".join(part for part in (*where, words.get("reason", "")) if part)
            title = _DIALOGUE[facts["ground"]]
            return gettext(title, at=at), note
        case "dialogue_held":
            return _said(_CAME, facts["petitioner"]), ""
        case "apologised":
            reason = " ".join(part for part in (words.get("reason", ""), words.get("signer", "")) if part)
            return gettext(
                "Chúng tôi xin lỗi vì chậm. Ngày trả lời mới, duy nhất: %(day)s", day=_day(facts, "due_on")
            ), reason
        case "overdue":
            return gettext("Đã quá hạn mà chưa trả lời bạn"), gettext("Người phụ trách đã được nhắc")
        case "escalated":
            return gettext("Đã báo lãnh đạo cơ quan vì quá hạn"), ""
        case "answered":
            late = "" if facts.get("is_on_time", True) else gettext("Trả lời sau hạn")
            title = gettext("Đã có kết quả: %(outcome)s", outcome=outcome_words(facts["outcome"]))
            if facts.get("corrects"):
                title = gettext("Đã trả lời lại: %(outcome)s", outcome=outcome_words(facts["outcome"]))
            return title, late
        case "handed_over":
            whom = gettext("Người được ủy quyền nhận") if facts["given_to"] == "delegate" else ""
            return gettext("Đã giao kết quả tại quầy, %(day)s", day=_short(facts, "given_on")), whom
        case "reopen_requested":
            return gettext("Bạn xin xem lại câu trả lời"), words.get("reason", "")
        case "reopened":
            due = _day(facts, "due_on")
            return gettext("Đang xử lý lại"), gettext("Hạn mới: %(day)s", day=due) if due else ""
        case "reopening_refused":
            return gettext("Câu trả lời được giữ nguyên"), words.get("reason", "")
        case "promise_asked":
            return gettext(
                "Chúng tôi hỏi bạn: việc hẹn ngày %(day)s đã được làm chưa?", day=_short(facts, "promised_on")
            ), ""
        case "promise_judged":
            said = gettext("Bạn nói: đã làm") if facts.get("is_done") else gettext("Bạn nói: chưa làm")
            return said, words.get("words", "")
        case "promise_kept" if facts.get("by") != "citizen":
            return gettext("Đơn vị báo: đã làm điều đã hẹn"), ""
        case "promise_broken" if facts.get("by") == "system":
            return gettext("Đã qua ngày hẹn mà việc chưa xong"), gettext("Người phụ trách đã được nhắc")
        case "promise_moved":
            return gettext("Dời ngày hẹn sang %(day)s", day=_day(facts, "moved_to")), words.get("reason", "")
        case "erased":
            return gettext("Đã xoá lời và danh tính của bạn theo yêu cầu"), gettext("Sổ vẫn còn dấu của hồ sơ.")
        case "contact_changed":
            return gettext("Bạn đổi liên hệ"), gettext("Tin mới được gửi đến địa chỉ mới.")
        case "withdrawal_asked":
            return gettext("Bạn xin rút hồ sơ"), words.get("reason", "")
        case "withdrawal_declined":
            return gettext("Hồ sơ vẫn được giải quyết tiếp"), words.get("reason", "")
        case "closed" if facts.get("outcome") == "withdrawn":
            return gettext("Đã rút hồ sơ"), ""
        case "closed":
            return gettext("Đã đóng hồ sơ"), ""
    return "", ""


def _said(words: Mapping[str, str], key: str) -> str:
    return gettext(words[key]) if key in words else key


def _day(facts: Mapping[str, Any], name: str) -> str:
    return weekday_day(date.fromisoformat(facts[name])) if facts.get(name) else ""


def _short(facts: Mapping[str, Any], name: str) -> str:
    return day(date.fromisoformat(facts[name])) if facts.get(name) else ""
