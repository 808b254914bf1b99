"""Alembic's entry: runs the migrations of the desk on the connection it is given."""

from alembic import context

from services.workflow import store
from shared import inbox, outbox

outbox.add_tables(store.metadata)
inbox.add_tables(store.metadata)
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=store.metadata,
    render_as_batch=False,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
