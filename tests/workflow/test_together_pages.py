"""The pages of working together: who finds what, forms that keep what was typed, links that lead nowhere further."""

from uuid import UUID, uuid4

from flask.testing import FlaskClient

from services.workflow import actions, store
from services.workflow.web.consult import ANSWERING
from shared.events.intake import Attachment
from shared.files import store_file
from shared.settings import Settings
from tests.workflow.builders import (
    DENUNCIATION,
    DIRECTOR,
    HEAD,
    LAWYER,
    LEGAL_HEAD,
    OFFICE,
    OFFICER,
    STRANGER,
    Office,
)
from tests.workflow.conftest import Visit

HOME = {"Origin": "http://localhost"}
QUESTION = "Xin cho biết tải trọng cho phép của cầu trên đoạn đường này là bao nhiêu."


def in_work(office: Office, **given: object) -> UUID:
    case_id = office.file(**given)
    office.act(actions.assign, HEAD, case_id, officer=OFFICER.person)
    office.act(actions.accept, OFFICER, case_id)
    return case_id


def consulted(office: Office, case_id: UUID, **more: object) -> str:
    asked = {"name": "Đại học Kỹ thuật", "email": "cau@example.vn", "question": QUESTION}
    return str(office.act(actions.consult, OFFICER, case_id, **asked | more)[0].link_token.value)  # type: ignore[attr-defined]


def post(client: FlaskClient, case_id: UUID, step: str, **typed: str) -> tuple[int, str]:
    answer = client.post(f"/desk/cases/{case_id}/{step}", data=typed, headers=HOME)
    return answer.status_code, answer.text


def test_the_supporter_finds_the_case_in_a_view_of_its_own_until_it_has_answered(office: Office, visit: Visit) -> None:
    case_id = in_work(office)
    assert visit(LAWYER).get(f"/desk/cases/{case_id}").status_code == 404

    status, _ = post(
        visit(OFFICER), case_id, "ask_support", unit="PCAT", question="Có phải điểm đen không?", due_on="26/11/2026"
    )

    assert status == 303
    assert str(case_id) in visit(LAWYER).get("/desk/?view=support").text
    assert str(case_id) not in visit(LAWYER).get("/desk/?view=unit").text
    assert str(case_id) not in visit(STRANGER).get("/desk/?view=support").text
    assert post(visit(LAWYER), case_id, "give_support", text="Không phải điểm đen.")[0] == 303
    assert str(case_id) not in visit(LAWYER).get("/desk/?view=support").text
    assert "Không phải điểm đen." in visit(OFFICER).get(f"/desk/cases/{case_id}").text


def test_what_was_typed_comes_back_with_what_is_wrong(office: Office, visit: Visit) -> None:
    case_id = in_work(office)

    status, page = post(
        visit(OFFICER), case_id, "ask_support", unit="PCAT", question="Có phải điểm đen không?", due_on="28/11/2026"
    )

    assert status == 422
    assert "ngày nghỉ" in page
    assert "Có phải điểm đen không?" in page
    status, page = post(visit(OFFICER), case_id, "note", note="@Cán bộ Xe buýt xem giúp")
    assert status == 422
    assert "@Cán bộ Xe buýt xem giúp" in page
    status, page = post(visit(OFFICER), case_id, "consult", name="A", email="x", question=QUESTION)
    assert status == 422
    assert QUESTION in page


def test_handing_back_leads_to_the_list_since_the_case_is_out_of_sight(office: Office, visit: Visit) -> None:
    case_id = in_work(office)
    office.act(actions.ask_support, OFFICER, case_id, unit="PCAT", question="Có phải điểm đen không?")

    answer = visit(LEGAL_HEAD).post(
        f"/desk/cases/{case_id}/hand_back_support", data={"reason": "Việc của đơn vị khác"}, headers=HOME
    )

    assert (answer.status_code, answer.location) == (303, "/desk/?view=support")
    assert visit(LEGAL_HEAD).get(f"/desk/cases/{case_id}").status_code == 404


def test_who_opens_a_case_as_a_supporter_is_told_so(office: Office, visit: Visit) -> None:
    case_id = in_work(office)
    office.act(actions.ask_support, OFFICER, case_id, unit="PCAT", question="Có phải điểm đen không?")

    visit(LAWYER).get(f"/desk/cases/{case_id}")

    with office.database.reading() as look:
        reads = store.reads_of(look, case_id)
    assert [read.purpose for read in reads] == ["contribution"]


