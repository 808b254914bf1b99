"""Letters: which one, by whom, under which number, with which words; and that none of it changes afterwards."""

import io
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from threading import Barrier, Thread
from typing import Any
from uuid import UUID, uuid4

import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.workflow import actions, store
from services.workflow.actions import letters
from services.workflow.domain.letter import (
    Letter,
    NoAuthority,
    Page,
    Template,
    addressee,
    block_of,
    faults_of,
    filled,
    long_date,
    number_of,
    paragraphs_of,
    symbol_of,
)
from services.workflow.press import Press
from shared.db import Database
from shared.events.base import Event
from shared.events.workflow import CaseAnswered, WithLetter
from shared.files import read_file
from tests.workflow.builders import (
    ANSWER,
    DENUNCIATION,
    DIRECTOR,
    FILES,
    HEAD,
    INSPECTION_HEAD,
    LAWYER,
    LEGAL_HEAD,
    OFFICE,
    OFFICER,
    Office,
    Staff,
    the_rules,
)

PAPERS = the_rules().papers
TODAY = date(2026, 11, 23)
COMPLAINT = {
    "title": "Khiếu nại Quyết định xử phạt số 15",
    "text": "Tôi khiếu nại Quyết định số 15/QĐ-SXD ngày 12/11/2026 xử phạt tôi. Tôi ký tên dưới đơn.",
    "kind": "complaint",
    "topic": None,
    "public_code": None,
    "code": "4MMM4MMM",
    "signature_status": "scanned",
}
SENTENCE = "Trạm bơm Ẵ Ặ Ữ Ỡ ẫ ễ ợ đ Đ, ngõ 5 Nguyễn Huệ: thợ đã vá xong ổ gà sâu, mặt đường êm."


def a_page(**given: Any) -> Page:
    usual: dict[str, Any] = {
        "id": "0193b3c0-0000-7000-8000-000000000001",
        "parent": "Ủy ban nhân dân\nthành phố Huế",
        "issuer": "Sở Xây dựng",
        "number": "Số: 05/SXD-KCHT",
        "mark": None,
        "place_and_date": long_date("Huế", TODAY),
        "signed_on": TODAY,
        "title": None,
        "about": "trả lời phản ánh",
        "addressee": "Ông (Bà) Nguyễn Thị Hồng Ánh",
        "paragraphs": (SENTENCE, "Trân trọng./."),
        "recipients": ("Như trên;", "Lưu: VT, KCHT."),
        "block": ("TL. Giám đốc", "Trưởng phòng"),
        "signer": "Trưởng phòng Hạ tầng",
    }
    return Page(**usual | given)


def text_of(data: bytes) -> str:
    """The words of a PDF, blanks and line ends alike."""
    return " ".join(" ".join(sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(data)).pages).split())


def template(code: str) -> Template:
    return next(row for row in PAPERS.letters if row.code == code)


# ---- what the rules say


@pytest.mark.parametrize(
    ("day", "written"),
    [
        (date(2026, 6, 4), "Huế, ngày 04 tháng 6 năm 2026"),
        (date(2026, 2, 14), "Huế, ngày 14 tháng 02 năm 2026"),
        (date(2026, 11, 30), "Huế, ngày 30 tháng 11 năm 2026"),
    ],
)
def test_days_and_months_take_a_zero_where_the_decree_wants_one(day: date, written: str) -> None:
    assert long_date("Huế", day) == written


def test_a_number_has_two_digits_at_least() -> None:
    assert [number_of(count) for count in (1, 9, 10, 1167)] == ["01", "09", "10", "1167"]


@pytest.mark.parametrize(
    ("code", "day", "symbol"),
    [
        ("answer", date(2026, 11, 23), "123/SXD-VP"),
        ("answer", date(2025, 2, 28), "123/SGTVT-VP"),
        ("complaint_accepted", date(2026, 11, 23), "123/TB-SXD"),
        ("suspension", date(2026, 11, 23), "123/QĐ-SXD"),
    ],
)
def test_a_symbol_follows_the_department_of_its_day_and_the_type_of_the_letter(
    code: str, day: date, symbol: str
) -> None:
    assert symbol_of("123", template(code), the_rules().catalogue.department_on(day), "VP") == symbol


