"""The pages of the door as a browser without JavaScript sees them."""

import io
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.intake import store
from services.intake.__main__ import build
from services.intake.domain.secret import hashed
from services.intake.door import Door, Sweeper
from services.intake.steps import file_petition
from shared.clock import MovableClock
from shared.files import SEALED, read_file
from shared.keys import KeyRing
from shared.outbox import outbox
from shared.web import untranslated
from tests.intake.builders import (
    a_pdf,
    a_photo_with_position,
    a_picture,
    case_answered,
    case_opened,
    hear,
    info_requested,
    typed,
)
from tests.intake.by_steps import by_steps
from tests.support import ROOT, database_url

PAGES = ("/", "/gui", "/theo-doi", "/tham-gia", "/quyen-rieng-tu", "/tiep-can")


def fill(client: FlaskClient, *uploads: tuple[bytes, str], **more: str) -> Any:
    """Send the form."""
    files = [(io.BytesIO(data), name) for data, name in uploads]
    return client.post("/gui", data={**typed(**more), "files": files}, content_type="multipart/form-data")


def send(client: FlaskClient) -> Any:
    """Press the button of the check page."""
    seen = re.search(r'name="seen" value="(\w+)"', client.get("/kiem-tra").text)
    assert seen
    return client.post("/kiem-tra", data={"seen": seen[1]})


def filed(client: FlaskClient, *uploads: tuple[bytes, str], **more: str) -> str:
    """File a petition by the pages, by steps where its kind has some; gives the token of its receipt."""
    if more.get("kind") in {"complaint", "denunciation"}:
        return by_steps(client, *uploads, **more)
    assert fill(client, *uploads, **more).status_code == 303
    return str(send(client).headers["Location"]).rsplit("/", 1)[1]


def code_of(client: FlaskClient, token: str) -> str:
    found = re.search(r'id="the-code"[^>]*>([^<]+)<', client.get(f"/bien-nhan/{token}").text)
    assert found
    return found[1]


def outbox_of(door: Door) -> list[str]:
    with door.database.reading() as look:
        return [row.type for row in look.connection.execute(outbox.select().order_by(outbox.c.id))]


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_in_both_languages(client: FlaskClient, page: str, language: str) -> None:
    answer = client.get(f"{page}?lang={language}")

    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text
    assert len(answer.data) < 20_000


def test_everything_that_is_said_is_said_in_english_too() -> None:
    assert untranslated(ROOT / "services/intake") == []


def test_the_way_from_the_form_to_the_follow_page(client: FlaskClient, door: Door) -> None:
    token = filed(client, topic="C01", phone="0905 123 456", sms="y")
    receipt, follow = client.get(f"/bien-nhan/{token}"), client.get(f"/t/{token}")

    assert outbox_of(door) == ["petition.filed.v1", "contact.given.v1"]
    assert "Đã nhận phản ánh của bạn" in receipt.text
    assert "0905 ••• 456" in receipt.text
    assert "Dự kiến chậm nhất thứ Năm 03/12/2026" in receipt.text
    assert code_of(client, token) in follow.text
    assert receipt.headers["Cache-Control"] == follow.headers["Cache-Control"] == "no-store"


def test_a_receipt_shows_the_digest_of_its_event(client: FlaskClient, door: Door) -> None:
    from hashlib import sha256

    token = filed(client)

    with door.database.reading() as look:
        row = look.connection.execute(outbox.select()).first()
    assert row
    text = client.get(f"/bien-nhan/{token}").text
    assert sha256(bytes(row.body)).hexdigest() in text
    assert f"/receipts/{row.event_id}?digest=" in text


def test_a_double_click_and_a_lost_reply_file_once(client: FlaskClient, door: Door) -> None:
    fill(client)
    first = send(client).headers["Location"]

    again = [client.post("/kiem-tra", data={"seen": "whatever"}).headers["Location"] for _ in range(2)]

    assert again == [first, first]
    assert outbox_of(door) == ["petition.filed.v1"]


def test_after_sending_a_new_form_is_a_new_petition(client: FlaskClient, door: Door) -> None:
    one, other = filed(client), filed(client, text="Đèn đỏ ở ngã tư hỏng hai hôm nay")

    assert one != other
    assert len(outbox_of(door)) == 2


