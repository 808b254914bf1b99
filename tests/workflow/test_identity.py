"""A denouncer is locked away: at rest, in the desk's memory, on every page, until two people know of a look."""

import io
import json
from uuid import UUID, uuid4

import pytest
from PIL import Image
from sqlalchemy import select

from services.workflow import actions, reactions, store
from services.workflow.commands import rotate
from services.workflow.domain.permission import Refusal
from services.workflow.steps import CaseUnknown, Incomplete, NotAllowed
from shared.events.intake import PetitionSupplemented
from shared.events.workflow import AccessBreakGlass, CaseRedacted
from shared.keys import BadKeys
from shared.vault import CannotUnlock, Vault
from tests.builders import an_event
from tests.support import emitted
from tests.workflow.builders import (
    ADMIN,
    AUDITOR,
    DENUNCIATION,
    DIRECTOR,
    HEAD,
    LAWYER,
    LEGAL_HEAD,
    OFFICE,
    Office,
    Staff,
    hear,
)
from tests.workflow.conftest import Visit

HOME = {"Origin": "http://localhost"}
SENDER = {
    "name": "Lê Thị Mẫu",
    "phone": "0905 777 888",
    "email": "mau.lt@example.vn",
    "address": "7 kiệt 12 đường Hàm Nghi",
    "place": "Trạm đăng kiểm số 2",
}
LETTER = (
    DENUNCIATION
    | SENDER
    | {
        "text": "Tôi là Lê Thị Mẫu, gọi 0905777888. Tôi tố cáo ông Nguyễn Văn B, viên chức Trung tâm Đăng kiểm, "
        "ngày 12/11/2026 nhận 2.000.000 đồng của tôi. Tôi ký tên dưới đơn.",
    }
)
SECRETS = (
    "Lê Thị Mẫu",
    "0905 777 888",
    "0905777888",
    "mau.lt@",
    "Hàm Nghi",
    "Nguyễn Văn B",
    "2.000.000",
    "Trạm đăng kiểm",
)
WHY = {"reason": "verify_conditions", "words": "Đối chiếu chữ ký trên đơn với giấy tờ"}


def vault_of(office: Office) -> Vault:
    return office.database.codec.keys.vault


def kept(office: Office, *, but: tuple[str, ...] = ()) -> str:
    """Everything that stands in the desk's own tables, as text."""
    plumbing = {"outbox", "inbox", "account", "session", *but}
    with office.database.reading() as look:
        return "\n".join(
            f"{table.name}.{name}: {value.decode('latin-1') if isinstance(value, bytes) else value!r}"
            for table in store.metadata.sorted_tables
            if table.name not in plumbing
            for row in look.connection.execute(select(table))
            for name, value in row._mapping.items()
        )


def in_hand(office: Office) -> UUID:
    """A denunciation that is verified by a lawyer."""
    secret = office.file(**LETTER)
    office.act(actions.confirm_triage, LEGAL_HEAD, secret)
    office.act(actions.assign, LEGAL_HEAD, secret, officer=LAWYER.person)
    return secret


def supplement(office: Office, case_id: UUID, text: str) -> None:
    petition_id = office.case(case_id).petition_id
    with office.database.writing() as tx:
        added = an_event(PetitionSupplemented, petition_id=petition_id, text=text, attachments=(), attachment_count=0)
        hear(tx, reactions.take_supplements, added)


def papers(office: Office, case_id: UUID) -> list[store.Paper]:
    with office.database.reading() as look:
        return store.papers_of(look, vault_of(office), office.case(case_id))


def confirm(office: Office, case_id: UUID, text: str = "Bản che: ông Nguyễn Văn B nhận tiền.") -> None:
    office.act(actions.redact, LEGAL_HEAD, case_id, paper=case_id, text=text)


# ---- at rest