@pytest.mark.parametrize(
    ("step", "kind", "ground", "code"),
    [
        ("answer", "report", "", "answer"),
        ("answer_again", "report", "", "answer_correction"),
        ("extend", "report", "", "extension"),
        ("apologise", "report", "", "apology"),
        ("transfer", "report", "", "transfer"),
        ("refuse", "report", "no_new_facts", "reception_refusal"),
        ("refuse", "report", "not_understandable", "refusal"),
        ("refuse", "complaint", "no_signature", "complaint_refused"),
        ("refuse", "denunciation", "filed", "denunciation_refused"),
        ("accept", "complaint", "", "complaint_accepted"),
        ("accept", "denunciation", "", "denunciation_accepted"),
        ("suspend", "complaint", "", "suspension"),
        ("resume", "complaint", "", "resumption"),
        ("guide", "complaint", "", "signature_guidance"),
    ],
)
def test_each_step_has_its_letter(step: str, kind: str, ground: str, code: str) -> None:
    found = PAPERS.template_for(step, kind, TODAY, ground=ground)

    assert found is not None
    assert found.code == code


def test_a_report_is_accepted_without_a_letter() -> None:
    assert PAPERS.template_for("accept", "report", TODAY) is None


def test_a_form_of_a_new_decree_is_not_used_before_its_day() -> None:
    assert PAPERS.template_for("accept", "complaint", date(2026, 6, 30)) is None
    assert PAPERS.template_for("accept", "complaint", date(2026, 7, 1)) is not None


@pytest.mark.parametrize(
    ("signer", "unit_type", "code", "lines"),
    [
        (DIRECTOR, None, "answer", ("Giám đốc",)),
        (HEAD, "division", "answer", ("TL. Giám đốc", "Trưởng phòng")),
        (INSPECTION_HEAD, "agency", "answer", ("TUQ. Giám đốc", "Giám đốc đơn vị")),
        (OFFICE, "division", "transfer", ("TUQ. Giám đốc", "Cán bộ đầu mối")),
    ],
)
def test_who_signs_says_in_whose_stead(signer: Staff, unit_type: str | None, code: str, lines: tuple[str, ...]) -> None:
    assert block_of(PAPERS, signer, unit_type, code, TODAY).lines == lines


def test_a_deputy_named_in_the_data_signs_for_the_head() -> None:
    row = next(row for row in PAPERS.authorities if row.mark == "KT.")
    known = replace(PAPERS, authorities=(*PAPERS.authorities, replace(row, persons=(DIRECTOR.person,))))

    assert block_of(known, DIRECTOR, None, "answer", TODAY).lines == ("KT. Giám đốc", "Phó Giám đốc")


@pytest.mark.parametrize(
    ("signer", "unit_type", "code"),
    [(OFFICER, "division", "answer"), (OFFICE, "division", "answer"), (HEAD, "division", "suspension")],
)
def test_nobody_signs_what_was_not_given_to_them(signer: Staff, unit_type: str, code: str) -> None:
    with pytest.raises(NoAuthority):
        block_of(PAPERS, signer, unit_type, code, TODAY)


def test_an_empty_field_takes_its_sentence_along() -> None:
    assert filled("Căn cứ: ((basis?)).", {"basis": ""}) is None
    assert filled("Căn cứ: ((basis?)).", {"basis": "kế hoạch quý IV"}) == "Căn cứ: kế hoạch quý IV."
    assert filled("Lý do: ((reason))", {}) == "Lý do: "


@given(st.text(max_size=60), st.text(max_size=60))
def test_what_somebody_wrote_is_never_read_as_a_field(reason: str, basis: str) -> None:
    fields = {"reason": f"(({basis})) ((signer)) {reason}", "signer": "Giám đốc"}

    assert filled("((reason))", fields) == fields["reason"]


def test_paragraphs_that_somebody_wrote_stay_apart() -> None:
    told = paragraphs_of(template("answer"), {"text": "Một.\n\nHai.", "department": "Sở"})

    assert told[told.index("Một.") + 1] == "Hai."


def test_a_denouncer_is_never_named() -> None:
    assert addressee(name="Nguyễn Văn A", party="individual", code="9QDX5TZW", is_secret=True) == (
        "Người gửi đơn mã 9QDX-5TZW"
    )
    assert (
        addressee(name="Nguyễn Văn A", party="individual", code="9QDX5TZW", is_secret=False) == "Ông (Bà) Nguyễn Văn A"
    )
    assert addressee(name="Công ty B", party="organisation", code="9QDX5TZW", is_secret=False) == "Công ty B"


