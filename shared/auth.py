"""Who works here: local accounts, signing in, and what a role may open.

The price of local accounts: whoever holds this database can sign in as anybody; a directory of the house is better.
"""

import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from functools import cache, wraps
from typing import Any, ParamSpec
from urllib.parse import urlsplit
from uuid import UUID

from flask import Response, current_app, flash, g, redirect, render_template, request, session, url_for
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import Boolean, Column, MetaData, String, Table, Uuid, delete, func, select, update
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired

from shared.db import Database, Instant, Reading, Transaction
from shared.events.base import STAFF
from shared.events.common import AccessDenied, SignedIn
from shared.ids import ordered_id
from shared.telemetry import counter, log
from shared.text import fold, nfc
from shared.web import Form, WebApp, gettext, lazy, sorry, wants_json

P = ParamSpec("P")

ROLES = ("officer", "head", "office", "auditor", "director", "admin")
IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=10)  # one working day with its pause
SEEN_EVERY = timedelta(minutes=1)  # how exact "last seen" is: one write a minute, not one a page
LEAST_LENGTH = 12  # characters. Source: OWASP ASVS 5.0.0, 6.2.1
MOST_LENGTH = 200

SIGN_INS = counter("sign_ins_total", "Sign-ins tried", ["service", "result"])

# What anybody tries first. Compared folded, without blanks, and without digits and signs at the end.
_COMMON = (
    "matkhau matkhaumoi matkhaucuatoi toilanguoivietnam anhyeuem emyeuanh iloveyou vietnamvodich hanoivietnam "
    "hochiminh saigonvietnam huethuongnhonho thanhphohue sogiaothongvantai langnghe langnghenguoidan password "
    "passwordpassword passw0rd admin administrator adminadmin quantri quantrivien qwertyuiop qwerty "
    "qwertyuiopasdfghjkl asdfghjkl letmein welcome welcometohue changeme trustno1 football superman "
    "correcthorsebatterystaple abcdefghijkl"
)
COMMON = frozenset(_COMMON.split())


class SignInRefused(Exception):
    """No such account, wrong password, or switched off: which of them is not told."""


class LoginTaken(Exception):
    """Another account has this name for signing in."""


class WeakPassword(Exception):
    """The password is too short, too long, or among those that are tried first. The message says which."""


class UnknownRole(Exception):
    """There is no such role."""


@dataclass(frozen=True)
class Person:
    """Somebody who works here, as pages and events know them."""

    person_id: UUID
    person: str  # u:…, the pseudonym in events and in the log
    login: str
    name: str
    email: str
    role: str
    unit: str | None
    language: str
    is_active: bool = True


# ---- rows ----


def add_tables(metadata: MetaData) -> None:
    """Accounts and sessions, in a service's own database."""
    if "account" in metadata.tables:
        return
    Table(
        "account",
        metadata,
        Column("person_id", Uuid, primary_key=True),
        Column("person", String(40), nullable=False, unique=True),
        Column("login", String(80), nullable=False, unique=True),
        Column("name", String(120), nullable=False),
        Column("email", String(254), nullable=False),
        Column("role", String(20), nullable=False),
        Column("unit", String(40)),
        Column("password_hash", String(255), nullable=False),
        Column("is_active", Boolean, nullable=False),
        Column("language", String(8), nullable=False),
        Column("created_at", Instant, nullable=False),
    )
    Table(
        "staff_session",
        metadata,
        Column("id_hash", String(64), primary_key=True),
        Column("person_id", Uuid, nullable=False, index=True),
        Column("made_at", Instant, nullable=False),
        Column("seen_at", Instant, nullable=False),
        Column("expires_at", Instant, nullable=False),
    )


@cache
def _tables() -> tuple[Table, Table]:
    metadata = MetaData()
    add_tables(metadata)
    return metadata.tables["account"], metadata.tables["staff_session"]


