"""A partner's program files, the desk answers, and the partner hears of it by a signed message."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from standardwebhooks import Webhook

from ops.world import World
from services.workflow import store as desk_store
from shared.clock import MovableClock
from tests.intake.builders import a_picture
from tests.journeys.conftest import Citizen, Desk
from tests.journeys.test_publications import press
from tests.journeys.test_spine import ANSWER, POTHOLE, log_of
from tests.receiver import Receiver, listening
from tests.support import fresh_world


@pytest.fixture
def hub() -> Iterator[Receiver]:
    """The partner's own server: it takes what we tell it, and hands out pictures."""
    with listening() as found:
        yield found


@pytest.fixture
def world(tmp_path: Path, clock: MovableClock, hub: Receiver) -> Iterator[World]:
    """All services, which may go to the partner's server on this machine."""
    outgoing = {"OUTGOING_PORTS": str(hub.port), "OUTGOING_NETWORKS": "127.0.0.1/32", "WEBHOOK_HTTPS_ONLY": "no"}
    with fresh_world(tmp_path, clock, **outgoing) as made:
        yield made


class Admin:
    """Registers partners at the desk, in a browser."""

    def __init__(self, world: World, staff: Desk) -> None:
        self._world, self._staff = world, staff

    @property
    def _client(self) -> FlaskClient:
        return self._staff.sign_in("quan-tri")

    def post(self, address: str, **typed: str) -> str:
        token = re.search(r'name="csrf_token" value="([^"]+)"', self._client.get("/desk/partners").text)
        assert token
        answer = self._client.post(address, data={"csrf_token": token[1], **typed})
        assert answer.status_code in {200, 303}, answer.text
        self._world.settle()
        return answer.text

    def see(self, address: str) -> str:
        return self._client.get(address).text

    def register(self) -> tuple[str, str]:
        """Address of the partner's page, and its key."""
        typed = {"name": "Hue-S", "code": "hue-s", "world": "production", "per_minute": "60"}
        key = re.search(r"lnp_[\w-]+", self.post("/desk/partners", **typed))
        page = re.search(r"/desk/partners/[0-9a-f-]{36}", self.see("/desk/partners"))
        assert key
        assert page
        return page[0], key[0]

    def listen(self, page: str, url: str) -> str:
        """The secret of a new webhook."""
        secret = re.search(r"whsec_[\w+/=]+", self.post(f"{page}/webhook", url=url))
        assert secret
        return secret[0]


@pytest.fixture
def admin(world: World, staff: Desk) -> Admin:
    return Admin(world, staff)


def file(world: World, key: str, **more: str) -> str:
    sent = {
        "api_key": key,
        "service_code": "C01",
        "address_string": "120 Điện Biên Phủ",
        "description": POTHOLE,
        "email": "anh.nth@example.vn",
    }
    answer = world["intake"].app.test_client().post("/open311/v2/requests.json", data=sent | more)
    assert answer.status_code == 200, answer.text
    world.settle()
    return str(answer.get_json()[0]["service_request_id"])


def heard(hub: Receiver, secret: str, clock: MovableClock) -> list[dict[str, Any]]:
    """What the partner was told, each with a signature that is right for its own time."""
    told = []
    for headers, body in hub.got:
        if "webhook-id" not in headers:
            continue
        signed_at = clock.now().fromtimestamp(int(headers["webhook-timestamp"]), clock.now().tzinfo)
        assert Webhook(secret).sign(headers["webhook-id"], signed_at, body.decode()) == headers["webhook-signature"]
        told.append(json.loads(body))
    return told


def test_a_partner_files_and_hears_what_becomes_of_it(
    world: World, staff: Desk, admin: Admin, hub: Receiver, clock: MovableClock, later: Any
) -> None:
    page, key = admin.register()
    secret = admin.listen(page, hub.url)

    code = file(world, key)
    later(hours=2)
    staff.answer(staff.case_id(code), ANSWER)

    told = heard(hub, secret, clock)
    assert [one["data"]["after"] for one in told] == ["case.opened", "case.routed", "case.accepted", "case.answered"]
    assert {one["data"]["service_request_id"] for one in told} == {code}
    assert (told[0]["data"]["status"], told[-1]["data"]["status"]) == ("open", "closed")
    assert told[-1]["data"]["agency_code"] == "KCHT"
    assert told[-1]["data"]["expected_date"] == "2026-12-03"
    said = json.dumps(told, ensure_ascii=False)
    assert "Điện Biên Phủ" not in said
    assert "anh.nth" not in said
    seen = world["intake"].app.test_client().get(f"/open311/v2/requests/{code}.json").get_json()[0]
    assert (seen["status"], seen["agency_responsible"]) == ("closed", "Phòng Quản lý kết cấu hạ tầng giao thông")
    ledger = admin.see(page)
    assert ledger.count("HTTP 204") == 4
    assert code in ledger
    log = log_of(world, code)
    assert "petition.filed.v1" in log


