"""Drafts before the gate, what the log is committed to, photos, and the explanation of a late answer."""

import io
from collections.abc import Callable
from datetime import date
from uuid import UUID, uuid4

import pytest
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from services.workflow import actions, proofs, store
from services.workflow.actions.answering import petition_words
from services.workflow.domain.case import StepRefused
from services.workflow.domain.checks import Reply
from services.workflow.steps import Incomplete, NotAllowed
from shared.events.base import Event
from shared.events.codec import open_fields
from shared.events.intake import Attachment
from shared.events.workflow import AnswerDrafted, CaseAnswered, CaseClosed, CaseInfoRequested
from shared.outbox import outbox
from tests.workflow.builders import ANSWER, COLLEAGUE, HEAD, IN_SPITE, OFFICER, Office, the_rules

LIMITS = the_rules().answers.file_limits(date(2026, 11, 23))
ANSWERED = {1: Reply(True)}


def in_work(office: Office, **given: object) -> UUID:
    case_id = office.file(**given)
    office.act(actions.assign, HEAD, case_id, officer=OFFICER.person)
    office.act(actions.accept, OFFICER, case_id)
    return case_id


def answered(office: Office, case_id: UUID, **given: object) -> CaseAnswered:
    usual: dict[str, object] = {"text": ANSWER, "outcome": "done"}
    office.act(actions.submit_draft, OFFICER, case_id, **usual | given)
    office.act(actions.approve, HEAD, case_id)
    return next(event for event in office.act(actions.answer, OFFICER, case_id) if isinstance(event, CaseAnswered))


def a_photo() -> Attachment:
    return Attachment(id=uuid4(), media_type="image/jpeg", size_bytes=1000, sha256="0" * 64)


def sheet(office: Office, case_id: UUID, version: int) -> store.Sheet:
    with office.database.reading() as look:
        found = store.sheet_of(look, case_id, version)
    assert found is not None
    return found


def drafted(events: list[Event]) -> AnswerDrafted:
    return next(event for event in events if isinstance(event, AnswerDrafted))


def test_an_answer_that_does_not_pass_the_gate_is_submitted_with_a_reason_only(office: Office) -> None:
    case_id = in_work(office)

    with pytest.raises(Incomplete) as refused:
        office.act(actions.submit_draft, OFFICER, case_id, text=ANSWER, outcome="done", in_spite="")
    told = drafted(office.act(actions.submit_draft, OFFICER, case_id, text=ANSWER, outcome="done", in_spite=IN_SPITE))

    assert (refused.value.field, refused.value.code) == ("in_spite", "missing")
    assert told.unmet == ("questions_answered", "has_photo")
    assert told.in_spite.value == IN_SPITE
    assert sheet(office, case_id, 1).in_spite == IN_SPITE


def test_an_answer_that_passes_needs_no_reason_and_keeps_none(office: Office) -> None:
    case_id = in_work(office)
    office.act(actions.add_evidence, OFFICER, case_id, files=[a_photo()])

    told = drafted(
        office.act(actions.submit_draft, OFFICER, case_id, text=ANSWER, outcome="done", replies=ANSWERED, in_spite="x")
    )

    assert (told.unmet, told.in_spite.value) == ((), None)
    kept = sheet(office, case_id, 1)
    assert kept.in_spite is None
    assert kept.replies == ANSWERED
    assert all(found.is_good for found in kept.findings if found.is_hard)


def test_why_a_question_is_not_answered_is_kept_with_the_version(office: Office) -> None:
    case_id = in_work(office)
    replies = {1: Reply(False, "Việc vá do nhà thầu khác làm")}

    office.act(actions.save_draft, OFFICER, case_id, text=ANSWER, replies=replies)

    assert sheet(office, case_id, 1).replies == replies


def test_a_draft_that_is_only_kept_passes_no_gate_and_tells_no_reason(office: Office) -> None:
    case_id = in_work(office)

    told = drafted(office.act(actions.save_draft, OFFICER, case_id, text="Đang viết", in_spite=IN_SPITE))

    assert (told.unmet, told.in_spite.value) == ((), None)


def test_the_log_holds_the_commitment_to_a_reason_and_never_its_words(office: Office) -> None:
    case_id = in_work(office)

    office.act(actions.submit_draft, OFFICER, case_id, text=ANSWER, outcome="done", in_spite=IN_SPITE)

    with office.database.reading() as look:
        bodies = look.connection.execute(outbox.select().where(outbox.c.type == AnswerDrafted.TYPE)).all()
    (row,) = bodies
    assert set(open_fields(row.body)["data"]["commit"]) == {"/in_spite"}
    assert "trực đội" not in row.body.decode()
    assert row.sealed.startswith(b"desk:")  # for the desk alone: it can disclose it later


def test_s25_a_second_question_needs_a_reason_and_leaves_a_warning(office: Office) -> None:
    case_id = in_work(office)
    first = office.act(actions.ask_citizen, OFFICER, case_id, question="Ổ gà nằm ở làn đường nào ạ?")
    office.act(actions.resume, OFFICER, case_id)

    with pytest.raises(Incomplete, match="again"):
        office.act(actions.ask_citizen, OFFICER, case_id, question="Gần cột đèn số mấy ạ?")
    second = office.act(
        actions.ask_citizen, OFFICER, case_id, question="Gần cột đèn số mấy ạ?", again="Làn đường có hai ổ gà"
    )

    asked = [event for event in (*first, *second) if isinstance(event, CaseInfoRequested)]
    assert [event.is_again for event in asked] == [False, True]
    assert [event.again.value for event in asked] == [None, "Làn đường có hai ổ gà"]
    assert "asked_twice" in office.case(case_id).flags


