"""What everybody may read of a case: written, covered, published by somebody else, taken down; never of some kinds."""

import io
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from services.workflow import actions, reactions, store
from services.workflow.actions import Told
from services.workflow.actions.splitting import Part
from services.workflow.domain.redaction import Sender, public_words
from services.workflow.domain.summary import (
    COLUMNS,
    NEVER_AT,
    ROWS,
    NotToBePublished,
    Photo,
    SummaryRefused,
    hindrance,
    rounded,
)
from services.workflow.proofs import painted_over
from services.workflow.steps import CaseUnknown, Incomplete, NotAllowed, take_step
from shared.events.base import Event
from shared.events.intake import PetitionFollowed
from shared.events.workflow import CasePublished
from shared.files import path_of, store_file
from tests.intake.builders import a_picture
from tests.support import emitted
from tests.workflow.builders import (
    ANSWER,
    AUDITOR,
    COLLEAGUE,
    DENUNCIATION,
    DIRECTOR,
    HEAD,
    OFFICE,
    OFFICER,
    STRANGER,
    Office,
    Staff,
    a_case,
    hear,
    the_rules,
)
from tests.workflow.conftest import Visit
from tests.workflow.test_pages import HOME
from tests.workflow.test_reopening import answer

TOLD = Told(
    title="Ổ gà trước trường Quốc Học, đường Lê Lợi",
    text="Ổ gà sâu giữa làn xe máy, gây nguy hiểm lúc tan trường.",
    answer="Đã vá đêm 25/11/2026.",
    late_reason="",
    place="Đường Lê Lợi, đoạn trước trường Quốc Học",
)


def in_work(office: Office, **given: Any) -> UUID:
    """An ordinary case whose sender agreed, at the first officer's."""
    case_id = office.file(**{"may_publish": True} | given)
    if office.case(case_id).stage == "triage":
        office.act(actions.confirm_triage, HEAD, case_id, topic="C01", kind="report")
    if office.case(case_id).officer is None:
        office.act(actions.assign, HEAD, case_id, officer=OFFICER.person)
    return case_id


def do(office: Office, action: Any, person: Staff, case_id: UUID, **given: Any) -> tuple[Any, list[Event]]:
    with office.database.writing() as tx:
        rules = () if action in {actions.drop_summary, actions.keep_back} else (office.rules,)
        return action(tx, *rules, person=person, case_id=case_id, **given), emitted(tx)


def written(office: Office, case_id: UUID, person: Staff = OFFICER, told: Told = TOLD) -> Any:
    return do(office, actions.write_summary, person, case_id, told=told, photos=[])[0]


def published(office: Office, case_id: UUID) -> Any:
    one = written(office, case_id)
    return do(office, actions.publish_summary, HEAD, case_id, version=one.version)


def test_s15a_who_writes_a_summary_does_not_publish_it_and_the_head_does(office: Office) -> None:
    case_id = in_work(office)
    one = written(office, case_id, HEAD)

    with pytest.raises(NotAllowed):
        do(office, actions.publish_summary, HEAD, case_id, version=one.version)
    with pytest.raises(NotAllowed):
        do(office, actions.publish_summary, OFFICER, case_id, version=one.version)
    public, told = do(office, actions.publish_summary, OFFICE, case_id, version=one.version)

    assert (public.state, public.number) == ("published", "2026-0001")
    (event,) = told
    assert event.TYPE == "case.published.v1"
    assert TOLD.title not in repr(event)
    assert event.title.value == TOLD.title  # type: ignore[attr-defined]


def test_s15a_a_later_version_keeps_the_number_and_takes_the_place_of_the_first(office: Office) -> None:
    case_id = in_work(office)
    first, _ = published(office, case_id)
    second, _ = published(office, case_id)

    with office.database.reading() as look:
        states = [one.state for one in store.summaries_of(look, case_id)]

    assert (first.number, second.number) == ("2026-0001", "2026-0001")
    assert states == ["published", "replaced"]


def test_s15a_what_was_written_anew_after_it_was_seen_is_not_published(office: Office) -> None:
    case_id = in_work(office)
    seen = written(office, case_id)
    written(office, case_id)

    with pytest.raises(SummaryRefused):
        do(office, actions.publish_summary, HEAD, case_id, version=seen.version)


