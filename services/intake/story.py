"""A petition's story as its citizen may see it: where it stands, the days of its clock, what was done, who opened
it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.intake import store
from services.intake.actions import can_be_rated
from services.intake.domain.after import asked_promise, is_withdrawing, reopenable
from services.intake.domain.parts import OVER, SPLIT, Part
from services.intake.door import Door
from services.intake.store import Entry, Filed, Notice, Opening
from services.intake.words import STAGES, entry_words, notice_words, opening_words, purpose_words
from shared.db import Reading
from shared.web import current_language, gettext
from shared.web.i18n import short_instant

LONGEST_STRIP = 62  # days
_STEP = {
    "received": 0,
    "in_triage": 0,
    "waiting": 1,
    "assigned": 1,
    "in_progress": 1,
    "paused": 1,
    "drafted": 1,
    "approved": 1,
    "linked": 1,
    "reopened": 1,
    "answered": 2,
    "closed": 2,
}
_CLOCK_STANDS = frozenset({"waiting", "paused"})


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing that happened, in the words of the page."""

    what: str
    at: datetime
    title: str
    note: str
    is_quote: bool  # the note is somebody's own words
    letter: Mapping[str, Any] | None = None  # the signed letter that came with it


@dataclass(frozen=True)
class Seen:
    """Who opened it and what for."""

    who: str
    purpose: str
    last_at: datetime
    times: int


@dataclass(frozen=True, kw_only=True)
class PartSeen:
    """One of several matters in a petition, as the page shows it."""

    case_id: UUID
    number: int
    topic: str
    stage: str
    label: str  # the stage in the citizen's word
    unit: str | None
    due_on: date | None  # none once nothing more is owed
    is_late: bool
    answer: Entry | None
    proofs: tuple[Mapping[str, str], ...]
    can_reopen: bool


@dataclass(frozen=True, kw_only=True)
class Story:
    """All that the follow page shows of a case."""

    label: str  # the stage in the citizen's word
    stages: tuple[str, ...]
    here: int | None  # index of the present stage; None where the case left the usual path
    lines: tuple[Line, ...]  # newest first
    question: Line | None  # the one that waits for an answer
    answer: Entry | None
    due_on: date | None
    is_estimate: bool
    days_left: int | None  # working days, negative when late; None without a due day or after the answer
    is_standing: bool  # the clock waits
    strip: tuple[tuple[str, str, str], ...]
    openings: tuple[Seen, ...]
    notices: tuple[str, ...]
    is_over: bool
    can_supplement: bool
    can_withdraw: bool
    is_withdrawing: bool  # it was asked for, and waits for a decision
    can_rate: bool
    has_rated: bool
    is_working: bool  # an answer, or another one, is being worked on
    earlier: tuple[Entry, ...]  # answers before the last one, oldest first
    proofs: tuple[Mapping[str, str], ...]  # files that came with the answer or show that a promise was kept
    can_reopen: bool
    reopen_until: date | None  # the last day for that
    promise_on: date | None  # the day of a promise about which the citizen is asked now
    sla: tuple[str, ...]  # sentences about the clock
    parts: tuple[PartSeen, ...]  # empty where the petition is about one matter


