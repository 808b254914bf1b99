"""One case: who reads it is told first, then words, clock, answer, timeline and what this person may do now."""

from collections.abc import Mapping
from datetime import date, datetime
from difflib import SequenceMatcher
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from flask import Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from services.workflow import actions, store
from services.workflow.actions.looking import PURPOSES, SHOWN_FOR
from services.workflow.domain import deadline as clocks
from services.workflow.domain.admission import grounds_on
from services.workflow.domain.case import Case
from services.workflow.domain.deadline import Deadline
from services.workflow.domain.guidance import questions_about
from services.workflow.domain.ladder import is_apology_near
from services.workflow.domain.permission import Person, may
from services.workflow.domain.rules import owed, was_ever_late
from services.workflow.domain.vocabulary import Ground
from services.workflow.web import answers, counter, dialogues, sealed, together, words
from services.workflow.web.addresses import gives
from services.workflow.web.admitting import admission_view
from services.workflow.web.assignment import why_assigned
from services.workflow.web.company import in_words, next_in_words
from services.workflow.web.consultations import consultation_of
from services.workflow.web.face import cells, days_left
from services.workflow.web.frame import Desk
from services.workflow.web.letters import letters_on
from services.workflow.web.oversight import remedies_of
from services.workflow.web.procedures import procedure_of
from services.workflow.web.summaries import on_case
from shared import auth
from shared.db import Reading
from shared.web import current_language, gettext
from shared.web.i18n import grouped

HAND = ("assign", "take", "accept", "ask", "guide", "progress", "extend", "apologise", "return_to_triage", "transfer")


def serve(desk: Desk) -> None:
    app = desk.app

    @app.get("/desk/cases/<uuid:case_id>")
    @desk.needs()
    def case(case_id: UUID) -> ResponseReturnValue:
        with desk.database.writing() as tx:
            actions.read_case(tx, person=auth.me(), case_id=case_id)
            actions.be_present(tx, person=auth.me(), case_id=case_id)
            actions.read_mentions(tx, person=auth.me(), case_id=case_id)
        with desk.database.reading() as look:
            return case_page(desk, look, case_id)


@gives("cases/<uuid:case_id>/print", "text/html")
def case_on_paper(desk: Desk, case_id: UUID) -> Response:
    """A case for a printer; that it was taken out is told first"""
    with desk.database.writing() as tx:
        actions.read_case(tx, person=auth.me(), case_id=case_id, kind="export")
    with desk.database.reading() as look:
        shown = look_at(desk, look, case_id)
        if shown["protected"]:
            shown["told"] = sealed.on_paper(shown["protected"])
        return make_response(render_template("desk/paper.html", desk=desk, words=words, now=look.now, **shown))


def case_page(
    desk: Desk,
    tx: Reading,
    case_id: UUID,
    *,
    status: int = 200,
    typed: Mapping[str, str] | None = None,
    wrong: Any = None,
) -> ResponseReturnValue:
    """The page of a case; after a refusal with what was `typed` and what is `wrong` (step, field, words)."""
    context = look_at(desk, tx, case_id)
    return desk.page(tx, "desk/case.html", status=status, typed=typed or {}, trouble=wrong, **context)