def test_s15a_nothing_is_published_without_the_senders_consent(office: Office) -> None:
    case_id = in_work(office, may_publish=False)

    with pytest.raises(NotToBePublished) as refusal:
        written(office, case_id)

    assert refusal.value.why == "consent"


@pytest.mark.parametrize(
    ("kind", "kind_class"),
    [
        ("complaint", "restricted"),
        ("complaint_second", "restricted"),
        ("denunciation", "secret"),
        ("denunciation_unqualified", "secret"),
        ("data_request", "restricted"),
        ("procedure_feedback", "restricted"),  # conduct, topic C24
        ("consultation_comment", "ordinary"),
        ("spam", "ordinary"),
    ],
)
def test_s15a_complaints_denunciations_conduct_and_data_requests_are_never_published(
    kind: str, kind_class: str
) -> None:
    case = a_case(kind=kind, kind_class=kind_class, publication="public_summary")

    assert hindrance(case, has_consent=True) == "kind"


def test_s15a_a_denunciation_knows_no_such_page(office: Office, visit: Visit) -> None:
    case_id = office.file(**DENUNCIATION | {"may_publish": True})

    for person in (OFFICER, STRANGER, OFFICE, AUDITOR):
        with pytest.raises(CaseUnknown):
            written(office, case_id, person)
        assert visit(person).get(f"/desk/cases/{case_id}/summary").status_code in {403, 404}
    with pytest.raises(NotAllowed):
        do(office, actions.publish_summary, DIRECTOR, case_id, version=1)


def test_s15a_a_level_is_lowered_by_a_person_and_never_raised(office: Office) -> None:
    case_id = in_work(office)
    published(office, case_id)

    _, told = do(office, actions.keep_back, OFFICER, case_id, is_kept_back=True)
    with pytest.raises(NotToBePublished):
        written(office, case_id)
    private = a_case(publication="code_holder")

    assert [event.TYPE for event in told] == ["case.kept_back.v1", "case.unpublished.v1"]
    assert hindrance(private, has_consent=True) == "level"


def test_s15a_a_case_that_turns_out_to_be_a_denunciation_is_taken_down_at_once_and_leaves_no_words(
    office: Office,
) -> None:
    case_id = in_work(office)
    published(office, case_id)
    office.act(actions.return_to_triage, HEAD, case_id, reason="Thực ra là đơn tố cáo")

    told = office.act(actions.confirm_triage, OFFICE, case_id, topic="C29", kind="denunciation")
    with office.database.reading() as look:
        kept = store.summaries_of(look, case_id)

    assert "case.unpublished.v1" in [event.TYPE for event in told]
    assert {one.title + one.text for one in kept} == {""}


def test_s15a_photos_of_a_case_that_is_kept_close_from_now_on_leave_the_disk(office: Office, tmp_path: Path) -> None:
    case_id, photo = in_work(office), Photo(id=uuid4(), of=uuid4(), shows="after", cells=(), size_bytes=3, sha256="0")
    store_file(tmp_path, photo.id, b"jpg")
    one, _ = do(office, actions.write_summary, OFFICER, case_id, told=TOLD, photos=[photo])
    do(office, actions.publish_summary, HEAD, case_id, version=one.version)
    lock = actions.LockFiles(office.database, tmp_path)
    lock.once()
    before = path_of(tmp_path, photo.id).exists()

    office.act(actions.return_to_triage, HEAD, case_id, reason="Thực ra là đơn tố cáo")
    office.act(actions.confirm_triage, OFFICE, case_id, topic="C29", kind="denunciation")
    lock.once()
    with office.database.reading() as look:
        left = [one.photos for one in store.summaries_of(look, case_id)]

    assert (before, path_of(tmp_path, photo.id).exists()) == (True, False)
    assert left == [()]
    assert lock.once() == 0


def test_s15a_what_is_taken_down_says_why_by_a_code(office: Office) -> None:
    case_id = in_work(office)
    published(office, case_id)

    with pytest.raises(Incomplete):
        do(office, actions.withdraw_summary, HEAD, case_id, reason="because")
    gone, told = do(office, actions.withdraw_summary, HEAD, case_id, reason="consent", words="Gọi điện ngày 24/11")

    assert (gone.state, gone.reason) == ("withdrawn", "consent")
    assert "Gọi điện" not in repr(told)
    with pytest.raises(SummaryRefused):
        do(office, actions.withdraw_summary, HEAD, case_id, reason="wrong")


