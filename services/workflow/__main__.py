"""The wiring of the desk: `python -m services.workflow web | worker | migrate`, and what operators ask: add-person,
demo-people, config, reorganise, rotate-identity-key, erase-identity.
"""

import sys
from collections.abc import Sequence

from flask import Flask

from services.workflow import actions, api, commands, reactions, store, web
from services.workflow.press import Press
from services.workflow.rulebook import RuleBook
from shared.clock import Clock
from shared.service import Service, main, open_database, wsgi_of
from shared.settings import Settings

HEARS = ("intake", "notify")


def build(settings: Settings, *, clock: Clock) -> Service:
    """The desk, put together."""
    book = RuleBook(settings.config_dir, Press(settings.files_dir))
    database = open_database(settings, store.metadata, clock=clock)
    actions.check_vault(database)
    app = web.make_desk(settings, database, book)
    api.add_to(app)
    return Service(
        settings=settings,
        database=database,
        app=app,
        linger_s=0.1,
        hears=HEARS,
        reactions=reactions.by(book),
        loops=(
            actions.Sweep(database, book),
            actions.Remind(database, book),
            actions.PromiseSweep(database, book),
            actions.DialogueReminder(database, book),
            actions.CloseConsultations(database, book),
            actions.Recount(database, book),
            actions.Succession(database, book),
            actions.ReviewSweep(database, book),
            actions.LockFiles(database, settings.files_dir),
            actions.SurveySweep(database, book),
            actions.PlanWebhooks(database, book, public_url=settings.public_url),
        ),
    )


def wsgi() -> Flask:
    """The pages, for a production server."""
    return wsgi_of(build, "workflow")


def run(argv: Sequence[str]) -> int:
    """What operators ask; everything else is the kit's."""
    if argv and argv[0] in commands.COMMANDS:
        return commands.command(argv)
    return main(build, "workflow", argv)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