def tell(tx: Reading, door: Door, filed: Filed) -> Story:
    """The story of a petition at this instant, in the page's language."""
    entries = store.story_of(tx, filed.id)
    parts = [part for part in store.parts_of(tx, filed.id) if part.stage != SPLIT] if filed.has_parts else []
    is_answered = not any(part.is_worked_on for part in parts)
    answers = [entry for entry in entries if entry.what == "answered"]
    last = {entry.case_id: entry for entry in answers}
    answer = answers[-1] if answers and is_answered else None
    has_rated = store.has_rated(tx, filed.id, filed.round)
    can_rate = answer is not None and not has_rated and can_be_rated(tx, filed)
    estimate = door.expected_answer(tx, filed) if not entries or filed.consultation_id else None
    due_on = filed.due_on or estimate
    is_done = filed.stage in OVER or filed.stage == "answered"
    today = door.today()
    again, asked = reopenable(entries, today), asked_promise(entries, today)
    lines = _lines(door, filed, entries, [part.case_id for part in parts])
    return Story(
        label=gettext(STAGES.get(filed.stage, filed.stage)),
        stages=_stages(filed),
        here=_here(filed, has_rated=has_rated),
        lines=lines,
        question=next((line for line in lines if line.what == "asked"), None) if filed.reply_by else None,
        answer=answer,
        due_on=due_on,
        is_estimate=filed.due_on is None,
        days_left=door.catalogue.calendar.working_days_between(today, due_on) if due_on and not is_done else None,
        is_standing=filed.stage in _CLOCK_STANDS,
        strip=()
        if is_done or due_on is None or filed.consultation_id
        else day_strip(door, filed, entries, due_on, today),
        openings=_openings(door, store.openings_of(tx, filed.id)),
        notices=tuple(_notice(notice) for notice in reversed(store.notices_of(tx, filed.id))),
        is_over=filed.stage in OVER,
        can_supplement=filed.stage not in OVER,
        can_withdraw=not is_done and not is_withdrawing(entries),
        is_withdrawing=not is_done and is_withdrawing(entries),
        can_rate=can_rate,
        has_rated=has_rated,
        is_working=not is_done,
        earlier=tuple(one for one in answers if one is not last[one.case_id]),
        proofs=_proofs(entries),
        can_reopen=bool(again),
        reopen_until=max((date.fromisoformat(one.facts["reopen_until"]) for one in again), default=None),
        promise_on=date.fromisoformat(asked.facts["promised_on"]) if asked else None,
        sla=_clock_sentences(entries),
        parts=tuple(_part(door, number, part, entries, again, today) for number, part in enumerate(parts, start=1)),
    )


def _proofs(entries: Iterable[Entry]) -> tuple[Mapping[str, str], ...]:
    found: list[Mapping[str, str]] = []
    for entry in entries:
        found = ([] if entry.what == "answered" else found) + list(entry.words.get("evidence") or ())
    return tuple(found)


def _stages(filed: Filed) -> tuple[str, ...]:
    names = (gettext("Đã tiếp nhận"), gettext("Đang xử lý"), gettext("Đã có kết quả"))
    is_asked = filed.round == 0 and not filed.is_bearer and filed.consultation_id is None
    is_judged = filed.is_rated or is_asked
    return (*names, gettext("Bạn chấm điểm")) if is_judged else names


def _here(filed: Filed, *, has_rated: bool) -> int | None:
    step = _STEP.get(filed.stage)
    if step == 2 and filed.is_rated:
        return 4 if has_rated else 3
    return step


def _part(
    door: Door, number: int, part: Part, entries: Sequence[Entry], again: Sequence[Entry], today: date
) -> PartSeen:
    own = [entry for entry in entries if entry.case_id == part.case_id]
    topic = next((entry.facts.get("topic") for entry in reversed(own) if entry.what == "opened"), None)
    named = door.catalogue.topic(topic)
    due_on = part.due_on if part.is_worked_on else None
    return PartSeen(
        case_id=part.case_id,
        number=number,
        topic="" if named is None else named.name_en if current_language() == "en" else named.name,
        stage=part.stage,
        label=gettext(STAGES.get(part.stage, part.stage)),
        unit=part.unit,
        due_on=due_on,
        is_late=due_on is not None and due_on < today,
        answer=next((entry for entry in reversed(own) if entry.what == "answered"), None),
        proofs=_proofs(own),
        can_reopen=any(one.case_id == part.case_id for one in again),
    )


def _lines(door: Door, filed: Filed, entries: Iterable[Entry], parts: Sequence[UUID]) -> tuple[Line, ...]:
    lines = [
        Line(what="received", at=filed.received_at, title=gettext("Đã nhận hồ sơ của bạn"), note="", is_quote=False)
    ]
    units: dict[UUID | None, str] = {}
    for entry in entries:
        unit = units.get(entry.case_id, "")
        is_same_unit = entry.what == "routed" and entry.facts.get("unit") == unit
        units[entry.case_id] = entry.facts.get("unit") or unit
        title, note = entry_words(entry, door.unit_name(entry.facts.get("unit")))
        if entry.case_id in parts:
            title = title and gettext("Phần %(n)s: %(title)s", n=parts.index(entry.case_id) + 1, title=title)
        if title and not is_same_unit:
            lines.append(
                Line(
                    what=entry.what,
                    at=entry.at,
                    title=title,
                    note=note,
                    is_quote=any(isinstance(said, str) for said in entry.words.values()),
                    letter=entry.facts.get("letter"),
                )
            )
    return tuple(reversed(lines))