def test_s15a_who_agrees_no_longer_has_not_agreed_until_asked_anew(office: Office) -> None:
    case_id = in_work(office)
    published(office, case_id)
    written(office, case_id)

    do(office, actions.withdraw_summary, HEAD, case_id, reason="consent")
    with office.database.reading() as look:
        states = [one.state for one in store.summaries_of(look, case_id)]
    with pytest.raises(NotToBePublished) as refusal:
        written(office, case_id)

    assert states == ["dropped", "withdrawn"]
    assert refusal.value.why == "consent"


LEAVING = sorted(
    (name, start)
    for name, step in the_rules().workflows["report", 2].steps.items()
    if step.to in NEVER_AT
    for start in step.allowed_from
)


@pytest.mark.parametrize(("name", "start"), LEAVING)
def test_s15a_every_step_to_where_nothing_is_public_takes_down_what_is_and_what_waits(
    office: Office, name: str, start: str
) -> None:
    case_id = in_work(office)
    published(office, case_id)
    written(office, case_id)

    with office.database.writing() as tx:
        case = store.load_case(tx, case_id)
        assert case is not None
        step = office.rules.workflow_of(case).steps[name]
        there = store.save_case(tx, replace(case, stage=start))
        take_step(tx, office.rules, there, name, actor="u:head", role=sorted(step.by)[0])
        told = [event.TYPE for event in emitted(tx)]
        states = [one.state for one in store.summaries_of(tx, case_id)]

    assert states == ["dropped", "withdrawn"]
    assert "case.unpublished.v1" in told


def test_s15a_a_public_case_that_is_linked_is_taken_down_before_it_follows(office: Office) -> None:
    case_id, lead = in_work(office), in_work(office)
    published(office, case_id)

    told = office.act(actions.link, HEAD, case_id, into=lead)

    assert [event.TYPE for event in told][:1] == ["case.unpublished.v1"]
    assert vars(told[0])["heirs"] == (lead,)


def test_s15a_a_public_case_that_is_taken_apart_names_its_parts_to_those_who_followed_it(office: Office) -> None:
    case_id = in_work(office)
    published(office, case_id)
    office.act(actions.return_to_triage, HEAD, case_id, reason="Có hai việc trong một đơn")
    texts = ("Ổ gà sâu trước trường Quốc Học.", "Đèn đường trước trường Quốc Học tắt ba đêm.")

    told = office.act(actions.split, OFFICE, case_id, parts=[Part(text=text) for text in texts])

    (gone,) = [event for event in told if event.TYPE == "case.unpublished.v1"]
    (split,) = [event for event in told if event.TYPE == "case.split.v1"]
    assert vars(gone)["heirs"] == vars(split)["parts"]


def test_s15a_a_case_published_after_it_was_passed_on_is_told_as_not_open(office: Office) -> None:
    case_id = in_work(office)
    one = written(office, case_id)
    office.act(actions.transfer, HEAD, case_id, to="X-CA", reason="Việc của Công an tỉnh")

    _, told = do(office, actions.publish_summary, HEAD, case_id, version=one.version)

    assert told[0].is_open is False  # type: ignore[attr-defined]


def test_s15a_what_was_published_before_the_answer_waits_to_be_renewed_with_it(office: Office, visit: Visit) -> None:
    case_id = in_work(office)
    published(office, case_id)
    before = visit(OFFICER).get("/desk/summaries").text
    office.act(actions.accept, OFFICER, case_id)
    answer(office, case_id)

    listed = visit(OFFICER).get("/desk/summaries").text
    form = visit(OFFICER).get(f"/desk/cases/{case_id}/summary").text
    case = visit(OFFICER).get(f"/desk/cases/{case_id}").text

    assert "bản công bố chưa có kết quả" not in before
    assert "Đã trả lời, bản công bố chưa có kết quả" in listed
    assert "bản công bố chưa có kết quả" in case
    assert re.search(r'<textarea[^>]* name="answer"[^>]*>([^<]*)', form)[1].strip() == ANSWER  # type: ignore[index]

    new = written(office, case_id, told=replace(TOLD, answer="Đã vá ổ gà."))
    assert "bản công bố chưa có kết quả" not in visit(OFFICER).get("/desk/summaries").text
    do(office, actions.publish_summary, HEAD, case_id, version=new.version)
    assert "chưa có kết quả" not in visit(OFFICER).get(f"/desk/cases/{case_id}/summary").text


