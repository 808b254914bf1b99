"""Signing in: who may, for how long, and what nobody can tell from outside."""

import re
import statistics
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import MetaData, func, select

from shared import auth
from shared.auth import LoginTaken, SignInRefused, UnknownRole, WeakPassword
from shared.clock import MovableClock
from shared.db import Database
from shared.events.common import AccessDenied, SignedIn
from shared.web import WebApp, make_app
from tests.support import NOON, emitted

GOOD = "cầu Trường Tiền sáu vài"
HTML = {"Accept": "text/html"}


@pytest.fixture
def database(make_database: Any) -> Database:
    metadata = MetaData()
    auth.add_tables(metadata)
    made: Database = make_database(metadata, "workflow")
    return made


@pytest.fixture
def hang(database: Database) -> auth.Person:
    """An officer of the roads unit."""
    with database.writing() as tx:
        return auth.add_account(
            tx,
            login="Hằng.NT",
            name="Nguyễn Thị Hằng",
            email="hang@example.vn",
            role="officer",
            unit="KCHT",
            password=GOOD,
        )


@pytest.fixture
def app(make_settings: Any, database: Database) -> Iterator[WebApp]:
    made = make_app("tests.shared.sample", make_settings("workflow"), is_staff=True)
    auth.SignIn(made, database, prefix="/desk")

    @made.get("/desk/")
    @auth.needs("officer", "head")
    def home() -> str:
        return f"chào {auth.me().name}"

    @made.get("/desk/settings")
    @auth.needs("admin")
    def settings() -> str:
        return "cài đặt"

    return made


@pytest.fixture
def client(app: WebApp) -> FlaskClient:
    return app.test_client()


def sign_in(client: FlaskClient, login: str, password: str, *, query: str = "") -> Any:
    token = re.search(r'name="csrf" content="([^"]+)"', client.get("/desk/sign-in").text)[1]  # type: ignore[index]
    form = {"login": login, "password": password, "csrf_token": token}
    return client.post("/desk/sign-in" + query, data=form, headers=HTML)


def test_the_right_password_opens_a_session_and_says_so(database: Database, hang: auth.Person) -> None:
    with database.writing() as tx:
        token = auth.sign_in(tx, "hang.nt", GOOD)
        told = emitted(tx)

    with database.reading() as tx:
        assert auth.person_of(tx, token) == hang
    assert told == [SignedIn(person_id=hang.person_id, person=hang.person, role="officer")]
    assert re.fullmatch(r"u:\w{10}", hang.person)


@pytest.mark.parametrize("login", ["hang.nt", "HẰNG.NT", " hằng.nt ", "Ha\u0306\u0300ng.NT"])
def test_a_login_is_known_however_it_is_typed(database: Database, hang: auth.Person, login: str) -> None:
    with database.writing() as tx:
        assert auth.sign_in(tx, login, GOOD)


def test_the_token_itself_is_kept_nowhere(database: Database, hang: auth.Person) -> None:
    with database.writing() as tx:
        token = auth.sign_in(tx, "hang.nt", GOOD)

    with database.reading() as tx:
        kept = tx.connection.execute(select(auth._tables()[1])).first()
    assert token not in str(kept)


def test_a_wrong_password_an_unknown_login_and_a_closed_account_are_refused_alike(
    database: Database, hang: auth.Person
) -> None:
    with database.writing() as tx:
        auth.add_account(
            tx, login="quy", name="Lê Văn Quý", email="quy@example.vn", role="officer", unit="KCHT", password=GOOD
        )
        quy = next(person for person in auth.list_people(tx) if person.login == "quy")
        auth.set_active(tx, quy.person_id, is_active=False)

    for login, password in (("hang.nt", "sai mật khẩu rồi"), ("nobody", GOOD), ("quy", GOOD)):
        with pytest.raises(SignInRefused) as refused, database.writing() as tx:
            auth.sign_in(tx, login, password)
        assert str(refused.value) == ""


def test_the_time_taken_does_not_tell_whether_a_login_exists(database: Database, hang: auth.Person) -> None:
    def spent(login: str) -> float:
        with database.reading() as tx:
            known = auth.find_credentials(tx, login)
        began = time.perf_counter()
        with pytest.raises(SignInRefused):
            auth.check_credentials(known, "sai mật khẩu rồi")
        return time.perf_counter() - began

    spent("nobody")  # the hash of nothing is made once
    known, unknown = [statistics.median(spent(login) for _ in range(5)) for login in ("hang.nt", "nobody")]

    assert 0.4 < known / unknown < 2.5


def test_a_session_ends_after_half_an_hour_without_use(
    database: Database, hang: auth.Person, clock: MovableClock
) -> None:
    with database.writing() as tx:
        token = auth.sign_in(tx, "hang.nt", GOOD)

    clock.move_to(NOON + timedelta(minutes=30))

    with database.reading() as tx:
        assert auth.person_of(tx, token) is None


def test_a_session_in_use_ends_after_ten_hours(client: FlaskClient, hang: auth.Person, clock: MovableClock) -> None:
    auth.sign_in_client(client, "hang.nt", GOOD)

    answers = []
    for minutes in range(0, 640, 20):
        clock.move_to(NOON + timedelta(minutes=minutes))
        answers.append(client.get("/desk/").status_code)

    assert answers == [200] * 30 + [302] * 2


def test_a_person_switched_off_is_out_at_once(database: Database, client: FlaskClient, hang: auth.Person) -> None:
    auth.sign_in_client(client, "hang.nt", GOOD)

    with database.writing() as tx:
        auth.set_active(tx, hang.person_id, is_active=False)

    assert client.get("/desk/").status_code == 302


