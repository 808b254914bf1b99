"""The form of a petition on one page: a POST that keeps what was typed, then a redirect to check it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from services.intake import files, store
from services.intake.domain.petition import Refused, Wrong
from services.intake.domain.procedure import Procedure
from services.intake.door import FILING_BODY, STEPPED, Door, the_door
from services.intake.draft import Draft, DraftKey
from services.intake.web import doubting, drafts, stead
from services.intake.web.asked import shown
from services.intake.web.drafts import DraftGone
from services.intake.web.form import KINDS, SIGNED, mark, petition_form, topic_name, typed_words
from shared.db import Reading
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
    began = typed.get("kind")
    for name, asked in (("kind", "loai"), ("topic", "linh-vuc"), ("publication", "tu"), ("procedure", "thu-tuc")):
        if request.args.get(asked):
            typed[name] = request.args[asked]
    typed.setdefault("kind", "report")
    if door.way(typed) is not None and typed["kind"] == began:
        return redirect(url_for("steps.step", number=1), 303)
    if door.way(typed) is not None:  # by an older link: opening it changes nothing
        name, about = KINDS[typed["kind"]]
        return render_template("begin.html", kind=typed["kind"], name=name, about=about)
    page = make_response(_form_page(typed, draft, is_resumed=bool(draft.typed)))
    return page if drafts.own_key() is not None else drafts.remember(page, DraftKey.fresh())


@pages.post("/gui/chon")
@private
def choose() -> ResponseReturnValue:
    """Begin what is filed by steps: its kind stands in the draft, so the history of the browser tells nobody."""
    door, kind = the_door(), request.form.get("kind", "")
    key, draft = drafts.present()
    typed = stead.marked({**draft.typed, "kind": kind})
    if door.way(typed) is None:
        return redirect(url_for("filing.form", loai=kind or None), 303)
    key = key or DraftKey.fresh()
    drafts.save(door, key, replace(draft, typed=typed))
    return drafts.remember(make_response(redirect(url_for("steps.step", number=1), 303)), key)


def empty_form() -> str:
    """The form as a telephone keeps it for when there is no network: nobody's draft, and no way in for staff."""
    return _form_page({"kind": "report"}, Draft(), is_for_all=True)


@pages.post("/gui")
@private
def keep_form() -> ResponseReturnValue:
    door = the_door()
    request.max_content_length = FILING_BODY
    key, draft = drafts.present()
    is_lost = "cookie" in request.form and drafts.own_key() is None  # the form came with one
    before = draft.typed
    draft = Draft(stead.marked(typed_words()), draft.files).without(set(request.form.getlist("drop")))
    key = key or DraftKey.fresh()
    draft, wrong_files = drafts.with_uploads(door, key, draft, "files")
    if request.form.get("do") in STEPPED:
        draft = replace(draft, typed={**draft.typed, "kind": request.form["do"]})
    with door.database.writing() as tx:
        draft = replace(draft, typed={**draft.typed, **doubting.marks(tx, before)})
        store.save_draft(tx, key.id, draft.lock(key.key))
    if is_lost and request.form.get("do") not in {"find", "drop"}:
        page = make_response(_form_page(draft.typed, draft, wrong=wrong_files, is_lost=True), 410)
        return drafts.remember(page, key)
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
    is_lost: bool = False,
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
        is_for_all=is_for_all,
        is_lost=is_lost,
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