def test_a_draft_that_changed_in_another_window_is_shown_again_before_it_is_sent(
    client: FlaskClient, door: Door
) -> None:
    fill(client)
    seen = re.search(r'name="seen" value="(\w+)"', client.get("/kiem-tra").text)
    fill(client, text="Một chuyện khác hẳn, gõ ở cửa sổ kia")

    assert seen
    answer = client.post("/kiem-tra", data={"seen": seen[1]})

    assert answer.headers["Location"] == "/kiem-tra"
    assert outbox_of(door) == []


def test_a_wrong_form_keeps_every_word_and_every_good_file(client: FlaskClient) -> None:
    answer = fill(
        client, (a_picture(), "tốt.jpg"), (b"MZ", "xấu.exe"), text="ngắn", place="12 Lê Lợi", email="không phải thư"
    )

    assert answer.status_code == 422
    assert "<title>Lỗi: " in answer.text
    for kept in ("ngắn", "12 Lê Lợi", "không phải thư", "tốt.jpg"):
        assert kept in answer.text
    for said in ("ít nhất 10 ký tự", "Hãy kiểm tra địa chỉ thư điện tử", "Tệp xấu.exe không phải ảnh"):
        assert said in answer.text
    assert fill(client).status_code == 303
    assert client.get("/kiem-tra").text.count("<img ") == 1


def test_the_same_mistakes_are_explained_in_english(client: FlaskClient) -> None:
    answer = client.post("/gui?lang=en", data={"kind": "report", "text": "short"})

    assert "at least 10 characters" in answer.text


def test_only_a_photo_that_said_where_it_was_taken_is_said_to_have_lost_its_place(client: FlaskClient) -> None:
    removed = "Đã xoá vị trí chụp"

    fill(client, (a_picture(), "a.jpg"), (a_pdf(), "b.pdf"))
    without = client.get("/kiem-tra").text
    fill(client, (a_photo_with_position(), "c.jpg"))
    with_one = client.get("/kiem-tra").text

    assert "2 tệp" in without
    assert removed not in without
    assert "3 tệp" in with_one
    assert f"{removed} ghi trong 1 ảnh" in with_one


def test_a_fifth_file_is_refused_and_four_stay(client: FlaskClient) -> None:
    answer = fill(client, *((a_picture(), f"{n}.jpg") for n in range(5)))

    assert answer.status_code == 422
    assert "nhiều nhất 4 tệp" in answer.text
    assert answer.text.count('name="drop"') == 4


def test_a_file_can_be_taken_out_again(client: FlaskClient) -> None:
    fill(client, (a_picture(), "a.jpg"))
    drop = re.search(r'name="drop" value="([^"]+)"', client.get("/gui").text)

    assert drop
    fill(client, drop=drop[1])

    assert "<img " not in client.get("/kiem-tra").text


def test_a_body_that_is_too_large_is_refused_before_it_is_read(client: FlaskClient) -> None:
    answer = client.post(
        "/gui",
        data=b"x",
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(60 * 2**20)},
    )

    assert answer.status_code == 413


def test_photos_reach_the_desk_without_where_they_were_taken(client: FlaskClient, door: Door) -> None:
    fill(client, (a_photo_with_position(), "a.jpg"))
    token = str(send(client).headers["Location"]).rsplit("/", 1)[1]

    with door.database.reading() as look:
        found = store.petition_by_token(look, hashed(token))
        assert found
        kept = store.attachments_of(look, found.id)
    answer = client.get(f"/t/{token}/tep/{kept[0].id}")
    assert answer.content_type == "image/jpeg"
    assert b"SECRET" not in answer.data
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert list((door.settings.files_dir / "drafts").glob("*/*")) == []
    assert (door.settings.files_dir / str(kept[0].id)[:2] / str(kept[0].id)).is_file()


def test_nothing_of_a_draft_can_be_read_on_the_server(client: FlaskClient, door: Door, tmp_path: Path) -> None:
    fill(client, kind="denunciation", text="Ông X ở quầy số 3 vòi tiền của tôi")

    with door.database.reading() as look:
        rows = look.connection.execute(store.draft.select()).all()
    assert len(rows) == 1
    assert "quầy số 3".encode() not in bytes(rows[0].locked)


