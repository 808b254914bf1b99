"""What the screens show and do beside the steps of a case, for programs: the same roles, refusals and words."""

import json
import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from PIL import Image

from services.workflow import actions, api, store
from services.workflow.api import bodies
from services.workflow.domain.document import digest_of, rows_of
from services.workflow.rulebook import RuleBook
from services.workflow.web import make_desk
from services.workflow.web.addresses import ACTS, LOOKS, PAPERS
from shared import passes
from shared.settings import Settings
from shared.web import WebApp
from tests.workflow.builders import (
    ADMIN,
    COLLEAGUE,
    CONFIG,
    DENUNCIATION,
    DIRECTOR,
    EVERYBODY,
    HEAD,
    LEGAL_HEAD,
    OFFICE,
    OFFICER,
    STRANGER,
    Office,
    Staff,
    the_rules,
)
from tests.workflow.programs import URL, Program, account_of, token_of
from tests.workflow.test_answer_pages import a_picture
from tests.workflow.test_promises import promised, the_promise
from tests.workflow.test_remedies import GOOD, answered
from tests.workflow.test_splitting import LETTER, PARTS, to_be_sorted

Programs = Callable[..., Program]
WHY = "Theo quyết định của Giám đốc Sở"


@pytest.fixture
def app(office: Office, make_settings: Callable[..., Settings]) -> WebApp:
    book = RuleBook(CONFIG, the_rules().press)
    made = make_desk(make_settings("workflow", API_CALLS_PER_MINUTE="100000"), office.database, book)
    api.add_to(made)
    return made


@pytest.fixture
def program(office: Office, app: Flask) -> Programs:
    """The program of a person; asked for again, the same."""
    known: dict[tuple[str, str], Program] = {}

    def made(person: Staff, *, scope: str = "write") -> Program:
        if (person.person, scope) not in known:
            known[person.person, scope] = Program(app, token_of(office.database, person, scope=scope))
        return known[person.person, scope]

    return made


PLACES = {
    "<uuid:case_id>": str(uuid4()),
    "<month>": "2026-11",
    "<name>": "topics.json",
    "<what>": "up",
    "<step>": "refuse",
}


def somewhere(address: str) -> str:
    """The address with something in its gaps: what there is for everybody, else what there is not."""
    for gap, value in PLACES.items():
        address = address.replace(gap, value)
    return "/" + re.sub(r"<[^>]*>", lambda _: str(uuid4()), address)


# ---- who may


def test_each_thing_to_see_is_shown_to_its_roles_and_to_nobody_else(office: Office, program: Programs) -> None:
    office.file()
    for person in EVERYBODY:
        for address, look in LOOKS.items():
            answer = program(person).get(somewhere(address))
            if person.role not in look.roles:
                assert answer.status_code == 403, (person, address)
            else:
                assert answer.status_code in {200, 404}, (person, address, answer.get_data(as_text=True))
                assert answer.status_code == 404 or set(answer.json) == set(look.gives), address
            assert answer.status_code == 200 or answer.content_type == "application/problem+json"


def test_nothing_is_done_for_a_role_that_may_not(program: Programs) -> None:
    for person in (OFFICER, HEAD, OFFICE, ADMIN):
        for address, act in ACTS.items():
            if person.role not in act.roles:
                assert program(person).post(somewhere(address)).status_code == 403, (person, address)


def test_a_token_that_reads_does_nothing(program: Programs) -> None:
    mine = program(HEAD, scope="read")

    refused = {mine.post(somewhere(address)).json["code"] for address, act in ACTS.items() if "head" in act.roles}

    assert refused == {"token_reads_only"}


def test_what_is_not_there_is_not_there_for_every_act(program: Programs) -> None:
    """No act falls over what it does not find, or over a body that says nothing."""
    for address, act in ACTS.items():
        person = next(one for one in (HEAD, OFFICE, ADMIN) if one.role in act.roles)
        answer = program(person).post(somewhere(address))
        assert answer.status_code < 500, (address, answer.get_data(as_text=True))


