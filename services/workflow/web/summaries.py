"""What everybody may read of a case: its page to write, cover and publish it, and the list of what waits for that."""

from collections.abc import Sequence
from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from flask import Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField, StringField, TextAreaField

from services.workflow import actions, store
from services.workflow.actions.summaries import LONGEST_PLACE, LONGEST_TEXT, LONGEST_TITLE
from services.workflow.domain.case import Case, was_late
from services.workflow.domain.permission import may
from services.workflow.domain.summary import (
    COLUMNS,
    KEPT_BACK,
    MOST_PHOTOS,
    ROWS,
    SHOWS,
    NotToBePublished,
    Photo,
    Summary,
    SummaryRefused,
    current,
    hindrance,
    waiting,
)
from services.workflow.domain.vocabulary import holds
from services.workflow.proofs import FileRefused, painted_over
from services.workflow.steps import CaseUnknown, Incomplete, NotAllowed
from services.workflow.web.addresses import Act, Facts, does, gives, sees
from services.workflow.web.asks import photos as photos_asked
from services.workflow.web.files import file_response, own_file
from services.workflow.web.frame import Desk
from services.workflow.web.refusing import status_of, why_not_allowed
from shared import auth
from shared.db import Reading
from shared.files import remove_file, store_file
from shared.web import Form, current_language, lazy

STATES = {
    "prepared": lazy("Chờ người khác công bố"),
    "published": lazy("Đang công bố"),
    "replaced": lazy("Đã có bản sau"),
    "withdrawn": lazy("Đã gỡ"),
    "dropped": lazy("Không công bố"),
}
WHY_NOT = {
    "kind": lazy("Loại hồ sơ này không bao giờ được công bố."),
    "level": lazy("Lĩnh vực này không được công bố."),
    "consent": lazy("Người gửi chưa đồng ý công bố bản tóm tắt."),
    KEPT_BACK: lazy("Đã quyết định không công bố hồ sơ này."),
    "stage": lazy("Hồ sơ ở trạng thái này không được công bố."),
}
"""Why nothing of a case may be published."""

WRONG = {
    ("title", "missing"): lazy("Hãy viết tiêu đề, ít nhất 5 ký tự"),
    ("title", "line_break"): lazy("Tiêu đề chỉ được một dòng"),
    ("title", "too_long"): lazy("Tiêu đề dài quá: hãy viết ngắn lại"),
    ("text", "missing"): lazy("Hãy viết nội dung, ít nhất 20 ký tự"),
    ("text", "too_long"): lazy("Nội dung dài quá: hãy bớt lại"),
    ("answer", "too_long"): lazy("Nội dung dài quá: hãy bớt lại"),
    ("late_reason", "too_long"): lazy("Nội dung dài quá: hãy bớt lại"),
    ("place", "too_long"): lazy("Nội dung dài quá: hãy bớt lại"),
    ("photos", "unknown"): lazy("Có ảnh không chọn được: hãy chọn lại trong các ảnh của câu trả lời"),
    ("photos", "too_many"): lazy("Nhiều ảnh quá: chọn ít lại"),
    ("reason", "missing"): lazy("Hãy chọn lý do: người đọc sẽ thấy lý do này"),
}
for _field in ("title", "text", "answer", "late_reason", "place"):
    WRONG[_field, "hidden_characters"] = lazy("Nội dung có ký tự ẩn: hãy dán lại dưới dạng chữ thường")


class SummaryForm(Form):
    title = StringField(lazy("Tiêu đề"), description=lazy("Việc gì, ở đoạn đường nào. Không ghi tên ai."))
    text = TextAreaField(
        lazy("Việc được phản ánh"),
        description=lazy("Viết lại bằng lời của bạn: không tên, biển số, điện thoại, số nhà. Máy che thêm lần nữa."),
    )
    place = StringField(lazy("Ở đâu"), description=lazy("Tên đường, đoạn, cột mốc; không ghi số nhà."))
    answer = TextAreaField(lazy("Kết quả"), description=lazy("Đã làm gì, ngày nào. Để trống khi chưa trả lời."))
    late_reason = TextAreaField(lazy("Vì sao chậm"), description=lazy("Chỉ khi hồ sơ chậm hạn. Ai cũng đọc được."))


