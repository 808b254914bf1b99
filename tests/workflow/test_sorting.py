"""Sorting petitions that the keyword lists were not tuned on: expectations come from the law and from practice."""

import unicodedata
from dataclasses import replace
from datetime import date, timedelta

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.workflow.domain.matching import Passage
from services.workflow.domain.outcome import deadlines_for, outcome
from services.workflow.domain.reading import dates_in, decision_in, dossier_in, has_plate, telephone_kind
from services.workflow.domain.sorting import FLAGS, OpenCase, Sorted, sort
from services.workflow.domain.vocabulary import PRIORITIES, holds, phrases_in
from shared.text import fold
from tests.workflow.support_rules import a_petition, at, the_catalogue

CATALOGUE = the_catalogue()
WORDS = CATALOGUE.words
PHRASES = sorted({*phrases_in(WORDS), *phrases_in(CATALOGUE.topics)})


def sorted_(body: str, **more) -> Sorted:
    return sort(a_petition(body, **more), CATALOGUE)


def duties(petition, found) -> dict[str, str]:
    return outcome(found, petition, CATALOGUE, id="T")["deadlines"]


# --- one matter, from the words to the unit ---

TABLE = {
    "a report keeps the kind of its topic": (
        {"title": "Nắp hố ga vỡ", "body": "Nắp hố ga trước số 8 đường Nguyễn Sinh Cung bị vỡ đôi."},
        {"kind": "report", "topic": "C02", "unit": "KCHT", "route": "accept", "flags": ()},
    ),
    "old spelling of tones is the same word": (
        {"title": "Đường thuỷ", "body": "Bến thuyền ở đường thuỷ Tam Giang không có phao, xin kiểm tra."},
        {"kind": "report", "topic": "C20", "unit": "CVTND"},
    ),
    "text without accents is sorted like text with them": (
        {"title": "o ga tren duong Phan Boi Chau", "body": "mat duong hu hong o ga rat nhieu de nghi va som"},
        {"kind": "report", "topic": "C01", "unit": "KCHT", "flags": ("no_accents",)},
    ),
    "words that lose nothing by folding match in any text": (
        {"title": "doi GPLX", "body": "toi nop ho so doi GPLX tu thang 10"},
        {"kind": "out_of_competence", "topic": "C18", "unit": "VP", "route": "transfer", "transfer_to": "X-CA"},
    ),
    "a wish without a fault is a proposal, with the days of its kind": (
        {"title": "Kiến nghị thêm chuyến", "body": "Kiến nghị tăng thêm xe buýt về Thuận An vào cuối tuần."},
        {"kind": "proposal", "topic": "C13", "unit": "VTCC", "route": "accept"},
    ),
    "a fault in a topic of proposals is a report": (
        {
            "title": "Dừng đỗ lung tung",
            "body": "Xe tải dừng đỗ trái phép chắn lối trước trường trên đường Đặng Huy Trứ.",
        },
        {"kind": "report", "topic": "C07", "unit": "PCAT"},
    ),
    "water, power and waste belong to others": (
        {"title": "Mất nước ba ngày", "body": "Tổ dân phố 5 phường Vỹ Dạ mất nước đã ba ngày."},
        {
            "kind": "out_of_competence",
            "topic": "C30",
            "unit": "VP",
            "route": "transfer",
            "transfer_to": "X-CNXM",
            "publication": "code_holder",
        },
    ),
    "fines by camera belong to the police": (
        {"title": "Hỏi về phạt nguội", "body": "Tôi bị phạt nguội ở đường Hùng Vương, xin hỏi nộp ở đâu."},
        {"kind": "out_of_competence", "topic": "C30", "unit": "VP", "route": "transfer", "transfer_to": "X-CA"},
    ),
    "a wrong pick of the citizen does not win against the text": (
        {
            "title": "Xe khách nhồi nhét",
            "body": "Xe khách nhồi nhét, thu quá giá dịp lễ.",
            "kind": "complaint",
            "topic": "C01",
        },
        {"kind": "report", "topic": "C14", "unit": "VTPT", "is_held": True, "is_restricted": False},
    ),
    "the pick decides where the text says nothing": (
        {"body": "Tình trạng này kéo dài nhiều tháng ở phường Kim Long.", "topic": "C05", "ward": "kim-long"},
        {"kind": "report", "topic": "C05", "unit": "KCHT"},
    ),
    "a rule that is itself wrong goes to the law division": (
        {
            "title": "Bất cập khi gia hạn phù hiệu",
            "body": "Quy định tại Thông tư về gia hạn phù hiệu mỗi năm một lần là không phù hợp với hộ kinh doanh nhỏ.",
        },
        {"kind": "regulation_feedback", "topic": "C23", "unit": "PCAT", "route": "accept"},
    ),
    "breaking a rule is no feedback on the rule": (
        {"title": "Biển báo", "body": "Biển báo trên đường Lê Duẩn cắm không đúng quy định, bị cây che."},
        {"kind": "report", "topic": "C04", "unit": "KCHT"},
    ),
    "a comment on a draft waits for the consultation": (
        {"title": "Ý kiến về dự thảo", "body": "Tôi góp ý dự thảo quy hoạch bến bãi: nên giữ bến thuyền cũ."},
        {"kind": "consultation_comment", "unit": "KHTC", "route": "accept"},
    ),
    "conduct shuts out the counter": (
        {"title": "Bắt dân chờ", "body": "Quầy số 2 chưa có người trực lúc 8 giờ, cán bộ hách dịch với người già."},
        {
            "kind": "procedure_feedback",
            "topic": "C24",
            "unit": "VP",
            "excluded_units": ("TNTKQ",),
            "is_restricted": True,
            "publication": "private",
        },
    ),
    "conduct in the inspection centre does not go to the inspection centre": (
        {"title": "Nhân viên trung tâm đăng kiểm quát mắng dân", "body": "Thái độ nhân viên đăng kiểm rất tệ."},
        {"topic": "C24", "unit": "VP", "excluded_units": ("DKIEM",), "is_restricted": True},
    ),
    "conduct in the office itself goes to the fallback": (
        {"title": "Thái độ cán bộ Văn phòng Sở", "body": "Cán bộ Văn phòng Sở hách dịch khi tôi hỏi việc."},
        {"topic": "C24", "unit": "PCAT", "excluded_units": ("VP",)},
    ),
    "the conduct of a bus crew is no conduct of officials": (
        {"title": "Thái độ phụ xe buýt", "body": "Phụ xe buýt quát mắng người già. Đề nghị cán bộ Sở xử lý."},
        {"kind": "report", "topic": "C13", "unit": "VTCC", "excluded_units": (), "is_restricted": False},
    ),
    "a person's own data go to data protection": (
        {
            "title": "Yêu cầu về dữ liệu",
            "body": "Cho tôi biết ai đã xem hồ sơ của tôi và cung cấp bản sao dữ liệu cá nhân của tôi.",
        },
        {
            "kind": "data_request",
            "topic": None,
            "unit": "VP",
            "route": "accept",
            "is_restricted": True,
            "publication": "private",
            "flags": ("verify_identity",),
            "conditions": frozenset({"see_correct_or_copy", "unidentified"}),
        },
    ),
    "withdrawing consent is another right": (
        {"body": "Tôi rút lại đồng ý nhận tin nhắn, đề nghị xóa số điện thoại và thông tin cá nhân của tôi."},
        {"kind": "data_request", "conditions": frozenset({"withdraw_restrict_or_object", "unidentified"})},
    ),
    "what nobody could understand is asked back": (
        {"title": "Mong quan tâm", "body": "Tôi thấy chưa tốt lắm, mong cơ quan quan tâm hơn."},
        {"kind": "report", "topic": None, "unit": "VP", "route": "supplement", "flags": ("no_topic",)},
    ),
    "no topic but a place is read by the focal point": (
        {"title": "Việc ở đường Chi Lăng", "body": "Ở đường Chi Lăng việc này kéo dài, mong Sở xuống xem."},
        {"topic": None, "unit": "VP", "route": "accept", "flags": ("no_topic",)},
    ),
    "a pothole that is nowhere is asked back": (
        {"title": "Ổ gà", "body": "Có ổ gà sâu lắm.", "address": None},
        {"topic": "C01", "unit": "KCHT", "route": "supplement"},
    ),
    "English is taken and handled": (
        {
            "title": "Broken traffic light",
            "language": "en",
            "phone": None,
            "email": "j@example.com",
            "body": "The traffic light at the corner of Hung Vuong has been broken since yesterday.",
        },
        {
            "kind": "report",
            "topic": "C03",
            "unit": "KCHT",
            "route": "accept",
            "channels": ("email",),
            "flags": ("not_vietnamese", "safety"),
        },
    ),
    "the language is that of the words, not of the page": (
        {"title": "Xe buýt bỏ chuyến", "body": "Xe buýt tuyến số 8 bỏ chuyến lúc 17 giờ.", "language": "en"},
        {"kind": "report", "topic": "C13", "flags": ()},
    ),
    "an insult often carries a real danger": (
        {
            "title": "Mất nắp cống",
            "body": "Đ.m làm ăn kiểu gì, nắp cống trước trường đường Lê Lợi mất cả tuần, trẻ con lọt xuống. Lũ ăn hại!",
        },
        {"kind": "report", "topic": "C02", "unit": "KCHT", "route": "accept", "flags": ("abusive", "safety")},
    ),
    "leftovers of an input method are flagged, not guessed": (
        {"title": "Ngập nước", "body": "dduwowngf Nguyễn Huệ bị ngập nước, xe chết máy."},
        {"topic": "C05", "unit": "KCHT", "flags": ("typing_leftover",)},
    ),
    "a text typed in keys alone is asked back and not taken for another language": (
        {"body": "Kinhs guwir Sowr, dduwowngf Dieenj Bieen Phur cos nhieeuf oor gaf"},
        {"topic": None, "route": "supplement", "flags": ("no_accents", "typing_leftover", "no_topic")},
    ),
    "receiving compensation is no bribe": (
        {"title": "Chưa nhận tiền đền bù", "body": "Nhà tôi bị thu hồi đất làm đường vành đai, chưa nhận tiền đền bù."},
        {"kind": "proposal", "topic": "C26", "unit": "KHTC", "is_held": False},
    ),
    "a plate is flagged where a summary may become public": (
        {"title": "Xe ben", "body": "Xe ben 75c 04567 chở đất quá tải, rơi vãi trên đường Tự Đức."},
        {"topic": "C12", "unit": "PCAT", "flags": ("plate_in_text",)},
    ),
}


