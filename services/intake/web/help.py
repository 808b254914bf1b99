"""Help beside every form: whom to call, where to go, how to fill in, with examples."""

from datetime import timedelta

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from services.intake.door import STEPPED, Door, the_door
from services.intake.web.asked import words_of
from services.intake.web.form import KINDS
from shared.web import WebApp

pages = Blueprint("help", __name__)


def add_to(app: WebApp) -> None:
    app.register_blueprint(pages)


@pages.get("/huong-dan")
def guide() -> ResponseReturnValue:
    """How to fill in each form, and who helps."""
    door = the_door()
    with door.database.reading() as tx:
        ways = door.ways.on_day(tx, door.today())
    found = [way for kind in STEPPED if (way := ways.of(kind, door.today()))]
    by_steps = [
        (way.kind, KINDS[way.kind][0], [(words_of(one, "title"), words_of(one, "lead")) for one in way.steps])
        for way in found
    ]
    return render_template("help.html", hours=_hours(door), by_steps=by_steps)


def _hours(door: Door) -> list[str]:
    """The hours of the counter on the next working day: 07:30–11:30, 13:30–17:00."""
    calendar = door.catalogue.calendar
    day = door.today()
    while not calendar.is_working_day(day):
        day += timedelta(days=1)
    spans = [[at.astimezone(calendar.zone) for at in span] for span in calendar.hours_of(day)]
    return [f"{start:%H:%M}–{end:%H:%M}" for start, end in spans]
