"""Publication: a checkpoint is signed only over what was read again from the database and extends the last one signed.

Order: rows, then tiles and bundles, then the checkpoint. The signer's memory is a file of its own, best on another disk
than the database: whoever brings back an old database, or rewrites it, cannot make it sign.
"""

import base64
import json
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import NoReturn

from nacl.signing import SigningKey

from services.audit import store
from services.audit.tlog.note import BadKey, BadNote, Checkpoint, Signer, Verifier, open_checkpoint
from services.audit.tlog.tiles import BadBundle
from services.audit.tlog.tree import Tree, leaf_hash
from shared.db import Database, Reading
from shared.keys import BadKeys
from shared.settings import Settings
from shared.telemetry import counter, gauge, log

EVERY = timedelta(seconds=1)  # checkpoints are kept for ever, so there are not more
CHUNK = 4096  # entries read at a time

refusals_total = counter("audit_signer_refused_total", "Times the signer refused to sign")
checkpoint_age = gauge("audit_checkpoint_age_seconds", "Age of the newest checkpoint while entries wait for the next")
checkpoint_size = gauge("audit_checkpoint_size", "Entries under the newest checkpoint")


class SignerRefused(Exception):
    """The log is not what was signed before, grown: an alarm, never a reason to try something else."""


class BadLogKey(BadKeys):
    """The log's key is missing or unreadable."""


def origin_of(settings: Settings) -> str:
    """The log's name: the platform's public address without its scheme, for ever."""
    return settings.environment.text("AUDIT_ORIGIN", "lang-nghe.local/log")


def signer_state(settings: Settings) -> Path:
    """Where the signer remembers what it signed; best on another disk than the database."""
    beside = settings.keys_dir.parent
    if settings.database_url.startswith("sqlite:///"):
        beside = Path(settings.database_url.removeprefix("sqlite:///")).parent
    return settings.environment.path("AUDIT_SIGNER_STATE", beside / "audit-signer.json")