@pytest.mark.parametrize(("given_", "expected"), TABLE.values(), ids=TABLE.keys())
def test_a_petition_is_sorted(given_, expected):
    found = sorted_(**given_)

    assert {key: getattr(found, key) for key in expected} == expected


# --- complaints and denunciations ---


def test_a_complaint_that_names_no_decision_is_a_report_held_until_somebody_looked():
    found = sorted_("Tôi khiếu nại xe buýt tuyến số 8 bỏ chuyến lúc 17 giờ.", title="Tôi khiếu nại xe buýt bỏ chuyến")

    assert (found.kind, found.topic, found.unit) == ("report", "C13", "VTCC")
    assert found.is_held
    assert not found.is_restricted


def test_a_denunciation_of_a_state_of_things_is_a_report():
    found = sorted_("Tố cáo tình trạng lấn chiếm vỉa hè đường Hùng Vương.", title="Tố cáo tình trạng lấn chiếm vỉa hè")

    assert (found.kind, found.topic, found.is_held) == ("report", "C09", True)


DECISION = "Tôi khiếu nại Quyết định số 20/QĐ-SXD ngày 10/11/2026 về thu hồi phù hiệu xe tôi."


def test_an_unsigned_complaint_is_guided_and_starts_no_settlement_clock():
    petition = a_petition(DECISION)

    found = sort(petition, CATALOGUE)

    assert (found.kind, found.topic, found.unit, found.route) == ("complaint", "C28", "PCAT", "guide")
    assert (found.flags, found.excluded_units) == (("unsigned",), ("VTPT",))
    assert set(duties(petition, found)) == {"signature.guide", "reception.status_notice"}