def test_s15a_what_waited_while_the_answer_was_given_is_said_to_lack_it(office: Office, visit: Visit) -> None:
    case_id = in_work(office)
    one = written(office, case_id)
    office.act(actions.accept, OFFICER, case_id)
    answer(office, case_id)

    waits = visit(HEAD).get(f"/desk/cases/{case_id}/summary").text
    do(office, actions.publish_summary, HEAD, case_id, version=one.version)

    assert "Bản này viết trước khi trả lời" in waits
    with office.database.reading() as look:
        assert store.count_outdated(look, OFFICER) == 1
        assert store.count_outdated(look, STRANGER) == 0


def test_s15a_what_was_written_of_a_result_before_the_answer_is_not_told_as_the_answer(
    office: Office, visit: Visit
) -> None:
    case_id = in_work(office)
    one = written(office, case_id, told=replace(TOLD, answer="Đã rào chắn, chờ vật liệu."))
    office.act(actions.accept, OFFICER, case_id)
    answer(office, case_id)

    seen = visit(HEAD).get(f"/desk/cases/{case_id}/summary").text.partition('id="write"')[0]
    _, (told,) = do(office, actions.publish_summary, HEAD, case_id, version=one.version)

    assert "chờ vật liệu" not in seen
    assert isinstance(told, CasePublished)
    assert told.answered_on is not None
    assert told.answer.value is None


def test_s15a_a_reopened_case_has_no_result_to_publish(office: Office, visit: Visit) -> None:
    case_id = in_work(office)
    office.act(actions.accept, OFFICER, case_id)
    published(office, case_id)
    answer(office, case_id)
    office.act(actions.reopen, HEAD, case_id)

    pages = [visit(OFFICER).get(f"/desk/{at}").text for at in ("summaries", f"cases/{case_id}")]
    own = visit(OFFICER).get(f"/desk/cases/{case_id}/summary").text

    with office.database.reading() as look:
        assert (store.count_outdated(look, OFFICER), store.outdated_summaries(look, OFFICER)) == (0, [])
    assert not [page for page in pages if "bản công bố chưa có kết quả" in page]
    assert "bản này chưa có kết quả" not in own
    assert ANSWER not in own


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("xe 75H-012.34 chạy ẩu", "xe [biển số] chạy ẩu"),
        ("xe 75f1-123.45 chạy ẩu", "xe [biển số] chạy ẩu"),
        ("gọi 0905 123 456 gặp tôi", "gọi [số điện thoại] gặp tôi"),
        ("viết cho anh@example.vn", "viết cho [thư điện tử]"),
        ("căn cước 046123456789", "căn cước [số giấy tờ]"),
        ("trước số nhà 12 đường Lê Lợi", "trước số nhà [số nhà] đường Lê Lợi"),
        ("trước số 12/3 đường Lê Lợi", "trước số [số nhà] đường Lê Lợi"),
        ("kiệt 42 Điện Biên Phủ", "kiệt [số nhà] Điện Biên Phủ"),
        ("trước 120 Điện Biên Phủ có hố", "trước [số nhà] Điện Biên Phủ có hố"),
        ("nhà ông Nguyễn Văn An bị ngập", "nhà ông [tên] bị ngập"),
        ("Trần Thị Bé gửi ảnh", "[tên] gửi ảnh"),  # the sender's own name
        ("Đối tượng ông Nguyễn Văn A đã bị xử phạt", "Đối tượng ông [tên] đã bị xử phạt"),
        ("Người dân tố cáo ông Nguyễn Văn A. Ông A nhận lỗi", "Người dân tố cáo ông [tên]. Ông [tên] nhận lỗi"),
        ("Đối tượng: Trần Văn B", "Đối tượng: [tên]"),
        ("ĐỐI TƯỢNG NGUYỄN VĂN A", "ĐỐI TƯỢNG [tên]"),
        ("tố cáo viên chức Nguyễn Văn B", "tố cáo viên chức [tên]"),
        ("Lái xe Nguyễn Văn A, tài xế Hùng và phụ xe tên Nam", "Lái xe [tên], tài xế [tên] và phụ xe tên [tên]"),
        ("chủ xe là bà Lê Thị C", "chủ xe là bà [tên]"),
        ("cháu Nguyễn Thị D bị ngã trên đường anh Trần B về", "cháu [tên] bị ngã trên đường anh [tên] về"),
        ("trước 45 Nguyễn Trãi, gần số 12A Hùng Vương", "trước [số nhà] Nguyễn Trãi, gần số [số nhà] Hùng Vương"),
        ("tố cáo Công ty Phương Trang; Giám đốc Sở Xây dựng, cán bộ Phòng Quản lý trả lời", None),
        ("tại Km 824+300 đường Hồ Chí Minh, gần 2 Tháng 9, ở đường Bà Triệu", None),
        ("theo 87/QĐ-SXD ngày 12/10/2026, Km 5 đường Hồ Chí Minh", None),
        ("hồ sơ H57.14-261103-0021, đường dây nóng 0234 3823 456", None),
    ],
)
def test_s15a_what_may_not_be_public_is_masked_and_shown_as_masked(text: str, masked: str | None) -> None:
    found = public_words(text, Sender(name="Trần Thị Bé"), own_phone="0234 3823 456")

    assert found == (masked or text)