def test_papers_are_given_to_their_roles_and_to_nobody_else(program: Programs) -> None:
    for person in (OFFICER, ADMIN):
        for address, paper in PAPERS.items():
            if person.role not in paper.roles:
                ask = program(person).get if "GET" in paper.methods else program(person).post
                assert ask(somewhere(address)).status_code == 403, (person, address)


def test_no_page_tells_programs_who_wrote(office: Office, program: Programs) -> None:
    case_id = office.file(text="Ổ gà trước số nhà 120", name="Trần Thị Bưởi", phone="0914555666")
    office.act(actions.assign, HEAD, case_id, officer=OFFICER.person)

    for person in EVERYBODY:
        for address in (one for one, look in LOOKS.items() if person.role in look.roles):
            shown = program(person).get(somewhere(address)).get_data(as_text=True)
            assert "Bưởi" not in shown, address
            assert "0914555666" not in shown, address


def test_what_no_page_shows_as_it_is_becomes_no_json(app: WebApp) -> None:
    words = store.words_only("Tôi tố cáo")

    with pytest.raises(TypeError):
        bodies.plain(app.extensions["desk"], {"told": words})


# ---- after the answer, together


def test_a_promise_is_moved_and_kept_by_a_program(office: Office, program: Programs) -> None:
    case_id = promised(office)
    mine = program(HEAD)
    (waits,) = mine.get("/promises").json["promised"]

    moved = mine.step(
        office, case_id, "move_promise", promise=waits["id"], moved_to="2026-12-17", reason="Mưa lũ kéo dài"
    )
    later = the_promise(office, case_id)
    sent = upload(program(OFFICER), f"/cases/{case_id}/answer-files", evidence=a_picture())
    kept = program(OFFICER).step(
        office, case_id, "keep_promise", promise=str(later.id), done_words="Đã vá xong sáng ngày 09/12/2026"
    )
    theirs = program(STRANGER).get("/promises").json

    assert [answer.status_code for answer in (moved, sent, kept)] == [200] * 3
    assert the_promise(office, case_id).state == "kept"
    assert theirs == {"wishes": [], "promised": [], "rows": {}}


def test_a_case_is_reopened_by_who_may_decide_it(office: Office, program: Programs) -> None:
    case_id = promised(office)
    office.ask_again(case_id)
    assert {"reopen", "refuse_reopening"} <= set(program(HEAD).get(f"/cases/{case_id}").json["steps"])

    by_officer = program(OFFICER).step(office, case_id, "reopen")
    too_short = program(HEAD).step(office, case_id, "refuse_reopening", reason="Không")
    by_head = program(HEAD).step(office, case_id, "reopen", words="Xem lại tại chỗ")

    assert (by_officer.status_code, by_officer.json["code"]) == (403, "not_allowed")
    assert (too_short.status_code, too_short.json["errors"][0]["field"]) == (422, "reason")
    assert by_head.status_code == 200


def test_another_unit_hands_its_contribution_back(office: Office, program: Programs) -> None:
    case_id = office.file()
    office.act(actions.assign, HEAD, case_id, officer=OFFICER.person)
    office.act(actions.accept, OFFICER, case_id)
    program(OFFICER).step(office, case_id, "ask_support", unit="PCAT", question="Đoạn này ai quản lý?")
    assert "hand_back_support" in program(LEGAL_HEAD).get(f"/cases/{case_id}").json["steps"]

    answer = program(LEGAL_HEAD).step(office, case_id, "hand_back_support", reason="Không thuộc phạm vi của phòng")

    assert (answer.status_code, answer.json["case"]) == (200, None)


def test_a_letter_is_taken_apart(office: Office, program: Programs) -> None:
    case_id = to_be_sorted(office, **LETTER)
    mine = program(OFFICE)
    pieces = mine.get(f"/cases/{case_id}/split_up").json["pieces"]

    alone = mine.step(office, case_id, "split_up", parts=[{"text": pieces[0]}])
    wrong = mine.step(office, case_id, "split_up", parts=["x"])
    apart = mine.step(office, case_id, "split_up", parts=[{"text": one.text, "topic": one.topic} for one in PARTS])

    assert (alone.json["errors"][0]["code"], wrong.json["errors"][0]["code"]) == ("too_few", "malformed")
    assert apart.status_code == 200
    assert apart.json["case"]["is_ended"]
    assert program(STRANGER).get(f"/cases/{case_id}/split_up").status_code in {403, 404}


