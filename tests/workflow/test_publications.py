"""What is made public: prepared by one, posted by another, shown to hang where it should, taken down with a reason."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.workflow import actions, store
from services.workflow.actions import Written
from services.workflow.domain.publication import Publication, PublicationRefused, unproved
from services.workflow.reactions import keep_readers
from services.workflow.steps import Incomplete, NotAllowed
from services.workflow.store.publications import NOW, OVER, WAITING
from shared.events.base import Event
from shared.events.intake import Attachment, ReadersCounted
from tests.support import emitted
from tests.workflow.builders import DIRECTOR, HEAD, OFFICE, OFFICER, STRANGER, Office, Staff, hear, the_rules

TODAY = date(2026, 11, 23)
WRITTEN = Written(
    title="Phân luồng cầu Trường Tiền từ 01/12/2026",
    text="Từ 05 giờ ngày 01/12/2026, cầu Trường Tiền cấm ô tô để sửa mặt cầu.\n\nXe đi vòng qua cầu Phú Xuân.",
    kind="traffic",
    channels=("board", "loudspeaker"),
    starts_on=TODAY,
    ends_on=date(2026, 12, 31),
    campaign="an-toan-2026",
    unit="KCHT",
)
PHOTO = Attachment(id=uuid4(), media_type="image/jpeg", size_bytes=1200, sha256="a" * 64)


def prepared(office: Office, person: Staff = OFFICER, **given: Any) -> Publication:
    with office.database.writing() as tx:
        written = replace(WRITTEN, **given)
        return actions.prepare_publication(tx, office.rules, person=person, written=written)


def done(office: Office, action: Any, person: Staff, found: Publication, **given: Any) -> tuple[Any, list[Event]]:
    with office.database.writing() as tx:
        rules = () if action is actions.drop_publication else (office.rules,)
        return action(tx, *rules, person=person, publication_id=found.id, **given), emitted(tx)


def posted(office: Office, **given: Any) -> Publication:
    new = prepared(office, **given)
    return done(office, actions.post_publication, HEAD, new, version=1)[0]  # type: ignore[no-any-return]


def listed(office: Office, which: str, person: Staff = OFFICE, day: date = TODAY) -> list[UUID]:
    with office.database.reading() as look:
        return [one.id for one in store.publications_in(look, person, which, day=day)]


def test_s10a_who_prepares_does_not_post_and_somebody_else_does(office: Office) -> None:
    new = prepared(office, HEAD)

    with pytest.raises(NotAllowed):
        done(office, actions.post_publication, HEAD, new, version=1)
    kept, told = done(office, actions.post_publication, OFFICE, new, version=1)

    assert (kept.state, kept.number, kept.posted_by) == ("posted", "2026-01", OFFICE.person)
    (event,) = told
    assert event.TYPE == "publication.posted.v1"
    assert event.channels == ("web", "board", "loudspeaker")  # type: ignore[attr-defined]
    assert WRITTEN.title not in repr(event)


def test_s10a_what_was_changed_after_it_was_seen_is_not_posted(office: Office) -> None:
    new = prepared(office)
    rewritten = replace(WRITTEN, title="Phân luồng cầu Phú Xuân từ 01/12/2026")
    done(office, actions.change_publication, OFFICE, new, written=rewritten)

    with pytest.raises(PublicationRefused):
        done(office, actions.post_publication, HEAD, new, version=1)
    with pytest.raises(NotAllowed):
        done(office, actions.post_publication, OFFICE, new, version=2)  # who changed it wrote it

    assert done(office, actions.post_publication, HEAD, new, version=2)[0].title == rewritten.title


def test_s10a_numbers_follow_one_another_and_what_was_given_up_has_none(office: Office) -> None:
    first, dropped = posted(office), prepared(office)
    done(office, actions.drop_publication, OFFICER, dropped)
    second = posted(office)

    assert (first.number, second.number) == ("2026-01", "2026-02")
    with pytest.raises(PublicationRefused):
        done(office, actions.post_publication, HEAD, dropped, version=1)


def test_s10a_each_channel_but_the_page_is_shown_by_a_photo_or_a_note(office: Office) -> None:
    new = posted(office)
    there = {"channel": "board", "place": "Bảng tin trước Bộ phận một cửa", "seen_on": TODAY}

    with pytest.raises(Incomplete) as refusal:
        done(office, actions.show_publication, OFFICER, new, note="", file=None, **there)
    _, told = done(office, actions.show_publication, OFFICER, new, note="", file=PHOTO, **there)
    with office.database.reading() as look:
        proofs = store.proofs_of(look, [new.id])[new.id]

    assert refusal.value.field == "note"
    assert [event.TYPE for event in told] == ["publication.shown.v1"]
    assert told[0].sha256 == PHOTO.sha256  # type: ignore[attr-defined]
    assert (proofs[0].shown_by, proofs[0].file_id) == (OFFICER.person, PHOTO.id)
    assert unproved(new, proofs, the_rules().catalogue.publishing) == ("loudspeaker",)


def test_s10a_what_is_withdrawn_says_why_by_a_code(office: Office) -> None:
    new = posted(office)

    with pytest.raises(Incomplete):
        done(office, actions.withdraw_publication, HEAD, new, reason="because")
    withdrawn, told = done(
        office, actions.withdraw_publication, HEAD, new, reason="wrong", words="Sai ngày bắt đầu cấm xe"
    )
    with pytest.raises(PublicationRefused):
        done(office, actions.withdraw_publication, HEAD, new, reason="wrong")

    assert (withdrawn.state, told[0].reason) == ("withdrawn", "wrong")  # type: ignore[attr-defined]
    assert "Sai ngày" not in repr(told)


def test_s10a_a_publication_leaves_the_list_by_its_date(office: Office) -> None:
    new, waiting = posted(office), prepared(office)

    assert listed(office, NOW) == [new.id]
    assert listed(office, NOW, day=date(2026, 12, 31)) == [new.id]
    assert listed(office, OVER, day=date(2027, 1, 1)) == [new.id]
    assert listed(office, NOW, day=date(2027, 1, 1)) == []
    assert listed(office, WAITING) == [waiting.id]


def test_what_waits_is_seen_by_its_unit_and_what_is_public_by_everybody(office: Office) -> None:
    new, waiting = posted(office), prepared(office)

    assert listed(office, WAITING, STRANGER) == []
    assert listed(office, NOW, STRANGER) == [new.id]
    with pytest.raises(actions.PublicationUnknown):
        done(office, actions.post_publication, STRANGER, waiting, version=1)


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"title": "Cấm"}, "title", "missing"),
        ({"title": "Cấm xe\nqua cầu"}, "title", "line_break"),
        ({"text": "Cấm xe."}, "text", "missing"),
        ({"text": "Cấm xe qua cầu Trường Tiền\u202e."}, "text", "hidden_characters"),
        ({"kind": "rumour"}, "kind", "missing"),
        ({"starts_on": None}, "starts_on", "missing"),
        ({"starts_on": date(2026, 11, 22)}, "starts_on", "passed"),
        ({"ends_on": date(2026, 11, 22)}, "ends_on", "before_first"),
        ({"campaign": "cchc-2020"}, "campaign", "missing"),
    ],
)
def test_what_is_missing_is_named(office: Office, given: dict[str, Any], field: str, code: str) -> None:
    with pytest.raises(Incomplete) as refusal:
        prepared(office, **given)

    assert (refusal.value.field, refusal.value.code) == (field, code)


def test_officers_write_for_their_own_unit_only(office: Office) -> None:
    with pytest.raises(NotAllowed):
        prepared(office, STRANGER)

    assert prepared(office, DIRECTOR).unit == "KCHT"


def test_what_has_run_out_before_it_was_posted_is_not_posted(office: Office) -> None:
    new = prepared(office, ends_on=TODAY)
    office.at("2026-11-24T08:00")

    with pytest.raises(Incomplete) as refusal:
        done(office, actions.post_publication, HEAD, new, version=1)

    assert refusal.value.field == "ends_on"


def test_s14a_readers_and_petitions_are_counted_by_campaign(office: Office) -> None:
    one, other = posted(office), posted(office)
    days = (date(2026, 11, 23), date(2026, 11, 24))
    counts = [
        ReadersCounted(publication_id=found.id, on_day=day, opened=10, petitions=1)
        for found in (one, other)
        for day in days
    ]
    unknown = ReadersCounted(publication_id=uuid4(), on_day=TODAY, opened=99, petitions=9)

    with office.database.writing() as tx:
        hear(tx, keep_readers, *counts, *counts, unknown)

    with office.database.reading() as look:
        (campaign,) = store.campaigns(look)
        assert store.readers_of(look, [one.id])[one.id] == store.Readers(20, 2)
    assert (campaign.code, campaign.count) == ("an-toan-2026", 2)
    assert campaign.readers == store.Readers(40, 4)
