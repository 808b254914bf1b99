"""Who calls, by a token and nothing else: cookies are not looked at, so no other site's page can act for anybody."""

import hashlib

from flask import g, request

from services.workflow import store
from services.workflow.web.frame import Desk
from shared.auth import SEEN_EVERY
from shared.web import client_address
from shared.web.i18n import LANGUAGES, SOURCE

READING = frozenset({"GET", "HEAD", "OPTIONS"})


class TokenMissing(Exception):
    """There is no `Authorization: Bearer` header."""


class TokenRefused(Exception):
    """No living token of ours, or its owner's account is switched off: which of them is not told."""


class TokenReadsOnly(Exception):
    """The token may read and not change anything."""


def let_in(desk: Desk) -> None:
    """From here on the owner of the token is who asks. Raises TokenMissing, TokenRefused, TokenReadsOnly."""
    g.person = None  # whoever a cookie names is nobody here
    asked_for = request.accept_languages.best_match(LANGUAGES)
    g.language = asked_for or SOURCE
    secret = _secret()
    with desk.database.reading() as look:
        found = store.living_token(look, secret)
        is_due = found is not None and (found[0].seen_at is None or look.now - found[0].seen_at >= SEEN_EVERY)
    if found is None:
        raise TokenRefused
    g.token, g.person = found
    g.language = asked_for or g.person.language
    if is_due:
        with desk.database.writing() as tx:
            store.see_token(tx, g.token.id)
    if g.token.scope == "read" and request.method not in READING:
        raise TokenReadsOnly


def who_counts() -> str:
    """For whom requests are counted: the token, or the address of who has none."""
    header = request.headers.get("Authorization", "")
    return "token:" + hashlib.sha256(header.encode()).hexdigest() if header else client_address()


def _secret() -> str:
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not secret.strip():
        raise TokenMissing
    return secret.strip()