def test_a_template_that_names_what_nobody_fills_in_is_found() -> None:
    wrong = replace(template("answer"), body=("((nobody))",), recipients=("Như trên.",), title="Thông báo")

    assert list(faults_of(wrong)) == [
        "unknown field 'nobody'",
        "a title and its abbreviation go together",
        "the last of the recipients is 'Lưu: VT'",
    ]


# ---- printing


def test_the_same_page_gives_the_same_bytes_whoever_prints_it(tmp_path: Path) -> None:
    assert Press(tmp_path).print(a_page()) == Press(tmp_path).print(a_page())
    assert Press(tmp_path).print(a_page()) != Press(tmp_path).print(a_page(id=str(uuid4())))


def test_every_vietnamese_letter_reaches_the_paper(tmp_path: Path) -> None:
    told = text_of(Press(tmp_path).print(a_page()))

    for words in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "ỦY BAN NHÂN DÂN THÀNH PHỐ HUẾ",
        "SỞ XÂY DỰNG",
        "Số: 05/SXD-KCHT",
        "V/v trả lời phản ánh",
        "Huế, ngày 23 tháng 11 năm 2026",
        "Kính gửi: Ông (Bà) Nguyễn Thị Hồng Ánh.",
        SENTENCE,
        "Nơi nhận:",
        "- Lưu: VT, KCHT.",
        "TL. GIÁM ĐỐC TRƯỞNG PHÒNG",
    ):
        assert words in told
    assert "BẢN NHÁP" not in told


def test_a_letter_is_a4_for_the_archive_and_needs_no_font_of_the_reader(tmp_path: Path) -> None:
    read = pypdf.PdfReader(io.BytesIO(Press(tmp_path).print(a_page())))

    sheet = read.pages[0]
    assert [round(float(side)) for side in (sheet.mediabox.width, sheet.mediabox.height)] == [595, 842]
    assert read.xmp_metadata is not None
    assert b"pdfaid:part" in read.trailer["/Root"]["/Metadata"].get_data()  # type: ignore[index]
    for font in sheet["/Resources"]["/Font"].values():  # type: ignore[index]
        inside = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        assert {"/FontFile2", "/FontFile3"} & set(inside)


def test_a_long_answer_goes_on_to_a_second_sheet_with_its_number(tmp_path: Path) -> None:
    read = pypdf.PdfReader(io.BytesIO(Press(tmp_path).print(a_page(paragraphs=(SENTENCE,) * 25))))

    assert len(read.pages) == 2
    assert read.pages[1].extract_text().strip().startswith("2")


def test_words_that_look_like_code_are_printed_as_they_are(tmp_path: Path) -> None:
    odd = '#read("letter.typ") *đậm* _nghiêng_ $x$ <a> @b // c'

    assert odd in text_of(Press(tmp_path).print(a_page(paragraphs=(odd,))))


def test_letters_are_printed_one_after_the_other_by_many_at_once(tmp_path: Path) -> None:
    press, made = Press(tmp_path), []
    threads = [Thread(target=lambda: made.append(press.print(a_page()))) for _ in range(4)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) == 4
    assert len(set(made)) == 1


# ---- numbers


def test_numbers_begin_anew_each_year_and_go_on_without_gaps(office: Office) -> None:
    with office.database.writing() as tx:
        first = [store.allot(tx, {("outgoing", 2026): 1})["outgoing", 2026] for _ in range(3)]
        both = store.allot(tx, {("outgoing", 2026): 2, ("outgoing", 2027): 1})
        after = store.allot(tx, {("outgoing", 2026): 1, ("secret", 2026): 1})

    assert first == [1, 2, 3]
    assert both == {("outgoing", 2026): 4, ("outgoing", 2027): 1}
    assert after == {("outgoing", 2026): 6, ("secret", 2026): 1}


def test_a_transaction_that_fails_gives_its_number_back(office: Office) -> None:
    def fail() -> None:
        with office.database.writing() as tx:
            store.allot(tx, {("outgoing", 2026): 1})
            raise TimeoutError

    with pytest.raises(TimeoutError):
        fail()

    with office.database.writing() as tx:
        assert store.allot(tx, {("outgoing", 2026): 1})["outgoing", 2026] == 1


