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
from shared.events.common import AccessRead
from shared.outbox import outbox
from shared.settings import Settings
from shared.web import WebApp
from tests.intake.builders import a_pdf
from tests.workflow.builders import (
    ADMIN,
    COLLEAGUE,
    CONFIG,
    DENUNCIATION,
    DIRECTOR,
    EVERYBODY,
    HEAD,
    LAWYER,
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
from tests.workflow.test_consultations import ANSWER, POINT, commented, opened
from tests.workflow.test_dialogues import MINUTES, a_complaint, announced, bound, joined
from tests.workflow.test_procedures import WHAT, named
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
    assert theirs == {"wishes": [], "unsatisfied": [], "promised": [], "withdrawals": [], "rows": {}}


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


# ---- with the public


DRAFT = {
    "title": "Quy chế quản lý xe buýt công cộng",
    "summary": "Dự thảo sắp xếp lại 12 tuyến xe buýt và giờ chạy, từ tháng 3 năm 2027.",
    "asked": "Tuyến nào nên kéo dài, giờ nào nên thêm chuyến.",
    "draft_text": "Điều 1. Phạm vi điều chỉnh",
    "unit": "KCHT",
    "opens_on": "2026-11-23",
    "closes_on": "2026-11-30",
}


def test_s14b_a_draft_is_prepared_by_one_program_and_opened_by_another(office: Office, program: Programs) -> None:
    early = program(OFFICE).post("/consultations/new", DRAFT | {"closes_on": "2026-11-22"})
    by_head = program(HEAD).post("/consultations/new", DRAFT)
    there = f"/consultations/{program(OFFICE).post('/consultations/new', DRAFT).json['made']['id']}"
    seen = program(HEAD).get(there).json["found"]["prepared_at"]
    office.at("2026-11-23T16:00")
    changed = program(OFFICE).post(f"{there}/change", DRAFT | {"title": "Quy chế quản lý xe buýt, bản hai"})
    outdated = program(HEAD).post(f"{there}/open", {"seen": seen})
    by_writer = program(OFFICE).post(f"{there}/open", {"seen": changed.json["made"]["prepared_at"]})
    opened = program(HEAD).post(f"{there}/open", {"seen": changed.json["made"]["prepared_at"]})
    closed = [program(HEAD).post(f"{there}/close", {"reason": why}) for why in ("Đủ", "Quốc hội đã hoãn luật này")]

    assert early.json["errors"][0]["detail"] == "Ngày cuối cùng trước ngày bắt đầu"
    assert [one.status_code for one in (by_head, changed, outdated, by_writer, opened)] == [403, 200, 409, 403, 200]
    assert [one.status_code for one in closed] == [422, 200]
    assert program(OFFICER).get("/consultations").json["rows"][0][0]["state"] == "closed"


def test_s14b_the_file_of_a_draft_is_sent_as_a_form(program: Programs) -> None:
    written = DRAFT | {"draft_text": ""}
    word = upload(program(OFFICE), "/consultations/new", **written, document=(BytesIO(b"PK\x03\x04"), "du-thao.docx"))
    paper = upload(program(OFFICE), "/consultations/new", **written, document=(BytesIO(a_pdf()), "du-thao.pdf"))
    there = f"/consultations/{paper.json['made']['id']}"

    assert (word.status_code, word.json["errors"][0]["field"], paper.status_code) == (422, "document", 200)
    assert program(HEAD).get(f"{there}/document").data.startswith(b"%PDF-")


def test_s14b_several_comments_are_answered_at_once_by_programs(office: Office, program: Programs) -> None:
    one, _ = opened(office)
    plain = commented(office, one)
    asking = commented(office, one, text="Bao giờ xe chạy? Đề nghị trả lời sớm cho dân.")
    there, words = f"/consultations/{one.id}", {"point": POINT, "text": ANSWER, "outcome": "taken_up"}

    def ticks(*cases: UUID) -> list[str]:
        return [f"{case_id}:{office.case(case_id).version}" for case_id in cases]

    nobody = program(OFFICER).post(f"{there}/draft", words)
    some = program(OFFICER).post(f"{there}/draft", words | {"id": ticks(plain, asking)}).json["made"]
    rest = program(OFFICER).post(f"{there}/draft", words | {"id": ticks(asking), "answers_all": True}).json["made"]
    own = program(OFFICER).post(f"{there}/approve", {"id": ticks(plain)}).json["made"]
    approved = program(HEAD).post(f"{there}/approve", {"id": ticks(plain, asking)}).json["made"]
    sent = program(OFFICER).post(f"{there}/answer", {"id": ticks(plain, asking)}).json["made"]
    told = program(HEAD).get(there).json
    table = program(HEAD).get(f"{there}/summary.csv").get_data(as_text=True)

    assert (nobody.status_code, nobody.json["errors"][0]["field"]) == (422, "id")
    done = [[bool(one["why"]) for one in each] for each in (some, rest, own, approved, sent)]
    assert done == [[False, True], [False], [True], [False, False], [False, False]]
    assert [len(group["comments"]) for group in told["given"]] == [2]
    assert program(STRANGER).get(there).json["seen"] == 0
    assert POINT in table


def test_s17a_a_session_is_planned_announced_written_up_and_its_promise_becomes_a_case(
    office: Office, program: Programs
) -> None:
    mine, chair = program(OFFICE), program(DIRECTOR)
    plan = {
        "kind": "thematic",
        "title": "Đối thoại với hộ dân đường Điện Biên Phủ",
        "place": "Hội trường tầng 2",
        "starts_on": "2026-12-03",
        "begins": "08:00",
        "ends": "11:30",
        "seats": 40,
        "chair": DIRECTOR.person,
    }
    online = {"kind": "online", "place": "https://hop.example.vn/1", "starts_on": "2026-11-27"}

    too_soon = mine.post("/dialogues", plan | online)
    odd = mine.post("/dialogues", plan | {"begins": "sáng"})
    by_head = program(HEAD).post("/dialogues", plan)
    there = f"/dialogues/{mine.post('/dialogues', plan).json['made']['id']}"
    early = mine.post(f"{there}/held", {"minutes": MINUTES})
    moved = mine.post(f"{there}/change", plan | {"ends": "12:00"} | {"kind": "online"})
    moved_well = mine.post(f"{there}/change", {name: one for name, one in plan.items() if name != "kind"})
    announced = [mine.post(f"{there}/announce").status_code for _ in range(2)]
    office.at("2026-12-03T12:00")
    held = chair.post(f"{there}/held", {"minutes": MINUTES, "walked_in": 3})
    promise = {"what": "Vá xong đoạn trước số nhà 120", "topic": "C01", "due_on": "2027-01-15"}
    nameless = chair.post(f"{there}/commit", promise | {"officer": ""})
    made = chair.post(f"{there}/commit", promise | {"officer": f"{OFFICER.person}@KCHT"})

    assert (too_soon.json["errors"][0]["field"], too_soon.json["errors"][0]["code"]) == ("starts_on", "too_soon")
    assert "sớm nhất là thứ Ba 01/12/2026" in too_soon.json["errors"][0]["detail"]
    assert (odd.json["errors"][0]["field"], by_head.status_code) == ("begins", 403)
    assert (early.status_code, early.json["code"], early.json["reason"]) == (409, "dialogue_refused", "planned")
    assert (moved.json["errors"][0]["code"], moved_well.status_code, announced) == ("unknown_field", 200, [200, 409])
    assert [one.status_code for one in (held, nameless, made)] == [200, 422, 200]
    assert chair.get(there).json["minutes"] == MINUTES
    assert mine.get("/dialogues?state=over").json["rows"][0]["state"] == "held"


def test_guests_and_minutes_are_told_to_programs_of_those_who_organise_and_told_first(
    office: Office, program: Programs
) -> None:
    session = announced(office)
    joined(office, session)

    def told() -> int:
        with office.database.reading() as look:
            return len(look.connection.execute(outbox.select().where(outbox.c.type == AccessRead.TYPE)).all())

    by_head = program(HEAD).get(f"/dialogues/{session.id}")
    untold = told()
    by_office = program(OFFICE).get(f"/dialogues/{session.id}")

    assert (by_head.json["guests"], by_head.json["minutes"], untold) == ([], None, 0)
    (guest,) = by_office.json["guests"]
    assert guest["name"] == "Nguyễn Thị Hồng Ánh"
    assert told() == 1
    for answer in (by_head, by_office, program(OFFICE).get("/dialogues")):
        assert "link_token" not in answer.get_data(as_text=True)
    assert "minutes" not in program(OFFICE).get("/dialogues").json["rows"][0]


def test_s17a_a_dialogue_within_a_case_is_hidden_from_programs_of_others(office: Office, program: Programs) -> None:
    session = bound(office, a_complaint(office, "complaint"))
    there, guest = f"/dialogues/{session.id}", {"name": "Ông Lê Văn C", "email": "c@example.vn"}

    invited = program(LAWYER).post(f"{there}/invite", guest)
    hidden = [program(STRANGER).get(there), program(STRANGER).post(f"{there}/invite", guest)]

    assert (invited.status_code, [one.status_code for one in hidden]) == (200, [404, 404])
    assert program(STRANGER).get("/dialogues").json["rows"] == []
    assert [one["name"] for one in program(LAWYER).get(there).json["guests"]] == ["Ông Lê Văn C"]


def test_a_round_is_prepared_opened_closed_and_signed_off_by_programs(office: Office, program: Programs) -> None:
    mine, director = program(OFFICE), program(DIRECTOR)
    asked = mine.get("/surveys/new").json
    code = asked["groups"][0][1][0]["code"]
    frame = {
        "name": "Đợt hỏi sau khi sửa đường quý IV",
        "items": [code],
        "ways": ["link", "paper"],
        "starts_on": "2026-11-23",
        "ends_on": "2026-12-20",
        "population": "5.000",
    }

    odd = mine.post("/surveys/new", frame | {"population": "nhiều"})
    by_head = program(HEAD).post("/surveys/new", frame)
    there = f"/surveys/{mine.post('/surveys/new', frame).json['made']['id']}"
    changed = mine.post(f"{there}/change", frame | {"policy": "Vá đường trong 7 ngày"})
    seen = {"seen": changed.json["made"]["prepared_at"]}
    by_writer = mine.post(f"{there}/open", seen)
    unseen = director.post(f"{there}/open")
    opened_it = director.post(f"{there}/open", seen)
    given = mine.post("/surveys/enter").json["made"]
    closed = [mine.post(f"{there}/close", {"reason": why}) for why in ("", "Đã đủ số phiếu cần có")]
    signed = [program(one).post(f"{there}/sign").status_code for one in (OFFICER, HEAD, HEAD)]
    told = program(HEAD).get(there).json

    assert (odd.json["errors"][0]["field"], by_head.status_code) == ("population", 403)
    assert [one.status_code for one in (changed, by_writer, unseen, opened_it)] == [200, 403, 409, 200]
    assert json.loads(passes._from_b64u(given.partition(".")[0]))["channel"] == "survey"
    assert [one.status_code for one in closed] == [422, 200]
    assert signed == [403, 200, 403]
    assert (told["survey"]["population"], told["signed"]["KCHT"][0], told["said"]) == (5000, HEAD.person, [])


def test_s20a_a_dossier_is_written_proposed_and_decided_by_programs(office: Office, program: Programs) -> None:
    cut = {"what": WHAT, "cut_papers": 1, "cut_days": 2}
    head = program(HEAD)

    too_many = program(OFFICER).post("/procedures/DB-02/dossiers", cut | {"cut_papers": 9})
    there = f"/dossiers/{program(OFFICER).post('/procedures/DB-02/dossiers', cut).json['made']['id']}"
    by_officer = program(OFFICER).post(f"{there}/propose", {"to": "X-UBND"})
    asked = head.post(f"{there}/propose", {"to": "X-UBND"})
    decision = {"decided_on": "2026-11-23", "outcome": "QĐ 12/QĐ-UBND: đồng ý"}
    unsaid = head.post(f"{there}/decide", decision)
    decided = [head.post(f"{there}/decide", decision | {"verdict": "accepted"}) for _ in range(2)]

    assert too_many.json["errors"][0]["detail"] == "Thủ tục không có nhiều giấy tờ như vậy"
    assert (by_officer.status_code, asked.status_code) == (403, 200)
    assert (unsaid.status_code, unsaid.json["errors"][0]["field"]) == (422, "verdict")
    assert [one.status_code for one in decided] == [200, 409]
    assert head.get(there).json["one"]["state"] == "accepted"
    assert "DB-02" in head.get("/dossiers.csv?year=2026").get_data(as_text=True)
    assert [head.get(f"/dossiers?year={year}").status_code for year in (2026, 1066)] == [200, 404]


def test_s20a_a_procedure_tells_programs_of_the_cases_that_their_owner_may_see(
    office: Office, program: Programs
) -> None:
    case_id, _ = named(office)

    mine, others = (program(one).get("/procedures/DB-02").json for one in (OFFICE, STRANGER))

    assert [one["id"] for one in mine["cases"]] == [str(case_id)]
    assert (others["cases"], others["topics"]) == ([], [])
    assert program(OFFICE).get("/procedures").json["counts"] == {"DB-02": 1}
    assert program(OFFICE).get("/procedures/XX-99").status_code == 404


# ---- accounts and tokens


def test_no_program_makes_an_account_and_the_admins_switches_one_off(office: Office, program: Programs) -> None:
    new = {
        "login": "can.bo.moi",
        "name": "Cán bộ Mới",
        "email": "moi@desk.example.vn",
        "role": "admin",
        "unit": "KCHT",
        "password": "mot cau dai chi minh toi biet",
    }
    mine, account = program(ADMIN), account_of(office.database, COLLEAGUE)

    made = mine.post("/people", new)
    by_head = program(HEAD).post(f"/people/{account.person_id}", {"is_active": False})
    off = mine.post(f"/people/{account.person_id}", {"is_active": False})

    everybody = {one["login"]: one for one in mine.get("/people").json["people"]}
    assert made.status_code == 405
    assert "can.bo.moi" not in everybody
    assert (by_head.status_code, off.status_code) == (403, 200)
    assert everybody[account.login]["is_active"] is False
    assert "email" not in program(HEAD).get("/people").json["people"][0]


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
