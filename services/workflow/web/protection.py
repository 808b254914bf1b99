"""Keeping people out of a case; opening who wrote a denunciation, in two steps; the copy for handlers; the review."""

from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace
from uuid import UUID

from flask import Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from PIL import Image

from services.workflow import actions, store
from services.workflow.domain.case import Case, KindClass
from services.workflow.domain.permission import may
from services.workflow.domain.protection import may_review, shown_figure, told_of_opening
from services.workflow.steps import CaseUnknown, Incomplete
from services.workflow.web import words
from services.workflow.web.addresses import Facts, does, gives, sees
from services.workflow.web.asks import Asks, asks
from services.workflow.web.case import case_page
from services.workflow.web.frame import REVIEWERS, Desk
from services.workflow.web.moves import MOVES
from services.workflow.web.sealed import opening_row, reason_words, vault_of
from shared import auth
from shared.db import Reading
from shared.web import lazy

LISTED_FOR = timedelta(days=30)
PICTURE_BODY = 12 * 1024 * 1024  # bytes
MOST_PIXELS = 60_000_000
READ = {"JPEG", "PNG", "WEBP"}


STEPS: dict[str, tuple[Asks, str]] = {
    "exclude_person": (
        asks(actions.exclude_person, "who", "reason"),
        lazy("Từ giờ người, đơn vị này không xử lý, không thấy, không được báo về hồ sơ"),
    ),
    "redact": (
        asks(actions.redact, "paper", "text"),
        lazy("Đã xác nhận bản che. Người xử lý đọc được bản này."),
    ),
}


def serve(desk: Desk) -> None:
    app = desk.app
    MOVES.update(STEPS)

    @app.get("/desk/cases/<uuid:case_id>/identity")
    @auth.needs("head", "director")
    def identity(case_id: UUID) -> ResponseReturnValue:
        """The first step: why, and who will hear of it."""
        with desk.database.reading() as look:
            return _ask(desk, look, _openable(look, case_id))

    @app.post("/desk/cases/<uuid:case_id>/identity")
    @auth.needs("head", "director")
    def open_identity(case_id: UUID) -> ResponseReturnValue:
        """The second step, once what was given is complete and was read again."""
        typed = {name: request.form.get(name, "") for name in ("reason", "words")}
        if request.form.get("is_sure") != "yes":
            with desk.database.reading() as look:
                case = _openable(look, case_id)
                wrong = _wrong(desk, typed)
                return _ask(desk, look, case, typed=typed, wrong=wrong, is_second=not wrong)
        try:
            with desk.database.writing() as tx:
                actions.open_identity(tx, desk.rules, person=auth.me(), case_id=case_id, **typed)
        except Incomplete as refusal:
            with desk.database.reading() as look:
                return _ask(desk, look, _openable(look, case_id), typed=typed, wrong=refusal.field)
        return redirect(url_for("case", case_id=case_id, _anchor="sender"), 303)

    @app.get("/desk/identity")
    @auth.needs(*REVIEWERS)
    def identities() -> ResponseReturnValue:
        with desk.database.reading() as look:
            return _review_page(desk, look)

    @app.post("/desk/identity/<uuid:opening_id>")
    @auth.needs(*REVIEWERS)
    def review(opening_id: UUID) -> ResponseReturnValue:
        try:
            REVIEW.and_say(desk, opening_id=opening_id)
        except Incomplete as refusal:
            with desk.database.reading() as look:
                return _review_page(desk, look, wrong=opening_id, code=refusal.code)
        return redirect(url_for("identities"), 303)

    @app.post("/desk/cases/<uuid:case_id>/redacted-file")
    @auth.needs("head", "director")
    def redacted_upload(case_id: UUID) -> ResponseReturnValue:
        """A picture with everything covered that tells who wrote it; kept anew, without what cameras add."""
        try:
            ADD_PICTURE.and_say(desk, case_id=case_id)
        except Incomplete as refusal:
            wrong = {"step": "redacted_upload", "field": "file", "words": PICTURES["file", refusal.code]}
            with desk.database.reading() as look:
                return case_page(desk, look, case_id, status=422, wrong=wrong)
        return redirect(url_for("case", case_id=case_id, _anchor="letter"), 303)


@gives("redacted/<uuid:file_id>", "image/jpeg")
def redacted_picture(desk: Desk, file_id: UUID) -> Response:
    """A picture of a denunciation with everything covered; that it was read is told first"""
    with desk.database.writing() as tx:
        case_id = store.case_of_redacted_file(tx, file_id)
        if case_id is None:
            abort(404)
        actions.read_case(tx, person=auth.me(), case_id=case_id, kind="attachment")
        found = store.read_redacted_file(tx, vault_of(desk), file_id)
    if found is None:
        abort(404)
    response = Response(found[1], content_type=found[0])
    response.headers["Content-Disposition"] = f'inline; filename="{str(file_id)[:8]}.jpg"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _add_picture(desk: Desk, *, person: auth.Person, case_id: UUID) -> None:
    """A picture for the handlers, with everything covered that tells who wrote it."""
    sent = request.files.get("file")
    with desk.database.reading() as look:
        _visible(look, case_id)
    data = _picture(sent.read() if sent else b"")
    if data is None:
        raise Incomplete("file")
    with desk.database.writing() as tx:
        actions.add_redacted_file(tx, desk.rules, person=person, case_id=case_id, data=data, media_type="image/jpeg")


