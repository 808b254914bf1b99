"""Drafts at the door: listed, commented on within their days, answered in public; poster and sheet for paper."""

from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient

from services.intake import store
from services.intake.domain.consultation import PublicAnswer, together
from services.intake.domain.secret import hashed
from services.intake.door import Door
from shared.clock import MovableClock
from shared.events.base import Sealed
from shared.events.intake import Attachment, PetitionFiled
from shared.events.workflow import CaseAnswered, CaseClockStarted, ConsultationClosed, ConsultationOpened, DraftPolicy
from shared.files import store_file
from shared.keys import KeyRing
from shared.outbox import outbox
from shared.passes import LIVES, Pass, write_pass
from tests.builders import an_event
from tests.intake.builders import a_pdf, case_opened, hear
from tests.intake.test_counter import come_in
from tests.support import NOON

COMMENT = {"text": "Nên kéo dài tuyến số 4 đến chợ An Cựu.", "once": "a-form-of-a-test", "party": "individual"}
TITLE = "Quy chế quản lý xe buýt công cộng"


def opened(door: Door, *, document: Attachment | None = None, **given: Any) -> UUID:
    """A draft that is open from Monday 23/11 to Monday 30/11/2026."""
    told: dict[str, Any] = {
        "consultation_id": uuid4(),
        "number": 7,
        "opens_on": date(2026, 11, 23),
        "closes_on": date(2026, 11, 30),
        "answers_due_on": date(2026, 12, 21),
        "draft": DraftPolicy(
            title=TITLE,
            summary="Sắp xếp lại 12 tuyến xe buýt.",
            asked="Tuyến nào nên kéo dài.",
            text="Điều 1. Phạm vi điều chỉnh",
            document=document,
        ),
    }
    hear(door.database, an_event(ConsultationOpened, **told | given))
    return (told | given)["consultation_id"]  # type: ignore[no-any-return]


def closed(door: Door, consultation_id: UUID, **given: Any) -> None:
    told = {"closed_on": date(2026, 11, 30), "answers_due_on": date(2026, 12, 21), "reason": Sealed(None)}
    hear(door.database, an_event(ConsultationClosed, consultation_id=consultation_id, **told | given))


def commented(client: FlaskClient, **given: str) -> Any:
    return client.post("/gop-y/7", data={**COMMENT, **given})


def told(door: Door) -> list[PetitionFiled]:
    with door.database.reading() as look:
        rows = look.connection.execute(outbox.select()).all()
    return [row for row in rows if row.type == PetitionFiled.TYPE]  # type: ignore[misc]


def petition_of(door: Door, receipt: Any) -> store.Filed:
    with door.database.reading() as look:
        found = store.petition_by_token(look, hashed(receipt.headers["Location"].rsplit("/", 1)[1]))
    assert found is not None
    return found


# ---- listed


def test_s18a_open_drafts_are_listed_with_their_last_day(door: Door, client: FlaskClient) -> None:
    nothing = client.get("/tham-gia").text
    opened(door)
    opened(door, number=8, opens_on=date(2026, 12, 7), closes_on=date(2026, 12, 20))

    page = client.get("/tham-gia").text

    assert "Hiện không có dự thảo nào" in nothing
    assert "Hiện không có dự thảo nào" not in page
    assert 'href="/gop-y/7"' in page
    assert "còn 7 ngày" in page
    assert "Lấy ý kiến từ" in page


def test_s18a_a_draft_stands_at_a_short_address_with_what_is_asked_and_its_document(
    door: Door, client: FlaskClient
) -> None:
    data = a_pdf()
    document = Attachment(id=uuid4(), media_type="application/pdf", size_bytes=len(data), sha256="0" * 64)
    store_file(door.settings.files_dir, document.id, data)
    opened(door, document=document)

    page, file = client.get("/gop-y/7").text, client.get("/gop-y/7/du-thao.pdf")

    assert "Tuyến nào nên kéo dài." in page
    assert "Góp ý đến hết" in page
    assert file.data == data
    assert "attachment" in file.headers["Content-Disposition"]
    assert client.get("/gop-y/9").status_code == 404
    assert client.get("/gop-y/9/ap-phich").status_code == 404


def test_s18a_a_poster_and_a_sheet_for_paper_bear_the_short_address_and_its_square(
    door: Door, client: FlaskClient
) -> None:
    opened(door)

    poster, sheet = client.get("/gop-y/7/ap-phich").text, client.get("/gop-y/7/phieu").text

    for page in (poster, sheet):
        assert TITLE in page
        assert f"{door.settings.public_url.partition('://')[2]}/gop-y/7" in page
        assert "<svg" in page
        assert 'style="' not in page