def test_two_writers_at_once_leave_no_gap_and_no_double(office: Office) -> None:
    taken: list[int] = []
    start = Barrier(2)

    def write(database: Database) -> None:
        start.wait()
        for turn in range(20):
            try:
                with database.writing() as tx:
                    number = store.allot(tx, {("outgoing", 2026): 1})["outgoing", 2026]
                    if turn % 5 == 4:
                        raise TimeoutError  # and its number is free again
            except TimeoutError:
                continue
            taken.append(number)

    writers = [Thread(target=write, args=(office.database,)) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert sorted(taken) == list(range(1, 33))


def test_every_petition_has_a_number_in_its_register(office: Office) -> None:
    plain = [office.file(code=f"7K3M9HD{n}") for n in range(3)]
    secret = office.file(**DENUNCIATION)
    office.at("2027-01-04T09:00")
    later = office.file(code="2BBB2BBB", received_at=office.clock.now())

    numbers = [register_of(office, case_id) for case_id in (*plain, secret, later)]

    assert numbers == [(1, 2026), (2, 2026), (3, 2026), (1, 2026), (1, 2027)]


def register_of(office: Office, case_id: UUID) -> tuple[int, int]:
    petition_id = office.case(case_id).petition_id
    with office.database.reading() as look:
        return store.register_numbers(look, [petition_id])[petition_id]


# ---- steps that issue one


def in_work(office: Office, **given: Any) -> UUID:
    """A case in the hands of the first officer."""
    case_id = office.file(**given)
    office.act(actions.assign, HEAD, case_id, officer=OFFICER.person)
    office.act(actions.accept, OFFICER, case_id)
    return case_id


def answered(office: Office, case_id: UUID, text: str = ANSWER, apology: str = "") -> CaseAnswered:
    basis = "kế hoạch bảo dưỡng quý IV."
    office.act(actions.submit_draft, OFFICER, case_id, text=text, outcome="done", basis=basis, apology=apology)
    office.act(actions.approve, HEAD, case_id)
    (told,) = office.act(actions.answer, OFFICER, case_id)
    assert isinstance(told, CaseAnswered)
    return told


def only_letter(office: Office, case_id: UUID) -> Letter:
    with office.database.reading() as look:
        (found,) = store.letters_of(look, case_id)
    return found


def printed(letter: Letter) -> str:
    return text_of(read_file(Path(FILES.name), letter.id))


def test_an_answer_is_a_numbered_letter_signed_by_who_approved_it(office: Office) -> None:
    case_id = in_work(office)

    told = answered(office, case_id)

    letter = only_letter(office, case_id)
    assert (letter.type, letter.symbol, letter.signed_on) == ("answer", "01/SXD-KCHT", TODAY)
    assert (letter.signer, letter.signer_name) == (HEAD.person, HEAD.name)
    words = printed(letter)
    assert "Kính gửi: Ông (Bà) Nguyễn Thị Hồng Ánh." in words
    assert "Ngày 25/11/2026 chúng tôi đã vá ổ gà trước số nhà 120." in words
    assert "Căn cứ: kế hoạch bảo dưỡng quý IV." in words
    assert "mã hồ sơ 7K3M-9HDT" in words
    assert "TL. GIÁM ĐỐC TRƯỞNG PHÒNG Trưởng phòng Hạ tầng" in words
    assert (told.letter_type, told.letter_number, told.letter_sha256) == ("answer", letter.symbol, letter.sha256)


def test_the_first_letter_of_a_year_has_number_one_again(office: Office) -> None:
    old, new = (
        in_work(office),
        in_work(
            office,
            code="3BJK7WQC",
            topic="C03",
            title="Đèn tín hiệu tắt",
            text="Đèn tín hiệu ngã tư Hà Nội tắt hoàn toàn.",
        ),
    )
    answered(office, old)
    office.at("2027-01-04T09:00")

    told = answered(office, new)

    letter = only_letter(office, new)
    assert (told.letter_number, letter.year, letter.number) == ("01/SXD-KCHT", 2027, 1)
    assert "Huế, ngày 04 tháng 01 năm 2027" in printed(letter)


def test_what_the_event_says_of_the_file_is_true(office: Office) -> None:
    told = answered(office, in_work(office))

    handed_out = told.letter.value
    assert handed_out is not None
    data = read_file(Path(FILES.name), handed_out.id)
    assert sha256(data).hexdigest() == told.letter_sha256 == handed_out.sha256
    assert len(data) == handed_out.size_bytes


def test_everybody_whose_case_follows_gets_a_letter_of_their_own(office: Office) -> None:
    lead = in_work(office)
    follower = office.file(code="2BBB2BBB", name="Trần Văn Bình", topic=None, title=None)
    office.act(actions.link, OFFICE, follower, into=lead)
    office.act(actions.submit_draft, OFFICER, lead, text=ANSWER, outcome="done")
    office.act(actions.approve, HEAD, lead)

    told = office.act(actions.answer, OFFICER, lead)

    assert [event.letter_number for event in told if isinstance(event, CaseAnswered)] == ["01/SXD-KCHT", "02/SXD-KCHT"]
    assert "Trần Văn Bình" in printed(only_letter(office, follower))
    assert "Trần Văn Bình" not in printed(only_letter(office, lead))


def test_a_corrected_answer_is_a_new_letter_that_names_the_first(office: Office) -> None:
    case_id = in_work(office)
    answered(office, case_id)
    first = only_letter(office, case_id)
    office.ask_again(case_id)
    office.act(actions.reopen, HEAD, case_id)

    answered(
        office,
        case_id,
        text="Chúng tôi xem lại: đoạn trước số nhà 122 cũng đã được vá ngày 27/11/2026.",
        apology="Lần trước chúng tôi vá nguội, không chịu được mưa.",
    )

    with office.database.reading() as look:
        kept, again = store.letters_of(look, case_id)
    assert kept == first
    assert (again.type, again.symbol, again.corrects) == ("answer_correction", "02/SXD-KCHT", first.id)
    words = printed(again)
    assert "văn bản số 01/SXD-KCHT ngày 23/11/2026" in words
    assert "xin lỗi Ông (Bà): Lần trước chúng tôi vá nguội, không chịu được mưa." in words
    assert sha256(read_file(Path(FILES.name), first.id)).hexdigest() == first.sha256


def the_letter_of(told: list[Event]) -> WithLetter:
    (found,) = [event for event in told if isinstance(event, WithLetter) and event.letter.value is not None]
    return found


def test_an_extension_is_a_letter_with_both_days(office: Office) -> None:
    case_id = in_work(office)
    office.act(actions.ask_extension, OFFICER, case_id, reason="Chờ vật tư nhựa nóng về kho.")

    told = the_letter_of(office.act(actions.grant_extension, HEAD, case_id))

    words = printed(only_letter(office, case_id))
    assert told.letter_type == "extension"
    assert "Lý do: Chờ vật tư nhựa nóng về kho." in words
    assert f"gia hạn đến hết ngày {office.case(case_id).answer_due_on:%d/%m/%Y}" in words


def test_s22c_an_apology_has_the_fields_of_its_form(office: Office) -> None:
    case_id = in_work(office)
    due_before = office.case(case_id).answer_due_on

    told = the_letter_of(
        office.act(
            actions.apologise,
            HEAD,
            case_id,
            reason="Mưa lớn kéo dài nên nhà thầu chưa thi công được.",
            due_on=date(2026, 12, 10),
            signer=HEAD.name,
        )
    )

    words = printed(only_letter(office, case_id))
    assert (told.letter_type, told.letter_number) == ("apology", "01/SXD-KCHT")
    for field in (
        "Sở Xây dựng thành phố Huế",  # agency
        "Nguyễn Thị Hồng Ánh",  # citizen
        "Ổ gà sâu trên đường Điện Biên Phủ",  # matter
        "mã 7K3M-9HDT",  # dossier code
        "Ngày 23/11/2026",  # day of receipt
        f"ngày {due_before:%d/%m/%Y}",  # promised time
        "Mưa lớn kéo dài",  # reason
        "thành thật xin lỗi",
        "chậm nhất ngày 10/12/2026",  # the one new date
        HEAD.name,
    ):
        assert field in words


def test_a_transfer_and_a_refusal_are_letters(office: Office) -> None:
    passed_on, refused = office.file(), office.file(code="2BBB2BBB", topic=None, title=None)

    one = office.act(actions.transfer, OFFICE, passed_on, to="X-CA", reason="Việc của cảnh sát giao thông.")
    other = office.act(
        actions.refuse,
        OFFICE,
        refused,
        ground="already_answered",
        reason="Việc này đã được trả lời bằng văn bản tháng 10.",
    )

    assert [the_letter_of(told).letter_number for told in (one, other)] == ["01/SXD-KCHT", "02/TB-SXD"]
    assert "Công an thành phố Huế" in printed(only_letter(office, passed_on))
    assert "THÔNG BÁO Về việc từ chối tiếp công dân" in printed(only_letter(office, refused))
    assert "TUQ. GIÁM ĐỐC CÁN BỘ ĐẦU MỐI" in printed(only_letter(office, refused))


def test_s17b_a_complaint_is_accepted_suspended_and_resumed_by_letters(office: Office) -> None:
    case_id = office.file(**COMPLAINT)
    unit = office.case(case_id).unit
    office.act(actions.confirm_triage, LEGAL_HEAD, case_id, kind="complaint", topic=None, unit=unit)
    office.act(actions.assign, LEGAL_HEAD, case_id, officer=LAWYER.person)

    accepted = the_letter_of(office.act(actions.accept, LEGAL_HEAD, case_id))
    suspended = the_letter_of(office.act(actions.suspend, DIRECTOR, case_id, reason="Chờ kết quả giám định."))
    with pytest.raises(NoAuthority):
        office.act(actions.resume, LAWYER, case_id)
    resumed = the_letter_of(office.act(actions.resume, DIRECTOR, case_id))

    assert [told.letter_number for told in (accepted, suspended, resumed)] == ["01/TB-SXD", "02/QĐ-SXD", "03/QĐ-SXD"]
    assert [told.letter_type for told in (accepted, suspended, resumed)] == [
        "complaint_accepted",
        "suspension",
        "resumption",
    ]


def test_a_secret_letter_has_a_series_of_its_own_and_says_nothing_in_the_open(office: Office) -> None:
    answered(office, in_work(office))
    case_id = office.file(**DENUNCIATION)
    office.act(actions.confirm_triage, LEGAL_HEAD, case_id, kind="denunciation", topic=None, unit=None)
    office.act(actions.assign, LEGAL_HEAD, case_id, officer=LAWYER.person)

    told = the_letter_of(office.act(actions.accept, LEGAL_HEAD, case_id))

    letter = only_letter(office, case_id)
    assert (letter.series, letter.symbol) == ("secret", "01/TB-SXD")
    assert (told.letter_type, told.letter_number, told.letter_sha256) == (None, None, letter.sha256)
    words = printed(letter)
    assert "MẬT" in words
    assert "Người gửi đơn mã 9QDX-5TZW" in words
    assert "Nguyễn Thị Hồng Ánh" not in words


def test_who_may_not_sign_cannot_take_the_step_and_no_number_is_lost(office: Office) -> None:
    case_id = in_work(office)
    papers = replace(
        PAPERS, authorities=tuple(row for row in PAPERS.authorities if "agency" in row.unit_types or row.role != "head")
    )
    office.rules = replace(office.rules, papers=papers)
    office.act(actions.submit_draft, OFFICER, case_id, text=ANSWER, outcome="done")

    with pytest.raises(NoAuthority):
        office.act(actions.approve, HEAD, case_id)

    office.act(actions.approve, DIRECTOR, case_id)
    (told,) = office.act(actions.answer, OFFICER, case_id)
    assert told.letter_number == "01/SXD-KCHT"  # type: ignore[attr-defined]


def test_a_draft_can_be_looked_at_before_anybody_signs(office: Office) -> None:
    case_id = in_work(office)
    office.act(actions.submit_draft, OFFICER, case_id, text=ANSWER, outcome="done")

    with office.database.reading() as look:
        page = letters.preview(look, office.rules, office.case(case_id), "answer", signer=HEAD.person, text=ANSWER)
        issued = store.letters_of(look, case_id)

    assert page is not None
    words = text_of(office.rules.press.print(page))
    assert "BẢN NHÁP" in words
    assert "/SXD-KCHT" in words
    assert "01/SXD" not in words
    assert issued == []


def test_the_register_costs_two_statements_however_many_came_in(office: Office) -> None:
    with office.database.writing() as tx:
        store.register_petitions(tx, [(uuid4(), "incoming", 2026) for _ in range(3)])
        store.register_petitions(tx, [])

    with office.database.writing() as tx:
        assert store.allot(tx, {("incoming", 2026): 1})["incoming", 2026] == 4
