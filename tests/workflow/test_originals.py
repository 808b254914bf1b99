"""What a denouncer sent lies on the disk under the key of their petition, and opens with their identity alone."""

from pathlib import Path
from uuid import UUID, uuid4

import pytest

from services.workflow import actions, reactions, store
from services.workflow.actions.splitting import Part
from services.workflow.originals import Gone, lock_original, read_original, unlock_original
from shared.events.base import Sealed
from shared.events.intake import Attachment, PetitionSupplemented
from shared.files import LOCKED, PLAIN, SEALED, WAITING, is_closed, path_of, read_file, remove_file, store_file
from shared.keys import KeyRing
from shared.settings import Settings
from shared.vault import fresh_key
from tests.builders import an_event
from tests.support import emitted
from tests.workflow.builders import (
    AUDITOR,
    DENUNCIATION,
    DIRECTOR,
    HEAD,
    LAWYER,
    LEGAL_HEAD,
    OFFICE,
    STRANGER,
    Office,
    Staff,
    hear,
)
from tests.workflow.conftest import Visit

HANDWRITING = b"\xff\xd8\xff\xe0 Toi ten la Le Thi Mau, day la chu viet tay cua toi"
WHY = {"reason": "verify_conditions", "words": "Đối chiếu chữ ký trên đơn với giấy tờ"}


@pytest.fixture
def folder(settings: Settings) -> Path:
    return settings.files_dir


def a_file() -> Attachment:
    return Attachment(id=uuid4(), media_type="image/jpeg", size_bytes=len(HANDWRITING), sha256="0" * 64)


def sent(office: Office, folder: Path, *, is_sealed: bool = True, **given: object) -> tuple[UUID, UUID]:
    """Somebody denounced, with a file as the door keeps it; the case, and the file."""
    file = a_file()
    if is_sealed:
        store_file(folder, file.id, office.database.codec.keys.seal("workflow", HANDWRITING), SEALED)
    else:
        store_file(folder, file.id, HANDWRITING)
    case_id = office.file(**{**DENUNCIATION, "attachments": (file,), "attachment_count": 1, **given})
    return case_id, file.id


def lock_up(office: Office, folder: Path) -> None:
    loop = actions.LockFiles(office.database, folder)
    while loop.once():
        pass


def on_disk(folder: Path, file_id: UUID) -> dict[str, bytes]:
    """What lies there of a file, by the ending of its name."""
    return {
        form: read_file(folder, file_id, form)
        for form in (PLAIN, SEALED, LOCKED)
        if path_of(folder, file_id, form).exists()
    }