@pytest.mark.parametrize(
    ("place", "masked"),
    [
        ("120 Điện Biên Phủ", "[số nhà] Điện Biên Phủ"),
        ("12/3 Lê Lợi, phường Thuận Hóa", "[số nhà] Lê Lợi, phường Thuận Hóa"),
        ("Cầu Phú Xuân, 5 Trần Hưng Đạo", "Cầu Phú Xuân, [số nhà] Trần Hưng Đạo"),
        ("Km 5 đường Hồ Chí Minh", None),
        ("QL1 Km 829", None),
        ("45 Nguyễn Trãi", "[số nhà] Nguyễn Trãi"),
        ("số 45 Nguyễn Trãi", "số [số nhà] Nguyễn Trãi"),
        ("45/3A đường Bà Triệu, Phường Thuận Hóa", "[số nhà] đường Bà Triệu, Phường Thuận Hóa"),
        ("Cầu Trường Tiền, 12 Lê Lợi", "Cầu Trường Tiền, [số nhà] Lê Lợi"),
        ("Km 824+300 đường Hồ Chí Minh", None),
        ("Quốc lộ 1A", None),
        ("Km 5 Quốc lộ 49", None),
        ("Ngã 6 Hùng Vương", None),
        ("30 Tháng 4", None),
    ],
)
def test_s15a_a_place_names_the_road_and_no_house(place: str, masked: str | None) -> None:
    assert public_words(place, Sender(), own_phone="", is_place=True) == (masked or place)


def test_s15a_the_form_begins_with_the_place_as_everybody_may_read_it(office: Office, visit: Visit) -> None:
    case_id = in_work(office, place="45 Nguyễn Trãi")

    page = visit(OFFICER).get(f"/desk/cases/{case_id}/summary").text

    assert 'value="[số nhà] Nguyễn Trãi"' in page


def test_s15a_masking_happens_by_itself_when_a_summary_is_kept(office: Office) -> None:
    case_id = in_work(office)
    told = Told(**vars(TOLD) | {"text": "Xe 75H-012.34 làm rơi đất, người gửi số 0905 123 456."})

    kept = written(office, case_id, told=told)

    assert kept.text == "Xe [biển số] làm rơi đất, người gửi số [số điện thoại]."


@settings(deadline=None, max_examples=15)
@given(st.sets(st.integers(0, COLUMNS * ROWS - 1), max_size=12))
def test_s15a_painted_cells_are_black_and_the_photo_itself_stays(cells: set[int]) -> None:
    photo = a_picture(size=(240, 180))

    _, drawn = painted_over(photo, cells)
    with Image.open(io.BytesIO(drawn)) as picture:
        for cell in cells:
            row, column = divmod(cell, COLUMNS)
            middle = picture.getpixel((int((column + 0.5) * 20), int((row + 0.5) * 20)))
            assert max(middle) < 40  # type: ignore[arg-type, type-var]

    assert photo == a_picture(size=(240, 180))


def test_a_position_is_public_to_a_hundred_metres() -> None:
    assert rounded("16.463712,107.590934") == "16.464,107.591"
    assert rounded(None) is None


