"""The public register at the door: a list to search, a page for each case, feeds, followers, and nothing that leaks."""

import csv
import io
import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from services.intake import register, store
from services.intake.domain.register import PublicCase, distance_m, overlap, similar
from services.intake.domain.secret import pin_of
from services.intake.door import Door, Sweeper
from services.intake.reactions import REACTIONS
from shared.clock import MovableClock
from shared.db import Cause, Database
from shared.events.base import Sealed
from shared.events.workflow import (
    CaseAnswered,
    CaseExtended,
    CaseMerged,
    CasePublished,
    CaseUnlinked,
    CaseUnpublished,
    PublicPhoto,
)
from shared.files import store_file
from shared.outbox import outbox
from tests.intake.builders import KEY, a_petition, a_picture, case_answered, hear
from tests.intake.test_doubts import answer_of
from tests.support import emitted

HOME = {"Origin": "http://localhost"}
SEEN = datetime(2026, 11, 23, 6, tzinfo=UTC)


def published(**given: Any) -> CasePublished:
    usual: dict[str, Any] = {
        "petition_id": uuid4(),
        "case_id": uuid4(),
        "actor": "u:head",
        "written_by": "u:officer",
        "number": "2026-0001",
        "version": 1,
        "topic": "C01",
        "ward": "thuan-hoa",
        "unit": "KCHT",
        "received_on": date(2026, 11, 20),
        "due_on": date(2026, 12, 3),
        "answered_on": None,
        "is_on_time": None,
        "title": Sealed("Ổ gà trước trường Quốc Học, đường Lê Lợi"),
        "text": Sealed("Ổ gà sâu giữa làn xe máy, nguy hiểm lúc tan trường. Xe [biển số] suýt ngã."),
        "answer": Sealed(None),
        "late_reason": Sealed(None),
        "place": Sealed("Đường Lê Lợi"),
        "position": Sealed("16.459,107.582"),
        "photos": Sealed(()),
    }
    return CasePublished(**usual | given)


def show(database: Database, **given: Any) -> CasePublished:
    told = published(**given)
    hear(database, told)
    return told


def case_of(database: Database, told: CasePublished) -> PublicCase:
    with database.reading() as look:
        found = store.public_case_of(look, told.case_id)
    assert found is not None
    return found


def follow(database: Database, told: CasePublished, once: str = "x", **given: Any) -> tuple[Any, str]:
    usual: dict[str, Any] = {"language": "vi", "email": "anh@example.vn", "mobile": None}
    with database.writing() as tx:
        found = store.public_case_of(tx, told.case_id)
        assert found is not None
        return register.follow_case(tx, found, once=once, key=KEY, **usual | given)


# ---- the pages


def test_s15a_a_published_case_is_found_without_accents_and_has_a_page_for_good(
    service: Any, client: FlaskClient
) -> None:
    show(service.database)

    found = client.get("/so-phan-anh?q=o ga le loi").text
    by_beginning = client.get("/so-phan-anh?q=quoc ho").text
    other = client.get("/so-phan-anh?q=cau truong tien").text
    page = client.get("/so-phan-anh/2026-0001")

    assert "/so-phan-anh/2026-0001" in found
    assert "/so-phan-anh/2026-0001" in by_beginning
    assert "/so-phan-anh/2026-0001" not in other
    assert "[biển số]" in page.text
    assert "16.459, 107.582" in page.text
    assert "Tôi cũng gặp" in page.text
    assert page.headers["Cache-Control"].startswith("public")
    again = client.get("/so-phan-anh/2026-0001", headers={"If-None-Match": page.headers["ETag"]})
    assert again.status_code == 304


def test_s15a_the_list_is_narrowed_by_topic_ward_and_state_and_goes_on_page_by_page(
    service: Any, client: FlaskClient
) -> None:
    for number in range(1, 26):
        show(service.database, number=f"2026-{number:04}", case_id=uuid4())
    show(
        service.database,
        number="2026-0099",
        case_id=uuid4(),
        topic="C13",
        ward="phu-xuan",
        answered_on=date(2026, 11, 22),
        is_on_time=True,
    )

    first = client.get("/so-phan-anh?linh-vuc=C01").text
    older = re.search(r'href="([^"]*sau=[^"]*)"', first)
    assert older
    second = client.get(older[1].replace("&amp;", "&")).text
    numbers = [re.findall(r"/so-phan-anh/(2026-\d{4})", page) for page in (first, second)]

    assert [len(one) for one in numbers] == [20, 5]
    assert not set(numbers[0]) & set(numbers[1])
    assert "2026-0099" in client.get("/so-phan-anh?trang-thai=xong").text
    assert "2026-0099" not in client.get("/so-phan-anh?trang-thai=cho").text
    assert "2026-0099" in client.get("/so-phan-anh?phuong=phu-xuan").text