def test_what_a_denouncer_sends_is_sealed_for_the_desk_and_shown_at_the_door_no_more(
    client: FlaskClient, door: Door
) -> None:
    token = filed(client, (a_picture(), "le-thi-mau.jpg"), kind="denunciation", phone="0905 123 456")
    more = {"files": [(io.BytesIO(a_picture()), "b.jpg")], "text": ""}
    assert client.post(f"/t/{token}/bo-sung", data=more, content_type="multipart/form-data").status_code == 303

    with door.database.reading() as look:
        found = store.petition_by_token(look, hashed(token))
        assert found
        sent = store.attachments_of(look, found.id)
    page = client.get(f"/t/{token}")

    assert len(sent) == 2
    assert [client.get(f"/t/{token}/tep/{one.id}").status_code for one in sent] == [404, 404]
    assert "2 tệp đã được khóa" in page.text
    assert "/tep/" not in page.text
    assert not any(b"JFIF" in path.read_bytes() for path in door.settings.files_dir.rglob("*") if path.is_file())
    desk = KeyRing.load(door.settings.keys_dir, "workflow")
    assert desk.open(read_file(door.settings.files_dir, sent[0].id, SEALED)).startswith(b"\xff\xd8")


def test_without_cookies_the_form_comes_back_with_all_that_was_typed(service: Any) -> None:
    client = service.app.test_client(use_cookies=False)
    assert 'name="cookie"' in client.get("/gui").text
    assert 'name="cookie"' not in client.get("/gui/trong").text  # kept by the browser, it comes with none

    for _ in range(2):
        page = fill(client, cookie="y", name="Nguyễn Thị Hồng Ánh", phone="0905 123 456")
        assert page.status_code == 410
        assert "chặn cookie" in page.text
        for said in (typed()["text"], "Nguyễn Thị Hồng Ánh", "0905 123 456"):
            assert said in page.text


def test_the_button_goes_on_once_cookies_are_allowed(client: FlaskClient) -> None:
    assert fill(client, cookie="y").status_code == 410
    assert fill(client, cookie="y").headers["Location"] == "/kiem-tra"


def test_drafts_are_forgotten_after_a_day(client: FlaskClient, door: Door, clock: MovableClock) -> None:
    fill(client, (a_picture(), "a.jpg"))
    clock.move_to(clock.now() + timedelta(hours=24, seconds=1))

    assert client.get("/kiem-tra").status_code == 410
    assert Sweeper(door).once() == 2
    assert Sweeper(door).once() == 0
    with door.database.reading() as look:
        assert look.connection.execute(store.draft.select()).all() == []
    assert list((door.settings.files_dir / "drafts").glob("*/*")) == []


def test_a_topic_is_found_without_javascript(client: FlaskClient) -> None:
    answer = client.post("/gui", data={**typed(), "q": "xe buyt", "do": "find"})

    assert answer.status_code == 200
    assert "lĩnh vực khớp, đứng đầu danh sách" in answer.text
    assert answer.text.index("Xe buýt") < answer.text.index("Ổ gà, hư hỏng")


def test_words_point_to_a_topic_that_one_tap_chooses(client: FlaskClient) -> None:
    fill(client)
    assert 'name="topic" value="C01"' in client.get("/kiem-tra").text

    client.post("/kiem-tra", data={"topic": "C01"})

    assert "Ổ gà, hư hỏng mặt đường" in client.get("/kiem-tra").text


def test_a_form_of_a_foreign_page_is_refused(client: FlaskClient) -> None:
    answer = client.post("/gui", data=typed(), headers={"Origin": "https://evil.example"})

    assert answer.status_code == 403


def test_hostile_words_come_out_as_words(client: FlaskClient) -> None:
    words = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"

    token = filed(client, text=words, place=words)

    for page in ("/kiem-tra", f"/t/{token}", f"/bien-nhan/{token}"):
        assert "<script>alert" not in client.get(page).text
        assert "<img src=x" not in client.get(page).text


def test_a_position_outside_the_city_is_taken_out_and_the_place_asked_for_in_words(client: FlaskClient) -> None:
    answer = fill(client, lat="21.028500", lng="105.854200", place="Cạnh bến xe")

    assert answer.status_code == 422
    assert "Vị trí này ở ngoài địa bàn của chúng tôi" in answer.text
    assert "21.028500" not in answer.text
    assert "Cạnh bến xe" in answer.text
    assert fill(client, lat="16.463700", lng="107.590900").status_code == 303


