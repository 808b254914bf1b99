"""Whatever the screens of the desk do, programs can do: every address of a screen is walked."""

from collections.abc import Callable

import pytest
from flask import Flask

from services.workflow import api
from services.workflow.web import make_desk
from services.workflow.web.moves import MOVES
from shared.settings import Settings
from shared.web import WebApp
from tests.workflow.builders import Office, the_rules

PREFIX = "/desk/api/v1/"
STEP = "cases/<uuid:case_id>/"

ELSEWHERE = {
    "GET ": "GET cases",  # the list
    "GET rows": "GET cases",
    "GET find.json": "GET cases",  # with q
    "GET files/<uuid:attachment_id>": "GET attachments/<uuid:attachment_id>",
    f"POST {STEP}note": f"POST {STEP}notes",
    f"POST {STEP}<step>": f"POST {STEP}steps/<step>",
    "GET book": "GET book.csv",
    "GET config/doc/<name>/row": "GET config/doc/<name>",  # a form: it begins with the row that stands there
    "GET config/doc/<name>/text": "GET config/doc/<name>/export",
    "GET publications/new": "POST publications/new",  # an empty form
    "GET publications/<uuid:publication_id>/change": "GET publications/<uuid:publication_id>",
    "GET consultations/new": "POST consultations/new",
    "GET consultations/<uuid:consultation_id>/change": "GET consultations/<uuid:consultation_id>",
    "GET surveys/<uuid:survey_id>/change": "GET surveys/<uuid:survey_id>",
}
"""Screens whose matter programs find under another name."""

ONLY_SCREENS = {
    "GET sign-in": "signing in is for people: programs have tokens",
    "POST sign-in": "signing in is for people: programs have tokens",
    "POST sign-out": "signing out is for people: a token is revoked",
    f"POST {STEP}presence": "who has a page open: a program has none",
    "POST tokens": "a token that made tokens would never end",
    "POST people": "a stolen token would make itself a person with a password",
    "POST partners": "a key that was stolen would make itself another",
    "POST partners/<uuid:partner_id>/key": "a key that was stolen would make itself another",
    "POST partners/<uuid:partner_id>/webhook": "the secret is shown once, to a person",
    f"GET {STEP}identity": "the first of two looks before a denouncer's name is opened: a person takes them",
    f"POST {STEP}identity": "the second look: who opens a denouncer's name is a person who was asked twice",
    "GET consult/": "the page of somebody outside, who has a link and no account",
    "GET consult/<token>": "the page of somebody outside, who has a link and no account",
    "POST consult/<token>": "the page of somebody outside, who has a link and no account",
    "GET consult/<token>/files/<uuid:attachment_id>": "the page of somebody outside, who has a link and no account",
}
"""What programs do not do, and why."""


@pytest.fixture
def app(office: Office, make_settings: Callable[..., Settings]) -> WebApp:
    made = make_desk(make_settings("workflow"), office.database, the_rules())
    api.add_to(made)
    return made


def served(app: Flask) -> tuple[set[str], set[str]]:
    """Method and address of each screen below /desk/, and of each operation of the API below its prefix."""
    screens, operations = set(), set()
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}:
            if rule.rule.startswith(PREFIX):
                operations.add(f"{method} {rule.rule.removeprefix(PREFIX)}")
            elif rule.rule.startswith("/desk/"):
                screens.add(f"{method} {rule.rule.removeprefix('/desk/')}")
    return screens, operations


def counterpart(screen: str) -> str:
    """The operation that is expected to do what a screen does."""
    method, _, address = screen.partition(" ")
    step = address.removeprefix(STEP)
    if screen in ELSEWHERE:
        return ELSEWHERE[screen]
    if method == "POST" and address.startswith(STEP) and step in MOVES:
        return f"POST {STEP}steps/<step>"
    return screen


def test_programs_can_do_whatever_the_screens_do(app: WebApp) -> None:
    screens, operations = served(app)

    left = {one for one in screens if counterpart(one) not in operations}

    assert left == ONLY_SCREENS.keys()


def test_the_tables_of_exceptions_name_screens_that_there_are(app: WebApp) -> None:
    screens, _ = served(app)

    assert (ELSEWHERE.keys() | ONLY_SCREENS.keys()) <= screens


def test_programs_are_offered_nothing_that_no_screen_does(app: WebApp) -> None:
    screens, operations = served(app)
    reached = {counterpart(one) for one in screens}

    more = {one for one in operations if one not in reached}

    assert more == {
        "GET openapi.json",
        "GET me",
        "GET counts",  # beside the names of the lists, on every page
        f"POST {STEP}answer-files",  # on the screens these come with the words of the answer
    }