@pytest.mark.parametrize(
    "address",
    [
        "/so-phan-anh?sau=nonsense&nam=x&linh-vuc=%00&phuong=%00",
        "/so-phan-anh?sau=2026-11-23.%00&nam=0",
        "/so-phan-anh?q=%00%ff'--&nam=99999",
        "/so-phan-anh/du-lieu.json?nam=-1&sau=2026-11-23.2026-0001",
        "/so-phan-anh/%00",
        "/so-phan-anh/%00/toi-cung-gap",
    ],
)
def test_an_address_that_makes_no_sense_breaks_nothing(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code in {200, 400, 404}


def test_a_key_that_makes_no_sense_breaks_nothing(service: Any, client: FlaskClient) -> None:
    show(service.database)

    assert client.post("/so-phan-anh/2026-0001/toi-cung-gap", data={"once": "\0;--"}, headers=HOME).status_code == 303


def test_s15a_what_was_taken_down_answers_410_with_the_reason_and_nothing_else(
    service: Any, client: FlaskClient
) -> None:
    told = show(service.database)
    gone = CaseUnpublished(
        petition_id=told.petition_id, case_id=told.case_id, actor="u:head", number=told.number, reason="consent"
    )
    hear(service.database, gone)

    page = client.get("/so-phan-anh/2026-0001")

    assert page.status_code == 410
    assert "Người gửi không còn đồng ý công bố" in page.text
    assert "Quốc Học" not in page.text
    for address in ("/so-phan-anh", "/so-phan-anh?q=quoc hoc", "/so-phan-anh/du-lieu.json", "/so-phan-anh/tin.atom"):
        assert "2026-0001" not in client.get(address).text
    assert client.get("/so-phan-anh/2026-0001/toi-cung-gap").status_code == 410


def test_s15a_an_answer_in_time_or_late_shows_and_a_covered_photo_is_given_to_everybody(
    service: Any, client: FlaskClient
) -> None:
    photo, other = uuid4(), uuid4()
    store_file(service.settings.files_dir, photo, a_picture())
    store_file(service.settings.files_dir, other, a_picture())
    show(
        service.database,
        answered_on=date(2026, 12, 8),
        is_on_time=False,
        answer=Sealed("Đã vá đêm 07/12/2026."),
        late_reason=Sealed("Mưa lũ ba ngày liền."),
        photos=Sealed((PublicPhoto(photo, "after", 10, "0" * 64),)),
    )

    page = client.get("/so-phan-anh/2026-0001").text

    assert "chậm hạn" in page
    assert "Mưa lũ ba ngày liền." in page
    assert "Sau khi làm" in page
    assert "Tôi cũng gặp" not in page
    assert client.get(f"/so-phan-anh/2026-0001/anh/{photo}").content_type == "image/jpeg"
    assert client.get(f"/so-phan-anh/2026-0001/anh/{other}").status_code == 404


def test_s15a_open_data_come_as_csv_json_and_atom_with_their_licence(service: Any, client: FlaskClient) -> None:
    show(service.database, title=Sealed("=HYPERLINK() ở cầu Trường Tiền & <b>"))

    rows = list(csv.reader(io.StringIO(client.get("/so-phan-anh/du-lieu.csv").data.decode("utf-8-sig")), delimiter=";"))
    data = client.get("/so-phan-anh/du-lieu.json").get_json()
    feed = ElementTree.fromstring(client.get("/so-phan-anh/tin.atom").data)  # ours

    assert rows[1][rows[0].index("title")].startswith("'=HYPERLINK")
    assert data["licence"]["name"] == "CC BY 4.0"
    assert data["cases"][0]["url"].endswith("/so-phan-anh/2026-0001")
    assert "petition_id" not in data["cases"][0]
    entry = feed.find("{http://www.w3.org/2005/Atom}entry")
    assert entry is not None
    assert entry.findtext("{http://www.w3.org/2005/Atom}title") == "=HYPERLINK() ở cầu Trường Tiền & <b>"


def test_s15a_the_map_has_a_bubble_and_a_row_for_each_ward(service: Any, client: FlaskClient) -> None:
    show(service.database)
    show(service.database, number="2026-0002", ward="phu-xuan", position=Sealed(None))

    page = client.get("/so-phan-anh/ban-do").text

    assert page.count('aria-label="phường') == 1
    assert "phường Thuận Hóa: 1 việc" in page
    assert re.search(r'class="name"[^>]*>Thuận Hóa</text>', page)
    assert re.search(r'class="deg"[^>]*>[0-9]+ km</text>', page)
    assert "107,5" in page
    assert "?phuong=phu-xuan" in page


def test_a_hostile_word_in_a_search_comes_back_escaped(service: Any, client: FlaskClient) -> None:
    page = client.get("/so-phan-anh?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E%25_'").text

    assert "<script>alert" not in page


# ---- who follows


def test_s15a_a_follower_has_a_code_of_their_own_and_the_desk_hears_a_number_alone(database: Database) -> None:
    told = show(database)
    with database.writing() as tx:
        found = store.public_case_of(tx, told.case_id)
        assert found is not None
        given_ = {"language": "vi", "email": "anh@example.vn", "mobile": None}
        one, token = register.follow_case(tx, found, once="a", key=KEY, **given_)  # type: ignore[arg-type]
        again, _ = register.follow_case(tx, found, once="a", key=KEY, **given_)  # type: ignore[arg-type]
        events = emitted(tx)

    assert again.code == one.code
    assert [event.TYPE for event in events] == ["petition.followed.v1", "follower.told.v1"]
    assert vars(events[0])["followers"] == 1
    assert "anh@example.vn" not in repr(events)
    with database.reading() as look:
        assert register.follower_opened(look, code=one.code, digits=pin_of(token), key=KEY) == token
        assert register.follower_opened(look, code=one.code, digits="000000", key=KEY) is None


def test_s15a_every_follower_is_told_when_the_case_is_answered_and_who_stopped_is_not(database: Database) -> None:
    told = show(database)
    stays, _ = follow(database, told, "a")
    _, token = follow(database, told, "b", email="binh@example.vn")
    follow(database, told, "c", email=None)
    with database.writing() as tx:
        gone = register.stop_following(tx, token)
    assert gone is not None

    events = heard(database, case_answered(told.petition_id), told.case_id)

    assert [(event.TYPE, event.news, event.follower_id) for event in events] == [
        ("follower.told.v1", "answered", stays.id)
    ]
    after = case_of(database, told)
    assert (after.is_open, after.is_on_time) == (False, True)
    with database.reading() as look:
        left = store.follower_by_code(look, gone.code)
    assert left is not None
    assert left.email is None


def test_s15a_what_was_public_of_a_result_is_not_shown_as_that_of_a_later_answer(
    service: Any, client: FlaskClient
) -> None:
    told = show(service.database, answer=Sealed("Đã rào chắn, chờ vật liệu."))
    before = client.get("/so-phan-anh/2026-0001").text

    heard(service.database, case_answered(told.petition_id), told.case_id)

    after = client.get("/so-phan-anh/2026-0001").text
    assert "Đã làm đến đâu" in before
    assert "chờ vật liệu" not in after
    assert "Đã trả lời người gửi; bản tóm tắt kết quả sẽ hiện ở đây." in after


def heard(database: Database, event: Any, case_id: UUID) -> list[Any]:
    """What the door says on hearing an event about this case."""
    event = type(event)(**vars(event) | {"case_id": case_id})
    with database.writing(cause=Cause(uuid4(), "workflow", event.petition_id, SEEN, "c")) as tx:
        REACTIONS[type(event)](tx, event)
        return [one for one in emitted(tx) if one.TYPE.startswith("follower")]


def test_s15a_a_new_day_is_told_to_followers(database: Database) -> None:
    told = show(database)
    follow(database, told)
    extended = CaseExtended(
        petition_id=told.petition_id,
        case_id=told.case_id,
        actor="u:head",
        asked_by="u:officer",
        rule="P1",
        due_before=date(2026, 12, 3),
        due_on=date(2026, 12, 10),
        due_at=datetime(2026, 12, 10, 17, tzinfo=UTC),
        reason=Sealed("Chờ vật liệu"),
    )

    (event,) = heard(database, extended, told.case_id)

    assert (event.news, event.due_on) == ("redated", date(2026, 12, 10))
    assert case_of(database, told).due_on == date(2026, 12, 10)


def test_nobody_hears_of_a_case_that_is_not_public(database: Database) -> None:
    assert heard(database, case_answered(uuid4()), uuid4()) == []
    assert isinstance(case_answered(uuid4()), CaseAnswered)


def test_s15a_following_works_without_javascript_and_a_wrong_address_keeps_what_was_typed(
    service: Any, client: FlaskClient
) -> None:
    show(service.database)
    form = client.get("/so-phan-anh/2026-0001/toi-cung-gap").text
    once = re.search(r'name="once" value="([^"]+)"', form)
    assert once

    there, typed = "/so-phan-anh/2026-0001/toi-cung-gap", {"once": once[1]}
    refused = client.post(there, data=typed | {"email": "anh@", "phone": "0905 123 456"}, headers=HOME)
    sent = client.post(there, data=typed | {"email": "anh@example.vn"}, headers=HOME)
    twice = client.post(there, data=typed | {"email": "anh@example.vn"}, headers=HOME)
    page = client.get(sent.location).text
    code = re.search(r">([0-9A-Z]{4}-[0-9A-Z]{4})<", page)
    pin = re.search(r"<dd>(\d{6})</dd>", page)
    assert code
    assert pin
    by_code = client.post("/theo-doi", data={"code": code[1], "digits": pin[1]}, headers=HOME)
    wrong = client.post("/theo-doi", data={"code": code[1], "digits": "000000"}, headers=HOME)
    stopped = client.post(f"{sent.location}/thoi", headers=HOME)

    assert refused.status_code == 422
    assert "0905 123 456" in refused.text
    assert (sent.status_code, twice.location) == (303, sent.location)
    assert "a•••@example.vn" in page
    assert by_code.location == sent.location
    assert wrong.status_code == 422
    assert stopped.status_code == 303
    assert "Địa chỉ của bạn đã bị xoá" in client.get(sent.location).text
    assert "1 người cũng gặp" not in client.get("/so-phan-anh/2026-0001").text


def told_to_follow(database: Database) -> int:
    with database.reading() as look:
        rows = look.connection.execute(outbox.select().where(outbox.c.type == "follower.told.v1")).all()
    return len(rows)


THERE = "/so-phan-anh/2026-0001/toi-cung-gap"


def test_s15a_an_address_follows_a_case_once_and_is_told_once(service: Any, client: FlaskClient) -> None:
    show(service.database)

    first = client.post(THERE, data={"email": "anh@example.vn"}, headers=HOME)
    second = client.post(THERE, data={"email": "Anh@example.vn"}, headers=HOME)

    assert first.location != second.location
    assert "a•••@example.vn" not in client.get(second.location).text
    assert told_to_follow(service.database) == 1


def test_s15a_nobody_fills_a_letter_box_by_following_many_cases(service: Any, client: FlaskClient) -> None:
    for number in range(1, 8):
        show(service.database, number=f"2026-{number:04}", case_id=uuid4())

    sent = [
        client.post(THERE.replace("0001", f"{number:04}"), data={"email": "anh@example.vn"}, headers=HOME)
        for number in range(1, 8)
    ]

    assert [one.status_code for one in sent] == [303] * 5 + [422] * 2
    assert "anh@example.vn" in sent[-1].text
    assert "đã được báo nhiều lần hôm nay" in sent[-1].text
    assert told_to_follow(service.database) == 5


def test_s15a_no_text_message_is_sent_before_a_question_is_answered(service: Any, client: FlaskClient) -> None:
    show(service.database)
    typed = {"phone": "0905 123 456", "sms": "y", "once": "x"}

    asked = client.post(THERE, data=typed, headers=HOME)
    sealed, answer = answer_of(asked.text)
    wrong = client.post(THERE, data=typed | {"altcha_asked": sealed, "riddle": "99"}, headers=HOME)
    sealed, answer = answer_of(wrong.text)
    sent = client.post(THERE, data=typed | {"altcha_asked": sealed, "riddle": answer}, headers=HOME)
    twice = client.post(THERE, data=typed | {"altcha_asked": sealed, "riddle": answer}, headers=HOME)

    assert (asked.status_code, wrong.status_code, sent.status_code) == (422, 422, 303)
    assert "0905 123 456" in asked.text
    assert twice.location == sent.location
    assert told_to_follow(service.database) == 1


def test_s15a_who_follows_in_a_second_without_a_script_is_asked_a_question(service: Any, client: FlaskClient) -> None:
    show(service.database)
    began = re.search(r'name="altcha_began" value="([^"]+)"', client.get(THERE).text)
    assert began

    asked = client.post(THERE, data={"email": "anh@example.vn", "altcha_began": began[1]}, headers=HOME)

    assert asked.status_code == 422
    assert answer_of(asked.text)
    assert told_to_follow(service.database) == 0


def test_s15a_pressing_twice_at_the_same_instant_follows_once(database: Database) -> None:
    told = show(database)
    with database.reading() as look:
        case = store.public_case_of(look, told.case_id)
    assert case is not None
    given: dict[str, Any] = {"once": "x", "key": KEY, "language": "vi", "email": None, "mobile": None}

    def press(_: int) -> Any:
        with database.writing() as tx:
            found = register.follow_case(tx, case, **given)
            time.sleep(0.05)
            return found[0].id

    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(press, range(4)))

    assert len(found) == 1


