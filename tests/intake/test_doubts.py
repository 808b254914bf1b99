"""Defence without locking anybody out: work instead of riddles, limits that keep what was typed, and doubt that refuses
nothing.
"""

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import altcha
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from services.intake import store
from services.intake.__main__ import build
from services.intake.domain.doubt import DOUBTS, Signs, bare_words, doubts_of, is_only_links
from services.intake.door import Door, Sweeper
from services.intake.proof import Prover
from shared.clock import MovableClock
from shared.outbox import outbox
from shared.settings import Settings
from tests.intake.builders import typed
from tests.intake.test_web import filed, fill, send
from tests.support import database_url

WORDS = "Đèn tín hiệu ở ngã tư Bà Triệu tắt hai hôm nay."


@pytest.fixture
def strict(tmp_path: Path, make_settings: Callable[..., Settings], clock: MovableClock) -> Iterator[Callable[..., Any]]:
    """A door with limits of one's own, and cheap work."""
    with database_url(tmp_path, "intake", tables=store.metadata) as url:
        made = []

        def make(**limits: str) -> Any:
            service = build(make_settings("intake", DATABASE_URL=url, **{"PROOF_COST": "10", **limits}), clock=clock)
            service.database.metadata.create_all(service.database.engine)
            made.append(service)
            return service

        yield make
        for service in made:
            service.database.close()


def solved(client: FlaskClient) -> str:
    """Work as a browser does it."""
    challenge = altcha.Challenge.from_dict(client.get("/thu-thach").get_json())
    solution = altcha.solve_challenge(challenge)
    assert solution is not None
    return altcha.Payload(challenge, solution).to_base64()


def doubts_in(service: Any) -> list[list[str]]:
    """The doubts that each filing told, oldest first."""
    with service.database.reading() as tx:
        rows = tx.connection.execute(
            outbox.select().where(outbox.c.type == "petition.filed.v1").order_by(outbox.c.id)
        ).all()
    return [json.loads(bytes(row.body))["data"].get("doubts", []) for row in rows]


# ---- the rule


def signs(**known: Any) -> Signs:
    plain = {"is_trap_filled": False, "seconds": 60.0, "is_proven": False, "is_flood": False}
    return Signs(**{**plain, "is_network_over": False, "is_repeated": False, **known})


def test_nearly_everybody_is_doubted_for_nothing() -> None:
    assert doubts_of(WORDS, signs(), shortest_s=3) == ()
    assert doubts_of(WORDS, signs(seconds=None), shortest_s=3) == ()


@pytest.mark.parametrize(
    ("known", "doubt"),
    [
        ({"is_trap_filled": True}, "trap"),
        ({"seconds": 1.0}, "too_fast"),
        ({"is_flood": True}, "no_proof"),
        ({"is_network_over": True}, "network"),
        ({"is_repeated": True}, "repeated"),
    ],
)
def test_each_sign_is_named(known: dict[str, Any], doubt: str) -> None:
    assert doubts_of(WORDS, signs(**known), shortest_s=3) == (doubt,)


def test_who_did_the_work_is_not_doubted_in_a_flood() -> None:
    assert doubts_of(WORDS, signs(is_flood=True, is_proven=True), shortest_s=3) == ()


@pytest.mark.parametrize(
    ("text", "is_bare"),
    [
        ("https://vay-nhanh.example/abc", True),
        ("Xem ngay: www.casino.example http://x.example", True),
        ("bit.ly.com/abc click", True),
        (WORDS, False),
        ("Ổ gà sâu ở đường Hùng Vương, ảnh ở https://photos.example/1", False),
        ("Cầu hỏng", False),
    ],
)
def test_only_what_is_nothing_but_links_is_taken_for_advertising(text: str, is_bare: bool) -> None:
    assert is_only_links(text) is is_bare


@given(st.text(max_size=80), st.booleans(), st.booleans())
def test_reasons_are_known_codes_in_one_order(text: str, is_trap: bool, is_over: bool) -> None:
    found = doubts_of(text, signs(is_trap_filled=is_trap, is_network_over=is_over), shortest_s=3)

    assert list(found) == sorted(found, key=DOUBTS.index)


