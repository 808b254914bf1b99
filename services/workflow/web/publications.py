"""The register of what is made public: written, posted by somebody else, shown to hang where it should, taken down."""

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from datetime import date
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from flask import Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import FileField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField

from services.workflow import actions, store
from services.workflow.actions.publications import LONGEST_NOTE, LONGEST_PLACE, LONGEST_TEXT, LONGEST_TITLE
from services.workflow.domain.letter import short_date
from services.workflow.domain.publication import (
    OVERSEERS,
    Proof,
    Publication,
    PublicationRefused,
    may_post,
    may_prepare,
    may_withdraw,
    unproved,
)
from services.workflow.domain.rules import Rules
from services.workflow.domain.vocabulary import WEB, Named, NoticeChannel, holds
from services.workflow.proofs import FileRefused, accept
from services.workflow.steps import Incomplete, NotAllowed
from services.workflow.store.publications import NOW, OVER, WAITING
from services.workflow.web.addresses import Act, Facts, does, gives, sees
from services.workflow.web.files import file_response, own_file
from services.workflow.web.frame import STAFF, Desk
from services.workflow.web.refusing import status_of, why_not_allowed
from shared import auth
from shared.db import Reading, Transaction
from shared.events.intake import Attachment
from shared.files import remove_file, store_file
from shared.web import Form, current_language, gettext, lazy

PROOF_BODY = 16 * 1024 * 1024  # bytes of a form with its photo
LISTS = {NOW: lazy("Đang công khai"), WAITING: lazy("Chờ đăng"), OVER: lazy("Hết hạn, đã gỡ")}
STATES = {
    "prepared": lazy("Chờ người khác đăng"),
    "posted": lazy("Đang công khai"),
    "withdrawn": lazy("Đã gỡ"),
    "dropped": lazy("Không đăng"),
}
WRONG = {
    ("title", "missing"): lazy("Hãy viết tiêu đề, ít nhất 5 ký tự"),
    ("title", "line_break"): lazy("Tiêu đề chỉ được một dòng"),
    ("title", "too_long"): lazy("Tiêu đề dài quá: hãy viết ngắn lại"),
    ("text", "missing"): lazy("Hãy viết nội dung, ít nhất 20 ký tự"),
    ("text", "too_long"): lazy("Nội dung dài quá: hãy bớt lại"),
    ("text", "hidden_characters"): lazy("Nội dung có ký tự ẩn: hãy dán lại dưới dạng chữ thường"),
    ("kind", "missing"): lazy("Hãy chọn loại"),
    ("unit", "missing"): lazy("Hãy chọn đơn vị"),
    ("starts_on", "missing"): lazy("Hãy nhập ngày bắt đầu công khai"),
    ("starts_on", "passed"): lazy("Ngày bắt đầu đã qua: hãy chọn hôm nay hoặc ngày sau"),
    ("starts_on", "malformed"): lazy("Hãy nhập ngày theo dạng ngày/tháng/năm, ví dụ 23/11/2026"),
    ("ends_on", "malformed"): lazy("Hãy nhập ngày theo dạng ngày/tháng/năm, ví dụ 23/11/2026"),
    ("ends_on", "before_first"): lazy("Ngày cuối phải bằng hoặc sau ngày bắt đầu"),
    ("ends_on", "passed"): lazy("Ngày cuối đã qua: hãy sửa lại trước khi đăng"),
    ("campaign", "missing"): lazy("Hãy chọn một đợt tuyên truyền đang có, hoặc để trống"),
    ("channel", "missing"): lazy("Hãy chọn hình thức cần bằng chứng"),
    ("place", "missing"): lazy("Hãy ghi nơi niêm yết, phát hoặc đăng"),
    ("seen_on", "missing"): lazy("Hãy nhập ngày bạn thấy hoặc nghe"),
    ("seen_on", "to_come"): lazy("Ngày này chưa tới"),
    ("seen_on", "malformed"): lazy("Hãy nhập ngày theo dạng ngày/tháng/năm, ví dụ 23/11/2026"),
    ("note", "missing"): lazy("Hãy gửi một ảnh, hoặc ghi đã thấy gì, ít nhất 10 ký tự"),
    ("photo", "too_large"): lazy("Tệp quá lớn: hãy gửi ảnh nhỏ hơn"),
    ("photo", "not_a_picture"): lazy("Không phải ảnh JPG, PNG, WebP, HEIC hay tệp PDF"),
    ("reason", "missing"): lazy("Hãy chọn lý do: người đọc sẽ thấy lý do này"),
}


