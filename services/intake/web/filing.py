"""Filing a petition: form, check, send, receipt. Every page is a POST that keeps what was typed, then a redirect."""

import io
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID

import segno
from flask import Blueprint, Response, abort, flash, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from services.intake import files, store
from services.intake.actions import count_petition, receipt_again
from services.intake.contact import masked_email, masked_phone
from services.intake.domain.code import read_aloud
from services.intake.domain.counter import Entry
from services.intake.domain.petition import Kept, Petition, Refused, Wrong
from services.intake.domain.procedure import Procedure
from services.intake.domain.questions import asked_of, field_of
from services.intake.domain.secret import hashed, pin_of
from services.intake.door import FILING_BODY, STEPPED, Door, digest_of, the_door
from services.intake.draft import Draft, DraftKey
from services.intake.files import FileRefused
from services.intake.steps import KeyUsedBefore, Receipt, file_petition
from services.intake.story import day_strip
from services.intake.web import doubting, drafts, offer, stead
from services.intake.web.asked import shown, words_of
from services.intake.web.drafts import DraftGone
from services.intake.web.form import KINDS, SIGNATURES, SIGNED, WANTED, mark, petition_form, topic_name, typed_words
from services.intake.words import wrong_words
from shared.db import Reading
from shared.files import ending_of
from shared.questions import Question
from shared.web import WebApp, client_address, client_network, current_language, gettext, lazy, private

ABOUT_PROCEDURES = frozenset({"procedure_feedback", "regulation_feedback"})
POSITION = frozenset({"lat", "lng", "acc"})

pages = Blueprint("filing", __name__)


def add_to(app: WebApp, door: Door) -> None:
    app.limit(door.limits.filing, methods=["POST"], key=who_counts)(pages)
    app.limit(door.limits.filing_of_network, methods=["POST"], key=which_network_counts)(pages)
    app.register_blueprint(pages)
    app.refuses(
        DraftGone,
        410,
        words=lazy(
            "Bản nháp không còn: đã quá 24 giờ, đã xoá, hoặc trình duyệt đang chặn cookie. Hãy bấm nút quay lại của "
            "trình duyệt: "
            "những gì bạn gõ thường vẫn còn trên máy của bạn."
        ),
    )


def who_counts() -> str:
    """For whom sending is counted: an address, or at the counter the session, since many share one address there."""
    at_work = stead.present()
    return client_address() if at_work is None else f"counter:{at_work.id_hash.hex()}"


def which_network_counts() -> str:
    at_work = stead.present()
    return client_network() if at_work is None else who_counts()


# ---- the form


@pages.get("/gui")
@private
def form() -> ResponseReturnValue:
    at_work = stead.present()
    if at_work is not None and at_work.once:
        return redirect(url_for("counter.receipt"), 303)
    door = the_door()
    _, draft = drafts.present()
    typed = stead.marked(draft.typed)
    for name, asked in (("kind", "loai"), ("topic", "linh-vuc"), ("publication", "tu"), ("procedure", "thu-tuc")):
        if request.args.get(asked):
            typed[name] = request.args[asked]
    typed.setdefault("kind", "report")
    if door.way(typed) is not None:
        return redirect(url_for("steps.step", number=1, loai=typed["kind"]), 303)
    return _form_page(typed, draft, is_resumed=bool(draft.typed))


def empty_form() -> str:
    """The form as a telephone keeps it for when there is no network: nobody's draft, and no way in for staff."""
    return _form_page({"kind": "report"}, Draft(), is_for_all=True)


@pages.post("/gui")
@private
def keep_form() -> ResponseReturnValue:
    door = the_door()
    request.max_content_length = FILING_BODY
    key, draft = drafts.present()
    before = draft.typed
    draft = Draft(stead.marked(typed_words()), draft.files).without(set(request.form.getlist("drop")))
    key = key or DraftKey.fresh()
    draft, wrong_files = drafts.with_uploads(door, key, draft, "files")
    if request.form.get("do") in STEPPED:
        draft = replace(draft, typed={**draft.typed, "kind": request.form["do"]})
    with door.database.writing() as tx:
        draft = replace(draft, typed={**draft.typed, **doubting.marks(tx, before)})
        store.save_draft(tx, key.id, draft.lock(key.key))
    if door.way(draft.typed) is not None:
        return drafts.remember(make_response(redirect(url_for("steps.step", number=1), 303)), key)

    stead.must_go_on(draft.typed)
    sought = request.form.get("q", "") if request.form.get("do") == "find" else ""
    wrong = [] if request.form.get("do") in {"find", "drop"} else _wrong(door, draft)
    if wrong or wrong_files or request.form.get("do") in {"find", "drop"}:
        page = make_response(_form_page(draft.typed, draft, wrong=[*wrong, *wrong_files], sought=sought))
        page.status_code = 422 if wrong or wrong_files else 200
    else:
        page = make_response(redirect(url_for("filing.check"), 303))
    return drafts.remember(page, key)