class WithdrawForm(Form):
    reason = RadioField(lazy("Lý do, người đọc sẽ thấy"))
    words = TextAreaField(lazy("Giải thích thêm"), description=lazy("Chỉ giữ ở đây."))


def serve(desk: Desk) -> None:
    app = desk.app
    app.refuses(SummaryRefused, 409, words=lazy("Bản này đã được viết lại, công bố hoặc gỡ. Hãy tải lại trang."))
    app.refuses(NotToBePublished, 409, words=lazy("Không có gì của hồ sơ này được công bố."))

    @app.get("/desk/summaries")
    @desk.needs()
    def summaries() -> ResponseReturnValue:
        with desk.database.reading() as look:
            return desk.page(look, "desk/summaries.html", here="summaries", **listed(desk, look))

    @app.get("/desk/cases/<uuid:case_id>/summary")
    @desk.needs()
    def summary(case_id: UUID) -> ResponseReturnValue:
        with desk.database.writing() as tx:
            actions.read_case(tx, person=auth.me(), case_id=case_id)
        return _page(desk, case_id)

    @app.post("/desk/cases/<uuid:case_id>/summary")
    @desk.needs()
    def summary_write(case_id: UUID) -> ResponseReturnValue:
        return _moved(desk, case_id, WRITE, form=SummaryForm.sent())

    @app.post("/desk/cases/<uuid:case_id>/summary/publish")
    @desk.needs()
    def summary_publish(case_id: UUID) -> ResponseReturnValue:
        return _moved(desk, case_id, PUBLISH)

    @app.post("/desk/cases/<uuid:case_id>/summary/drop")
    @desk.needs()
    def summary_drop(case_id: UUID) -> ResponseReturnValue:
        return _moved(desk, case_id, DROP)

    @app.post("/desk/cases/<uuid:case_id>/summary/withdraw")
    @desk.needs()
    def summary_withdraw(case_id: UUID) -> ResponseReturnValue:
        return _moved(desk, case_id, WITHDRAW, withdrawal=WithdrawForm.sent())

    @app.post("/desk/cases/<uuid:case_id>/summary/keep-back")
    @desk.needs()
    def summary_keep_back(case_id: UUID) -> ResponseReturnValue:
        return _moved(desk, case_id, KEEP_BACK)


@gives("cases/<uuid:case_id>/summary-photos/<uuid:photo_id>", "image/jpeg")
def summary_photo(desk: Desk, case_id: UUID, photo_id: UUID) -> Response:
    """A photo of a summary, as everybody sees it or will; that it was read is told first"""
    with desk.database.writing() as tx:
        actions.read_case(tx, person=auth.me(), case_id=case_id, kind="attachment")
        found = store.find_summary_photo(tx, case_id, photo_id)
    if found is None:
        abort(404)
    return file_response(SimpleNamespace(id=found.id, media_type="image/jpeg"), own_file(desk, photo_id))


def _write(
    desk: Desk,
    *,
    person: auth.Person,
    case_id: UUID,
    title: str,
    text: str,
    place: str = "",
    answer: str = "",
    late_reason: str = "",
    photos: Sequence[str] = (),
) -> Summary:
    """A summary for everybody, masked; somebody else publishes it. `photos` are photos of the answer, each with what
    it shows and the cells that are painted over: `file:after:13,14`."""
    told = actions.Told(title=title, text=text, place=place, answer=answer, late_reason=late_reason)
    with ExitStack() as undo:  # what was refused leaves no file behind
        drawn = _drawn(desk, case_id, photos, undo)
        with desk.database.writing() as tx:
            kept = actions.write_summary(tx, desk.rules, person=person, case_id=case_id, told=told, photos=drawn)
        undo.pop_all()
    return kept


def _drawn(desk: Desk, case_id: UUID, chosen: Sequence[str], undo: ExitStack) -> list[Photo]:
    """The chosen photos, drawn anew with their cells painted over. Raises Incomplete."""
    if len(chosen) > MOST_PHOTOS:
        raise Incomplete("photos", "too_many")
    with desk.database.reading() as look:
        case = store.find_case(look, case_id)
        if case is None or not may(auth.me(), "write_summary", case):
            return []  # the action says why not
        known = {one.id for one in store.answer_files_of(look, case_id) if one.media_type.startswith("image/")}
    files_dir, drawn = desk.app.settings.files_dir, []
    for asked in chosen:
        of, shows, cells = _read_choice(asked)
        if of not in known:
            raise Incomplete("photos", "unknown")
        try:
            kept, data = painted_over(own_file(desk, of), cells)
        except FileRefused:
            raise Incomplete("photos", "unknown") from None
        store_file(files_dir, kept.id, data)
        undo.callback(remove_file, files_dir, kept.id)
        drawn.append(Photo(id=kept.id, of=of, shows=shows, cells=cells, size_bytes=kept.size_bytes, sha256=kept.sha256))
    return drawn


