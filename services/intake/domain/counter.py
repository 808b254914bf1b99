"""Filing in a citizen's stead: which ways in there are, what may be signed there, and when a letter may have come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.intake.domain.petition import Refused, Wrong

SIGNATURES = ("none", "in_person", "scanned")


@dataclass(frozen=True)
class Way:
    """A way in that is not the citizen's own screen."""

    code: str  # counter, phone, letter
    signatures: tuple[str, ...]  # of SIGNATURES
    days_back: int  # how many days ago it may have come
    source: str
    valid_from: date | None = None
    valid_to: date | None = None
    confidence: str = ""


@dataclass(frozen=True)
class Ground:
    """Why a letter is entered later than it came."""

    code: str
    name: str
    name_en: str
    source: str
    valid_from: date | None = None
    valid_to: date | None = None
    confidence: str = ""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """How a petition came that somebody wrote down for its citizen."""

    signature_status: str
    arrived_on: date
    late_ground: str | None  # None: entered on the day it came


def check_entry(typed: Mapping[str, str], *, way: Way, grounds: frozenset[str], today: date, has_files: bool) -> Entry:
    """What the officer said beside the petition. Raises Refused with every field that needs mending."""
    wrong: list[Wrong] = []
    signature = typed.get("signature") or way.signatures[0]
    if signature not in way.signatures:
        wrong.append(Wrong("signature", "not_a_choice"))
    elif signature == "scanned" and not has_files:
        wrong.append(Wrong("files", "scan_missing"))
    arrived_on = today
    if way.days_back:
        try:
            arrived_on = _day(typed.get("arrived_on", ""), today, way.days_back)
        except _NoSuchDay as no_day:
            wrong.append(Wrong("arrived_on", no_day.problem, way.days_back))
    ground = typed.get("late_ground") if arrived_on < today else None
    if arrived_on < today and ground not in grounds:
        wrong.append(Wrong("late_ground", "missing"))
    if wrong:
        raise Refused(tuple(wrong))
    return Entry(signature_status=signature, arrived_on=arrived_on, late_ground=ground)


class _NoSuchDay(Exception):
    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def _day(typed: str, today: date, days_back: int) -> date:
    """The day on which it came: today or some days ago, never a day to come."""
    if not typed.strip():
        raise _NoSuchDay("missing")
    try:
        day = datetime.strptime(typed.strip(), "%d/%m/%Y").date()
    except ValueError:
        raise _NoSuchDay("not_a_day") from None
    if day > today:
        raise _NoSuchDay("to_come")
    if day < today - timedelta(days=days_back):
        raise _NoSuchDay("too_old")
    return day
