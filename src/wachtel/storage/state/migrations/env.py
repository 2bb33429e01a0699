"""Called by Alembic; the connection is handed in, with its transaction already begun."""

from alembic import context

from wachtel.storage.state.schema import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True
)
context.run_migrations()
