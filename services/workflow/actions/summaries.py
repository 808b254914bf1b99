"""What everybody may read of a case: written and masked, published by somebody else, taken down with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from services.workflow import store
from services.workflow.domain import summary as rules_of_summaries
from services.workflow.domain.case import Case
from services.workflow.domain.permission import Person, Refusal
from services.workflow.domain.redaction import Sender, public_words
from services.workflow.domain.rules import Rules
from services.workflow.domain.summary import (
    DROPPED,
    KEPT_BACK,
    REPLACED,
    NotToBePublished,
    Photo,
    Summary,
    SummaryRefused,
)
from services.workflow.domain.vocabulary import holds
from services.workflow.steps import Incomplete, NotAllowed, begin, needed
from services.workflow.taking_down import take_down, take_down_if_closed
from shared.db import Reading, Transaction
from shared.events.base import Sealed
from shared.events.workflow import CaseKeptBack, CasePublished, PublicPhoto
from shared.text import has_forbidden_characters

LONGEST_TITLE, LONGEST_TEXT, LONGEST_PLACE = 160, 3000, 200  # characters
SERIES = "summary"
CONSENT = "consent"
"""Taken down because its sender agrees no longer."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """A summary as somebody wrote it."""

    title: str
    text: str
    answer: str
    late_reason: str
    place: str


def write_summary(
    tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, told: Told, photos: Sequence[Photo]
) -> Summary:
    """Keep a version, masked, for somebody else to publish. What waited before is dropped; what is public stays.

    Raises Incomplete, NotAllowed, NotToBePublished.
    """
    case = begin(tx, person, "write_summary", case_id, None)
    may_be_public(tx, case)
    words = _masked(tx, rules, case, told)
    known = store.summaries_of(tx, case.id)
    before = rules_of_summaries.waiting(known)
    if before is not None:
        store.save_summary(tx, rules_of_summaries.ended(before, DROPPED, by=person.person, at=tx.now))
    new = Summary(
        case_id=case.id,
        version=max((one.version for one in known), default=0) + 1,
        state=rules_of_summaries.PREPARED,
        title=words.title,
        text=words.text,
        answer=words.answer or None,
        late_reason=words.late_reason or None,
        place=words.place or None,
        photos=tuple(photos),
        written_by=person.person,
        written_at=tx.now,
        number=next((one.number for one in known if one.number), None),
    )
    store.save_summary(tx, new)
    return new


def publish_summary(tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, version: int) -> Summary:
    """Let everybody read what somebody else wrote, as it was seen.

    Raises NotAllowed, NotToBePublished, SummaryRefused where it was written anew meanwhile.
    """
    case = begin(tx, person, "publish_summary", case_id, None)
    may_be_public(tx, case)
    known = store.summaries_of(tx, case.id)
    found = rules_of_summaries.waiting(known)
    if found is None:
        raise SummaryRefused("nothing waits")
    if found.written_by == person.person:
        raise NotAllowed(Refusal.YOU_WROTE_THE_SUMMARY)
    year = rules.calendar.local_day(tx.now).year
    if found.version != version:
        raise SummaryRefused(f"it is version {found.version}")
    number = found.number or f"{year}-{store.allot(tx, {(SERIES, year): 1})[SERIES, year]:04}"
    public = rules_of_summaries.published(found, version=version, number=number, by=person.person, at=tx.now)
    before = rules_of_summaries.current(known)
    if before is not None:
        store.save_summary(tx, rules_of_summaries.ended(before, REPLACED, by=person.person, at=tx.now))
    store.save_summary(tx, public)
    _tell(tx, rules, case, public, by=person.person)
    return public


def drop_summary(tx: Transaction, *, person: Person, case_id: UUID) -> Summary:
    """Give up what was not published. Raises SummaryRefused."""
    case = begin(tx, person, "write_summary", case_id, None)
    found = rules_of_summaries.waiting(store.summaries_of(tx, case.id))
    if found is None:
        raise SummaryRefused("nothing waits")
    dropped = rules_of_summaries.ended(found, DROPPED, by=person.person, at=tx.now)
    store.save_summary(tx, dropped)
    return dropped


def withdraw_summary(
    tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, reason: str, words: str = ""
) -> Summary:
    """Take it down; its address goes on saying why. Raises Incomplete, SummaryRefused."""
    case = begin(tx, person, "withdraw_summary", case_id, None)
    today = rules.calendar.local_day(tx.now)
    if reason not in {row.code for row in rules.catalogue.publishing.case_reasons if holds(row, today)}:
        raise Incomplete("reason")
    found = rules_of_summaries.current(store.summaries_of(tx, case.id))
    if found is None:
        raise SummaryRefused("nothing is public")
    explained = needed(words, "words", least=0, most=1000) or None
    if reason == CONSENT:
        _forget_consent(tx, case, by=person.person)
    return take_down(tx, case, found, by=person.person, reason=reason, words=explained)


def _forget_consent(tx: Transaction, case: Case, *, by: str) -> None:
    """Who no longer agrees has not agreed: what waits is dropped, and nothing new can be written."""
    store.forget_agreed(tx, case.petition_id)
    waits = rules_of_summaries.waiting(store.summaries_of(tx, case.id))
    if waits is not None:
        store.save_summary(tx, rules_of_summaries.ended(waits, DROPPED, by=by, at=tx.now))


def keep_back(tx: Transaction, *, person: Person, case_id: UUID, is_kept_back: bool) -> Case:
    """Decide that nothing of this case is published, or take that back: lower than kind and topic allow, never higher.
    What is public is taken down at once. Raises NotAllowed.
    """
    case = begin(tx, person, "keep_back", case_id, None)
    if (KEPT_BACK in case.flags) == is_kept_back:
        return case
    flags = (*(flag for flag in case.flags if flag != KEPT_BACK), *((KEPT_BACK,) if is_kept_back else ()))
    kept = store.save_case(tx, replace(case, flags=flags))
    tx.emit(CaseKeptBack(petition_id=case.petition_id, case_id=case.id, actor=person.person, is_kept_back=is_kept_back))
    if is_kept_back:
        take_down_if_closed(tx, kept, by=person.person)
    return kept


def may_be_public(tx: Reading, case: Case) -> None:
    """Go on only where a summary of this case may be published. Raises NotToBePublished."""
    why = rules_of_summaries.hindrance(case, has_consent=store.has_agreed(tx, case.petition_id))
    if why is not None:
        raise NotToBePublished(why)


def _masked(tx: Reading, rules: Rules, case: Case, told: Told) -> Told:
    """The words with everything masked that may not be public: the second net, after the officer's own care."""
    who = _sender(store.words_of(tx, case.id))

    def masked(typed: str, field: str, *, least: int, most: int, is_place: bool = False) -> str:
        said = needed(typed.replace("\r\n", "\n"), field, least=least, most=most)
        if has_forbidden_characters(said):
            raise Incomplete(field, "hidden_characters")
        return public_words(said, who, own_phone=rules.answers.own_phone, is_place=is_place)

    if "\n" in told.title.strip():
        raise Incomplete("title", "line_break")
    return Told(
        title=masked(told.title, "title", least=5, most=LONGEST_TITLE),
        text=masked(told.text, "text", least=20, most=LONGEST_TEXT),
        answer=masked(told.answer, "answer", least=0, most=LONGEST_TEXT),
        late_reason=masked(told.late_reason, "late_reason", least=0, most=LONGEST_TEXT),
        place=masked(told.place, "place", least=0, most=LONGEST_PLACE, is_place=True),
    )


