"""The pages of the memory: the log for everybody, receipts for citizens, and the auditors' desk."""

from services.audit.tlog.note import Verifier
from services.audit.web import desk, public
from shared.auth import SignIn
from shared.db import Database
from shared.settings import Settings
from shared.web import WebApp, lazy, make_app


def make_pages(settings: Settings, database: Database, verifier: Verifier) -> WebApp:
    """The application with all its pages."""
    # Not a staff application: most of its readers are strangers' programs, which keep what they fetch. The desk's own
    # pages say for themselves that nobody may keep them; its only changes are signing in and out.
    app = make_app("services.audit", settings)
    app.place(str(lazy("Kiểm tra")))
    app.ready_check("database", lambda: _look(database))
    SignIn(app, database, prefix="/audit")
    public.add_to(app, database, verifier)
    desk.add_to(app, database, verifier)
    return app


def _look(database: Database) -> None:
    with database.reading() as tx:
        tx.connection.exec_driver_sql("SELECT 1")
