"""The screens of the desk: the queue, the case, and one form for each step. Reads go to the store, acts to actions."""

from services.workflow.domain.case import GuardRefused, StepRefused
from services.workflow.domain.rules import Book
from services.workflow.steps import CaseUnknown
from services.workflow.store import BadKey
from services.workflow.web import (
    addresses,
    admission,
    answers,
    assignment,
    book,
    bulk,
    case,
    consult,
    consultations,
    corrections,
    counter,
    dialogues,
    director,
    documents,
    figures,
    files,
    head,
    late_dossiers,
    letters,
    moves,
    office,
    oversight,
    partners,
    people,
    presence,
    procedures,
    protection,
    publications,
    queue,
    reorganisation,
    summaries,
    surveys,
    together_moves,
    tokens,
    views,
)
from services.workflow.web.frame import Desk
from shared import auth
from shared.db import Database
from shared.settings import Settings
from shared.web import WebApp, lazy, make_app

ROOMS = (
    queue,
    views,
    bulk,
    case,
    presence,
    files,
    answers,
    moves,
    head,
    office,
    director,
    letters,
    book,
    oversight,
    surveys,
    dialogues,
    consultations,
    figures,
    people,
    partners,
    assignment,
    corrections,
    reorganisation,
    documents,
    admission,
    protection,
    counter,
    late_dossiers,
    tokens,
    together_moves,
    consult,
    publications,
    summaries,
    procedures,
    addresses,
)


def make_desk(settings: Settings, database: Database, rules: Book) -> WebApp:
    """The application of the desk, under /desk."""
    app = make_app("services.workflow", settings, is_staff=True)
    app.place(lazy("Bàn làm việc"))
    auth.SignIn(app, database, prefix="/desk")
    app.ready_check("database", lambda: _look(database))
    app.refuses(CaseUnknown, 404, words=lazy("Không có hồ sơ này."))
    app.refuses(BadKey, 404)
    app.refuses(
        GuardRefused, 409, words=lazy("Việc này phải chờ: còn một bước luật yêu cầu làm trước. Xem trang hồ sơ.")
    )
    app.refuses(StepRefused, 409, words=lazy("Bước này không làm được ở trạng thái hiện nay của hồ sơ."))
    desk = Desk(app, database, rules)
    app.extensions["desk"] = desk
    for room in ROOMS:
        room.serve(desk)
    return app


def _look(database: Database) -> None:
    with database.reading() as look:
        auth.count_people(look)
