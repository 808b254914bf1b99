"""The wiring of the door: `python -m services.intake web|worker|migrate`."""

import sys

from flask import Flask

from services.intake import api, open311, store, web
from services.intake.catalogue import read_catalogue
from services.intake.domain.secret import house_key
from services.intake.door import Allowance, Door, Limits, ReaderCount, Rescanner, Sweeper
from services.intake.lists import Lists
from services.intake.open311.media import MediaFetcher
from services.intake.proof import Prover
from services.intake.published import guidance_book, known_answers_book, procedure_book, questions_book, ways_book
from services.intake.reactions import REACTIONS
from services.intake.scanner import Scanner
from services.intake.tiles import Tiles
from shared.clock import Clock
from shared.fetch import read_reach
from shared.service import Service, main, open_database, wsgi_of
from shared.settings import Settings


def build(settings: Settings, *, clock: Clock) -> Service:
    """The door, put together. Raises BadSetting, BadConfig."""
    database = open_database(settings, store.metadata, clock=clock)
    limits, key = _limits(settings), house_key(database.codec.keys.sign)
    catalogue = read_catalogue(settings.config_dir)
    door = Door(
        settings=settings,
        database=database,
        catalogue=catalogue,
        procedures=procedure_book(settings.config_dir),
        guidance=guidance_book(settings.config_dir),
        questions=questions_book(settings.config_dir, catalogue),
        ways=ways_book(settings.config_dir),
        known_answers=known_answers_book(settings.config_dir),
        key=key,
        limits=limits,
        programs=Allowance(limits.filing_by_program),
        tiles=Tiles.read(settings.environment),
        scanner=Scanner.at(settings.environment.text("CLAMD_URL", "-").removeprefix("-")),
        prover=Prover(key, settings.environment.integer("PROOF_COST", 5000, high=1_000_000)),
    )
    app = web.make_pages(settings, door)
    api.add_to(app, door)
    open311.add_to(app, door)
    return Service(
        settings=settings,
        database=database,
        app=app,
        linger_s=0.2,
        hears=("workflow", "notify", "audit"),
        reactions=REACTIONS,
        loops=(
            Sweeper(door),
            ReaderCount(door),
            Rescanner(door),
            Lists(door),
            MediaFetcher(door, read_reach(settings.environment)),
        ),
    )


def _limits(settings: Settings) -> Limits:
    known = settings.environment
    return Limits(
        filing=f"{known.integer('FILINGS_PER_MINUTE', 60, low=1)} per minute",
        uploads=f"{4 * known.integer('FILINGS_PER_MINUTE', 60, low=1)} per minute",
        filing_by_program=known.integer("API_FILINGS_PER_MINUTE", 300, low=1),
        following=f"{known.integer('LOOKUPS_PER_MINUTE', 60, low=1)} per minute",
        filing_of_network=f"{known.integer('NETWORK_FILINGS_PER_MINUTE', 300, low=1)} per minute",
        of_network_per_hour=known.integer("NETWORK_FILINGS_PER_HOUR", 120, low=1),
        unproven=f"{known.integer('UNPROVEN_FILINGS_PER_HOUR', 240, low=1)} per hour",
        same_words=f"{known.integer('SAME_WORDS_PER_DAY', 5, low=1)} per day",
        is_proof_required=known.flag("PROOF_REQUIRED"),
        shortest_s=known.integer("FILING_SECONDS_AT_LEAST", 3, high=60),
    )


def wsgi() -> Flask:
    """The pages, for a production server."""
    return wsgi_of(build, "intake")


if __name__ == "__main__":
    sys.exit(main(build, "intake"))
