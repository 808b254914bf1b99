"""What petitioners do with what is theirs, across all services."""

import io
import re
import zipfile
from email import message_from_bytes
from typing import Any

from ops.world import World
from tests.journeys.conftest import Citizen, Desk
from tests.journeys.test_spine import ANSWER, POTHOLE, is_sound, log_of


def test_a_petition_taken_back_ends_at_the_desk_and_its_sender_is_told(
    world: World, citizen: Citizen, staff: Desk
) -> None:
    receipt = citizen.file(POTHOLE)
    world.settle()
    case = staff.case_id(receipt["code"])
    link, page = f"/t/{receipt['secret']}", world["intake"].app.test_client()

    assert page.post(f"{link}/rut", data={"reason": "Đội đã vá sáng nay"}).status_code == 303
    world.settle()

    assert "Đội đã vá sáng nay" in staff.see("truong-ha-tang", case)
    assert "Đã rút hồ sơ" in page.get(link).text
    assert citizen.look(receipt)["stage"] == "withdrawn"
    letters = [one for one in citizen.letters() if one.subject.startswith("Đã đóng")]
    assert len(letters) == 1
    assert "Theo yêu cầu rút của Ông/Bà" in letters[0].text
    assert {"petition.withdrawn.v1", "case.closed.v1"} <= set(log_of(world, receipt["code"]))
    assert is_sound(world)


def test_a_complaint_taken_back_waits_for_a_person_who_goes_on_or_ends_it(
    world: World, citizen: Citizen, staff: Desk
) -> None:
    complaint = "Tôi khiếu nại Quyết định số 12/QĐ-SXD ngày 10/11/2026 thu hồi phù hiệu xe của tôi. Tôi đã ký tên."
    receipt = citizen.file(complaint, kind="complaint", address="12 Lê Lợi, Huế")
    world.settle()
    case = staff.case_id(receipt["code"])
    link, page = f"/t/{receipt['secret']}", world["intake"].app.test_client()
    page.post(f"{link}/rut")
    world.settle()

    assert "Người gửi xin rút" in staff.see("truong-phap-che", case)
    assert "Người gửi xin rút, chờ quyết định" in staff.sign_in("truong-phap-che").get("/desk/promises").text
    why = "Vụ việc liên quan nhiều người nên vẫn giải quyết."
    assert staff.do("truong-phap-che", case, "decline_withdrawal", reason=why) == 303
    assert "Vụ việc liên quan nhiều người" in page.get(link).text
    assert "Người gửi xin rút, chờ quyết định" not in staff.sign_in("truong-phap-che").get("/desk/promises").text


NEW = "anh.moi@example.vn"


def mails_to(citizen: Citizen, address: str) -> list[Any]:
    return [one for one in citizen.letters() if one.recipient == address]


def link_in(letter: Any, path: str) -> str:
    found = re.search(rf"https?://[^/\s]+({path}[^\s<]+)", letter.text)
    assert found, letter.text
    return found[1]


def test_a_new_address_hears_what_comes_next_and_the_old_one_only_that_it_was_left(
    world: World, citizen: Citizen, staff: Desk
) -> None:
    receipt = citizen.file(POTHOLE)
    world.settle()
    case = staff.case_id(receipt["code"])
    link, page = f"/t/{receipt['secret']}", world["intake"].app.test_client()
    before = len(mails_to(citizen, citizen.email))

    page.post(f"{link}/lien-he", data={"email": NEW, "language": "en", "progress": "y"})
    world.settle()
    assert staff.do("truong-ha-tang", case, "assign", officer=staff.person("ha-tang-1")) == 303
    assert staff.do("ha-tang-1", case, "accept") == 303

    (left,) = mails_to(citizen, citizen.email)[before:]
    assert left.subject == "Địa chỉ nhận tin đã đổi"
    assert receipt["code"] not in left.text
    assert link not in left.text
    (news,) = mails_to(citizen, NEW)
    assert receipt["code"] in news.text
    assert link in news.text
    assert "Dear" in news.text  # the language changed with it
    assert "Công dân đổi liên hệ" in staff.see("truong-ha-tang", case)
    assert {"contact.changed.v1"} <= set(log_of(world, receipt["code"]))


def test_an_address_is_verified_by_its_letter_and_the_desk_sees_it(world: World, citizen: Citizen, staff: Desk) -> None:
    receipt = citizen.file(POTHOLE)
    world.settle()
    link, page = f"/t/{receipt['secret']}", world["intake"].app.test_client()

    page.post(f"{link}/xac-minh", data={"channel": "email"})
    world.settle()
    (letter,) = [one for one in mails_to(citizen, citizen.email) if one.subject.startswith("Xác minh")]
    pressed = page.post(link_in(letter, "/xac-minh/"))
    page.post(f"{link}/xac-minh", data={"channel": "sms"})
    world.settle()
    (text,) = [one for one in citizen.letters("sms") if "ma xac minh" in one.text or "mã xác minh" in one.text]
    code = re.search(r"\b\d{6}\b", text.text)
    assert code
    typed = page.post(f"{link}/ma", data={"digits": code[0]})
    world.settle()

    assert (pressed.status_code, typed.status_code) == (200, 303)
    seen = staff.see("truong-ha-tang", staff.case_id(receipt["code"]))
    assert "Đã xác minh:" in seen


