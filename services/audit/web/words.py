"""Events in people's words. What is not in these tables is shown by its own name, so a new event is never invisible."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from services.audit.domain.timeline import Moment, State, Stretch
from shared.events.base import STAFF
from shared.web import _, lazy, ngettext
from shared.web.i18n import day, local, num

TITLES: Mapping[str, str] = {
    "petition.filed.v1": lazy("Nộp hồ sơ"),
    "petition.supplemented.v1": lazy("Công dân bổ sung"),
    "petition.withdrawn.v1": lazy("Công dân rút hồ sơ"),
    "petition.rated.v1": lazy("Công dân đánh giá"),
    "petition.reopen_requested.v1": lazy("Công dân đề nghị xem lại"),
    "petition.promise_judged.v1": lazy("Công dân nói việc đã hẹn được làm chưa"),
    "petitioner.erased.v1": lazy("Xóa dữ liệu cá nhân"),
    "petition.followed.v1": lazy("Có thêm người theo dõi"),
    "follower.told.v1": lazy("Báo người theo dõi"),
    "list.asked.v1": lazy("Công dân xin danh sách hồ sơ"),
    "contact.check_asked.v1": lazy("Xin xác minh liên hệ"),
    "case.unpublished.v1": lazy("Gỡ bản tóm tắt công khai"),
    "case.kept_back.v1": lazy("Không công khai hồ sơ"),
    "case.withdrawal_declined.v1": lazy("Vẫn giải quyết dù được rút"),
    "contact.given.v1": lazy("Cho cách liên hệ"),
    "contact.changed.v1": lazy("Đổi cách liên hệ"),
    "contact.verified.v1": lazy("Xác minh liên hệ"),
    "case.opened.v1": lazy("Mở việc giải quyết"),
    "case.routed.v1": lazy("Chuyển đến đơn vị"),
    "case.assigned.v1": lazy("Phân công"),
    "case.accepted.v1": lazy("Nhận việc"),
    "case.refused.v1": lazy("Từ chối thụ lý"),
    "case.transferred.v1": lazy("Chuyển cơ quan khác"),
    "case.merged.v1": lazy("Nhập vào hồ sơ khác"),
    "case.split.v1": lazy("Tách hồ sơ"),
    "case.info_requested.v1": lazy("Hỏi công dân"),
    "case.progressed.v1": lazy("Báo tiến độ"),
    "case.clock_paused.v1": lazy("Đồng hồ dừng"),
    "case.clock_resumed.v1": lazy("Đồng hồ chạy lại"),
    "case.extended.v1": lazy("Gia hạn"),
    "case.rescheduled.v1": lazy("Tính lại hạn"),
    "case.due_soon.v1": lazy("Nhắc sắp đến hạn"),
    "case.overdue.v1": lazy("Quá hạn"),
    "case.escalated.v1": lazy("Báo cấp trên"),
    "case.apology_due.v1": lazy("Phải xin lỗi"),
    "case.apologised.v1": lazy("Xin lỗi và hẹn lại"),
    "answer.drafted.v1": lazy("Soạn bản nháp trả lời"),
    "answer.approved.v1": lazy("Duyệt trả lời"),
    "case.answered.v1": lazy("Trả lời công dân"),
    "answer.handed_over.v1": lazy("Giao kết quả tại quầy"),
    "case.reopened.v1": lazy("Mở lại"),
    "case.reopening_refused.v1": lazy("Không mở lại"),
    "case.follow_up.v1": lazy("Báo người đứng đầu sau trả lời"),
    "case.followed_up.v1": lazy("Người đứng đầu xem lại sau trả lời"),
    "promise.made.v1": lazy("Hẹn ngày làm xong"),
    "promise.due.v1": lazy("Nhắc ngày đã hẹn"),
    "promise.asked.v1": lazy("Hỏi công dân việc đã hẹn"),
    "promise.checked.v1": lazy("Kết quả việc đã hẹn"),
    "dialogue.announced.v1": lazy("Thông báo buổi tiếp dân, đối thoại"),
    "dialogue.joined.v1": lazy("Đăng ký dự buổi tiếp dân, đối thoại"),
    "dialogue.left.v1": lazy("Huỷ đăng ký dự"),
    "dialogue.invited.v1": lazy("Báo người dự"),
    "dialogue.called_off.v1": lazy("Huỷ buổi tiếp dân, đối thoại"),
    "dialogue.held.v1": lazy("Ghi biên bản buổi tiếp dân, đối thoại"),
    "dialogue.committed.v1": lazy("Hứa một việc tại buổi đối thoại"),
    "dossier.listed.v1": lazy("Ghi hồ sơ trễ hẹn"),
    "case.dialogue_invited.v1": lazy("Mời người khiếu nại đối thoại"),
    "case.dialogue_held.v1": lazy("Kết quả đối thoại với người khiếu nại"),
    "case.closed.v1": lazy("Đóng hồ sơ"),
    "case.published.v1": lazy("Công khai kết quả"),
    "unit.urged.v1": lazy("Đôn đốc đơn vị"),
    "unit.urge_answered.v1": lazy("Trả lời đôn đốc"),
    "unit.urge_unanswered.v1": lazy("Không trả lời đôn đốc"),
    "case.unlinked.v1": lazy("Thôi nhập, xem xét riêng"),
    "case.support_asked.v1": lazy("Đề nghị đơn vị khác phối hợp"),
    "case.support_given.v1": lazy("Đơn vị khác trả lời phối hợp"),
    "case.support_due.v1": lazy("Nhắc hạn phối hợp"),
    "case.mentioned.v1": lazy("Nhắc đồng nghiệp trong ghi chú"),
    "case.consulted.v1": lazy("Xin ý kiến chuyên môn"),
    "case.consult_answered.v1": lazy("Nhận ý kiến chuyên môn"),
    "case.consult_revoked.v1": lazy("Thu hồi câu hỏi gửi ra ngoài"),
    "access.break_glass.v1": lazy("Mở danh tính người tố cáo"),
    "access.reviewed.v1": lazy("Xem lại lần mở danh tính"),
    "assignment.changed.v1": lazy("Đổi bảng phân công"),
    "case.examined.v1": lazy("Xét điều kiện thụ lý"),
    "case.redacted.v1": lazy("Xác nhận bản che"),
    "check.recorded.v1": lazy("Kiểm tra việc xử lý"),
    "case.clock_started.v1": lazy("Bắt đầu tính hạn trả lời"),
    "consultation.opened.v1": lazy("Mở lấy ý kiến dự thảo"),
    "consultation.closed.v1": lazy("Kết thúc lấy ý kiến dự thảo"),
    "identity.erased.v1": lazy("Hủy danh tính"),
    "remedy.opened.v1": lazy("Mở việc khắc phục"),
    "remedy.done.v1": lazy("Đã khắc phục"),
    "publication.posted.v1": lazy("Công khai thông tin"),
    "publication.shown.v1": lazy("Ghi bằng chứng đã công khai"),
    "publication.withdrawn.v1": lazy("Gỡ thông tin công khai"),
    "readers.counted.v1": lazy("Đếm lượt mở thông tin công khai"),
    "survey.opened.v1": lazy("Mở đợt khảo sát"),
    "survey.reminded.v1": lazy("Nhắc đợt khảo sát"),
    "survey.closed.v1": lazy("Đóng đợt khảo sát"),
    "survey.signed.v1": lazy("Ký xác nhận đợt khảo sát"),
    "survey.invited.v1": lazy("Mời trả lời khảo sát"),
    "survey.declined.v1": lazy("Không muốn được mời khảo sát"),
    "survey.answered.v1": lazy("Có phiếu khảo sát"),
    "case.procedure_named.v1": lazy("Ghi thủ tục mà hồ sơ nói đến"),
    "simplification.proposed.v1": lazy("Kiến nghị đơn giản hoá thủ tục"),
    "simplification.decided.v1": lazy("Kết quả kiến nghị đơn giản hoá"),
    "units.reorganised.v1": lazy("Sắp xếp tổ chức"),
    "config.changed.v1": lazy("Đổi cấu hình"),
    "staff.changed.v1": lazy("Thay đổi tài khoản"),
    "partner.changed.v1": lazy("Đăng ký, thay đổi đối tác"),
    "webhook.due.v1": lazy("Cần báo tin cho đối tác"),
    "webhook.attempted.v1": lazy("Gửi tin cho đối tác"),
    "notice.accepted.v1": lazy("Tin nhắn đã gửi"),
    "notice.delivered.v1": lazy("Tin nhắn đã tới"),
    "notice.failed.v1": lazy("Tin nhắn không tới"),
    "notice.suppressed.v1": lazy("Không gửi tin nhắn"),
    "access.read.v1": lazy("Mở xem"),
    "access.denied.v1": lazy("Bị từ chối truy cập"),
    "auth.signed_in.v1": lazy("Đăng nhập"),
    "auth.token_made.v1": lazy("Tạo mã truy cập cho chương trình"),
    "auth.token_revoked.v1": lazy("Thu hồi mã truy cập"),
    "source.heartbeat.v1": lazy("Nguồn báo còn hoạt động"),
    "audit.batch.v1": lazy("Mục chốt"),
    "audit.source.v1": lazy("Nguồn và khóa"),
    "audit.withheld.v1": lazy("Giữ lại ngoài sổ"),
    "audit.finding.v1": lazy("Phát hiện bất thường"),
}

READ = {
    "case": lazy("Mở hồ sơ"),
    "list": lazy("Mở danh sách"),
    "identity": lazy("Mở danh tính"),
    "attachment": lazy("Mở tệp đính kèm"),
    "letter": lazy("Mở văn bản"),
    "audit": lazy("Kiểm tra viên xem sổ"),
    "export": lazy("Xuất dữ liệu"),
    "proof": lazy("Xem bằng chứng"),
}

# What an event says, in this order: field → its name.
FIELDS: Mapping[str, str] = {
    "channel": lazy("kênh"),
    "kind": lazy("loại"),
    "topic": lazy("lĩnh vực"),
    "purpose": lazy("mục đích"),
    "ground": lazy("lý do"),
    "outcome": lazy("kết quả"),
    "officer": lazy("người xử lý"),
    "to": lazy("chuyển đến"),
    "version": lazy("bản"),
    "round": lazy("lần"),
    "attachment_count": lazy("số tệp"),
    "rule": lazy("quy tắc"),
    "level": lazy("cấp"),
    "error_class": lazy("lỗi"),
    "what": lazy("trang"),
    "reason": lazy("lý do"),
    "source": lazy("nguồn"),
    "act": lazy("việc"),
    "detail": lazy("chi tiết"),
    "count": lazy("số mục"),
}

CODES: Mapping[str, str] = {
    "web": lazy("trang web"),
    "counter": lazy("tại quầy"),
    "phone": lazy("điện thoại"),
    "letter": lazy("thư"),
    "email": lazy("thư điện tử"),
    "sms": lazy("SMS"),
    "report": lazy("phản ánh"),
    "proposal": lazy("kiến nghị"),
    "complaint": lazy("khiếu nại"),
    "denunciation": lazy("tố cáo"),
    "assigned_case": lazy("việc được giao"),
    "approval": lazy("duyệt trả lời"),
    "supervision": lazy("giám sát"),
    "reception": lazy("tổ chức tiếp công dân"),
    "dialogue": lazy("buổi tiếp dân, đối thoại"),
    "contribution": lazy("phối hợp xử lý"),
    "audit": lazy("kiểm tra"),
    "legal_order": lazy("theo yêu cầu pháp luật"),
    "site_visit": lazy("hẹn kiểm tra tại chỗ"),
    "ask_more": lazy("hỏi thêm"),
    "waiting_for_citizen": lazy("chờ công dân"),
    "citizen_replied": lazy("công dân đã trả lời"),
    "wait_is_over": lazy("hết thời gian chờ"),
    "done": lazy("đã làm xong"),
    "scheduled": lazy("đã hẹn ngày"),
    "explained": lazy("đã giải thích"),
    "answered": lazy("đã trả lời"),
    "refused": lazy("từ chối"),
    "transferred": lazy("chuyển cơ quan khác"),
    "withdrawn": lazy("đã rút"),
    "superseded": lazy("đã có tin mới hơn"),
    "opted_out": lazy("người nhận không muốn"),
    "filed": lazy("đã nhận hồ sơ"),
    "info_requested": lazy("hỏi công dân"),
    "extended": lazy("gia hạn"),
    "rescheduled": lazy("tính lại hạn"),
    "apologised": lazy("xin lỗi"),
    "closed": lazy("đóng hồ sơ"),
    "withheld": lazy("giữ lại ngoài sổ"),
    "equivocation": lazy("hai sự kiện ở một chỗ"),
    "chain_break": lazy("chuỗi bị đứt"),
    "new_epoch": lazy("nguồn bắt đầu lại"),
    "unknown_key": lazy("khóa lạ"),
    "opened": lazy("mở"),
    "accepted": lazy("nhận xử lý"),
    "merged": lazy("nhập vào hồ sơ khác"),
    "news": lazy("có tin mới"),
    "desk_news": lazy("có tin mới"),
    "paused": lazy("dừng đồng hồ"),
    "resumed": lazy("đồng hồ chạy lại"),
    "progressed": lazy("tiến độ"),
    "due_soon": lazy("sắp đến hạn"),
    "overdue": lazy("quá hạn"),
    "escalated": lazy("báo lên cấp trên"),
    "apology_due": lazy("đến lúc xin lỗi"),
    "met": lazy("gặp lần đầu"),
}

STAGES: Mapping[str, str] = {
    "": lazy("chưa có"),
    "received": lazy("đã nhận"),
    "assigned": lazy("đã phân công"),
    "in_progress": lazy("đang xử lý"),
    "waiting_citizen": lazy("chờ công dân"),
    "drafted": lazy("đã soạn trả lời"),
    "approved": lazy("đã duyệt"),
    "answered": lazy("đã trả lời"),
    "reopened": lazy("mở lại"),
    "refused": lazy("từ chối"),
    "transferred": lazy("chuyển cơ quan khác"),
    "merged": lazy("nhập vào hồ sơ khác"),
    "closed": lazy("đã đóng"),
    "withdrawn": lazy("đã rút"),
}

ROLES: Mapping[str, str] = {
    "officer": lazy("cán bộ"),
    "head": lazy("lãnh đạo đơn vị"),
    "office": lazy("văn phòng"),
    "auditor": lazy("kiểm tra viên"),
    "director": lazy("giám đốc"),
    "admin": lazy("quản trị"),
}

_RED = {"case.overdue.v1", "notice.failed.v1", "access.denied.v1", "audit.withheld.v1", "audit.finding.v1"}
_HELD = {"case.clock_paused.v1", "case.info_requested.v1", "case.clock_resumed.v1"}
_CITIZENS = ("petition.", "contact.")


def title_of(type_: str, data: Mapping[str, Any]) -> str:
    """What happened."""
    if type_ == "access.read.v1" and str(data.get("kind")) in READ:
        return str(READ[str(data["kind"])])
    return str(TITLES.get(type_, type_))


def who_of(source: str, actor: str | None, data: Mapping[str, Any]) -> str:
    """Who did it, as a role: the log knows no names."""
    role = str(data.get("role", ""))
    if role in ROLES and actor:
        return str(ROLES[role])
    if actor and actor.startswith(STAFF):
        return _("cán bộ")
    if source == "intake":
        return _("công dân")
    return _("sổ") if source == "log" else _("hệ thống")


def change_of(type_: str, data: Mapping[str, Any]) -> str:
    """What it changed, in one line."""
    parts = []
    due, before = data.get("due_on") or data.get("answer_due_on"), data.get("due_before")
    if due:
        parts.append(_("hạn: %(days)s", days=f"{_day(before)} → {_day(due)}" if before else _day(due)))
    for name, words in FIELDS.items():
        value = data.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            parts.append(f"{words}: {num(value)}")
        elif isinstance(value, str) and value and not (name == "kind" and type_ == "access.read.v1"):
            parts.append(f"{words}: {CODES.get(value, value)}")
    return "; ".join(parts)


def kind_of(type_: str, data: Mapping[str, Any]) -> str:
    """The colour of its dot."""
    if type_ in _RED or data.get("kind") == "identity":
        return "red"
    if type_ in _HELD:
        return "held"
    return "pub" if type_.startswith(_CITIZENS) or type_ == "case.answered.v1" else ""


def span(length: timedelta) -> str:
    """A length of time in its two largest units."""
    minutes = int(length.total_seconds()) // 60
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = []
    if days:
        parts.append(ngettext("%(num)s ngày", "%(num)s ngày", days))
    if hours:
        parts.append(ngettext("%(num)s giờ", "%(num)s giờ", hours))
    if minutes and not days:
        parts.append(ngettext("%(num)s phút", "%(num)s phút", minutes))
    return " ".join(parts[:2])


def story(stretches: list[Stretch]) -> list[dict[str, Any]]:
    """A petition's life as the timeline shows it, gaps in between."""
    items: list[dict[str, Any]] = []
    for stretch in stretches:
        if stretch.after is not None:
            items.append({"kind": "gap", "title": span(stretch.after)})
        items.append(_item(stretch))
    return items


