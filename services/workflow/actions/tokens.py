"""Tokens for programs: made by the person in whose name the program acts, for a while, shown once."""

import secrets
from datetime import timedelta
from uuid import UUID

from services.workflow import store
from services.workflow.steps import Incomplete, needed
from shared import auth
from shared.auth import Person
from shared.db import Transaction
from shared.events.common import TokenMade, TokenRevoked
from shared.ids import ordered_id

SCOPES = ("read", "write")
LIVES_DAYS = (7, 30, 90, 365)
MOST_TOKENS = 10  # living ones of one person
PREFIX = "lnd_"  # by which scanners for leaked secrets recognise one of ours


class TooManyTokens(Exception):
    """This person has as many living tokens as anybody may have."""


class TokenUnknown(Exception):
    """There is no such token, as far as this person is concerned."""


def make_token(tx: Transaction, *, person: Person, name: str, scope: str, days: int) -> tuple[store.Token, str]:
    """A new token and its secret, which is kept nowhere. Raises Incomplete, TooManyTokens."""
    if scope not in SCOPES:
        raise Incomplete("scope", "unknown")
    if days not in LIVES_DAYS:
        raise Incomplete("days", "unknown")
    if len(store.tokens_of(tx, person.person_id)) >= MOST_TOKENS:
        raise TooManyTokens
    secret = PREFIX + secrets.token_urlsafe(32)
    made = store.Token(
        id=ordered_id(),
        person_id=person.person_id,
        name=needed(name, "name", most=80),
        scope=scope,
        made_at=tx.now,
        expires_at=tx.now + timedelta(days=days),
        revoked_at=None,
        seen_at=None,
    )
    store.add_token(tx, made, secret=secret)
    tx.emit(
        TokenMade(
            person_id=person.person_id,
            person=person.person,
            token_id=made.id,
            scope=scope,
            expires_at=made.expires_at,
        )
    )
    return made, secret


def revoke_token(tx: Transaction, *, person: Person, token_id: UUID) -> None:
    """End a token now: its owner's own, or anybody's for the admin. Raises TokenUnknown."""
    owner_id = None if person.role == "admin" else person.person_id
    found = next((one for one in store.tokens_of(tx, owner_id) if one.id == token_id), None)
    if found is None:
        raise TokenUnknown
    store.end_token(tx, found.id)
    names = {one.person_id: one.person for one in auth.list_people(tx)}
    tx.emit(
        TokenRevoked(person_id=found.person_id, person=names[found.person_id], token_id=found.id, actor=person.person)
    )
