"""What programs of partners are told, for their users to read."""

from collections.abc import Mapping

from services.intake.domain.open311 import AskedWrong
from services.intake.domain.petition import Wrong
from services.intake.words import N_, wrong_words
from shared.web import gettext
from shared.web.i18n import num

_ASKED: Mapping[str, str] = {
    "unknown": N_("%(field)s: chỉ có open và closed"),
    "too_many": N_("%(field)s: quá nhiều mã trong một lần hỏi"),
    "not_an_instant": N_("%(field)s: hãy ghi theo ISO 8601, ví dụ 2026-11-23T05:00:00Z"),
    "before_start": N_("%(field)s: sớm hơn start_date"),
    "too_long": N_("%(field)s: mỗi lần hỏi nhiều nhất 90 ngày"),
    "not_a_number": N_("%(field)s: phải là số nguyên từ 1"),
}
_SENT: Mapping[str, str] = {
    "place_missing": N_("cần một trong ba: lat và long, address_string, address_id"),
    "too_long": N_("dài hơn %(limit)s ký tự: hãy bớt %(given)s ký tự"),
    "too_many": N_("nhiều nhất %(limit)s câu trả lời"),
    "not_a_boolean": N_("chỉ có true và false"),
    "media_address": N_("địa chỉ ảnh phải là http hoặc https, cổng thường, không có mật khẩu"),
}
_ATTRIBUTE: Mapping[str, str] = {
    "missing": N_("hãy trả lời “%(given)s”"),
    "not_a_choice": N_("chỉ có %(given)s"),
    "not_a_number": N_("hãy ghi một con số, dấu chấm thập phân, ví dụ 1.5"),
    "not_a_day": N_("hãy ghi ngày theo ISO 8601, ví dụ 2026-11-23"),
}


def asked_words(wrong: AskedWrong) -> str:
    return gettext(_ASKED[wrong.problem], field=wrong.field)


def refused_words(wrong: Wrong) -> str:
    """Which field was refused, why, and what to do."""
    if wrong.field.startswith("attribute[") and wrong.problem in _ATTRIBUTE:
        return f"{wrong.field}: {gettext(_ATTRIBUTE[wrong.problem], given=wrong.given)}"
    if wrong.problem in _SENT and (wrong.field, wrong.problem) != ("address_string", "too_long"):
        limit = num(wrong.limit) if wrong.limit is not None else ""
        return f"{wrong.field}: {gettext(_SENT[wrong.problem], limit=limit, given=wrong.given)}"
    inner = {"address_string": "place", "description": "text", "first_name": "name", "address_id": "ward"}
    ours = Wrong(inner.get(wrong.field, wrong.field), wrong.problem, wrong.limit, wrong.given)
    return f"{wrong.field}: {wrong_words(ours)}"
