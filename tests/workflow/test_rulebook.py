"""The rule book: what is published holds without a restart, by two persons, and what makes no sense never holds."""

import json
import shutil
import threading
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from services.workflow import actions, store
from services.workflow.actions import DocumentUnknown, DraftDecided, DraftOutdated
from services.workflow.domain.document import Document, changes, digest_of, line_of, rows_of, with_row
from services.workflow.rulebook import RuleBook
from services.workflow.steps import Incomplete, NotAllowed
from shared.config import BadConfig
from shared.db import Database
from tests.support import emitted, types
from tests.workflow.builders import ADMIN, CONFIG, DIRECTOR, HEAD, OFFICE, Office, Staff, the_rules

TODAY = date(2026, 11, 23)
WHY = "Theo quyết định của Giám đốc Sở"


@pytest.fixture
def book() -> RuleBook:
    return RuleBook(CONFIG, the_rules().press)


def text_of(name: str) -> str:
    return (CONFIG / name).read_text(encoding="utf-8")


def with_days(code: str, days: int) -> str:
    """topics.json with other answer days for a topic."""
    row = next(one for one in rows_of(text_of("topics.json"))["topics"] if one.name == code)
    return with_row(text_of("topics.json"), row, row.value | {"answer_working_days": days})


def draft(office: Office, book: RuleBook, name: str, text: str, person: Staff = ADMIN, **given: Any) -> Document:
    with office.database.writing() as tx:
        return actions.draft_document(tx, book, person=person, name=name, text=text, reason=WHY, **given)


def publish(office: Office, book: RuleBook, written: Document, person: Staff = OFFICE) -> Document:
    with office.database.writing() as tx:
        return actions.publish_document(tx, book, person=person, document_id=written.id)


def answer_days(office: Office, book: RuleBook, code: str = "C01") -> int | None:
    with office.database.reading() as look:
        return book.in_force(look).catalogue.topics_by_code[code].answer_working_days


# ---- in force


def test_what_two_persons_publish_holds_at_the_next_look_of_every_process(office: Office, book: RuleBook) -> None:
    other_process = RuleBook(CONFIG, the_rules().press)
    before = answer_days(office, other_process)

    publish(office, book, draft(office, book, "topics.json", with_days("C01", 3)))

    assert before != 3
    assert answer_days(office, book) == 3
    assert answer_days(office, other_process) == 3


def test_a_publication_waits_for_its_day(office: Office, book: RuleBook) -> None:
    written = draft(office, book, "topics.json", with_days("C01", 3), valid_from=date(2026, 12, 1))
    publish(office, book, written)

    today = answer_days(office, book)
    office.at("2026-12-01T00:01")

    assert today != 3
    assert answer_days(office, book) == 3


def test_a_quiet_look_costs_one_statement(office: Office, book: RuleBook) -> None:
    answer_days(office, book)
    said: list[str] = []

    with office.database.reading() as look:
        event.listen(look.connection, "before_cursor_execute", lambda *given: said.append(given[2]))
        book.in_force(look)

    assert len(said) == 1


def test_every_file_that_the_catalogue_reads_can_be_published_and_no_other(book: RuleBook) -> None:
    names = {path.name for path in CONFIG.glob("*.json")}

    assert set(book.names) <= names
    assert {"clocks.json", "calendar.json", "topics.json", "sorting.json", "organisation.json"} <= set(book.names)
    assert "sipas.json" not in book.names  # nothing here reads it


def test_the_event_says_who_and_which_and_nothing_of_the_text(office: Office, book: RuleBook) -> None:
    written = draft(office, book, "topics.json", with_days("C01", 3))

    with office.database.writing() as tx:
        kept = actions.publish_document(tx, book, person=OFFICE, document_id=written.id)
        told: Any = emitted(tx)[0]

    assert types(tx) == ["config.changed.v1"]
    assert (told.name, told.version, told.sha256) == ("topics.json", 1, kept.sha256)
    assert (told.drafted_by, told.published_by) == (ADMIN.person, OFFICE.person)
    assert told.text.value is None