def test_what_a_partner_missed_while_it_was_away_arrives_later(
    world: World, staff: Desk, admin: Admin, hub: Receiver, clock: MovableClock, later: Any
) -> None:
    page, key = admin.register()
    secret = admin.listen(page, hub.url)
    hub.status = 503
    code = file(world, key)
    assert {one["data"]["service_request_id"] for one in heard(hub, secret, clock)} == {code}
    tried = len(hub.got)
    hub.status = 204

    later(minutes=10)

    assert len(hub.got) == tried * 2
    assert len({headers["webhook-id"] for headers, _ in hub.got}) == tried
    assert "Sẽ gửi lại" not in admin.see(page)


def test_a_delivery_is_sent_again_by_a_button(
    world: World, admin: Admin, hub: Receiver, clock: MovableClock, staff: Desk
) -> None:
    page, _ = admin.register()
    secret = admin.listen(page, hub.url)
    admin.post(f"{page}/webhook/trial")
    again = re.search(r'action="([^"]+/again)"', admin.see(page))
    assert again

    admin.post(again[1])

    first, second = heard(hub, secret, clock)
    assert first == second
    assert first["type"] == "ping"
    assert hub.got[0][0]["webhook-id"] == hub.got[1][0]["webhook-id"]


def test_a_picture_of_the_partner_reaches_the_handler_and_a_broken_one_loses_nothing(
    world: World, staff: Desk, admin: Admin, hub: Receiver
) -> None:
    _, key = admin.register()
    hub.status, hub.body = 200, a_picture()
    good = file(world, key, media_url=hub.url)
    hub.body = b"no picture at all"
    broken = file(world, key, media_url=hub.url, description="Nắp cống trước chợ bị mất, rất nguy hiểm cho xe máy.")

    with world["workflow"].database.reading() as look:
        files = desk_store.attachments_of(look, staff.case_id(good))
        none = desk_store.attachments_of(look, staff.case_id(broken))
    assert len(files) == 1
    assert none == []
    assert "Không tải được ảnh" in staff.see("truong-ha-tang", staff.case_id(broken))


def test_confidential_matters_of_a_partner_are_told_to_nobody(
    world: World, staff: Desk, admin: Admin, hub: Receiver, clock: MovableClock
) -> None:
    page, key = admin.register()
    secret = admin.listen(page, hub.url)

    code = file(
        world,
        key,
        description="Tôi tố cáo cán bộ thanh tra giao thông nhận hối lộ, vòi tiền của lái xe, bảo kê xe quá tải.",
    )

    assert heard(hub, secret, clock) == []
    assert world["intake"].app.test_client().get(f"/open311/v2/requests/{code}.json").status_code == 404
    assert code not in admin.see(page)


# ---- what is public


BUS = "Xe buýt số 3 bỏ trạm chợ Đông Ba nhiều lần vào buổi sáng."
TOLD = {"title": "Ổ gà trước trường Quốc Học", "text": "Ổ gà sâu giữa làn xe máy.", "place": "Đường Lê Lợi"}


def publish(staff: Desk, case_id: Any) -> str:
    """Where the summary stands that one wrote and another published."""
    if staff.do("truong-ha-tang", case_id, "assign", officer=staff.person("ha-tang-1")) != 303:
        raise AssertionError("nobody handles it")
    there = f"/desk/cases/{case_id}/summary"
    press(staff, "ha-tang-1", there, there, **TOLD, answer="", late_reason="")
    press(staff, "truong-ha-tang", there, f"{there}/publish", version="1")
    return there