def test_s15a_when_a_case_is_taken_down_the_addresses_of_its_followers_go(service: Any, client: FlaskClient) -> None:
    told = show(service.database)
    _, token = follow(service.database, told)
    gone = CaseUnpublished(
        petition_id=told.petition_id, case_id=told.case_id, actor="u:head", number=told.number, reason="not_public"
    )
    hear(service.database, gone)

    with service.database.reading() as look:
        rows = look.connection.execute(select(store.metadata.tables["follower"].c["email", "left_at"])).all()
    page = client.get(f"/theo/{token}").text

    assert [(row.email, row.left_at is None) for row in rows] == [(None, False)]
    assert "Bạn được báo thế nào?" not in page
    assert "Không còn công khai" in client.get("/so-phan-anh/2026-0001").text


def taken_down(told: CasePublished, *heirs: CasePublished) -> CaseUnpublished:
    return CaseUnpublished(
        petition_id=told.petition_id,
        case_id=told.case_id,
        actor="u:head",
        number=told.number,
        reason="not_public",
        heirs=tuple(one.case_id for one in heirs),
    )


def let_go(merged: CasePublished, lead: CasePublished) -> CaseUnlinked:
    return CaseUnlinked(
        petition_id=merged.petition_id,
        case_id=merged.case_id,
        actor="u:head",
        from_case_id=lead.case_id,
        why="decided",
        answer_due_on=date(2026, 12, 3),
    )


