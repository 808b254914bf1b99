"""The answer on the page of its case: texts kept ready, the citizen's questions, the gate, photos; and what follows it:
promises, wishes to look again.
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from services.workflow import actions, store
from services.workflow.actions.answering import look_over, petition_words
from services.workflow.domain.case import Case
from services.workflow.domain.checks import OF_COMMENTS, OUTCOMES, Finding, Question, Reply, marked, questions_in, unmet
from services.workflow.domain.consultation import KIND
from services.workflow.domain.permission import may
from services.workflow.proofs import FileRefused, accept
from services.workflow.steps import Incomplete
from services.workflow.web import words
from services.workflow.web.files import file_response, own_file
from services.workflow.web.forms import day_typed, said
from services.workflow.web.frame import Desk
from shared import auth
from shared.db import Reading
from shared.files import remove_file, store_file
from shared.web import current_language, lazy
from shared.web.i18n import day as day_words

DRAFT_BODY = 64 * 1024 * 1024  # bytes of a form with its photos

WHY = {
    "questions_answered": lazy("Chưa trả lời câu %(detail)s: đánh dấu, hoặc ghi vì sao chưa."),
    "no_gaps": lazy("Còn %(detail)s chỗ trống trong ngoặc nhọn: hãy điền hoặc bỏ."),
    "own_words": lazy("Giống mẫu %(detail)s%%: hãy nói đúng nơi, đúng ngày, đúng việc của hồ sơ này."),
    "has_photo": lazy("Lĩnh vực này cần ảnh cho thấy việc đã xong."),
    "no_personal_data": lazy("Thấy %(detail)s chỗ giống số điện thoại, biển số, số định danh hay thư điện tử."),
    "has_promise": lazy("Đã lên lịch thì phải có ngày hẹn."),
    "says_done": lazy("Chưa nói đã làm gì hay sẽ làm gì."),
    "names_date": lazy("Chưa có ngày nào."),
    "has_basis": lazy("Chưa ghi căn cứ."),
    "plain_words": lazy("Từ văn phòng, nên thay: %(detail)s."),
    "short_sentences": lazy("Câu dài nhất %(detail)s chữ: nên tách."),
}
"""Why a check did not find what it looked for, and what to do."""

PROMISE_STATES = {
    "open": lazy("chờ đến ngày"),
    "kept": lazy("đã giữ lời"),
    "broken": lazy("chưa giữ lời"),
    "moved": lazy("đã dời ngày"),
}
REOPENINGS = {
    "asked": lazy("chờ quyết định"),
    "granted": lazy("đã mở lại"),
    "refused": lazy("không mở lại"),
}


def serve(desk: Desk) -> None:
    app = desk.app

    def done(case_id: UUID, said_words: Any, anchor: str = "answer") -> ResponseReturnValue:
        flash(str(said_words))
        return redirect(url_for("case", case_id=case_id, _anchor=anchor), 303)

    @app.post("/desk/cases/<uuid:case_id>/draft")
    @desk.needs()
    def draft(case_id: UUID) -> ResponseReturnValue:
        """Ask another person to approve. Photos are kept first: a draft that is refused does not lose them."""
        _keep_files(desk, case_id)
        with desk.database.writing() as tx:
            actions.submit_draft(tx, desk.rules, **_at(case_id), **_written())
        return done(case_id, lazy("Đã trình duyệt"))

    @app.post("/desk/cases/<uuid:case_id>/save_draft")
    @desk.needs()
    def save_draft(case_id: UUID) -> ResponseReturnValue:
        _keep_files(desk, case_id)
        with desk.database.writing() as tx:
            actions.save_draft(tx, desk.rules, **_at(case_id), **_written())
        return done(case_id, lazy("Đã lưu bản nháp"))

    @app.get("/desk/answer-files/<uuid:file_id>")
    @desk.needs()
    def answer_file(file_id: UUID) -> ResponseReturnValue:
        with desk.database.writing() as tx:
            found = store.find_answer_file(tx, file_id)
            if found is None:
                abort(404)
            actions.read_case(tx, person=auth.me(), case_id=found.case_id, kind="attachment")
        return file_response(found, own_file(desk, file_id))

    @app.post("/desk/answer-files/<uuid:file_id>/remove")
    @desk.needs()
    def remove_answer_file(file_id: UUID) -> ResponseReturnValue:
        with desk.database.writing() as tx:
            removed = actions.remove_evidence(tx, desk.rules, person=auth.me(), file_id=file_id)
        remove_file(desk.app.settings.files_dir, file_id)
        return done(removed.case_id, lazy("Đã bỏ tệp"))

    @app.post("/desk/cases/<uuid:case_id>/keep_promise")
    @desk.needs()
    def keep_promise(case_id: UUID) -> ResponseReturnValue:
        _keep_files(desk, case_id)
        with desk.database.writing() as tx:
            actions.keep_promise(
                tx, desk.rules, **_at(case_id), promise_id=_promise_id(), words=request.form.get("done_words", "")
            )
        return done(case_id, lazy("Đã ghi việc đã làm. Công dân được hỏi lại."), "after")

    @app.post("/desk/cases/<uuid:case_id>/move_promise")
    @desk.needs()
    def move_promise(case_id: UUID) -> ResponseReturnValue:
        moved_to = day_typed("moved_to")
        if moved_to is None:
            raise Incomplete("moved_to")
        with desk.database.writing() as tx:
            actions.move_promise(
                tx, desk.rules, **_at(case_id), promise_id=_promise_id(), moved_to=moved_to, **said("reason")
            )
        return done(case_id, lazy("Đã dời ngày, công dân được báo lý do"), "after")

    @app.post("/desk/cases/<uuid:case_id>/reopen")
    @desk.needs()
    def reopen(case_id: UUID) -> ResponseReturnValue:
        with desk.database.writing() as tx:
            actions.reopen(tx, desk.rules, **_at(case_id), **said("words"))
        return done(case_id, lazy("Đã mở lại: đồng hồ chạy từ hôm nay, công dân được báo"), "clock-t")

    @app.post("/desk/cases/<uuid:case_id>/refuse_reopening")
    @desk.needs()
    def refuse_reopening(case_id: UUID) -> ResponseReturnValue:
        with desk.database.writing() as tx:
            actions.refuse_reopening(tx, desk.rules, **_at(case_id), **said("reason"))
        return done(case_id, lazy("Không mở lại: công dân được báo lý do"), "after")

    @app.get("/desk/promises")
    @desk.needs()
    def promises() -> ResponseReturnValue:
        """What waits after the answer: wishes to look again, promises by their day."""
        me = auth.me()
        with desk.database.reading() as tx:
            wishes, promised = store.reopenings_seen_by(tx, me), store.promises_seen_by(tx, me)
            concerned = {one.case_id for one in wishes} | {one.case_id for one in promised}
            rows = {case_id: store.row_of(tx, me, case_id) for case_id in concerned}
            return desk.page(
                tx,
                "desk/promises.html",
                here="promises",
                wishes=wishes,
                promised=promised,
                rows=rows,
                states=PROMISE_STATES,
                today=desk.rules.calendar.local_day(tx.now),
            )


# ---- what was typed


def _at(case_id: UUID) -> dict[str, Any]:
    return {"person": auth.me(), "case_id": case_id, "version": request.form.get("version", type=int)}


def _written() -> dict[str, Any]:
    """The answer as it stands in the form."""
    return said("text", "outcome", "basis", "in_spite", "apology", "point") | {
        "promised_on": day_typed("promised_on"),
        "replies": _replies(),
    }


def _replies() -> dict[int, Reply]:
    """What the form says of each question: `answered_2` is ticked, or `unanswered_2` says why not."""
    found: dict[int, Reply] = {}
    for name, value in request.form.items():
        what, _, number = name.partition("_")
        if what in {"answered", "unanswered"} and number.isdigit():
            before = found.get(int(number), Reply(False))
            is_answered = before.is_answered or what == "answered"
            found[int(number)] = Reply(is_answered, value.strip()[:400] if what == "unanswered" else before.why_not)
    return found


def _promise_id() -> UUID:
    try:
        return UUID(request.form.get("promise", ""))
    except ValueError:
        abort(404)


def _keep_files(desk: Desk, case_id: UUID) -> None:
    """Keep the photos and papers of the form, each looked at before any is kept. Raises Incomplete."""
    request.max_content_length = DRAFT_BODY
    sent = [one.read() for one in request.files.getlist("evidence") if one.filename]
    if not sent:
        return
    with desk.database.reading() as look:
        limits = desk.rules.answers.file_limits(desk.rules.calendar.local_day(look.now))
    try:
        taken = [accept(data, limits) for data in sent]
    except FileRefused as refused:
        raise Incomplete("evidence", refused.problem) from None
    with ExitStack() as undo:  # what was refused leaves no file behind
        for kept, data in taken:
            store_file(desk.app.settings.files_dir, kept.id, data)
            undo.callback(remove_file, desk.app.settings.files_dir, kept.id)
        with desk.database.writing() as tx:
            files = [kept for kept, _ in taken]
            actions.add_evidence(tx, desk.rules, person=auth.me(), case_id=case_id, files=files)
        undo.pop_all()


# ---- what the page shows


def look(
    desk: Desk, tx: Reading, case: Case, told: store.Words, drafts: Sequence[store.Answer], *, may_write: bool
) -> SimpleNamespace:
    """All that the page shows about answering and what follows, as this person may see it."""
    me, today = auth.me(), desk.rules.calendar.local_day(tx.now)
    draft = next((one for one in reversed(drafts) if one.round == case.answer_round + 1), None)
    given = [one for one in drafts if one.state == "answered"]
    shown = draft or (given[-1] if given else None)
    sheet = store.sheet_of(tx, case.id, shown.version) if shown else None
    kept = sheet if shown is draft or not may_write else None  # a new round begins with nothing ticked
    files = store.answer_files_of(tx, case.id)
    asked = questions_in(petition_words(told, store.supplements_of(tx, case.id)), desk.rules.answers.marks_on(today))
    typed = request.form if request.method == "POST" and may_write else {}
    findings, text = _findings(desk, tx, case, draft, sheet, typed)
    chosen = _chosen(desk, case, told, today) if may_write and not typed else None
    promises = [one for one in store.promises_of(tx, case.id) if one.round == case.answer_round]
    held = next((one for one in reversed(promises) if one.state != "moved"), None)
    wishes = store.reopenings_of(tx, case.id)
    is_given = case.answered_at is not None
    may_reopen = is_given and "reopen" in desk.rules.workflow_of(case).steps and bool(may(me, "reopen", case))
    is_called_for = any(one.state == "asked" for one in wishes) or any(one.state == "broken" for one in promises)
    return SimpleNamespace(
        draft=draft,
        text=chosen.text if chosen else (draft.text if draft else ""),
        outcome=chosen.outcome if chosen else (draft.outcome if draft else "taken_up" if case.kind == KIND else "done"),
        questions=_questions(asked, _replies() if typed else (kept.replies if kept else {})),
        findings=findings,
        why={found.code: _why(found) for found in findings},
        marked=marked(text, findings),
        is_unmet=bool(unmet(findings)) or bool(sheet and sheet.in_spite and shown is draft),
        in_spite=(kept.in_spite or "") if kept else "",
        apology=(kept.apology or "") if kept else "",
        point=(sheet.point or "") if sheet and shown else "",
        is_comment=case.kind == KIND,
        outcomes=[(code, words.OUTCOMES[code]) for code in (OF_COMMENTS if case.kind == KIND else OUTCOMES)],
        files=[one for one in files if one.round == (case.answer_round if is_given else case.answer_round + 1)],
        earlier=[one for one in given if one.round < (case.answer_round if is_given else case.answer_round + 1)],
        is_again=case.answer_round > 0 and not is_given,
        picked=chosen,
        drawer=_drawer(desk, case, today) if may_write else None,
        promises=promises,
        held=held,
        may_keep=bool(held and is_given and held.can_be_kept and may(me, "keep_promise", case)),
        may_move=bool(held and is_given and held.can_be_moved and may(me, "move_promise", case)),
        wishes=wishes,
        may_reopen=may_reopen and is_called_for,
        may_refuse=may_reopen and any(one.state == "asked" for one in wishes),
        promise_states=PROMISE_STATES,
        reopenings=REOPENINGS,
    )


def _findings(
    desk: Desk,
    tx: Reading,
    case: Case,
    draft: store.Answer | None,
    sheet: store.Sheet | None,
    typed: Mapping[str, str],
) -> tuple[Sequence[Finding], str]:
    """What the gate says, and of which text: of what was just typed, else of the last version that was kept."""
    if typed.get("text", "").strip() and typed.get("outcome") in words.OUTCOMES:
        try:
            promised_on = day_typed("promised_on")
        except Incomplete:
            promised_on = None
        now = store.Answer(
            version=0,
            round=case.answer_round + 1,
            text=typed["text"].strip(),
            outcome=typed["outcome"],
            promised_on=promised_on,
            basis=typed.get("basis"),
            state="draft",
            drafted_by="",
            drafted_at=tx.now,
        )
        return look_over(tx, desk.rules, case, now, _replies()), now.text
    if draft is None and case.answered_at is None:
        return (), ""
    return (sheet.findings if sheet else ()), (draft.text if draft else "")


def _why(found: Finding) -> str:
    return "" if found.is_good else str(WHY[found.code]) % {"detail": found.detail}


def _questions(asked: Sequence[Question], replies: Mapping[int, Reply]) -> list[SimpleNamespace]:
    return [
        SimpleNamespace(no=one.no, text=one.text, **vars(replies.get(one.no, Reply(False))), is_said=one.no in replies)
        for one in asked
    ]


def _drawer(desk: Desk, case: Case, today: date) -> SimpleNamespace:
    """The texts kept ready that fit this case, or what was searched for."""
    typed = request.args.get("q", "").strip()[:80]
    found = desk.rules.answers.find_canned(today, topic=case.topic, words=typed)
    fitting = found if typed else [one for one in found if case.topic in one.topics] or found
    is_vietnamese = current_language() == "vi"
    return SimpleNamespace(
        typed=typed,
        texts=[
            (one.code, one.title if is_vietnamese else one.title_en, words.OUTCOMES[one.outcome]) for one in fitting
        ],
        is_all=len(fitting) == len(found) and not typed,
    )


def _chosen(desk: Desk, case: Case, told: store.Words, today: date) -> SimpleNamespace | None:
    """The text that was picked, with what is known of the case put into its gaps."""
    code = request.args.get("text", "")
    found = next((one for one in desk.rules.answers.canned_on(today) if one.code == code), None)
    if found is None:
        return None
    known = {
        "code": f"{case.code[:4]}-{case.code[4:]}",
        "place": told.place or "",
        "hotline": desk.rules.answers.own_phone,
        "checked_on": day_words(today),
    }
    return SimpleNamespace(title=found.title, text=found.filled(known), outcome=found.outcome, version=found.version)
