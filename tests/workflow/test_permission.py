"""Who may do what: the matrix by examples, and the SQL that says the same as the function, row by row."""

import random
from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import select

from services.workflow import store
from services.workflow.domain.case import Case, KindClass
from services.workflow.domain.permission import MAY, Refusal, Refused, may
from services.workflow.store.tables import case_
from shared.db import Database
from tests.support import NOON
from tests.workflow.builders import (
    ADMIN,
    AUDITOR,
    COLLEAGUE,
    DEPUTY,
    DIRECTOR,
    EVERYBODY,
    HEAD,
    OFFICE,
    OFFICER,
    STRANGER,
    Staff,
    a_case,
)

ORDINARY, RESTRICTED, SECRET = KindClass
VP_HEAD = Staff("u:vp-head", "head", "VP")


@pytest.mark.parametrize(
    ("person", "kind_class", "sees"),
    [
        (OFFICER, ORDINARY, True),
        (COLLEAGUE, ORDINARY, True),
        (STRANGER, ORDINARY, False),
        (HEAD, ORDINARY, True),
        (OFFICE, ORDINARY, True),
        (DIRECTOR, ORDINARY, True),
        (AUDITOR, ORDINARY, False),
        (ADMIN, ORDINARY, False),
        (OFFICER, RESTRICTED, True),
        (COLLEAGUE, RESTRICTED, False),
        (HEAD, RESTRICTED, True),
        (OFFICE, RESTRICTED, False),
        (DIRECTOR, RESTRICTED, True),
        (OFFICER, SECRET, True),
        (COLLEAGUE, SECRET, False),
        (HEAD, SECRET, True),
        (OFFICE, SECRET, False),
        (DIRECTOR, SECRET, True),
        (AUDITOR, SECRET, False),
    ],
)
def test_who_sees_a_case_depends_on_role_and_kind(person: Staff, kind_class: KindClass, sees: bool) -> None:
    assert bool(may(person, "see", a_case(kind_class=kind_class))) == sees


def test_the_focal_point_sees_a_restricted_case_that_is_routed_to_it() -> None:
    assert may(OFFICE, "see", a_case(kind_class=RESTRICTED, unit="VP", officer=None))
    assert not may(OFFICE, "see", a_case(kind_class=SECRET, unit="VP", officer=None))


@pytest.mark.parametrize("person", [OFFICER, HEAD, DIRECTOR, OFFICE])
@pytest.mark.parametrize("action", sorted(MAY))
def test_nobody_does_anything_to_a_case_that_is_about_them(person: Staff, action: str) -> None:
    about_them = a_case(excluded=frozenset({person.person}), officer=person.person, extension_asked_by="u:other")
    about_their_unit = a_case(excluded=frozenset({person.unit}), officer=person.person, extension_asked_by="u:other")

    assert may(person, action, about_them) == Refused(Refusal.ABOUT_YOU)
    assert may(person, action, about_their_unit) == Refused(Refusal.ABOUT_YOU)


def test_an_officer_who_drafts_an_answer_cannot_approve_it() -> None:
    drafted = a_case(stage="drafted", drafted_by=HEAD.person)

    assert may(HEAD, "approve", drafted) == Refused(Refusal.YOU_DRAFTED_IT)
    assert may(DEPUTY, "approve", drafted)


def test_who_asks_for_an_extension_does_not_grant_it() -> None:
    asked = a_case(extension_asked_by=HEAD.person)

    assert may(HEAD, "extend", asked) == Refused(Refusal.YOU_ASKED_FOR_IT)
    assert may(DEPUTY, "extend", asked)
    assert may(HEAD, "extend", a_case()) == Refused(Refusal.NOBODY_ASKED)


def test_an_officer_acts_on_assigned_cases_only() -> None:
    assert may(OFFICER, "draft", a_case())
    assert may(COLLEAGUE, "draft", a_case()) == Refused(Refusal.NOT_ASSIGNED)
    assert may(COLLEAGUE, "note", a_case())
    assert may(COLLEAGUE, "take", a_case(officer=None))
    assert may(OFFICER, "approve", a_case()) == Refused(Refusal.NOT_YOUR_ROLE)


