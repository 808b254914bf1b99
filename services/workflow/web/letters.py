"""Letters on the desk: how one will look before anybody signs, and those that were issued, as they were."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response, abort, request

from services.workflow import actions, store
from services.workflow.actions import letters
from services.workflow.domain.case import Case
from services.workflow.domain.letter import Letter, NoAuthority, Page, register_number
from services.workflow.domain.permission import Refused, may
from services.workflow.steps import NotAllowed
from services.workflow.web.addresses import gives
from services.workflow.web.asked import asked
from services.workflow.web.forms import day_typed
from services.workflow.web.frame import Desk
from shared import auth
from shared.db import Reading
from shared.web import lazy

PREVIEWED = ("apologise", "refuse", "suspend", "transfer")
"""Steps whose letter can be looked at while its words are being typed."""

DRAFTED = ("drafted", "approved")
POLICY = "default-src 'none'; object-src 'self'; frame-ancestors 'none'"


@dataclass(frozen=True)
class Letters:
    """What the page of a case shows of its letters."""

    issued: list[tuple[Letter, str]]  # with the name of its kind, oldest first
    may_open: bool
    register: str
    draft: letters.Draft | None  # of the answer that waits to be approved or sent
    cannot_sign: bool  # this person may approve it, and not sign it


def letters_on(desk: Desk, tx: Reading, case: Case, me: auth.Person) -> Letters:
    """The letters of a case, as this person may see them."""
    papers = desk.rules.papers
    number = store.register_numbers(tx, [case.petition_id]).get(case.petition_id)
    draft, signer = None, _signer_of_answer(tx, case, me) if case.stage in DRAFTED else None
    if signer is not None:
        with suppress(NoAuthority):
            draft = letters.draft_of(tx, desk.rules, case, "answer", signer=signer)
    return Letters(
        issued=[(one, papers.name_of(one.type)) for one in store.letters_of(tx, case.id)],
        may_open=_may_open(case, me),
        register=register_number(number),
        draft=draft,
        cannot_sign=signer == me.person and draft is None,
    )


def _signer_of_answer(tx: Reading, case: Case, me: auth.Person) -> str | None:
    """Who signs the answer: who approved it, else this person where they may, else a head of the unit."""
    if case.approved_by:
        return case.approved_by
    if may(me, "approve", case):
        return me.person
    heads = store.colleagues(tx, unit=case.unit, roles=("head",))
    return next((one.person for one in heads if may(one, "approve", case)), None)


def _may_open(case: Case, me: auth.Person) -> bool:
    """A letter bears the citizen's name, except to a denouncer: who opens it may open the name."""
    return bool(may(me, "see", case)) and (case.is_secret or bool(may(me, "see_contact", case)))


def serve(desk: Desk) -> None:
    desk.app.refuses(NoAuthority, 403, words=lazy("Theo phân công ký, bạn không ký được văn bản này."))


@gives("letters/<uuid:letter_id>.pdf", "application/pdf", query=("save",))
def letter(desk: Desk, letter_id: UUID) -> Response:
    """A letter that was issued, as it was; that it was read is told first"""
    with desk.database.writing() as tx:
        issued = store.find_letter(tx, letter_id)
        case = store.find_case(tx, issued.case_id) if issued else None
        if issued is None or case is None or not _may_open(case, auth.me()):
            abort(404)
        actions.read_case(tx, person=auth.me(), case_id=case.id, kind="letter")
    try:
        data = desk.rules.press.read(letter_id)
    except FileNotFoundError:
        abort(404)
    return _pdf(data, f"{str(letter_id)[:8]}.pdf", is_saved="save" in request.args)


@gives("cases/<uuid:case_id>/answer.pdf", "application/pdf")
def answer_preview(desk: Desk, case_id: UUID) -> Response:
    """The draft of the answer as the letter that it will be"""
    return _preview(desk, case_id, "answer")


@gives(
    "cases/<uuid:case_id>/preview/<step>",
    "application/pdf",
    fields=("reason", "due_on", "ground", "to"),
    methods=("POST",),
)
def letter_preview(desk: Desk, case_id: UUID, step: str) -> Response:
    """The letter of a step (`apologise`, `refuse`, `suspend`, `transfer`), with the words as they are sent"""
    if step not in PREVIEWED:
        abort(404)
    return _preview(desk, case_id, step)


def _preview(desk: Desk, case_id: UUID, step: str) -> Response:
    me = auth.me()
    with desk.database.writing() as tx:
        case = actions.read_case(tx, person=me, case_id=case_id, kind="letter")
        if not _may_open(case, me):
            abort(404)
        page = _answer_page(desk, tx, case, me) if step == "answer" else _typed_page(desk, tx, case, me, step)
    if page is None:
        abort(404)
    return _pdf(desk.rules.press.print(page), "ban-nhap.pdf")


def _answer_page(desk: Desk, tx: Reading, case: Case, me: auth.Person) -> Page | None:
    drafts, signer = store.answers_of(tx, case.id), _signer_of_answer(tx, case, me)
    if not drafts or signer is None:
        return None
    fields = letters.answer_fields(drafts[-1], store.sheet_of(tx, case.id, drafts[-1].version))
    return letters.preview(tx, desk.rules, case, "answer", signer=signer, **fields)


def _typed_page(desk: Desk, tx: Reading, case: Case, me: auth.Person, step: str) -> Page | None:
    if isinstance(answer := may(me, step, case), Refused):
        raise NotAllowed(answer.reason)
    typed: dict[str, Any] = {"reason": asked().get("reason", "")}
    if step == "apologise":
        typed |= {"due_before": case.answer_due_on, "due_on": day_typed("due_on")}
    if step == "refuse":
        typed |= {"ground": asked().get("ground", "")}
    if step == "transfer":
        body = desk.rules.catalogue.body(asked().get("to", ""))
        typed |= {"to_name": body.name if body else ""}
    return letters.preview(tx, desk.rules, case, step, signer=me.person, **typed)


def _pdf(data: bytes, name: str, *, is_saved: bool = False) -> Response:
    """A letter, to be looked at, printed or saved under a name that says nothing of anybody."""
    response = Response(data, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'{"attachment" if is_saved else "inline"}; filename="{name}"'
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Cache-Control"] = "private, no-store"
    return response
