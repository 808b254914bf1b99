"""The page of rights is what the table says."""

from ops.document_permissions import DOCUMENT, ROLES, document
from services.workflow.domain.case import KindClass
from services.workflow.domain.permission import MAY
from shared.auth import ROLES as EVERY_ROLE


def test_the_page_of_rights_is_what_the_table_says() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "run `make docs`"


def test_the_page_of_rights_has_a_row_for_every_action_and_a_column_for_every_role() -> None:
    page = DOCUMENT.read_text(encoding="utf-8")

    assert set(ROLES) == set(EVERY_ROLE)
    for action in MAY:
        assert page.count(f"| `{action}`") == len(KindClass)
