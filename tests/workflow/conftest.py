"""The desk at work: an empty database of the current world, the rules in force, and everybody hired."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from services.workflow import store
from services.workflow.domain.rules import Book
from services.workflow.web import make_desk
from shared.clock import MovableClock
from shared.db import Database
from shared.settings import Settings
from tests.conftest import MakeDatabase
from tests.workflow.builders import EVERYBODY, Office, Staff, hire, session_of, the_rules

Visit = Callable[[Staff | None], FlaskClient]


@pytest.fixture
def database(make_database: MakeDatabase) -> Database:
    return make_database(store.metadata, "workflow")


@pytest.fixture
def office(database: Database, clock: MovableClock) -> Office:
    with database.writing() as tx:
        hire(tx, *EVERYBODY)
    return Office(database, clock, the_rules())


@pytest.fixture
def settings(make_settings: Callable[..., Settings]) -> Settings:
    return make_settings("workflow", PUBLIC_URL="http://localhost")


@pytest.fixture
def book() -> Book:
    """What the desk goes by: the rules of the files."""
    return the_rules()


@pytest.fixture
def visit(office: Office, settings: Settings, book: Book) -> Visit:
    """A browser in which this person is signed in; None: nobody."""
    app = make_desk(settings, office.database, book)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)

    def opened(person: Staff | None) -> FlaskClient:
        client = app.test_client()
        if person is not None:
            client.set_cookie(app.extensions["sign_in"].cookie, session_of(office.database, person.person))
        return client

    return opened