def test_s17b_nothing_that_a_denouncer_wrote_stands_in_any_table(office: Office) -> None:
    secret = office.file(**LETTER)
    supplement(office, secret, "Thêm chứng cứ: Lê Thị Mẫu có ghi âm, 2.000.000 đồng.")
    confirm(office, secret)

    everything = kept(office)

    assert "identity_key.token: 'T-" in everything
    for words in SECRETS:
        assert words not in everything
    assert [paper.words.text for paper in papers(office, secret)] == [
        LETTER["text"],
        "Thêm chứng cứ: Lê Thị Mẫu có ghi âm, 2.000.000 đồng.",
    ]
    assert papers(office, secret)[0].words.name == "Lê Thị Mẫu"


def test_each_petition_has_a_key_of_its_own(office: Office) -> None:
    first, second = office.file(**LETTER), office.file(**LETTER | {"code": "9QDX5TZX"})

    with office.database.reading() as look:
        keys = look.connection.execute(select(store.metadata.tables["identity_key"])).all()

    assert {row.petition_id for row in keys} == {office.case(first).petition_id, office.case(second).petition_id}
    assert len({row.wrapped for row in keys}) == len({row.token for row in keys}) == 2


def test_a_case_that_becomes_a_denunciation_is_locked_and_one_that_is_none_any_more_comes_back(office: Office) -> None:
    case_id = office.file(
        title="Đơn của Lê Thị Mẫu", text="Trước số nhà 120 đường Điện Biên Phủ có ổ gà sâu.", name="Lê Thị Mẫu"
    )
    supplement(office, case_id, "Lê Thị Mẫu bổ sung")
    office.act(actions.return_to_triage, HEAD, case_id, reason="Là tố cáo")
    before = kept(office)

    office.act(actions.confirm_triage, OFFICE, case_id, kind="denunciation", topic="C29", unit="PCAT")

    assert "Lê Thị Mẫu" in before
    assert "Lê Thị Mẫu" not in kept(office)
    assert office.case(case_id).is_secret
    office.act(actions.return_to_triage, LEGAL_HEAD, case_id, reason="Không phải tố cáo")
    office.act(actions.confirm_triage, LEGAL_HEAD, case_id, kind="report", topic="C01", unit="KCHT")
    with office.database.reading() as look:
        words = store.words_of(look, case_id)
        assert (words.name, words.title) == ("Lê Thị Mẫu", "Đơn của Lê Thị Mẫu")
        assert [one.text for one in store.supplements_of(look, case_id)] == ["Lê Thị Mẫu bổ sung"]
        assert look.connection.execute(select(store.metadata.tables["sealed_paper"])).all() == []
        assert store.kids_in_use(look) == {}
        assert "le thi mau" in look.connection.execute(select(store.metadata.tables["case_"].c.folded)).scalar_one()


def test_a_destroyed_key_is_an_erasure(office: Office, visit: Visit) -> None:
    secret = in_hand(office)
    confirm(office, secret)

    with office.database.writing() as tx:
        petition_id = office.case(secret).petition_id
        actions.erase_identity(tx, petition_id=petition_id, actor="system", ground="retention_over")
        assert [event.TYPE for event in emitted(tx)] == ["identity.erased.v1"]

    assert papers(office, secret) == []
    page = visit(LEGAL_HEAD).get(f"/desk/cases/{secret}")
    assert page.status_code == 200
    assert "Nội dung đã được xóa" in page.text
    with office.database.writing() as tx, pytest.raises(CaseUnknown):
        actions.erase_identity(tx, petition_id=uuid4(), actor="system", ground="legal_order")


# ---- keys


def test_the_wrapping_key_is_changed_in_two_rounds_and_nothing_is_locked_anew(office: Office) -> None:
    secret = office.file(**LETTER)
    vault, old = vault_of(office), vault_of(office).current
    boxes = store.metadata.tables["sealed_paper"]
    with office.database.reading() as look:
        before = look.connection.execute(select(boxes.c.box)).scalar_one()

    said = rotate(office.database, is_last_round=False)

    assert said.startswith("1 keys wrapped")
    with office.database.reading() as look:
        assert store.kids_in_use(look) == {vault.current: 1}
        assert look.connection.execute(select(boxes.c.box)).scalar_one() == before
    assert old in vault.names
    assert "1 older ones dropped" in rotate(office.database, is_last_round=True)
    assert vault.names == (vault.current,)
    assert papers(office, secret)[0].words.name == "Lê Thị Mẫu"