def test_s15a_how_many_follow_is_all_that_the_desk_learns(office: Office, visit: Visit) -> None:
    case_id = in_work(office)
    published(office, case_id)
    told = PetitionFollowed(petition_id=office.case(case_id).petition_id, case_id=case_id, followers=3)
    with office.database.writing() as tx:
        hear(tx, reactions.count_followers, told)

    page = visit(OFFICER).get(f"/desk/cases/{case_id}").text

    assert "3 người cũng gặp việc này" in page


def test_s15a_the_list_of_the_desk_is_cut_after_what_a_person_may_not_see(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.workflow.store.summaries.LISTED", 1)
    mine = in_work(office)
    elsewhere = office.file(may_publish=True, text="Xe buýt số 11 bỏ bến hai hôm nay, khách chờ cả tiếng.")
    if office.case(elsewhere).stage != "triage":
        office.act(actions.return_to_triage, OFFICE, elsewhere, reason="Việc của đơn vị khác")
    office.act(actions.confirm_triage, OFFICE, elsewhere, topic="C01", kind="report", unit="VTCC")
    one = written(office, mine)
    with office.database.writing() as tx:
        store.save_summary(tx, replace(one, case_id=elsewhere, written_at=one.written_at - timedelta(hours=1)))

    with office.database.reading() as look:
        found = store.waiting_summaries(look, OFFICER)

    assert [(kept.summary.case_id, kept.unit) for kept in found] == [(mine, "KCHT")]


# ---- the pages

TYPED = {"title": TOLD.title, "text": TOLD.text, "place": TOLD.place, "answer": "", "late_reason": ""}


def test_s15a_the_officer_writes_and_the_head_publishes_on_the_page(office: Office, visit: Visit) -> None:
    case_id = in_work(office)
    there = f"/desk/cases/{case_id}/summary"
    officer, head = visit(OFFICER), visit(HEAD)

    empty = officer.post(there, data=TYPED | {"text": "ngắn"}, headers=HOME)
    sent = officer.post(there, data=TYPED, headers=HOME)
    by_writer = officer.post(f"{there}/publish", data={"version": "1"}, headers=HOME)
    by_head = head.post(f"{there}/publish", data={"version": "1"}, headers=HOME)
    page = head.get(there).text

    assert [one.status_code for one in (empty, sent, by_writer, by_head)] == [422, 303, 403, 303]
    assert "ít nhất 20 ký tự" in empty.text
    assert TOLD.title in empty.text
    assert "/so-phan-anh/2026-0001" in page
    assert TOLD.title in visit(OFFICE).get("/desk/summaries").text
    assert TOLD.title not in visit(STRANGER).get("/desk/summaries").text


def test_s15a_a_photo_of_the_answer_is_chosen_and_covered_and_the_original_is_untouched(
    office: Office, visit: Visit
) -> None:
    case_id = in_work(office)
    office.act(actions.accept, OFFICER, case_id)
    officer = visit(OFFICER)
    draft = {"text": ANSWER, "outcome": "done", "in_spite": "Đã xem tại chỗ"}
    photo = (io.BytesIO(a_picture(size=(240, 180))), "anh.jpg")
    officer.post(
        f"/desk/cases/{case_id}/save_draft",
        data=draft | {"evidence": photo, "version": str(office.case(case_id).version)},
        content_type="multipart/form-data",
        headers=HOME,
    )
    with office.database.reading() as look:
        (file,) = store.answer_files_of(look, case_id)
    before = officer.get(f"/desk/answer-files/{file.id}").data

    typed = TYPED | {f"show_{file.id}": "after", f"cell_{file.id}": ["0", "13"]}
    sent = officer.post(f"/desk/cases/{case_id}/summary", data=typed, headers=HOME)
    with office.database.reading() as look:
        (one,) = store.summaries_of(look, case_id)
    (kept,) = one.photos
    shown = officer.get(f"/desk/cases/{case_id}/summary-photos/{kept.id}")
    stranger = officer.post(f"/desk/cases/{case_id}/summary", data=TYPED | {f"show_{case_id}": "after"}, headers=HOME)

    assert sent.status_code == 303
    assert (kept.of, kept.shows, kept.cells) == (file.id, "after", (0, 13))
    with Image.open(io.BytesIO(shown.data)) as picture:
        assert picture.getpixel((5, 5)) == (0, 0, 0)
    assert officer.get(f"/desk/answer-files/{file.id}").data == before
    assert stranger.status_code == 422
    assert visit(COLLEAGUE).get(f"/desk/cases/{case_id}/summary").status_code == 200