def make_key(folder: Path, origin: str) -> Signer:
    """The log's key, made where there is none; its public half is written beside it as `log.vkey`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "log.json"
    if not path.exists():
        content = json.dumps({"origin": origin, "sign": base64.b64encode(bytes(SigningKey.generate())).decode()})
        _put(path, content, mode=0o600)
    signer = load_key(folder, origin)
    _put(folder / "log.vkey", signer.verifier.vkey + "\n", mode=0o644)
    return signer


def load_key(folder: Path, origin: str) -> Signer:
    """Raises BadLogKey."""
    path = folder / "log.json"
    try:
        content = json.loads(path.read_text())
        signer = Signer(content["origin"], SigningKey(base64.b64decode(content["sign"])))
    except OSError as problem:
        raise BadLogKey(f"{path}: {problem.strerror}; make it with `python -m services.audit keygen`") from None
    except (KeyError, ValueError, TypeError) as problem:
        raise BadLogKey(f"{path} is malformed ({problem})") from None
    if signer.name != origin:
        raise BadLogKey(f"AUDIT_ORIGIN is {origin}, but the key signs as {signer.name}: a log keeps its name for ever")
    return signer


def load_verifier(folder: Path) -> Verifier:
    """The public half alone, for those that sign nothing. Raises BadLogKey."""
    path = folder / "log.vkey"
    try:
        return Verifier.read(path.read_text())
    except OSError as problem:
        raise BadLogKey(f"{path}: {problem.strerror}; make it with `python -m services.audit keygen`") from None
    except BadKey as problem:
        raise BadLogKey(f"{path}: {problem}") from None


@dataclass(frozen=True)
class Memory:
    """What the signer last signed, and enough of the tree to go on from there."""

    tree: Tree
    root: bytes

    @property
    def size(self) -> int:
        return self.tree.size


class SignerLoop:
    """Signs a checkpoint when the log has grown."""

    name = "signer"
    idle_s = 1.0

    def __init__(self, database: Database, signer: Signer, state: Path) -> None:
        self._database, self._signer, self._state = database, signer, state
        self._memory: Memory | None = None
        self._signed_at: datetime | None = None

    def once(self) -> int:
        """Sign if there is something new. Raises SignerRefused."""
        if self._memory is None:
            self._memory = self._remember()
        with self._database.reading() as tx:
            if self._is_too_soon(tx.now):
                return 0
            grown = self._grown(tx, self._memory)
            latest, now = store.latest_checkpoint(tx), tx.now
        is_published = latest is not None and latest.size >= grown.size
        if grown.size == 0 or (grown.size == self._memory.size and is_published):
            checkpoint_age.set(0)
            return 0
        checkpoint_age.set((now - latest.made_at).total_seconds() if latest else 0)
        self._publish(grown)
        return 1

    def _is_too_soon(self, now: datetime) -> bool:
        # A clock that stands still says nothing about how much time has passed.
        return self._signed_at is not None and timedelta(0) < now - self._signed_at < EVERY

    def _grown(self, tx: Reading, memory: Memory) -> Memory:
        """The log as it is now, every new entry read and hashed again. Raises SignerRefused."""
        state = store.load_log(tx)
        if state.size < memory.size:
            self._refuse(f"the log has {state.size} entries, {memory.size} were signed")
        tree = Tree(memory.size, memory.tree.edge)
        for start in range(memory.size, state.size, CHUNK):
            end = min(start + CHUNK, state.size)
            leaves = self._leaves(tx, start, end)
            if len(leaves) != end - start:
                self._refuse(f"entries are missing between {start} and {end}")
            for done in tree.append(leaves):
                if store.load_tile(tx, done.level, done.index, 256) != done.data:
                    self._refuse(f"tile {done.level}/{done.index} is not what its entries say")
        if tree.root() != state.root:
            self._refuse(f"the root over {state.size} entries is not what the log says")
        return Memory(tree, state.root)

    def _publish(self, grown: Memory) -> None:
        made = Checkpoint(self._signer.name, grown.size, grown.root)
        note = self._signer.sign(made.text)
        content = {"size": grown.size, "root": _b64(grown.root), "edge": _b64(grown.tree.pack())}
        _put(self._state, json.dumps(content), mode=0o600)
        self._memory = grown
        with self._database.writing() as tx:
            store.add_checkpoint(tx, made, note)
            self._signed_at = tx.now
        checkpoint_size.set(grown.size)

    def _remember(self) -> Memory:
        """The signer's memory; where there is none, everything is read again up to the newest checkpoint."""
        try:
            content = json.loads(self._state.read_text())
            tree = Tree.unpack(content["size"], base64.b64decode(content["edge"]))
            memory = Memory(tree, base64.b64decode(content["root"]))
        except FileNotFoundError:
            memory = self._from_nothing()
        except (OSError, ValueError, KeyError, TypeError) as problem:
            self._refuse(f"AUDIT_SIGNER_STATE cannot be read: {problem}")
        if memory.tree.root() != memory.root:
            self._refuse("AUDIT_SIGNER_STATE contradicts itself")
        return memory

    def _from_nothing(self) -> Memory:
        with self._database.reading() as tx:
            latest = store.latest_checkpoint(tx)
            empty = Tree()
            if latest is None:
                return Memory(empty, empty.root())
            try:
                signed = open_checkpoint(latest.note, self._signer.verifier)
            except BadNote as problem:
                self._refuse(f"the newest checkpoint is not ours: {problem}")
            tree = Tree()
            for start in range(0, signed.size, CHUNK):
                tree.append(self._leaves(tx, start, min(start + CHUNK, signed.size)))
            if tree.size != signed.size or tree.root() != signed.root:
                self._refuse(f"the log is not the one whose first {signed.size} entries were signed")
            return Memory(tree, signed.root)

    def _leaves(self, tx: Reading, start: int, end: int) -> list[bytes]:
        try:
            return [leaf_hash(entry) for _, entry in store.entries_between(tx, start, end)]
        except (store.Damaged, BadBundle) as problem:
            self._refuse(f"entries between {start} and {end} cannot be read: {problem}")

    def _refuse(self, why: str) -> NoReturn:
        refusals_total.inc()
        log.error("the signer refuses", why=why)
        raise SignerRefused(why)


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _put(path: Path, content: str, *, mode: int) -> None:
    """Replace a file so that after a crash there is the old one or the new one, never a half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