def take_apart(staff: Desk, case_id: Any) -> list[Any]:
    """A case about a pothole and a bus, by somebody who saw that it is about two matters: the case of each."""
    assert staff.do("dau-moi", case_id, "return_to_triage", reason="Đơn nêu hai việc khác nhau") == 303
    split = f"/desk/cases/{case_id}/split_up"
    press(staff, "dau-moi", split, split, **{"text-1": POTHOLE, "text-2": BUS, "topic-2": "C13"})
    with staff.world["workflow"].database.reading() as look:
        case = desk_store.find_case(look, case_id)
        assert case is not None
        return [one for one in desk_store.parts_of(look, case.petition_id) if one.id != case_id]


def publish_for_the_unit(staff: Desk, case_id: Any) -> str:
    """Where the summary stands that the Office wrote and the director published."""
    there = f"/desk/cases/{case_id}/summary"
    press(staff, "dau-moi", there, there, **TOLD, answer="", late_reason="")
    press(staff, "giam-doc", there, f"{there}/publish", version="1")
    return there


def file_by_form(citizen: Citizen, staff: Desk, road: str = "Lê Lợi") -> Any:
    """The case of a citizen who came by no partner, and agreed that a summary is published."""
    text = f"Mặt đường {road} có ổ gà sâu khoảng 20 cm, xe máy dễ ngã."
    receipt = citizen.file(text, topic="C01", place=f"Đường {road}", consents=["publish"])
    citizen.world.settle()
    return staff.case_id(receipt["code"])


def listed(world: World, url: str) -> Any:
    return world["intake"].app.test_client().get(url.removeprefix("http://127.0.0.1:8000"))


def test_a_partner_hears_of_all_that_is_public_once_the_admin_said_so(
    world: World, staff: Desk, admin: Admin, hub: Receiver, citizen: Citizen, clock: MovableClock, later: Any
) -> None:
    page, _ = admin.register()
    secret = admin.listen(page, hub.url)
    publish(staff, file_by_form(citizen, staff, "Hùng Vương"))
    assert heard(hub, secret, clock) == []

    later(hours=1)
    admin.post(f"{page}/scope", hears_public="yes")
    case_id = file_by_form(citizen, staff)
    there = publish(staff, case_id)
    (told,) = heard(hub, secret, clock)
    url = told["data"]["url"]

    assert told["type"] == "request.published"
    assert told["data"] | {"updated_datetime": "", "agency_responsible": "", "url": ""} == {
        "service_request_id": "2026-0002",
        "service_code": "C01",
        "status": "open",
        "agency_responsible": "",
        "agency_code": "KCHT",
        "requested_datetime": "2026-11-22T17:00:00Z",
        "updated_datetime": "",
        "expected_date": "2026-12-03",
        "url": "",
    }
    assert listed(world, url).get_json()[0]["description"].startswith(TOLD["title"])
    later(minutes=5)
    assert staff.do("ha-tang-1", case_id, "accept") == 303
    assert staff.do("ha-tang-1", case_id, "draft", text=ANSWER, outcome="done", basis="Kế hoạch bảo dưỡng") == 303
    assert staff.do("truong-ha-tang", case_id, "approve") == 303
    assert staff.do("ha-tang-1", case_id, "answer") == 303
    press(staff, "truong-ha-tang", there, f"{there}/withdraw", reason="consent")

    told_then = heard(hub, secret, clock)[1:]
    assert [one["type"] for one in told_then] == ["request.updated", "request.unpublished"]
    assert told_then[0]["data"]["status"] == "closed"
    assert told_then[1]["data"].keys() == {"service_request_id", "reason", "updated_datetime"}
    assert (told_then[1]["data"]["service_request_id"], told_then[1]["data"]["reason"]) == ("2026-0002", "consent")
    assert listed(world, url).status_code == 404
    said = b"".join(body for _, body in hub.got).decode()
    assert not any(words in said for words in (*TOLD.values(), "vá", "stage", "after"))