class PublicationForm(Form):
    title = StringField(lazy("Tiêu đề"))
    text = TextAreaField(lazy("Nội dung"), description=lazy("Chữ thường, để một dòng trống giữa các đoạn."))
    kind = SelectField(lazy("Loại"))
    unit = SelectField(lazy("Đơn vị"))
    channels = SelectMultipleField(
        lazy("Công khai thêm ở đâu"), description=lazy("Trang web luôn có. Mỗi hình thức khác cần một bằng chứng.")
    )
    starts_on = StringField(lazy("Công khai từ ngày"))
    ends_on = StringField(lazy("Đến hết ngày"), description=lazy("Để trống nếu không có ngày kết thúc."))
    campaign = SelectField(lazy("Đợt tuyên truyền"))


class ProofForm(Form):
    channel = RadioField(lazy("Hình thức"))
    place = StringField(lazy("Ở đâu"), description=lazy("Ví dụ: bảng tin trước Bộ phận một cửa"))
    seen_on = StringField(lazy("Ngày thấy hoặc nghe"))
    photo = FileField(lazy("Ảnh"), description=lazy("Chúng tôi xoá vị trí chụp và tên máy khỏi ảnh."))
    note = TextAreaField(lazy("Ghi chú"), description=lazy("Cần khi không có ảnh, ví dụ giờ phát và ai nghe."))


class WithdrawForm(Form):
    reason = RadioField(lazy("Lý do, người đọc sẽ thấy"))
    words = TextAreaField(lazy("Giải thích thêm"), description=lazy("Chỉ giữ trong sổ này."))


def serve(desk: Desk) -> None:
    app = desk.app
    app.refuses(actions.PublicationUnknown, 404, words=lazy("Không có mục này trong sổ công khai."))
    app.refuses(PublicationRefused, 409, words=lazy("Mục này đã được người khác sửa, đăng hoặc gỡ. Hãy tải lại trang."))

    @app.get("/desk/publications")
    @desk.needs()
    def publications() -> ResponseReturnValue:
        with desk.database.reading() as look:
            return _register(desk, look)

    @app.route("/desk/publications/new", methods=["GET", "POST"])
    @desk.needs()
    def publication_new() -> ResponseReturnValue:
        return _write(desk, None, PREPARE)

    @app.route("/desk/publications/<uuid:publication_id>/change", methods=["GET", "POST"])
    @desk.needs()
    def publication_change(publication_id: UUID) -> ResponseReturnValue:
        with desk.database.reading() as look:
            found = _find(look, publication_id)
        if found.state != "prepared":
            raise PublicationRefused(f"it is {found.state}")
        return _write(desk, found, CHANGE, publication_id=publication_id)

    @app.get("/desk/publications/<uuid:publication_id>")
    @desk.needs()
    def publication(publication_id: UUID) -> ResponseReturnValue:
        with desk.database.reading() as look:
            return _page(desk, look, publication_id)

    @app.post("/desk/publications/<uuid:publication_id>/post")
    @desk.needs()
    def publication_post(publication_id: UUID) -> ResponseReturnValue:
        return _moved(desk, publication_id, POST)

    @app.post("/desk/publications/<uuid:publication_id>/drop")
    @desk.needs()
    def publication_drop(publication_id: UUID) -> ResponseReturnValue:
        return _moved(desk, publication_id, DROP)

    @app.post("/desk/publications/<uuid:publication_id>/proofs")
    @desk.needs()
    def publication_show(publication_id: UUID) -> ResponseReturnValue:
        try:
            SHOW.and_say(desk, publication_id=publication_id)
        except (Incomplete, NotAllowed) as refusal:
            with desk.database.reading() as look:
                return _page(desk, look, publication_id, proof=ProofForm.sent(), wrong=refusal)
        return redirect(url_for("publication", publication_id=publication_id), 303)

    @app.post("/desk/publications/<uuid:publication_id>/withdraw")
    @desk.needs()
    def publication_withdraw(publication_id: UUID) -> ResponseReturnValue:
        return _moved(desk, publication_id, WITHDRAW, withdrawal=WithdrawForm.sent())