def test_who_is_named_in_a_note_finds_it(office: Office, program: Programs) -> None:
    case_id = office.file()
    login = account_of(office.database, COLLEAGUE).login
    program(OFFICER).post(f"/cases/{case_id}/notes", {"note": f"@{login} xem giúp"})

    (found,) = program(COLLEAGUE).get("/mentions").json["mentions"]

    assert found["case_id"] == str(case_id)
    assert program(STRANGER).get("/mentions").json["mentions"] == []


# ---- files


def upload(program: Program, path: str, **files: Any) -> Any:
    return program.client.post(URL + path, data=files, content_type="multipart/form-data", headers=program.headers)


def test_a_photo_of_the_answer_is_sent_read_and_removed(office: Office, program: Programs) -> None:
    case_id = office.file()
    office.act(actions.assign, HEAD, case_id, officer=OFFICER.person)
    office.act(actions.accept, OFFICER, case_id)
    there, mine = f"/cases/{case_id}/answer-files", program(OFFICER)

    sent = upload(mine, there, evidence=a_picture())
    (file_id,) = sent.json["made"]
    read = program(HEAD).get(f"/answer-files/{file_id}")
    others = [upload(program(STRANGER), there, evidence=a_picture()), program(STRANGER).get(f"/answer-files/{file_id}")]
    removed = mine.post(f"/answer-files/{file_id}/remove")

    assert (sent.status_code, read.status_code, removed.status_code) == (200, 200, 200)
    assert [answer.status_code for answer in others] == [404, 404]
    assert mine.get(f"/answer-files/{file_id}").status_code == 404
    with office.database.reading() as look:
        assert (HEAD.person, "attachment") in {(one.person, one.kind) for one in store.reads_of(look, case_id)}


def test_a_file_that_is_none_is_named(office: Office, program: Programs) -> None:
    case_id = office.file()
    office.act(actions.assign, HEAD, case_id, officer=OFFICER.person)
    there, mine = f"/cases/{case_id}/answer-files", program(OFFICER)

    nothing = upload(mine, there)
    no_photo = upload(mine, there, evidence=(BytesIO(b"MZ\x90"), "anh.jpg"))
    as_json = mine.post(there, {"evidence": "x"})

    assert (nothing.status_code, nothing.json["errors"][0]["field"]) == (422, "evidence")
    assert (no_photo.status_code, no_photo.json["errors"][0]["field"]) == (422, "evidence")
    assert (as_json.status_code, as_json.json["code"]) == (415, "files_of_other_kind")


def test_the_covered_picture_of_a_denunciation_is_for_those_who_cover_it(office: Office, program: Programs) -> None:
    case_id = office.file(**DENUNCIATION)
    picture = BytesIO()
    Image.new("RGB", (40, 30), "white").save(picture, "PNG")
    there, data = f"/cases/{case_id}/redacted-file", picture.getvalue()

    no_picture = upload(program(DIRECTOR), there, file=(BytesIO(b"x"), "anh.png"))
    kept = upload(program(DIRECTOR), there, file=(BytesIO(data), "anh.png"))
    by_office = upload(program(OFFICE), there, file=(BytesIO(data), "anh.png"))
    with office.database.reading() as look:
        (file_id,) = [one.id for one in store.redacted_files_of(look, case_id)]

    assert (no_picture.status_code, kept.status_code, by_office.status_code) == (422, 200, 403)
    assert program(DIRECTOR).get(f"/redacted/{file_id}").data.startswith(b"\xff\xd8")
    assert program(STRANGER).get(f"/redacted/{file_id}").status_code == 404


def test_no_program_opens_who_wrote_a_denunciation(office: Office, program: Programs) -> None:
    case_id = office.file(**DENUNCIATION)

    asked = program(DIRECTOR).post(f"/cases/{case_id}/identity", {"reason": "x", "words": "x", "is_sure": "yes"})

    assert asked.status_code in {404, 405}
    with office.database.reading() as look:
        assert store.openings_of(look, case_id) == []