def answered_for(database: Database, told: CasePublished) -> list[Any]:
    """Who is told that this case is answered."""
    return [one.follower_id for one in heard(database, case_answered(told.petition_id), told.case_id)]


def test_s15a_followers_of_a_merged_case_go_along_and_nobody_is_told_twice(service: Any, client: FlaskClient) -> None:
    database = service.database
    merged, lead = show(database), show(database, number="2026-0002", title=Sealed("Mặt đường Lê Lợi hỏng"))
    anh, token = follow(database, merged, "a")
    both, _ = follow(database, merged, "b", email="binh@example.vn")
    direct, _ = follow(database, lead, "c", email="Binh@example.vn")

    with database.writing() as tx:
        register.take_down_case(tx, taken_down(merged, lead))
        told = emitted(tx)
    page = client.get(f"/theo/{token}").text

    assert [(event.TYPE, vars(event)["followers"]) for event in told] == [("petition.followed.v1", 2)]
    assert "Mặt đường Lê Lợi hỏng" in page
    assert "Mã và đường dẫn của bạn vẫn dùng được" in page
    assert "Mặt đường Lê Lợi hỏng" in client.get("/so-phan-anh/2026-0001").text
    assert "2 người" in client.get("/so-phan-anh/2026-0002").text
    assert answered_for(database, lead) == [direct.id, anh.id]
    assert both.id not in {direct.id, anh.id}


