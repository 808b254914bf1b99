"""The keys of the services, as files in a folder."""

from pathlib import Path

import pytest

from shared.keys import BadKeys, KeyRing, generate


def test_what_one_service_signs_and_seals_another_verifies_and_opens(tmp_path: Path) -> None:
    generate(tmp_path, ["intake", "workflow"])
    door, desk = KeyRing.load(tmp_path, "intake"), KeyRing.load(tmp_path, "workflow")

    assert desk.verify("intake", b"said", door.sign(b"said"))
    assert desk.open(door.seal("workflow", b"told")) == b"told"


def test_making_keys_again_leaves_those_that_are_there(tmp_path: Path) -> None:
    generate(tmp_path, ["intake"])
    before = KeyRing.load(tmp_path, "intake")

    generate(tmp_path, ["intake", "workflow"])

    assert KeyRing.load(tmp_path, "intake").signing == before.signing


def test_missing_keys_are_named_with_the_commands_that_make_them(tmp_path: Path) -> None:
    with pytest.raises(BadKeys, match=r"KEYS_DIR: .*public\.json: No such file.*`make run` and `make up`"):
        KeyRing.load(tmp_path, "intake")