def _read_choice(asked: str) -> tuple[UUID, str, tuple[int, ...]]:
    """The photo, what it shows, and its painted cells. Raises Incomplete."""
    file, _, rest = asked.partition(":")
    shows, _, listed_cells = rest.partition(":")
    try:
        cells = tuple(sorted({int(cell) for cell in listed_cells.split(",") if cell}))
        if shows not in SHOWS or not all(0 <= cell < COLUMNS * ROWS for cell in cells):
            raise ValueError
        return UUID(file), shows, cells
    except ValueError:
        raise Incomplete("photos", "unknown") from None


THERE = "cases/<uuid:case_id>/summary"
WRITTEN = ("title", "text", "place", "answer", "late_reason")
WRITE = does(
    THERE, _write, *WRITTEN, "photos", done=lazy("Đã lưu và che. Người khác xem lại rồi công bố."), wrong=WRONG
)
PUBLISH = does(
    f"{THERE}/publish", actions.publish_summary, "version", done=lazy("Đã công bố: ai cũng đọc được"), wrong=WRONG
)
DROP = does(f"{THERE}/drop", actions.drop_summary, done=lazy("Đã bỏ, không công bố"), wrong=WRONG)
WITHDRAW = does(
    f"{THERE}/withdraw",
    actions.withdraw_summary,
    *("reason", "words"),
    done=lazy("Đã gỡ: trang công khai nói lý do"),
    wrong=WRONG,
)
KEEP_BACK = does(f"{THERE}/keep-back", actions.keep_back, "is_kept_back", done=lazy("Đã ghi quyết định"), wrong=WRONG)


# ---- what is seen


@sees("summaries", "waiting", "outdated", "published")
def listed(_desk: Desk, look: Reading) -> Facts:
    """Summaries that wait to be published, those that lack the answer given since, and the newest of those that are
    public, each with its case"""
    return {
        "outdated": store.outdated_summaries(look, auth.me()),
        "waiting": store.waiting_summaries(look, auth.me()),
        "published": store.published_summaries(look, auth.me()),
    }


@sees(THERE, "versions", "hindrance", "followers", "address", "is_kept_back", tells=actions.read_case)
def summarised(desk: Desk, look: Reading, case_id: UUID) -> Facts:
    """What everybody may read of a case, version by version, why nothing may be, and how many follow it"""
    case = store.find_case(look, case_id)
    if case is None or not may(auth.me(), "see", case):
        raise CaseUnknown
    versions = store.summaries_of(look, case_id)
    public = current(versions)
    return {
        "versions": versions,
        "hindrance": hindrance(case, has_consent=store.has_agreed(look, case.petition_id)),
        "followers": store.followers_counted(look, case_id),
        "address": f"{desk.app.settings.public_url}/so-phan-anh/{public.number}" if public else None,
        "is_kept_back": KEPT_BACK in case.flags,
    }


def on_case(desk: Desk, look: Reading, case: Case) -> SimpleNamespace | None:
    """What the page of the case says of it; None for cases that never have a public side."""
    found = summarised(desk, look, case.id)
    if found["hindrance"] in {"kind", "level"} and not found["versions"]:
        return None
    return SimpleNamespace(
        waits=waiting(found["versions"]),
        public=current(found["versions"]),
        why=WHY_NOT.get(found["hindrance"] or ""),
        followers=found["followers"],
        address=found["address"],
    )


