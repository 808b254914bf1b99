"""Passes from one service to another: what is signed is read, and nothing else is."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.keys import KeyRing, generate
from shared.passes import LIVES, Pass, PassRefused, read_pass, write_pass
from shared.settings import SERVICES
from tests.support import NOON

GIVEN = Pass(
    audience="intake",
    person="u:officer",
    unit="KCHT",
    channel="counter",
    expires_at=NOON + LIVES,
    nonce="bm9uY2Utb2YtYS10ZXN0",
)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, KeyRing]:
    folder: Path = tmp_path_factory.mktemp("keys")
    generate(folder, SERVICES)
    return {name: KeyRing.load(folder, name) for name in SERVICES}


def refused(keys: KeyRing, text: str, **when: Any) -> str:
    with pytest.raises(PassRefused) as refusal:
        read_pass(keys, text, issuer="workflow", now=when.get("now", NOON))
    return refusal.value.reason


def test_what_the_desk_signed_the_door_reads(keys: dict[str, KeyRing]) -> None:
    text = write_pass(keys["workflow"], GIVEN)

    assert read_pass(keys["intake"], text, issuer="workflow", now=NOON) == GIVEN


def test_a_pass_ends_and_none_lives_longer_than_it_may(keys: dict[str, KeyRing]) -> None:
    text = write_pass(keys["workflow"], GIVEN)
    too_long = write_pass(keys["workflow"], replace(GIVEN, expires_at=NOON + timedelta(hours=2)))

    assert refused(keys["intake"], text, now=NOON + LIVES) == "expired"
    assert refused(keys["intake"], too_long) == "expired"


def test_a_pass_opens_one_service_and_is_signed_by_one(keys: dict[str, KeyRing]) -> None:
    assert refused(keys["audit"], write_pass(keys["workflow"], GIVEN)) == "foreign"
    assert refused(keys["intake"], write_pass(keys["notify"], GIVEN)) == "forged"


def test_what_was_signed_as_something_else_is_no_pass(keys: dict[str, KeyRing]) -> None:
    body, _, _ = write_pass(keys["workflow"], GIVEN).partition(".")
    import base64

    raw = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    other = base64.urlsafe_b64encode(keys["workflow"].sign(raw)).rstrip(b"=").decode()

    assert refused(keys["intake"], f"{body}.{other}") == "forged"


@given(place=st.integers(0, 400), letter=st.characters(codec="utf-8"))
def test_no_letter_of_a_pass_can_be_changed(keys: dict[str, KeyRing], place: int, letter: str) -> None:
    text = write_pass(keys["workflow"], GIVEN)
    at = place % len(text)
    changed = text[:at] + letter + text[at + 1 :]

    # The last letter of a group holds bits that stand for nothing: what it decodes to may be the same.
    if changed != text and at not in {text.index(".") - 1, len(text) - 1}:
        assert refused(keys["intake"], changed) in {"malformed", "forged"}


@given(st.text(max_size=300))
def test_anything_else_is_refused(keys: dict[str, KeyRing], text: str) -> None:
    assert refused(keys["intake"], text) in {"malformed", "forged"}
