"""Writes docs/permissions.md from the table of rights: who may do what to which case, standing how near to it.

python -m ops.document_permissions            write it
python -m ops.document_permissions --check    say whether it is fresh; exit code 1 when it is not
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from ops.documents import write_or_check
from services.workflow.domain.case import Case, KindClass
from services.workflow.domain.permission import MAY, ONLY_KINDS, may

DOCUMENT = Path(__file__).parent.parent / "docs" / "permissions.md"

ROLES = ("officer", "head", "office", "director", "auditor", "admin")
RELATIONS = ("assigned", "unit", "other", "concerned")
CLASSES = {
    KindClass.ORDINARY: ("report", "report"),
    KindClass.RESTRICTED: ("complaint", "complaint"),
    KindClass.SECRET: ("denunciation", "denunciation"),
}
"""Class → a kind of it, and the state table that it lives by."""

MARKS = {"assigned": "a", "unit": "u", "other": "o"}

HEAD = """# Who may do what

This page is made from the table of rights (`services/workflow/domain/permission.py`) by `make docs`; do not edit it. A
test walks every cell of it, refusals included, by the rule and by the page.

What stands in a cell is how near somebody must stand to the case: **a** it is assigned to them, **u** it is their
unit's, **o** any other; **–** never. Whom a case is about, person or unit, may nothing at all and is told that there is
no such case, whatever the role and even if it is assigned to them. What one may not see does not exist: 404.

A right is what a person may; which steps a case can take where it stands is said by its
[state table](case-life.md). Beyond the table: who drafts an answer does not approve it, who asks for an extension does
not grant it, and without a wish nothing is extended; the identity of a denouncer is opened by `open_identity` alone,
told to a second person at once, and reviewed by whoever was told. Auditors and admins read no case.
"""


@dataclass(frozen=True)
class Somebody:
    """A member of staff, as permissions see them."""

    person: str
    role: str
    unit: str | None


def cell(action: str, role: str, kind_class: KindClass) -> str:
    """How near a role must stand for an action: letters of MARKS, or a dash."""
    near = [mark for relation, mark in MARKS.items() if is_allowed(action, role, kind_class, relation)]
    return "".join(near) or "–"


def is_allowed(action: str, role: str, kind_class: KindClass, relation: str) -> bool:
    who = Somebody("u:somebody", role, "KCHT")
    return bool(may(who, action, a_case(who, kind_class, relation, kind=kind_of(action, kind_class))))


def kind_of(action: str, kind_class: KindClass) -> str:
    """A kind of this class which knows the action, where one does."""
    usual = CLASSES[kind_class][0]
    known = ONLY_KINDS.get(action, frozenset({usual}))
    if usual in known:
        return usual
    prefix = {KindClass.ORDINARY: "report", KindClass.RESTRICTED: "complaint", KindClass.SECRET: "denunciation"}
    return next((kind for kind in sorted(known) if kind.startswith(prefix[kind_class])), usual)


def a_case(who: Somebody, kind_class: KindClass, relation: str, *, kind: str) -> Case:
    """A case of a class to which somebody stands so near. Somebody else asked for an extension of it."""
    return Case(
        id=UUID(int=1),
        petition_id=UUID(int=2),
        code="7K3M9HDT",
        kind=kind,
        topic="C01",
        unit="VTCC" if relation == "other" else "KCHT",
        stage="in_progress",
        workflow=CLASSES[kind_class][1],
        workflow_version=1,
        received_at=datetime(2026, 11, 23, 5, tzinfo=UTC),
        kind_class=kind_class,
        officer=who.person if relation in {"assigned", "concerned"} else "u:other",
        excluded=frozenset({who.person}) if relation == "concerned" else frozenset(),
        extension_asked_by="u:other",
    )


def document() -> str:
    """The whole page."""
    parts = [HEAD]
    for kind_class in KindClass:
        parts.append(f"## {kind_class.value.capitalize()} cases\n")
        parts.append(f"| action | {' | '.join(ROLES)} |\n|---|{'---|' * len(ROLES)}")
        parts += [_row(action, kind_class) for action in MAY]
        parts.append("")
    return "\n".join(parts)


def _row(action: str, kind_class: KindClass) -> str:
    cells = [cell(action, role, kind_class) for role in ROLES]
    kinds = ONLY_KINDS.get(action)
    only = f" (only {', '.join(sorted(kinds))})" if kinds else ""
    return f"| `{action}`{only} | {' | '.join(cells)} |"


def main(argv: Sequence[str] | None = None) -> int:
    return write_or_check(DOCUMENT, document(), __doc__, argv)


if __name__ == "__main__":
    sys.exit(main())
