"""The configuration from the keyboard: checked, drafted, published by another, and its history."""

from collections.abc import Callable
from pathlib import Path

import pytest

from services.workflow import commands
from shared.settings import Settings
from tests.workflow.builders import ADMIN, CONFIG, OFFICE, Office

Say = Callable[..., tuple[int, str]]


@pytest.fixture
def say(office: Office, make_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch, capsys: object) -> Say:
    """Types a command at a desk with this database; exit code and what was printed."""
    settings = make_settings("workflow")
    monkeypatch.setattr(commands, "read_settings", lambda *_: settings)
    monkeypatch.setattr(commands, "open_database", lambda *_, **__: office.database)

    def typed(*words: str) -> tuple[int, str]:
        code = commands.command(["config", *words])
        printed = capsys.readouterr()  # type: ignore[attr-defined]
        return code, printed.out + printed.err

    return typed


@pytest.fixture
def topics(tmp_path: Path) -> Path:
    changed = tmp_path / "topics.json"
    changed.write_text((CONFIG / "topics.json").read_text().replace('"weight": 1', '"weight": 2', 1))
    return changed


def test_what_is_in_force_is_listed(say: Say) -> None:
    code, printed = say("check")

    assert code == 0
    assert "topics.json: the file" in printed


def test_a_text_is_checked_before_anybody_drafts_it(say: Say, topics: Path) -> None:
    assert say("check", "topics.json", str(topics)) == (0, "topics.json: could be published\n")
    topics.write_text('{"topics": [}')

    code, printed = say("check", "topics.json", str(topics))

    assert code == 2
    assert "line 1 column 13" in printed


def test_one_drafts_another_publishes_and_both_stand_in_the_history(say: Say, topics: Path) -> None:
    why = "Theo quyết định của Giám đốc Sở"
    _, drafted = say("draft", "topics.json", str(topics), "--by", ADMIN.person, "--reason", why)
    draft_id = drafted.partition(":")[0]

    alone = say("publish", draft_id, "--by", ADMIN.person)
    together = say("publish", draft_id, "--by", OFFICE.person)
    again = say("publish", draft_id, "--by", OFFICE.person)
    _, history = say("history", "topics.json")

    assert alone[0] == 2
    assert together == (0, "topics.json: version 1, from 2026-11-23\n")
    assert again[0] == 2
    assert "published or withdrawn before" in again[1]
    assert all(word in history for word in (draft_id, "published", ADMIN.person, OFFICE.person, why))
    assert "topics.json: version 1" in say("check")[1]


def test_nobody_is_nobody(say: Say, topics: Path) -> None:
    code, printed = say("draft", "topics.json", str(topics), "--by", "ghost", "--reason", "Một lý do đủ dài")

    assert code == 2
    assert "nobody signs in as 'ghost'" in printed