def _page(
    desk: Desk,
    case_id: UUID,
    *,
    form: SummaryForm | None = None,
    withdrawal: WithdrawForm | None = None,
    wrong: Exception | None = None,
) -> ResponseReturnValue:
    me = auth.me()
    with desk.database.reading() as look:
        facts, case = summarised(desk, look, case_id), store.find_case(look, case_id)
        assert case is not None, "seen a moment ago"
        waits, public = waiting(facts["versions"]), current(facts["versions"])
        shown = form or SummaryForm(**_as_typed(desk, look, case, waits or public))
        shown.title.flags.required = shown.text.flags.required = True
        shown.title.flags.maxlength, shown.place.flags.maxlength = LONGEST_TITLE, LONGEST_PLACE
        down = withdrawal or WithdrawForm()
        day = desk.rules.calendar.local_day(look.now)
        down.reason.choices = [
            (row.code, row.name if current_language() == "vi" else row.name_en)
            for row in desk.rules.catalogue.publishing.case_reasons
            if holds(row, day)
        ]
        down.reason.flags.required = True
        for one in (shown, down):
            if isinstance(wrong, Incomplete) and wrong.field in one:
                one[wrong.field].errors = [WRITE.said_of(wrong)]
        typed_photos = photos_asked(look) if form is not None else _chosen(waits or public)
        is_free = facts["hindrance"] is None
        return desk.page(
            look,
            "desk/summary.html",
            status=status_of(wrong),
            case=case,
            f=shown,
            withdrawal=down,
            waits=waits,
            public=public,
            photos=_offered(look, case, typed_photos),
            grid=SimpleNamespace(columns=COLUMNS, rows=ROWS),
            limit=LONGEST_TEXT,
            STATES=STATES,
            why=WHY_NOT.get(facts["hindrance"] or ""),
            names=store.names_of(look),
            told=store.words_of(look, case_id),
            is_late=was_late(case),
            may_write=is_free and bool(may(me, "write_summary", case)),
            may_publish=is_free
            and bool(may(me, "publish_summary", case))
            and waits is not None
            and waits.written_by != me.person,
            may_drop=waits is not None and bool(may(me, "write_summary", case)),
            may_withdraw=public is not None and bool(may(me, "withdraw_summary", case)),
            may_keep_back=facts["hindrance"] in {None, KEPT_BACK, "consent"} and bool(may(me, "keep_back", case)),
            refused=_refused(wrong),
            wrong=[*shown.wrong, *down.wrong],
            **facts,
        )


def _refused(wrong: Exception | None) -> str:
    """What stands under no field."""
    if isinstance(wrong, NotAllowed):
        return why_not_allowed(wrong)
    if isinstance(wrong, Incomplete) and wrong.field == "photos":
        return WRITE.said_of(wrong)
    return ""


def _as_typed(desk: Desk, look: Reading, case: Case, before: Summary | None) -> dict[str, str]:
    """The form as it begins: the last version, with the answer where one was given since."""
    given = [one for one in store.answers_of(look, case.id) if one.state == "answered"]
    answer = given[-1].text if given and case.answered_at else ""  # what was reopened has none that holds
    if before is None:
        return {"place": actions.place_for_everybody(desk.rules, store.words_of(look, case.id)), "answer": answer}
    return {
        "title": before.title,
        "text": before.text,
        "place": before.place or "",
        "answer": answer if before.outdated_at else before.answer or answer,
        "late_reason": before.late_reason or "",
    }


def _chosen(before: Summary | None) -> tuple[str, ...]:
    """The photos of a version, as they are asked for."""
    photos = before.photos if before else ()
    return tuple(f"{one.of}:{one.shows}:{','.join(map(str, one.cells))}" for one in photos)


def _offered(look: Reading, case: Case, chosen: Sequence[str]) -> list[SimpleNamespace]:
    """The photos of the answers, with what was chosen of each. What the citizen sent is never among them."""
    before = {}
    for asked in chosen:
        try:
            of, shows, cells = _read_choice(asked)
        except Incomplete:
            continue
        before[of] = (shows, set(cells))
    found = [one for one in store.answer_files_of(look, case.id) if one.media_type.startswith("image/")]
    return [
        SimpleNamespace(id=one.id, shows=before.get(one.id, ("", set()))[0], cells=before.get(one.id, ("", set()))[1])
        for one in found
    ]


def _moved(desk: Desk, case_id: UUID, act: Act, **typed: Any) -> ResponseReturnValue:
    try:
        act.and_say(desk, case_id=case_id)
    except (Incomplete, NotAllowed) as wrong:
        return _page(desk, case_id, wrong=wrong, **typed)
    return redirect(url_for("summary", case_id=case_id, _anchor="main" if request.form else None), 303)