def test_who_was_told_of_an_opening_reviews_it_by_a_program(office: Office, program: Programs) -> None:
    case_id = office.file(**DENUNCIATION)
    reason = the_rules().catalogue.openings.reasons[0].code
    opened = office.act(
        actions.open_identity, DIRECTOR, case_id, reason=reason, words="Cần xác minh người tố cáo theo quy định"
    )
    assert opened
    own = program(DIRECTOR).get("/identity").json["own"]
    opening = own[0]["id"]

    by_opener = program(DIRECTOR).post(f"/identity/{opening}", {"review": "Đúng quy định"})
    by_stranger = program(HEAD).post(f"/identity/{opening}", {"review": "Đúng quy định"})

    assert by_opener.status_code == 404
    assert by_stranger.status_code == 404


# ---- lists and letters


def test_many_cases_are_given_out_at_once_and_each_says_what_became_of_it(office: Office, program: Programs) -> None:
    first, second = office.file(), office.file(code="3BJK7WQC", text="Ổ gà thứ hai trên đường Nguyễn Huệ")
    seen = f"{first}:{office.case(first).version}"
    sent = {"id": [seen, f"{second}:77", "x"], "officer": OFFICER.person}

    by_officer = program(STRANGER).post("/bulk", sent).json["made"]
    by_head = program(HEAD).post("/bulk", sent).json["made"]
    noted = program(HEAD).post("/bulk/note", {"id": [str(first)], "note": "Xem cùng đội thi công"}).json["made"]

    assert all(one["why"] for one in by_officer)
    assert [bool(one["why"]) for one in by_head] == [False, True, True]
    assert office.case(first).officer == OFFICER.person
    assert noted[0]["why"] == ""


def test_a_unit_is_urged_about_all_that_is_late(office: Office, program: Programs) -> None:
    office.file()
    nothing_late = program(OFFICE).post("/urge", {"unit": "KCHT", "reason": "Đề nghị trả lời ngay"})
    office.at("2026-12-20T09:00")

    urged = program(OFFICE).post("/urge", {"unit": "KCHT", "reason": "Đề nghị trả lời ngay"})

    assert (nothing_late.status_code, nothing_late.json["errors"][0]["code"]) == (422, "nothing_late")
    assert (urged.status_code, urged.json["made"]) == (200, 1)


def test_a_list_is_kept_renamed_and_taken_away(program: Programs) -> None:
    mine = program(OFFICER)

    made = mine.post("/views", {"name": "Ổ gà", "view": "unit", "topic": "C01"}).json["made"]
    nameless = mine.post("/views", {"view": "unit"})
    mine.post(f"/views/{made}/rename", {"name": "Đường hỏng"})
    kept = mine.get("/views").json["views"]
    others = program(HEAD).get("/views").json["views"]
    mine.post(f"/views/{made}/drop")

    assert [(one["name"], one["query"]) for one in kept] == [("Đường hỏng", {"topic": "C01", "view": "unit"})]
    assert (nameless.status_code, nameless.json["errors"][0]["field"]) == (422, "name")
    assert (others, mine.get("/views").json["views"]) == ([], [])
    assert mine.post(f"/views/{made}/colour").status_code == 404


def test_a_list_is_taken_out_as_its_reader_sees_it(office: Office, program: Programs) -> None:
    code = office.case(office.file()).code
    secret = office.file(**DENUNCIATION)

    table = program(OFFICE).get("/list.csv?view=all")
    named = program(OFFICE).post("/list.csv", {"id": [str(secret)]})
    printed = program(OFFICE).get("/list/print?view=all")

    assert code in table.get_data(as_text=True)
    assert office.case(secret).code not in table.get_data(as_text=True) + named.get_data(as_text=True)
    assert (printed.status_code, printed.mimetype) == (200, "text/html")