def test_s20b_what_citizens_read_goes_to_the_door_sealed(office: Office, book: RuleBook) -> None:
    text = (CONFIG / "procedures.json").read_text(encoding="utf-8").replace("2027-03-31", "2027-09-30")
    written = draft(office, book, "procedures.json", text)

    with office.database.writing() as tx:
        actions.publish_document(tx, book, person=OFFICE, document_id=written.id)
        told: Any = emitted(tx)[0]

    assert told.text.value == text
    assert "2027-09-30" not in repr(told)


def test_what_files_no_longer_allow_is_left_out_and_said(office: Office, tmp_path: Path, book: RuleBook) -> None:
    publish(office, book, draft(office, book, "topics.json", with_days("C01", 3)))
    folder = shutil.copytree(CONFIG, tmp_path / "config")
    kinds = json.loads((folder / "kinds.json").read_text())
    kinds["kinds"][0]["id"] = "another"  # a new version of the service, whose kinds are called otherwise
    (folder / "kinds.json").write_text(json.dumps(kinds))
    topics = (folder / "topics.json").read_text().replace('"kind": "report"', '"kind": "another"')
    for name in ("topics", "clocks", "sorting", "grounds"):
        changed = topics if name == "topics" else (folder / f"{name}.json").read_text().replace('"report"', '"another"')
        (folder / f"{name}.json").write_text(changed)
    for table in (folder / "workflows").glob("*.yaml"):
        table.write_text(table.read_text().replace("kinds: [report,", "kinds: [another,"))

    newer = RuleBook(folder, the_rules().press)
    with office.database.reading() as look:
        edition = newer.edition(look)

    assert [one.document.name for one in edition.left_out] == ["topics.json"]
    assert edition.left_out[0].why.startswith("topics.json, topics, row ")
    assert answer_days(office, newer) != 3


def test_a_bad_file_still_stops_the_start(tmp_path: Path) -> None:
    folder = shutil.copytree(CONFIG, tmp_path / "config")
    (folder / "topics.json").write_text('{"topics": [}')

    with pytest.raises(BadConfig, match=r"topics.json: .*line 1 column 13"):
        RuleBook(folder, the_rules().press)


# ---- four eyes


@pytest.mark.parametrize("person", [HEAD, OFFICE, DIRECTOR], ids=lambda one: one.role)
def test_only_the_admin_writes(office: Office, book: RuleBook, person: Staff) -> None:
    with pytest.raises(NotAllowed):
        draft(office, book, "topics.json", with_days("C01", 3), person)


@pytest.mark.parametrize("person", [HEAD, ADMIN], ids=lambda one: one.role)
def test_only_office_and_director_publish(office: Office, book: RuleBook, person: Staff) -> None:
    written = draft(office, book, "topics.json", with_days("C01", 3))

    with pytest.raises(NotAllowed):
        publish(office, book, written, person)


def test_who_wrote_a_change_never_publishes_it_whatever_role_came_since(office: Office, book: RuleBook) -> None:
    written = draft(office, book, "topics.json", with_days("C01", 3))
    promoted = Staff(ADMIN.person, "director", "SXD")

    with pytest.raises(NotAllowed, match="who writes a change does not publish it"):
        publish(office, book, written, promoted)

    assert answer_days(office, book) != 3


def test_of_two_drafts_at_once_the_second_does_not_undo_the_first(office: Office, book: RuleBook) -> None:
    first = draft(office, book, "topics.json", with_days("C01", 3))
    second = draft(office, book, "topics.json", with_days("C01", 4))

    publish(office, book, first)
    with pytest.raises(DraftOutdated):
        publish(office, book, second)

    assert answer_days(office, book) == 3


def test_a_form_that_was_opened_before_a_publication_is_refused(office: Office, book: RuleBook) -> None:
    seen = digest_of(text_of("topics.json"))
    publish(office, book, draft(office, book, "topics.json", with_days("C01", 3)))

    with pytest.raises(DraftOutdated):
        draft(office, book, "topics.json", with_days("C01", 4), based_on=seen)


