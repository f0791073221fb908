"""Alembic's entry: runs on the connection that contentops.store.schema.migrate hands over, inside its transaction."""

from alembic import context

from contentops.models import Record

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Record.metadata,
    render_as_batch=True,
    version_table=context.config.attributes["version_table"],
    transactional_ddl=False,  # the caller holds the one transaction
)
context.run_migrations()
