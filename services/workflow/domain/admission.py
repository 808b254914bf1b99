"""What the law asks before a case is taken up: grounds of refusal, signature, limitation, complexity. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from services.workflow.domain import deadline as clocks
from services.workflow.domain.deadline import Deadline
from services.workflow.domain.vocabulary import Catalogue, Ground, Kind, holds

SIGNED = ("scanned", "in_person", "digital")
"""How a signature comes to us. A digital one equals a written one: Luật Giao dịch điện tử 2023."""

TO_BE_VERIFIED = frozenset({"scanned", "digital"})
"""The door looks whether there is a digital signature, never whose it is."""

LIMITATION = {"complaint": "complaint.limit", "complaint_second": "complaint.second_window"}
JUDGED = frozenset({"complex", "specially_complex", "remote"})
UNSIGNED, UNIDENTIFIED = "unsigned", "unidentified"
"""Conditions that keep a case from being taken on."""

RIGHTS = ("see_correct_or_copy", "withdraw_restrict_or_object")
"""What a person may ask for about their own data. Source: Luật 91/2025/QH15; NĐ 356/2025."""

PROCESSOR = "processor_involved"
STEPS = frozenset(
    {
        "record_signature", "verify_signature", "set_limitation", "judge", "name_first_level",
        "screen", "verify_identity", "name_right",
    }
)  # fmt: skip
"""The steps by which is found whether, and within which time, a case must be settled."""

SPECIALLY = 2
"""From how many criteria on a denunciation is specially complex. Source: NĐ 31/2019 Đ3."""


def grounds_on(catalogue: Catalogue, kind: str, day: date) -> tuple[Ground, ...]:
    """The grounds on which a case of this kind may be refused on this day, in the order of the file."""
    return tuple(ground for ground in catalogue.grounds if kind in ground.kinds and holds(ground, day))


def ground_on(catalogue: Catalogue, kind: str, code: str, day: date) -> Ground | None:
    return next((ground for ground in grounds_on(catalogue, kind, day) if ground.code == code), None)


def refusal_text(ground: Ground, reason: str, language: str) -> str:
    """What the citizen reads: the ground with its article, then the reason in the words of who refuses."""
    name = ground.name if language == "vi" else ground.name_en
    return f"{name} ({ground.basis}).\n\n{reason}"


# ---- what a kind asks of its sender


def lacks_identity(kind: Kind, *, name: str | None, address: str | None, phone: str | None) -> bool:
    """Whether it is not known yet who asks: kinds that are signed say it by their signature.

    Source: NĐ 20/2008 Đ7 (name, address, telephone); Luật 91/2025/QH15 (the person whose data it is).
    """
    if kind.signature_needed:
        return False
    is_told = all(value and value.strip() for value in (name, address, phone))
    return kind.identity == "verified" or (kind.identity == "required" and not is_told)


def conditions_of_kind(
    kind: Kind, held: Iterable[str], *, signature_status: str, is_unidentified: bool
) -> tuple[str, ...]:
    """The conditions of a case that becomes one of this kind: a web form is neither complaint nor denunciation."""
    kept = set(held) - {UNSIGNED, UNIDENTIFIED}
    if kind.signature_needed and signature_status == "none":
        kept.add(UNSIGNED)
    if is_unidentified:
        kept.add(UNIDENTIFIED)
    return tuple(sorted(kept))


def missing_of(conditions: Iterable[str], steps: Iterable[str]) -> str | None:
    """What keeps a case from being taken on: signature, identity, right; None when nothing does."""
    held = set(conditions)
    if UNSIGNED in held:
        return "signature"
    if UNIDENTIFIED in held:
        return "identity"
    return "right" if "name_right" in steps and held.isdisjoint(RIGHTS) else None


# ---- the right that a data subject uses


def with_right(conditions: Iterable[str], right: str, *, has_processor: bool) -> tuple[str, ...]:
    """The conditions of a request about one's own data once its right was named."""
    held = set(conditions) - {*RIGHTS, PROCESSOR} | {right}
    return tuple(sorted(held | {PROCESSOR} if has_processor else held))


# ---- signature


def conditions_when_signed(conditions: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(conditions) - {UNSIGNED}))


def clocks_when_signed(
    catalogue: Catalogue,
    running: Iterable[Deadline],
    *,
    kind: str,
    topic: str | None,
    conditions: Iterable[str],
    on: date,
) -> tuple[Deadline, ...]:
    """The clocks that waited for a signature: from the day on which it came."""
    waited = {rule.code for rule in catalogue.rules if UNSIGNED in rule.unless}
    known = {clock.rule for clock in running if clock.is_open}
    fresh = clocks.deadlines_of(catalogue, kind=kind, topic=topic, conditions=conditions, anchors={"received": on})
    return tuple(clock for clock in fresh if clock.rule in waited and clock.rule not in known)


# ---- limitation


@dataclass(frozen=True)
class Limitation:
    """The term for complaining, with the time that an obstacle took."""

    rule: str
    knew_on: date
    obstacle_days: int
    due_on: date
    is_in_time: bool
    source: str


def limitation_of(
    catalogue: Catalogue,
    kind: str,
    *,
    knew_on: date,
    received_on: date,
    obstacle: tuple[date, date] | None = None,
) -> Limitation | None:
    """Whether the complaint came in time; None for kinds that know no limitation.

    The time of an illness, a disaster, a mission or another objective obstacle is not counted.
    Source: Luật Khiếu nại 2011 Đ9, Đ33.
    """
    code = LIMITATION.get(kind)
    if code is None:
        return None
    term = clocks.start(catalogue.rule(code, received_on), knew_on, catalogue.calendar)
    days = obstacle_days(obstacle, knew_on=knew_on, received_on=received_on)
    longer = clocks.recount(replace(term, added=days), catalogue.calendar)
    assert longer.due_on is not None
    return Limitation(code, knew_on, days, longer.due_on, received_on <= longer.due_on, term.source)


def obstacle_days(obstacle: tuple[date, date] | None, *, knew_on: date, received_on: date) -> int:
    """The days of an obstacle that fall into the time for complaining, both ends included."""
    if obstacle is None:
        return 0
    first, last = max(obstacle[0], knew_on), min(obstacle[1], received_on)
    return max((last - first + timedelta(days=1)).days, 0)


# ---- complexity


def judged(conditions: Iterable[str], *, kind: str, criteria: Iterable[str], is_remote: bool) -> tuple[str, ...]:
    """The conditions of a case after an officer decided how complex it is and whether it is remote."""
    count = len(set(criteria))
    held = set(conditions) - JUDGED
    if count:
        held.add("complex")
    if count >= SPECIALLY and kind == "denunciation":
        held.add("specially_complex")
    if is_remote and kind in LIMITATION:
        held.add("remote")
    return tuple(sorted(held))


def moved(before: Mapping[Any, Deadline], after: Mapping[Any, Deadline]) -> dict[Any, Deadline]:
    """The clocks that are not as they were."""
    return {key: clock for key, clock in after.items() if before.get(key) != clock}
