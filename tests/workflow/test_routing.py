"""Who handles what on which day."""

from dataclasses import replace
from datetime import date

import pytest

from services.workflow.domain.routing import Destination, holder_of, unit_for, unit_on
from services.workflow.domain.vocabulary import UnknownWord
from tests.workflow.support_rules import the_catalogue

CATALOGUE = the_catalogue()
NOW = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("code", "day", "unit"),
    [
        ("TTRA", date(2025, 6, 30), "TTRA"),
        ("TTRA", date(2025, 7, 1), "PCAT"),
        ("NL", date(2024, 11, 20), "NL"),
        ("NL", NOW, "X-CA"),
        ("X-UBND", NOW, "X-UBND"),
    ],
)
def test_a_closed_unit_hands_over_to_its_successor(code, day, unit):
    assert unit_on(CATALOGUE, code, day) == unit


def test_work_of_the_law_goes_by_role():
    assert holder_of(CATALOGUE, "complaints", date(2025, 6, 30)) == "TTRA"
    assert holder_of(CATALOGUE, "complaints", date(2025, 7, 1)) == "PCAT"


def test_a_role_that_nobody_holds_yet_falls_to_the_focal_point():
    assert holder_of(CATALOGUE, "data_protection", date(2025, 12, 31)) == "VP"


def test_the_role_of_the_kind_goes_before_the_topic():
    assert unit_for(CATALOGUE, kind="complaint", topic="C17", day=NOW) == Destination("PCAT")
    assert unit_for(CATALOGUE, kind="data_request", topic=None, day=NOW) == Destination("VP")


def test_what_moved_to_another_body_is_passed_on_by_the_focal_point():
    assert unit_for(CATALOGUE, kind="procedure_feedback", topic="C18", day=NOW) == Destination("VP", "X-CA")


def test_what_has_no_topic_goes_to_the_focal_point():
    assert unit_for(CATALOGUE, kind="report", topic=None, day=NOW) == Destination("VP")


@pytest.mark.parametrize(
    ("excluded", "destination"),
    [
        ({"VTPT"}, Destination("PCAT")),
        ({"PCAT"}, Destination("VP", is_fallback=True)),
        ({"PCAT", "VP"}, Destination("VP", "X-TTTP", is_fallback=True)),
    ],
)
def test_a_unit_that_is_concerned_does_not_handle_it(excluded, destination):
    assert unit_for(CATALOGUE, kind="denunciation", topic="C29", day=NOW, excluded=excluded) == destination


def test_a_chain_that_leads_nowhere_is_refused():
    unit = replace(CATALOGUE.units[0], code="OLD", valid_to=date(2025, 1, 1), successor="OLD")
    broken = replace(CATALOGUE, units=(*CATALOGUE.units, unit))

    with pytest.raises(UnknownWord):
        unit_on(broken, "OLD", NOW)
    with pytest.raises(UnknownWord):
        unit_on(broken, "NEVER", NOW)