def test_the_letter_of_a_step_is_looked_at_before_it_is_sent(office: Office, program: Programs) -> None:
    case_id = office.file()
    office.act(actions.assign, HEAD, case_id, officer=OFFICER.person)

    shown = program(HEAD).post(
        f"/cases/{case_id}/preview/apologise", {"reason": "Chúng tôi chưa xong", "due_on": "2026-12-10"}
    )
    none = program(HEAD).post(f"/cases/{case_id}/preview/take")
    hidden = program(STRANGER).post(f"/cases/{case_id}/preview/apologise", {"reason": "x"})

    assert (shown.status_code, shown.data[:5]) == (200, b"%PDF-")
    assert (none.status_code, hidden.status_code) == (404, 404)


def test_the_book_of_reception_names_its_wrong_day(office: Office, program: Programs) -> None:
    office.file()

    given = program(OFFICE).get("/book.csv?first_day=2026-11-01&last_day=2026-11-30")
    wrong = program(OFFICE).get("/book.csv?first_day=2026-11-01&last_day=mai")

    assert (given.status_code, given.mimetype) == (200, "text/csv")
    assert (wrong.status_code, wrong.json["errors"][0]["field"]) == (422, "last_day")
    assert program(OFFICER).get("/book.csv").status_code == 403


def test_a_program_opens_the_counter_and_nothing_else_of_the_door(
    app: WebApp, office: Office, program: Programs
) -> None:
    opened = program(OFFICER).post("/counter/open", {"channel": "phone"})
    wrong = program(OFFICER).post("/counter/open", {"channel": "kiosk"})

    signed = json.loads(passes._from_b64u(opened.json["made"].partition(".")[0]))
    assert (signed["person"], signed["channel"], signed["audience"]) == (OFFICER.person, "phone", "intake")
    assert wrong.status_code == 422
    assert program(OFFICER).get(f"/counter?code={office.case(office.file()).code}").json["found"]


# ---- the unit


def test_a_head_keeps_who_answers_for_what_and_who_is_away(program: Programs) -> None:
    mine = program(HEAD)
    duty = {"topic": "C01", "officer": OFFICER.person, "deputy": COLLEAGUE.person, "valid_from": "2026-11-25"}

    made = mine.post("/unit/duties", duty).json["made"]
    taken = mine.post("/unit/duties", duty)
    undated = mine.post("/unit/duties", {"officer": OFFICER.person})
    away = mine.post(
        "/unit/absences",
        {"absent": OFFICER.person, "valid_from": "2026-11-26", "until": "2026-11-27", "absence_reason": "leave"},
    )
    shown = mine.get("/unit").json
    mine.post(f"/unit/duties/{made['id']}/end")
    mine.post(f"/unit/absences/{away.json['made']['id']}/end")

    assert (taken.json["errors"][0]["field"], taken.json["errors"][0]["code"]) == ("topic", "taken")
    assert "kết thúc dòng cũ" in taken.json["errors"][0]["detail"]
    assert undated.json["errors"][0]["field"] == "valid_from"
    assert [one["officer"] for one in shown["now_held"]] == [OFFICER.person]
    assert [one["person"] for one in shown["absences"]] == [OFFICER.person]
    assert mine.get("/unit").json["absences"] == []


def test_the_days_of_heads_office_and_director_are_told_in_figures(office: Office, program: Programs) -> None:
    office.file()
    office.file(code="3BJK7WQC", text="Tôi khiếu nại quyết định số 12 của Sở.", kind="complaint", topic=None)

    head, staff = program(HEAD).get("/head").json, program(OFFICE).get("/office").json
    director = program(DIRECTOR).get("/director").json

    assert head["counts"]["unassigned"] == 1
    assert staff["counts"]["open"] >= 1
    assert director["counts"]["restricted"] == "dưới 5"
    assert program(OFFICE).get("/office/triage").json["inbox"] == []


def test_the_words_of_a_restricted_answer_are_not_in_the_heads_list(office: Office, program: Programs) -> None:
    case_id = office.file(code="3BJK7WQC", text="Tôi khiếu nại quyết định số 12 của Sở.", kind="complaint", topic=None)
    case = office.case(case_id)
    shown = program(LEGAL_HEAD).get("/head").get_data(as_text=True)

    assert case.is_restricted
    assert "Tôi khiếu nại" not in shown