def test_a_wrong_or_missing_key_refuses_the_start_by_the_name_of_the_setting(office: Office) -> None:
    office.file(**LETTER)
    file = vault_of(office).file
    actions.check_vault(office.database)

    office.database.codec.keys.__dict__.pop("vault")
    rest = json.loads(file.read_text())
    file.write_text(json.dumps({"keys": ["A" * 43 + "="]}))
    with pytest.raises(BadKeys, match=r"KEYS_DIR: .*workflow\.vault\.json does not open .* 1 petitions"):
        actions.check_vault(office.database)
    office.database.codec.keys.__dict__.pop("vault")
    file.unlink()
    with pytest.raises(BadKeys, match=r"KEYS_DIR: .*workflow\.vault\.json: No such file"):
        actions.check_vault(office.database)
    file.write_text(json.dumps(rest))
    actions.check_vault(office.database)


def test_a_box_that_was_moved_to_another_case_does_not_open(office: Office) -> None:
    first = office.file(**LETTER)
    boxes = store.metadata.tables["sealed_paper"]

    with office.database.writing() as tx:
        tx.connection.execute(boxes.update().values(id=uuid4()))

    with pytest.raises(CannotUnlock):
        papers(office, first)


# ---- opening it


def test_an_identity_opens_in_two_steps_for_half_an_hour_and_a_second_person_is_told(
    office: Office, visit: Visit
) -> None:
    secret = in_hand(office)
    head = visit(LEGAL_HEAD)
    address = f"/desk/cases/{secret}/identity"

    first = head.post(address, data=WHY, headers=HOME)

    assert first.status_code == 200
    assert "Giám đốc Sở" in first.text
    assert "Lê Thị Mẫu" not in head.get(f"/desk/cases/{secret}").text
    assert head.post(address, data=WHY | {"is_sure": "yes"}, headers=HOME).status_code == 303
    office.at("2026-11-23T12:10")
    page = head.get(f"/desk/cases/{secret}").text
    assert "Lê Thị Mẫu" in page
    assert "0905 777 888" in page
    assert "còn 20 phút" in page
    assert "Lê Thị Mẫu" not in visit(DIRECTOR).get(f"/desk/cases/{secret}").text
    office.at("2026-11-23T12:30")
    assert "Lê Thị Mẫu" not in head.get(f"/desk/cases/{secret}").text


def test_what_is_told_of_an_opening_names_codes_and_the_second_person(office: Office) -> None:
    secret = office.file(**LETTER)

    read, opened = office.act(actions.open_identity, LEGAL_HEAD, secret, **WHY)

    assert (read.TYPE, read.kind, read.purpose, read.unit) == ("access.read.v1", "identity", "verify_conditions", None)
    assert isinstance(opened, AccessBreakGlass)
    assert opened.tell == (DIRECTOR.person,)
    assert "Đối chiếu" not in repr(vars(opened))


def test_a_director_is_seen_by_the_head_of_the_unit(office: Office) -> None:
    secret = office.file(**LETTER)

    *_, opened = office.act(actions.open_identity, DIRECTOR, secret, **WHY)

    assert opened.tell == (LEGAL_HEAD.person,)


def test_without_a_second_person_it_stays_shut(office: Office) -> None:
    secret = office.file(**LETTER)
    account = store.metadata.tables["account"]
    with office.database.writing() as tx:
        gone = account.c.person.in_([DIRECTOR.person, AUDITOR.person])
        tx.connection.execute(account.update().where(gone).values(is_active=False))

    with pytest.raises(NotAllowed) as refused:
        office.act(actions.open_identity, LEGAL_HEAD, secret, **WHY)

    assert refused.value.reason is Refusal.NOBODY_TO_TELL