def test_a_new_password_ends_every_session(database: Database, client: FlaskClient, hang: auth.Person) -> None:
    auth.sign_in_client(client, "hang.nt", GOOD)

    with database.writing() as tx:
        auth.set_password(tx, hang.person_id, "một câu khác hẳn câu trước")

    assert client.get("/desk/").status_code == 302
    with database.writing() as tx:
        assert auth.sign_in(tx, "hang.nt", "một câu khác hẳn câu trước")


@pytest.mark.parametrize(
    "password",
    [
        "ngắn quá",
        "password2026!",
        "matkhau123456",
        "Mật khẩu 2026!!!",
        "111111111111",
        "123456789012",
        "aaaaaaaaaaaaaaa",
        "hang.nt2026!!",
        "x" * 201,
    ],
)
def test_a_password_that_anybody_would_try_is_refused(database: Database, password: str) -> None:
    with pytest.raises(WeakPassword), database.writing() as tx:
        auth.add_account(
            tx, login="hang.nt", name="H", email="h@example.vn", role="officer", unit=None, password=password
        )


def test_two_people_cannot_share_a_login(database: Database, hang: auth.Person) -> None:
    with pytest.raises(LoginTaken), database.writing() as tx:
        auth.add_account(tx, login="HANG.NT", name="H", email="h@example.vn", role="head", unit="KCHT", password=GOOD)


def test_there_is_no_role_but_those_declared(database: Database) -> None:
    with pytest.raises(UnknownRole), database.writing() as tx:
        auth.add_account(tx, login="a", name="A", email="a@example.vn", role="boss", unit=None, password=GOOD)
    with pytest.raises(UnknownRole):
        auth.needs("boss")


def test_an_anonymous_visitor_signs_in_and_lands_where_they_wanted(client: FlaskClient, hang: auth.Person) -> None:
    asked = client.get("/desk/?view=mine", headers=HTML)
    entered = sign_in(client, "hang.nt", GOOD, query="?next=/desk/?view%3Dmine")

    assert asked.status_code == 302
    assert asked.location == "/desk/sign-in?next=/desk/?view%3Dmine"
    assert entered.status_code == 303
    assert entered.location == "/desk/?view=mine"
    assert client.get("/desk/").text == "chào Nguyễn Thị Hằng"
    cookie = entered.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/desk/../x\n",
        "javascript:alert(1)",
        "/audit/",
        "/desk/sign-out",
    ],
)
def test_signing_in_never_leads_to_another_site(target: str) -> None:
    assert auth.safe_target(target, "/desk") == "/desk/"


def test_a_refused_sign_in_says_the_same_whoever_asks(client: FlaskClient, hang: auth.Person) -> None:
    pages = [sign_in(client, login, "sai mật khẩu rồi") for login in ("hang.nt", "nobody")]

    said = [re.findall(r'<p class="err".*?</p>', page.text) for page in pages]
    assert [page.status_code for page in pages] == [422, 422]
    assert said[0] == said[1]
    assert "chưa đúng" in said[0][0]


def test_guessing_is_slowed_down(client: FlaskClient, hang: auth.Person) -> None:
    answers = [sign_in(client, "hang.nt", "sai mật khẩu rồi").status_code for _ in range(7)]

    assert answers[:5] == [422] * 5
    assert answers[-1] == 429


def test_the_wrong_role_is_turned_away_and_the_log_hears_of_it(
    database: Database, client: FlaskClient, hang: auth.Person
) -> None:
    auth.sign_in_client(client, "hang.nt", GOOD)

    answer = client.get("/desk/settings", headers=HTML)

    assert answer.status_code == 403
    assert "vai trò khác" in answer.text
    with database.reading() as tx:
        outbox = database.metadata.tables["outbox"]
        told = tx.connection.execute(select(func.count()).select_from(outbox).where(outbox.c.type == AccessDenied.TYPE))
        assert told.scalar_one() == 1


def test_signing_in_makes_a_new_session_and_ends_the_old_one(client: FlaskClient, hang: auth.Person) -> None:
    sign_in(client, "hang.nt", GOOD)
    old = client.get_cookie("ln-workflow-in")
    assert old is not None
    client.delete_cookie("ln-workflow")  # the form's own token belongs to the session before

    with client.application.extensions["sign_in"].database.writing() as tx:
        auth.open_session(tx, auth.find_credentials(tx, "hang.nt"), instead_of=old.value)  # type: ignore[arg-type]

    assert client.get("/desk/").status_code == 302


def test_signing_out_ends_the_session_not_only_the_cookie(client: FlaskClient, hang: auth.Person) -> None:
    sign_in(client, "hang.nt", GOOD)
    cookie = client.get_cookie("ln-workflow-in")
    assert cookie is not None
    client.application.config["WTF_CSRF_ENABLED"] = False

    left = client.post("/desk/sign-out")
    client.set_cookie("ln-workflow-in", cookie.value)

    assert left.status_code == 303
    assert client.get("/desk/").status_code == 302


def test_a_program_is_told_401_instead_of_a_form(client: FlaskClient) -> None:
    answer = client.get("/desk/", headers={"Accept": "application/json"})

    assert answer.status_code == 401
    assert answer.content_type == "application/problem+json"


def test_a_persons_own_language_is_spoken_until_they_choose(database: Database, app: WebApp) -> None:
    with database.writing() as tx:
        auth.add_account(
            tx, login="guest", name="G", email="g@example.vn", role="officer", unit=None, password=GOOD, language="en"
        )
    client = app.test_client()
    auth.sign_in_client(client, "guest", GOOD)

    refused = client.get("/desk/settings", headers=HTML)

    assert '<html lang="en">' in refused.text
    assert "This needs another role" in refused.text
