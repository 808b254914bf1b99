"""The desk for programs: the same steps, rights and refusals as on the screens."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st
from openapi_spec_validator import validate

from services.workflow import actions, api, store
from services.workflow.actions.tokens import MOST_TOKENS
from services.workflow.domain.permission import Refusal, Refused, may
from services.workflow.web import make_desk
from services.workflow.web.moves import MOVES
from shared.settings import Settings
from shared.web import WebApp
from tests.workflow.builders import (
    ADMIN,
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
    session_of,
    the_rules,
)
from tests.workflow.programs import URL, Program, account_of, token_of
from tests.workflow.test_pages import with_picture

WORKERS = (OFFICER, COLLEAGUE, STRANGER, HEAD, OFFICE, DIRECTOR)


@pytest.fixture
def app(office: Office, make_settings: Callable[..., Settings]) -> WebApp:
    made = make_desk(make_settings("workflow", API_CALLS_PER_MINUTE="100000"), office.database, the_rules())
    api.add_to(made)
    return made


@pytest.fixture
def program(office: Office, app: Flask) -> Callable[..., Program]:
    """A program with a fresh token of this person."""

    def made(person: Staff, *, scope: str = "write") -> Program:
        return Program(app, token_of(office.database, person, scope=scope))

    return made


# ---- the document


def test_the_document_is_valid_openapi(app: Flask) -> None:
    document = app.test_client().get(f"{URL}/openapi.json").json
    assert document

    validate(document)

    assert document["openapi"] == "3.1.0"


def test_what_is_described_is_what_is_served(app: Flask) -> None:
    document = app.test_client().get(f"{URL}/openapi.json").json
    assert document
    described = {(path, method.upper()) for path, known in document["paths"].items() for method in known}

    served = {
        (rule.rule.replace("<uuid:", "{").replace("<", "{").replace(">", "}"), method)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(URL)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    each = f"{URL}/cases/{{case_id}}/steps/{{step}}"
    steps = {(each.replace("{step}", name), "POST") for name in MOVES}
    assert described == served - {(each, "POST")} | steps


def test_every_step_says_what_it_asks_for(app: Flask) -> None:
    document = app.test_client().get(f"{URL}/openapi.json").json
    assert document

    for name, (act, _) in MOVES.items():
        body = document["paths"][f"{URL}/cases/{{case_id}}/steps/{name}"]["post"]["requestBody"]
        known = body["content"]["application/json"]["schema"]
        assert set(known["properties"]) == {"version", *act.fields}


def test_the_manual_names_every_step_and_its_fields() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "api-desk.md").read_text(encoding="utf-8")

    for name, (act, _) in MOVES.items():
        row = next((line for line in manual.splitlines() if line.startswith(f"| `{name}` |")), "")
        assert row, f"{name} is not in docs/api-desk.md"
        assert all(f"`{field}`" in row for field in act.fields), name


# ---- who calls


def test_nobody_calls_without_a_token(app: Flask, office: Office) -> None:
    case_id = office.file()

    answers = [
        app.test_client().get(f"{URL}{path}", headers=headers)
        for path in ("/me", "/cases", f"/cases/{case_id}", "/people", "/counts")
        for headers in ({}, {"Authorization": "Bearer lnd_wrong"}, {"Authorization": "Basic eDp5"})
    ]

    assert {answer.status_code for answer in answers} == {401}
    assert all(answer.headers["WWW-Authenticate"].startswith("Bearer") for answer in answers)
    assert {answer.json["code"] for answer in answers if answer.json} == {"token_missing", "token_refused"}


def test_a_cookie_opens_nothing_here(app: Flask, office: Office) -> None:
    client = app.test_client()
    client.set_cookie(app.extensions["sign_in"].cookie, session_of(office.database, OFFICER.person))

    assert client.get("/desk/counter").status_code == 200
    assert client.get(f"{URL}/me").status_code == 401


def test_a_cookie_beside_a_token_does_not_change_who_calls(
    app: Flask, office: Office, program: Callable[..., Program]
) -> None:
    mine = program(STRANGER)
    mine.client.set_cookie(app.extensions["sign_in"].cookie, session_of(office.database, DIRECTOR.person))

    assert mine.get("/me").json["person"] == STRANGER.person
    assert mine.get(f"/cases/{office.file()}").status_code == 404


def test_a_token_is_kept_hashed_and_told_to_the_log(office: Office) -> None:
    owner = account_of(office.database, OFFICER)
    with office.database.writing() as tx:
        made, secret = actions.make_token(tx, person=owner, name="máy in", scope="read", days=7)
        told = [pending.event for pending in tx.emitted]

    with office.database.reading() as look:
        kept = look.connection.execute(store.metadata.tables["access_token"].select()).one()
    assert secret not in str(kept)
    assert [event.TYPE for event in told] == ["auth.token_made.v1"]
    assert made.expires_at - made.made_at == timedelta(days=7)


def test_a_token_ends_with_its_time_its_revoking_and_its_account(
    office: Office, program: Callable[..., Program]
) -> None:
    old, revoked, left = program(OFFICER), program(HEAD), program(COLLEAGUE)
    owner, gone = account_of(office.database, HEAD), account_of(office.database, COLLEAGUE)
    assert [one.get("/me").status_code for one in (old, revoked, left)] == [200] * 3

    with office.database.writing() as tx:
        actions.revoke_token(tx, person=owner, token_id=store.tokens_of(tx, owner.person_id)[0].id)
        actions.switch_person(tx, person_id=gone.person_id, is_active=False)
    ended = [revoked.get("/me").status_code, left.get("/me").status_code]
    office.clock.move_to(office.clock.now() + timedelta(days=30))

    assert ended == [401, 401]
    assert old.get("/me").json["code"] == "token_refused"


def test_the_admin_ends_anybodys_token_and_nobody_else_does(office: Office, program: Callable[..., Program]) -> None:
    program(OFFICER)
    with office.database.reading() as look:
        token_id = store.tokens_of(look)[0].id

    with pytest.raises(actions.tokens.TokenUnknown), office.database.writing() as tx:
        actions.revoke_token(tx, person=account_of(office.database, HEAD), token_id=token_id)
    with office.database.writing() as tx:
        actions.revoke_token(tx, person=account_of(office.database, ADMIN), token_id=token_id)

    with office.database.reading() as look:
        assert store.tokens_of(look) == []


def test_nobody_hoards_tokens(office: Office) -> None:
    for _ in range(MOST_TOKENS):
        token_of(office.database, OFFICER)

    with pytest.raises(actions.tokens.TooManyTokens):
        token_of(office.database, OFFICER)


def test_a_token_that_reads_changes_nothing(office: Office, program: Callable[..., Program]) -> None:
    case_id, reader = office.file(), program(OFFICER, scope="read")

    answer = reader.step(office, case_id, "take")

    assert reader.get(f"/cases/{case_id}").status_code == 200
    assert (answer.status_code, answer.json["code"]) == (403, "token_reads_only")
    assert office.case(case_id).officer is None


@pytest.mark.parametrize("person", [AUDITOR, ADMIN], ids=lambda one: one.role)
def test_who_works_on_no_case_gets_none(person: Staff, office: Office, program: Callable[..., Program]) -> None:
    mine = program(person)

    assert mine.get("/me").json["views"] == []
    assert {mine.get(path).status_code for path in ("/cases", f"/cases/{office.file()}", "/counts")} == {403}


def test_too_many_calls_wait(office: Office, make_settings: Callable[..., Settings]) -> None:
    app = make_desk(make_settings("workflow", API_CALLS_PER_MINUTE="3"), office.database, the_rules())
    api.add_to(app)
    mine = Program(app, token_of(office.database, OFFICER))
    other = Program(app, token_of(office.database, HEAD))

    answers = [mine.get("/me") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert other.get("/me").status_code == 200


# ---- reading


def test_a_case_is_read_as_its_page_shows_it_and_the_reading_is_told(
    office: Office, program: Callable[..., Program]
) -> None:
    case_id = office.file()
    office.act(actions.take, OFFICER, case_id)

    answer = program(OFFICER).get(f"/cases/{case_id}")

    case = answer.json
    assert answer.headers["ETag"] == f'"{case["version"]}"'
    assert {"draft", "ask", "progress"} <= set(case["steps"]) <= set(MOVES)
    assert case["contact"]["shown_until"] is None
    assert "•" in case["contact"]["name"]
    with office.database.reading() as look:
        reads = store.reads_of(look, case_id)
    assert [(read.person, read.kind) for read in reads] == [(OFFICER.person, "case")]


def test_the_contact_opens_for_a_purpose(office: Office, program: Callable[..., Program]) -> None:
    case_id = office.file()
    office.act(actions.take, OFFICER, case_id)
    mine = program(OFFICER)

    refused = mine.post(f"/cases/{case_id}/contact", {"purpose": "curiosity"})
    opened = mine.post(f"/cases/{case_id}/contact", {"purpose": "site_visit"})

    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "purpose")
    assert "•" not in opened.json["name"]
    assert mine.get(f"/cases/{case_id}").json["contact"]["name"] == opened.json["name"]


def test_lists_page_by_keys_and_narrow_like_the_screen(office: Office, program: Callable[..., Program]) -> None:
    codes = ["7K3M9HDT", "3BJK7WQC", "9QDX5TZW"]
    for number, code in enumerate(codes):
        office.file(code=code, title=f"Ổ gà số {number}", text=f"Ổ gà số {number} trên đường Nguyễn Huệ")
    mine = program(HEAD)

    page = mine.get("/cases?view=all").json
    by_code = mine.get("/cases?view=all&q=3BJK").json

    assert {row["code"] for row in page["cases"]} == set(codes)
    assert [row["code"] for row in by_code["cases"]] == ["3BJK7WQC"]
    assert mine.get("/cases?view=unit&after=nowhere").json["code"] == "bad_key"
    assert mine.get("/cases?view=secrets").json["code"] == "view_unknown"


def test_a_secret_case_is_neither_listed_nor_counted_nor_found(office: Office, program: Callable[..., Program]) -> None:
    secret = office.file(**DENUNCIATION)
    mine = program(OFFICE)

    assert mine.get("/cases?view=all").json["cases"] == []
    assert set(mine.get("/counts").json.values()) == {0}
    assert mine.get(f"/cases/{secret}").status_code == mine.get(f"/cases/{uuid4()}").status_code == 404
    assert mine.get(f"/cases/{secret}").json["title"] == mine.get(f"/cases/{uuid4()}").json["title"]


def test_a_file_is_shown_to_who_sees_the_case_and_its_reading_is_told(
    app: WebApp, office: Office, program: Callable[..., Program]
) -> None:
    case_id, picture = with_picture(office, app.settings)

    shown = program(HEAD).get(f"/attachments/{picture}")
    others = [program(STRANGER).get(f"/attachments/{picture}"), program(HEAD).get(f"/attachments/{uuid4()}")]

    assert (shown.status_code, shown.data) == (200, b"\xff\xd8picture")
    assert [(answer.status_code, answer.json["code"]) for answer in others] == [(404, "not_found")] * 2
    with office.database.reading() as look:
        reads = store.reads_of(look, case_id)
    assert [(read.person, read.kind) for read in reads] == [(HEAD.person, "attachment")]


def test_colleagues_are_named_without_login_and_address(office: Office, program: Callable[..., Program]) -> None:
    people = program(OFFICER).get("/people?unit=KCHT").json["people"]

    assert {OFFICER.person, HEAD.person} <= {one["person"] for one in people}
    assert all(set(one) == {"person", "name", "role", "role_words", "unit"} for one in people)


# ---- changing


def test_a_program_answers_a_citizen(office: Office, program: Callable[..., Program]) -> None:
    case_id = office.file()
    officer, head = program(OFFICER), program(HEAD)

    answers = [
        head.step(office, case_id, "assign", officer=OFFICER.person),
        officer.step(office, case_id, "accept"),
        officer.step(
            office,
            case_id,
            "draft",
            text=ANSWER,
            outcome="scheduled",
            promised_on="2026-12-03",
            replies=[1],
            in_spite="Lịch vá ở bản đính kèm",
        ),
        head.step(office, case_id, "approve"),
        officer.step(office, case_id, "answer"),
        officer.step(office, case_id, "hand_over", given_to="petitioner", is_signed=True),
        officer.step(office, case_id, "close"),
    ]

    assert [answer.status_code for answer in answers] == [200] * 7
    assert answers[-1].json["case"]["stage"] == "closed"
    assert officer.get(f"/cases/{case_id}").json["handovers"][0]["is_signed"] is True


def test_every_step_of_the_screens_is_open_to_programs_with_the_same_rights(
    office: Office, program: Callable[..., Program]
) -> None:
    """A walk: each person tries each step on an ordinary, a restricted and a secret case."""
    cases = [
        office.file(),
        office.file(code="3BJK7WQC", text="Tôi khiếu nại quyết định số 12 của Sở.", kind="complaint", topic=None),
        office.file(**DENUNCIATION),
    ]
    office.act(actions.take, OFFICER, cases[0])
    same = {"refuse_extension": "extend", "reassign": "assign", "refuse_reopening": "reopen"}
    same["close_follow_up"] = "follow_up"
    same |= {"refuse_erasure": "grant_erasure", "decline_withdrawal": "withdraw"}
    for person in WORKERS:
        mine = program(person)
        for case_id in cases:
            case = office.case(case_id)
            for step in MOVES:
                asked = same.get(step, step)
                if step in {"ask", "guide"}:  # one address, whichever of the two the table of the case has
                    workflow = office.rules.workflow_of(case)
                    asked = "guide" if "guide" in workflow.steps and case.stage != "in_progress" else "ask"
                right = may(person, asked, case)
                act, _ = MOVES[step]
                read_first = {
                    "due_on": "2026-12-31",
                    "moved_to": "2026-12-31",
                    "into": uuid4().hex,
                    "paper": uuid4().hex,
                }
                fields = {name: value for name, value in read_first.items() if name in act.fields}
                answer = mine.post(f"/cases/{case_id}/steps/{step}", {"version": 0} | fields)
                if isinstance(right, Refused):
                    hidden = right.reason in {Refusal.ABOUT_YOU, Refusal.NOT_YOURS}
                    assert answer.status_code == (404 if hidden else 403), (person, step)
                else:
                    assert answer.json["code"] == "stale", (person, step)


def test_who_was_slower_hears_what_changed(office: Office, program: Callable[..., Program]) -> None:
    case_id = office.file()
    seen = program(OFFICER).get(f"/cases/{case_id}").headers["ETag"]
    office.act(actions.take, COLLEAGUE, case_id)

    answer = program(OFFICER).post(f"/cases/{case_id}/steps/take", **{"If-Match": seen})

    assert (answer.status_code, answer.json["code"]) == (409, "stale")
    assert answer.json["case"]["version"] == office.case(case_id).version
    assert answer.headers["ETag"] == f'"{office.case(case_id).version}"'
    assert answer.json["changed"][0]["what"] == "take"


@pytest.mark.parametrize(
    ("version", "body", "status", "code"),
    [
        ("", {}, 428, "version_missing"),
        ('"one"', {}, 400, "version_malformed"),
        ("", {"version": True}, 400, "version_malformed"),
        ("", {"version": 10**30}, 409, "stale"),
        ("*", {}, 200, None),
    ],
)
def test_a_step_says_which_version_it_saw(
    office: Office, program: Callable[..., Program], version: str, body: Any, status: int, code: str | None
) -> None:
    headers = {"If-Match": version} if version else {}

    answer = program(OFFICER).post(f"/cases/{office.file()}/steps/take", body, **headers)

    assert (answer.status_code, answer.json.get("code")) == (status, code)


def test_what_is_missing_is_named_in_the_callers_language(office: Office, program: Callable[..., Program]) -> None:
    case_id = office.file()
    office.act(actions.take, OFFICER, case_id)
    mine = program(OFFICER)

    fields = {"text": "ngắn", "outcome": "done"}
    in_english, in_vietnamese = (
        mine.post(f"/cases/{case_id}/steps/draft", fields, **{"If-Match": "*", "Accept-Language": language})
        for language in ("en", "vi")
    )

    assert (in_english.status_code, in_english.json["code"]) == (422, "incomplete")
    assert in_english.json["errors"][0]["field"] == "text"
    assert in_english.json["errors"][0]["detail"] != in_vietnamese.json["errors"][0]["detail"]


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"colour": "red"}, "unknown_field"),
        ({"note": {"a": 1}}, "wrong_type"),
        ({"note": "x\u0000y"}, "unreadable"),
        ({"note": "\ud800"}, "unreadable"),
        ({"\ud800": "x"}, "unknown_field"),
    ],
)
def test_a_field_that_cannot_be_is_named(office: Office, program: Callable[..., Program], sent: Any, code: str) -> None:
    case_id = office.file()
    office.act(actions.take, OFFICER, case_id)

    answer = program(OFFICER).step(office, case_id, "progress", **sent)

    assert answer.status_code == 422
    assert answer.json["errors"][0]["code"] == code


def test_a_step_that_is_not_possible_now_says_so(office: Office, program: Callable[..., Program]) -> None:
    case_id = office.file()
    office.act(actions.take, OFFICER, case_id)

    answer = program(OFFICER).step(office, case_id, "close")

    assert (answer.status_code, answer.json["code"]) == (409, "step_refused")
    assert answer.content_type == "application/problem+json"


def test_sent_twice_under_one_key_it_is_done_once(office: Office, program: Callable[..., Program]) -> None:
    case_id = office.file()
    office.act(actions.take, OFFICER, case_id)
    mine = program(OFFICER)
    once = {"Idempotency-Key": "0f0e2c86-9a35-4c8e-8b38-5f1f9c3c2f10"}
    before = office.case(case_id).version

    answers = [
        mine.post(f"/cases/{case_id}/steps/progress", {"note": "Đã đặt cọc", "version": before}, **once)
        for _ in range(3)
    ]
    other = mine.post(f"/cases/{case_id}/steps/progress", {"note": "Việc khác", "version": before + 1}, **once)

    assert [answer.status_code for answer in answers] == [200] * 3
    assert len({json.dumps(answer.json) for answer in answers}) == 1
    assert [answer.headers.get("Idempotency-Replayed") for answer in answers] == [None, "true", "true"]
    assert office.case(case_id).version == before + 1
    assert (other.status_code, other.json["code"]) == (422, "key_used")


def test_a_key_of_somebody_else_opens_nothing(office: Office, program: Callable[..., Program]) -> None:
    case_id = office.file()
    once = {"Idempotency-Key": "0f0e2c86-9a35-4c8e-8b38-5f1f9c3c2f10", "If-Match": "*"}
    program(OFFICER).post(f"/cases/{case_id}/steps/take", **once)

    assert program(STRANGER).post(f"/cases/{case_id}/steps/take", **once).status_code == 404


def test_what_failed_under_a_key_may_be_tried_again(office: Office, program: Callable[..., Program]) -> None:
    case_id, mine = office.file(), program(OFFICER)
    once = {"Idempotency-Key": "0f0e2c86-9a35-4c8e-8b38-5f1f9c3c2f10", "If-Match": "*"}

    early = mine.post(f"/cases/{case_id}/steps/progress", {"note": "Đã đặt cọc"}, **once)
    office.act(actions.take, OFFICER, case_id)
    later = mine.post(f"/cases/{case_id}/steps/progress", {"note": "Đã đặt cọc"}, **once)

    assert (early.status_code, later.status_code) == (403, 200)


def test_notes_stay_among_colleagues(office: Office, program: Callable[..., Program]) -> None:
    case_id, mine = office.file(), program(COLLEAGUE)

    kept = mine.post(f"/cases/{case_id}/notes", {"note": "Nhớ gọi đơn vị thi công"})

    assert kept.status_code == 201
    line = mine.get(f"/cases/{case_id}").json["timeline"][0]
    assert (line["what"], line["words"], line["is_public"]) == ("note", "Nhớ gọi đơn vị thi công", False)


BODIES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)
FIELDS = sorted({field for act, _ in MOVES.values() for field in act.fields} | {"version"})


@trying(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    step=st.sampled_from(sorted(MOVES)),
    body=BODIES | st.dictionaries(st.sampled_from(FIELDS), BODIES, max_size=5),
    version=st.sampled_from(["*", "1", '"2"', "x", "\u00ff"]),
)
def test_no_body_breaks_it(office: Office, program: Callable[..., Program], step: str, body: Any, version: str) -> None:
    mine, case_id = _standing(office, program)

    answer = mine.client.post(
        f"{URL}/cases/{case_id}/steps/{step}",
        data=json.dumps(body),
        content_type="application/json",
        headers=mine.headers | {"If-Match": version},
    )

    assert answer.status_code < 500
    assert answer.status_code == 200 or answer.content_type == "application/problem+json"


def _standing(office: Office, program: Callable[..., Program]) -> tuple[Program, UUID]:
    """One program and one case for all bodies of a test."""
    known = vars(office)
    if "standing" not in known:
        case_id = office.file()
        office.act(actions.take, HEAD, case_id)
        known["standing"] = (program(HEAD), case_id)
    found: tuple[Program, UUID] = known["standing"]
    return found


@pytest.mark.parametrize(
    ("data", "media_type", "status", "code"),
    [
        (b"{", "application/json", 400, "body_unreadable"),
        (b"[]", "application/json", 400, "body_unreadable"),
        (b"\xff\xfe", "application/json", 400, "body_unreadable"),
        (b"[" * 100_000, "application/json", 400, "body_unreadable"),
        (b"a=b", "application/x-www-form-urlencoded", 415, "body_of_other_kind"),
        (b"", "text/plain", 428, "version_missing"),
    ],
)
def test_a_body_that_is_none_is_refused(
    office: Office, program: Callable[..., Program], data: bytes, media_type: str, status: int, code: str
) -> None:
    mine = program(OFFICER)

    answer = mine.client.post(
        f"{URL}/cases/{office.file()}/steps/take", data=data, content_type=media_type, headers=mine.headers
    )

    assert (answer.status_code, answer.json["code"] if answer.json else "") == (status, code)