# ---- commented on


def test_s14b_a_comment_is_a_petition_that_names_its_draft_and_needs_no_name(door: Door, client: FlaskClient) -> None:
    draft = opened(door)

    sent = commented(client)

    filed = petition_of(door, sent)
    receipt = client.get(sent.headers["Location"]).text
    assert (filed.kind, filed.consultation_id, filed.has_pin) == ("consultation_comment", draft, True)
    assert "Đã nhận góp ý của bạn" in receipt
    assert "21/12/2026" in receipt
    assert "Bạn chấm điểm" not in receipt
    assert len(told(door)) == 1


def test_a_comment_that_is_sent_twice_is_filed_once_and_another_one_is_asked_about(
    door: Door, client: FlaskClient
) -> None:
    opened(door)
    first, again = commented(client), commented(client)

    other = commented(client, text="Và thêm chuyến sau 20 giờ cho người làm ca.")

    assert first.headers["Location"] == again.headers["Location"]
    assert other.status_code == 409
    assert "Góp ý trước của bạn đã được nhận" in other.text
    assert "Và thêm chuyến sau 20 giờ" in other.text
    assert len(told(door)) == 1


def test_a_comment_of_an_organisation_with_a_telephone_is_followed_by_its_digits(
    door: Door, client: FlaskClient
) -> None:
    opened(door)

    filed = petition_of(door, commented(client, party="organisation", name="Hội Người cao tuổi", phone="0905 123 456"))

    shown = client.post("/theo-doi", data={"code": filed.code, "digits": "3456"}, follow_redirects=True).text
    assert not filed.has_pin
    assert TITLE in shown
    assert "Lấy ý kiến đến hết" in shown
    assert "21/12/2026" in shown


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"text": "Tốt"}, "Góp ý của bạn"),
        ({"email": "khong-phai"}, "email"),
        ({"website": "http://spam"}, "website"),
    ],
)
def test_a_refused_comment_keeps_what_was_typed(
    door: Door, client: FlaskClient, given: dict[str, str], words: str
) -> None:
    opened(door)

    answer = commented(client, **{"name": "Bà Lan", **given})

    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="Bà Lan"' in answer.text
    assert 'value="a-form-of-a-test"' in answer.text
    assert told(door) == []


@pytest.mark.parametrize("at", [None, "2026-12-01T00:00:00+07:00"])
def test_s14b_outside_its_days_a_comment_is_refused_politely_and_its_words_are_kept(
    door: Door, client: FlaskClient, clock: MovableClock, at: str | None
) -> None:
    draft = opened(door)
    if at is None:
        closed(door, draft, closed_on=date(2026, 11, 23), reason=Sealed("Luật đã hoãn"))
    else:
        clock.move_to(datetime.fromisoformat(at))

    answer = commented(client, name="Bà Lan")
    as_proposal = client.post("/gui", data={"kind": "proposal", "text": COMMENT["text"], "name": "Bà Lan"})

    assert answer.status_code == 409
    assert COMMENT["text"] in answer.text
    assert "Gửi thành kiến nghị" in answer.text
    assert 'name="name" value="Bà Lan"' in answer.text
    assert ("Luật đã hoãn" in answer.text) is (at is None)
    assert (as_proposal.status_code, as_proposal.headers["Location"]) == (303, "/kiem-tra")
    assert told(door) == []


def test_a_comment_whose_receipt_was_lost_is_found_again_after_the_close(door: Door, client: FlaskClient) -> None:
    draft = opened(door)
    first = commented(client)
    closed(door, draft)

    assert commented(client).headers["Location"] == first.headers["Location"]


def test_a_draft_is_not_commented_on_before_its_first_day(door: Door, client: FlaskClient) -> None:
    opened(door, opens_on=date(2026, 11, 25))

    assert commented(client).status_code == 409
    assert "<form" not in client.get("/gop-y/7").text.partition("<main")[2].partition("<aside")[0]


def test_nobody_files_a_comment_by_the_general_form(door: Door, client: FlaskClient) -> None:
    assert client.post("/gui", data={"kind": "consultation_comment", "text": COMMENT["text"]}).status_code == 422


