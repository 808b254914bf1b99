"""The pages of the door: home, form, check, receipt, follow, answer, rate. Each works without JavaScript."""

from datetime import date

from services.intake.door import Door
from services.intake.web import (
    after,
    consultations,
    contact,
    counter,
    developers,
    dialogues,
    doubting,
    filing,
    following,
    help,
    home,
    mine,
    offline,
    own_data,
    posters,
    procedures,
    publications,
    register,
    signing,
    steps,
    survey,
    take_part,
    uploads,
    withdrawing,
)
from services.intake.web.form import place_map, position_words
from services.intake.words import outcome_words
from shared.settings import Settings
from shared.web import WebApp, make_app

TAKING_PART = (
    consultations.open_drafts,
    consultations.past_drafts,
    dialogues.sessions_to_come,
    survey.open_rounds,
    publications.newest,
)
"""The sections of the page of taking part, in order."""


def make_pages(settings: Settings, door: Door) -> WebApp:
    """The application with all pages of citizens."""
    app = make_app("services.intake", settings)
    app.extensions["door"] = door
    app.jinja_env.globals.update(
        unit_name=door.unit_name, outcome_words=outcome_words, position_words=position_words, place_map=place_map
    )
    app.jinja_env.filters["from_iso"] = date.fromisoformat
    app.ready_check("database", lambda: _answers(door))
    home.add_to(app)
    developers.add_to(app)
    help.add_to(app)
    posters.add_to(app)
    consultations.add_to(app, door)
    take_part.add_to(app, door, TAKING_PART)
    publications.add_to(app)
    register.add_to(app, door)
    dialogues.add_to(app, door)
    procedures.add_to(app)
    doubting.add_to(app, door)
    filing.add_to(app, door)
    uploads.add_to(app, door)
    offline.add_to(app)
    steps.add_to(app, door)
    counter.add_to(app)
    after.add_to(app)
    withdrawing.add_to(app)
    signing.add_to(app)
    contact.add_to(app, door)
    mine.add_to(app, door)
    own_data.add_to(app)
    survey.add_to(app, door)
    following.add_to(app, door)
    return app


def _answers(door: Door) -> None:
    with door.database.reading():
        pass
