"""Filing by steps: complaints and denunciations, a few short pages that are rows of `config/steps.json`.

Every page is a POST that keeps what was typed in the locked draft, then a redirect. The addresses name no kind.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from services.intake import files
from services.intake.domain.petition import Petition, Reader, Refused, Wrong
from services.intake.domain.questions import PREFIX
from services.intake.domain.signature import SENT, check_signing, letter_answer, ways_of_signing
from services.intake.domain.steps import Step, Way
from services.intake.door import FILING_BODY, Door, the_door
from services.intake.draft import Draft, DraftKey
from services.intake.files import FileRefused
from services.intake.web import checking, doubting, drafts, filing, stead
from services.intake.web.asked import answered_rows, shown, typed_answers, words_of
from services.intake.web.drafts import DraftGone
from services.intake.web.form import KINDS, SIGNING, mark, petition_form
from services.intake.words import wrong_words
from shared.pdf import has_signature
from shared.web import WebApp, current_language, gettext, private

CARRIED = ("kind", "publication")
"""What stays of the one-page form when somebody goes on by steps, besides what the steps ask themselves."""
pages = Blueprint("steps", __name__, url_prefix="/gui/buoc")


def add_to(app: WebApp, door: Door) -> None:
    app.limit(door.limits.filing, methods=["POST"], key=filing.who_counts)(pages)
    app.limit(door.limits.filing_of_network, methods=["POST"], key=filing.which_network_counts)(pages)
    app.register_blueprint(pages)


# ---- pages


@pages.get("/<int:number>")
@private
def step(number: int) -> ResponseReturnValue:
    door = the_door()
    _, draft = drafts.present()
    typed = stead.marked(draft.typed)
    if number == 1 and request.args.get("loai"):  # as it stands in older letters and bookmarks
        return redirect(url_for("filing.form", loai=request.args["loai"]), 303)
    way = door.way(typed)
    if way is None and number == 1 and drafts.own_key() is None:  # it was chosen, and this browser keeps no cookie
        raise DraftGone
    if way is None:
        return redirect(url_for("filing.form", loai=typed.get("kind")), 303)
    here = _step(way, number)
    first = way.first_unfinished(_wrong(door, way, typed))
    if here.number > first.number:
        return redirect(url_for("steps.step", number=first.number), 303)
    if here is way.steps[-1]:
        return redirect(url_for("steps.last"), 303)
    return _step_page(door, way, here, replace(draft, typed=typed))


@pages.post("/<int:number>")
@private
def keep_step(number: int) -> ResponseReturnValue:
    """Keep what was typed on this page, then go on; back goes on too, whatever is still wrong.

    Where the pages before are gone this one is shown again with all that was typed on it, and becomes a new draft.
    """
    door = the_door()
    request.max_content_length = FILING_BODY
    key, draft = drafts.present()
    typed, is_lost = stead.marked(draft.typed), key is None
    if (number == 1 or is_lost) and request.form.get("kind"):
        typed["kind"] = request.form["kind"]
    way = door.way(typed)
    if way is None:
        raise DraftGone
    here, key = _step(way, number), key or DraftKey.fresh()
    draft = replace(draft, typed=_with_page(way, here, typed)).without(set(request.form.getlist("drop")))
    wrong_files: list[Wrong] = []
    if "files" in here.fields:
        draft, wrong_files = drafts.with_uploads(door, key, draft, "files")
    drafts.save(door, key, draft)
    if is_lost:
        page = make_response(_step_page(door, way, here, draft, wrong=wrong_files, is_lost=True), 410)
        return drafts.remember(page, key)
    do = request.form.get("do", "")
    if do == "back":
        back = url_for("steps.step", number=number - 1) if number > 1 else url_for("filing.form", loai="report")
        return drafts.remember(make_response(redirect(back, 303)), key)
    wrong = [] if do == "drop" else way.wrong_on(here, _wrong(door, way, draft.typed))
    if request.form.get("website"):
        wrong = [Wrong("website", "filled"), *wrong]
    if wrong or wrong_files or do == "drop":
        page = make_response(_step_page(door, way, here, draft, wrong=[*wrong, *wrong_files]))
        page.status_code = 422 if wrong or wrong_files else 200
        return drafts.remember(page, key)
    return drafts.remember(make_response(redirect(url_for("steps.step", number=number + 1), 303)), key)


@pages.get("/ky")
@private
def last() -> ResponseReturnValue:
    """Check everything and sign."""
    door, key = the_door(), drafts.own_key()
    draft = drafts.draft_of(door, key) if key is not None else None
    if key is not None and draft is None:
        return checking.receipt_of_before(door, key)
    way = door.way(draft.typed) if draft else None
    if draft is None or way is None:
        return redirect(url_for("filing.form"), 303)
    return _last_page(door, way, draft)


@pages.post("/ky")
@private
def sign() -> ResponseReturnValue:
    """Keep the signed letter and the way of signing; sent, file it. Pressed twice it files once."""
    door, key = the_door(), drafts.own_key()
    request.max_content_length = FILING_BODY
    if key is None:
        raise DraftGone
    draft = drafts.draft_of(door, key)
    if draft is None:
        return checking.receipt_of_before(door, key)
    way = door.way(draft.typed)
    if way is None:
        return redirect(url_for("filing.form"), 303)
    is_changed = request.form.get("seen") != _seen(draft)
    draft = replace(draft, typed={**draft.typed, "signature": request.form.get("signature", "")})
    draft, wrong = drafts.with_uploads(door, key, draft.without(set(request.form.getlist("drop"))), "letter")
    drafts.save(door, key, draft)
    if request.form.get("do") != "send" and not wrong:
        return redirect(url_for("steps.last") + "#letter", 303)
    if is_changed:
        flash(gettext("Nội dung đã thay đổi ở một cửa sổ khác. Hãy kiểm tra lại rồi gửi."))
        return redirect(url_for("steps.last"), 303)
    reader = Reader(draft.typed)
    try:
        status = check_signing(reader, way.kind, **_letters(door, key, draft))
        if wrong or reader.wrong:
            return _last_page(door, way, draft, wrong=[*wrong, *reader.wrong.values()])
        sent = _signed(door.check(_sendable(way, draft.typed), language=current_language()), draft, status)
        in_order = replace(
            draft, files=(*draft.files_for("files"), *(draft.files_for("letter") if status in SENT else ()))
        )
        kept = checking.keep_files(door, key, in_order, kind=sent.kind)
    except FileRefused as refused:
        if drafts.draft_of(door, key) is None:  # the same press, or another one, has just filed it
            return checking.receipt_of_before(door, key)
        flash(wrong_words(Wrong("files", refused.problem, given=refused.name)))
        return redirect(url_for("steps.last"), 303)
    except Refused:
        flash(gettext("Có mục cần sửa. Hãy xem lại rồi gửi."))
        return redirect(url_for("steps.step", number=len(way.steps)), 303)
    with door.database.writing() as tx:
        # This page is opened last, and may well be sent at once.
        marks = {name: mark for name, mark in doubting.marks(tx, {}).items() if name != doubting.OPENED}
    return checking.file_draft(door, key, draft, sent=sent, kept=kept, doubts=doubting.doubts_about(sent, marks))


@pages.get("/don")
@private
def letter() -> ResponseReturnValue:
    """What was typed as a letter to print and to sign, before it is sent."""
    door = the_door()
    _, draft = drafts.present()
    way = door.way(draft.typed)
    if way is None:
        return redirect(url_for("filing.form"), 303)
    try:
        sent = door.check(_sendable(way, draft.typed), language=current_language())
    except Refused:
        return redirect(url_for("steps.step", number=len(way.steps)), 303)
    answers = [vars(one) for one in sent.answers]
    return render_template("letter.html", kind=way.kind, words=sent, answers=answers, code="", files=len(draft.files))


# ---- what the pages are made of


def _step(way: Way, number: int) -> Step:
    found = next((one for one in way.steps if one.number == number), None)
    if found is None:
        abort(404)
    return found


def _with_page(way: Way, here: Step, typed: Mapping[str, str]) -> dict[str, str]:
    """What was typed so far, with this page in place of what it said before."""
    answers, asked = typed_answers(), way.names_of(here)
    page = {name: answers[name] if name in answers else request.form.get(name, "") for name in asked}
    known = {name for one in way.steps for name in way.names_of(one)}
    kept = {name: value for name, value in typed.items() if name in known - asked or name in CARRIED}
    return kept | {name: value for name, value in page.items() if value}


def _sendable(way: Way, typed: Mapping[str, str]) -> dict[str, str]:
    """What the steps ask for and nothing else that a draft may hold."""
    known = {name for one in way.steps for name in way.names_of(one)}
    return {name: value for name, value in typed.items() if name in known or name in CARRIED}


def _wrong(door: Door, way: Way, typed: Mapping[str, str]) -> list[Wrong]:
    try:
        door.check(_sendable(way, typed), language=current_language())
    except Refused as refused:
        return list(refused.wrong)
    return []


def _letters(door: Door, key: DraftKey, draft: Draft) -> dict[str, int]:
    """How many files are the signed letter, and how many of them are signed digitally. Raises FileRefused."""
    sent = draft.files_for("letter")
    papers = [one for one in sent if one.kept.media_type == "application/pdf"]
    held = [files.take_back(door.settings.files_dir, one.kept.id, key.key) for one in papers]
    return {"letters": len(sent), "signed_letters": sum(map(has_signature, held))}


def _signed(sent: Petition, draft: Draft, status: str) -> Petition:
    if status not in SENT:
        return sent
    first, count = len(draft.files_for("files")) + 1, len(draft.files_for("letter"))
    return replace(
        sent, signature_status=status, answers=(*sent.answers, letter_answer(status, first=first, count=count))
    )


def _seen(draft: Draft) -> str:
    """The letter and its signature are chosen on the page that shows the rest."""
    typed = {name: value for name, value in draft.typed.items() if name != "signature"}
    return checking.seen_of(replace(draft, typed=typed, files=draft.files_for("files")))


def _step_page(
    door: Door, way: Way, here: Step, draft: Draft, *, wrong: list[Wrong] | None = None, is_lost: bool = False
) -> str:
    questions = way.questions_of(here)
    form = petition_form(door.catalogue, door.today(), draft.typed, questions=questions)
    form.address.description = ""
    for name in ("name", "address"):
        form[name].flags.required = way.kind in door.catalogue.choices(door.database.clock.now()).identity_required
    mark(form, wrong or [])
    order = [f"{PREFIX}{name}" if f"{PREFIX}{name}" in form else name for name in here.fields]
    behind = {name for one in way.steps if one.number <= here.number for name in way.names_of(one)}
    late = [one for one in door.late(way, draft.typed) if one.field in behind]
    return render_template(
        "step.html",
        f=form,
        way=way,
        here=here,
        title=words_of(here, "title"),
        lead=words_of(here, "lead"),
        order=order,
        asked={one.field.name: one for one in shown(form, questions)},
        wrong=sorted(form.wrong, key=lambda field: order.index(field.name) if field.name in order else -1),
        kind=KINDS[way.kind][0],
        draft=draft,
        late=late,
        is_resumed=here.number == 1 and bool(draft.typed.get("text")) and not is_lost,
        is_lost=is_lost,
    )


def _last_page(door: Door, way: Way, draft: Draft, *, wrong: list[Wrong] | None = None) -> ResponseReturnValue:
    try:
        sent = door.check(_sendable(way, draft.typed), language=current_language())
    except Refused as refused:
        return redirect(url_for("steps.step", number=way.first_unfinished(refused.wrong).number), 303)
    form = petition_form(door.catalogue, door.today(), draft.typed)
    form.signature.choices = [(one, SIGNING[one]) for one in ways_of_signing(way.kind)]
    mark(form, wrong or [])
    page = render_template(
        "sign.html",
        f=form,
        way=way,
        wrong=form.wrong,
        kind=KINDS[way.kind][0],
        sent=sent,
        draft=draft,
        sections=_sections(door, way, sent, draft),
        late=door.late(way, draft.typed),
        seen=_seen(draft),
    )
    return page, 422 if wrong else 200


def _sections(door: Door, way: Way, sent: Petition, draft: Draft) -> list[tuple[int, str, list[Any]]]:
    """Each step with what was said on it: number, title, rows of a summary list."""
    answered = {link.rpartition("#")[2]: (term, said) for term, said, link, _ in answered_rows(way.questions, sent, "")}
    ward = door.catalogue.ward(sent.ward)
    labels = petition_form(door.catalogue, door.today(), {})
    said = {
        "text": sent.text,
        "files": ", ".join(one.name for one in draft.files_for("files")),
        "place": sent.place,
        "ward": f"{ward.type_name} {ward.name}".strip() if ward else "",
        "party": gettext("Tổ chức") if sent.party == "organisation" else gettext("Cá nhân"),
        "organisation": sent.organisation,
        "name": sent.name,
        "phone": sent.phone.typed if sent.phone else "",
        "email": sent.email,
        "address": sent.address,
        "sms": gettext("Có") if "sms" in sent.consents else gettext("Không"),
    }
    sections = []
    for one in way.steps[:-1]:
        rows: list[tuple[str, str | None, str, str]] = []
        here = url_for("steps.step", number=one.number)
        for name in one.fields:
            if PREFIX + name in answered:
                term, words = answered[PREFIX + name]
                rows.append((term, words, f"{here}#{PREFIX}{name}", term))
            elif name in said and (name != "organisation" or sent.party == "organisation"):
                term = gettext("Nhận tin nhắn") if name == "sms" else labels[name].label.text
                rows.append((term, said[name], f"{here}#{name}", term))
        sections.append((one.number, words_of(one, "title"), rows))
    return sections