@pytest.mark.parametrize("signature", ["scanned", "digital", "in_person"])
def test_a_signed_complaint_is_admitted(signature):
    petition = a_petition(DECISION, signature_status=signature)

    found = sort(petition, CATALOGUE)

    assert found.route == "admit"
    assert {"complaint.accept.decree", "complaint.accept.law"} <= set(duties(petition, found))


def test_the_law_of_the_day_of_receipt_holds():
    petition = a_petition(DECISION, received="2026-06-22T09:00", signature_status="scanned")

    assert "complaint.accept.decree" not in duties(petition, sort(petition, CATALOGUE))


LATE = "Tôi khiếu nại Quyết định số 20/QĐ-SXD ngày 10/3/2026 về thu hồi phù hiệu. Tôi nhận quyết định ngày 15/3/2026"


def test_a_complaint_after_ninety_days_is_proposed_for_refusal():
    found = sorted_(f"{LATE}.", signature_status="scanned")

    assert (found.route, found.ground) == ("refuse", "out_of_time")
    assert (found.limitation.due_on, found.limitation.in_time, found.limitation.day) == (date(2026, 6, 15), False, 253)
    assert not found.is_final


def test_an_obstacle_is_for_a_person_to_weigh():
    found = sorted_(f"{LATE} nhưng nằm viện đến tháng 10.", signature_status="scanned")

    assert (found.route, found.limitation.in_time) == ("admit", False)


