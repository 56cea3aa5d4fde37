"""Run by Alembic: migrate over the connection from `archive.database.migrate`, inside its transaction."""

from __future__ import annotations

from alembic import context

from archive.database.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
