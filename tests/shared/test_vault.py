"""What is kept locked: it opens with its own key alone, in its own place, and wrapping keys can be changed."""

import json
from pathlib import Path

import pytest

from shared.keys import BadKeys, KeyRing, generate
from shared.vault import BadVault, CannotUnlock, Vault, fresh_key, lock, make_vault, unlock


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    make_vault(tmp_path / "of.vault.json")
    return Vault(tmp_path / "of.vault.json")


def test_a_box_opens_with_its_key_in_its_place_only() -> None:
    key = fresh_key()
    box = lock(key, "Nguyễn Thị Hồng Ánh".encode(), about=b"this case")

    assert unlock(key, box, about=b"this case").decode() == "Nguyễn Thị Hồng Ánh"
    for wrong in ((fresh_key(), box, b"this case"), (key, box, b"another"), (key, box[:-1] + b"x", b"this case")):
        with pytest.raises(CannotUnlock):
            unlock(wrong[0], wrong[1], about=wrong[2])


def test_the_same_words_never_make_the_same_box() -> None:
    key = fresh_key()

    assert lock(key, b"words", about=b"") != lock(key, b"words", about=b"")


def test_a_fresh_wrapping_key_wraps_and_the_older_ones_still_unwrap(vault: Vault) -> None:
    key = fresh_key()
    old = vault.wrap(key, about=b"petition")

    vault.add_key()
    new = vault.wrap(key, about=b"petition")

    assert new[0] == vault.current != old[0]
    assert vault.unwrap(*old, about=b"petition") == vault.unwrap(*new, about=b"petition") == key
    assert vault.drop_old_keys() == 1
    with pytest.raises(CannotUnlock, match=old[0]):
        vault.unwrap(*old, about=b"petition")


def test_another_process_finds_a_key_that_came_into_the_file_since(vault: Vault) -> None:
    elsewhere = Vault(vault.file)

    vault.add_key()

    assert elsewhere.unwrap(*vault.wrap(b"k" * 32, about=b""), about=b"") == b"k" * 32


@pytest.mark.parametrize("written", ["", "{}", '{"keys": []}', '{"keys": ["AAAA"]}', '{"keys": ["ä"]}'])
def test_a_file_that_holds_no_keys_is_refused(tmp_path: Path, written: str) -> None:
    (tmp_path / "of.vault.json").write_text(written)

    with pytest.raises(BadVault, match="malformed"):
        Vault(tmp_path / "of.vault.json")


def test_the_desk_alone_has_a_vault_on_its_ring_and_keeps_it(tmp_path: Path) -> None:
    generate(tmp_path, ["intake", "workflow"])
    first = (tmp_path / "workflow.vault.json").read_text()
    generate(tmp_path, ["intake", "workflow"])

    assert (tmp_path / "workflow.vault.json").read_text() == first
    assert (tmp_path / "workflow.vault.json").stat().st_mode & 0o077 == 0
    assert len(json.loads(first)["keys"]) == 1
    assert not (tmp_path / "intake.vault.json").exists()


def test_a_missing_vault_is_refused_by_the_name_of_its_setting(tmp_path: Path) -> None:
    generate(tmp_path, ["workflow"])
    (tmp_path / "workflow.vault.json").unlink()

    with pytest.raises(BadKeys, match=r"KEYS_DIR: .*workflow\.vault\.json: No such file"):
        _ = KeyRing.load(tmp_path, "workflow").vault