def test_a_denouncer_who_changes_the_contact_stays_under_the_lock(world: World, citizen: Citizen, staff: Desk) -> None:
    text = "Tôi tố cáo ông Nguyễn Văn B, viên chức Trung tâm Đăng kiểm, ngày 12/11/2026 nhận 2.000.000 đồng của tôi."
    receipt = citizen.file(text, kind="denunciation", address="12 Lê Lợi, Huế")
    world.settle()
    link, page = f"/t/{receipt['secret']}", world["intake"].app.test_client()

    page.post(f"{link}/lien-he", data={"email": NEW, "language": "vi"})
    page.post(f"{link}/xac-minh", data={"channel": "email"})
    world.settle()

    (check,) = mails_to(citizen, NEW)
    assert "/xac-minh/" in check.text
    assert receipt["code"] not in check.text
    assert "tố cáo" not in check.text.lower()
    with world["workflow"].database.reading() as tx:
        tables = world["workflow"].database.metadata.tables
        kept = [str(row) for row in tx.connection.execute(tables["case_words"].select())]
    assert not any(NEW in row for row in kept)
    assert is_sound(world)


def test_one_link_lists_my_petitions_and_opens_them(world: World, citizen: Citizen) -> None:
    first, second = citizen.file(POTHOLE), citizen.file("Đèn đường số 14 Nguyễn Huệ tắt ba đêm nay.")
    world.settle()
    page = world["intake"].app.test_client()

    page.post("/ho-so-cua-toi", data={"address": citizen.email})
    page.post("/ho-so-cua-toi", data={"address": "ai.do@example.vn"})
    world.settle()

    (letter,) = [one for one in citizen.letters() if one.subject.startswith("Danh sách hồ sơ")]
    assert letter.recipient == citizen.email
    listed = page.get(link_in(letter, "/ho-so-cua-toi/")).text
    assert all(f"/t/{one['secret']}" in listed for one in (first, second))


def test_one_click_in_the_mail_program_stops_news_and_never_the_result(
    world: World, citizen: Citizen, staff: Desk
) -> None:
    receipt = citizen.file(POTHOLE)
    world.settle()
    case, page = staff.case_id(receipt["code"]), world["intake"].app.test_client()
    assert staff.do("truong-ha-tang", case, "assign", officer=staff.person("ha-tang-1")) == 303
    assert staff.do("ha-tang-1", case, "accept") == 303
    assert staff.do("ha-tang-1", case, "progress", note="Đã kiểm tra tại chỗ sáng nay.") == 303
    (news,) = [one for one in mails_to(citizen, citizen.email) if one.subject.startswith("Tiến độ")]
    head = message_from_bytes(news.content)
    assert head["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = re.sub(r"^<https?://[^/]+|>$", "", "".join(head["List-Unsubscribe"].split()))

    clicked = page.post(path, data={"List-Unsubscribe": "One-Click"})
    world.settle()
    assert staff.do("ha-tang-1", case, "progress", note="Ngày mai đội đến vá.") == 303

    assert clicked.status_code == 200
    assert len([one for one in mails_to(citizen, citizen.email) if one.subject.startswith("Tiến độ")]) == 1
    assert path.split("?")[0] in "".join(news.text.split())
    draft = {"text": ANSWER, "outcome": "done", "basis": "Kế hoạch bảo dưỡng"}
    assert staff.do("ha-tang-1", case, "draft", **draft) == 303
    assert staff.do("truong-ha-tang", case, "approve") == 303
    assert staff.do("ha-tang-1", case, "answer") == 303
    (result,) = [one for one in mails_to(citizen, citizen.email) if one.subject.startswith("Đã có kết quả")]
    assert message_from_bytes(result.content)["List-Unsubscribe"] is None


def test_what_a_person_wrote_is_erased_everywhere_and_the_log_stays_whole(
    world: World, citizen: Citizen, staff: Desk
) -> None:
    receipt = citizen.file(POTHOLE)
    world.settle()
    case = staff.case_id(receipt["code"])
    staff.answer(case, ANSWER)
    link, page = f"/t/{receipt['secret']}", world["intake"].app.test_client()

    asked = page.post(f"{link}/du-lieu", data={"right": "erase"}).headers["Location"].rsplit("/", 1)[1]
    world.settle()
    code = re.search(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", page.get(f"/t/{asked}").text)
    assert code
    request = staff.case_id(code[0])
    assert staff.do("dau-moi", request, "verify_identity", note="Gọi lại số đã đăng ký, đúng người.") == 303
    assert staff.do("dau-moi", request, "decide", kind="data_request", unit="VP") == 303
    assert staff.do("chanh-van-phong", request, "assign", officer=staff.person("van-phong-1")) == 303
    assert staff.do("van-phong-1", request, "name_right", right="withdraw_restrict_or_object") == 303
    assert staff.do("van-phong-1", request, "accept") == 303
    proposed = {"code": receipt["code"], "reason": "Đã hết thời hạn lưu trữ hồ sơ này."}
    assert staff.do("van-phong-1", request, "propose_erasure", **proposed) == 303
    assert "chờ người thứ hai quyết định" in staff.see("chanh-van-phong", request)
    assert staff.do("van-phong-1", request, "grant_erasure") in {403, 409}
    assert staff.do("chanh-van-phong", request, "grant_erasure") == 303

    name = "Nguyễn Thị Hồng Ánh"
    for service, table in (("intake", "petition"), ("workflow", "case_words"), ("notify", "contact_point")):
        database = world[service].database
        with database.reading() as look:
            rows = look.connection.execute(database.metadata.tables[table].select()).all()
        kept = [str(row) for row in rows if str(asked) not in str(row)]
        assert not any("ổ gà" in row for row in kept), service
        assert len([row for row in kept if name in row]) <= 1, service  # the request itself
    assert "Đã xoá lời và danh tính" in page.get(link).text
    archive = zipfile.ZipFile(io.BytesIO(page.get(f"{link}/du-lieu.zip").data))
    assert name not in archive.read("du-lieu.json").decode()
    assert page.get(f"{link}/lien-he").status_code == 410
    assert "petitioner.erased.v1" in log_of(world, receipt["code"])
    assert is_sound(world)