@pytest.mark.parametrize(
    ("given", "field"),
    [({"reason": "curious"}, "reason"), ({"reason": ""}, "reason"), ({"words": "vì cần"}, "words")],
)
def test_an_opening_needs_a_reason_and_words(office: Office, visit: Visit, given: dict[str, str], field: str) -> None:
    secret = office.file(**LETTER)

    with pytest.raises(Incomplete) as refused:
        office.act(actions.open_identity, LEGAL_HEAD, secret, **WHY | given)
    page = visit(LEGAL_HEAD).post(f"/desk/cases/{secret}/identity", data=WHY | given, headers=HOME)

    assert refused.value.field == field
    assert page.status_code == 422
    assert "Bước 1 trên 2" in page.text


@pytest.mark.parametrize("person", [LAWYER, OFFICE, AUDITOR, ADMIN, HEAD], ids=lambda one: one.person)
def test_nobody_else_opens_an_identity_or_hears_that_there_is_one(office: Office, visit: Visit, person: Staff) -> None:
    secret = in_hand(office)
    client = visit(person)
    nowhere = uuid4()

    for case_id in (secret, nowhere):
        answers = [
            client.get(f"/desk/cases/{case_id}/identity"),
            client.post(f"/desk/cases/{case_id}/identity", data=WHY | {"is_sure": "yes"}, headers=HOME),
            client.post(f"/desk/cases/{case_id}/redacted-file", headers=HOME),
        ]
        expected = 404 if person is HEAD else 403
        assert [answer.status_code for answer in answers] == [expected] * 3
    with office.database.reading() as look:
        assert store.openings_of(look, secret) == []


def test_an_opening_is_reviewed_by_whoever_was_told_and_by_nobody_else(office: Office, visit: Visit) -> None:
    secret = office.file(**LETTER)
    office.act(actions.open_identity, LEGAL_HEAD, secret, **WHY)
    with office.database.reading() as look:
        (opening,) = store.openings_of(look, secret)
    address = f"/desk/identity/{opening.id}"

    refused = [
        visit(one).post(address, data={"review": "Đúng việc"}, headers=HOME) for one in (LEGAL_HEAD, HEAD, AUDITOR)
    ]
    empty = visit(DIRECTOR).post(address, data={"review": ""}, headers=HOME)

    assert [answer.status_code for answer in refused] == [404] * 3
    assert empty.status_code == 422
    assert "Đối chiếu chữ ký" in visit(DIRECTOR).get("/desk/identity").text
    assert "Đối chiếu chữ ký" not in visit(AUDITOR).get("/desk/identity").text
    assert visit(DIRECTOR).post(address, data={"review": "Đúng việc"}, headers=HOME).status_code == 303
    again = visit(DIRECTOR).post(address, data={"review": "Lại nữa"}, headers=HOME)
    assert again.status_code == 422
    assert "đã được xem lại" in again.text
    assert "Giám đốc Sở đã xem lại" in visit(LEGAL_HEAD).get("/desk/identity").text


def test_who_is_kept_out_later_reviews_nothing_of_it_any_more(office: Office, visit: Visit) -> None:
    secret = office.file(**LETTER)
    office.act(actions.open_identity, DIRECTOR, secret, **WHY)
    assert "Đối chiếu chữ ký" in visit(LEGAL_HEAD).get("/desk/identity").text

    office.act(actions.exclude_person, DIRECTOR, secret, who=LEGAL_HEAD.person, reason="Là anh của người bị tố cáo")

    page = visit(LEGAL_HEAD).get("/desk/identity").text
    assert "Đối chiếu chữ ký" not in page
    assert 'class="c hot"' not in page


# ---- the copy for handlers


