import base64
import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from services.audit.tlog import tiles
from services.audit.tlog.note import BadKey, BadNote, Checkpoint, Signer, Verifier, open_checkpoint
from services.audit.tlog.proof import BadProof, Prover, check_consistency, root_from_inclusion
from services.audit.tlog.receipt import open_receipt, write_receipt
from services.audit.tlog.tiles import BadBundle, BadPath, Place, read_path
from services.audit.tlog.tree import EMPTY_ROOT, WIDTH, Tree, leaf_hash, node_hash, root_of

LEAVES = [leaf_hash(number.to_bytes(4, "big")) for number in range(66_000)]
AROUND_TILES = [*range(1, 70), 255, 256, 257, 511, 512, 513, 1000, 65_535, 65_536, 65_537, 66_000]
SIGNER = Signer("test.example/log", SigningKey(bytes(32)))
OTHER = Signer("test.example/log", SigningKey(bytes(31) + b"1"))


def by_definition(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + by_definition(leaves[:k]) + by_definition(leaves[k:])).digest()


def a_log(size: int) -> Prover:
    tree, kept = Tree(), {}
    for done in tree.append(LEAVES[:size]):
        kept[done.level, done.index] = done.data
    for level, run in enumerate(tree.edge):
        kept[level, (size >> 8 * level) // WIDTH] = run
    return Prover(lambda level, index, width: kept[level, index][: 32 * width], size)


# ---- the tree


def test_the_root_is_the_one_of_the_definition_at_every_small_size():
    tree = Tree()

    for size in range(1, 700):
        tree.append([LEAVES[size - 1]])

        assert tree.root() == by_definition(LEAVES[:size])


@pytest.mark.parametrize("size", AROUND_TILES)
def test_the_root_is_the_one_of_the_definition_around_the_widths_of_tiles(size):
    tree = Tree()

    tree.append(LEAVES[:size])

    assert tree.root() == by_definition(LEAVES[:size]) == root_of(LEAVES[:size])


@given(st.lists(st.integers(0, 700), max_size=6))
def test_a_tree_does_not_mind_in_which_portions_it_grows(portions):
    tree, done, at = Tree(), set(), 0

    for portion in portions:
        done |= set(tree.append(LEAVES[at : at + portion]))
        tree, at = Tree.unpack(tree.size, tree.pack()), at + portion

    assert done == set(Tree().append(LEAVES[:at]))
    assert (tree.size, tree.root()) == (at, by_definition(LEAVES[:at]))


def test_an_empty_tree_has_the_root_of_nothing():
    assert Tree().root() == EMPTY_ROOT == root_of([])


# ---- proofs


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 200, 256, 257, 600])
def test_every_leaf_of_a_small_log_can_be_proved(size):
    log, root = a_log(size), by_definition(LEAVES[:size])

    for index in range(size):
        path = log.inclusion(index)

        assert root_from_inclusion(LEAVES[index], index=index, size=size, path=path) == root


@pytest.mark.parametrize("size", [2, 3, 8, 65, 257, 513])
def test_every_older_log_is_proved_to_have_grown_into_this_one(size):
    log, root = a_log(size), by_definition(LEAVES[:size])

    for old in range(1, size + 1):
        path = log.consistency(old)

        check_consistency(old=old, old_root=by_definition(LEAVES[:old]), new=size, new_root=root, path=path)


@pytest.mark.parametrize("size", [65_535, 65_536, 65_537, 66_000])
def test_proofs_hold_where_the_tree_becomes_one_level_higher(size):
    log, root = a_log(size), root_of(LEAVES[:size])

    for index in (0, 255, 256, 65_534, size - 1):
        assert root_from_inclusion(LEAVES[index], index=index, size=size, path=log.inclusion(index)) == root
    for old in (1, 256, 65_535, size - 1, size):
        old_root = root_of(LEAVES[:old])
        check_consistency(old=old, old_root=old_root, new=size, new_root=root, path=log.consistency(old))


@given(st.data())
def test_a_proof_with_one_bit_changed_proves_nothing(data):
    size = data.draw(st.integers(2, 600))
    index = data.draw(st.integers(0, size - 1))
    path = a_log(size).inclusion(index)
    step, bit = data.draw(st.integers(0, len(path) - 1)), data.draw(st.integers(0, 255))

    path[step] = (int.from_bytes(path[step], "big") ^ 1 << bit).to_bytes(32, "big")

    assert root_from_inclusion(LEAVES[index], index=index, size=size, path=path) != by_definition(LEAVES[:size])


