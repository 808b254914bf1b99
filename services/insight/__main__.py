"""The wiring of the mirror: `python -m services.insight web|worker|migrate`."""

import sys

from flask import Flask

from services.insight import reactions, store
from services.insight.web import make_pages
from services.insight.web.asked import read_questionnaire
from services.insight.web.names import read_names
from shared.clock import Clock
from shared.service import Service, main, open_database, wsgi_of
from shared.settings import Settings


def build(settings: Settings, *, clock: Clock) -> Service:
    """The mirror, put together."""
    database = open_database(settings, store.metadata, clock=clock)
    return Service(
        settings=settings,
        database=database,
        app=make_pages(settings, database, read_names(settings.config_dir), read_questionnaire(settings.config_dir)),
        linger_s=0.5,
        hears=("intake", "workflow", "notify"),
        reactions=reactions.by(reactions.read_wishes(settings.config_dir)),
    )


def wsgi() -> Flask:
    """The pages, for a production server."""
    return wsgi_of(build, "insight")


if __name__ == "__main__":
    sys.exit(main(build, "insight"))
