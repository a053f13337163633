"""alembic's entry: runs on the connection that upgrade.py opened."""

from __future__ import annotations

from alembic import context

import storage.tables as tables

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=tables.metadata,
    render_as_batch=True,
    transactional_ddl=False,
)
context.run_migrations()
