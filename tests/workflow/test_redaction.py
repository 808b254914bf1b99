"""The proposed copy for handlers: nothing in it tells who wrote, what it is about stays readable."""

import string
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.workflow.domain.redaction import Sender, redact
from services.workflow.store import words_only
from shared.text import fold

WHO = Sender(
    name="Lê Thị Mẫu", phone="0905 123 456", email="mau.lt@example.vn", address="7 kiệt 12 đường Hàm Nghi, Huế"
)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Tôi là Lê Thị Mẫu, tố cáo ông Nguyễn Văn B.", "Tôi là [tên], tố cáo ông Nguyễn Văn B."),
        ("LE THI MAU ky ten", "[tên] ky ten"),
        ("Gọi cho tôi số 0905.123.456 hoặc +84905123456", "Gọi cho tôi số [số điện thoại] hoặc [số điện thoại]"),
        ("Thư: mau.lt@example.vn", "Thư: [thư điện tử]"),
        ("Xe của tôi 75H-012.34, cả 75b-012.34", "Xe của tôi [biển số], cả [biển số]"),
        ("CCCD 046085001234 cấp năm 2021", "CCCD [số giấy tờ] cấp năm 2021"),
        ("Nhà số 7 kiệt 12 đường Hàm Nghi thấy rõ", "[địa chỉ] thấy rõ"),
        ("Tôi ở đối diện quán cà phê, ngày nào cũng thấy", "Tôi ở đối diện [nơi], ngày nào cũng thấy"),
        ("Tôi thấy từ số 12/4 đường Lê Lợi", "Tôi thấy từ [địa chỉ]"),
        ("Ở tổ dân phố 5 ai cũng biết", "Ở [nơi] ai cũng biết"),
        ("Vợ tôi là Trần Thị Ví Dụ chứng kiến", "Vợ tôi là [tên] chứng kiến"),
        ("Chị Ví Dụ ở cùng phòng chứng kiến", "Chị [tên] ở cùng phòng chứng kiến"),
    ],
)
def test_what_could_tell_who_wrote_it_is_masked_as_masked(written: str, read: str) -> None:
    assert redact(written, WHO) == read


@pytest.mark.parametrize(
    "kept",
    [
        "Tôi tố cáo ông Nguyễn Văn B nhận 2.000.000 đồng. Ông B đã nhận nhiều lần.",
        "Theo quyết định số 87/QĐ-SXD ngày 12/10/2026",
        "Hồ sơ H57.14-261103-0021 bị giữ lại",
        "Trạm đăng kiểm 75-01D sáng ngày 12/11/2026",
    ],
)
def test_what_it_is_about_stays(kept: str) -> None:
    assert redact(kept, Sender()) == kept


def test_a_letter_is_proposed_whole_title_text_place_and_answers() -> None:
    answered = [{"question": "Bạn biết từ đâu?", "value": "Lê Thị Mẫu nghe kể"}]
    letter = replace(words_only("Tôi tố cáo ông A."), title="Đơn của Lê Thị Mẫu", place="7 kiệt 12 đường Hàm Nghi")

    found = redact(replace(letter, answers=answered).whole, WHO)

    assert found == "Đơn của [tên]\n\nTôi tố cáo ông A.\n\n[địa chỉ]\n\nBạn biết từ đâu?\n[tên] nghe kể"


@given(
    before=st.text(string.ascii_lowercase + " ,.\n", max_size=30),
    after=st.text(string.ascii_lowercase + " ,.\n", max_size=30),
    shape=st.sampled_from([str, str.upper, str.lower, fold]),
)
def test_the_sender_s_name_is_found_however_it_is_typed(before: str, after: str, shape) -> None:
    text = f"{before} {shape('Lê Thị Mẫu')} {after}"

    assert "le thi mau" not in fold(redact(text, WHO))
