"""What the law asks before a case is taken up, as the case page shows it."""

from datetime import date
from types import SimpleNamespace

from services.workflow import store
from services.workflow.domain import admission
from services.workflow.domain.case import Case
from services.workflow.domain.permission import Person, may
from services.workflow.domain.vocabulary import holds
from services.workflow.web.frame import Desk
from shared.db import Reading
from shared.web import current_language, lazy

SCREENED = {
    "inspect": lazy("Nội dung rõ, có chứng cứ: kiểm tra theo thẩm quyền"),
    "pass_on": lazy("Chuyển cơ quan có thẩm quyền"),
    "file": lazy("Lưu đơn"),
}
RIGHTS = {
    "see_correct_or_copy": lazy("Xem, chỉnh sửa, nhận bản sao dữ liệu của mình"),
    "withdraw_restrict_or_object": lazy("Rút lại đồng ý, hạn chế, phản đối, yêu cầu xóa"),
}
HOW = {
    "scanned": lazy("Bản quét đơn đã ký"),
    "in_person": lazy("Ký trực tiếp tại nơi tiếp nhận"),
    "digital": lazy("Chữ ký số"),
}


def admission_view(desk: Desk, tx: Reading, case: Case, me: Person) -> SimpleNamespace | None:
    """Who asks and by which right, signature, limitation, complexity, first level, screening; None for kinds
    that the law asks nothing of.
    """
    steps = desk.rules.workflow_of(case).steps
    if admission.STEPS.isdisjoint(steps):
        return None
    catalogue, calendar = desk.rules.catalogue, desk.rules.calendar
    found, today = store.admission_of(tx, case.id), calendar.local_day(tx.now)
    rows = [row for row in catalogue.criteria if case.kind in row.kinds and holds(row, today)]
    right = next((right for right in admission.RIGHTS if right in case.conditions), "")
    first = store.row_of(tx, me, found.first_level) if found.first_level else None
    return SimpleNamespace(
        found=found,
        needs_signature=catalogue.kind(case.kind).signature_needed,
        is_unsigned="unsigned" in case.conditions,
        is_unverified=case.signature_status in admission.TO_BE_VERIFIED and found.verified_by is None,
        limitation=_limitation(desk, case, found),
        knows_limitation=case.kind in admission.LIMITATION,
        knew_on=_proposed(tx, case) if found.knew_on is None else found.knew_on,
        criteria=[(row.code, _name(row)) for row in rows],
        chosen=[_name(row) for row in rows if row.code in found.criteria],
        is_remote="remote" in case.conditions,
        first=first,
        how=list(HOW.items()),
        screened=list(SCREENED.items()),
        is_asked_who="verify_identity" in steps,
        is_unidentified=admission.UNIDENTIFIED in case.conditions,
        is_asked_which="name_right" in steps,
        right=right,
        rights=list(RIGHTS.items()),
        has_processor=admission.PROCESSOR in case.conditions,
        right_words=RIGHTS.get(right, ""),
        screened_as=SCREENED.get(found.screened or "", ""),
        today=today,
        may_judge_remote=case.kind in admission.LIMITATION and bool(may(me, "judge", case)),
    )


def _name(row: object) -> str:
    return str(getattr(row, "name" if current_language() == "vi" else "name_en"))


def _limitation(desk: Desk, case: Case, found: store.Admission) -> admission.Limitation | None:
    if found.knew_on is None:
        return None
    obstacle = (found.obstacle_from, found.obstacle_to) if found.obstacle_from and found.obstacle_to else None
    return admission.limitation_of(
        desk.rules.catalogue,
        case.kind,
        knew_on=found.knew_on,
        received_on=desk.rules.calendar.local_day(case.received_at),
        obstacle=obstacle,
    )


def _proposed(tx: Reading, case: Case) -> date | None:
    """The day that the citizen's own words say."""
    said = store.proposal_of(tx, case.id)[0].get("knew_on")
    return date.fromisoformat(said) if said else None