def test_words_are_the_same_ones_in_other_clothes() -> None:
    assert bare_words("ĐÈN tắt!!! 123") == bare_words("đèn  tắt 7") == bare_words("Đe\u0300n ta\u0306\u0301t")


# ---- work


def test_work_is_taken_once_and_by_any_process(strict: Callable[..., Any]) -> None:
    one, other = strict(), strict()
    proof = solved(one.app.test_client())

    taken = []
    for service in (other, one, other):
        door: Door = service.app.extensions["door"]
        with service.database.writing() as tx:
            taken.append(door.prover.spend(tx, proof))

    assert taken == [True, False, False]


@pytest.mark.parametrize("proof", ["", "x", "e30=", "bnVsbA==", "W10=", "ă", "=" * 5000, "eyJjaGFsbGVuZ2UiOnt9fQ=="])
def test_nonsense_is_no_work(door: Door, proof: str) -> None:
    with door.database.writing() as tx:
        assert door.prover.spend(tx, proof) is False


def test_work_for_somebody_else_s_challenge_is_none(strict: Callable[..., Any]) -> None:
    service = strict()
    stranger = Prover(b"another house", 10)
    challenge = altcha.Challenge.from_dict(stranger.challenge(service.database.clock.now()))
    proof = altcha.Payload(challenge, altcha.solve_challenge(challenge)).to_base64()  # type: ignore[arg-type]

    with service.database.writing() as tx:
        assert service.app.extensions["door"].prover.spend(tx, proof) is False


def test_work_gets_stale_and_is_forgotten(strict: Callable[..., Any], clock: MovableClock) -> None:
    service = strict()
    door: Door = service.app.extensions["door"]
    early, late = solved(service.app.test_client()), solved(service.app.test_client())
    with service.database.writing() as tx:
        assert door.prover.spend(tx, early) is True

    clock.move_to(clock.now() + timedelta(hours=3))

    with service.database.writing() as tx:
        assert door.prover.spend(tx, late) is False
    assert Sweeper(door).once() == 1
    assert Sweeper(door).once() == 0


def test_work_can_be_switched_off(strict: Callable[..., Any]) -> None:
    client = strict(PROOF_COST="0").app.test_client()

    assert "data-proof" not in client.get("/gui").text
    assert client.get("/thu-thach").status_code == 404


def test_a_form_brings_a_trap_an_instant_and_room_for_work_and_no_picture(client: FlaskClient) -> None:
    page = client.get("/gui").text

    assert 'name="website"' in page
    assert 'name="altcha_began"' in page
    assert 'data-proof="/thu-thach"' in page
    assert "captcha" not in page.replace("altcha", "")


# ---- doubt at the door


def test_a_filled_trap_is_accepted_with_a_receipt_and_told_to_the_desk(client: FlaskClient, service: Any) -> None:
    token = filed(client, website="http://spam.example")

    assert client.get(f"/bien-nhan/{token}").status_code == 200
    assert doubts_in(service) == [["trap"]]


def test_filling_in_a_form_within_a_second_is_doubtful_and_in_a_minute_is_not(
    client: FlaskClient, service: Any, clock: MovableClock
) -> None:
    stamp = re.search(r'name="altcha_began" value="([^"]+)"', client.get("/gui").text)
    assert stamp

    filed(client, altcha_began=stamp[1])
    clock.move_to(clock.now() + timedelta(minutes=1))
    filed(service.app.test_client(), altcha_began=stamp[1], text="Một việc khác hẳn ở bến xe phía Nam.")
    filed(service.app.test_client(), altcha_began="9" + stamp[1], text="Và một việc nữa ở bến xe phía Bắc.")

    assert doubts_in(service) == [["too_fast"], [], []]


def test_the_same_words_again_and_again_from_one_network_are_doubtful(service: Any) -> None:
    for n in range(7):
        filed(service.app.test_client(), text=f"Hãy giảm giá vé xe buýt ngay đi!!! {n}")

    assert doubts_in(service) == [[]] * 5 + [["repeated"]] * 2