def test_a_draft_is_decided_once(office: Office, book: RuleBook) -> None:
    written, given_up = (draft(office, book, "topics.json", with_days("C01", days)) for days in (3, 4))
    publish(office, book, written)
    with office.database.writing() as tx:
        actions.withdraw_draft(tx, person=ADMIN, document_id=given_up.id)

    for one in (written, given_up):
        with pytest.raises(DraftDecided):
            publish(office, book, one)
    with office.database.reading() as look:
        states = [one.state for one in store.history_of(look, "topics.json")]
    assert states == ["withdrawn", "published"]


def test_a_publication_that_dies_half_way_leaves_nothing(office: Office, book: RuleBook) -> None:
    written = draft(office, book, "topics.json", with_days("C01", 3))

    with pytest.raises(RuntimeError):
        _publish_and_die(office, book, written)

    assert answer_days(office, book) != 3
    with office.database.reading() as look:
        assert store.newest_number(look) == 0
        assert [one.state for one in store.drafts(look)] == ["draft"]
    assert publish(office, book, written).version == 1


def _publish_and_die(office: Office, book: RuleBook, written: Document) -> None:
    with office.database.writing() as tx:
        actions.publish_document(tx, book, person=OFFICE, document_id=written.id)
        raise RuntimeError("the power went")


def test_many_who_publish_at_once_get_numbers_without_gap_or_double(office: Office, book: RuleBook) -> None:
    names = ["topics.json", "calendar.json", "clocks.json", "sorting.json", "wards.json", "kinds.json"]
    written = [draft(office, book, name, _touched(name)) for name in names]
    refused: list[Exception] = []

    def go(one: Document) -> None:
        try:
            publish(office, book, one)
        except Exception as problem:  # what a thread meets belongs to the test
            refused.append(problem)

    threads = [threading.Thread(target=go, args=(one,)) for one in written]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert refused == []
    with office.database.reading() as look:
        assert [one.number for one in store.published(look)] == [1, 2, 3, 4, 5, 6]


def _touched(name: str) -> str:
    """The same content, laid out otherwise."""
    return json.dumps(json.loads(text_of(name)), ensure_ascii=False, indent=1)


def test_a_publication_never_comes_before_the_last_one_of_its_name(office: Office, book: RuleBook) -> None:
    later = draft(office, book, "topics.json", with_days("C01", 3), valid_from=date(2027, 1, 1))
    publish(office, book, later)
    row = rows_of(later.text)["topics"][1]

    with pytest.raises(Incomplete) as refused:
        draft(office, book, "topics.json", with_row(later.text, row, row.value | {"weight": 2}), valid_from=TODAY)

    assert (refused.value.field, refused.value.code) == ("valid_from", "before_last")


def test_yesterday_cannot_be_changed(office: Office, book: RuleBook) -> None:
    with pytest.raises(Incomplete) as refused:
        draft(office, book, "topics.json", with_days("C01", 3), valid_from=date(2026, 1, 1))

    assert (refused.value.field, refused.value.code) == ("valid_from", "past")


def test_a_change_that_changes_nothing_is_no_change(office: Office, book: RuleBook) -> None:
    with pytest.raises(Incomplete) as refused:
        draft(office, book, "topics.json", text_of("topics.json"))

    assert (refused.value.field, refused.value.code) == ("text", "unchanged")


def test_a_document_that_nothing_reads_does_not_exist(office: Office, book: RuleBook) -> None:
    with pytest.raises(DocumentUnknown):
        draft(office, book, "../org.yaml", "x")


# ---- what makes no sense


def _broken(name: str, old: str, new: str, *, times: int = 1) -> tuple[str, str]:
    text = text_of(name)
    assert old in text
    return name, text.replace(old, new, times)


