"""A log written to files, and verifiers that are not ours. A tool that cannot be had skips, and fails in CI."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from services.audit import export, store
from shared.keys import KeyRing, generate
from shared.settings import SERVICES
from tests.audit.builders import Teller, a_signer, append, many
from tests.outside import tools
from tests.support import IS_CI


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.outside)
            item.add_marker(pytest.mark.timeout(900))  # the first run on a machine builds a verifier


def or_skip(find: Callable[[], Path]) -> Path:
    try:
        return find()
    except tools.ToolMissing as problem:
        if IS_CI:
            pytest.fail(str(problem))
        pytest.skip(str(problem))


@pytest.fixture(scope="session")
def go() -> Callable[..., str]:
    """The Go verifier: go("fsck", DIR, VKEY) gives its one line, OK or FAIL."""
    checker = or_skip(tools.tlogcheck)
    return lambda *words: _line([str(checker), *map(str, words)])


@pytest.fixture(scope="session")
def webcrypto() -> Callable[..., str]:
    """The module of the page /verify, run by another engine's cryptography: webcrypto(RECEIPT, VKEY)."""
    node = or_skip(tools.node)
    script = Path(__file__).parent / "verify_receipt.mjs"
    return lambda *words: _line([str(node), str(script), *map(str, words)])


def _line(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    last = (done.stdout.strip() or done.stderr.strip() or "nothing said").splitlines()[-1]
    assert last.startswith("OK") == (done.returncode == 0), done.stderr
    return last


class PublishedLog:
    """A log in a database, signed and written to a directory."""

    def __init__(self, database, folder: Path) -> None:
        generate(folder / "keys", SERVICES)
        self.database, self.folder = database, folder
        self.keys = KeyRing.load(folder / "keys", "audit")
        self.workflow = Teller(KeyRing.load(folder / "keys", "workflow"))
        self.loop, self.signer = a_signer(database, folder)
        self.dir, self.vkey = folder / "log", folder / "logkey" / "log.vkey"

    def grow(self, count: int) -> None:
        append(self.database, many(self.workflow, count), keys=self.keys)
        self.loop.once()
        with self.database.reading() as tx:
            export.export(tx, self.dir)

    def checkpoint(self, name: str) -> Path:
        """Today's checkpoint, as somebody else keeps it."""
        kept = self.folder / name
        kept.write_bytes((self.dir / "checkpoint").read_bytes())
        return kept


@pytest.fixture
def published(make_database, tmp_path) -> PublishedLog:
    """A log of 702 entries."""
    log = PublishedLog(make_database(store.metadata, "audit"), tmp_path)
    log.grow(700)
    return log
