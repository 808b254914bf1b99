"""The log under the eyes of others: Google's verifier in Go, and the cryptography of a browser's engine."""

import json

import pytest

from services.audit import export, prove, store
from services.audit.publish import SignerLoop
from services.audit.tlog.note import Checkpoint
from services.audit.tlog.tiles import Place
from services.audit.tlog.tree import WIDTH, Tree, leaf_hash
from tests.audit.builders import ORIGIN, Teller, append, many

# ---- what is sound


def test_google_s_verifier_recomputes_the_whole_log(go, published):
    assert go("fsck", published.dir, published.vkey).startswith("OK size 702 ")


def test_google_s_verifier_is_content_with_the_public_part_alone(go, published, tmp_path):
    with published.database.reading() as tx:
        export.export(tx, tmp_path / "public", with_entries=False)

    assert go("tiles", tmp_path / "public", published.vkey).startswith("OK size 702 ")


def test_google_s_verifier_sees_that_the_log_only_grew(go, published):
    old = published.checkpoint("old")

    published.grow(10)

    assert go("consistency", published.dir, published.vkey, old) == "OK 702 entries grew into 712"


def test_a_log_three_tiles_high_is_laid_out_as_others_expect(go, published, tmp_path):
    tree, size = Tree(), 65_536 + 300
    done = tree.append([leaf_hash(number.to_bytes(4, "big")) for number in range(size)])
    tiles = [(Place(tile.level, tile.index), tile.data) for tile in done]
    tiles += [
        (Place(level, (size >> 8 * level) // WIDTH, len(run) // 32), run) for level, run in enumerate(tree.edge) if run
    ]
    for place, data in tiles:
        path = tmp_path / "high" / place.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    note = published.signer.sign(Checkpoint(ORIGIN, size, tree.root()).text)
    (tmp_path / "high" / "checkpoint").write_text(note)

    assert go("tiles", tmp_path / "high", published.vkey).startswith(f"OK size {size} ")


@pytest.mark.parametrize("idx", [0, 1, 255, 256, 701])
def test_a_receipt_convinces_both_of_them(go, webcrypto, published, tmp_path, idx):
    receipt, entry = tmp_path / "receipt.tlog-proof", tmp_path / "entry.json"
    with published.database.reading() as tx:
        receipt.write_text(prove.receipt_of(tx, idx))
        entry.write_bytes(store.load_entry(tx, idx))
    type_ = json.loads(entry.read_bytes())["type"]

    assert go("receipt", receipt, entry, published.vkey) == f"OK entry {idx} of 702"
    assert webcrypto(receipt, published.vkey) == f"OK {type_} is entry {idx} of 702 in {ORIGIN}"


# ---- what is not


def flip(path, at=10):
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(bytes(data))


def swap(directory):
    one, two = directory / "tile/entries/000", directory / "tile/entries/001"
    kept = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(kept)


def lengthen(path):
    path.write_bytes(path.read_bytes() + b"\x00\x00")


def edit(path, old, new):
    path.write_text(path.read_text().replace(old, new))


ATTACKS = {
    "a byte in a bundle": (lambda d: flip(d / "tile/entries/001"), "fsck"),
    "a byte in the open bundle": (lambda d: flip(d / "tile/entries/002.p/190"), "fsck"),
    "bundles swapped": (swap, "fsck"),
    "a bundle missing": (lambda d: (d / "tile/entries/000").unlink(), "fsck"),
    "bytes after a bundle": (lambda d: lengthen(d / "tile/entries/000"), "fsck"),
    "a byte in a tile of leaves": (lambda d: flip(d / "tile/0/001"), "fsck tiles"),
    "a byte in a tile above": (lambda d: flip(d / "tile/1/000.p/2"), "fsck tiles"),
    "a tile missing": (lambda d: (d / "tile/0/000").unlink(), "fsck tiles"),
    "the size changed": (lambda d: edit(d / "checkpoint", "\n702\n", "\n701\n"), "fsck tiles"),
    "the signature taken away": (
        lambda d: (d / "checkpoint").write_text((d / "checkpoint").read_text().split("\u2014")[0]),
        "fsck tiles",
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_every_attack_on_the_files_is_found(go, published, name):
    attack, finders = ATTACKS[name]

    attack(published.dir)

    for command in ("fsck", "tiles"):
        expected = "FAIL" if command in finders.split() else "OK"
        assert go(command, published.dir, published.vkey).startswith(expected)


def test_a_history_rewritten_with_the_real_key_is_found_by_whoever_kept_an_old_checkpoint(
    go, published, make_database, tmp_path
):
    kept_by_a_newspaper = published.checkpoint("newspaper")
    other = make_database(store.metadata, "audit")
    append(other, many(Teller(published.workflow.keys), 710), keys=published.keys)
    SignerLoop(other, published.signer, tmp_path / "forgotten.json").once()

    with other.reading() as tx:
        export.export(tx, tmp_path / "rewritten")

    assert go("fsck", tmp_path / "rewritten", published.vkey).startswith("OK")
    answer = go("consistency", tmp_path / "rewritten", published.vkey, kept_by_a_newspaper)
    assert answer.startswith("FAIL the first 702 entries hash to ")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace("index 5\n", "index 6\n"),
        lambda text: text.replace("\n702\n", "\n703\n"),
        lambda text: text.replace("extra ey", "extra eZ", 1),
        lambda text: text.split("\u2014")[0],
        lambda text: text.replace("\n\n", "\n", 1),
        lambda _: "",
    ],
)
def test_a_spoilt_receipt_convinces_neither(go, webcrypto, published, tmp_path, spoil):
    receipt, entry = tmp_path / "receipt.tlog-proof", tmp_path / "entry.json"
    with published.database.reading() as tx:
        receipt.write_text(spoil(prove.receipt_of(tx, 5)))
        entry.write_bytes(store.load_entry(tx, 5))

    assert go("receipt", receipt, entry, published.vkey).startswith("FAIL")
    assert webcrypto(receipt, published.vkey).startswith("FAIL")


def test_another_log_s_key_convinces_neither(go, webcrypto, published, tmp_path):
    other = tmp_path / "other.vkey"
    other.write_text("other.example/log+00000000+AQ" + "A" * 42)
    receipt, entry = tmp_path / "receipt.tlog-proof", tmp_path / "entry.json"
    with published.database.reading() as tx:
        receipt.write_text(prove.receipt_of(tx, 5))
        entry.write_bytes(store.load_entry(tx, 5))

    assert go("receipt", receipt, entry, other).startswith("FAIL")
    assert webcrypto(receipt, other).startswith("FAIL")
