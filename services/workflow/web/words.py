"""What the pages say: the words for codes, refusals, purposes and lines of the timeline."""

from shared.web import gettext, lazy

VIEWS = {
    "mine": lazy("Việc của tôi"),
    "unit": lazy("Phòng tôi"),
    "soon": lazy("Sắp đến hạn"),
    "unassigned": lazy("Chưa phân công"),
    "waiting": lazy("Chờ công dân"),
    "approve": lazy("Chờ tôi duyệt"),
    "triage": lazy("Chờ phân loại"),
    "all": lazy("Tất cả đang mở"),
    "done": lazy("Đã trả lời, đã đóng"),
}
DESKS = {
    "head": lazy("Bàn trưởng đơn vị"),
    "office": lazy("Bàn đầu mối"),
    "director": lazy("Toàn cơ quan"),
}
ONLY = {
    "apology": lazy("Phải xin lỗi"),
    "extension": lazy("Xin gia hạn"),
    "restricted": lazy("Khiếu nại, tố cáo, hạn chế"),
    "escalated": lazy("Đã báo Giám đốc"),
}
KEYS = (
    ("J K", lazy("hồ sơ sau, hồ sơ trước trong danh sách")),
    ("X", lazy("chọn hoặc bỏ chọn")),
    ("Enter", lazy("mở hồ sơ")),
    ("/", lazy("tìm trong danh sách")),
    ("G H", lazy("đi tới một khung nhìn: G, rồi chữ của nó")),
    ("Ctrl K", lazy("tìm hồ sơ theo mã, ra lệnh")),
    ("Ctrl ↵", lazy("gửi mẫu đang điền")),
    ("?", lazy("mở trang này")),
)
GROUPS = {
    "new": lazy("Mới"),
    "doing": lazy("Đang xử lý"),
    "wait": lazy("Chờ công dân"),
    "approve": lazy("Chờ duyệt, chờ gửi"),
    "late": lazy("Trễ"),
}
ROLES = {
    "officer": lazy("Cán bộ"),
    "head": lazy("Trưởng đơn vị"),
    "office": lazy("Đầu mối"),
    "auditor": lazy("Kiểm tra"),
    "director": lazy("Giám đốc"),
    "admin": lazy("Quản trị"),
}
PRIORITIES = {"normal": lazy("Thường"), "high": lazy("Cao"), "urgent": lazy("Khẩn")}
CHANNELS = {
    "web": lazy("Trang web"),
    "api": lazy("Ứng dụng"),
    "counter": lazy("Tại quầy"),
    "phone": lazy("Điện thoại"),
    "letter": lazy("Thư"),
    "email": lazy("thư điện tử"),
    "sms": lazy("tin nhắn"),
}
PUBLICATIONS = {
    "private": lazy("Chỉ người xử lý"),
    "code_holder": lazy("Người có mã"),
    "public_summary": lazy("Có thể công khai tóm tắt"),
}
OUTCOMES = {
    "done": lazy("Đã xử lý xong"),
    "scheduled": lazy("Đã lên lịch xử lý"),
    "explained": lazy("Giải thích"),
    "not_competent": lazy("Không thuộc thẩm quyền"),
}
SIGNATURES = {
    "none": lazy("Không có chữ ký"),
    "scanned": lazy("Bản quét có chữ ký"),
    "digital": lazy("Chữ ký số"),
    "in_person": lazy("Trực tiếp"),
}
PURPOSES = {
    "site_visit": lazy("Hẹn kiểm tra tại chỗ"),
    "ask_more": lazy("Hỏi thêm"),
    "phone_result": lazy("Báo kết quả bằng điện thoại"),
    "legal_order": lazy("Yêu cầu của cơ quan có thẩm quyền"),
    "assigned_case": lazy("được phân công"),
    "approval": lazy("xem để duyệt"),
    "supervision": lazy("theo dõi, đôn đốc"),
}
GROUNDS = {
    "no_signature": lazy("Đơn không có chữ ký"),
    "out_of_time": lazy("Hết thời hiệu"),
    "not_own_interest": lazy("Không liên quan trực tiếp đến quyền, lợi ích của người gửi"),
    "already_answered": lazy("Đã được giải quyết, trả lời bằng văn bản"),
    "no_new_facts": lazy("Không có tình tiết mới"),
    "not_understandable": lazy("Không rõ nội dung, không liên hệ được"),
    "filed": lazy("Không đủ điều kiện thụ lý, lưu đơn"),
}
FLAGS = {
    "safety": lazy("nguy hiểm"),
    "no_accents": lazy("viết không dấu"),
    "plate_in_text": lazy("có biển số xe"),
    "abusive": lazy("lời lẽ nặng"),
    "advertising": lazy("quảng cáo"),
    "anonymous": lazy("không nêu tên"),
    "unsigned": lazy("chưa ký"),
    "mixed": lazy("nhiều việc"),
    "evidence": lazy("có chứng cứ"),
    "typing_leftover": lazy("có chữ gõ sót dấu"),
    "crime_signs": lazy("dấu hiệu tội phạm"),
    "secrecy_requested": lazy("xin giữ bí mật"),
    "verify_identity": lazy("cần xác minh danh tính"),
    "dossier_overdue": lazy("hồ sơ quá hẹn"),
    "apology_missing": lazy("thiếu thư xin lỗi"),
    "landline": lazy("máy bàn, không nhắn tin được"),
    "invalid_phone": lazy("số điện thoại chưa đúng"),
    "no_topic": lazy("chưa rõ lĩnh vực"),
    "not_vietnamese": lazy("không viết bằng tiếng Việt"),
    "provisional_calendar": lazy("lịch nghỉ tạm tính"),
}
ROUTES = {
    "accept": lazy("nhận giải quyết"),
    "link": lazy("trùng với hồ sơ khác"),
    "split": lazy("tách thành nhiều việc"),
    "supplement": lazy("hỏi lại công dân"),
    "transfer": lazy("chuyển cơ quan khác"),
    "admit": lazy("xét điều kiện thụ lý"),
    "guide": lazy("hướng dẫn ký đơn"),
    "screen": lazy("sàng lọc"),
    "refuse": lazy("không thụ lý"),
    "quarantine": lazy("tin rác"),
    "triage": lazy("phân loại lại"),
}
STEPS = {
    "opened": lazy("Đã tiếp nhận, tự đề xuất nơi xử lý"),
    "decide": lazy("Đã phân loại"),
    "return_to_triage": lazy("Trả lại để phân loại"),
    "quarantine": lazy("Đưa vào tin rác"),
    "restore": lazy("Lấy ra khỏi tin rác"),
    "split_up": lazy("Tách thành nhiều việc"),
    "link": lazy("Gộp vào hồ sơ cùng việc"),
    "followed": lazy("Một hồ sơ cùng việc được gộp vào"),
    "assign": lazy("Phân công"),
    "reassign": lazy("Đổi người xử lý"),
    "take": lazy("Nhận việc"),
    "pass_on": lazy("Chuyển đồng nghiệp"),
    "moved": lazy("Chuyển đơn vị do sắp xếp tổ chức"),
    "accept": lazy("Nhận việc"),
    "progress": lazy("Báo tiến độ"),
    "ask": lazy("Hỏi công dân"),
    "guide": lazy("Hướng dẫn công dân ký, bổ sung đơn"),
    "supplemented": lazy("Công dân bổ sung"),
    "resume": lazy("Đồng hồ chạy lại"),
    "suspend": lazy("Tạm đình chỉ"),
    "ask_extension": lazy("Đề nghị gia hạn"),
    "rescheduled": lazy("Hạn tính lại theo lịch nghỉ mới"),
    "refuse_extension": lazy("Không đồng ý gia hạn"),
    "extend": lazy("Đã gia hạn"),
    "apologise": lazy("Đã xin lỗi, hẹn ngày mới"),
    "save_draft": lazy("Lưu bản nháp trả lời"),
    "draft": lazy("Trình duyệt câu trả lời"),
    "take_back": lazy("Rút lại để sửa"),
    "return_draft": lazy("Trả lại bản nháp"),
    "approve": lazy("Đã duyệt câu trả lời"),
    "answer": lazy("Đã trả lời công dân"),
    "close": lazy("Đóng hồ sơ"),
    "transfer": lazy("Chuyển cơ quan khác"),
    "refuse": lazy("Không thụ lý"),
    "withdraw": lazy("Công dân rút"),
    "hand_over": lazy("Giao kết quả tại quầy"),
    "log_call": lazy("Cuộc gọi"),
    "identity_read": lazy("Mở thông tin người gửi"),
    "note": lazy("Ghi chú nội bộ"),
    "remedy": lazy("Mở việc khắc phục"),
    "remedy_closed": lazy("Đã khắc phục"),
    "check": lazy("Kiểm tra việc xử lý"),
}
RUNGS = {
    "remind": lazy("Nhắc: đã dùng %(share)s%% thời gian"),
    "apology": lazy("Cần xin lỗi: chưa có câu trả lời được duyệt"),
    "overdue": lazy("Đã quá hạn"),
    "escalate": lazy("Báo Giám đốc: vẫn chưa trả lời"),
    "alarm": lazy("Báo Giám đốc: mốc cứng 45 ngày"),
    "unassigned": lazy("Quá hạn phân công: nhắc Trưởng đơn vị"),
}
DEADLINES = {
    "answer": lazy("Trả lời"),
    "status_notice": lazy("Thông báo tình trạng"),
    "triage": lazy("Phân loại"),
    "head_assigns_officer": lazy("Trưởng đơn vị phân công"),
    "first_response": lazy("Phản hồi đầu tiên"),
    "accept_or_refuse": lazy("Thụ lý hoặc không thụ lý"),
    "settle": lazy("Giải quyết"),
    "send_decision": lazy("Gửi quyết định"),
    "register_and_verify": lazy("Kiểm tra điều kiện thụ lý"),
    "transfer": lazy("Chuyển nơi có thẩm quyền"),
    "screen": lazy("Sàng lọc"),
    "process": lazy("Mốc cứng 45 ngày"),
    "send_signature_guidance": lazy("Hướng dẫn ký đơn"),
    "apologise_and_give_one_new_date": lazy("Xin lỗi, nếu sẽ trễ"),
    "tell_denouncer_and_accused": lazy("Thông báo thụ lý"),
    "send_conclusion": lazy("Gửi kết luận"),
    "publish_conclusion": lazy("Công khai kết luận"),
    "respond": lazy("Phản hồi yêu cầu"),
    "fulfil": lazy("Thực hiện yêu cầu"),
    "limitation": lazy("Thời hiệu"),
    "decision_takes_effect": lazy("Quyết định có hiệu lực"),
    "citizen_may_go_to_second_level": lazy("Công dân khiếu nại lần hai, khởi kiện"),
}
CLOCK_STATES = {
    "running": lazy("đang chạy"),
    "paused": lazy("đang dừng"),
    "met": lazy("đúng hạn"),
    "missed": lazy("trễ"),
    "void": lazy("không còn"),
}
NOTICE_STATES = {
    "accepted": lazy("đã gửi"),
    "delivered": lazy("đã đến nơi"),
    "failed": lazy("không gửi được"),
    "suppressed": lazy("không gửi, có chủ ý"),
}
NOTICES = {
    "filed": lazy("Đã nhận"),
    "accepted": lazy("Đã nhận việc"),
    "info_requested": lazy("Hỏi thêm"),
    "progressed": lazy("Tiến độ"),
    "extended": lazy("Gia hạn"),
    "rescheduled": lazy("Hạn tính lại"),
    "apologised": lazy("Xin lỗi"),
    "answered": lazy("Kết quả"),
    "refused": lazy("Không thụ lý"),
    "transferred": lazy("Chuyển cơ quan khác"),
    "merged": lazy("Gộp hồ sơ"),
    "closed": lazy("Đã đóng"),
    "routed": lazy("Đang xem xét"),
}
CHECKS = {
    "says_done": lazy("Nói việc đã làm hoặc sẽ làm"),
    "names_date": lazy("Có ngày cụ thể"),
    "has_promise": lazy("Có ngày hẹn xong"),
    "has_basis": lazy("Có căn cứ"),
    "no_personal_data": lazy("Không có dữ liệu cá nhân"),
    "short_sentences": lazy("Câu ngắn, dễ đọc"),
}
REASONS = {
    "kind": lazy("Loại đơn"),
    "topic": lazy("Lĩnh vực"),
    "priority": lazy("Mức khẩn"),
    "held": lazy("Từ cần người xem trước"),
    "excluded": lazy("Bị phản ánh, không được xử lý"),
    "linked": lazy("Giống hồ sơ trước"),
    "transfer": lazy("Thuộc cơ quan khác"),
}
# What is wrong with a field that a step needs: (field, code) or field alone.
INCOMPLETE = {
    ("again", "missing"): lazy(
        "Đã hỏi một lần. Hãy nói vì sao phải hỏi thêm: mỗi người chỉ nên bị hỏi một lần, cho đủ."
    ),
    ("officer", "unknown"): lazy("Hãy chọn một người của đơn vị xử lý"),
    ("officer", "nobody"): lazy("Không có ai để gợi ý: hãy chọn người"),
    ("officer", "about_them"): lazy("Hồ sơ này có liên quan đến người được chọn, nên họ không được xử lý"),
    ("unit", "about_them"): lazy("Hồ sơ này phản ánh chính đơn vị được chọn, nên đơn vị đó không được xử lý"),
    ("unit", "unknown"): lazy("Hãy chọn đơn vị xử lý"),
    ("topic", "unknown"): lazy("Hãy chọn lĩnh vực trong danh sách"),
    ("to", "unknown"): lazy("Hãy chọn cơ quan nhận"),
    ("ground", "unknown"): lazy("Hãy chọn căn cứ"),
    ("purpose", "unknown"): lazy("Hãy chọn lý do"),
    ("outcome", "unknown"): lazy("Hãy chọn kết quả"),
    ("promised_on", "missing"): lazy("Đã lên lịch xử lý thì phải có ngày hẹn xong"),
    ("promised_on", "passed"): lazy("Ngày hẹn xong đã qua"),
    ("promised_on", "malformed"): lazy("Hãy nhập ngày theo dạng ngày/tháng/năm, ví dụ 23/11/2026"),
    ("due_on", "malformed"): lazy("Hãy nhập ngày theo dạng ngày/tháng/năm, ví dụ 23/11/2026"),
    ("due_on", "missing"): lazy("Hãy nhập ngày mới"),
    ("explanation", "missing"): lazy("Hồ sơ trả lời trễ: hãy giải trình vì sao (ít nhất 20 ký tự)"),
    ("question", "missing"): lazy("Hãy viết câu hỏi đầy đủ (ít nhất 10 ký tự)"),
    ("reason", "missing"): lazy("Hãy viết lý do, đủ để người khác hiểu"),
    ("note", "missing"): lazy("Hãy viết nội dung"),
    ("text", "missing"): lazy("Hãy viết câu trả lời (ít nhất 20 ký tự)"),
    ("into", "unknown"): lazy("Không có hồ sơ đang mở nào với mã này"),
    ("given_to", "unknown"): lazy("Hãy chọn người nhận kết quả"),
    ("given_on", "malformed"): lazy("Hãy nhập ngày theo dạng ngày/tháng/năm, ví dụ 23/11/2026"),
    ("given_on", "to_come"): lazy("Ngày giao chưa tới"),
    ("given_on", "too_early"): lazy("Ngày giao phải từ ngày trả lời trở đi"),
    ("delegation", "missing"): lazy("Hãy ghi giấy ủy quyền nào: số, ngày, ai ủy quyền cho ai"),
    ("direction", "unknown"): lazy("Hãy chọn ai gọi cho ai"),
    ("words", "missing"): lazy("Hãy ghi nội dung cuộc gọi (ít nhất 5 ký tự)"),
    ("channel", "unknown"): lazy("Hãy chọn công dân đến bằng cách nào"),
}
CLOCKS = {
    "too_late": lazy("Đã quá hạn: hồ sơ trễ thì không gia hạn được nữa, hãy xin lỗi và hẹn một ngày mới."),
    "no_more": lazy("Chỉ được một lần, và lần đó đã dùng."),
    "no_rule": lazy("Không có quy định nào cho phép gia hạn hồ sơ này."),
    "not_later": lazy("Ngày mới phải sau hạn hiện nay."),
    "rest_day": lazy("Ngày mới phải là ngày làm việc."),
    "too_long": lazy("Dài hơn mức quy định cho phép."),
    "not_running": lazy("Đồng hồ này không còn chạy."),
    "not_paused": lazy("Đồng hồ này không dừng."),
}
REFUSALS = {
    "it is about you or your unit": lazy("Không có hồ sơ này"),
    "it is not yours to see": lazy("Không có hồ sơ này"),
    "your role does not do this": lazy("Vai trò của bạn không làm việc này."),
    "it is assigned to somebody else": lazy("Hồ sơ đang do người khác xử lý."),
    "who drafts an answer does not approve it": lazy("Người soạn không tự duyệt. Cần một người khác."),
    "who does a remedy does not judge it": lazy("Người khắc phục không tự đánh giá. Cần một người khác."),
    "who asks for an extension does not grant it": lazy("Người đề nghị gia hạn không tự đồng ý. Cần một người khác."),
    "who writes a change does not publish it": lazy("Người viết thay đổi không tự công bố. Cần một người khác."),
    "nobody has asked for an extension": lazy("Chưa có ai đề nghị gia hạn."),
    "the sender's identity is opened by the head or the director only": lazy(
        "Danh tính người tố cáo được giữ kín: chỉ trưởng đơn vị hoặc Giám đốc được mở."
    ),
}


def incomplete(field: str, code: str) -> str:
    """What is wrong with a field that a step needs."""
    return str(INCOMPLETE.get((field, code)) or INCOMPLETE.get((field, "missing")) or gettext("Hãy điền mục này"))
