"""The wiring of the memory: `python -m services.audit web | worker | migrate`, and what operators ask: verify, prove,
export-tiles, keygen, accept, add-auditor.
"""

import sys
from collections.abc import Sequence

from flask import Flask

from services.audit import commands, publish, store
from services.audit.ingest import Intake, Repair
from services.audit.publish import SignerLoop
from services.audit.verify import Recompute
from services.audit.web import make_pages
from shared.bus import Consumer
from shared.clock import Clock
from shared.service import Ear, Loop, Service, main, open_database, wsgi_of
from shared.settings import SERVICES, Settings

LINGER_S = 0.25  # nobody waits for the log: few large batches cost it least


def build(settings: Settings, *, clock: Clock) -> Service:
    """The memory, put together."""
    database = open_database(settings, store.metadata, clock=clock)
    known = settings.environment
    keys, origin = database.codec.keys, publish.origin_of(settings)
    if settings.is_embedded:
        publish.make_key(settings.keys_dir, origin)
    verifier = publish.load_verifier(settings.keys_dir)
    intake = Intake(database, keys)
    repair = Repair(database, intake, idle_s=known.integer("AUDIT_REPAIR_S", 5, high=3600))
    consumer = Consumer(settings.broker_url, settings.service, SERVICES, intake.take, batch=500, linger_s=LINGER_S)
    loops: list[Loop] = [Ear(consumer, wait_s=0.5), repair, Recompute(database, verifier)]
    if (settings.keys_dir / "log.json").exists():  # the private half lies where signing is done, and nowhere else
        signer = publish.load_key(settings.keys_dir, origin)
        loops.insert(1, SignerLoop(database, signer, publish.signer_state(settings)))
    return Service(
        settings=settings,
        database=database,
        app=make_pages(settings, database, verifier),
        hears=SERVICES,
        reactions=None,
        loops=tuple(loops),
    )


def wsgi() -> Flask:
    """The pages, for a production server."""
    return wsgi_of(build, "audit")


def run(argv: Sequence[str]) -> int:
    """What operators ask; everything else is the kit's."""
    if argv and argv[0] in commands.COMMANDS:
        return commands.command(argv)
    return main(build, "audit", argv)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
