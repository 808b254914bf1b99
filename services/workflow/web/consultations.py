"""Consultations: a draft laid before the public, its comments, and their answers, given to several at once."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from flask import Response, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from services.workflow import actions, store
from services.workflow.actions.answering import LONGEST_ANSWER, check_published
from services.workflow.domain.case import SYSTEM, Case
from services.workflow.domain.checks import OF_COMMENTS
from services.workflow.domain.consultation import (
    PREPARED,
    Consultation,
    ConsultationRefused,
    Tally,
    answers_due_on,
    may_close,
    may_open,
    may_prepare,
)
from services.workflow.domain.permission import may
from services.workflow.domain.redaction import Sender, redact
from services.workflow.proofs import FileRefused, accept
from services.workflow.steps import Incomplete, NotAllowed, needed
from services.workflow.web import words
from services.workflow.web.addresses import Act, Facts, does, gives, sees
from services.workflow.web.bulk import Outcome, each, safe_cell
from services.workflow.web.files import file_response, own_file
from services.workflow.web.frame import Desk
from services.workflow.web.refusing import by_field, status_of
from shared import auth
from shared.db import Reading, Transaction
from shared.events.intake import Attachment
from shared.files import remove_file, store_file
from shared.web import lazy, ngettext, said
from shared.web.i18n import day

LISTED = 500
DRAFT_BODY = 16 * 1024 * 1024  # bytes of a form with its file
STANDS = {
    "prepared": lazy("Chờ mở"),
    "planned": lazy("Sắp lấy ý kiến"),
    "open": lazy("Đang lấy ý kiến"),
    "closed": lazy("Đã kết thúc"),
}
TONES = {"prepared": "wait", "planned": "new", "open": "doing", "closed": "done"}
WRONG = {
    ("title", "missing"): lazy("Hãy viết tên dự thảo, ít nhất 10 ký tự"),
    ("summary", "missing"): lazy("Hãy tóm tắt bằng lời dễ hiểu, ít nhất 20 ký tự"),
    ("asked", "missing"): lazy("Hãy viết xin ý kiến về điều gì, ít nhất 10 ký tự"),
    ("document", "missing"): lazy("Hãy chọn tệp PDF của dự thảo, hoặc dán toàn văn"),
    ("document", "too_large"): lazy("Tệp quá lớn"),
    ("document", "bad_paper"): lazy("Không mở được tệp PDF, hoặc tệp bị khóa, quá nhiều trang"),
    ("document", "active_paper"): lazy("Tệp PDF có mã chạy hoặc tệp khác bên trong: hãy in lại thành PDF thường"),
    ("document", "not_a_paper"): lazy("Dự thảo phải là tệp PDF. Tệp Word: hãy lưu thành PDF rồi chọn lại."),
    ("unit", "unknown"): lazy("Hãy chọn đơn vị phụ trách"),
    ("opens_on", "missing"): lazy("Hãy nhập ngày bắt đầu"),
    ("opens_on", "malformed"): lazy("Hãy nhập ngày theo dạng ngày/tháng/năm, ví dụ 23/11/2026"),
    ("closes_on", "missing"): lazy("Hãy nhập ngày cuối cùng"),
    ("closes_on", "malformed"): lazy("Hãy nhập ngày theo dạng ngày/tháng/năm, ví dụ 23/11/2026"),
    ("closes_on", "too_early"): lazy("Ngày cuối cùng trước ngày bắt đầu"),
    ("closes_on", "passed"): lazy("Ngày này đã qua"),
    ("reason", "missing"): lazy("Hãy viết vì sao kết thúc sớm, ít nhất 10 ký tự: mọi người đọc được"),
    ("id", "missing"): lazy("Hãy chọn ít nhất một góp ý"),
}
HEAD = (
    lazy("STT"),
    lazy("Ngày góp ý"),
    lazy("Nội dung góp ý"),
    lazy("Điểm góp ý"),
    lazy("Kết quả"),
    lazy("Tiếp thu, giải trình"),
    lazy("Ngày trả lời"),
)


def serve(desk: Desk) -> None:
    app = desk.app
    app.refuses(actions.ConsultationUnknown, 404, words=lazy("Không có đợt lấy ý kiến này."))
    app.refuses(
        ConsultationRefused, 409, words=lazy("Đợt lấy ý kiến này đã thay đổi trong lúc bạn xem. Hãy tải lại trang.")
    )

    @app.get("/desk/consultations")
    @desk.needs()
    def consultations() -> ResponseReturnValue:
        with desk.database.reading() as look:
            facts = listed(desk, look)
            return desk.page(look, "desk/consultations.html", here="consultations", **facts, **_stands(desk, look))

    @app.route("/desk/consultations/new", methods=["GET", "POST"])
    @auth.needs(*PREPARE.roles)
    def new_consultation() -> ResponseReturnValue:
        return _written(desk, None, PREPARE)

    @app.route("/desk/consultations/<uuid:consultation_id>/change", methods=["GET", "POST"])
    @auth.needs(*CHANGE.roles)
    def change_consultation(consultation_id: UUID) -> ResponseReturnValue:
        with desk.database.reading() as look:
            found = _found(look, consultation_id)
        if found.state != PREPARED:
            raise ConsultationRefused("what people comment on is not changed any more")
        return _written(desk, found, CHANGE, consultation_id=consultation_id)

    @app.get("/desk/consultations/<uuid:consultation_id>")
    @desk.needs()
    def consultation(consultation_id: UUID) -> ResponseReturnValue:
        with desk.database.reading() as look:
            return _page(desk, look, consultation_id)

    @app.post("/desk/consultations/<uuid:consultation_id>/open")
    @desk.needs()
    def open_consultation(consultation_id: UUID) -> ResponseReturnValue:
        return _moved(desk, consultation_id, OPEN)

    @app.post("/desk/consultations/<uuid:consultation_id>/close")
    @desk.needs()
    def close_consultation(consultation_id: UUID) -> ResponseReturnValue:
        return _moved(desk, consultation_id, CLOSE)

    @app.post("/desk/consultations/<uuid:consultation_id>/draft")
    @desk.needs()
    def draft_for_comments(consultation_id: UUID) -> ResponseReturnValue:
        return _for_each(desk, consultation_id, DRAFT, lazy("Đã trình %(n)s câu trả lời, chờ người khác duyệt"))

    @app.post("/desk/consultations/<uuid:consultation_id>/approve")
    @desk.needs()
    def approve_for_comments(consultation_id: UUID) -> ResponseReturnValue:
        return _for_each(desk, consultation_id, APPROVE, lazy("Đã duyệt %(n)s câu trả lời"))

    @app.post("/desk/consultations/<uuid:consultation_id>/answer")
    @desk.needs()
    def answer_comments(consultation_id: UUID) -> ResponseReturnValue:
        return _for_each(desk, consultation_id, ANSWER, lazy("Đã gửi %(n)s câu trả lời"))


@gives("consultations/<uuid:consultation_id>/document", "application/pdf")
def consultation_document(desk: Desk, consultation_id: UUID) -> Response:
    """The file of a draft"""
    with desk.database.reading() as look:
        found = _found(look, consultation_id)
    if found.document is None:
        abort(404)
    return file_response(found.document, own_file(desk, found.document.id))


@gives("consultations/<uuid:consultation_id>/summary.csv", "text/csv")
def consultation_summary(desk: Desk, consultation_id: UUID) -> Response:
    """The comments with what was taken up or explained, without names; each reading is told first"""
    with desk.database.writing() as tx:
        found = _found(tx, consultation_id)
        comments = actions.read_comments(tx, person=auth.me(), consultation_id=consultation_id)
        table = _table(desk, tx, comments)
    response = Response("\ufeff" + table, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="tiep-thu-giai-trinh-{found.number}.csv"'
    return response


# ---- what is done


def _keep(
    desk: Desk,
    *,
    person: auth.Person,
    title: str,
    summary: str,
    asked: str,
    unit: str,
    opens_on: date | None,
    closes_on: date | None,
    draft_text: str = "",
    consultation_id: UUID | None = None,
) -> Consultation:
    """A draft to be laid before the public, as a file or in words; somebody else opens it. Raises Incomplete."""
    written: dict[str, Any] = {
        "title": title,
        "summary": summary,
        "asked": asked,
        "text": draft_text,
        "unit": unit,
        "opens_on": opens_on,
        "closes_on": closes_on,
    }
    with ExitStack() as undo:  # what was refused leaves no file behind
        written["document"] = _paper(desk, undo)
        with desk.database.writing() as tx:
            if consultation_id is None:
                kept = actions.prepare_consultation(tx, desk.rules, person=person, **written)
            else:
                kept = actions.change_consultation(
                    tx, desk.rules, person=person, consultation_id=consultation_id, **written
                )
        undo.pop_all()
    return kept


def _paper(desk: Desk, undo: ExitStack) -> Attachment | None:
    """The file that was sent as it is kept: a PDF that does nothing by itself. Raises Incomplete."""
    sent = request.files.get("document")
    data = sent.read() if sent and sent.filename else b""
    if not data:
        return None
    limits = desk.rules.answers.file_limits(desk.rules.calendar.local_day(desk.database.clock.now()))
    try:
        document, data = accept(data, limits)
    except FileRefused as refused:
        problem = "not_a_paper" if refused.problem == "not_a_picture" else refused.problem
        raise Incomplete("document", problem) from None
    if document.media_type != "application/pdf":
        raise Incomplete("document", "not_a_paper")
    store_file(desk.app.settings.files_dir, document.id, data)
    undo.callback(remove_file, desk.app.settings.files_dir, document.id)
    return document


def _draft(
    desk: Desk,
    *,
    person: auth.Person,
    consultation_id: UUID,
    id: Sequence[str],
    point: str,
    text: str,
    outcome: str,
    answers_all: bool = False,
    in_spite: str = "",
) -> list[Outcome]:
    """The same answer to several comments, for another person to approve; of each is said what failed and why."""
    check_published(desk.rules, point=point, text=text)  # what is wrong whatever it answers is said once
    needed(text, "text", least=20, most=LONGEST_ANSWER)

    def draft(tx: Transaction, case_id: UUID, version: int) -> None:
        actions.draft_for_comment(
            tx,
            desk.rules,
            person=person,
            case_id=case_id,
            version=version,
            point=point,
            text=text,
            outcome=outcome,
            answers_all=answers_all,
            in_spite=in_spite,
        )

    return _each(desk, consultation_id, id, draft)


def _approve(desk: Desk, *, person: auth.Person, consultation_id: UUID, id: Sequence[str]) -> list[Outcome]:
    """The answers to several comments approved; of each is said what failed and why."""

    def approve(tx: Transaction, case_id: UUID, version: int) -> None:
        actions.approve(tx, desk.rules, person=person, case_id=case_id, version=version)

    return _each(desk, consultation_id, id, approve)


def _answer(desk: Desk, *, person: auth.Person, consultation_id: UUID, id: Sequence[str]) -> list[Outcome]:
    """The approved answers to several comments sent; of each is said what failed and why."""

    def answer(tx: Transaction, case_id: UUID, version: int) -> None:
        actions.answer(tx, desk.rules, person=person, case_id=case_id, version=version)

    return _each(desk, consultation_id, id, answer)


def _each(desk: Desk, consultation_id: UUID, picked: Sequence[str], act: Any) -> list[Outcome]:
    """Raises Incomplete where no comment was named."""
    with desk.database.reading() as look:
        _found(look, consultation_id)
    if not picked:
        raise Incomplete("id")
    return each(desk, picked, act)


WRITTEN = ("title", "summary", "asked", "draft_text", "unit", "opens_on", "closes_on")
THERE = "consultations/<uuid:consultation_id>"
OFFICE: dict[str, Any] = {"roles": ("office",), "upload": "document", "most_bytes": DRAFT_BODY}
KEPT = lazy("Đã ghi. Trưởng đơn vị phụ trách hoặc giám đốc xem và mở.")
EACH = lazy("Đã xong, xem từng hồ sơ")
PREPARE = does("consultations/new", _keep, *WRITTEN, done=KEPT, wrong=WRONG, **OFFICE)
CHANGE = does(f"{THERE}/change", _keep, *WRITTEN, done=KEPT, wrong=WRONG, **OFFICE)
OPEN = does(
    f"{THERE}/open",
    actions.open_consultation,
    "seen",
    done=lazy("Đã mở: dự thảo hiện trên trang Tham gia của người dân"),
    wrong=WRONG,
)
CLOSE = does(
    f"{THERE}/close",
    actions.close_consultation,
    "reason",
    done=lazy("Đã kết thúc: hạn trả lời tính từ hôm nay"),
    wrong=WRONG,
)
DRAFT = does(
    f"{THERE}/draft",
    _draft,
    *("id", "point", "text", "outcome", "answers_all", "in_spite"),
    done=EACH,
    wrong=WRONG,
)
APPROVE = does(f"{THERE}/approve", _approve, "id", done=EACH, wrong=WRONG)
ANSWER = does(f"{THERE}/answer", _answer, "id", done=EACH, wrong=WRONG)


def _found(look: Reading, consultation_id: UUID) -> Consultation:
    found = store.find_consultation(look, consultation_id)
    if found is None:
        raise actions.ConsultationUnknown
    return found


def _stands(desk: Desk, look: Reading) -> dict[str, Any]:
    return {"today": desk.rules.calendar.local_day(look.now), "STANDS": STANDS, "TONES": TONES}


@sees("consultations", "rows", "may_prepare")
def listed(_desk: Desk, look: Reading) -> Facts:
    """Drafts that were laid before the public, or will be, each with how many comments came and were answered"""
    found = store.all_consultations(look)
    counts = store.count_comments(look, auth.me(), [one.id for one in found])
    return {
        "rows": [(one, Tally.of(counts[one.id])) for one in found],
        "may_prepare": bool(may_prepare(auth.me())),
    }


# ---- prepared


def _written(desk: Desk, found: Consultation | None, act: Act, **at: Any) -> ResponseReturnValue:
    """The form of a consultation; when it was sent, what it asks for, or the same form with what is wrong."""
    wrong: Incomplete | None = None
    if request.method == "POST":
        try:
            kept = act.and_say(desk, **at)
        except Incomplete as refusal:
            wrong = refusal
        else:
            return redirect(url_for("consultation", consultation_id=kept.id), 303)
    with desk.database.reading() as look:
        return desk.page(
            look,
            "desk/consultation_form.html",
            here="consultations",
            status=200 if wrong is None else 422,
            found=found,
            typed=request.form if request.method == "POST" else _as_typed(found),
            wrong=by_field(wrong, _said),
            units=desk.units_now(look.now),
            limits=desk.rules.answers.file_limits(desk.rules.calendar.local_day(look.now)),
        )


def _as_typed(found: Consultation | None) -> Mapping[str, str]:
    if found is None:
        return {}
    days = {"opens_on": day(found.opens_on), "closes_on": day(found.closes_on)}
    texts = {name: getattr(found, name) for name in ("title", "summary", "asked", "unit")}
    return texts | days | {"draft_text": found.text or ""}


# ---- one consultation


@dataclass
class Group:
    """Comments with the same point and the same answer."""

    written: store.Written
    comments: list[store.Comment] = field(default_factory=list)
    may_act: list[Case] = field(default_factory=list)  # on which this person may take the next step


@sees(
    THERE,
    *("found", "stands", "tally", "waiting", "may_draft", "to_approve", "to_send", "given", "seen"),
    *("answers_due_on", "public_url", "may_change", "may_open", "may_close"),
)
def one_consultation(desk: Desk, look: Reading, consultation_id: UUID) -> Facts:
    """A draft with the comments that one may see, by what they wait for, and what one may do about them"""
    me, found = auth.me(), _found(look, consultation_id)
    comments = store.comments_of(look, me, found.id, limit=LISTED)
    waiting = [one for one in comments if one.case.stage not in {"drafted", "approved"} and not _is_over(one.case)]
    stands = found.stands_on(desk.rules.calendar.local_day(look.now))
    return {
        "found": found,
        "stands": stands,
        "tally": Tally.of(store.count_comments(look, me, [found.id])[found.id]),
        "seen": len(comments),
        "waiting": waiting,
        "may_draft": {one.case.id for one in waiting if _may_begin(me, one.case)},
        "to_approve": _groups(comments, "drafted", lambda case: bool(may(me, "approve", case))),
        "to_send": _groups(comments, "approved", lambda case: bool(may(me, "answer", case))),
        "given": _groups([one for one in comments if _is_over(one.case)], "", lambda _: False),
        "answers_due_on": answers_due_on(desk.rules.catalogue, found.closed_on or found.closes_on),
        "public_url": f"{desk.app.settings.public_url}/gop-y/{found.number}",
        "may_change": found.state == PREPARED and bool(may_prepare(me)),
        "may_open": found.state == PREPARED and bool(may_open(me, found)),
        "may_close": stands in {"open", "planned"} and bool(may_close(me, found)),
    }


def _page(
    desk: Desk,
    look: Reading,
    consultation_id: UUID,
    *,
    wrong: Exception | None = None,
    outcomes: Sequence[Outcome] = (),
) -> ResponseReturnValue:
    facts = one_consultation(desk, look, consultation_id)
    refused = [one for one in outcomes if one.why]
    waiting: Sequence[store.Comment] = facts["waiting"]
    return desk.page(
        look,
        "desk/consultation.html",
        here="consultations",
        status=status_of(wrong) if wrong else 409 if refused else 200,
        stages={one.case.id: said(desk.rules.workflow_of(one.case).stages[one.case.stage].desk) for one in waiting},
        names=store.names_of(look),
        typed=request.form if request.method == "POST" else {},
        ticked={picked.partition(":")[0] for picked in request.form.getlist("id")},
        choices=[(code, words.OUTCOMES[code]) for code in OF_COMMENTS],
        wrong=by_field(wrong, _said),
        refused=refused,
        done=len(outcomes) - len(refused),
        approve_words=lambda count: ngettext("Duyệt %(num)s câu trả lời", "Duyệt %(num)s câu trả lời", count),
        send_words=lambda count: ngettext("Gửi %(num)s câu trả lời", "Gửi %(num)s câu trả lời", count),
        SYSTEM=SYSTEM,
        LONGEST_ANSWER=LONGEST_ANSWER,
        most=LISTED,
        **facts,
        **_stands(desk, look),
    )


def _is_over(case: Case) -> bool:
    return case.is_ended or case.answered_at is not None


def _may_begin(me: Any, case: Case) -> bool:
    """Whether this person may write the answer now, or after taking the case on in the same breath."""
    step = {"accepted": "take", "assigned": "accept", "in_progress": "draft"}.get(case.stage)
    return step is not None and bool(may(me, step, case))


def _groups(comments: Sequence[store.Comment], stage: str, may_act: Callable[[Case], bool]) -> list[Group]:
    """Comments of a stage by what they are answered; those without an answer of their own are left out."""
    found: dict[store.Written, Group] = {}
    for one in comments:
        if one.written is None or (stage and one.case.stage != stage):
            continue
        group = found.setdefault(one.written, Group(one.written))
        group.comments.append(one)
        if may_act(one.case):
            group.may_act.append(one.case)
    return list(found.values())


def _moved(desk: Desk, consultation_id: UUID, act: Act) -> ResponseReturnValue:
    try:
        act.and_say(desk, consultation_id=consultation_id)
    except (Incomplete, NotAllowed) as refusal:
        with desk.database.reading() as look:
            return _page(desk, look, consultation_id, wrong=refusal)
    return redirect(url_for("consultation", consultation_id=consultation_id), 303)


def _for_each(desk: Desk, consultation_id: UUID, act: Act, done: Any) -> ResponseReturnValue:
    """Act on each ticked comment; where one refuses, the page keeps what was typed and says which and why."""
    try:
        outcomes = act(desk, consultation_id=consultation_id)
    except Incomplete as refusal:
        with desk.database.reading() as look:
            return _page(desk, look, consultation_id, wrong=refusal)
    if any(one.why for one in outcomes):
        with desk.database.reading() as look:
            return _page(desk, look, consultation_id, outcomes=outcomes)
    flash(str(done) % {"n": len(outcomes)})
    return redirect(url_for("consultation", consultation_id=consultation_id), 303)


def _said(field: str, code: str) -> str:
    own = WRONG.get((field, code))
    return str(own) if own else words.incomplete(field, code)


# ---- the table


def _table(desk: Desk, tx: Reading, comments: Sequence[store.Comment]) -> str:
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow([str(name) for name in HEAD])
    local: Callable[[Any], date] = desk.rules.calendar.local_day
    for number, one in enumerate(comments, start=1):
        told, case = store.words_of(tx, one.case.id), one.case
        sender = Sender(name=told.name, phone=told.phone, email=told.email, address=told.address)
        given = one.written if case.answered_at is not None else None
        table.writerow(
            safe_cell(cell)
            for cell in (
                str(number),
                day(local(case.received_at)),
                redact(told.text, sender),
                (given.point or "") if given else "",
                str(words.OUTCOMES[given.outcome]) if given else "",
                given.text if given else "",
                day(local(case.answered_at)) if case.answered_at else "",
            )
        )
    return out.getvalue()


def consultation_of(look: Reading, case: Case) -> Consultation | None:
    """What the page of a comment shows beside it."""
    return store.find_consultation(look, case.consultation_id) if case.consultation_id else None