def test_who_sent_it_hears_that_its_own_request_is_public_and_by_which_number(
    world: World, staff: Desk, admin: Admin, hub: Receiver, clock: MovableClock
) -> None:
    page, key = admin.register()
    secret = admin.listen(page, hub.url)
    code = file(world, key, publish="true", **{"attribute[hole_size]": "wheel"})
    there = publish(staff, staff.case_id(code))

    told = heard(hub, secret, clock)[-1]
    shown = listed(world, told["data"]["url"]).get_json()[0]
    press(staff, "truong-ha-tang", there, f"{there}/withdraw", reason="consent")
    gone = heard(hub, secret, clock)[-1]

    assert (told["type"], told["data"]["service_request_id"]) == ("request.published", "2026-0001")
    assert (told["data"]["own_request_id"], told["data"]["requested_datetime"]) == (code, "2026-11-22T17:00:00Z")
    assert (shown["service_request_id"], shown["address"].split(",")[0]) == ("2026-0001", "Đường Lê Lợi")
    assert "Bằng bánh xe máy" in staff.see("ha-tang-1", staff.case_id(code))
    assert (gone["type"], gone["data"]["service_request_id"]) == ("request.unpublished", "2026-0001")
    assert listed(world, told["data"]["url"]).status_code == 404
    assert "description" not in listed(world, f"/open311/v2/requests/{code}.json").get_json()[0]


def test_what_was_published_is_taken_down_by_the_same_name_when_it_is_taken_apart(
    world: World, staff: Desk, admin: Admin, hub: Receiver, clock: MovableClock
) -> None:
    page, key = admin.register()
    secret = admin.listen(page, hub.url)
    code = file(world, key, publish="true", description=f"{POTHOLE} {BUS}")
    case_id = staff.case_id(code)
    publish(staff, case_id)

    take_apart(staff, case_id)

    told = heard(hub, secret, clock)
    shown, gone = (one for one in told if one["type"] in {"request.published", "request.unpublished"})
    assert shown["data"]["service_request_id"] == gone["data"]["service_request_id"] == "2026-0001"
    parts = [one for one in told if one["data"].get("after") == "case.routed"][-2:]
    assert {(one["data"]["service_request_id"], one["data"]["service_code"]) for one in parts} == {(code, "C01")}
    assert all(listed(world, one["data"]["url"]).status_code == 200 for one in parts)


def test_a_public_part_of_a_partners_request_is_told_with_its_own_topic(
    world: World, staff: Desk, admin: Admin, hub: Receiver, clock: MovableClock
) -> None:
    page, key = admin.register()
    secret = admin.listen(page, hub.url)
    case_id = staff.case_id(file(world, key, publish="true", description=f"{POTHOLE} {BUS}"))
    part = next(one for one in take_apart(staff, case_id) if one.topic == "C13")

    publish_for_the_unit(staff, part.id)

    told = heard(hub, secret, clock)[-1]
    (shown,) = listed(world, told["data"]["url"]).get_json()
    assert told["type"] == "request.published"
    assert told["data"]["service_code"] == shown["service_code"] == "C13"


def test_what_has_no_topic_is_told_to_nobody_since_the_list_leaves_it_out(
    world: World, staff: Desk, admin: Admin, hub: Receiver, citizen: Citizen
) -> None:
    page, _ = admin.register()
    admin.listen(page, hub.url)
    admin.post(f"{page}/scope", hears_public="yes")
    receipt = citizen.file("Chiều qua ở bờ sông có việc lạ, mong Sở xem giúp tôi với.", consents=["publish"])
    world.settle()

    there = publish_for_the_unit(staff, staff.case_id(receipt["code"]))
    assert "2026-0001" in listed(world, "/so-phan-anh").text
    press(staff, "giam-doc", there, f"{there}/withdraw", reason="consent")

    assert hub.got == []


def test_what_turns_out_confidential_is_told_to_be_gone_and_nothing_else(
    world: World, staff: Desk, admin: Admin, hub: Receiver, citizen: Citizen, clock: MovableClock
) -> None:
    page, _ = admin.register()
    secret = admin.listen(page, hub.url)
    admin.post(f"{page}/scope", hears_public="yes")
    case_id = file_by_form(citizen, staff)
    there = publish(staff, case_id)

    press(staff, "truong-ha-tang", there, f"{there}/keep-back", is_kept_back="yes")
    told = heard(hub, secret, clock)
    staff.do("ha-tang-1", case_id, "accept")

    assert [one["type"] for one in told] == ["request.published", "request.unpublished"]
    assert told[1]["data"]["reason"] == "not_public"
    assert len(hub.got) == 2