# ---- oversight


def test_a_remedy_is_opened_done_and_judged_by_three_programs(office: Office, program: Programs) -> None:
    wanted = {"what": "Vá mọi ổ gà trên đường Điện Biên Phủ", "owner": f"{OFFICER.person}@KCHT"}
    once = {"Idempotency-Key": "0f0e2c86-9a35-4c8e-8b38-5f1f9c3c2f10"}

    sunday = program(HEAD).post("/remedies", wanted | {"due_on": "2026-11-29"})
    opened = [program(HEAD).post("/remedies", wanted | {"due_on": "2026-12-04"}, **once) for _ in range(2)]
    there = f"/remedies/{opened[0].json['made']['id']}"
    done = program(OFFICER).post(f"{there}/done", {"evidence": "Đã vá, xem ảnh trong hồ sơ"})
    by_owner = program(OFFICER).post(f"{there}/judge", {"verdict": "good"})
    judged = program(HEAD).post(f"{there}/judge", {"verdict": "good"})
    again = program(HEAD).post(f"{there}/judge", {"verdict": "good"})

    assert sunday.json["errors"][0] == {"field": "due_on", "code": "rest_day", "detail": "Ngày này không làm việc"}
    assert opened[0].json == opened[1].json
    assert [one.status_code for one in (done, by_owner, judged, again)] == [200, 403, 200, 409]
    assert again.json["code"] == "remedy_refused"
    assert program(HEAD).get("/remedies?state=closed").json["remedies"][0]["state"] == "closed"
    assert program(STRANGER).get(there).json["code"] == "remedy_unknown"


def test_the_office_checks_the_cases_that_were_drawn(office: Office, program: Programs) -> None:
    case_id: UUID = answered(office)
    mine, there = program(OFFICE), f"/checks/2026-11/{case_id}"

    drawn = mine.get("/checks?month=2026-11").json["rows"]
    some = mine.post(there, {"results": {"papers": "good"}})
    wrong = mine.post(there, {"results": "good"})
    kept = mine.post(there, {"results": GOOD})

    assert [one["id"] for one in drawn] == [str(case_id)]
    assert [answer.status_code for answer in (some, wrong, kept)] == [422, 422, 200]
    assert mine.get(there).json["done"]["results"] == GOOD
    assert mine.get("/checks?month=2026-13").json["code"] == "bad_month"
    with office.database.reading() as look:
        assert OFFICE.person in {one.person for one in store.reads_of(look, case_id)}


def test_what_was_corrected_is_told_to_the_office_and_the_admin(office: Office, program: Programs) -> None:
    office.file()

    assert program(OFFICE).get("/corrections").json["looked_at"] >= 0
    assert program(HEAD).get("/corrections").status_code == 403


# ---- the rule book


def text_of(name: str) -> str:
    return (CONFIG / name).read_text(encoding="utf-8")


def test_a_row_of_the_rules_is_drafted_by_one_program_and_published_by_another(program: Programs) -> None:
    document = program(ADMIN).get("/config/doc/topics.json?list=topics").json
    row = rows_of(text_of("topics.json"))["topics"][0].value
    sent = {"row": row | {"name": "Đường hỏng"}, "reason": WHY, "valid_from": "2026-11-24"}

    made = (
        program(ADMIN)
        .post("/config/doc/topics.json/row?list=topics&row=1", sent | {"based_on": document["based_on"]})
        .json["made"]
    )
    review = program(OFFICE).get(f"/config/drafts/{made['id']}").json
    by_writer = program(ADMIN).post(f"/config/drafts/{made['id']}/publish")
    published = program(OFFICE).post(f"/config/drafts/{made['id']}/publish")
    again = program(OFFICE).post(f"/config/drafts/{made['id']}/publish")

    assert "text" not in made
    assert review["may_publish"] is True
    assert review["lines"]
    assert (by_writer.status_code, published.status_code) == (403, 200)
    assert (again.status_code, again.json["code"]) == (409, "draft_decided")
    history = program(DIRECTOR).get("/config/doc/topics.json/history").json["versions"]
    assert [one["state"] for one in history] == ["published"]
    assert "Đường hỏng" in program(OFFICE).get("/config/doc/topics.json/export?version=1").get_data(as_text=True)