# ---- following


def test_code_and_digits_open_the_page_and_the_code_alone_does_not(client: FlaskClient, service: Any) -> None:
    code = code_of(client, filed(client, phone="0905 123 456"))
    other = service.app.test_client()

    assert other.get(f"/theo-doi/{code}").headers["Location"] == f"/theo-doi?ma={code}"
    opened = other.post("/theo-doi", data={"code": code.lower().replace("-", " "), "digits": "3456"})

    assert opened.headers["Location"] == f"/theo-doi/{code}"
    assert "ổ gà" in other.get(f"/theo-doi/{code}").text


def test_what_is_open_by_code_is_answered_and_judged_there_too(client: FlaskClient, door: Door) -> None:
    token = filed(client, phone="0905 123 456")
    here = f"/theo-doi/{code_of(client, token)}"
    client.post("/theo-doi", data={"code": here.rsplit("/", 1)[1], "digits": "3456"})
    with door.database.reading() as look:
        found = store.petition_by_token(look, hashed(token))
    assert found

    added = client.post(f"{here}/bo-sung", data={"text": "Ổ gà nằm ở làn ngoài", "once": "1"})
    hear(door.database, case_answered(found.id))
    asked = client.get(f"{here}/danh-gia")
    judged = client.post(f"{here}/danh-gia", data={"score": "5"})

    assert added.headers["Location"] == here
    assert "hài lòng" in asked.text
    assert judged.headers["Location"] == f"{here}/danh-gia"


def test_changes_below_a_link_and_below_a_code_are_limited(
    tmp_path: Path, make_settings: Any, clock: MovableClock
) -> None:
    with database_url(tmp_path, "intake", tables=store.metadata) as url:
        service = build(make_settings("intake", DATABASE_URL=url, LOOKUPS_PER_MINUTE="1"), clock=clock)
        service.database.metadata.create_all(service.database.engine)
        paths = ("/t/nope/danh-gia", "/theo-doi/7K3M-9HDK/danh-gia")

        answers = {path: [service.app.test_client().post(path).status_code for _ in range(2)] for path in paths}

        service.database.close()
    assert answers[paths[0]][1] == answers[paths[1]][1] == 429


def test_an_opened_page_closes_after_an_hour(client: FlaskClient, clock: MovableClock) -> None:
    code = code_of(client, filed(client, phone="0905 123 456"))
    client.post("/theo-doi", data={"code": code, "digits": "3456"})

    clock.move_to(clock.now() + timedelta(hours=1, seconds=1))

    assert client.get(f"/theo-doi/{code}").status_code == 303


def test_a_page_opened_for_one_petition_does_not_open_another(client: FlaskClient) -> None:
    one = code_of(client, filed(client, phone="0905 123 456"))
    other = code_of(client, filed(client, text="Đèn đỏ ở ngã tư hỏng hai hôm nay"))
    client.post("/theo-doi", data={"code": one, "digits": "3456"})

    assert client.get(f"/theo-doi/{other}").status_code == 303


def test_a_wrong_code_and_wrong_digits_are_answered_alike(client: FlaskClient) -> None:
    code = code_of(client, filed(client, phone="0905 123 456"))

    wrong_digits = client.post("/theo-doi", data={"code": code, "digits": "9999"})
    wrong_code = client.post("/theo-doi", data={"code": "7K3M-9HDK", "digits": "3456"})

    assert wrong_digits.status_code == wrong_code.status_code == 422
    assert wrong_digits.text.replace(code, "7K3M-9HDK") == wrong_code.text


def test_the_eleventh_wrong_try_waits_an_hour(client: FlaskClient) -> None:
    code = code_of(client, filed(client, phone="0905 123 456"))

    answers = [client.post("/theo-doi", data={"code": code, "digits": f"{n:04}"}).status_code for n in range(11)]

    assert answers == [422] * 10 + [429]


def test_a_question_is_answered_on_the_page(client: FlaskClient, door: Door) -> None:
    token = filed(client)
    with door.database.reading() as look:
        found = store.petition_by_token(look, hashed(token))
    assert found
    hear(door.database, info_requested(found.id))
    assert "Ổ gà nằm ở làn nào?" in client.get(f"/t/{token}").text

    answer = client.post(f"/t/{token}/bo-sung", data={"text": "Làn bên phải", "once": "abc"}, follow_redirects=True)

    assert "Đã nhận. Người xử lý sẽ đọc" in answer.text
    assert "Làn bên phải" in answer.text
    assert outbox_of(door)[-1] == "petition.supplemented.v1"


