"""The answer on the page of its case: texts kept ready, the citizen's questions, the gate, photos; and what follows it:
promises, wishes to look again.
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from types import SimpleNamespace
from uuid import UUID

from flask import Response, abort, redirect, request, url_for
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
from services.workflow.web.addresses import ROOMS, Facts, does, gives, sees
from services.workflow.web.asks import replies
from services.workflow.web.files import file_response, own_file
from services.workflow.web.forms import day_typed
from services.workflow.web.frame import Desk
from shared import auth
from shared.db import Reading
from shared.files import remove_file, store_file
from shared.web import current_language, lazy
from shared.web.i18n import day as day_words

DRAFT_BODY = 64 * 1024 * 1024  # bytes of a form with its photos
ROOMS["cases/<uuid:case_id>/<step>"] = DRAFT_BODY

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
FOLLOW_UPS = {
    "open": lazy("chờ bạn xem"),
    "done": lazy("đã xem"),
    "joined": lazy("người gửi đã xin xem lại"),
    "reopened": lazy("đã mở lại"),
}
REOPENINGS = {
    "asked": lazy("chờ quyết định"),
    "granted": lazy("đã mở lại"),
    "refused": lazy("không mở lại"),
}


def serve(desk: Desk) -> None:
    app = desk.app

    @app.post("/desk/answer-files/<uuid:file_id>/remove")
    @desk.needs()
    def remove_answer_file(file_id: UUID) -> ResponseReturnValue:
        case_id = REMOVE.and_say(desk, file_id=file_id)
        return redirect(url_for("case", case_id=case_id, _anchor="answer"), 303)

    @app.get("/desk/promises")
    @desk.needs()
    def promises() -> ResponseReturnValue:
        with desk.database.reading() as tx:
            return desk.page(
                tx,
                "desk/promises.html",
                here="promises",
                states=PROMISE_STATES,
                today=desk.rules.calendar.local_day(tx.now),
                **after_answers(desk, tx),
            )


@sees("promises", "wishes", "unsatisfied", "promised", "withdrawals", "rows")
def after_answers(_desk: Desk, look: Reading) -> Facts:
    """What waits after the answer: wishes to look again, who was not satisfied (for heads), promises by their day,
    wishes to take it back; their cases"""
    me = auth.me()
    wishes, promised = store.reopenings_seen_by(look, me), store.promises_seen_by(look, me)
    taken_back, unsatisfied = store.withdrawals_seen_by(look, me), store.follow_ups_seen_by(look, me)
    concerned = {one.case_id for found in (wishes, promised, taken_back, unsatisfied) for one in found}
    return {
        "unsatisfied": unsatisfied,
        "withdrawals": taken_back,
        "wishes": wishes,
        "promised": promised,
        "rows": {case_id: store.row_of(look, me, case_id) for case_id in concerned},
    }


# ---- photos and papers


@gives("answer-files/<uuid:file_id>", "application/octet-stream")
def answer_file(desk: Desk, file_id: UUID) -> Response:
    """A photo or paper of an answer; that it was read is told first"""
    with desk.database.writing() as tx:
        found = store.find_answer_file(tx, file_id)
        if found is None:
            abort(404)
        actions.read_case(tx, person=auth.me(), case_id=found.case_id, kind="attachment")
    return file_response(found, own_file(desk, file_id))


def keep_files(desk: Desk, *, case_id: UUID) -> list[UUID]:
    """Photos and papers of an answer, each looked at before any is kept. Raises Incomplete."""
    request.max_content_length = DRAFT_BODY
    sent = [one.read() for one in request.files.getlist("evidence") if one.filename]
    if not sent:
        return []
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
    return [kept.id for kept, _ in taken]


def _add_files(desk: Desk, *, case_id: UUID) -> list[UUID]:
    """Photos and papers for an answer; their ids."""
    kept = keep_files(desk, case_id=case_id)
    if not kept:
        raise Incomplete("evidence")
    return kept


def _remove_file(desk: Desk, *, person: auth.Person, file_id: UUID) -> UUID:
    """A photo or paper leaves a draft; the id of its case."""
    with desk.database.writing() as tx:
        removed = actions.remove_evidence(tx, desk.rules, person=person, file_id=file_id)
    remove_file(desk.app.settings.files_dir, file_id)
    return removed.case_id


does(
    "cases/<uuid:case_id>/answer-files", _add_files, done=lazy("Đã thêm tệp"), upload="evidence", most_bytes=DRAFT_BODY
)
REMOVE = does("answer-files/<uuid:file_id>/remove", _remove_file, done=lazy("Đã bỏ tệp"))


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
    leads = bool(may(me, "follow_up", case))
    follow_ups = [one for one in store.follow_ups_of(tx, case.id) if leads and one.written_by != me.person]
    is_unsatisfied = any(one.state == "open" for one in follow_ups)
    is_given = case.answered_at is not None
    may_reopen = is_given and "reopen" in desk.rules.workflow_of(case).steps and bool(may(me, "reopen", case))
    is_called_for = any(one.state == "asked" for one in wishes) or any(one.state == "broken" for one in promises)
    is_called_for |= is_unsatisfied
    return SimpleNamespace(
        draft=draft,
        text=chosen.text if chosen else (draft.text if draft else ""),
        outcome=chosen.outcome if chosen else (draft.outcome if draft else "taken_up" if case.kind == KIND else "done"),
        questions=_questions(asked, replies(tx) if typed else (kept.replies if kept else {})),
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
        may_reopen=may_reopen and (leads or is_called_for),
        is_reopening_called_for=may_reopen and is_called_for,
        may_refuse=may_reopen and any(one.state == "asked" for one in wishes),
        promise_states=PROMISE_STATES,
        reopenings=REOPENINGS,
        follow_ups=follow_ups,
        follow_up_states=FOLLOW_UPS,
        may_follow_up=is_unsatisfied,
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
        return look_over(tx, desk.rules, case, now, replies(tx)), now.text
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