def test_a_handler_reads_the_confirmed_copy_and_nothing_before(office: Office, visit: Visit) -> None:
    secret = in_hand(office)
    lawyer, head = visit(LAWYER), visit(LEGAL_HEAD)

    before, proposed = lawyer.get(f"/desk/cases/{secret}").text, head.get(f"/desk/cases/{secret}").text

    assert "chờ trưởng đơn vị xác nhận" in before
    assert "Nguyễn Văn B" not in before
    assert "Tôi là [tên], gọi [số điện thoại]. Tôi tố cáo ông Nguyễn Văn B" in proposed
    version = str(office.case(secret).version)
    form = {"version": version, "paper": str(secret), "text": "Ông Nguyễn Văn B nhận tiền ngày [ngày]."}
    assert head.post(f"/desk/cases/{secret}/redact", data=form, headers=HOME).status_code == 303
    office.act(actions.open_identity, LEGAL_HEAD, secret, **WHY)
    pages = [lawyer.get(f"/desk/cases/{secret}"), lawyer.get(f"/desk/cases/{secret}/print")]
    pages.append(head.get(f"/desk/cases/{secret}/print"))  # what is open is not for printing
    for page in (answer.text for answer in pages):
        assert "Ông Nguyễn Văn B nhận tiền ngày [ngày]." in page
        assert not any(words in page for words in ("Lê Thị Mẫu", "0905", "mau.lt", "Hàm Nghi"))


def test_a_copy_is_confirmed_by_the_head_and_told(office: Office) -> None:
    secret = in_hand(office)

    with pytest.raises(NotAllowed):
        office.act(actions.redact, LAWYER, secret, paper=secret, text="Bản của tôi")
    (told,) = office.act(actions.redact, LEGAL_HEAD, secret, paper=secret, text="Bản che")

    assert isinstance(told, CaseRedacted)
    with pytest.raises(Incomplete):
        office.act(actions.redact, LEGAL_HEAD, secret, paper=uuid4(), text="Bản che")


def test_what_is_added_waits_for_a_copy_of_its_own(office: Office, visit: Visit) -> None:
    secret = in_hand(office)
    confirm(office, secret)

    supplement(office, secret, "Lê Thị Mẫu bổ sung ghi âm")

    page = visit(LAWYER).get(f"/desk/cases/{secret}").text
    assert "Bản che: ông Nguyễn Văn B" in page
    assert "ghi âm" not in page
    assert "[tên] bổ sung ghi âm" in visit(LEGAL_HEAD).get(f"/desk/cases/{secret}").text


def test_a_redacted_picture_reaches_the_handler_without_what_cameras_add(office: Office, visit: Visit) -> None:
    secret = in_hand(office)
    taken, where = io.BytesIO(), Image.Exif()
    where[0x010F] = "Máy ảnh của Lê Thị Mẫu"
    Image.new("RGB", (40, 30), "white").save(taken, "JPEG", exif=where)
    data = {"file": (io.BytesIO(taken.getvalue()), "le-thi-mau.jpg")}

    sent = visit(LEGAL_HEAD).post(f"/desk/cases/{secret}/redacted-file", data=data, headers=HOME)

    assert sent.status_code == 303
    with office.database.reading() as look:
        (file,) = store.redacted_files_of(look, secret)
    shown = visit(LAWYER).get(f"/desk/redacted/{file.id}")
    assert shown.status_code == 200
    assert "mau" not in shown.headers["Content-Disposition"]
    assert not Image.open(io.BytesIO(shown.data)).getexif()
    assert visit(HEAD).get(f"/desk/redacted/{file.id}").status_code == 404
    broken = {"file": (io.BytesIO(b"no picture"), "x.jpg")}
    assert visit(LEGAL_HEAD).post(f"/desk/cases/{secret}/redacted-file", data=broken, headers=HOME).status_code == 422


def test_no_event_of_a_denunciation_bears_its_words_in_the_open(office: Office) -> None:
    secret = in_hand(office)
    confirm(office, secret)
    office.act(actions.open_identity, LEGAL_HEAD, secret, **WHY)
    reason = "Nội dung không có cơ sở để xác minh, đã làm việc."
    office.act(actions.refuse, DIRECTOR, secret, ground="no_breach_shown", reason=reason)

    with office.database.reading() as look:
        bodies = [row.body for row in look.connection.execute(select(store.metadata.tables["outbox"]))]

    told = b"\n".join(map(bytes, bodies)).decode()
    assert "no_breach_shown" not in told
    for word in (*SECRETS, "Đối chiếu", reason, '"denunciation"', '"C29"', '"PCAT"'):
        assert word not in told
