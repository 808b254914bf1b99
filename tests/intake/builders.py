"""Valid things; a test says only what matters to it."""

import io
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from services.intake.contact import read_email, read_phone
from services.intake.domain.petition import Choices, Petition, check_petition
from services.intake.reactions import REACTIONS
from services.intake.steps import Receipt, file_petition
from shared.db import Cause, Database
from shared.events.base import Event, Sealed, subject_of
from shared.events.workflow import CaseAnswered, CaseInfoRequested, CaseOpened, LetterIssued, Sorting

KEY = b"a key of the house, of a test only"

CHOICES = Choices(
    kinds=frozenset({"report", "proposal", "complaint", "denunciation"}),
    topics=frozenset({"C01", "C13"}),
    wards=frozenset({"thuan-hoa"}),
    identity_required=frozenset({"complaint"}),
    bounds=(15.98, 16.75, 107.0, 108.25),
    read_phone=read_phone,
    read_email=read_email,
)


def typed(**more: str) -> dict[str, str]:
    """What somebody typed who knows what a petition needs."""
    return {"kind": "report", "text": "Trước cổng trường có ổ gà sâu khoảng 20 cm.", **more}


def a_petition(**more: str) -> Petition:
    return check_petition(typed(**more), choices=CHOICES, language="vi")


def file_one(database: Database, *, once: str = "", key: bytes = KEY, **more: str) -> Receipt:
    """A petition that was filed."""
    with database.writing() as tx:
        return file_petition(
            tx, sent=a_petition(**more), kept=[], once=once or f"test:{uuid4()}", key=key, channel="web"
        )


def hear(database: Database, told: Event, *, at: datetime = datetime(2026, 11, 23, 6, tzinfo=UTC)) -> None:
    """Let the door hear an event."""
    with database.writing(cause=Cause(uuid4(), "workflow", subject_of(told), at, "c")) as tx:
        REACTIONS[type(told)](tx, told)


def case_opened(petition_id: UUID, **more: Any) -> CaseOpened:
    values: dict[str, Any] = {
        "case_id": petition_id,  # its only case, unless a test says more
        "kind": "report",
        "topic": "C01",
        "priority": "normal",
        "is_restricted": False,
        "publication": "public_summary",
        "workflow_version": 1,
        "received_at": datetime(2026, 11, 23, 5, tzinfo=UTC),
        "answer_due_on": date(2026, 12, 3),
        "deadlines": (),
        "sorting": Sealed(Sorting(kind="report", topic="C01", unit="KCHT")),
    }
    return CaseOpened(petition_id=petition_id, **(values | more))


def info_requested(petition_id: UUID, question: str = "Ổ gà nằm ở làn nào?") -> CaseInfoRequested:
    return CaseInfoRequested(
        petition_id=petition_id,
        case_id=petition_id,
        actor="u:a",
        reply_by=date(2026, 11, 30),
        question=Sealed(question),
    )


def case_answered(
    petition_id: UUID, *, round_: int = 1, is_rated: bool = True, letter: LetterIssued | None = None
) -> CaseAnswered:
    return CaseAnswered(
        petition_id=petition_id,
        case_id=petition_id,
        actor="u:a",
        round=round_,
        outcome="done",
        promised_on=None,
        due_on=date(2026, 12, 3),
        is_on_time=True,
        is_rated=is_rated,
        answer=Sealed("Đã vá xong đêm 25/11."),
        signer=Sealed("Trưởng phòng"),
        letter=Sealed(letter),
    )


def a_letter(**given: Any) -> LetterIssued:
    """A letter that came with an answer; its file is somewhere else."""
    usual: dict[str, Any] = {
        "id": uuid4(),
        "type": "answer",
        "number": "12/SXD-KCHT",
        "signed_on": date(2026, 11, 25),
        "size_bytes": 34000,
        "sha256": "0" * 64,
    }
    return LetterIssued(**usual | given)


def a_picture(form: str = "JPEG", size: tuple[int, int] = (64, 48), **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#0b4f6c").save(out, form, **more)
    return out.getvalue()


def a_photo_with_position() -> bytes:
    """A picture that says where it was taken, by whom and with what."""
    picture, exif = Image.new("RGB", (3000, 2000), "green"), Image.Exif()
    exif[0x010F] = "SECRETPHONE"
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif, comment=b"SECRETCOMMENT")
    return out.getvalue()


def a_pdf(action: str = "", attached: bytes = b"", password: str = "") -> bytes:
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    if action:
        does = {NameObject("/S"): NameObject(f"/{action}"), NameObject("/JS"): TextStringObject("app.alert(1)")}
        writer.root_object[NameObject("/OpenAction")] = DictionaryObject(does)
    if attached:
        writer.add_attachment("other.exe", attached)
    if password:
        writer.encrypt(password)
    writer.write(out)
    return out.getvalue()