def look_at(desk: Desk, tx: Reading, case_id: UUID) -> dict[str, Any]:
    """All that the page shows, as this person may see it."""
    me, rules = auth.me(), desk.rules
    case = store.find_case(tx, case_id)
    assert case is not None, "read_case found it a moment ago"
    known = store.deadlines_of(tx, case_id)
    governing = owed((*known.values(),))
    drafts, names = store.answers_of(tx, case_id), store.names_of(tx)
    protected = sealed.view_of(desk, tx, case, me)
    told = sealed.told_words(protected) if protected else store.words_of(tx, case_id)
    questions = store.questions_of(tx, case_id)
    reads = store.reads_of(tx, case.id)
    draft = drafts[-1] if drafts else None
    stage = rules.workflow_of(case).stages[case.stage]
    lead = store.row_of(tx, me, case.linked_to) if case.linked_to else None
    at_counter = counter.of(tx, case)
    heads = [one.name for one in store.colleagues(tx, unit=case.unit, roles=("head",))]
    waiting = next((asked for asked in reversed(questions) if asked.ended_at is None), None)
    asked_back = store.withdrawal_of(tx, case_id)
    withdrawal = asked_back if asked_back and asked_back.state == "asked" and not case.is_ended else None
    is_asked_again = bool(store.open_reopenings(tx, case_id))
    may_now = set(offered(desk, case, me)) - (set() if at_counter["waits"] else {"hand_over"})
    erasure = store.erasure_of(tx, case_id)
    may_now |= _erasing(case, me, erasure)
    may_now -= {"close"} if is_asked_again else set()  # who asked hears a decision first
    may_now -= set() if _is_apology_time(desk, case, governing, tx.now) else {"apologise"}
    return {
        "case": case,
        "stage": stage,
        "title": desk.kind(case.kind) if protected else told.title or grouped(case.code),
        "told": told,
        "shown_until": shown_until(reads, me, tx.now),
        "masked": masked(told),
        "may": may_now,
        "supplements": [] if protected else store.supplements_of(tx, case_id),
        "files": store.attachments_of(tx, case_id) if sealed.may_see_files(tx, case, me) else [],
        "questions": questions,
        "ready": questions_about(rules.catalogue.questions, case.topic, rules.calendar.local_day(tx.now)),
        "ready_ticked": request.form.getlist("ready"),
        "drafts": drafts,
        "draft": draft,
        "answering": answers.look(desk, tx, case, told, drafts, may_write=bool({"draft", "save_draft"} & may_now)),
        "difference": difference(drafts),
        "entries": [line(desk, entry, names) for entry in store.entries_of(tx, case_id)],
        "names": names,
        "notices": store.notices_of(tx, case.petition_id) if _sees_all_parts(tx, case, me) else [],
        "reads": [
            (names.get(read.person, gettext("Nhân viên")), words.PURPOSES.get(read.purpose, read.purpose), read.at, 1)
            for read in reads
        ],
        "clock": _clock(desk, case, (*known.values(),), governing, questions, tx.now),
        "proposal": store.proposal_of(tx, case_id),
        "lead": lead,
        "followers": store.followers_of(tx, me, case_id),
        "related": store.related_to(tx, me, case),
        "colleagues": store.colleagues(tx, unit=case.unit, roles=("officer", "head")),
        "heads": heads,
        "others": in_words(actions.others_at(tx, case, me), names),
        "news": (),
        "next": next_in_words(
            rules,
            case,
            (*known.values(),),
            names=names,
            heads=heads,
            reply_by=waiting.reply_by if waiting else None,
            is_asked_again=is_asked_again,
            now=tx.now,
        ),
        "request": store.extension_request_of(tx, case_id),
        "verified": store.verified_of(tx, case.petition_id),
        "erasure": erasure,
        "withdrawal": withdrawal,
        "may_decline": bool(withdrawal and may(me, "withdraw", case)),
        "extension": _extension(desk, case, governing, tx.now),
        "purposes": [(name, words.PURPOSES[name]) for name in PURPOSES],
        "grounds": grounds(desk, case, tx.now),
        "counter": at_counter,
        "was_late": was_ever_late(case, known.values()),
        "remedies": remedies_of(tx, case),
        "consultation": consultation_of(tx, case),
        "procedure": procedure_of(desk, tx, case, me),
        "protected": protected,
        "everybody": store.colleagues(tx) if may(me, "exclude_person", case) else [],
        "admission": admission_view(desk, tx, case, me),
        "is_mine": case.officer == me.person,
        "letters": letters_on(desk, tx, case, me),
        "me": me,
        "together": together.shown(desk, tx, case, me),
        "dialogue": dialogues.of(desk, tx, case, me),
        "open_side": on_case(desk, tx, case),
    }


def offered(desk: Desk, case: Case, me: Person) -> list[str]:
    """The steps that this person may take now, in the order of the table, and what is no step."""
    workflow = desk.rules.workflow_of(case)
    steps = [
        step.name
        for step in workflow.steps_from(case.stage)
        if me.role in step.by and may(me, step.name, case) and step.unmet(case) is None
    ]
    more = [name for name in ("note", "see_contact", "log_call") if may(me, name, case)]
    if case.answered_at is not None and may(me, "hand_over", case):
        more.append("hand_over")
    is_open = not case.is_ended and case.answered_at is None
    can_ask = "extend" in workflow.steps and case.stage in workflow.steps["extend"].allowed_from
    if is_open and can_ask and case.extension_asked_by is None and may(me, "ask_extension", case):
        more.append("ask_extension")
    return steps + more