def _clock_sentences(entries: Sequence[Entry]) -> tuple[str, ...]:
    moved = [
        entry
        for entry in entries
        if entry.what in {"extended", "apologised", "resumed", "rescheduled"}
        and entry.facts.get("due_on")
        and entry.facts.get("is_announced", True)
    ]
    if not moved:
        return ()
    reasons = {
        "extended": gettext("Hạn đã được dời một lần, có lý do ghi ở dưới."),
        "apologised": gettext("Chúng tôi đã chậm và đã xin lỗi; đây là ngày mới duy nhất."),
        "rescheduled": gettext("Hạn được tính lại vì lịch nghỉ chính thức đã thay đổi."),
        "resumed": gettext("Những ngày chờ bạn trả lời không tính vào hạn."),
        "expert": gettext("Những ngày chờ ý kiến chuyên môn không tính vào hạn."),
    }
    return tuple(dict.fromkeys(reasons[_why_moved(entry)] for entry in moved))


def _why_moved(entry: Entry) -> str:
    return "expert" if str(entry.facts.get("ground", "")).startswith("expert") else entry.what


def day_strip(
    door: Door, filed: Filed, entries: Sequence[Entry], due_on: date, today: date
) -> tuple[tuple[str, str, str], ...]:
    """The clock as days: kind, number of the day, and words for who does not see it. Empty when it would be too
    long."""
    calendar = door.catalogue.calendar
    first, last = calendar.local_day(filed.received_at), max(due_on, today)
    if (last - first).days >= LONGEST_STRIP:
        return ()
    held = _held_days(door, entries, today)
    cells = []
    for day in calendar.days(first, last):
        name = day.name if current_language() == "vi" else day.name_en
        if day.on == first:
            kind, said = "got", gettext("ngày gửi, không tính")
        elif day.on == due_on:
            kind, said = "due", gettext("hạn trả lời") + (", " + gettext("hôm nay") if day.on == today else "")
        elif not day.is_working:
            kind, said = "rest", gettext("nghỉ: %(name)s", name=name)
        elif day.on == today:
            kind, said = "today", gettext("hôm nay")
        elif day.on in held:
            kind, said = "hold", gettext("chờ, không tính vào hạn")
        elif day.on < today:
            kind, said = "used", gettext("đã dùng")
        else:
            kind, said = "", ""
        cells.append((kind, str(day.on.day), said))
    return tuple(cells)


def _held_days(door: Door, entries: Sequence[Entry], today: date) -> frozenset[date]:
    """Days on which the clock stood, the first and the last included."""
    calendar, held = door.catalogue.calendar, set[date]()
    since: date | None = None
    for entry in entries:
        on = calendar.local_day(entry.at)
        if entry.what == "paused":
            since = since or on
        elif entry.what == "resumed" and since is not None:
            held |= _between(since, on)
            since = None
    return frozenset(held | _between(since, today)) if since is not None else frozenset(held)


def _between(first: date, last: date) -> set[date]:
    return {first + timedelta(days=n) for n in range((last - first).days + 1)}


def _openings(door: Door, openings: Sequence[Opening]) -> tuple[Seen, ...]:
    """One row for who, what and what for; the rarest things, contact and files, first."""
    counted: dict[tuple[str, str], tuple[int, datetime]] = {}
    rank: dict[tuple[str, str], int] = {}
    for one in openings:
        key = (opening_words(one, door.unit_name(one.unit)), purpose_words(one.purpose))
        times, _ = counted.get(key, (0, one.at))
        counted[key] = (times + 1, one.at)
        rank[key] = 0 if one.kind == "identity" else 1
    rows: list[Any] = sorted(counted.items(), key=lambda row: (rank[row[0]], -row[1][1].timestamp()))
    return tuple(Seen(who, purpose, at, times) for (who, purpose), (times, at) in rows)


def _notice(notice: Notice) -> str:
    return notice_words(notice, short_instant(notice.at))
