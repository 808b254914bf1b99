"""The postman's pages, where the catcher runs: what arrived outside, and what did not leave."""

from typing import Any

from flask import Response, abort, redirect, render_template, request, url_for

from services.notify import store
from services.notify.channels.catcher import MOODS, Mailbox
from shared.db import Database
from shared.settings import Settings
from shared.web import WebApp, lazy, make_app, private

PAGE = 30

MOOD_WORDS = {
    "normal": lazy("Nhận bình thường"),
    "refuse": lazy("Từ chối địa chỉ"),
    "busy": lazy("Báo bận, hẹn lại"),
    "slow": lazy("Trả lời chậm"),
    "cut": lazy("Cắt kết nối trước khi nhận"),
    "cut_after": lazy("Nhận rồi cắt, không báo lại"),
}
STATE_WORDS = {
    "waiting": lazy("Chờ địa chỉ"),
    "queued": lazy("Chờ gửi"),
    "retry": lazy("Sẽ gửi lại"),
    "leased": lazy("Sắp gửi"),
    "dispatching": lazy("Đang gửi"),
    "unknown": lazy("Chưa rõ đã gửi chưa"),
    "accepted": lazy("Đã gửi"),
    "delivered": lazy("Đã đến nơi"),
    "suppressed": lazy("Không cần gửi"),
    "failed": lazy("Không gửi được"),
}


def make(settings: Settings, database: Database, mailbox: Mailbox | None) -> WebApp:
    """The application; without a mailbox it has the health pages only."""
    app = make_app("services.notify", settings)
    if mailbox is not None:
        _add_pages(app, database, mailbox)
    return app


def _add_pages(app: WebApp, database: Database, mailbox: Mailbox) -> None:
    @app.get("/outbox")
    @private
    def outbox() -> str:
        """What arrived outside, newest first."""
        before = request.args.get("before", type=int)
        arrivals = mailbox.newest(most=PAGE + 1, before=before)
        return render_template(
            "outbox.html",
            arrivals=arrivals[:PAGE],
            older=arrivals[PAGE - 1].id if len(arrivals) > PAGE else None,
            is_first=before is None,
            total=mailbox.count(),
            moods=[(mood, MOOD_WORDS[mood]) for mood in MOODS],
            mood={channel: mailbox.mood(channel) for channel in ("email", "sms")},
        )

    @app.get("/outbox/<int:arrival_id>.eml")
    @private
    def raw(arrival_id: int) -> Response:
        """An e-mail with all its headers, as it arrived."""
        arrival = mailbox.find(arrival_id)
        if arrival is None:
            abort(404)
        return Response(arrival.content, mimetype="text/plain", headers={"X-Content-Type-Options": "nosniff"})

    @app.post("/outbox/mood")
    def set_mood() -> Any:
        """Ask the world outside to behave badly, or well again."""
        try:
            mailbox.set_mood(request.form.get("channel", ""), request.form.get("mood", ""))
        except ValueError:
            abort(400)
        return redirect(url_for("outbox"))

    @app.get("/outbox/notices")
    @private
    def notices() -> str:
        """What did not leave, with its attempts, and how many notices are in which state."""
        with database.reading() as tx:
            trouble = store.trouble(tx)
            attempts = store.attempts_of(tx, [row.id for row in trouble])
            states, breakers = store.count_states(tx), store.breakers(tx)
        return render_template(
            "notices.html",
            trouble=trouble,
            attempts=attempts,
            states=states,
            breakers=breakers,
            state_words=STATE_WORDS,
        )