def test_denouncers_are_not_told_apart_by_their_words(service: Any) -> None:
    for _ in range(7):
        filed(service.app.test_client(), kind="denunciation")

    assert doubts_in(service) == [[]] * 7


def test_a_receipt_of_a_doubted_petition_promises_no_message_before_somebody_looked(client: FlaskClient) -> None:
    token = filed(client, website="x", email="anh@example.vn")

    page = client.get(f"/bien-nhan/{token}").text

    assert "Một cán bộ xem đơn này trước" in page
    assert "Tin đang được gửi" not in page


def test_a_network_that_sends_very_much_is_doubted_and_four_times_later_with_proofs(strict: Callable[..., Any]) -> None:
    service = strict(NETWORK_FILINGS_PER_HOUR="2", FILINGS_PER_MINUTE="1000")
    for n in range(3):
        filed(service.app.test_client(), text=f"Việc thứ {'abc'[n]} ở ngã tư Bà Triệu đây.")
    browser = service.app.test_client()
    filed(browser, text="Việc có bằng chứng ở ngã tư khác.", altcha=solved(browser))

    assert doubts_in(service) == [[], [], ["network"], []]


# ---- programs


def sent_by_program(service: Any, **more: Any) -> int:
    return service.app.test_client().post("/api/v1/petitions", json=typed(**more)).status_code  # type: ignore[no-any-return]


def test_what_a_program_sends_again_and_again_is_marked_and_not_refused(service: Any) -> None:
    statuses = [sent_by_program(service, text=f"Hãy giảm giá vé xe buýt ngay đi {n}") for n in range(7)]

    assert statuses == [201] * 7
    assert doubts_in(service) == [[]] * 5 + [["repeated"]] * 2


def test_programs_count_for_their_network_together_with_its_forms(strict: Callable[..., Any]) -> None:
    service = strict(NETWORK_FILINGS_PER_HOUR="2")
    filed(service.app.test_client(), text="Việc đầu tiên ở ngã tư Bà Triệu.")
    sent_by_program(service, text="Việc thứ hai ở ngã tư Bà Triệu.")
    sent_by_program(service, text="Việc thứ ba, ở bến xe phía Nam.")
    sent_by_program(service, text="Việc thứ tư của người tố cáo ở bến xe.", kind="denunciation")

    assert doubts_in(service) == [[], [], ["network"], ["network"]]


def test_a_flood_does_not_go_round_by_the_entrance_for_programs(strict: Callable[..., Any]) -> None:
    service = strict(UNPROVEN_FILINGS_PER_HOUR="1")
    sent_by_program(service, text="Việc đầu tiên ở ngã tư Bà Triệu.")
    sent_by_program(service, text="Việc thứ hai, ở bến xe phía Nam.")

    assert doubts_in(service) == [[], ["no_proof"]]


def test_another_address_of_the_same_network_does_not_go_on(strict: Callable[..., Any]) -> None:
    service = strict(API_FILINGS_PER_MINUTE="1")

    def status(address: str) -> int:
        return (  # type: ignore[no-any-return]
            service.app.test_client()
            .post("/api/v1/petitions", json=typed(), environ_overrides={"REMOTE_ADDR": address})
            .status_code
        )

    assert [status("203.0.113.1"), status("203.0.113.2"), status("203.0.114.1")] == [201, 429, 201]


# ---- in a flood


def test_where_no_work_is_given_out_many_without_it_are_no_flood(strict: Callable[..., Any]) -> None:
    service = strict(PROOF_COST="0", UNPROVEN_FILINGS_PER_HOUR="1")
    filed(service.app.test_client(), text="Việc đầu tiên ở ngã tư Bà Triệu.")
    filed(service.app.test_client(), text="Việc thứ hai, ở bến xe phía Nam.")

    assert doubts_in(service) == [[], []]


def test_in_a_flood_a_browser_that_worked_is_asked_nothing(strict: Callable[..., Any]) -> None:
    service = strict(PROOF_REQUIRED="yes")
    client = service.app.test_client()

    fill(client, altcha=solved(client))

    assert "altcha_asked" not in client.get("/kiem-tra").text
    assert send(client).status_code == 303
    assert doubts_in(service) == [[]]