@given(st.data())
def test_a_consistency_proof_with_one_bit_changed_is_refused(data):
    size = data.draw(st.integers(2, 600))
    old = data.draw(st.integers(1, size - 1))
    path = a_log(size).consistency(old)
    step, bit = data.draw(st.integers(0, len(path) - 1)), data.draw(st.integers(0, 255))

    path[step] = (int.from_bytes(path[step], "big") ^ 1 << bit).to_bytes(32, "big")

    with pytest.raises(BadProof):
        check_consistency(
            old=old,
            old_root=by_definition(LEAVES[:old]),
            new=size,
            new_root=by_definition(LEAVES[:size]),
            path=path,
        )


def test_proofs_of_the_wrong_length_are_refused():
    path = a_log(300).inclusion(7)

    for wrong in (path[:-1], [*path, LEAVES[0]], [*path[:-1], b"short"], [LEAVES[0]] * 70):
        with pytest.raises(BadProof):
            root_from_inclusion(LEAVES[7], index=7, size=300, path=wrong)
    for index in (-1, 300, 10**12):
        with pytest.raises(BadProof):
            root_from_inclusion(LEAVES[7], index=index, size=300, path=path)


def test_growth_from_nothing_is_never_taken_for_proved():
    with pytest.raises(BadProof):
        check_consistency(old=0, old_root=EMPTY_ROOT, new=5, new_root=root_of(LEAVES[:5]), path=[])
    with pytest.raises(BadProof):
        check_consistency(old=6, old_root=LEAVES[0], new=5, new_root=LEAVES[1], path=[])
    with pytest.raises(BadProof):
        check_consistency(old=5, old_root=LEAVES[0], new=5, new_root=LEAVES[1], path=[])


# ---- tiles


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("tile/0/000", Place(0, 0)),
        ("tile/0/x001/x234/067", Place(0, 1_234_067)),
        ("tile/3/005.p/17", Place(3, 5, 17)),
        ("tile/entries/000.p/1", Place(None, 0, 1)),
        ("tile/entries/x001/000", Place(None, 1000)),
    ],
)
def test_a_path_and_its_place_say_the_same(path, place):
    assert read_path(path) == place
    assert place.path == path


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/0",
        "tile/0/0000",
        "tile/00/000",
        "tile/64/000",
        "tile/0/x000/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/007",
        "tile/0/000.p/",
        "tile/0/000/",
        "tile/-1/000",
        "tile/entry/000",
        "tile/0/x001",
        "tile/0/٠٠٠",
        "/tile/0/000",
        "tile/0/../000",
    ],
)
def test_a_path_with_another_spelling_leads_nowhere(path):
    with pytest.raises(BadPath):
        read_path(path)


@given(st.integers(0, 10**12), st.integers(1, 256), st.sampled_from([None, 0, 1, 7]))
def test_every_place_has_a_path_that_leads_back(index, width, level):
    place = Place(level, index, width)

    assert read_path(place.path) == place


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_a_bundle_gives_back_its_entries_and_takes_no_other_length(entries):
    bundle = tiles.pack(entries)

    assert tiles.unpack(bundle, len(entries)) == entries
    for wrong in (bundle + b"x", bundle + b"\x00\x00", bundle[:-1]):
        if wrong != bundle:
            with pytest.raises(BadBundle):
                tiles.unpack(wrong, len(entries))


# ---- notes


def a_note(signer=SIGNER, **change):
    checkpoint = replace(Checkpoint(signer.name, 300, LEAVES[0]), **change)
    return signer.sign(checkpoint.text)


def test_a_checkpoint_is_read_back_as_it_was_signed():
    note = a_note()

    assert open_checkpoint(note, SIGNER.verifier) == Checkpoint(SIGNER.name, 300, LEAVES[0])
    assert Verifier.read(SIGNER.verifier.vkey) == SIGNER.verifier


def test_lines_of_witnesses_are_allowed_beside_the_log_s_own():
    witness = a_note(Signer("witness.example/w1", SigningKey(b"7" * 32))).splitlines()[-1]

    note = a_note() + witness + "\n"

    assert open_checkpoint(note, SIGNER.verifier).size == 300


