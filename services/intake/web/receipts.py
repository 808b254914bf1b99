"""The receipt: what the citizen holds, the same whenever it is opened again."""

import secrets
from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Response, abort, render_template, url_for
from flask.typing import ResponseReturnValue

from services.intake import store
from services.intake.contact import masked_email, masked_phone
from services.intake.domain.code import read_aloud
from services.intake.domain.secret import hashed, pin_of
from services.intake.door import Door, digest_of, the_door
from services.intake.story import day_strip
from services.intake.web.filing import pages
from services.intake.web.papers import qr_code
from shared.db import Reading
from shared.web import current_language, gettext, private


@pages.get("/bien-nhan/<token>")
@private
def receipt(token: str) -> ResponseReturnValue:
    """What the citizen holds; the same whenever it is opened again."""
    door = the_door()
    with door.database.reading() as tx:
        filed = store.petition_by_token(tx, hashed(token))
        if filed is None:
            abort(404, description=gettext("Không có biên nhận nào ở địa chỉ này. Hãy kiểm tra lại đường dẫn."))
        return receipt_page(tx, door, filed, token)


def receipt_page(tx: Reading, door: Door, filed: store.Filed, token: str, **at_counter: Any) -> str:
    """The receipt; `at_counter` is what the officer sees besides who files in a citizen's stead."""
    digest = digest_of(tx, filed)
    words, entries = store.words_of(tx, filed.id), store.story_of(tx, filed.id)
    calendar = door.catalogue.calendar
    received_on = calendar.local_day(filed.received_at)
    estimate = door.expected_answer(tx, filed)
    due_on, link = filed.due_on or estimate, door.follow_url(token)
    told_by = [masked_email(words.email)] if words.email else []
    if words.phone and "sms" in filed.consents:
        told_by.append(masked_phone(words.phone))
    return render_template(
        "receipt.html",
        filed=filed,
        token=token,
        link=link,
        qr=qr_code(link, gettext("Mã QR mở trang theo dõi")),
        pin=pin_of(token) if filed.has_pin else "",
        aloud=read_aloud(filed.code) if current_language() == "vi" else "",
        told_by=told_by,
        taken_by=calendar.add_working_days(received_on, 1),
        due_on=due_on,
        draft=store.consultation_of(tx, filed.consultation_id) if filed.consultation_id else None,
        strip=_strip(door, filed, entries, due_on),
        is_estimate=filed.due_on is None,
        is_signed=door.catalogue.needs_signature(filed.kind),
        is_awaited=door.awaits_signature(filed) and not at_counter,
        guided_on=door.catalogue.guided_by(filed.received_at),
        here=url_for("following.by_link.follow", token=token),
        once=secrets.token_urlsafe(16),
        digest=digest,
        entered_at=store.entered_at(tx, filed.id),
        counter=at_counter,
    )


def _strip(
    door: Door, filed: store.Filed, entries: Sequence[store.Entry], due_on: date | None
) -> tuple[tuple[str, str, str], ...]:
    """The days of the first answer; none for a comment, whose days begin with the close."""
    if due_on is None or filed.round or filed.consultation_id is not None:
        return ()
    return day_strip(door, filed, entries, due_on, door.today())


@pages.get("/bien-nhan/<token>/ngay-hen.ics")
@private
def due_day(token: str) -> ResponseReturnValue:
    """The day on which an answer is due, for the citizen's own calendar. Source: RFC 5545."""
    door = the_door()
    with door.database.reading() as tx:
        filed = store.petition_by_token(tx, hashed(token))
        due_on = filed and (filed.due_on or door.expected_answer(tx, filed))
    if filed is None or not due_on:
        abort(404)
    summary = gettext("Hạn trả lời hồ sơ %(code)s", code=filed.code)
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Lang Nghe//VI",
        "BEGIN:VEVENT",
        f"UID:{filed.code}@lang-nghe",
        f"DTSTAMP:{filed.received_at:%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{due_on:%Y%m%d}",
        f"SUMMARY:{summary}",
        f"URL:{door.settings.public_url}{url_for('following.look_up')}",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    )
    answer = Response("\r\n".join(lines), content_type="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{filed.code}.ics"'
    return answer