@gives("publication-files/<uuid:proof_id>", "image/jpeg")
def publication_file(desk: Desk, proof_id: UUID) -> Response:
    """The photo of a proof"""
    with desk.database.reading() as look:
        found = store.find_proof(look, proof_id)
        if found is None or found.file_id is None:
            abort(404)
        _find(look, found.publication_id)
    return file_response(SimpleNamespace(id=found.file_id, media_type=found.media_type), own_file(desk, found.file_id))


def _prepare(
    tx: Transaction,
    rules: Rules,
    *,
    person: auth.Person,
    title: str,
    text: str,
    kind: str,
    unit: str,
    channels: Sequence[str] = (),
    starts_on: date | None,
    ends_on: date | None = None,
    campaign: str | None = None,
    publication_id: UUID | None = None,
) -> Publication:
    """Something to be made public, written; somebody else posts it."""
    written = actions.Written(
        title=title,
        text=text,
        kind=kind,
        channels=tuple(channels),
        starts_on=starts_on,
        ends_on=ends_on,
        campaign=campaign,
        unit=unit,
    )
    if publication_id is None:
        return actions.prepare_publication(tx, rules, person=person, written=written)
    return actions.change_publication(tx, rules, person=person, publication_id=publication_id, written=written)


def _show(
    desk: Desk,
    *,
    person: auth.Person,
    publication_id: UUID,
    channel: str,
    place: str,
    seen_on: date | None,
    note: str = "",
) -> Proof:
    """Proof that it hung, lay or was said where it should: a photo, or a note of what was seen."""
    with ExitStack() as undo:  # what was refused leaves no file behind
        file = _photo(desk, undo)
        with desk.database.writing() as tx:
            kept = actions.show_publication(
                tx,
                desk.rules,
                person=person,
                publication_id=publication_id,
                channel=channel,
                place=place,
                note=note.replace("\r\n", "\n"),
                seen_on=seen_on,
                file=file,
            )
        undo.pop_all()
    return kept


WRITTEN = ("title", "text", "kind", "unit", "channels", "starts_on", "ends_on", "campaign")
THERE = "publications/<uuid:publication_id>"
KEPT = lazy("Đã lưu. Người khác xem lại và đăng.")
PREPARE = does("publications/new", _prepare, *WRITTEN, done=KEPT, wrong=WRONG)
CHANGE = does(f"{THERE}/change", _prepare, *WRITTEN, done=KEPT, wrong=WRONG)
POST = does(f"{THERE}/post", actions.post_publication, "version", done=lazy("Đã đăng: ai cũng xem được"), wrong=WRONG)
DROP = does(f"{THERE}/drop", actions.drop_publication, done=lazy("Đã bỏ, không đăng"), wrong=WRONG)
SHOW = does(
    f"{THERE}/proofs",
    _show,
    *("channel", "place", "seen_on", "note"),
    done=lazy("Đã ghi bằng chứng"),
    wrong=WRONG,
    upload="photo",
    most_bytes=PROOF_BODY,
)
WITHDRAW = does(
    f"{THERE}/withdraw",
    actions.withdraw_publication,
    *("reason", "words"),
    done=lazy("Đã gỡ: trang công khai nói lý do"),
    wrong=WRONG,
)


def _find(look: Reading, publication_id: UUID) -> Publication:
    found = store.find_publication(look, auth.me(), publication_id)
    if found is None:
        raise actions.PublicationUnknown
    return found


# ---- the register


@sees("publications", "rows", "which", "missing", "readers", "campaigns", query=("list", "campaign"))
def registered(desk: Desk, look: Reading) -> Facts:
    """What is made public (`list`: now, waiting, over), where its proof is missing, how often it was opened"""
    me, today = auth.me(), desk.rules.calendar.local_day(look.now)
    which = request.args.get("list", NOW)
    which, campaign = which if which in LISTS else NOW, request.args.get("campaign", "")
    rows = store.publications_in(look, me, which, day=today, campaign=campaign)
    proofs = store.proofs_of(look, [one.id for one in rows])
    publishing = desk.rules.catalogue.publishing
    return {
        "rows": rows,
        "which": which,
        "missing": {one.id: unproved(one, proofs.get(one.id, ()), publishing) for one in rows},
        "readers": store.readers_of(look, [one.id for one in rows]),
        "campaigns": store.campaigns(look),
    }


