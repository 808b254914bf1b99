"""Alembic's entry: brings the postman's tables up to date on the connection it is given."""

from alembic import context

from services.notify import store
from services.notify.hooks.store import receiver
from shared import inbox, outbox

assert receiver.metadata is store.metadata  # its tables are there once they are imported
outbox.add_tables(store.metadata)
inbox.add_tables(store.metadata)
context.configure(connection=context.config.attributes["connection"], target_metadata=store.metadata, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