def test_a_second_complaint_about_a_body_under_the_department_is_ours():
    found = sorted_(
        "Tôi không đồng ý với Quyết định giải quyết khiếu nại số 15/QĐ-TTĐK ngày 20/10/2026 của Giám đốc Trung tâm "
        "Đăng kiểm. Tôi nhận quyết định ngày 26/10/2026.",
        title="Đơn khiếu nại lần hai",
        signature_status="scanned",
    )

    assert (found.kind, found.topic, found.unit, found.route) == ("complaint_second", "C28", "PCAT", "admit")
    assert found.excluded_units == ("DKIEM",)
    assert (found.limitation.rule, found.limitation.due_on, found.limitation.in_time) == (
        "complaint.second_window",
        date(2026, 11, 25),
        True,
    )


def test_a_second_complaint_about_the_department_itself_goes_above_it():
    found = sorted_(
        "Tôi không nhất trí với Quyết định giải quyết khiếu nại số 99/QĐ-SXD ngày 02/11/2026.",
        title="Đơn khiếu nại lần 2",
        signature_status="scanned",
    )

    assert (found.kind, found.route, found.transfer_to) == ("complaint_second", "transfer", "X-UBND")


def test_a_nameless_denunciation_is_screened_and_tells_nobody():
    petition = a_petition(
        "Cán bộ phòng vận tải nhận tiền để cấp phù hiệu nhanh. Có ghi âm.",
        name=None,
        phone=None,
        address=None,
        attachments=("audio",),
    )

    found = sort(petition, CATALOGUE)

    assert (found.kind, found.route, found.unit) == ("denunciation_unqualified", "screen", "PCAT")
    assert found.flags == ("anonymous", "evidence", "crime_signs")
    assert found.excluded_units == ("VTPT",)
    assert set(duties(petition, found)) == {"denunciation_unqualified.screen"}


def test_a_named_unsigned_denunciation_is_guided():
    found = sorted_("Tôi tố cáo cán bộ quầy số 3 đòi 500 nghìn đồng mới nhận hồ sơ.", title="Tố cáo cán bộ")

    assert (found.kind, found.route, found.excluded_units) == ("denunciation", "guide", ("TNTKQ",))
    assert "unsigned" in found.flags


def test_a_denunciation_of_the_director_goes_above_the_department():
    found = sorted_("Tôi xin tố cáo ông Phạm Văn D, Phó Giám đốc Sở, lạm quyền.", signature_status="in_person")

    assert (found.kind, found.route, found.transfer_to) == ("denunciation", "transfer", "X-UBND")


def test_a_denunciation_addressed_to_the_director_is_not_about_the_director():
    found = sorted_(
        "Kính gửi: Giám đốc Sở Xây dựng. Tôi tố cáo ông Lê Văn E, đăng kiểm viên, vòi tiền. Đề nghị Giám đốc Sở xử lý.",
        signature_status="digital",
    )

    assert (found.route, found.transfer_to, found.excluded_units) == ("admit", None, ("DKIEM",))
    assert found.named_persons == ("Lê Văn E",)


def test_a_denunciation_of_the_division_that_handles_denunciations_goes_to_the_fallback():
    found = sorted_("Tôi tố cáo ông Võ Văn K, chuyên viên Phòng Pháp chế, nhận hối lộ.", signature_status="scanned")

    assert (found.unit, found.excluded_units) == ("VP", ("PCAT",))


def test_foreign_words_of_bribery_are_guided():
    found = sorted_(
        "The inspector at the inspection centre asked for money to pass my truck. I want this to be investigated.",
        language="en",
        signature_status="scanned",
    )

    assert (found.kind, found.route, found.excluded_units) == ("denunciation", "guide", ("DKIEM",))


@pytest.mark.parametrize("phrase", ["đề nghị giữ bí mật thông tin của tôi", "xin không tiết lộ tên tôi"])
def test_a_wish_for_secrecy_is_flagged(phrase):
    found = sorted_(f"Tôi tố cáo ông Hà Văn M, viên chức, nhận tiền, {phrase}.", signature_status="scanned")

    assert "secrecy_requested" in found.flags


# --- mixed letters ---


def test_a_letter_that_counts_its_matters_is_split():
    petition = a_petition(
        "Tôi xin trình bày: 1. Đường Bà Triệu có ổ gà rất sâu trước số 45. 2. Tôi khiếu nại Quyết định số 112/QĐ-SXD "
        "về xử phạt xe tôi. 3. Xe buýt tuyến số 4 thường xuyên bỏ chuyến.",
        title="Đơn nhiều nội dung",
    )

    found = sort(petition, CATALOGUE)

    assert (found.kind, found.topic, found.route, found.unit) == (None, None, "split", "VP")
    assert all("mixed" in row.flags for row in (found, *found.parts))
    assert found.is_restricted
    assert [(part.kind, part.topic, part.unit, part.route) for part in found.parts] == [
        ("report", "C01", "KCHT", "accept"),
        ("complaint", "C28", "PCAT", "guide"),
        ("report", "C13", "VTCC", "accept"),
    ]
    assert deadlines_for(found, petition, CATALOGUE) == ()
    told = outcome(found, petition, CATALOGUE, id="M")
    assert [part["id"] for part in told["parts"]] == ["Ma", "Mb", "Mc"]
    assert told["parts"][0]["deadlines"]["topic:C01"] == "2026-12-03"


