"""The whole table of rights, walked cell by cell: by the rule and by the page, refusals included."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from ops.document_permissions import CLASSES, DOCUMENT, MARKS, RELATIONS, ROLES, a_case, kind_of
from services.workflow import store
from services.workflow.domain.case import Case, KindClass
from services.workflow.domain.permission import ANY, MAY, MINE, ONLY_KINDS, UNIT, Allowed, Refusal, may
from services.workflow.web.moves import MOVES
from shared.ids import ordered_id
from tests.workflow.builders import Office, Staff, hire
from tests.workflow.conftest import Visit

HOME = {"Origin": "http://localhost"}
NEAR = {"assigned": {ANY, UNIT, MINE}, "unit": {ANY, UNIT}, "other": {ANY}}
ALL_ORDINARY, ALL_RESTRICTED, ALL_SECRET = KindClass
MINE_ONLY, OURS, EVERY = {"assigned"}, {"assigned", "unit"}, {"assigned", "unit", "other"}
SEES: dict[str, dict[KindClass, set[str]]] = {
    "officer": {ALL_ORDINARY: OURS, ALL_RESTRICTED: MINE_ONLY, ALL_SECRET: MINE_ONLY},
    "head": {ALL_ORDINARY: OURS, ALL_RESTRICTED: OURS, ALL_SECRET: OURS},
    "office": {ALL_ORDINARY: EVERY, ALL_RESTRICTED: OURS, ALL_SECRET: MINE_ONLY},
    "director": {ALL_ORDINARY: EVERY, ALL_RESTRICTED: EVERY, ALL_SECRET: EVERY},
    "auditor": {ALL_ORDINARY: set(), ALL_RESTRICTED: set(), ALL_SECRET: set()},
    "admin": {ALL_ORDINARY: set(), ALL_RESTRICTED: set(), ALL_SECRET: set()},
}
"""Role → class → how near a case must stand to be seen at all."""

ACTION_OF = {
    "refuse_erasure": "grant_erasure",
    "decline_withdrawal": "withdraw",
    "reassign": "assign",
    "refuse_extension": "extend",
    "guide": "ask",
    "refuse_reopening": "reopen",
    "close_follow_up": "follow_up",
}
"""Steps of the page that are guarded as another action."""

WHY = "Nội dung đủ dài để qua mọi phép kiểm, không hơn"
FORM = {
    "reason": WHY, "note": WHY, "text": WHY, "question": WHY, "explanation": WHY, "obstacle": WHY,
    "ground": "already_answered", "to": "X-CA", "officer": "u:officer", "outcome": "done", "due_on": "30/12/2026",
    "who": "u:officer", "how": "scanned", "signed_on": "23/11/2026", "knew_on": "01/11/2026",
    "paper": str(uuid4()), "into": uuid4().hex, "version": "999",
    "promise": str(uuid4()), "moved_to": "30/12/2026",
}  # fmt: skip


def expected(action: str, role: str, kind_class: KindClass, relation: str) -> Refusal | None:
    """What the rule must answer: None where it allows."""
    if relation == "concerned":
        return Refusal.ABOUT_YOU
    if relation not in SEES[role][kind_class]:
        return Refusal.NOT_YOURS
    if kind_of(action, kind_class) not in ONLY_KINDS.get(action, {kind_of(action, kind_class)}):
        return Refusal.NOT_THIS_KIND
    if role not in MAY[action]:
        return Refusal.NOT_YOUR_ROLE
    if MAY[action][role] not in NEAR[relation]:
        return Refusal.NOT_ASSIGNED
    if action == "follow_up" and relation == "assigned":
        return Refusal.YOU_ANSWERED_IT
    if action == "see_contact" and kind_class is KindClass.SECRET:
        return Refusal.IDENTITY_IS_SEALED
    if action == "ask_support" and kind_class is not KindClass.ORDINARY and role != "director":
        return Refusal.KEPT_CLOSE
    if action in {"consult", "await_expert"} and kind_class is KindClass.SECRET:
        return Refusal.NOT_OUTSIDE
    if action == "pass_on" and kind_class is not KindClass.ORDINARY:
        return Refusal.NOT_YOUR_ROLE
    return None


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", MAY)
def test_the_rule_answers_every_cell(action: str, role: str) -> None:
    who = Staff("u:somebody", role)
    for kind_class in KindClass:
        for relation in RELATIONS:
            case = a_case(who, kind_class, relation, kind=kind_of(action, kind_class))  # type: ignore[arg-type]
            answer = may(who, action, case)
            found = None if isinstance(answer, Allowed) else answer.reason
            assert found == expected(action, role, kind_class, relation), (kind_class, relation)


def test_the_page_of_rights_says_what_the_rule_answers() -> None:
    sections = DOCUMENT.read_text(encoding="utf-8").split("\n## ")[1:]

    for kind_class, section in zip(KindClass, sections, strict=True):
        rows = {line.split("`")[1]: line for line in section.splitlines() if line.startswith("| `")}
        for action in MAY:
            cells = [cell.strip() for cell in rows[action].split("|")[2:-1]]
            for role, cell in zip(ROLES, cells, strict=True):
                near = [mark for name, mark in MARKS.items() if expected(action, role, kind_class, name) is None]
                assert cell == ("".join(near) or "–"), (action, role, kind_class)


@pytest.fixture
def visit(office: Office, visit: Visit) -> Callable[[Staff], FlaskClient]:
    """A browser in which somebody who was hired a moment ago is signed in."""

    def opened(person: Staff) -> FlaskClient:
        with office.database.writing() as tx:
            hire(tx, person)
        return visit(person)

    return opened


def test_who_keeps_themselves_out_is_led_back_to_their_list(
    office: Office, visit: Callable[[Staff], FlaskClient]
) -> None:
    who = Staff("u:somebody", "head")
    client = visit(who)
    case = kept(office, a_case(who, KindClass.ORDINARY, "unit", kind="report"))  # type: ignore[arg-type]

    form = {"who": who.person, "reason": "Tôi là người nhà của người gửi", "version": "1"}
    answer = client.post(f"/desk/cases/{case.id}/exclude_person", data=form, headers=HOME)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("kind_class", KindClass)
def test_the_page_answers_every_cell(
    office: Office, visit: Callable[[Staff], FlaskClient], role: str, kind_class: KindClass
) -> None:
    """A form that somebody may send is read as far as its stale version: 409. Else 403, or 404 where nothing is."""
    who = Staff("u:somebody", role)
    client = visit(who)
    for relation in RELATIONS:
        case = kept(office, a_case(who, kind_class, relation, kind=CLASSES[kind_class][0]))  # type: ignore[arg-type]
        for step in MOVES:
            answer = client.post(f"/desk/cases/{case.id}/{step}", data=FORM, headers=HOME)
            assert answer.status_code == status(step, role, case, relation), (step, relation)


def kept(office: Office, drawn: Case) -> Case:
    case = Case(**vars(drawn) | {"id": ordered_id(), "petition_id": uuid4()})
    words = store.Words(**vars(store.words_only("Nội dung")) | {"title": "Một việc"})
    proposal = {"kind": case.kind, "topic": None, "unit": case.unit, "route": "accept", "transfer_to": None}
    proposal |= {"candidates": [], "reasons": []}
    with office.database.writing() as tx:
        store.add_cases(tx, [store.NewCase(case=case, words=words, proposal=proposal)])
        tx._changed.clear()  # a row for a page, not a story to tell
    return case


def status(step: str, role: str, case: Case, relation: str) -> int:
    if role in {"auditor", "admin"}:
        return 403
    action = ACTION_OF.get(step, step)
    match expected(action, role, case.kind_class, relation):
        case None:
            return 409 if case.kind in ONLY_KINDS.get(action, {case.kind}) else 403
        case Refusal.ABOUT_YOU | Refusal.NOT_YOURS:
            return 404
        case _:
            return 403


def test_the_form_of_refusal_offers_the_grounds_of_the_kind_with_articles_and_letters(
    office: Office, visit: Callable[[Staff], FlaskClient]
) -> None:
    who = Staff("u:somebody", "head")
    client = visit(who)
    drawn = a_case(who, KindClass.RESTRICTED, "unit", kind="complaint")  # type: ignore[arg-type]
    case = kept(office, Case(**vars(drawn) | {"stage": "assigned"}))

    page = client.get(f"/desk/cases/{case.id}").text

    assert "Luật Khiếu nại 2011 Đ11(5)) · Mẫu 04, NĐ 155/2026" in page
    assert "NĐ 154/2026 Đ4(1)(h)) · Mẫu 01/TCD" in page
    assert "no_breach_shown" not in page
