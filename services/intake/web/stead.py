"""Who files in a citizen's stead in this browser, and what they are asked besides."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from flask import g, request

from services.intake.actions import file_comment
from services.intake.counter import Counter, CounterOver, counter_of, note_filed
from services.intake.domain.consultation import Consultation
from services.intake.domain.counter import Entry, check_entry
from services.intake.domain.petition import Kept, Petition
from services.intake.door import Door, the_door
from services.intake.draft import Draft
from services.intake.steps import Receipt, Stead, file_petition
from shared.db import Transaction
from shared.web import lazy

COOKIE = "ln-counter"
SURVEYS = "survey"
"""The channel of a session that is for typing in answers to survey rounds, and for no petition."""
VIA = "counter"
"""What a draft is marked with that was begun in a citizen's stead: it is filed in no other way."""

WAYS = {
    "counter": lazy("Nhập thay công dân tại quầy"),
    "phone": lazy("Nhập thay công dân qua điện thoại"),
    "letter": lazy("Nhập đơn gửi bằng thư"),
}


def present() -> Counter | None:
    """Who files in a citizen's stead in this browser; None when nobody does."""
    secret = request.cookies.get(COOKIE, "")
    if not secret:
        return None
    if "counter" not in g:
        with the_door().database.reading() as tx:
            g.counter = counter_of(tx, secret)
    found: Counter | None = g.counter
    return found


def marked(typed: Mapping[str, str]) -> dict[str, str]:
    """What was typed, with the mark of such a session where there is one."""
    return {**typed, "via": VIA} if present() is not None else dict(typed)


def must_go_on(typed: Mapping[str, str]) -> None:
    """Refuse to go on in the citizen's own name with what was begun in their stead. Raises CounterOver."""
    if typed.get("via") == VIA and present() is None:
        raise CounterOver


def is_of_this_turn(receipt: Receipt) -> bool:
    """Whether it was filed in the session of this browser, now or a moment ago."""
    at_work = present()
    return at_work is not None and (receipt.is_new or at_work.once == receipt.filed.once)


def shown() -> Any:
    """What the form and the check page say of it; None for a citizen."""
    at_work, door = present(), the_door()
    way = None if at_work is None else door.catalogue.way(at_work.channel, door.today())
    if at_work is None or way is None:
        return None
    return SimpleNamespace(title=WAYS[at_work.channel], channel=at_work.channel, way=way, expires_at=at_work.expires_at)


def entry_of(draft: Draft) -> Entry | None:
    """How what is being written down came; None where the citizen writes. Raises Refused, CounterOver."""
    at_work, door = present(), the_door()
    if at_work is None:
        return None
    today = door.today()
    way = door.catalogue.way(at_work.channel, today)
    if way is None or at_work.once:
        raise CounterOver
    grounds = frozenset(ground.code for ground in door.catalogue.late_grounds_on(today))
    return check_entry(draft.typed, way=way, grounds=grounds, today=today, has_files=bool(draft.files))


def file_for(tx: Transaction, door: Door, *, sent: Petition, entry: Entry, kept: Sequence[Kept], once: str) -> Receipt:
    """File what was written down for a citizen: it came on its day, and who wrote it down is told."""
    at_work = present()
    assert at_work is not None, "an entry was read in a session"
    calendar = door.catalogue.calendar
    is_of_today = entry.arrived_on >= calendar.local_day(tx.now)
    # The day counts, not the hour: noon lies in it whatever the season.
    received_at = tx.now if is_of_today else calendar.start_of_day(entry.arrived_on) + timedelta(hours=12)
    filed = file_petition(
        tx,
        sent=replace(sent, signature_status=entry.signature_status),
        kept=kept,
        once=once,
        key=door.key,
        channel=at_work.channel,
        stead=Stead(person=at_work.person, received_at=received_at, late_ground=entry.late_ground),
    )
    if filed.is_new:
        note_filed(tx, at_work, once=once, petition_id=filed.filed.id, late_ground=entry.late_ground)
    return filed


def comment_for(tx: Transaction, door: Door, *, draft: Consultation, sent: Petition, once: str) -> Receipt:
    """File a comment on a draft that came on paper or by telephone, as of now: its clock runs from the close anyway.

    Raises ConsultationNotOpen, CounterOver.
    """
    at_work = present()
    if at_work is None or at_work.channel == SURVEYS or at_work.once not in {None, once}:
        raise CounterOver
    filed = file_comment(
        tx,
        draft=draft,
        sent=sent,
        once=once,
        key=door.key,
        today=door.today(),
        channel=at_work.channel,
        stead=Stead(person=at_work.person, received_at=tx.now, late_ground=None),
    )
    if filed.is_new:
        note_filed(tx, at_work, once=once, petition_id=filed.filed.id, late_ground=None)
    return filed
