"""What the page of a case shows of working together: who contributes, who was asked outside, who urges."""

from types import SimpleNamespace
from typing import Any

from services.workflow import store
from services.workflow.actions.consulting import may_wait
from services.workflow.actions.support import usual_support_day
from services.workflow.actions.urging import usual_urge_day
from services.workflow.domain.case import Case
from services.workflow.domain.permission import may
from services.workflow.web.frame import Desk
from shared.auth import Person
from shared.db import Reading
from shared.web import lazy

SUPPORT_STATES = {
    "asked": lazy("đang chờ"),
    "given": lazy("đã có ý kiến"),
    "handed_back": lazy("đã trả lại"),
    "ended": lazy("không còn"),
}
CONSULT_STATES = {
    "asked": lazy("đang chờ"),
    "answered": lazy("đã có ý kiến"),
    "revoked": lazy("đã thu hồi"),
    "expired": lazy("đã hết hạn"),
}
ACTS = ("ask_support", "give_support", "hand_back_support", "consult", "revoke_consult", "urge", "answer_urge")


def shown(desk: Desk, tx: Reading, case: Case, me: Person) -> SimpleNamespace:
    """All that the partials of this part need, as this person may see it."""
    today = desk.rules.calendar.local_day(tx.now)
    supports = store.supports_of(tx, case.id)
    is_theirs = me.unit == case.unit or me.role in {"office", "director"}  # not a supporter's business
    urges = store.urges_of(tx, case.id) if is_theirs else []
    asked = next((one for one in supports if one.state == "asked" and one.unit == me.unit), None)
    urge = next((one for one in urges if one.state == "asked"), None)
    return SimpleNamespace(
        may=_offered(case, me, asked=asked, urge=urge),
        supports=supports,
        asked=asked,
        units=_units_to_ask(desk, tx, case),
        support_day=usual_support_day(desk.rules, case, today),
        consults=[(one, _state(one, tx)) for one in store.consults_of(tx, case.id)],
        may_wait=may_wait(desk.rules, case, me, tx=tx),
        urge=urge,
        urges=urges,
        urge_day=usual_urge_day(desk.rules, today),
        is_urge_late=urge is not None and urge.answer_by < today,
        mentionable=[one for one in store.colleagues(tx) if one.person != me.person and may(one, "see", case)],
        support_states=SUPPORT_STATES,
        consult_states=CONSULT_STATES,
    )


def _offered(case: Case, me: Person, *, asked: store.Support | None, urge: store.Urge | None) -> set[str]:
    """What this person may do now, of what is no step of the state table."""
    if case.is_ended or case.answered_at is not None:
        return set()
    found = {act for act in ACTS if may(me, act, case)}
    if asked is None:
        found -= {"give_support", "hand_back_support"}
    return found - ({"answer_urge"} if urge is None else {"urge"})


def _units_to_ask(desk: Desk, tx: Reading, case: Case) -> list[Any]:
    out = case.supporting | case.excluded | {case.unit}
    return [(code, name) for code, name in desk.units_now(tx.now) if code not in out]


def _state(one: store.Consult, tx: Reading) -> str:
    return "expired" if one.state == "asked" and not one.is_open_at(tx.now) else one.state