def test_s17d_a_late_case_is_not_closed_without_an_explanation_that_the_log_is_committed_to(office: Office) -> None:
    case_id = in_work(office)
    office.at("2026-12-09T09:00")
    assert not answered(office, case_id).is_on_time

    with pytest.raises(Incomplete, match="explanation"):
        office.act(actions.close, OFFICER, case_id, explanation="chậm")
    (closed,) = office.act(actions.close, OFFICER, case_id, explanation="Mưa lũ ba ngày, đội sửa không ra đường được.")

    assert isinstance(closed, CaseClosed)
    assert closed.is_late
    assert closed.explanation.value == "Mưa lũ ba ngày, đội sửa không ra đường được."
    with office.database.reading() as look:
        row = look.connection.execute(outbox.select().where(outbox.c.type == CaseClosed.TYPE)).one()
    assert "/explanation" in open_fields(row.body)["data"]["commit"]
    assert "Mưa lũ" not in row.body.decode()


def test_s28_the_result_is_told_with_its_photos_in_the_same_transaction(office: Office) -> None:
    case_id = in_work(office)
    photo = a_photo()
    office.act(actions.add_evidence, OFFICER, case_id, files=[photo])

    told = answered(office, case_id, replies=ANSWERED)

    assert told.evidence.value == (photo,)
    assert (told.corrects, told.reopen_until) == (None, date(2026, 12, 23))


def test_photos_are_added_and_taken_away_while_the_answer_is_written(office: Office) -> None:
    case_id = in_work(office)
    photo = a_photo()
    office.act(actions.add_evidence, OFFICER, case_id, files=[photo])

    with pytest.raises(NotAllowed):
        office.act(actions.add_evidence, COLLEAGUE, case_id, files=[a_photo()])
    with pytest.raises(Incomplete, match="evidence"):
        office.act(actions.add_evidence, OFFICER, case_id, files=[a_photo() for _ in range(6)])
    office.act(actions.submit_draft, OFFICER, case_id, text=ANSWER, outcome="done")
    with pytest.raises(StepRefused):  # what the approver sees stays
        office.act(actions.add_evidence, OFFICER, case_id, files=[a_photo()])
    office.act(actions.take_back, OFFICER, case_id)
    with office.database.writing() as tx:
        actions.remove_evidence(tx, office.rules, person=OFFICER, file_id=photo.id)

    with office.database.reading() as look:
        assert store.answer_files_of(look, case_id) == []


def test_what_was_added_to_the_petition_is_asked_too(office: Office) -> None:
    case_id = in_work(office)
    with office.database.writing() as tx:
        store.add_supplement(tx, case_id, words="Bao giờ trả lời tôi?", attachment_count=0)

    with office.database.reading() as look:
        words = petition_words(store.words_of(look, case_id), store.supplements_of(look, case_id))

    assert words.endswith("\nBao giờ trả lời tôi?")


# ---- files


def encoded(kind: str, *, size: tuple[int, int] = (2400, 1200)) -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "SECRET CAMERA"
    Image.new("RGB", size, "grey").save(out, kind, exif=exif.tobytes())
    return out.getvalue()


def a_paper(*, spoil: Callable[[PdfWriter], object] = lambda _: None) -> bytes:
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    spoil(writer)
    writer.write(out)
    return out.getvalue()


def with_script(writer: PdfWriter) -> None:
    script = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(script)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_drawn_anew_without_what_lay_beside_its_pixels(kind: str) -> None:
    kept, data = proofs.accept(encoded(kind), LIMITS)

    assert (kept.media_type, kept.size_bytes) == ("image/jpeg", len(data))
    assert b"SECRET" not in data
    with Image.open(io.BytesIO(data)) as picture:
        assert max(picture.size) == LIMITS.long_side
        assert not picture.getexif()


def test_a_plain_paper_is_kept_as_it_came() -> None:
    data = a_paper()

    assert proofs.accept(data, LIMITS)[1] == data


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "not_a_picture"),
        (b"GIF89a", "not_a_picture"),
        (b"%PDF-1.7 broken", "bad_paper"),
        (a_paper(spoil=with_script), "active_paper"),
        (a_paper(spoil=lambda writer: writer.add_attachment("a.txt", b"a")), "active_paper"),
        (a_paper(spoil=lambda writer: writer.encrypt("x")), "bad_paper"),
        (encoded("PNG")[:200], "not_a_picture"),
        (b"x" * (LIMITS.bytes_at_most + 1), "too_large"),
    ],
    ids=["empty", "gif", "broken", "script", "attachment", "locked", "cut", "large"],
)
def test_a_file_that_is_no_photo_or_acts_by_itself_is_refused(data: bytes, problem: str) -> None:
    with pytest.raises(proofs.FileRefused, match=problem):
        proofs.accept(data, LIMITS)