def add_account(
    tx: Transaction,
    *,
    login: str,
    name: str,
    email: str,
    role: str,
    unit: str | None,
    password: str,
    password_hash: str | None = None,
    language: str = "vi",
    person: str | None = None,
    person_id: UUID | None = None,
) -> Person:
    """A new account. Raises LoginTaken, UnknownRole, WeakPassword.

    `password_hash`: the hash of `password`, where many accounts of a demonstration share one; made here otherwise.
    """
    if role not in ROLES:
        raise UnknownRole(f"{role!r} is no role; there are {', '.join(ROLES)}")
    check_password(password, login=login)
    account, _session = _tables()
    folded = fold_login(login)
    if tx.connection.execute(select(account.c.person_id).where(account.c.login == folded)).first():
        raise LoginTaken(login)
    made = Person(
        person_id=person_id or ordered_id(),
        person=person or new_pseudonym(),
        login=folded,
        name=nfc(name).strip(),
        email=email.strip(),
        role=role,
        unit=unit,
        language=language,
    )
    kept = {"password_hash": password_hash or hasher().hash(password), "created_at": tx.now}
    tx.connection.execute(account.insert().values(**asdict(made), **kept))
    return made


def sign_in(tx: Transaction, login: str, password: str) -> str:
    """A new session; the token goes into the cookie and is kept nowhere else. Raises SignInRefused."""
    return open_session(tx, check_credentials(find_credentials(tx, login), password))


@dataclass(frozen=True)
class Credentials:
    """What an account is known by; `renewed` is a hash to keep instead, when costs have risen."""

    person_id: UUID
    password_hash: str
    renewed: str | None = None


def find_credentials(tx: Reading, login: str) -> Credentials | None:
    """What is kept of this login; None when there is none, or it is switched off."""
    account, _staff_session = _tables()
    row = tx.connection.execute(
        select(account.c.person_id, account.c.password_hash).where(
            account.c.login == fold_login(login), account.c.is_active.is_(True)
        )
    ).first()
    return None if row is None else Credentials(person_id=row.person_id, password_hash=row.password_hash)


def check_credentials(known: Credentials | None, password: str) -> Credentials:
    """The same, once the password is right. Takes a quarter of a second, so do it outside of a transaction.

    Raises SignInRefused.
    """
    # A stranger's password is checked too, against the hash of nothing: the answer takes as long.
    is_right, renewed = hasher().verify_and_update(password[:MOST_LENGTH], known.password_hash if known else _nobody())
    if known is None or not is_right:
        raise SignInRefused
    return replace(known, renewed=renewed)


def open_session(tx: Transaction, known: Credentials, *, instead_of: str | None = None) -> str:
    """A new session's token; the one this browser had before ends. Raises SignInRefused when the account is gone."""
    account, staff_session = _tables()
    mine = account.c.person_id == known.person_id
    row = tx.connection.execute(select(account).where(mine, account.c.is_active.is_(True))).mappings().first()
    if row is None:
        raise SignInRefused
    if known.renewed:
        tx.connection.execute(update(account).where(mine).values(password_hash=known.renewed))
    if instead_of:
        sign_out(tx, instead_of)
    token = secrets.token_urlsafe(32)
    tx.connection.execute(delete(staff_session).where(staff_session.c.expires_at <= tx.now))
    tx.connection.execute(
        staff_session.insert().values(
            id_hash=_hash(token),
            person_id=known.person_id,
            made_at=tx.now,
            seen_at=tx.now,
            expires_at=tx.now + ABSOLUTE,
        )
    )
    tx.emit(SignedIn(person_id=known.person_id, person=row["person"], role=row["role"]))
    return token


def person_of(tx: Reading, token: str) -> Person | None:
    """Whose session this is; None when it has ended, was idle too long, or its account is switched off."""
    found = _session_of(tx, token)
    return found[0] if found else None