def _register(desk: Desk, look: Reading) -> ResponseReturnValue:
    me = auth.me()
    return desk.page(
        look,
        "desk/publications.html",
        here="publications",
        lists=LISTS,
        campaign=request.args.get("campaign", ""),
        said=_names(desk),
        today=desk.rules.calendar.local_day(look.now),
        may_prepare=me.role in STAFF,
        STATES=STATES,
        **registered(desk, look),
    )


def _names(desk: Desk) -> Any:
    """Names of kinds, channels, campaigns and reasons, in the page's language: said("kinds", code)."""
    publishing = desk.rules.catalogue.publishing

    def said(key: str, code: str | None) -> str:
        rows: Iterable[Named | NoticeChannel] = getattr(publishing, key)
        return next((_name(row) for row in rows if row.code == code), code or "")

    return said


def _name(row: Named | NoticeChannel) -> str:
    return row.name if current_language() == "vi" else row.name_en


# ---- writing one


def _write(desk: Desk, before: Publication | None, act: Act, **at: Any) -> ResponseReturnValue:
    form = PublicationForm.sent(**_as_typed(before) if before else {"unit": auth.me().unit})
    refusal: Exception | None = None
    with desk.database.reading() as look:
        _offer(desk, look, form)
    if request.method == "POST":
        try:
            kept = act.and_say(desk, **at)
        except (Incomplete, NotAllowed) as wrong:
            refusal = wrong
            _mark(form, wrong)
        else:
            return redirect(url_for("publication", publication_id=kept.id), 303)
    with desk.database.reading() as look:
        return desk.page(
            look,
            "desk/publication_form.html",
            here="publications",
            status=status_of(refusal),
            f=form,
            before=before,
            limits={"title": LONGEST_TITLE, "text": LONGEST_TEXT},
            refused=_refused(refusal),
            wrong=form.wrong,
        )


def _as_typed(found: Publication) -> dict[str, Any]:
    return {
        "title": found.title,
        "text": found.text,
        "kind": found.kind,
        "channels": list(found.channels),
        "unit": found.unit,
        "starts_on": short_date(found.starts_on),
        "ends_on": short_date(found.ends_on) if found.ends_on else "",
        "campaign": found.campaign or "",
    }


def _offer(desk: Desk, look: Reading, form: PublicationForm) -> None:
    me, today, publishing = auth.me(), desk.rules.calendar.local_day(look.now), desk.rules.catalogue.publishing
    form.kind.choices = [("", gettext("— Chọn loại —")), *_choices(publishing.kinds, today)]
    form.campaign.choices = [("", gettext("— Không thuộc đợt nào —")), *_choices(publishing.campaigns, today)]
    form.channels.choices = [one for one in _choices(publishing.channels, today) if one[0] != WEB]
    units = desk.units_now(look.now)
    form.unit.choices = units if me.role in OVERSEERS else [one for one in units if one[0] == me.unit]
    for field in (form.title, form.kind, form.unit, form.text, form.starts_on):
        field.flags.required = True
    form.title.flags.maxlength = LONGEST_TITLE


def _choices(rows: Iterable[Named | NoticeChannel], day: date) -> list[tuple[str, str]]:
    return [(row.code, _name(row)) for row in rows if holds(row, day)]


# ---- one publication


