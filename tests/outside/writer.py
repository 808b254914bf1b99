"""Appends, signs and publishes without end, until it is killed: python -m tests.outside.writer FOLDER DATABASE_URL."""

import sys
from pathlib import Path

from services.audit import export, store
from shared.clock import SystemClock
from shared.db import Database
from shared.events.codec import Codec
from shared.keys import KeyRing
from tests.audit.builders import Teller, a_signer, append, many


def main(folder: Path, url: str) -> None:
    keys = KeyRing.load(folder / "keys", "audit")
    database = Database(url, store.metadata, codec=Codec(keys), clock=SystemClock())
    store.metadata.create_all(database.engine)
    loop, _ = a_signer(database, folder)
    with database.reading() as tx:
        head = store.load_heads(tx).get("workflow")
    workflow = Teller(KeyRing.load(folder / "keys", "workflow"))
    if head:
        workflow.pos, workflow.head = head.pos, head.leaf
    while True:
        append(database, many(workflow, 70), keys=keys)
        loop._signed_at = None  # sign as often as it can: the test is about dying in the middle
        loop.once()
        with database.reading() as tx:
            print(export.export(tx, folder / "log").size, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