def test_s18a_an_officer_types_a_sheet_of_paper_in_and_the_receipt_is_the_citizens(
    door: Door, client: FlaskClient
) -> None:
    opened(door)
    keys = KeyRing.load(Path(door.settings.keys_dir), "workflow")
    let_in = Pass(
        audience="intake",
        person="u:officer",
        unit="KCHT",
        channel="counter",
        expires_at=door.database.clock.now() + LIVES,
        nonce=uuid4().hex,
    )
    come_in(client, write_pass(keys, let_in))

    sent = commented(client)

    receipt = client.get(sent.headers["Location"]).text
    assert sent.headers["Location"].endswith("/bien-nhan")
    assert "Đã nhận góp ý của bạn" in receipt
    assert commented(client, once="a-second-sheet").status_code == 403  # a pass is for one petition
    with door.database.reading() as look:
        filed = look.connection.execute(store.petition.select()).one()
        assert store.entered_at(look, filed.id) is not None
    assert filed.channel == "counter"


# ---- answered


def answer_to(door: Door, filed: store.Filed, **given: Any) -> None:
    usual = {
        "petition_id": filed.id,
        "case_id": filed.id,
        "round": 1,
        "outcome": "taken_up",
        "letter": Sealed(None),
        "answer": Sealed("Sở sẽ kéo dài tuyến số 4."),
        "point": Sealed("Kéo dài tuyến số 4"),
    }
    hear(door.database, an_event(CaseAnswered, **usual | given))


def test_s14b_the_due_day_is_known_once_the_draft_is_closed(door: Door, client: FlaskClient) -> None:
    draft = opened(door)
    sent = commented(client)
    filed = petition_of(door, sent)
    hear(door.database, case_opened(filed.id, kind="consultation_comment", topic=None, answer_due_on=None))
    closed(door, draft, closed_on=date(2026, 11, 25), answers_due_on=date(2026, 12, 16))
    started = an_event(
        CaseClockStarted,
        petition_id=filed.id,
        case_id=filed.id,
        anchor="consultation_closed",
        answer_due_on=date(2026, 12, 16),
    )
    hear(door.database, started)

    page = client.get(sent.headers["Location"].replace("/bien-nhan/", "/t/")).text

    assert petition_of(door, sent).due_on == date(2026, 12, 16)
    assert "Đợt lấy ý kiến đã kết thúc, bắt đầu tính hạn trả lời" in page
    assert "16/12/2026" in page


def test_s14b_answers_are_published_once_for_all_who_said_the_same_and_without_their_words(
    door: Door, client: FlaskClient
) -> None:
    opened(door)
    for n in range(3):
        text = f"Nên kéo dài tuyến số 4, ý của riêng tôi, số {n}."
        answer_to(door, petition_of(door, commented(client, once=f"form-{n}-of-a-test", text=text)))

    page = client.get("/gop-y/7").text

    assert page.count("Sở sẽ kéo dài tuyến số 4.") == 1
    assert "Kéo dài tuyến số 4" in page
    assert "Đã tiếp thu" in page
    assert "3 góp ý" in page
    assert "ý của riêng tôi" not in page


def test_a_later_answer_takes_the_place_of_the_published_one(door: Door, client: FlaskClient) -> None:
    opened(door)
    filed = petition_of(door, commented(client))
    answer_to(door, filed)
    answer_to(door, filed, round=2, answer=Sealed("Sở sửa lại: từ tháng 5."))

    page = client.get("/gop-y/7").text

    assert "Sở sửa lại: từ tháng 5." in page
    assert "Sở sẽ kéo dài tuyến số 4." not in page


def test_answers_to_other_petitions_are_published_nowhere(door: Door, client: FlaskClient) -> None:
    opened(door)
    filed = petition_of(door, commented(client))
    answer_to(door, filed, point=Sealed(None))

    with door.database.reading() as look:
        assert store.public_answers(look, filed.consultation_id or uuid4()) == []


def test_closed_drafts_are_listed_apart(door: Door, client: FlaskClient) -> None:
    closed(door, opened(door))

    page, its_own = client.get("/tham-gia").text, client.get("/gop-y/7")

    assert its_own.status_code == 200
    assert "Đã kết thúc ngày 30/11/2026" in its_own.text
    assert "Hiện không có dự thảo nào đang lấy ý kiến" in page
    assert "Kết thúc ngày 30/11/2026" in page


def test_comments_with_the_same_point_and_answer_stand_together_in_the_order_of_the_first() -> None:
    def one(point: str, answer: str) -> PublicAnswer:
        return PublicAnswer(
            petition_id=uuid4(),
            consultation_id=uuid4(),
            point=point,
            answer=answer,
            outcome="explained",
            answered_at=NOON,
        )

    found = together([one("B", "1"), one("A", "1"), one("B", "1"), one("B", "2")])

    assert [(row.point, row.answer, row.count) for row in found] == [("B", "1", 2), ("A", "1", 1), ("B", "2", 1)]