def test_an_empty_answer_is_asked_for_again(client: FlaskClient) -> None:
    token = filed(client)

    answer = client.post(f"/t/{token}/bo-sung", data={"text": ""})

    assert answer.status_code == 422
    assert "Hãy viết câu trả lời" in answer.text


def test_opening_the_rating_link_changes_nothing_and_the_button_counts_once(client: FlaskClient, door: Door) -> None:
    token = filed(client)
    with door.database.reading() as look:
        found = store.petition_by_token(look, hashed(token))
    assert found
    hear(door.database, case_answered(found.id))
    before = outbox_of(door)

    client.get(f"/t/{token}/danh-gia")
    client.head(f"/t/{token}/danh-gia")
    assert outbox_of(door) == before
    answers = [client.post(f"/t/{token}/danh-gia", data={"score": "5"}).status_code for _ in range(2)]

    assert answers == [303, 303]
    assert outbox_of(door)[len(before) :] == ["petition.rated.v1"]
    assert "Cảm ơn bạn đã chấm điểm" in client.get(f"/t/{token}/danh-gia").text


def test_a_rating_without_a_choice_says_what_to_do(client: FlaskClient, door: Door) -> None:
    token = filed(client)
    with door.database.reading() as look:
        found = store.petition_by_token(look, hashed(token))
    assert found
    hear(door.database, case_answered(found.id))

    answer = client.post(f"/t/{token}/danh-gia", data={"words": "Cảm ơn"})

    assert answer.status_code == 422
    assert "Hãy chọn một mức" in answer.text
    assert "Cảm ơn" in answer.text


def test_the_follow_page_of_a_denunciation_does_not_say_what_it_is_about(client: FlaskClient) -> None:
    token = filed(client, kind="denunciation", topic="C29", phone="0905 123 456")
    page = client.get(f"/t/{token}").text

    head = page[: page.index("</h1>")]
    assert "Tố cáo" not in head
    assert "tố cáo" not in head
    assert "Thoát nhanh" in page
    assert "Số PIN" in client.get(f"/bien-nhan/{token}").text


def test_the_due_day_is_an_estimate_until_the_desk_said_its_own(client: FlaskClient, door: Door) -> None:
    token = filed(client, topic="C01")
    assert "Dự kiến trả lời bạn chậm nhất" in client.get(f"/t/{token}").text

    with door.database.reading() as look:
        found = store.petition_by_token(look, hashed(token))
    assert found
    hear(door.database, case_opened(found.id))

    assert "Trả lời bạn chậm nhất <b>thứ Năm 03/12/2026</b>" in client.get(f"/t/{token}").text


def test_an_erased_petition_still_shows_its_story_and_its_seal(client: FlaskClient, door: Door) -> None:
    token = filed(client)
    with door.database.writing() as tx:
        tx.connection.execute(store.petition.update().values(text=None, name=None))

    page = client.get(f"/t/{token}")

    assert page.status_code == 200
    assert "Nội dung đã được xoá" in page.text


@pytest.mark.parametrize("path", ["/t/nope", "/bien-nhan/nope", "/t/nope/danh-gia", "/bien-nhan/nope/ngay-hen.ics"])
def test_an_unknown_link_is_a_page_that_says_what_to_do(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_the_due_day_goes_into_a_calendar(client: FlaskClient) -> None:
    token = filed(client, topic="C01")

    answer = client.get(f"/bien-nhan/{token}/ngay-hen.ics")

    assert answer.content_type.startswith("text/calendar")
    assert "DTSTART;VALUE=DATE:20261203\r\n" in answer.text


def test_a_petition_filed_elsewhere_is_followed_in_the_same_way(client: FlaskClient, door: Door) -> None:
    with door.database.writing() as tx:
        sent = door.check(typed(), language="vi")
        receipt = file_petition(tx, sent=sent, kept=[], once="counter:1", key=door.key, channel="counter")

    assert receipt.filed.code in client.get(f"/t/{receipt.token}").text