def test_s15a_who_came_along_with_a_merged_case_stops_by_the_old_link(service: Any, client: FlaskClient) -> None:
    database = service.database
    merged, lead = show(database), show(database, number="2026-0002")
    _, token = follow(database, merged)
    hear(database, taken_down(merged, lead))

    with database.writing() as tx:
        register.stop_following(tx, token)
        counts = [(vars(event)["case_id"], vars(event)["followers"]) for event in emitted(tx)]

    assert counts == [(merged.case_id, 0), (lead.case_id, 0)]
    assert answered_for(database, lead) == []
    assert "Bạn đã thôi theo dõi" in client.get(f"/theo/{token}").text
    assert addresses(database) == [None]


def test_s15a_a_follower_whose_new_day_is_another_one_is_told_that_day(database: Database) -> None:
    merged, lead = show(database), show(database, number="2026-0002", due_on=date(2026, 12, 10))
    one, _ = follow(database, merged)

    with database.writing() as tx:
        register.take_down_case(tx, taken_down(merged, lead))
        told = [event for event in emitted(tx) if event.TYPE == "follower.told.v1"]

    assert [(vars(event)["follower_id"], vars(event)["news"], vars(event)["due_on"]) for event in told] == [
        (one.id, "redated", date(2026, 12, 10))
    ]