@sees(
    "publications/<uuid:publication_id>",
    *("one", "proofs", "missing", "readers", "address"),
    *("may_post", "may_change", "may_prove", "may_withdraw"),
)
def one_publication(desk: Desk, look: Reading, publication_id: UUID) -> Facts:
    """Something made public, with its proofs and readers, and what one may do about it"""
    found, me, publishing = _find(look, publication_id), auth.me(), desk.rules.catalogue.publishing
    proofs = store.proofs_of(look, [found.id]).get(found.id, [])
    has_to_show = any(publishing.must_show(code) for code in found.channels)
    return {
        "one": found,
        "proofs": proofs,
        "missing": unproved(found, proofs, publishing),
        "readers": store.readers_of(look, [found.id]).get(found.id, store.Readers()),
        "address": f"{desk.app.settings.public_url}/cong-khai/{found.number}" if found.number else "",
        "may_post": found.state == "prepared" and bool(may_post(me, found)),
        "may_change": found.state == "prepared" and bool(may_prepare(me, found.unit)),
        "may_prove": found.state == "posted" and has_to_show and bool(may_prepare(me, found.unit)),
        "may_withdraw": found.state == "posted" and bool(may_withdraw(me, found)),
    }


def _page(
    desk: Desk,
    look: Reading,
    publication_id: UUID,
    *,
    proof: ProofForm | None = None,
    withdrawal: WithdrawForm | None = None,
    wrong: Exception | None = None,
) -> ResponseReturnValue:
    facts = one_publication(desk, look, publication_id)
    found: Publication = facts["one"]
    today, publishing, said = desk.rules.calendar.local_day(look.now), desk.rules.catalogue.publishing, _names(desk)
    shown = [code for code in found.channels if publishing.must_show(code)]
    proof_form, withdraw_form = proof or ProofForm(), withdrawal or WithdrawForm()
    proof_form.channel.choices = [(code, said("channels", code)) for code in shown]
    proof_form.place.flags.maxlength = LONGEST_PLACE
    withdraw_form.reason.choices = _choices(publishing.reasons, today)
    for field in (proof_form.channel, proof_form.place, proof_form.seen_on, withdraw_form.reason):
        field.flags.required = True
    _mark(withdraw_form if withdrawal else proof_form, wrong)
    return desk.page(
        look,
        "desk/publication.html",
        here="publications",
        status=status_of(wrong),
        names=store.names_of(look),
        said=said,
        channels=[said("channels", code) for code in found.channels],
        today=today,
        proof=proof_form,
        withdrawal=withdraw_form,
        most=LONGEST_NOTE,
        refused=_refused(wrong),
        wrong=[*proof_form.wrong, *withdraw_form.wrong],
        STATES=STATES,
        **facts,
    )


def _photo(desk: Desk, undo: ExitStack) -> Attachment | None:
    """The photo that was sent as it is kept, drawn anew. Raises Incomplete."""
    sent = request.files.get("photo")
    if sent is None or not sent.filename:
        return None
    limits = desk.rules.answers.file_limits(desk.rules.calendar.local_day(desk.database.clock.now()))
    try:
        kept, data = accept(sent.read(), limits)
    except FileRefused as refused:
        raise Incomplete("photo", refused.problem) from None
    store_file(desk.app.settings.files_dir, kept.id, data)
    undo.callback(remove_file, desk.app.settings.files_dir, kept.id)
    return kept


def _moved(
    desk: Desk, publication_id: UUID, act: Act, *, withdrawal: WithdrawForm | None = None
) -> ResponseReturnValue:
    try:
        act.and_say(desk, publication_id=publication_id)
    except (Incomplete, NotAllowed) as refusal:
        with desk.database.reading() as look:
            return _page(desk, look, publication_id, withdrawal=withdrawal, wrong=refusal)
    return redirect(url_for("publication", publication_id=publication_id), 303)


# ---- what is wrong


def _mark(form: Form, wrong: Exception | None) -> None:
    """Put what is wrong at its field, where the form has it."""
    if isinstance(wrong, Incomplete) and wrong.field in form:
        said = WRONG.get((wrong.field, wrong.code)) or WRONG.get((wrong.field, "missing"))
        form[wrong.field].errors = [str(said or gettext("Hãy điền mục này"))]


def _refused(wrong: Exception | None) -> str:
    """What stands under no field: what nobody may do, and what is wrong with what cannot be typed here."""
    if isinstance(wrong, NotAllowed):
        return why_not_allowed(wrong)
    if isinstance(wrong, Incomplete) and (wrong.field, wrong.code) == ("ends_on", "passed"):
        return str(WRONG[wrong.field, wrong.code])
    return ""