def sign_out(tx: Transaction, token: str) -> None:
    """This session ends now."""
    _account, staff_session = _tables()
    tx.connection.execute(delete(staff_session).where(staff_session.c.id_hash == _hash(token)))


def set_password(tx: Transaction, person_id: UUID, password: str) -> None:
    """Another password; every session of this person ends. Raises WeakPassword."""
    account, _staff_session = _tables()
    login = tx.connection.execute(select(account.c.login).where(account.c.person_id == person_id)).scalar_one()
    check_password(password, login=login)
    tx.connection.execute(
        update(account).where(account.c.person_id == person_id).values(password_hash=hasher().hash(password))
    )
    _end_sessions(tx, person_id)


def set_active(tx: Transaction, person_id: UUID, *, is_active: bool) -> None:
    """Switch an account on or off; switched off, its sessions end at once."""
    account, _staff_session = _tables()
    tx.connection.execute(update(account).where(account.c.person_id == person_id).values(is_active=is_active))
    if not is_active:
        _end_sessions(tx, person_id)


def move_account(tx: Transaction, person_id: UUID, *, unit: str) -> None:
    """Another unit for an account; its sessions go on, with what may be seen from there."""
    account, _staff_session = _tables()
    tx.connection.execute(update(account).where(account.c.person_id == person_id).values(unit=unit))


def list_people(tx: Reading) -> list[Person]:
    """Everybody with an account, switched off ones too, by name for signing in."""
    account, _staff_session = _tables()
    return [_person(row) for row in tx.connection.execute(select(account).order_by(account.c.login)).mappings()]


def find_person(tx: Reading, person_id: UUID) -> Person | None:
    """Somebody with an account that is switched on."""
    account, _staff_session = _tables()
    mine = (account.c.person_id == person_id) & account.c.is_active.is_(True)
    row = tx.connection.execute(select(account).where(mine)).mappings().first()
    return None if row is None else _person(row)


def count_people(tx: Reading) -> int:
    account, _staff_session = _tables()
    return tx.connection.execute(select(func.count()).select_from(account)).scalar_one()


def _session_of(tx: Reading, token: str) -> tuple[Person, datetime] | None:
    account, staff_session = _tables()
    row = (
        tx.connection.execute(
            select(account, staff_session.c.seen_at)
            .join(staff_session, staff_session.c.person_id == account.c.person_id)
            .where(
                staff_session.c.id_hash == _hash(token),
                staff_session.c.expires_at > tx.now,
                staff_session.c.seen_at > tx.now - IDLE,
                account.c.is_active.is_(True),
            )
        )
        .mappings()
        .first()
    )
    return None if row is None else (_person(row), row["seen_at"])


def _touch(tx: Transaction, token: str) -> None:
    _account, staff_session = _tables()
    tx.connection.execute(update(staff_session).where(staff_session.c.id_hash == _hash(token)).values(seen_at=tx.now))


def _end_sessions(tx: Transaction, person_id: UUID) -> None:
    _account, staff_session = _tables()
    tx.connection.execute(delete(staff_session).where(staff_session.c.person_id == person_id))


def _person(row: Any) -> Person:
    names = ("person_id", "person", "login", "name", "email", "role", "unit", "language", "is_active")
    return Person(**{name: row[name] for name in names})


# ---- passwords ----


@cache
def hasher() -> PasswordHash:
    """Argon2id with the library's present costs; older hashes are renewed at the next sign-in."""
    return PasswordHash((Argon2Hasher(),))