def test_s15a_followers_of_a_case_that_was_split_hear_of_each_part_that_is_public(
    service: Any, client: FlaskClient
) -> None:
    database = service.database
    letter, first, second = show(database), published(number="2026-0002"), published(number="2026-0003")
    one, token = follow(database, letter)

    hear(database, taken_down(letter, first, second))
    waiting = client.get(f"/theo/{token}").text
    hear(database, first)

    assert "một việc khác chưa công khai" in waiting
    assert addresses(database) == ["anh@example.vn"]
    assert answered_for(database, first) == [one.id]
    assert answered_for(database, second) == []
    hear(database, second)
    assert answered_for(database, second) == [one.id]
    assert client.get(f"/theo/{token}").text.count("Xem trang công khai của việc này") == 2


def test_s15a_followers_go_along_from_case_to_case(database: Database) -> None:
    first, second, third = show(database), show(database, number="2026-0002"), show(database, number="2026-0003")
    one, _ = follow(database, first)

    hear(database, taken_down(first, second))
    hear(database, taken_down(second, third))

    assert answered_for(database, third) == [one.id]


def test_s15a_followers_go_along_whichever_of_two_mergers_is_heard_first(database: Database) -> None:
    first, second, third = show(database), show(database, number="2026-0002"), show(database, number="2026-0003")
    one, _ = follow(database, first)

    hear(database, taken_down(second, third))
    hear(database, taken_down(first, second))

    assert answered_for(database, third) == [one.id]
    hear(database, taken_down(third))
    assert addresses(database) == [None]


def test_s15a_who_stops_is_told_by_none_of_the_ways_that_lead_to_the_same_matter(database: Database) -> None:
    merged, lead = show(database), show(database, number="2026-0002")
    _, old = follow(database, merged, "a")
    _, token = follow(database, lead, "b", email="Anh@example.vn")
    other, _ = follow(database, merged, "c", email="binh@example.vn")
    hear(database, taken_down(merged, lead))

    with database.writing() as tx:
        register.stop_following(tx, token)
        counts = {vars(event)["case_id"]: vars(event)["followers"] for event in emitted(tx)}

    assert answered_for(database, lead) == [other.id]
    assert counts == {lead.case_id: 1, merged.case_id: 1}
    assert sorted(filter(None, addresses(database))) == ["binh@example.vn"]
    with database.writing() as tx:
        register.stop_following(tx, old)
        assert emitted(tx) == []


def test_s15a_who_stops_by_the_older_link_is_not_told_by_the_newer_one(database: Database) -> None:
    merged, lead = show(database), show(database, number="2026-0002")
    _, old = follow(database, merged, "a")
    follow(database, lead, "b")
    hear(database, taken_down(merged, lead))

    with database.writing() as tx:
        register.stop_following(tx, old)

    assert answered_for(database, lead) == []
    assert addresses(database) == [None, None]