@pages.get("/gui/linh-vuc")
def find_topic() -> ResponseReturnValue:
    """Topics for the search box, best first."""
    door = the_door()
    found = door.catalogue.find_topics(request.args.get("q", "")[:100], door.today())
    return jsonify([{"code": topic.code, "name": topic_name(topic)} for topic in found[:8]])


@pages.get("/gui/huong-dan")
def guidance() -> ResponseReturnValue:
    """What is told about a topic, as it stands on the form; nothing where nothing is kept."""
    door = the_door()
    with door.database.reading() as tx:
        told = door.guidance.on_day(tx, door.today()).about(request.args.get("linh-vuc"), door.today())
    return render_template("_guidance.html", guidance=told) if told else ""


@pages.get("/gui/hoi")
def questions() -> ResponseReturnValue:
    """What is asked about a topic, as it stands on the form; nothing where nothing is."""
    door = the_door()
    asked = door.asked({"topic": request.args.get("linh-vuc", "")[:16]})
    form = petition_form(door.catalogue, door.today(), {}, questions=asked)
    return render_template("_asked.html", asked=shown(form, asked)) if asked else ""


@pages.post("/gui/bo")
def throw_away() -> ResponseReturnValue:
    """Forget the draft and its files."""
    door = the_door()
    key, draft = drafts.present()
    if key is not None:
        with door.database.writing() as tx:
            store.drop_draft(tx, key.id)
        files.drop_aside(door.settings.files_dir, [one.kept.id for one in draft.files])
    page = make_response(redirect(url_for("filing.form"), 303))
    page.delete_cookie(drafts.COOKIE)
    flash(gettext("Đã xoá bản nháp."))
    return page


def _form_page(
    typed: dict[str, str] | Any,
    draft: Draft,
    *,
    wrong: list[Wrong] | None = None,
    sought: str = "",
    is_resumed: bool = False,
    is_for_all: bool = False,
) -> str:
    door = the_door()
    found = door.catalogue.find_topics(sought, door.today()) if sought else []
    if any(one.field == "position" for one in wrong or ()):
        typed = {name: words for name, words in typed.items() if name not in POSITION}  # nobody can edit what is hidden
    asked = door.asked(typed)
    page_form = petition_form(door.catalogue, door.today(), typed, found=found, sought=sought, questions=asked)
    mark(page_form, wrong or [], position="place")
    with door.database.reading() as tx:
        procedure = procedure_named(door, tx, typed, typed.get("kind"))
        told = door.guidance.on_day(tx, door.today()).about(page_form.topic.data, door.today())
    return render_template(
        "form.html",
        f=page_form,
        asked=shown(page_form, asked),
        procedure=procedure,
        guidance=told,
        wrong=page_form.wrong,
        kinds=KINDS,
        signed=SIGNED,
        draft=draft,
        is_resumed=is_resumed,
        sought=sought,
        found=found,
        counter=None if is_for_all else stead.shown(),
    )


def procedure_named(door: Door, tx: Reading, typed: Mapping[str, str], kind: str | None) -> Procedure | None:
    """The procedure whose page the citizen came from, where what they send is about one."""
    code = typed.get("procedure", "")
    if not code or kind not in ABOUT_PROCEDURES:
        return None
    today = door.today()
    return next((row for row in door.procedures.on_day(tx, today).on_day(today) if row.code == code), None)


def answered_rows(questions: Sequence[Question], sent: Petition, form: str) -> list[tuple[str, str, str, str]]:
    """What was asked for what was typed, with the answers and where to change them."""
    answers = {one.code: one for one in sent.answers}
    typed = {field_of(one): answers[one.code].raw for one in questions if one.code in answers}
    rows = []
    for one in asked_of(questions, typed):
        said = words_of(answers[one.code], "value") if one.code in answers else ""
        rows.append((words_of(one), said, f"{form}#{field_of(one)}", words_of(one)))
    return rows