def test_a_text_that_makes_no_sense_is_refused_by_row_and_field(program: Programs) -> None:
    text = text_of("topics.json").replace('"KCHT"', '"NOWHERE"')
    there = "/config/doc/topics.json/text"

    wrong = program(ADMIN).post(there, {"text": text, "reason": WHY, "valid_from": "2026-11-24"})
    unread = program(ADMIN).post(there, {"text": "{", "reason": WHY})
    sent = {"text": "{}", "reason": WHY, "valid_from": "2026-12-01"}
    unknown = program(ADMIN).post("/config/doc/secrets.json/text", sent)

    assert (wrong.status_code, wrong.json["code"]) == (422, "document_refused")
    assert "topics.json" in wrong.json["detail"]
    assert unread.json["errors"][0]["field"] == "valid_from"
    assert (unknown.status_code, unknown.json["code"]) == (404, "document_unknown")


def test_a_draft_is_withdrawn_and_an_outdated_one_is_not_published(program: Programs) -> None:
    sent = {
        "text": text_of("topics.json").replace("Ổ gà", "Hố", 1),
        "reason": WHY,
        "valid_from": "2026-11-24",
        "based_on": digest_of("something else"),
    }

    outdated = program(ADMIN).post("/config/doc/topics.json/text", sent)
    kept = program(ADMIN).post("/config/doc/topics.json/text", sent | {"based_on": digest_of(text_of("topics.json"))})
    withdrawn = program(ADMIN).post(f"/config/drafts/{kept.json['made']['id']}/withdraw")

    assert (outdated.status_code, outdated.json["code"]) == (409, "draft_outdated")
    assert (withdrawn.status_code, withdrawn.json["made"]["state"]) == (200, "withdrawn")


def test_letters_workflows_and_days_are_read(program: Programs) -> None:
    mine = program(OFFICE)

    assert mine.get("/config/letters?q=xin").json["letters"]
    assert "report" in {one["name"] for one in mine.get("/config/workflows").json["workflows"]}
    assert "days" in mine.get("/config/days").json
    assert program(HEAD).get("/config").status_code == 403


def test_a_plan_is_tried_and_nothing_is_written(program: Programs, tmp_path: Path) -> None:
    plan = {"close": [{"unit": "KCHT", "heir": "NOWHERE"}], "open": [], "move": [], "people": [], "source": "QĐ 1"}

    wrong = program(ADMIN).post("/reorganisation", {"on": "2027-01-01", "plan": plan})

    assert wrong.status_code == 422
    assert wrong.json["code"] in {"plan_refused", "document_refused"}
    assert program(ADMIN).get("/reorganisation").json == {"known": []}


# ---- making public


def test_what_one_program_writes_another_makes_public(program: Programs) -> None:
    mine, head = program(OFFICER), program(HEAD)
    written = {
        "title": "Phân luồng cầu Trường Tiền",
        "text": "Từ 05 giờ ngày 01/12/2026, cầu Trường Tiền cấm ô tô để sửa mặt cầu.",
        "kind": "traffic",
        "unit": "KCHT",
        "channels": ["board"],
        "starts_on": "2026-12-01",
    }

    late = mine.post("/publications/new", written | {"ends_on": "2026-11-01"})
    there = f"/publications/{mine.post('/publications/new', written).json['made']['id']}"
    by_writer = mine.post(f"{there}/post", {"version": 1})
    posted = head.post(f"{there}/post", {"version": 1})
    again = head.post(f"{there}/post", {"version": 1})
    told = mine.post(f"{there}/proofs", {"channel": "board", "place": "Bảng tin", "seen_on": "2026-11-23"})
    shown = upload(mine, f"{there}/proofs", channel="board", place="Bảng tin", seen_on="2026-11-23", photo=a_picture())

    assert late.json["errors"][0]["detail"] == "Ngày cuối phải bằng hoặc sau ngày bắt đầu"
    assert [answer.status_code for answer in (by_writer, posted, again)] == [403, 200, 409]
    assert (told.status_code, told.json["errors"][0]["field"], shown.status_code) == (422, "note", 200)
    assert head.get(there).json["missing"] == []
    assert mine.get(f"/publication-files/{shown.json['made']['id']}").mimetype == "image/jpeg"
    assert head.post(f"{there}/withdraw", {"reason": "x"}).json["errors"][0]["field"] == "reason"