def check_password(password: str, *, login: str = "") -> None:
    """Raises WeakPassword. Length counts, kinds of characters do not.

    Source: NIST SP 800-63B, 3.1.1.2; OWASP ASVS 5.0.0, 6.2.
    """
    if len(password) < LEAST_LENGTH:
        raise WeakPassword(gettext("Mật khẩu cần ít nhất %(n)s ký tự", n=LEAST_LENGTH))
    if len(password) > MOST_LENGTH:
        raise WeakPassword(gettext("Mật khẩu dài nhất %(n)s ký tự", n=MOST_LENGTH))
    bare = re.sub(r"[^a-z]+$", "", fold(password).replace(" ", ""))
    name = fold_login(login).replace(".", "")
    is_common = bare in COMMON or len(set(password)) < 5 or (len(name) > 3 and bare.replace(".", "") == name)
    if is_common or re.fullmatch(r"\d+", password):
        raise WeakPassword(gettext("Mật khẩu này dễ đoán, hãy chọn một câu chỉ bạn biết"))


def fold_login(login: str) -> str:
    """Names for signing in are compared without accents, case and blanks around."""
    return fold(login)[:MOST_LENGTH]


def new_pseudonym() -> str:
    """u: and ten random letters and digits, none of which look alike."""
    return STAFF + "".join(secrets.choice("23456789BCDFGHJKMNPQRSTVWXZbcdfghjkmnpqrstvwxz") for _ in range(10))


@cache
def _nobody() -> str:
    return hasher().hash(secrets.token_urlsafe(32))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


# ---- pages ----


class SignInForm(Form):
    login = StringField(lazy("Tên đăng nhập"), [InputRequired(lazy("Hãy nhập tên đăng nhập"))])
    password = PasswordField(lazy("Mật khẩu"), [InputRequired(lazy("Hãy nhập mật khẩu"))])


class SignIn:
    """Sign-in and sign-out pages of one staff application, and who is there in each request."""

    def __init__(self, app: WebApp, database: Database, *, prefix: str) -> None:
        self.app, self.database = app, database
        self.prefix = "/" + prefix.strip("/")
        name = f"ln-{app.settings.service}-in"
        self.is_https = app.settings.public_url.startswith("https:")
        self.cookie = f"__Host-{name}" if self.is_https else name
        app.extensions["sign_in"] = self
        app.home = self.prefix + "/"
        app.person_of = current_person
        app.language_of = _language
        per_address = app.limit("10 per minute; 60 per hour", methods=["POST"])
        per_login = app.limit("5 per minute; 20 per hour", methods=["POST"], key=_tried_login)
        app.add_url_rule(
            f"{self.prefix}/sign-in", "sign_in", per_address(per_login(self.page)), methods=["GET", "POST"]
        )
        app.add_url_rule(f"{self.prefix}/sign-out", "sign_out", self.leave, methods=["POST"])

    def page(self) -> ResponseReturnValue:
        """Ask for name and password; right, lead on to where the person wanted to go."""
        form = SignInForm.sent()
        target = safe_target(request.args.get("next", ""), self.prefix)
        if request.method == "GET" and current_person() is not None:
            return redirect(target)
        if form.is_good():
            try:
                token = self._checked(form.login.data, form.password.data)
            except SignInRefused:
                SIGN_INS.labels(self.app.settings.service, "refused").inc()
                log.info("sign-in refused")
                form.login.errors = [gettext("Tên đăng nhập hoặc mật khẩu chưa đúng")]
            else:
                SIGN_INS.labels(self.app.settings.service, "done").inc()
                return self._enter(redirect(target, 303), token)
        status = 422 if form.wrong else 200
        return render_template("sign_in.html", f=form, wrong=form.wrong, target=target), status

    def leave(self) -> ResponseReturnValue:
        """End this session."""
        token = request.cookies.get(self.cookie)
        if token:
            with self.database.writing() as tx:
                sign_out(tx, token)
        session.clear()
        flash(gettext("Bạn đã đăng xuất"))
        response = redirect(f"{self.prefix}/sign-in", 303)
        response.delete_cookie(self.cookie, path="/", secure=self.is_https, httponly=True, samesite="Lax")
        return response

    def who(self) -> Person | None:
        """Who asks, by the cookie; notes about once a minute that they are still there."""
        token = request.cookies.get(self.cookie)
        if not token or len(token) > MOST_LENGTH:
            return None
        with self.database.reading() as tx:
            found = _session_of(tx, token)
            is_due = found is not None and tx.now - found[1] >= SEEN_EVERY
        if is_due:
            with self.database.writing() as writing:
                _touch(writing, token)
        return found[0] if found else None

    def _checked(self, login: str, password: str) -> str:
        # The slow hash is computed outside of any transaction: nobody waits in line for a stranger's guesses.
        with self.database.reading() as reading:
            known = find_credentials(reading, login)
        known = check_credentials(known, password)
        with self.database.writing() as tx:
            return open_session(tx, known, instead_of=request.cookies.get(self.cookie))

    def _enter(self, response: Any, token: str) -> Response:
        session.clear()  # a token for forms made before must not live on
        response.set_cookie(
            self.cookie,
            token,
            max_age=int(ABSOLUTE.total_seconds()),
            path="/",
            secure=self.is_https,
            httponly=True,
            samesite="Lax",
        )
        answer: Response = response
        return answer