def _wrong(door: Door, draft: Draft) -> list[Wrong]:
    wrong: list[Wrong] = []
    try:
        door.check(dict(draft.typed), language=current_language())
    except Refused as refused:
        wrong.extend(refused.wrong)
    try:
        stead.entry_of(draft)
    except Refused as refused:
        wrong.extend(refused.wrong)
    return wrong


# ---- check and send


@pages.get("/kiem-tra")
@private
def check() -> ResponseReturnValue:
    door = the_door()
    key = drafts.own_key()
    draft = drafts.draft_of(door, key) if key is not None else None
    if key is not None and draft is None:
        return receipt_of_before(door, key)
    if key is None or draft is None or not draft.typed:
        raise DraftGone
    stead.must_go_on(draft.typed)
    if door.way(draft.typed) is not None:
        return redirect(url_for("steps.last"), 303)
    try:
        sent = door.check(dict(draft.typed), language=current_language())
        entry = stead.entry_of(draft)
    except Refused:
        return redirect(url_for("filing.form"), 303)
    topic = door.catalogue.topic(sent.topic)
    ward = door.catalogue.ward(sent.ward)
    with door.database.reading() as tx:
        told = door.guidance.on_day(tx, door.today()).about(sent.topic, door.today())
        known = None if entry is not None else offer.before_sending(door, tx, sent)
    return render_template(
        "check.html",
        offer=known,
        sent=sent,
        draft=draft,
        kind=kind_name(door, sent.kind),
        is_signed=door.catalogue.needs_signature(sent.kind),
        topic=topic_name(topic) if topic else "",
        proposed=[] if topic else [(one.code, topic_name(one)) for one in _proposed(door, sent)],
        ward=f"{ward.type_name} {ward.name}".strip() if ward else "",
        asked=answered_rows(door.asked(draft.typed), sent, url_for("filing.form")),
        seen=seen_of(draft),
        counter=stead.shown(),
        entry=entry,
        signatures=SIGNATURES,
        guidance=told,
        missing=told.still_wanted(sent, draft.files) if told else (),
        wanted=WANTED,
        question=None if entry else doubting.question(draft.typed, is_wrong="cau-hoi" in request.args),
    )


@pages.post("/kiem-tra")
@private
def send() -> ResponseReturnValue:
    """File the petition. Pressed twice, or again after a lost reply, it files once and shows the same receipt."""
    door = the_door()
    key = drafts.own_key()
    if key is None:
        raise DraftGone
    draft = drafts.draft_of(door, key)
    if draft is None:
        return receipt_of_before(door, key)
    stead.must_go_on(draft.typed)
    if door.way(draft.typed) is not None:
        return redirect(url_for("steps.last"), 303)
    if request.form.get("topic"):
        return _choose_topic(door, key, draft)
    if request.form.get("seen") != seen_of(draft):
        flash(gettext("Nội dung đã thay đổi ở một cửa sổ khác. Hãy kiểm tra lại rồi gửi."))
        return redirect(url_for("filing.check"), 303)
    try:
        sent = door.check(dict(draft.typed), language=current_language())
        entry = stead.entry_of(draft)
        kept = keep_files(door, key, draft, kind=sent.kind)
    except FileRefused as refused:
        if drafts.draft_of(door, key) is None:  # the same press, or another one, has just filed it
            return receipt_of_before(door, key)
        flash(wrong_words(Wrong("files", refused.problem, given=refused.name)))
        return redirect(url_for("filing.form"), 303)
    except Refused:
        flash(gettext("Có tệp không còn. Hãy chọn lại tệp rồi gửi."))
        return redirect(url_for("filing.form"), 303)
    marks = draft.typed
    if entry is None and request.form.get(doubting.ASKED):
        with door.database.writing() as tx:
            marks = {**draft.typed, **doubting.marks(tx, draft.typed)}
            store.save_draft(tx, key.id, replace(draft, typed=marks).lock(key.key))
        if request.form.get(doubting.ANSWER, "").strip() and doubting.PROVEN not in marks:
            return redirect(f"{url_for('filing.check')}?cau-hoi=sai", 303)
    doubts = doubting.doubts_about(sent, marks) if entry is None else ()
    return file_draft(door, key, draft, sent=sent, kept=kept, entry=entry, doubts=doubts)