TROUBLE = [
    (_broken("topics.json", '"topics": [', '"topics": [,'), r"line \d+ column \d+", True),
    (_broken("topics.json", '"weight":', '"wieght":'), "unknown field 'wieght'", True),
    (_broken("topics.json", "{", '{\n  "topcis": [],'), "unknown field 'topcis'", True),
    (_broken("topics.json", '"routes_to": {"unit": "KCHT"}', '"routes_to": {"unit": "KCHTX"}'), "KCHTX", True),
    (_broken("organisation.json", '"successor": "PCAT"', '"successor": "PCTA"'), "PCTA", True),
    (_broken("calendar.json", '{"date": "2026-11-24"', '{"date": "2062-11-24"'), "2062", True),
    (_broken("calendar.json", '{"date": "2026-11-24"', '{"date": "2026-11-22"'), "weekly rest day", False),
    (_broken("clocks.json", '"value": 7', '"value": "7"'), "Expected `int`", True),
]


@pytest.mark.parametrize(("document", "said", "has_line"), TROUBLE, ids=lambda one: str(one)[:30])
def test_what_makes_no_sense_is_refused_by_line_and_reason(
    office: Office, book: RuleBook, document: tuple[str, str], said: str, has_line: bool
) -> None:
    name, text = document

    with pytest.raises(BadConfig, match=said) as refused:
        draft(office, book, name, text)

    line = line_of(text, name, str(refused.value))
    assert (line is not None) == has_line
    if line is not None:
        changed = {one.after for one in changes(text_of(name), text) if one.kind == "+"}
        assert line in changed or line in {number - 1 for number in changed if number}


def test_two_rows_of_one_code_on_one_day_are_refused(office: Office, book: RuleBook) -> None:
    row = rows_of(text_of("topics.json"))["topics"][0]
    text = with_row(text_of("topics.json"), row, row.value, next_one=row.value)

    with pytest.raises(BadConfig, match="two rows hold on the same day"):
        draft(office, book, "topics.json", text)


def test_a_change_must_make_sense_on_every_day_to_come(office: Office, book: RuleBook) -> None:
    """A unit that a topic of January needs cannot be struck out in December."""
    units = rows_of(text_of("organisation.json"))["units"]
    new_unit = units[0].value | {"code": "MOI", "valid_from": "2026-12-01", "valid_to": None, "successor": None}
    publish(
        office,
        book,
        draft(
            office,
            book,
            "organisation.json",
            with_row(text_of("organisation.json"), units[0], units[0].value, next_one=new_unit),
        ),
    )
    topic = rows_of(text_of("topics.json"))["topics"][0]
    moved = with_row(text_of("topics.json"), topic, topic.value | {"routes_to": {"unit": "MOI"}})
    publish(office, book, draft(office, book, "topics.json", moved, valid_from=date(2027, 1, 1)))

    with pytest.raises(BadConfig, match="'MOI' is not in the configuration"):
        draft(office, book, "organisation.json", text_of("organisation.json"), valid_from=date(2026, 12, 15))


# ---- texts


def test_a_row_is_written_anew_and_all_else_stays_as_it_was_typed() -> None:
    text = text_of("clocks.json")
    row = rows_of(text)["rules"][2]

    changed = with_row(text, row, row.value | {"value": 31})

    assert len(changes(text, changed)) == 6  # two lines before, the one that goes, the one that comes, two after
    assert json.loads(changed)["rules"][2]["value"] == 31
    assert json.loads(changed)["ladder"] == json.loads(text)["ladder"]


@pytest.mark.parametrize("name", ["topics", "clocks", "calendar", "organisation", "sorting", "kinds", "wards"])
def test_rows_are_found_where_they_stand(name: str) -> None:
    text = text_of(f"{name}.json")
    whole = json.loads(text)

    for key, rows in rows_of(text).items():
        assert [row.value for row in rows] == [one for one in whole[key] if isinstance(one, dict)]
        assert all(json.loads(text[row.begins : row.ends]) == row.value for row in rows)


def test_a_database_of_another_desk_knows_nothing_of_it(database: Database, book: RuleBook) -> None:
    with database.reading() as look:
        assert book.edition(look).documents == {}