PICTURES = {("file", "missing"): lazy("Hãy chọn một ảnh JPG, PNG, WebP")}
ADD_PICTURE = does(
    "cases/<uuid:case_id>/redacted-file",
    _add_picture,
    roles=("head", "director"),
    done=lazy("Đã thêm ảnh đã che"),
    wrong=PICTURES,
    upload="file",
    most_bytes=PICTURE_BODY,
)
REVIEW = does(
    "identity/<uuid:opening_id>",
    actions.review_opening,
    "review",
    roles=REVIEWERS,
    done=lazy("Đã ghi nhận việc xem lại"),
)


def _visible(tx: Reading, case_id: UUID) -> Case:
    case = store.find_case(tx, case_id)
    if case is None or not may(auth.me(), "see", case):
        raise CaseUnknown
    return case


def _openable(tx: Reading, case_id: UUID) -> Case:
    """Raises CaseUnknown: whether there is something to open is nobody else's business."""
    case = _visible(tx, case_id)
    if not may(auth.me(), "open_identity", case):
        raise CaseUnknown
    return case


def _wrong(desk: Desk, typed: dict[str, str]) -> str:
    """The first field that is not complete; empty when all are."""
    openings = desk.rules.catalogue.openings
    if openings.reason(typed["reason"]) is None:
        return "reason"
    return "words" if len(typed["words"].strip()) < openings.least_words else ""


def _ask(
    desk: Desk,
    tx: Reading,
    case: Case,
    *,
    typed: dict[str, str] | None = None,
    wrong: str = "",
    is_second: bool = False,
) -> ResponseReturnValue:
    me, rules, names = auth.me(), desk.rules.catalogue.openings, store.names_of(tx)
    told = told_of_opening(store.colleagues(tx), case, rules, person=me.person, role=me.role)
    typed = typed or {"reason": "", "words": ""}
    return desk.page(
        tx,
        "desk/identity.html",
        status=422 if wrong else 200,
        case=case,
        token=store.token_of(tx, case.petition_id),
        told=[names.get(person, "") for person in told],
        minutes=rules.minutes,
        least=rules.least_words,
        reasons=[(reason.code, reason_words(reason, reason.code)) for reason in rules.reasons],
        reason_said=reason_words(rules.reason(typed["reason"]), ""),
        typed=typed,
        wrong=wrong,
        is_second=is_second,
    )


@sees("identity", "waiting", "done", "own", "figure", roles=REVIEWERS)
def openings(desk: Desk, tx: Reading) -> Facts:
    """Openings of identities that one was told of, or made: never those of cases that one may not know of"""
    me, names = auth.me(), store.names_of(tx)
    waiting: list[SimpleNamespace] = []
    done: list[SimpleNamespace] = []
    own: list[SimpleNamespace] = []
    for opening in store.openings_since(tx, tx.now - LISTED_FOR):
        case = store.find_case(tx, opening.case_id)
        if case is None or case.excluded & {me.person, me.unit}:
            continue
        row = opening_row(desk, opening, names)
        row.token = store.token_of(tx, opening.petition_id)
        row.case_id = case.id if may(me, "see", case) else None
        if opening.person == me.person:
            own.append(row)
        elif may_review(me, opening, case):
            (done if opening.reviewed_by else waiting).append(row)
    figure = shown_figure(len(waiting) + len(done) + len(own), KindClass.SECRET)
    return {"waiting": waiting, "done": done, "own": own, "figure": figure}


def _review_page(desk: Desk, tx: Reading, *, wrong: UUID | None = None, code: str = "") -> ResponseReturnValue:
    return desk.page(
        tx,
        "desk/identities.html",
        here="identities",
        status=422 if wrong else 200,
        **openings(desk, tx),
        wrong=wrong,
        trouble=str(words.INCOMPLETE.get(("review", code), words.INCOMPLETE["review", "missing"])) if wrong else "",
    )


def _picture(data: bytes) -> bytes | None:
    """The picture written anew as a JPEG without what cameras add; None when it is none of those we read."""
    try:
        with Image.open(BytesIO(data)) as found:
            if found.format not in READ or found.width * found.height > MOST_PIXELS:
                return None
            out = BytesIO()
            found.convert("RGB").save(out, "JPEG", quality=85)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return out.getvalue()
