"""The commands of the desk: making people, from the keyboard and for the demonstration."""

import pytest

from services.workflow import __main__ as desk
from services.workflow.commands import add_demo_people, demo_rows
from shared import auth
from shared.auth import Person
from shared.db import Database
from tests.support import ROOT, types
from tests.workflow.builders import the_rules

CONFIG = ROOT / "config"


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hash of a quarter of a second is for people, not for fifteen accounts of a test."""

    class Cheap:
        def hash(self, password: str) -> str:
            return f"cheap:{len(password)}"

    monkeypatch.setattr(auth, "hasher", Cheap)


def test_the_people_of_the_demonstration_are_invented_and_fill_every_role_of_the_desk() -> None:
    rows = demo_rows(CONFIG)

    assert {row["role"] for row in rows} == set(auth.ROLES) - {"auditor"}  # whose account is the memory's own
    assert all(row["email"].endswith("@desk.example.vn") for row in rows)
    units = {row["unit"] for row in rows if row["role"] in {"officer", "head"}}
    assert units == {"KCHT", "VTCC", "PCAT", "VP", "TNTKQ"}
    assert units <= the_rules().unit_codes


def test_each_of_them_is_told_once(database: Database) -> None:
    with database.writing() as tx:
        made = add_demo_people(tx, CONFIG, password="một câu thật dài 42")
        told = types(tx)
    with database.writing() as tx:
        again = add_demo_people(tx, CONFIG, password="một câu thật dài 42")

    assert len(made) == len(demo_rows(CONFIG))
    assert all(isinstance(one, Person) for one in made)
    assert told == ["staff.changed.v1"] * len(made)
    assert again == []


def test_other_commands_are_the_kits(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr(desk, "main", lambda *words: asked.append(words) or 0)

    assert desk.run(["worker"]) == 0
    assert asked == [(desk.build, "workflow", ["worker"])]
