"""Check everything that was typed, then send it: pressed twice it is filed once."""

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from services.intake import files, store
from services.intake.actions import count_petition, receipt_again
from services.intake.domain.counter import Entry
from services.intake.domain.petition import Kept, Petition, Refused, Wrong
from services.intake.door import Door, the_door
from services.intake.draft import Draft, DraftKey
from services.intake.files import FileRefused
from services.intake.steps import KeyUsedBefore, Receipt, file_petition
from services.intake.web import doubting, drafts, offer, stead
from services.intake.web.asked import answered_rows
from services.intake.web.drafts import DraftGone
from services.intake.web.filing import pages, procedure_named
from services.intake.web.form import KINDS, SIGNATURES, WANTED, topic_name
from services.intake.web.papers import file_response
from services.intake.words import wrong_words
from shared.web import current_language, gettext, private


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


def kind_name(door: Door, kind: str | None) -> str:
    """What a citizen calls this kind; nothing where it was left to us."""
    if kind is None:
        return ""
    return KINDS[kind][0] if kind in KINDS else door.catalogue.kinds[kind].name