def _erasing(case: Case, me: Person, proposed: store.Erasure | None) -> set[str]:
    """What this person may do about erasing what somebody asked to have erased."""
    if proposed is not None and proposed.state == "asked":
        is_other = proposed.asked_by != me.person and bool(may(me, "grant_erasure", case))
        return {"grant_erasure", "refuse_erasure"} if is_other else set()
    is_free = proposed is None or proposed.state == "refused"
    return (
        {"propose_erasure"} if is_free and case.stage == "in_progress" and may(me, "propose_erasure", case) else set()
    )


def _is_apology_time(desk: Desk, case: Case, governing: Deadline | None, now: datetime) -> bool:
    """An apology is no step of a case on which nothing is late."""
    if case.is_apology_owed or governing is None:
        return case.is_apology_owed
    return is_apology_near(governing, desk.rules.catalogue, kind=case.kind, now=now)


def grounds(desk: Desk, case: Case, now: datetime) -> list[tuple[str, str]]:
    """The grounds on which a case of this kind may be refused today, with article and the letter that is owed."""
    found = grounds_on(desk.rules.catalogue, case.kind, desk.rules.calendar.local_day(now))
    return [(one.code, _ground(one)) for one in found]


def _ground(one: Ground) -> str:
    said = f"{one.name if current_language() == 'vi' else one.name_en} ({one.basis})"
    if not one.is_letter_owed:
        return said
    return f"{said} · {one.form or gettext('phải trả lời bằng văn bản')}"


def _sees_all_parts(tx: Reading, case: Case, me: Person) -> bool:
    """Notices are told of a petition, not of a part: whom a part is hidden from must not hear of it by them."""
    return all(may(me, "see", part) for part in store.parts_of(tx, case.petition_id))


def shown_until(reads: Any, me: auth.Person, now: datetime) -> datetime | None:
    """Until when the contact stays open for this person after they gave a purpose."""
    opened = [read.at + SHOWN_FOR for read in reads if read.person == me.person and read.kind == "identity"]
    until = max(opened, default=None)
    return until if until is not None and until > now else None


def masked(told: store.Words) -> dict[str, str]:
    """Enough to recognise, not enough to use."""
    phone = "".join(mark for mark in told.phone or "" if mark.isdigit())
    mail_name, at, host = (told.email or "").partition("@")
    return {
        "organisation": " ".join(f"{word[0]}•••" for word in (told.organisation or "").split()),
        "name": " ".join(f"{word[0]}•••" for word in (told.name or "").split()),
        "phone": f"{phone[:2]}•• ••• {phone[-3:]}" if len(phone) >= 8 else "•" * len(phone),
        "email": f"{mail_name[:1]}•••@{host}" if at else "",
        "address": "•••" if told.address else "",
    }


def difference(drafts: list[store.Answer]) -> list[tuple[str, str]]:
    """What the last version changed against the one before, word by word."""
    return difference_of(drafts[-2].text, drafts[-1].text) if len(drafts) > 1 else []


def difference_of(old: str, new: str) -> list[tuple[str, str]]:
    """What changed between two texts, word by word; empty when nothing did."""
    before, after = old.split(" "), new.split(" ")
    found: list[tuple[str, str]] = []
    for kind, start, end, first, last in SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        if kind in {"delete", "replace"}:
            found.append(("-", " ".join(before[start:end]) + " "))
        if kind in {"insert", "replace"}:
            found.append(("+", " ".join(after[first:last]) + " "))
        if kind == "equal":
            found.append(("=", " ".join(before[start:end]) + " "))
    return found if any(kind != "=" for kind, _ in found) else []


def _clock(
    desk: Desk,
    case: Case,
    known: tuple[Deadline, ...],
    governing: Deadline | None,
    questions: list[store.Question],
    now: datetime,
) -> Any:
    """Big words, the strip, three facts and the explanation; None where no clock runs."""
    calendar, language = desk.rules.calendar, current_language()
    rows = [clock for clock in known if clock.state != "void" or clock is governing]
    shown = governing or clocks.answer_deadline(known, is_over=True)
    strip: list[tuple[str, str, str]] = []
    due_on = shown.due_on if shown else case.answer_due_on
    if due_on is not None:
        first = calendar.local_day(case.received_at) if shown is None else shown.anchor_on
        held = [(calendar.local_day(asked.asked_at), calendar.local_day(asked.ended_at or now)) for asked in questions]
        strip = cells(
            first, due_on, calendar, today=calendar.local_day(now), held=held if case.kind_class == "ordinary" else ()
        )
    others = [clock for clock in rows if clock is not shown and not clock.is_internal and clock.is_open]
    explained = {
        clock.rule: clocks.explain(
            clock, calendar, language, rivals=clocks.rivals_of(clock, rows, desk.rules.catalogue, case.conditions)
        )
        for clock in known
    }
    return SimpleNamespace(
        big=days_left(governing, calendar, now) if governing else "",
        due_on=due_on,
        due_at=None if shown is None else shown.due_at,
        target=calendar.close_of_day(due_on) if due_on else None,
        strip=strip,
        others=sorted(others, key=lambda clock: clock.due_at),
        rows=sorted(rows, key=lambda clock: clock.due_at),
        explanation=explained[shown.rule] if shown else "",
        explained=explained,
        is_late=governing is not None and governing.is_late_at(now),
        is_held=governing is not None and governing.state == "paused",
        is_provisional=bool(shown and shown.is_provisional),
    )


