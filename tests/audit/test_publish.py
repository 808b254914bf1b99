import json

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.audit import export, prove, publish, store, verify
from services.audit.publish import BadLogKey, SignerLoop, SignerRefused
from services.audit.tlog.note import open_checkpoint
from services.audit.tlog.proof import check_consistency
from services.audit.tlog.receipt import open_receipt
from tests.audit.builders import ORIGIN, a_signer, append, case_assigned, many


@pytest.fixture
def signing(database, tmp_path):
    return a_signer(database, tmp_path)


def latest(database):
    with database.reading() as tx:
        return store.latest_checkpoint(tx)


def tamper(database, *statements):
    """What only somebody with all rights on the database can do: guards off, rows changed, guards on."""
    with database.engine.connect() as connection:
        if database.dialect == "sqlite":
            names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
            for name in names:
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            tables = [table.name for table in (*store.EVIDENCE, store.tail, store.log_state)]
            for table in tables:
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
        for statement, values in statements:
            connection.execute(text(statement), values)
        connection.commit()


def check_all(tx, verifier):
    verify.check_index(tx, verify.verify(verify.Tables(tx), verifier).size)


# ---- guards


@pytest.mark.parametrize(
    "table", [table.name for table in store.EVIDENCE if table.name != "withheld"] + ["tail", "log_state"]
)
@pytest.mark.parametrize("act", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_the_database_itself_refuses_to_rewrite_the_past(database, keys, workflow, signing, table, act):
    append(database, many(workflow, 300), keys=keys)
    signing[0].once()
    column = store.metadata.tables[table].columns.keys()[-1]

    with database.engine.begin() as connection, pytest.raises(DBAPIError, match=r"grows|in no bundle"):
        connection.execute(text(act.format(table, column, column)))


# ---- signing


def test_a_checkpoint_says_how_long_the_log_is_and_is_signed(database, keys, workflow, signing):
    loop, signer = signing
    append(database, many(workflow, 300), keys=keys)

    assert loop.once() == 1

    signed = open_checkpoint(latest(database).note, signer.verifier)
    with database.reading() as tx:
        log = store.load_log(tx)
    assert (signed.origin, signed.size, signed.root) == (ORIGIN, log.size, log.root)
    assert loop.once() == 0


def test_each_checkpoint_grows_from_the_one_before(database, keys, workflow, signing):
    loop, signer = signing
    signed = []
    for count in (1, 3, 255, 2, 300, 1):
        append(database, many(workflow, count), keys=keys)
        loop.once()
        signed.append(open_checkpoint(latest(database).note, signer.verifier))

    with database.reading() as tx:
        prover = prove.prover(tx, signed[-1].size)
        for old in signed:
            check_consistency(
                old=old.size,
                old_root=old.root,
                new=signed[-1].size,
                new_root=signed[-1].root,
                path=prover.consistency(old.size),
            )


def test_a_signer_that_starts_again_goes_on_where_it_was(database, keys, workflow, signing, tmp_path):
    loop, signer = signing
    append(database, many(workflow, 300), keys=keys)
    loop.once()
    append(database, many(workflow, 10), keys=keys)

    again = SignerLoop(database, signer, tmp_path / "signer.json")

    assert again.once() == 1
    assert json.loads((tmp_path / "signer.json").read_text())["size"] == latest(database).size


def test_a_crash_between_its_memory_and_the_checkpoint_is_made_good(database, keys, workflow, signing, tmp_path):
    loop, signer = signing
    append(database, many(workflow, 5), keys=keys)
    loop.once()
    tamper(database, ("DELETE FROM checkpoint", {}))

    SignerLoop(database, signer, tmp_path / "signer.json").once()

    assert latest(database).size == 7


def test_a_signer_without_memory_reads_everything_again(database, keys, workflow, signing, tmp_path):
    loop, signer = signing
    append(database, many(workflow, 300), keys=keys)
    loop.once()
    append(database, many(workflow, 3), keys=keys)

    fresh = SignerLoop(database, signer, tmp_path / "elsewhere.json")

    assert fresh.once() == 1


@pytest.mark.parametrize("memory", ["signer.json", "lost.json"])
def test_the_signer_refuses_a_log_that_became_shorter(database, keys, workflow, signing, tmp_path, memory):
    loop, signer = signing
    append(database, many(workflow, 20), keys=keys)
    loop.once()
    with database.reading() as tx:
        old = store.load_log(tx)
    append(database, many(workflow, 20), keys=keys)
    loop.once()

    tamper(
        database,
        ("DELETE FROM tail WHERE idx >= :size", {"size": old.size}),
        (
            "UPDATE log_state SET size = :size, edge = :edge, root = :root",
            {"size": old.size, "edge": old.tree.pack(), "root": old.root},
        ),
    )

    with pytest.raises(SignerRefused):
        SignerLoop(database, signer, tmp_path / memory).once()


def test_the_signer_refuses_an_entry_that_was_changed_before_it_was_signed(database, keys, workflow, signing):
    append(database, many(workflow, 20), keys=keys)
    tamper(database, ("UPDATE tail SET data = :data, count = 20", {"data": b"\x00\x02{}" * 20}))

    with pytest.raises(SignerRefused):
        signing[0].once()

    assert latest(database) is None


def test_the_signer_refuses_a_tile_that_was_changed_before_it_was_signed(database, keys, workflow, signing):
    append(database, many(workflow, 300), keys=keys)
    tamper(database, ("UPDATE tile SET data = :data WHERE level = 0", {"data": bytes(8192)}))

    with pytest.raises(SignerRefused):
        signing[0].once()


def test_the_signer_refuses_a_rewritten_past_even_when_the_new_log_is_consistent_in_itself(
    database, keys, workflow, signing, tmp_path, make_database
):
    loop, signer = signing
    liar = workflow.fork()
    append(database, many(workflow, 20), keys=keys)
    loop.once()
    other = make_database(store.metadata, "audit")

    append(other, many(liar, 30), keys=keys)

    with pytest.raises(SignerRefused):
        SignerLoop(other, signer, tmp_path / "signer.json").once()


def test_nothing_is_signed_over_an_empty_log(database, signing):
    assert signing[0].once() == 0


def test_a_log_keeps_its_name_for_ever(tmp_path):
    publish.make_key(tmp_path, ORIGIN)

    with pytest.raises(BadLogKey):
        publish.load_key(tmp_path, "another.example/log")
    with pytest.raises(BadLogKey):
        publish.load_key(tmp_path / "nowhere", ORIGIN)


# ---- proofs and files


def test_every_entry_of_the_log_gets_a_receipt(database, keys, workflow, signing):
    loop, signer = signing
    append(database, many(workflow, 300), keys=keys)
    loop.once()

    with database.reading() as tx:
        for idx in (0, 1, 255, 256, 301):
            receipt = open_receipt(prove.receipt_of(tx, idx), signer.verifier)
            assert (receipt.index, receipt.entry) == (idx, store.load_entry(tx, idx))


def test_an_entry_without_checkpoint_has_no_receipt_yet(database, keys, workflow, signing):
    append(database, many(workflow, 3), keys=keys)
    signing[0].once()
    append(database, workflow.tell(case_assigned()), keys=keys)

    with database.reading() as tx, pytest.raises(prove.NotSignedYet):
        prove.receipt_of(tx, 5)


def test_old_receipts_stay_good_while_the_log_grows(database, keys, workflow, signing):
    loop, signer = signing
    append(database, many(workflow, 10), keys=keys)
    loop.once()
    with database.reading() as tx:
        receipt = prove.receipt_of(tx, 3)

    append(database, many(workflow, 600), keys=keys)
    loop.once()

    assert open_receipt(receipt, signer.verifier).index == 3


def test_an_exported_log_is_found_sound(database, keys, workflow, signing, tmp_path):
    loop, signer = signing
    append(database, many(workflow, 600), keys=keys)
    loop.once()
    old = latest(database).note
    append(database, many(workflow, 5), keys=keys)
    loop.once()

    with database.reading() as tx:
        export.export(tx, tmp_path / "log")
    report = verify.verify(verify.Folder(tmp_path / "log"), signer.verifier, since=old)

    assert report.sources == {"log": 2, "workflow": 605}
    assert report.size == 607


def test_the_public_part_alone_is_checked_as_far_as_it_goes(database, keys, workflow, signing, tmp_path):
    loop, signer = signing
    append(database, many(workflow, 600), keys=keys)
    loop.once()

    with database.reading() as tx:
        export.export(tx, tmp_path / "log", with_entries=False)
    report = verify.verify(verify.Folder(tmp_path / "log"), signer.verifier)

    assert (report.size, report.sources) == (602, None)


def test_the_database_is_found_sound_with_its_index(database, keys, workflow, intake, signing):
    loop, signer = signing
    append(database, [*many(workflow, 300), *many(intake, 40)], keys=keys)
    loop.once()

    with database.reading() as tx:
        report = verify.verify(verify.Tables(tx), signer.verifier)
        verify.check_index(tx, report.size)

    assert report.sources == {"intake": 40, "log": 3, "workflow": 300}


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        ("UPDATE bundle SET data = :data", {"data": b"x"}),
        ("UPDATE tile SET data = :data WHERE level = 0", {"data": bytes(8192)}),
        ("UPDATE tail SET data = :data", {"data": b"\x00\x02{}"}),
        ("DELETE FROM tail", {}),
        ("DELETE FROM bundle", {}),
        ("UPDATE event_index SET actor = :actor, sequence = 9 WHERE idx = 7", {"actor": "u:other"}),
        ("UPDATE event_index SET actor = :actor WHERE idx = 7", {"actor": "u:other"}),
        ("DELETE FROM event_index WHERE idx = 7", {}),
        ("UPDATE checkpoint SET note = replace(note, '=', 'A')", {}),
    ],
)
def test_any_change_in_the_database_is_found(database, keys, workflow, signing, statement, values):
    loop, signer = signing
    append(database, many(workflow, 300), keys=keys)
    loop.once()
    tamper(database, (statement, values))

    with database.reading() as tx, pytest.raises(verify.Tampered):
        check_all(tx, signer.verifier)


def test_a_rewritten_log_signed_with_the_real_key_is_exposed_by_an_old_checkpoint(
    database, keys, workflow, signing, tmp_path, make_database
):
    loop, signer = signing
    liar = workflow.fork()
    append(database, many(workflow, 300), keys=keys)
    loop.once()
    kept_by_a_citizen = latest(database).note
    other = make_database(store.metadata, "audit")
    append(other, many(liar, 310), keys=keys)
    SignerLoop(other, signer, tmp_path / "forgotten.json").once()

    with other.reading() as tx:
        verify.verify(verify.Tables(tx), signer.verifier)
        with pytest.raises(verify.Tampered):
            verify.verify(verify.Tables(tx), signer.verifier, since=kept_by_a_citizen)


def test_without_files_there_is_no_verdict(tmp_path, signing):
    with pytest.raises(verify.CannotTell):
        verify.verify(verify.Folder(tmp_path / "nowhere"), signing[1].verifier)
