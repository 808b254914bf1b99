"""The screens of the desk: the queue, the case, and one form for each step. Reads go to the store, acts to actions."""

from services.workflow.domain.case import StepRefused
from services.workflow.domain.rules import Rules
from services.workflow.steps import CaseUnknown
from services.workflow.store import BadKey
from services.workflow.web import (
    answers,
    assignment,
    book,
    case,
    consult,
    corrections,
    files,
    letters,
    moves,
    oversight,
    people,
    queue,
    reorganisation,
    together_moves,
)
from services.workflow.web.frame import Desk
from shared import auth
from shared.db import Database
from shared.settings import Settings
from shared.web import WebApp, lazy, make_app


def make_desk(settings: Settings, database: Database, rules: Rules) -> WebApp:
    """The application of the desk, under /desk."""
    app = make_app("services.workflow", settings, is_staff=True)
    app.place(lazy("Bàn làm việc"))
    auth.SignIn(app, database, prefix="/desk")
    app.ready_check("database", lambda: _look(database))
    app.refuses(CaseUnknown, 404, words=lazy("Không có hồ sơ này."))
    app.refuses(BadKey, 404)
    app.refuses(StepRefused, 409, words=lazy("Bước này không làm được ở trạng thái hiện nay của hồ sơ."))
    desk = Desk(app, database, rules)
    for room in (
        queue,
        case,
        files,
        answers,
        moves,
        letters,
        book,
        oversight,
        people,
        assignment,
        corrections,
        reorganisation,
        together_moves,
        consult,
    ):
        room.serve(desk)
    return app


def _look(database: Database) -> None:
    with database.reading() as look:
        auth.count_people(look)