def test_s15a_who_follows_what_is_not_public_for_now_is_not_told_that_their_address_is_gone(
    service: Any, client: FlaskClient
) -> None:
    database = service.database
    merged, lead = show(database), show(database, number="2026-0002")
    _, token = follow(database, merged)
    hear(database, taken_down(merged, lead))
    with database.writing(cause=Cause(uuid4(), "workflow", merged.petition_id, SEEN, "c")) as tx:
        REACTIONS[CaseUnlinked](tx, let_go(merged, lead))
        counts = [(vars(event)["case_id"], vars(event)["followers"]) for event in emitted(tx)]

    page = client.get(f"/theo/{token}").text

    assert counts == [(lead.case_id, 0)]
    assert addresses(database) == ["anh@example.vn"]
    assert "đã bị xoá" not in page
    assert "tạm thời không công khai" in page
    assert "Thôi theo dõi" in page
    client.post(f"/theo/{token}/thoi", headers=HOME)
    assert "đã bị xoá" in client.get(f"/theo/{token}").text


def test_s15a_what_is_said_no_more_of_a_result_is_not_found_by_its_words(service: Any, client: FlaskClient) -> None:
    told = show(service.database, answer=Sealed("Đã rào chắn bằng phên tre."))
    assert "2026-0001" in client.get("/so-phan-anh?q=phen tre").text

    heard(service.database, case_answered(told.petition_id), told.case_id)

    assert "2026-0001" not in client.get("/so-phan-anh?q=phen tre").text
    assert "2026-0001" in client.get("/so-phan-anh?q=o ga").text


def test_s15a_who_follows_two_parts_stays_with_the_one_that_is_not_taken_down(database: Database) -> None:
    letter, first, second = show(database), show(database, number="2026-0002"), show(database, number="2026-0003")
    one, _ = follow(database, letter)
    hear(database, taken_down(letter, first, second))

    hear(database, taken_down(first))

    assert answered_for(database, second) == [one.id]
    hear(database, taken_down(second))
    assert addresses(database) == [None]


def test_s15a_a_case_that_is_let_go_takes_its_followers_back(database: Database) -> None:
    merged, lead = show(database), show(database, number="2026-0002")
    one, _ = follow(database, merged)
    hear(database, taken_down(merged, lead))

    hear(database, let_go(merged, lead))
    hear(database, published(**vars(merged) | {"version": 2}))

    assert answered_for(database, lead) == []
    assert answered_for(database, merged) == [one.id]


def test_s15a_the_address_of_who_went_along_is_kept_as_long_as_there_may_be_news(
    door: Door, service: Any, clock: MovableClock
) -> None:
    merged, lead = show(service.database), show(service.database, number="2026-0002")
    follow(service.database, merged)
    hear(service.database, taken_down(merged, lead))

    clock.move_to(clock.now() + timedelta(days=61))
    Sweeper(door).once()
    kept = addresses(service.database)
    hear(service.database, taken_down(lead))

    assert kept == ["anh@example.vn"]
    assert addresses(service.database) == [None]


def test_s15a_addresses_are_forgotten_when_a_case_is_over_for_good(
    service: Any, door: Door, clock: MovableClock
) -> None:
    told, waits = show(service.database), show(service.database, case_id=uuid4(), number="2026-0002")
    follow(service.database, told)
    follow(service.database, waits, once="y")
    answered = case_answered(told.case_id)
    hear(service.database, answered)

    clock.move_to(clock.now() + timedelta(days=59))
    Sweeper(door).once()
    kept = addresses(service.database)
    clock.move_to(clock.now() + timedelta(days=2))
    Sweeper(door).once()

    assert kept == ["anh@example.vn", "anh@example.vn"]
    assert addresses(service.database) == [None, "anh@example.vn"]


def addresses(database: Database) -> list[str | None]:
    rows = store.metadata.tables["follower"]
    with database.reading() as look:
        return list(look.connection.execute(select(rows.c.email).order_by(rows.c.once)).scalars())


def test_s15a_the_whole_register_is_given_six_times_a_minute(service: Any, client: FlaskClient) -> None:
    show(service.database)

    given = [client.get("/so-phan-anh/du-lieu.csv").status_code for _ in range(7)]

    assert given == [200] * 6 + [429]
    assert client.get("/so-phan-anh").status_code == 200


@pytest.mark.parametrize("address", ["/hoi-dap", "/cong-khai"])
def test_a_page_number_without_sense_is_no_error(client: FlaskClient, address: str) -> None:
    assert client.get(f"{address}?trang=99999999999999999999").status_code == 200
    assert client.get("/so-phan-anh?q=%00o%00").status_code == 200


def test_s15a_a_case_published_after_it_was_passed_on_is_not_open(service: Any, client: FlaskClient) -> None:
    told = show(service.database, is_open=False)

    assert not case_of(service.database, told).is_open
    assert client.post(THERE, data={}, headers=HOME).status_code == 409