def file_draft(
    door: Door,
    key: DraftKey,
    draft: Draft,
    *,
    sent: Petition,
    kept: Sequence[Kept],
    entry: Entry | None = None,
    doubts: tuple[str, ...] = (),
) -> ResponseReturnValue:
    """File what a draft became, forget the draft, and show the receipt."""
    try:
        return _file(door, key, draft, sent=sent, kept=kept, entry=entry, doubts=doubts)
    except KeyUsedBefore:  # another press filed it a moment ago; this one came with other files
        with door.database.writing() as tx:
            store.drop_draft(tx, key.id)
        return receipt_of_before(door, key)


def _file(
    door: Door,
    key: DraftKey,
    draft: Draft,
    *,
    sent: Petition,
    kept: Sequence[Kept],
    entry: Entry | None,
    doubts: tuple[str, ...],
) -> ResponseReturnValue:
    with door.database.writing() as tx:
        if entry is None:
            named = procedure_named(door, tx, draft.typed, sent.kind)
            receipt = file_petition(
                tx,
                sent=sent,
                kept=kept,
                once=key.once,
                key=door.key,
                channel="web",
                procedure=named.code if named else None,
                doubts=doubts,
            )
        else:
            receipt = stead.file_for(tx, door, sent=sent, entry=entry, kept=kept, once=key.once)
        count_petition(tx, receipt, number=draft.typed.get("publication", ""), today=door.today())
        store.drop_draft(tx, key.id)
    files.drop_aside(door.settings.files_dir, [one.id for one in kept])
    return to_receipt(receipt)


@pages.get("/kiem-tra/tep/<uuid:file_id>")
@private
def draft_file(file_id: UUID) -> ResponseReturnValue:
    """A picture of the draft, for the one whose browser has the key."""
    door = the_door()
    key, draft = drafts.present()
    one = next((f for f in draft.files if f.kept.id == file_id), None)
    if key is None or one is None or one.kept.is_waiting:
        abort(404)
    return file_response(files.take_back(door.settings.files_dir, file_id, key.key), one.kept.media_type)