def test_mentions_are_counted_until_the_case_is_opened(office: Office, visit: Visit) -> None:
    case_id = in_work(office)
    assert post(visit(OFFICER), case_id, "note", note="@KCHT xem giúp nhé")[0] == 303

    head = visit(HEAD)
    assert "chưa xem" in head.get("/desk/mentions").text
    head.get(f"/desk/cases/{case_id}")

    assert "chưa xem" not in head.get("/desk/mentions").text
    assert "xem giúp nhé" not in visit(OFFICE).get("/desk/mentions").text


def test_the_office_urges_a_unit_about_everything_late(office: Office, visit: Visit) -> None:
    case_id = in_work(office)
    office.at("2026-12-21T09:00")
    typed = {"unit": "KCHT", "reason": "Trễ hạn cuối năm", "answer_by": ""}

    assert "Đôn đốc một đơn vị" in visit(OFFICE).get("/desk/?view=all").text
    assert visit(OFFICE).post("/desk/urge", data=typed, headers=HOME).status_code == 303

    assert f"/desk/cases/{case_id}" in visit(HEAD).get("/desk/").text
    assert "1 lần đôn đốc" in visit(HEAD).get("/desk/").text
    assert "lần đôn đốc" not in visit(OFFICER).get("/desk/").text
    assert visit(HEAD).post("/desk/urge", data=typed, headers=HOME).status_code == 403


def test_a_link_shows_the_question_and_nothing_of_the_citizen(office: Office, visit: Visit) -> None:
    case_id = in_work(office)
    page = visit(None).get(f"/desk/consult/{consulted(office, case_id)}")

    assert page.status_code == 200
    assert QUESTION in page.text
    for word in ("Nguyễn Thị Hồng Ánh", "0905", "7K3M", "Điện Biên Phủ", str(case_id)):
        assert word not in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page.headers["X-Robots-Tag"]


def test_files_are_shown_outside_only_where_the_officer_chose_them(
    office: Office, visit: Visit, settings: Settings
) -> None:
    chosen, kept = uuid4(), uuid4()
    files = tuple(Attachment(id=one, media_type="image/jpeg", size_bytes=9, sha256="0" * 64) for one in (chosen, kept))
    for one in (chosen, kept):
        store_file(settings.files_dir, one, b"a picture")
    case_id = in_work(office, attachments=files, attachment_count=2)
    by_itself, token = consulted(office, case_id), consulted(office, case_id, files=[chosen])

    client = visit(None)

    assert client.get(f"/desk/consult/{token}/files/{chosen}").data == b"a picture"
    assert client.get(f"/desk/consult/{token}/files/{kept}").status_code == 404
    assert client.get(f"/desk/consult/{by_itself}/files/{chosen}").status_code == 404
    assert client.get(f"/desk/files/{chosen}").status_code == 302  # to sign in


def test_guessing_links_is_slowed_down(visit: Visit) -> None:
    client = visit(None)

    answers = [client.get("/desk/consult/a-guess").status_code for _ in range(32)]

    assert answers[0] == 404
    assert answers[-1] == 429
    assert ANSWERING.startswith("6 per minute")


def test_a_case_that_became_secret_is_closed_to_outsiders(office: Office, visit: Visit) -> None:
    case_id = in_work(office)
    token = consulted(office, case_id)
    with office.database.writing() as tx:
        case = store.load_case(tx, case_id)
        store.save_case(tx, type(case)(**vars(case) | {"kind_class": type(case.kind_class).SECRET}))  # type: ignore[union-attr,type-var,arg-type]
        tx._changed.clear()

    assert visit(None).get(f"/desk/consult/{token}").status_code == 404


def test_the_page_for_taking_apart_is_for_those_who_may(office: Office, visit: Visit) -> None:
    case_id, secret = office.file(), office.file(**DENUNCIATION)

    assert visit(STRANGER).get(f"/desk/cases/{case_id}/split_up").status_code == 404
    assert visit(OFFICE).get(f"/desk/cases/{secret}/split_up").status_code == 404
    assert visit(OFFICER).get(f"/desk/cases/{case_id}/split_up").status_code == 403
    assert visit(DIRECTOR).post(f"/desk/cases/{case_id}/split_up", data={}, headers=HOME).status_code == 403