def test_s15a_a_case_that_follows_no_other_any_more_is_open_again(database: Database) -> None:
    told = show(database)
    ids = {"petition_id": told.petition_id, "case_id": told.case_id, "actor": "u:head"}
    hear(database, CaseMerged(**ids, into_case_id=uuid4(), answer_due_on=date(2026, 12, 3)))
    before = case_of(database, told).is_open
    hear(database, CaseUnlinked(**ids, from_case_id=uuid4(), why="decided", answer_due_on=date(2026, 12, 7)))

    assert (before, case_of(database, told).is_open) == (False, True)
    assert case_of(database, told).due_on == date(2026, 12, 7)


def test_an_answered_case_is_followed_no_more(service: Any, client: FlaskClient) -> None:
    show(service.database, answered_on=date(2026, 11, 22), is_on_time=True)

    assert client.post("/so-phan-anh/2026-0001/toi-cung-gap", data={}, headers=HOME).status_code == 409
    assert client.get("/theo/" + "a" * 26).status_code == 404


# ---- what is alike


def a_case(**given: Any) -> PublicCase:
    usual: dict[str, Any] = {
        "case_id": uuid4(), "petition_id": uuid4(), "number": "2026-0001", "version": 1, "topic": "C01",
        "ward": "thuan-hoa", "unit": "KCHT", "received_on": date(2026, 11, 20), "due_on": None, "answered_on": None,
        "is_on_time": None, "is_open": True, "title": "Ổ gà trước trường Quốc Học",
        "text": "Ổ gà sâu 20 cm ở cổng trường", "answer": None, "late_reason": None,
        "place": "Đường Lê Lợi", "lat": 16.459, "lng": 107.582,
        "published_at": SEEN, "updated_at": SEEN,
    }  # fmt: skip
    return PublicCase(**usual | given)


def test_what_is_near_or_alike_in_the_same_place_is_offered_and_nothing_else() -> None:
    here = a_petition(lat="16.4592", lng="107.5822", text="Có cái hố to lắm trên đường")
    in_ward = a_petition(ward="thuan-hoa", text="Trước cổng trường Quốc Học có ổ gà sâu")
    elsewhere = a_petition(lat="16.5", lng="107.6", text="Trước cổng trường Quốc Học có ổ gà sâu")
    other_words = a_petition(ward="thuan-hoa", text="Đèn đường hư nhiều hôm rồi, tối om")
    unaccented = a_petition(place="duong le loi", text="o ga sau truoc cong truong quoc hoc")

    assert [one.distance_m for one in similar(here, [a_case()], topics=["C01"])] == [100]
    assert [one.distance_m for one in similar(in_ward, [a_case()], topics=["C01"])] == [None]
    assert similar(elsewhere, [a_case()], topics=["C01"]) == []
    assert similar(other_words, [a_case()], topics=["C01"]) == []
    assert len(similar(unaccented, [a_case()], topics=["C01"])) == 1
    assert similar(here, [a_case(topic="C13")], topics=["C01"]) == []
    assert similar(here, [a_case(is_open=False)], topics=["C01"]) == []
    assert len(similar(here, [a_case(number=f"2026-{n:04}") for n in range(9)], topics=["C01"])) == 3


@pytest.mark.parametrize("kind", ["complaint", "denunciation"])
def test_who_files_what_is_kept_close_is_offered_nothing(kind: str) -> None:
    sent = a_petition(
        kind=kind,
        name="Trần Văn A",
        address="1 Lê Lợi",
        lat="16.459",
        lng="107.582",
        text="Ổ gà sâu 20 cm ở cổng trường",
    )

    assert similar(sent, [a_case()], topics=["C01"]) == []


@given(st.frozensets(st.text("abc", min_size=1, max_size=3)), st.frozensets(st.text("abc", min_size=1, max_size=3)))
def test_overlap_is_a_share_and_the_same_both_ways(some: frozenset[str], others: frozenset[str]) -> None:
    assert 0 <= overlap(some, others) <= 1
    assert overlap(some, others) == overlap(others, some)
    assert not some or overlap(some, some) == 1


def test_distance_is_in_metres() -> None:
    assert distance_m((16.46, 107.59), (16.461, 107.59)) == 111
    assert distance_m((16.46, 107.59), (16.46, 107.59)) == 0
