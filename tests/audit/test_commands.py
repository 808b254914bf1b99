import io
import json
import os

import pytest

from services.audit import __main__ as command
from services.audit import store
from services.audit.publish import SignerLoop
from services.audit.tlog.note import Verifier
from services.audit.tlog.receipt import open_receipt
from shared import auth, migrate
from shared.keys import generate
from shared.service import migrations_of
from shared.settings import SERVICES, read_settings
from tests.audit.builders import append, case_assigned, many
from tests.support import ROOT, database_url


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An audit service of its own, chosen by the environment as in production. The database is empty."""
    generate(tmp_path / "keys", SERVICES)
    with database_url(tmp_path, "audit") as url:
        values = {
            "VAR_DIR": tmp_path,
            "DATABASE_URL": url,
            "CONFIG_DIR": ROOT / "config",
            "AUDIT_ORIGIN": "test.example/log",
        }
        for name, value in values.items():
            monkeypatch.setenv(name, str(value))
        monkeypatch.setenv("BROKER_URL", f"inproc://{tmp_path.name}")
        yield tmp_path


@pytest.fixture
def service(place, clock):
    """The same service, put together in this process."""
    made = command.build(read_settings("audit", os.environ), clock=clock)
    migrate.upgrade(made.database.engine, migrations_of("audit"))
    yield made
    made.database.close()


@pytest.fixture
def log(service, place, keys, workflow):
    """Three hundred events, signed."""
    append(service.database, many(workflow, 300), keys=keys)
    sign(service)
    return service


def sign(service):
    next(loop for loop in service.loops if isinstance(loop, SignerLoop)).once()


def test_the_memory_puts_itself_together(service):
    assert [loop.name for loop in service.loops] == ["ear", "signer", "repair", "recompute"]
    assert set(service.hears) == set(SERVICES)


def test_a_sound_log_is_said_to_be_sound_and_how_far_each_source_came(log, capsys):
    assert command.run(["verify"]) == 0

    said = capsys.readouterr().out.splitlines()
    assert said[0] == "OK test.example/log"
    assert said[1] == "size 302"
    assert said[3:] == ["source log 1-2", "source workflow 1-300"]


def test_programs_get_the_same_as_json(log, capsys):
    assert command.run(["verify", "--json"]) == 0

    said = json.loads(capsys.readouterr().out)
    assert (said["verdict"], said["size"], said["sources"]["workflow"]) == ("sound", 302, 300)


def test_a_log_that_was_never_signed_gets_no_verdict(service, capsys):
    assert command.run(["verify"]) == 2


def test_a_frozen_source_is_evidence(log, keys, workflow, capsys):
    workflow.head = bytes(32)
    append(log.database, workflow.tell(case_assigned()), keys=keys)

    assert command.run(["verify", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["verdict"] == "tampered"


def test_the_log_as_files_is_verified_from_the_files_alone(log, place, capsys):
    assert command.run(["export-tiles", str(place / "files")]) == 0
    assert command.run(["verify", str(place / "files"), "--vkey", str(place / "keys" / "log.vkey")]) == 0

    bundle = place / "files" / "tile" / "entries" / "000"
    bundle.write_bytes(bundle.read_bytes().replace(b"KCHT", b"QLVT", 1))
    assert command.run(["verify", str(place / "files"), "--vkey", str(place / "keys" / "log.vkey")]) == 1
    assert "not what its entries say" in capsys.readouterr().err


def test_files_are_not_verified_with_a_key_from_the_same_place(log, place, capsys):
    command.run(["export-tiles", str(place / "files"), "--public"])

    assert command.run(["verify", str(place / "files")]) == 2


def test_an_old_checkpoint_is_compared(log, place, keys, workflow, capsys):
    with log.database.reading() as tx:
        (place / "old").write_text(store.latest_checkpoint(tx).note)
    append(log.database, many(workflow, 3), keys=keys)
    sign(log)

    assert command.run(["verify", "--since", str(place / "old")]) == 0


def test_the_same_directory_comes_out_byte_for_byte(log, place):
    command.run(["export-tiles", str(place / "one")])
    command.run(["export-tiles", str(place / "two")])

    one, two = place / "one", place / "two"
    names = sorted(path.relative_to(one) for path in one.rglob("*") if path.is_file())
    assert names == sorted(path.relative_to(two) for path in two.rglob("*") if path.is_file())
    assert all((one / name).read_bytes() == (two / name).read_bytes() for name in names)


def test_an_event_is_proved_on_paper(log, place, capsys):
    with log.database.reading() as tx:
        line = store.line_at(tx, 7)

    assert command.run(["prove", str(line.event_id)]) == 0

    verifier = Verifier.read((place / "keys" / "log.vkey").read_text())
    assert open_receipt(capsys.readouterr().out, verifier).index == 7


def test_an_unknown_event_cannot_be_proved(log, capsys):
    assert command.run(["prove", "6c6f6700-0000-4000-8000-000000000001"]) == 2


def test_the_key_is_made_once_and_told(place, capsys):
    assert command.run(["keygen"]) == 0
    first = capsys.readouterr().out
    assert command.run(["keygen"]) == 0

    assert first == capsys.readouterr().out
    assert Verifier.read(first).name == "test.example/log"
    assert (place / "keys" / "log.json").stat().st_mode & 0o777 == 0o600


def test_a_source_is_taken_up_again_by_two_people(log, capsys):
    words = ["accept", "workflow", "--epoch", "e2", "--pos", "300", "--head", "A" * 43]

    assert command.run([*words, "--by", "u:Aq2z"]) == 1
    assert command.run([*words, "--by", "u:Aq2z", "--by", "u:Aq2z"]) == 1
    assert command.run([*words, "--by", "u:Aq2z", "--by", "u:Bn1x"]) == 0

    with log.database.reading() as tx:
        assert store.load_heads(tx)["workflow"].epoch == "e2"


def test_an_auditor_gets_an_account(service, monkeypatch, capsys):
    words = ["add-auditor", "thu.ha", "--name", "Lê Thị Thu Hà", "--email", "ha@example.vn"]
    monkeypatch.setattr("sys.stdin", io.StringIO("ngắn\n"))
    assert command.run(words) == 1
    monkeypatch.setattr("sys.stdin", io.StringIO("một câu dài chỉ tôi biết\n"))

    assert command.run(words) == 0

    with service.database.reading() as tx:
        assert [(one.login, one.role) for one in auth.list_people(tx)] == [("thu.ha", "auditor")]


def test_a_setting_that_is_wrong_is_named(place, monkeypatch, capsys):
    monkeypatch.setenv("DATABASE_URL", "mysql://x")

    assert command.run(["verify"]) == 2
    assert "DATABASE_URL" in capsys.readouterr().err


def test_everything_is_recomputed_now_and_then(log):
    recompute = log.loops[-1]

    first, second = recompute.once(), recompute.once()

    with log.database.reading() as tx:
        done = store.last_recomputation(tx)
    assert (first, second, done.size, done.fault) == (1, 0, 302, "")