def test_a_title_that_reports_and_complains_announces_no_single_matter():
    found = sorted_(
        "Thứ nhất, đường tránh qua xã Hưng Lộc bong tróc, nhiều ổ gà. Thứ hai, tôi khiếu nại Quyết định số 45/QĐ-SXD. "
        "Thứ ba, tôi tố cáo cán bộ đăng kiểm nhận tiền của lái xe.",
        title="Phản ánh đường xấu và khiếu nại quyết định xử phạt",
    )

    assert [(part.topic, part.route) for part in found.parts] == [("C01", "accept"), ("C28", "guide"), ("C29", "guide")]
    assert found.parts[2].excluded_units == ("DKIEM",)


def test_whom_a_letter_greets_is_not_cut_off_with_its_first_matter():
    found = sorted_(
        "Gửi Sở: 1) Đèn tín hiệu ngã tư Bà Triệu hỏng 3 ngày. 2) Kiến nghị mở thêm tuyến xe buýt đến Phú Vinh."
    )

    assert [(part.kind, part.topic) for part in found.parts] == [("report", "C03"), ("proposal", "C13")]


def test_a_part_that_needs_a_signature_waits_for_its_own_letter():
    found = sorted_(
        "Đường Nguyễn Trãi có nhiều ổ gà, đề nghị vá. Ngoài ra tôi tố cáo ông Trần Văn C, cán bộ Phòng Quản lý vận tải "
        "nhận 5 triệu đồng để cấp phù hiệu.",
        signature_status="scanned",
    )

    assert [(part.kind, part.route) for part in found.parts] == [("report", "accept"), ("denunciation", "guide")]
    assert "unsigned" in found.parts[1].conditions


def test_no_part_carries_the_words_of_another():
    found = sorted_(
        "Mặt đường Lê Huân hư hỏng. Tôi cũng muốn tố cáo ông Hồ Văn G, cán bộ phòng vận tải, nhận tiền.",
    )

    assert "tố cáo" not in found.parts[0].text
    assert not found.parts[0].is_restricted
    assert found.parts[1].excluded_units == ("VTPT",)


def test_complaint_and_denunciation_in_one_letter_are_two_matters():
    found = sorted_(
        "Tôi khiếu nại Quyết định số 5/QĐ-SXD ngày 01/11/2026 thu hồi phù hiệu. Tôi cũng muốn tố cáo ông Hồ Văn G, cán "
        "bộ phòng vận tải, nhận tiền của nhà xe khác.",
        title="Đơn khiếu nại, tố cáo",
    )

    assert [part.kind for part in found.parts] == ["complaint", "denunciation"]


@pytest.mark.parametrize(
    "body",
    [
        # numbered arguments of one complaint
        "Tôi khiếu nại Quyết định số 5/QĐ-SXD về thu hồi phù hiệu. 1. Xe tôi có giấy phép kinh doanh vận tải hợp lệ. "
        "2. Đề nghị hủy quyết định và bồi thường.",
        # numbered places of one report
        "Tôi phản ánh: 1. Ổ gà ở đường Lê Huân. 2. Ổ gà ở đường Yết Kiêu.",
        # a consequence, not a matter
        "Đường Bạch Đằng có ổ gà sâu. Ngoài ra khi mưa còn đọng nước nên rất khó đi.",
        # a decision and its field
        "Phù hiệu xe tôi còn hạn. Tôi khiếu nại Quyết định số 5/QĐ-SXD về thu hồi phù hiệu.",
    ],
)
def test_one_matter_is_not_split(body):
    found = sorted_(body, title="Đơn", signature_status="scanned")

    assert found.parts == ()
    assert found.kind is not None


# --- advertising ---