def everything_in(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def look_behind(office: Office, secret: UUID) -> None:
    office.act(actions.confirm_triage, LEGAL_HEAD, secret)
    office.act(actions.assign, LEGAL_HEAD, secret, officer=LAWYER.person)
    office.act(actions.open_identity, LEGAL_HEAD, secret, **WHY)


# ---- at rest


@pytest.mark.parametrize("is_sealed", [True, False], ids=["sealed by the door", "stored in the open before"])
def test_nothing_of_a_denouncers_file_can_be_read_on_the_disk(office: Office, folder: Path, is_sealed: bool) -> None:
    _, file_id = sent(office, folder, is_sealed=is_sealed)

    lock_up(office, folder)

    assert list(on_disk(folder, file_id)) == [LOCKED]
    assert b"Le Thi Mau" not in everything_in(folder)
    assert is_closed(folder, file_id)


def test_the_files_of_everybody_else_stay_as_they_are(office: Office, folder: Path) -> None:
    file = a_file()
    store_file(folder, file.id, HANDWRITING)
    office.file(attachments=(file,), attachment_count=1)

    lock_up(office, folder)

    assert on_disk(folder, file.id) == {PLAIN: HANDWRITING}


def test_a_file_that_waits_for_the_virus_scan_is_locked_once_it_was_scanned(office: Office, folder: Path) -> None:
    file = a_file()
    store_file(folder, file.id, b"sealed for the door", WAITING)
    office.file(**{**DENUNCIATION, "attachments": (file,), "attachment_count": 1})

    lock_up(office, folder)
    assert on_disk(folder, file.id) == {}

    store_file(folder, file.id, office.database.codec.keys.seal("workflow", HANDWRITING), SEALED)
    remove_file(folder, file.id, WAITING)
    lock_up(office, folder)
    assert list(on_disk(folder, file.id)) == [LOCKED]


def test_a_file_that_is_added_later_is_locked_too(office: Office, folder: Path) -> None:
    secret, _ = sent(office, folder)
    lock_up(office, folder)
    file = a_file()
    store_file(folder, file.id, HANDWRITING)
    added = an_event(
        PetitionSupplemented,
        petition_id=office.case(secret).petition_id,
        text=Sealed(None),
        attachments=(file,),
        attachment_count=1,
    )
    with office.database.writing() as tx:
        hear(tx, reactions.take_supplements, added)

    lock_up(office, folder)

    assert list(on_disk(folder, file.id)) == [LOCKED]


def test_the_files_of_a_letter_that_turns_out_to_be_a_denunciation_are_locked_and_come_back_with_it(
    office: Office, folder: Path
) -> None:
    file = a_file()
    store_file(folder, file.id, HANDWRITING)
    case_id = office.file(attachments=(file,), attachment_count=1)
    office.act(actions.return_to_triage, HEAD, case_id, reason="Là tố cáo")
    office.act(actions.confirm_triage, OFFICE, case_id, kind="denunciation", topic="C29", unit="PCAT")

    lock_up(office, folder)

    assert list(on_disk(folder, file.id)) == [LOCKED]
    office.act(actions.return_to_triage, LEGAL_HEAD, case_id, reason="Không phải tố cáo")
    office.act(actions.confirm_triage, LEGAL_HEAD, case_id, kind="report", topic="C01", unit="KCHT")
    with office.database.reading() as look:
        assert store.kids_in_use(look) != {}  # the key stays as long as something lies under it
    lock_up(office, folder)
    assert on_disk(folder, file.id) == {PLAIN: HANDWRITING}
    with office.database.reading() as look:
        assert store.kids_in_use(look) == {}


def test_what_broke_off_after_locking_ends_alike_when_it_is_done_again(office: Office, folder: Path) -> None:
    secret, file_id = sent(office, folder)
    with office.database.writing() as tx:
        (waiting,) = store.files_to_lock(tx, limit=9)
        key = store.hold_key_for(tx, waiting)
        assert key
        lock_original(folder, file_id, keys=tx.codec.keys, key=key)  # and nobody wrote down that it was done

    lock_up(office, folder)

    with office.database.reading() as look:
        assert store.files_to_lock(look, limit=9) == []
        assert read_original(folder, file_id, keys=office.database.codec.keys, key=key) == HANDWRITING
    assert office.case(secret).is_secret


def test_a_file_that_is_not_there_holds_nobody_up(office: Office, folder: Path) -> None:
    _, lost = sent(office, folder)
    path_of(folder, lost, SEALED).unlink()
    _, file_id = sent(office, folder, code="9QDX5TZX")

    lock_up(office, folder)

    assert list(on_disk(folder, file_id)) == [LOCKED]
    assert on_disk(folder, lost) == {}


# ---- opening it


@pytest.mark.parametrize("is_locked", [True, False], ids=["locked", "still sealed"])
def test_an_original_opens_with_the_identity_and_is_told(
    office: Office, visit: Visit, folder: Path, is_locked: bool
) -> None:
    secret, file_id = sent(office, folder)
    if is_locked:
        lock_up(office, folder)
    before = visit(LEGAL_HEAD).get(f"/desk/files/{file_id}")

    look_behind(office, secret)
    shown = visit(LEGAL_HEAD).get(f"/desk/files/{file_id}")

    assert (before.status_code, shown.status_code, shown.data) == (404, 200, HANDWRITING)
    assert "no-store" in shown.headers["Cache-Control"]
    with office.database.reading() as look:
        outbox = store.metadata.tables["outbox"]
        told = [
            bytes(row.body).decode() for row in look.connection.execute(outbox.select()) if "access.read" in row.type
        ]
    assert any('"kind":"attachment"' in body for body in told)
    office.at("2026-11-23T12:31")
    assert visit(LEGAL_HEAD).get(f"/desk/files/{file_id}").status_code == 404


@pytest.mark.parametrize("person", [LAWYER, DIRECTOR, OFFICE, AUDITOR, HEAD, STRANGER], ids=lambda one: one.person)
def test_nobody_else_gets_an_original_while_it_is_open(
    office: Office, visit: Visit, folder: Path, person: Staff
) -> None:
    secret, file_id = sent(office, folder)
    lock_up(office, folder)
    look_behind(office, secret)

    expected = 403 if person is AUDITOR else 404  # an auditor reads no case at all
    assert visit(person).get(f"/desk/files/{file_id}").status_code == expected


def test_the_handlers_of_another_part_of_the_letter_do_not_get_its_files(
    office: Office, visit: Visit, folder: Path
) -> None:
    file, pothole = a_file(), "Đường Nguyễn Huệ có ổ gà rất sâu trước số nhà 12, đề nghị vá."
    store_file(folder, file.id, HANDWRITING)
    case_id = office.file(title="Chuyện phố tôi", text=pothole, attachments=(file,), attachment_count=1)
    office.act(actions.return_to_triage, OFFICE, case_id, reason="Thư nói nhiều việc")
    bribe = Part(text="Tôi tố cáo người bán vé nhận tiền không đưa vé.", kind="denunciation")
    with office.database.writing() as tx:
        parts = [Part(text=pothole, kind="report", topic="C01"), bribe]
        made = actions.split(tx, office.rules, person=OFFICE, case_id=case_id, parts=parts)

    lock_up(office, folder)

    assert [case.is_secret for case in made] == [False, True]
    assert list(on_disk(folder, file.id)) == [LOCKED]
    with office.database.reading() as look:
        assert store.attachments_of(look, made[0].id) == []
        assert [row.id for row in store.attachments_of(look, made[1].id)] == [file.id]
    assert visit(HEAD).get(f"/desk/files/{file.id}").status_code == 404


# ---- erasing it


@pytest.mark.parametrize("is_locked", [True, False], ids=["locked", "before its turn came"])
def test_an_erasure_makes_the_file_unreadable(office: Office, folder: Path, is_locked: bool) -> None:
    secret, file_id = sent(office, folder)
    if is_locked:
        lock_up(office, folder)
    petition_id, keys = office.case(secret).petition_id, office.database.codec.keys

    with office.database.writing() as tx:
        actions.erase_identity(tx, petition_id=petition_id, actor="system", ground="retention_over")
        assert [event.TYPE for event in emitted(tx)] == ["identity.erased.v1"]
    lock_up(office, folder)

    with office.database.reading() as look:
        assert store.keys_of(look, keys.vault, [petition_id]) == {}
    with pytest.raises(Gone):
        read_original(folder, file_id, keys=keys, key=None)
    assert SEALED not in on_disk(folder, file_id)


def test_what_comes_after_an_erasure_is_kept_and_what_was_erased_stays_so(
    office: Office, visit: Visit, folder: Path
) -> None:
    secret, file_id = sent(office, folder)
    lock_up(office, folder)
    petition_id = office.case(secret).petition_id
    with office.database.writing() as tx:
        actions.erase_identity(tx, petition_id=petition_id, actor="system", ground="legal_order")
    office.at("2026-11-23T12:20")
    added = an_event(
        PetitionSupplemented, petition_id=petition_id, text="Thêm một việc nữa.", attachments=(), attachment_count=0
    )
    with office.database.writing() as tx:
        hear(tx, reactions.take_supplements, added)

    look_behind(office, secret)
    page = visit(LEGAL_HEAD).get(f"/desk/cases/{secret}")

    assert page.status_code == 200
    assert "Thêm một việc nữa." in page.text
    assert visit(LEGAL_HEAD).get(f"/desk/files/{file_id}").status_code == 404


# ---- the room itself


def test_a_locked_file_opens_under_its_own_name_and_key_alone(office: Office, tmp_path: Path) -> None:
    keys: KeyRing = office.database.codec.keys
    mine, other, key = uuid4(), uuid4(), fresh_key()
    store_file(tmp_path, mine, HANDWRITING)
    lock_original(tmp_path, mine, keys=keys, key=key)

    store_file(tmp_path, other, read_file(tmp_path, mine, LOCKED), LOCKED)

    assert read_original(tmp_path, mine, keys=keys, key=key) == HANDWRITING
    for file_id, with_key in ((other, key), (mine, fresh_key()), (mine, None), (uuid4(), key)):
        with pytest.raises(Gone):
            read_original(tmp_path, file_id, keys=keys, key=with_key)
    unlock_original(tmp_path, mine, keys=keys, key=key)
    assert on_disk(tmp_path, mine) == {PLAIN: HANDWRITING}