def place_for_everybody(rules: Rules, told: store.Words) -> str:
    """Where the sender says that it is, as far as everybody may read it."""
    return public_words(told.place or "", _sender(told), own_phone=rules.answers.own_phone, is_place=True)


def _sender(told: store.Words) -> Sender:
    return Sender(name=told.name, phone=told.phone, email=told.email, address=told.address)


def _tell(tx: Transaction, rules: Rules, case: Case, public: Summary, *, by: str) -> None:
    assert public.number is not None
    day = rules.calendar.local_day
    is_on_time = None
    if case.answered_at is not None:
        is_on_time = case.answer_due_at is None or case.answered_at < case.answer_due_at
    tx.emit(
        CasePublished(
            petition_id=case.petition_id,
            case_id=case.id,
            actor=by,
            written_by=public.written_by,
            number=public.number,
            version=public.version,
            topic=case.topic,
            ward=case.ward,
            unit=case.unit,
            received_on=day(case.received_at),
            due_on=case.answer_due_on,
            answered_on=day(case.answered_at) if case.answered_at else None,
            is_on_time=is_on_time,
            is_open=case.answered_at is None and not case.is_ended,
            title=Sealed(public.title),
            text=Sealed(public.text),
            answer=Sealed(None if public.outdated_at else public.answer),
            late_reason=Sealed(public.late_reason),
            place=Sealed(public.place),
            position=Sealed(rules_of_summaries.rounded(store.words_of(tx, case.id).position)),
            photos=Sealed(
                tuple(
                    PublicPhoto(id=one.id, shows=one.shows, size_bytes=one.size_bytes, sha256=one.sha256)
                    for one in public.photos
                )
            ),
        )
    )