def answer_of(page: str) -> tuple[str, str]:
    """The sealed question of a page and the right answer."""
    asked = re.search(r'name="altcha_asked" value="(\d+)-(\d+)-([^"]+)"', page)
    assert asked
    return "-".join(asked.groups()), str(int(asked[1]) + int(asked[2]))


@pytest.mark.parametrize(("language", "words"), [("vi", "cộng"), ("en", "plus")])
def test_in_a_flood_a_browser_without_javascript_answers_a_question_in_words(
    strict: Callable[..., Any], language: str, words: str
) -> None:
    service = strict(UNPROVEN_FILINGS_PER_HOUR="1")
    filed(service.app.test_client(), text="Việc đầu tiên, khi chưa có gì lạ xảy ra.")
    client = service.app.test_client()
    fill(client)
    page = client.get(f"/kiem-tra?lang={language}").text
    assert words in page

    sealed, answer = answer_of(page)
    seen = re.search(r'name="seen" value="(\w+)"', page)
    sent = client.post("/kiem-tra", data={"seen": seen[1], "altcha_asked": sealed, "riddle": f" {answer} "})  # type: ignore[index]

    assert "/bien-nhan/" in sent.headers["Location"]
    assert doubts_in(service) == [[], []]


def test_a_wrong_answer_is_asked_again_and_none_is_accepted_in_doubt(strict: Callable[..., Any]) -> None:
    service = strict(PROOF_REQUIRED="yes")
    client = service.app.test_client()
    fill(client)
    page = client.get("/kiem-tra").text
    sealed, _ = answer_of(page)
    seen = re.search(r'name="seen" value="(\w+)"', page)[1]  # type: ignore[index]

    again = client.post("/kiem-tra", data={"seen": seen, "altcha_asked": sealed, "riddle": "99"})
    assert "cau-hoi=sai" in again.headers["Location"]
    page = client.get(again.headers["Location"]).text
    assert "Chưa đúng" in page
    assert typed()["text"][:20] in page
    sent = client.post("/kiem-tra", data={"seen": seen, "altcha_asked": sealed, "riddle": ""})

    assert "/bien-nhan/" in sent.headers["Location"]
    assert doubts_in(service) == [["no_proof"]]


def test_an_answered_question_counts_once(door: Door) -> None:
    riddle = door.prover.riddle(door.database.clock.now())
    sealed, right = door.prover.seal(riddle), str(riddle.first + riddle.second)

    with door.database.writing() as tx:
        wrong = door.prover.answered(tx, sealed, "1")
        forged = door.prover.answered(tx, sealed.replace(riddle.nonce, "0" * 16), right)
        first, second = (door.prover.answered(tx, sealed, right) for _ in range(2))

    assert [wrong, forged, first, second] == [False, False, True, False]


# ---- limits


def test_an_address_that_sends_too_fast_waits_and_keeps_what_was_typed(strict: Callable[..., Any]) -> None:
    client = strict(FILINGS_PER_MINUTE="1").app.test_client()
    fill(client)

    answer = fill(client, text="Con đường trước trường học ngập nước.")

    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert "Con đường trước trường học ngập nước." in answer.text


def test_a_network_waits_as_a_whole_and_other_networks_do_not(strict: Callable[..., Any]) -> None:
    service = strict(NETWORK_FILINGS_PER_MINUTE="2")

    def status(address: str, **headers: str) -> int:
        client = service.app.test_client()
        return client.post(
            "/gui", data=typed(), environ_overrides={"REMOTE_ADDR": address}, headers=headers
        ).status_code

    assert [status(f"203.0.113.{n}") for n in range(3)] == [303, 303, 429]
    assert [status(f"2001:db8:7:{n}::1") for n in range(3)] == [303, 303, 429]
    assert status("203.0.114.1") == status("2001:db8:8::1") == 303
    assert status("203.0.113.9", **{"X-Forwarded-For": "198.51.100.1", "Forwarded": "for=198.51.100.1"}) == 429