def current_person() -> Person | None:
    """Who is signed in, asked of the database once a request."""
    if "person" not in g:
        g.person = None  # while we look, the page's language must not ask again
        sign_in_of: SignIn = current_app.extensions["sign_in"]
        g.person = sign_in_of.who()
        g.pop("language", None)
    found: Person | None = g.person
    return found


def me() -> Person:
    """Who is signed in, in a view that needs somebody."""
    found = current_person()
    assert found is not None, "a view without @needs asked who is there"
    return found


def needs(*roles: str) -> Callable[[Callable[P, ResponseReturnValue]], Callable[P, ResponseReturnValue]]:
    """Open a view to these roles. Anonymous: to sign in and back. Another role: 403, and the log knows."""
    unknown = set(roles) - set(ROLES)
    if unknown or not roles:
        raise UnknownRole(f"{', '.join(sorted(unknown)) or 'none named'}; there are {', '.join(ROLES)}")

    def wrap(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            person = current_person()
            if person is None:
                return _ask_to_sign_in()
            if person.role not in roles:
                return _turn_away(person)
            return view(*args, **kwargs)

        return guarded

    return wrap


def safe_target(target: str, prefix: str) -> str:
    """Where to go after signing in: a path of ours under the prefix, never another site."""
    home = f"{prefix}/"
    parts = urlsplit(target)
    is_plain = target.startswith(home) and "\\" not in target and not re.search(r"[\x00-\x20]", target)
    if not is_plain or parts.scheme or parts.netloc or parts.path in {f"{prefix}/sign-in", f"{prefix}/sign-out"}:
        return home
    return target


def sign_in_client(client: FlaskClient, login: str, password: str) -> None:
    """Sign a test client in; it keeps the cookie."""
    sign_in_of: SignIn = client.application.extensions["sign_in"]
    with sign_in_of.database.writing() as tx:
        token = sign_in(tx, login, password)
    client.set_cookie(sign_in_of.cookie, token)


def _ask_to_sign_in() -> ResponseReturnValue:
    if wants_json() or request.headers.get("X-Fragment"):
        return sorry(401)
    wanted = request.full_path if request.query_string else request.path
    return redirect(url_for("sign_in", next=wanted if request.method == "GET" else None))


def _turn_away(person: Person) -> ResponseReturnValue:
    sign_in_of: SignIn = current_app.extensions["sign_in"]
    with sign_in_of.database.writing() as tx:
        tx.emit(
            AccessDenied(actor_id=person.person_id, actor=person.person, role=person.role, what=request.endpoint or "")
        )
    log.info("access denied", role=person.role, route=request.endpoint)
    return sorry(403, words=gettext("Việc này cần vai trò khác. Lần thử này đã được ghi lại."))


def _language() -> str | None:
    person = current_person()
    return person.language if person else None


def _tried_login() -> str:
    return "login:" + _hash(fold_login(request.form.get("login", "")))