@pytest.mark.parametrize(
    "spoil",
    [
        lambda note: note.replace("\n300\n", "\n301\n"),
        lambda note: note.replace("\n300\n", "\n0300\n"),
        lambda note: note.replace("\n\n", "\n"),
        lambda note: note.replace("\n\n", "\n\n\n"),
        lambda note: note.rsplit("\n", 2)[0] + "\n",
        lambda note: note.rstrip("\n"),
        lambda note: note + note.splitlines()[-1] + "\n",
        lambda note: note.replace("\u2014 ", "- "),
        lambda note: note.replace("\u2014 ", "\u2014  "),
        lambda note: note + "\u2014 somebody\n",
        lambda note: note + "\u2014 somebody !!!!\n",
        lambda note: note + "garbage\n",
        lambda note: note[:-3] + "A=\n",
        lambda note: "\t" + note,
        lambda note: note.replace("\n", "\r\n"),
        lambda _: "",
        lambda _: "\n\n",
        lambda note: note + ("\u2014 w " + "A" * 88 + "\n") * 1000,
    ],
)
def test_a_note_that_was_touched_is_refused(spoil):
    with pytest.raises(BadNote):
        open_checkpoint(spoil(a_note()), SIGNER.verifier)


def test_a_checkpoint_of_another_key_or_another_log_is_refused():
    for note in (
        a_note(OTHER),
        a_note(Signer("other.example/log", SigningKey(bytes(32)))),
        SIGNER.sign(Checkpoint("other.example/log", 1, LEAVES[0]).text),
        SIGNER.sign("test.example/log\n5\nAAAA\n"),
        SIGNER.sign(Checkpoint(SIGNER.name, 5, LEAVES[0]).text + "extension\n"),
    ):
        with pytest.raises(BadNote):
            open_checkpoint(note, SIGNER.verifier)


@given(st.text(max_size=200))
def test_no_text_confuses_the_reader_of_notes(text):
    for note in (text, a_note() + text, text + a_note()):
        try:
            opened = open_checkpoint(note, SIGNER.verifier)
        except BadNote:
            continue
        assert opened == Checkpoint(SIGNER.name, 300, LEAVES[0])


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "name",
        "name+00000000+AAAA",
        "a b+00000000+" + base64.b64encode(b"\x01" + bytes(32)).decode(),
        SIGNER.verifier.vkey.replace("+", "+0", 1),
        SIGNER.verifier.vkey[:-4],
        "x" + SIGNER.verifier.vkey,
    ],
)
def test_a_misspelt_key_is_refused(vkey):
    with pytest.raises(BadKey):
        Verifier.read(vkey)


def test_a_private_key_does_not_show_itself():
    assert repr(SIGNER) == "Signer(test.example/log)"


# ---- receipts


def a_receipt(entry=b'{"id":"1"}', *, index=3):
    leaves = [*LEAVES[:index], leaf_hash(entry), *LEAVES[index + 1 : 300]]
    tree = Tree()
    done = {(tile.level, tile.index): tile.data for tile in tree.append(leaves)}
    for level, run in enumerate(tree.edge):
        done[level, (300 >> 8 * level) // WIDTH] = run
    path = Prover(lambda level, number, width: done[level, number][: 32 * width], 300).inclusion(index)
    note = SIGNER.sign(Checkpoint(SIGNER.name, 300, tree.root()).text)
    return write_receipt(entry, index=index, path=path, note=note)


def test_a_receipt_is_complete_in_itself():
    receipt = open_receipt(a_receipt(), SIGNER.verifier)

    assert (receipt.entry, receipt.index, receipt.checkpoint.size) == (b'{"id":"1"}', 3, 300)


def test_a_receipt_with_one_letter_changed_is_refused():
    text = a_receipt()
    for at, rightful in enumerate(text):
        for letter in "\n =AQRz":
            if letter != rightful:
                refuse(text[:at] + letter + text[at + 1 :])


@given(st.data())
def test_a_receipt_with_any_letter_changed_is_refused(data):
    text = a_receipt()
    at = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.characters(min_codepoint=10, max_codepoint=126).filter(lambda one: one != text[at]))

    refuse(text[:at] + letter + text[at + 1 :])


def refuse(spoilt):
    with pytest.raises((BadProof, BadNote)):
        open_receipt(spoilt, SIGNER.verifier)


def test_a_leaf_is_never_taken_for_a_node():
    two = node_hash(LEAVES[0], LEAVES[1])

    assert leaf_hash(LEAVES[0] + LEAVES[1]) != two