@pytest.mark.parametrize(
    "body",
    [
        "Vay tiền online lãi suất 0%, giải ngân 5 phút, đăng ký ngay tại http://vay-nhanh.example.xyz",
        "https://trung-thuong.example.com/nhan-qua",
        "Cho thuê xe limousine giá rẻ, khuyến mãi 30%, đặt hàng tại www.thuexe.example.com",
    ],
)
def test_advertising_that_is_links_is_set_aside_and_nobody_is_told(body):
    petition = a_petition(body, title="Ưu đãi")

    found = sort(petition, CATALOGUE)

    assert (found.kind, found.route, found.unit, found.channels) == ("spam", "quarantine", "VP", ())
    assert found.is_final
    assert duties(petition, found) == {}


def test_advertising_without_a_link_waits_for_a_person():
    found = sorted_("Cho vay không thế chấp, lãi suất ưu đãi, liên hệ zalo.")

    assert (found.kind, found.route, found.is_final) == ("spam", "quarantine", False)
    assert "advertising" in found.flags


def test_a_report_with_a_link_is_a_report():
    found = sorted_("Ổ gà trên đường Lê Duẩn, xem ảnh tại https://photos.example.com/a1", title="Ổ gà")

    assert (found.kind, found.route, found.topic) == ("report", "accept", "C01")


# --- duplicates ---

FIRST = OpenCase(
    id="A1",
    kind="report",
    topic="C01",
    received_on=date(2026, 11, 16),
    title="Ổ gà đường Nguyễn Lộ Trạch",
    body="Ổ gà lớn trên đường Nguyễn Lộ Trạch, chỗ giao với Dương Văn An.",
    answer_rule="topic:C01",
    answer_due_on=date(2026, 11, 26),
)
AGAIN = "Chỗ Nguyễn Lộ Trạch giao Dương Văn An mặt đường có hố rất to, ổ gà lớn."


def test_a_second_petition_about_the_same_place_follows_the_first():
    petition = a_petition(AGAIN)

    found = sort(petition, CATALOGUE, open_cases=[FIRST])

    assert (found.route, found.linked_to) == ("link", "A1")
    told = outcome(found, petition, CATALOGUE, id="A2", open_cases=[FIRST])
    assert told["deadlines"] == {}
    assert told["inherits"] == {"from": "A1", "rule": "topic:C01", "due": "2026-11-26"}


@pytest.mark.parametrize(
    "other",
    [
        replace(FIRST, topic="C05"),
        replace(FIRST, received_on=date(2026, 10, 1)),
        replace(FIRST, title="Ổ gà đường Tố Hữu", body="Ổ gà trên đường Tố Hữu."),
    ],
    ids=["another topic", "long ago", "another road"],
)
def test_what_is_not_the_same_is_not_linked(other):
    assert sort(a_petition(AGAIN), CATALOGUE, open_cases=[other]).linked_to is None


def test_two_points_on_the_map_within_two_hundred_metres_are_one_place():
    near = replace(FIRST, body="Ổ gà lớn.", title="Ổ gà", position=(16.4637, 107.5909))

    close = sort(a_petition("Mặt đường có ổ gà.", position=(16.4645, 107.5915)), CATALOGUE, open_cases=[near])
    far = sort(a_petition("Mặt đường có ổ gà.", position=(16.4837, 107.5909)), CATALOGUE, open_cases=[near])

    assert (close.linked_to, far.linked_to) == ("A1", None)


def test_conduct_is_never_linked():
    conduct = replace(FIRST, topic="C24", kind="procedure_feedback", body="Cán bộ quầy số 2 hách dịch.", title=None)

    assert sort(a_petition("Cán bộ quầy số 2 hách dịch, cộc lốc."), CATALOGUE, open_cases=[conduct]).linked_to is None


# --- priority, channels, flags ---


def test_danger_that_is_now_is_urgent_and_has_its_own_clock():
    petition = a_petition(
        "Cầu tạm ở xã Bình Điền sắp sập, tối nay nước lên rất nguy hiểm.", title="Cầu sắp sập, gãy lan can"
    )

    found = sort(petition, CATALOGUE)

    assert found.priority == "urgent"
    assert "safety" in found.flags
    assert "urgent.first_response" in duties(petition, found)


def test_danger_without_place_or_time_raises_nothing():
    assert sorted_("Ổ gà làm người ta té xe.", address=None).priority == "normal"


@given(st.sampled_from(WORDS.danger.raising + WORDS.danger.grave), st.sampled_from(CATALOGUE.topics))
def test_software_never_lowers_a_priority(danger, topic):
    body = f"{topic.keywords[0]} ở đường Lê Lợi {danger} hôm nay"

    found = sorted_(body)

    if found.topic == topic.code:
        assert PRIORITIES.index(found.priority) >= PRIORITIES.index(topic.priority)


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("0905 123 456", "mobile"),
        ("+84 914 222 333", "mobile"),
        ("0084905123456", "mobile"),
        ("０９０５１２３４５６", "mobile"),
        ("0559123456", "mobile"),
        ("0234 3823 456", "landline"),
        ("054 3823456", "invalid"),
        ("01221234567", "invalid"),
        ("0123456789", "invalid"),
        ("1900 1075", "shared_cost"),
        ("+44 20 7946 0958", "foreign"),
        ("", None),
        (None, None),
    ],
)
def test_a_telephone_number_is_known_by_the_numbering_plan(typed, kind):
    assert telephone_kind(typed, WORDS.phones) == kind