# ---- accounts and tokens


def test_the_admin_makes_an_account_and_switches_it_off(office: Office, program: Programs) -> None:
    new = {
        "login": "can.bo.moi",
        "name": "Cán bộ Mới",
        "email": "moi@desk.example.vn",
        "role": "officer",
        "unit": "KCHT",
        "password": "mot cau dai chi minh toi biet",
    }
    mine = program(ADMIN)

    made = mine.post("/people", new)
    again = mine.post("/people", new)
    weak = mine.post("/people", new | {"login": "khac", "password": "123456789012"})
    odd = mine.post("/people", new | {"login": "khac", "role": "king"})
    off = mine.post(f"/people/{made.json['made']}", {"is_active": False})

    everybody = {one["login"]: one for one in mine.get("/people").json["people"]}
    assert everybody["can.bo.moi"]["is_active"] is False
    assert (again.json["errors"][0]["code"], weak.json["errors"][0]["field"]) == ("taken", "password")
    assert odd.json["errors"][0]["field"] == "role"
    assert off.status_code == 200
    assert program(HEAD).post("/people", new).status_code == 403
    assert "email" not in program(HEAD).get("/people").json["people"][0]


def test_no_password_is_kept_with_a_key(office: Office, program: Programs) -> None:
    new = {
        "login": "can.bo.moi",
        "name": "Cán bộ Mới",
        "email": "moi@desk.example.vn",
        "role": "officer",
        "unit": "KCHT",
        "password": "mot cau dai chi minh toi biet",
    }
    program(ADMIN).post("/people", new, **{"Idempotency-Key": "0f0e2c86-9a35-4c8e-8b38-5f1f9c3c2f10"})

    with office.database.writing() as tx:
        owner = account_of(office.database, ADMIN).person_id
        assert store.take_key(tx, owner, "0f0e2c86-9a35-4c8e-8b38-5f1f9c3c2f10", "x") is None


def test_tokens_are_listed_without_their_secret_and_revoked_but_never_made(office: Office, program: Programs) -> None:
    mine, others = program(OFFICER), program(HEAD)
    (own,) = mine.get("/tokens").json["living"]
    (theirs,) = others.get("/tokens").json["living"]

    making = mine.post("/tokens", {"name": "thêm", "scope": "write", "days": 365})
    foreign = mine.post(f"/tokens/{theirs['id']}/revoke")
    revoked = mine.post(f"/tokens/{own['id']}/revoke")

    assert "secret" not in own
    assert making.status_code == 405
    assert (foreign.status_code, foreign.json["code"]) == (404, "token_unknown")
    assert revoked.status_code == 200
    assert mine.get("/tokens").status_code == 401


# ---- the description


def test_the_manual_names_every_address_of_the_tables() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "api-desk.md").read_text(encoding="utf-8").splitlines()

    for method, table in (("GET", LOOKS), ("POST", ACTS)):
        for address in table:
            path = bodies_path(address)
            row = next((line for line in manual if line.startswith(f"| `{method} {path}` |")), "")
            assert row, f"{method} {path} is not in docs/api-desk.md"
            names = (*ACTS[address].asks.fields, ACTS[address].upload) if method == "POST" else LOOKS[address].gives
            assert all(f"`{name}`" in row for name in names if name), address
    for address in PAPERS:
        assert any(f"`{bodies_path(address)}`" in line for line in manual), address


def bodies_path(address: str) -> str:
    return "/" + address.replace("<uuid:", "{").replace("<", "{").replace(">", "}")
