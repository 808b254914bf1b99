"""Alembic's entry: brings the mirror's tables up to date on the connection it is given."""

from alembic import context

from services.insight import store
from shared import inbox, outbox

outbox.add_tables(store.metadata)
inbox.add_tables(store.metadata)
context.configure(connection=context.config.attributes["connection"], target_metadata=store.metadata, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