def test_our_numbering_plan_agrees_with_the_one_of_the_world():
    mobile = {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}
    for number in range(200, 1000, 7):
        typed = f"0{number:03d}123456"
        try:
            parsed = phonenumbers.parse(typed, "VN")
        except phonenumbers.NumberParseException:
            continue
        is_mobile = phonenumbers.is_valid_number(parsed) and phonenumbers.number_type(parsed) in mobile
        assert (telephone_kind(typed, WORDS.phones) == "mobile") == is_mobile, typed


def test_an_old_number_is_flagged_and_gets_no_sms():
    found = sorted_("Ổ gà trước số 10 đường Phan Chu Trinh.", phone="01221234567", email="a@example.vn")

    assert found.flags == ("invalid_phone",)
    assert found.channels == ("email",)


def test_who_left_nothing_is_owed_no_notice():
    petition = a_petition("Đèn đỏ ngã tư Mai Thúc Loan không sáng.", name=None, phone=None, address=None)

    found = sort(petition, CATALOGUE)

    assert "anonymous" in found.flags
    assert "reception.status_notice" not in duties(petition, found)


def test_a_due_day_in_a_year_without_a_calendar_is_flagged():
    petition = a_petition("Mặt đường tỉnh lộ 10A hư hỏng.", received="2026-12-28T09:00")

    assert "provisional_calendar" in outcome(sort(petition, CATALOGUE), petition, CATALOGUE, id="Y")["flags"]


@pytest.mark.parametrize("insult", ["vcl", "đ.m", "Đm", "vcllll", "đồ ngu", "đ-m"])
def test_insults_are_seen_however_they_are_written(insult):
    assert "abusive" in sorted_(f"Xe buýt bỏ chuyến {insult}, ngã tư Lê Lợi.").flags


@pytest.mark.parametrize("text", ["Xe dài 4 m", "Con chó chạy qua đường", "Bọn trẻ đi học"])
def test_ordinary_words_are_no_insults(text):
    assert "abusive" not in sorted_(f"{text} ở đường Lê Lợi, ổ gà sâu.").flags


def test_flags_stand_in_their_order():
    found = sorted_("xe ben 75C 04567 cho dat qua tai tren duong Tu Duc", phone="054 3823456", name=None)

    assert list(found.flags) == sorted(found.flags, key=FLAGS.index)


# --- reading and matching ---


@pytest.mark.parametrize(
    ("text", "phrase"), [("yêu cau", "cầu"), ("con đò", "đó"), ("đường do nhà", "đò"), ("chèo thuyền", "thuyên")]
)
def test_accents_tell_words_apart(text, phrase):
    assert Passage(text).find(phrase) == []


def test_a_single_syllable_is_not_looked_for_without_accents():
    assert Passage("bi ngap nuoc").find("ngập") == []
    assert Passage("bi ngap nuoc").find("ngập nước")


@given(st.lists(st.sampled_from(PHRASES), min_size=1, max_size=12), st.booleans())
def test_a_text_read_once_for_all_phrases_says_what_it_says_to_each_list(said, has_marks):
    text = ", ".join(said) if has_marks else fold(" ".join(said))
    read_once = Passage(text, CATALOGUE.phrasebook)

    for phrases in (WORDS.faults, WORDS.wishes, WORDS.neutral, WORDS.officials, WORDS.matters, tuple(said)):
        assert read_once.find_all(phrases) == Passage(text).find_all(phrases)


@given(st.dates(date(2024, 1, 1), date(2032, 12, 31)))
def test_the_topics_of_a_day_are_those_that_hold_on_it(day):
    assert CATALOGUE.topics_on(day) == tuple(topic for topic in CATALOGUE.topics if holds(topic, day))


@pytest.mark.parametrize("beside", [-1, 0, 1])
def test_topics_change_on_their_first_day_and_after_their_last(beside):
    days = {day for topic in CATALOGUE.topics for day in (topic.valid_from, topic.valid_to) if day}

    for day in (day + timedelta(days=beside) for day in days):
        assert CATALOGUE.topics_on(day) == tuple(topic for topic in CATALOGUE.topics if holds(topic, day))