def _item(stretch: Stretch) -> dict[str, Any]:
    first, count = stretch.first, len(stretch.moments)
    title = title_of(first.type, first.data)
    if count > 1:
        title += " " + ngettext("(%(num)s lần)", "(%(num)s lần)", count)
    return {
        "kind": kind_of(first.type, first.data),
        "title": title,
        "note": change_of(first.type, first.data),
        "at": first.at,
        "who": first.actor or "",
    }


def facts_of(state: State) -> list[tuple[str, str]]:
    """Where a case stood, as terms and values."""
    due = _day(state.due_on) if state.due_on else _("chưa có")
    if state.due_before:
        due = f"{_day(state.due_before)} → {due}"
    stage = str(STAGES.get(state.stage, state.stage))
    if state.is_paused:
        stage += ", " + _("đồng hồ dừng")
    holder = state.officer or _("chưa có")
    return [
        (_("Trạng thái"), stage),
        (_("Hạn"), due),
        (_("Người giữ"), f"{holder} ({state.unit})" if state.unit else holder),
    ]


def is_late(moment: Moment, recorded_at: datetime) -> bool:
    """It reached the log long after it happened."""
    return recorded_at - moment.at > timedelta(seconds=30)


def clock_of(at: datetime) -> str:
    """Day and time to the second, in Vietnam."""
    return local(at).strftime("%d/%m/%Y %H:%M:%S")


def _day(iso: object) -> str:
    try:
        return day(date.fromisoformat(str(iso)))
    except ValueError:
        return str(iso)