def file_response(data: bytes, media_type: str) -> Response:
    """A citizen's file: shown or saved, never run."""
    response = Response(data, content_type=media_type)
    is_picture = media_type.startswith("image/")
    response.headers["Content-Disposition"] = (
        "inline" if is_picture else f'attachment; filename="tep.{ending_of(media_type)}"'
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def letter_response(data: bytes, *, name: str) -> Response:
    """A letter of ours: saved under a name that says nothing of anybody."""
    response = file_response(data, "application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def keep_files(door: Door, key: DraftKey, draft: Draft, *, kind: str | None) -> list[Any]:
    """Write the files of a draft to their place; what waited for the scanner is shown to it once more.

    Raises FileRefused.
    """
    kept = []
    for one in draft.files:
        data = files.take_back(door.settings.files_dir, one.kept.id, key.key)
        try:
            is_waiting = one.kept.is_waiting and not door.is_scanned(data)
            kept.append(door.keep(replace(one.kept, is_waiting=is_waiting), data, kind=kind))
        except FileRefused as refused:
            raise FileRefused(refused.problem, one.name) from None
    return kept


def _choose_topic(door: Door, key: DraftKey, draft: Draft) -> ResponseReturnValue:
    changed = replace(draft, typed={**draft.typed, "topic": request.form["topic"]})
    drafts.save(door, key, changed)
    return redirect(url_for("filing.check"), 303)


def receipt_of_before(door: Door, key: DraftKey) -> ResponseReturnValue:
    with door.database.reading() as tx:
        receipt = receipt_again(tx, once=key.once, key=door.key)
        is_of_others = receipt is not None and store.entered_at(tx, receipt.filed.id) is not None
    if receipt is None or (is_of_others and not stead.is_of_this_turn(receipt)):
        raise DraftGone  # what was filed in a citizen's stead does not open again here
    return to_receipt(receipt)


def to_receipt(receipt: Receipt) -> ResponseReturnValue:
    # The cookie stays for now: when this answer is lost, the same press of the button finds the same receipt.
    if stead.is_of_this_turn(receipt):
        return redirect(url_for("counter.receipt"), 303)
    return redirect(url_for("filing.receipt", token=receipt.token), 303)


def _proposed(door: Door, sent: Petition) -> list[Any]:
    return door.catalogue.propose_topics(f"{sent.title or ''} {sent.text}", door.today())


def seen_of(draft: Draft) -> str:
    """What the check page showed: a draft that changed since is shown again before it is sent."""
    words = "\0".join(f"{name}={value}" for name, value in sorted(draft.typed.items()) if name[0] != "_")
    return sha256(
        (words + "\0".join(str(f.kept.id) for f in draft.files)).encode("utf-8", "surrogatepass")
    ).hexdigest()[:16]


# ---- the receipt


@pages.get("/bien-nhan/<token>")
@private
def receipt(token: str) -> ResponseReturnValue:
    """What the citizen holds; the same whenever it is opened again."""
    door = the_door()
    with door.database.reading() as tx:
        filed = store.petition_by_token(tx, hashed(token))
        if filed is None:
            abort(404, description=gettext("Không có biên nhận nào ở địa chỉ này. Hãy kiểm tra lại đường dẫn."))
        return receipt_page(tx, door, filed, token)


def receipt_page(tx: Reading, door: Door, filed: store.Filed, token: str, **at_counter: Any) -> str:
    """The receipt; `at_counter` is what the officer sees besides who files in a citizen's stead."""
    digest = digest_of(tx, filed)
    words, entries = store.words_of(tx, filed.id), store.story_of(tx, filed.id)
    calendar = door.catalogue.calendar
    received_on = calendar.local_day(filed.received_at)
    estimate = door.expected_answer(tx, filed)
    due_on, link = filed.due_on or estimate, door.follow_url(token)
    told_by = [masked_email(words.email)] if words.email else []
    if words.phone and "sms" in filed.consents:
        told_by.append(masked_phone(words.phone))
    return render_template(
        "receipt.html",
        filed=filed,
        token=token,
        link=link,
        qr=qr_code(link, gettext("Mã QR mở trang theo dõi")),
        pin=pin_of(token) if filed.has_pin else "",
        aloud=read_aloud(filed.code) if current_language() == "vi" else "",
        told_by=told_by,
        taken_by=calendar.add_working_days(received_on, 1),
        due_on=due_on,
        draft=store.consultation_of(tx, filed.consultation_id) if filed.consultation_id else None,
        strip=_strip(door, filed, entries, due_on),
        is_estimate=filed.due_on is None,
        is_signed=door.catalogue.needs_signature(filed.kind),
        is_awaited=door.awaits_signature(filed) and not at_counter,
        guided_on=door.catalogue.guided_by(filed.received_at),
        here=url_for("following.by_link.follow", token=token),
        once=secrets.token_urlsafe(16),
        digest=digest,
        entered_at=store.entered_at(tx, filed.id),
        counter=at_counter,
    )


def _strip(
    door: Door, filed: store.Filed, entries: Sequence[store.Entry], due_on: date | None
) -> tuple[tuple[str, str, str], ...]:
    """The days of the first answer; none for a comment, whose days begin with the close."""
    if due_on is None or filed.round or filed.consultation_id is not None:
        return ()
    return day_strip(door, filed, entries, due_on, door.today())


@pages.get("/bien-nhan/<token>/ngay-hen.ics")
@private
def due_day(token: str) -> ResponseReturnValue:
    """The day on which an answer is due, for the citizen's own calendar. Source: RFC 5545."""
    door = the_door()
    with door.database.reading() as tx:
        filed = store.petition_by_token(tx, hashed(token))
        due_on = filed and (filed.due_on or door.expected_answer(tx, filed))
    if filed is None or not due_on:
        abort(404)
    summary = gettext("Hạn trả lời hồ sơ %(code)s", code=filed.code)
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Lang Nghe//VI",
        "BEGIN:VEVENT",
        f"UID:{filed.code}@lang-nghe",
        f"DTSTAMP:{filed.received_at:%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{due_on:%Y%m%d}",
        f"SUMMARY:{summary}",
        f"URL:{door.settings.public_url}{url_for('following.look_up')}",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    )
    answer = Response("\r\n".join(lines), content_type="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{filed.code}.ics"'
    return answer


def qr_code(link: str, words: str) -> Markup:
    """A link as a square to be photographed: SVG without styles of its own."""
    out = io.BytesIO()
    segno.make(link, error="m").save(
        out, kind="svg", xmldecl=False, svgns=True, svgclass=None, lineclass=None, omitsize=True, border=1, title=words
    )
    return Markup(out.getvalue().decode())  # our own drawing


def kind_name(door: Door, kind: str | None) -> str:
    """What a citizen calls this kind; nothing where it was left to us."""
    if kind is None:
        return ""
    return KINDS[kind][0] if kind in KINDS else door.catalogue.kinds[kind].name