def test_the_longest_phrase_wins_inside_others():
    found = sorted_("Nhà thầu không hoàn trả mặt đường Lê Huân sau khi đào.", title="Không hoàn trả mặt đường")

    assert found.topic == "C10"
    assert all("mặt đường" not in row.phrases for row in found.candidates)


def test_a_repeated_word_counts_twice_at_most():
    once = sorted_("xe buýt xe buýt đi qua ngã tư.")
    often = sorted_("xe buýt " * 10 + "đi qua ngã tư.")

    assert once.candidates[0].score == often.candidates[0].score == 4


def test_a_duplicate_letter_in_another_composition_is_the_same_letter():
    body = "Mặt đường Điện Biên Phủ hư hỏng, ổ gà sâu."
    decomposed = unicodedata.normalize("NFD", body)

    typed, sent = sorted_(body), sorted_(decomposed)

    assert (typed.topic, typed.candidates) == (sent.topic, sent.candidates)
    assert set(sent.flags) - set(typed.flags) == {"nfd_text"}


@pytest.mark.parametrize("text", ["75F1-123.45", "75AA 123.45", "75C 04567", "29A-1234", "75b-012.34"])
def test_plates_are_found(text):
    assert has_plate(f"xe {text} chạy")


@pytest.mark.parametrize("text", ["87/QĐ-SXD", "12/10/2026", "H57.14-261103-0021", "0905 123 456"])
def test_what_looks_a_little_like_a_plate_is_left_alone(text):
    assert not has_plate(f"theo {text} nhé")


def test_dates_need_their_year():
    assert [day for _, day in dates_in("ngày 5/10/2026, ngày 12 tháng 10 năm 2026, ngày 16/11, 31/02/2026")] == [
        date(2026, 10, 5),
        date(2026, 10, 12),
    ]


def test_a_decision_and_the_day_it_was_received_are_read():
    found = decision_in("Quyết định số 87/QĐ-SXD ngày 05/10/2026 … Tôi nhận quyết định ngày 12/10/2026.")

    assert (found.number, found.symbol, found.issued_on, found.known_on) == (
        "87",
        "QĐ-SXD",
        date(2026, 10, 5),
        date(2026, 10, 12),
    )


def test_a_dossier_and_its_promised_day_are_read():
    found = dossier_in("Hồ sơ mã H57.14-261103-0021 hẹn trả ngày 16/11/2026, đến nay chưa có.")

    assert (found.code, found.due_on) == ("H57.14-261103-0021", date(2026, 11, 16))


@given(st.text(max_size=300), st.text(max_size=40))
def test_any_text_is_sorted_to_a_unit_that_exists(body, title):
    found = sort(a_petition(body, title=title), CATALOGUE)

    assert found.unit in {unit.code for unit in CATALOGUE.units}
    assert found.unit not in found.excluded_units
    assert found.route != "refuse"


VOCABULARY = sorted(
    {keyword for topic in CATALOGUE.topics for keyword in topic.keywords}
    | set(WORDS.officials)
    | set(WORDS.held)
    | set(WORDS.also)
    | {"1.", "2.", ".", "\n", "tôi", "Lê Lợi", "ông Trần Văn A"}
)


@given(st.lists(st.sampled_from(VOCABULARY), max_size=25), st.sampled_from(["none", "scanned"]))
def test_whatever_is_said_no_one_concerned_handles_it_and_legal_kinds_stay_closed(phrases, signature):
    found = sort(a_petition(" ".join(phrases), signature_status=signature), CATALOGUE)

    for proposal in (found, *found.parts):
        assert proposal.unit not in proposal.excluded_units
        if proposal.kind in ("complaint", "complaint_second", "denunciation", "denunciation_unqualified"):
            assert proposal.is_restricted
            assert proposal.publication == "private"
            assert proposal.linked_to is None


def test_the_day_of_receipt_decides_the_unit():
    truck = "Xe ben chở đất quá tải trên đường Võ Văn Kiệt."

    assert sorted_(truck, received="2025-05-20T08:00").unit == "TTRA"
    assert sorted_(truck).unit == "PCAT"
    assert sort(a_petition(truck), CATALOGUE, day=date(2025, 5, 20)).unit == "TTRA"


def test_received_late_at_night_is_received_that_day():
    petition = a_petition("Ổ gà đường Lê Lợi.", received="2026-11-22T23:59")

    clocks = {row.rule: row for row in deadlines_for(sort(petition, CATALOGUE), petition, CATALOGUE)}

    assert clocks["topic:C01"].anchor_on == date(2026, 11, 22)
    assert clocks["topic:C01"].anchor_at == at("2026-11-22T23:59")
