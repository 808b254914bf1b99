"""Sessions of reception and dialogue: which are to come, registering for one without an account, and cancelling."""

import secrets
from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from services.intake import contact, store
from services.intake.actions import SessionClosed, SessionFull, join_session, leave_session
from services.intake.domain.dialogue import LONGEST_QUESTION, Registered, Session, calendar_entry, check_registration
from services.intake.domain.petition import Refused
from services.intake.domain.secret import hashed
from services.intake.door import Door, the_door
from services.intake.web import doubting
from services.intake.web.form import RegistrationForm, mark
from services.intake.web.take_part import Section
from shared.db import Reading
from shared.web import WebApp, client_address, current_language, gettext, lazy, private

KINDS = {
    "reception": lazy("Tiếp công dân định kỳ"),
    "thematic": lazy("Đối thoại theo chuyên đề"),
    "online": lazy("Tiếp công dân trực tuyến"),
}

pages = Blueprint("dialogues", __name__, url_prefix="/tham-gia")


def add_to(app: WebApp, door: Door) -> None:
    app.limit(door.limits.filing, methods=["POST"], key=client_address)(pages)
    app.register_blueprint(pages)
    app.jinja_env.globals.update(session_kinds=KINDS)
    app.refuses(SessionClosed, 409, words=lazy("Buổi này đã diễn ra hoặc đã huỷ, nên không đăng ký hay huỷ chỗ được."))
    app.refuses(SessionFull, 409, words=lazy("Buổi này vừa hết chỗ. Bạn có thể gửi câu hỏi bằng một kiến nghị."))


def sessions_to_come(door: Door, tx: Reading) -> Section:
    """The sessions to which people may come, as a section of the page of taking part."""
    coming = [(one, _seats_left(tx, one)) for one in store.sessions_to_come(tx)]
    return Section("take-part/_sessions.html", {"sessions": coming})


def _seats_left(tx: Reading, session: Session) -> int:
    return max(session.seats - store.count_taken(tx, session.id), 0)


@pages.get("/buoi/<uuid:session_id>")
def session(session_id: UUID) -> ResponseReturnValue:
    return _session_page(session_id)


def _session_page(session_id: UUID, *, form: RegistrationForm | None = None, is_asked: bool = False) -> str:
    with the_door().database.reading() as tx:
        known = _known(tx, session_id)
        left = _seats_left(tx, known)
        is_open = known.is_open_at(tx.now)
    form = form or RegistrationForm()
    question = doubting.asked_again() if is_asked else None
    return render_template(
        "session.html",
        session=known,
        calendar=url_for("dialogues.calendar_file", session_id=known.id),
        left=left,
        is_open=is_open,
        f=form,
        wrong=[*form.wrong, *([question.field] if question else [])],
        question=question,
        limit=LONGEST_QUESTION,
        once=request.form.get("once") or secrets.token_urlsafe(16),
    )


def _known(tx: Reading, session_id: UUID) -> Session:
    found = store.session_of(tx, session_id)
    if found is None:
        abort(404, description=gettext("Không có buổi tiếp hay đối thoại nào ở đường dẫn này."))
    return found


@pages.post("/buoi/<uuid:session_id>")
@private
def register(session_id: UUID) -> ResponseReturnValue:
    door, typed = the_door(), request.form.to_dict()
    try:
        coming = check_registration(typed, read_phone=contact.read_phone, read_email=contact.read_email)
    except Refused as refused:
        form = RegistrationForm(request.form)
        mark(form, refused.wrong)
        return _session_page(session_id, form=form), 422
    if doubting.must_ask():
        return _session_page(session_id, form=RegistrationForm(request.form), is_asked=True), 422
    with door.database.writing() as tx:
        token = join_session(
            tx,
            session_id=session_id,
            coming=coming,
            language=current_language(),
            once=f"{session_id}:{typed.get('once', '')[:60] or secrets.token_urlsafe(16)}",
            key=door.key,
        )
    flash(gettext("Đã đăng ký. Hẹn gặp bạn."))
    return redirect(url_for("dialogues.own", token=token), 303)


@pages.get("/hen/<token>")
@private
def own(token: str) -> ResponseReturnValue:
    """One's own registration. Opening it changes nothing: mail scanners open every link."""
    with the_door().database.reading() as tx:
        mine = _mine(tx, token)
        known = _known(tx, mine.session_id)
        is_open = known.is_open_at(tx.now)
    calendar = url_for("dialogues.own_calendar_file", token=token)
    return render_template(
        "registration.html", session=known, mine=mine, token=token, is_open=is_open, calendar=calendar
    )


def _mine(tx: Reading, token: str) -> Registered:
    found = store.registration_by_token(tx, hashed(token))
    if found is None:
        abort(404, description=gettext("Không có đăng ký nào ở đường dẫn này. Hãy mở lại từ thư hoặc tin nhắn."))
    return found


@pages.post("/hen/<token>/huy")
@private
def cancel(token: str) -> ResponseReturnValue:
    with the_door().database.writing() as tx:
        leave_session(tx, token=token)
    flash(gettext("Đã huỷ chỗ của bạn. Cảm ơn bạn đã báo trước."))
    return redirect(url_for("dialogues.own", token=token), 303)


@pages.get("/buoi/<uuid:session_id>/lich.ics")
def calendar_file(session_id: UUID) -> ResponseReturnValue:
    """The session for one's own calendar; into the room of a session online lead the links of those who registered."""
    with the_door().database.reading() as tx:
        known = _known(tx, session_id)
        return _calendar_file(known, now=tx.now, place=gettext("Trực tuyến") if known.is_online else known.place)


@pages.get("/hen/<token>/lich.ics")
@private
def own_calendar_file(token: str) -> ResponseReturnValue:
    with the_door().database.reading() as tx:
        mine = _mine(tx, token)
        known = _known(tx, mine.session_id)
        return _calendar_file(known, now=tx.now, place=gettext("Trực tuyến") if mine.has_left else known.place)


def _calendar_file(known: Session, *, place: str, now: datetime) -> Response:
    address = f"{the_door().settings.public_url}{url_for('dialogues.session', session_id=known.id)}"
    entry = calendar_entry(known, place=place, address=address, now=now)
    page = Response(entry, content_type="text/calendar; charset=utf-8")
    page.headers["Content-Disposition"] = 'attachment; filename="lich-hen.ics"'
    return page