def _extension(desk: Desk, case: Case, governing: Deadline | None, now: datetime) -> date | None:
    """The day to which an extension would move the answer, for the form to show before anybody asks."""
    today = desk.rules.calendar.local_day(now)
    found = clocks.extension_rules(desk.rules.catalogue, kind=case.kind, conditions=case.conditions, day=today)
    if not found or governing is None or not governing.is_open or governing.due_on is None or today > governing.due_on:
        return None
    if found[0].max_times is not None and len(governing.extensions) >= found[0].max_times:
        return None
    return clocks.extend(governing, found[0], desk.rules.calendar, on=today).due_on


def line(desk: Desk, entry: store.Entry, names: Mapping[str, str]) -> SimpleNamespace:
    """One line of the timeline as the page shows it; what the citizen does not see is marked."""
    data = entry.data
    title = str(words.STEPS.get(entry.what, entry.what))
    if entry.what == "rung":
        name, _, number = str(data.get("rung", "")).partition("_")
        title = str(words.RUNGS.get(name, name)) % {"share": number}
    elif entry.what in {"assign", "reassign", "pass_on"}:
        title = f"{title}: {names.get(data.get('officer', ''), '')}"
    elif entry.what == "moved":
        title = gettext(
            "%(old)s sáp nhập vào %(new)s", old=desk.unit(data.get("from")), new=desk.unit(data.get("heir"))
        )
        if data.get("from") == data.get("to"):
            title = gettext("Thêm đơn vị không được tham gia, do sắp xếp tổ chức")
        elif data.get("to") != data.get("heir"):
            title = gettext("%(what)s; %(unit)s xử lý", what=title, unit=desk.unit(data.get("to")))
    elif entry.what == "procedure":
        title = f"{title}: {data.get('procedure', '')}"
    elif entry.what in {"opened", "decide"} and data.get("unit"):
        title = f"{title}: {desk.unit(data['unit'])}"
    elif entry.what in {"save_draft", "draft", "approve"} and data.get("version"):
        title = gettext("%(what)s, bản %(version)s", what=title, version=data["version"])
    elif entry.what == "transfer":
        title = f"{title}: {desk.unit(data.get('to'))}"
    elif entry.what in {"ask_support", "give_support", "hand_back_support", "urge"}:
        title = f"{title}: {desk.unit(data.get('unit'))}"
    elif entry.what == "identity_read":
        title = f"{title}: {words.PURPOSES.get(data.get('purpose', ''), '')}"
    elif entry.what in {"dialogue", "dialogue_held"}:
        title = dialogues.line_words(entry.what, data) or title
    elif entry.what in {"hand_over", "log_call"}:
        title = f"{title}: {counter.line_words(entry.what, data)}"
    kinds = {"ask": "held", "guide": "held", "resume": "held", "suspend": "held", "supplemented": "held"}
    is_red = entry.what == "rung" and str(data.get("rung", "")).startswith(("overdue", "escalate", "apology", "alarm"))
    others = {"system": gettext("tự động"), "citizen": gettext("công dân"), "outside": gettext("người được hỏi")}
    who = others.get(entry.actor, names.get(entry.actor, ""))
    return SimpleNamespace(
        kind="red" if is_red else kinds.get(entry.what, "pub" if entry.is_public else ""),
        title=title,
        at=entry.at,
        who=who,
        note=entry.words
        or why_assigned(desk, data, names)
        or (data.get("source", "") if entry.what == "moved" else ""),
        tag="" if entry.is_public else gettext("nội bộ"),
        is_public=entry.is_public,
    )