def test_a_denouncer_is_known_to_the_head_and_the_director_only_and_by_the_guarded_way() -> None:
    secret = a_case(kind="denunciation", workflow="denunciation", kind_class=SECRET)

    assert may(OFFICER, "open_identity", secret) == Refused(Refusal.NOT_YOUR_ROLE)
    assert may(HEAD, "open_identity", secret)
    assert may(DIRECTOR, "open_identity", secret)
    for person in (OFFICER, HEAD, DIRECTOR):
        assert may(person, "see_contact", secret) == Refused(Refusal.IDENTITY_IS_SEALED)
    assert may(HEAD, "open_identity", a_case()) == Refused(Refusal.NOT_THIS_KIND)


def test_a_unit_that_supports_sees_the_case_and_does_not_lead_it() -> None:
    case = a_case(supporting=frozenset({"VTCC"}))

    assert may(STRANGER, "see", case)
    assert may(STRANGER, "give_support", case)
    assert may(STRANGER, "note", case)
    assert not any(may(STRANGER, action, case) for action in ("draft", "take", "see_contact", "ask_support", "consult"))
    assert may(OFFICER, "give_support", case) == Refused(Refusal.NOT_ASSIGNED)


def test_a_unit_that_supports_a_restricted_case_sees_it_by_its_head_alone() -> None:
    case = a_case(kind_class=RESTRICTED, supporting=frozenset({"VTCC"}))

    assert not may(STRANGER, "see", case)
    assert may(Staff("u:bus-head", "head", "VTCC"), "see", case)
    assert may(HEAD, "ask_support", case) == Refused(Refusal.KEPT_CLOSE)
    assert may(DIRECTOR, "ask_support", case)


def test_nobody_outside_is_consulted_about_a_secret_case() -> None:
    secret = a_case(kind_class=SECRET)

    assert may(OFFICER, "consult", secret) == Refused(Refusal.NOT_OUTSIDE)
    assert may(DIRECTOR, "consult", secret) == Refused(Refusal.NOT_OUTSIDE)
    assert may(OFFICER, "consult", a_case())


def random_case(chance: random.Random) -> Case:
    people, units = [one.person for one in EVERYBODY], ["KCHT", "VTCC", "VP", "PCAT", "SXD"]
    return a_case(
        id=uuid4(),
        petition_id=uuid4(),
        unit=chance.choice(units),
        officer=chance.choice([None, *people]),
        kind_class=chance.choice(list(KindClass)),
        excluded=frozenset(chance.sample([*people, *units], chance.choice([0, 0, 1, 2]))),
        stage=chance.choice(["triage", "accepted", "in_progress", "drafted"]),
        supporting=frozenset(chance.sample(units, chance.choice([0, 0, 1, 2]))),
    )


def asked_to_support(case: Case, unit: str, state: str) -> store.Support:
    return store.Support(
        id=uuid4(),
        case_id=case.id,
        unit=unit,
        question="t",
        asked_by=HEAD.person,
        asked_at=NOON,
        due_on=date(2026, 11, 30),
        state=state,
    )


def test_the_query_sees_exactly_what_the_rule_allows(database: Database) -> None:
    chance = random.Random(20261123)
    cases = [random_case(chance) for _ in range(150)]
    words = store.Words(**dict.fromkeys(store.Words.__dataclass_fields__, "t"))
    with database.writing() as tx:
        store.add_cases(tx, [store.NewCase(case=case, words=words, proposal={}) for case in cases])
        for case in cases:
            for unit in ("KCHT", "VTCC", "VP", "PCAT", "SXD"):
                states = ["asked", "given"] if unit in case.supporting else ["handed_back", "ended"]
                store.add_support(tx, asked_to_support(case, unit, chance.choice(states)))
        tx._changed.clear()  # rows for a query, not a story to tell

    for person in (*EVERYBODY, VP_HEAD):
        with database.reading() as look:
            seen = set(look.connection.execute(select(case_.c.id).where(store.visible_to(person))).scalars())
        allowed = {case.id for case in cases if may(person, "see", case)}
        assert seen == allowed, person
