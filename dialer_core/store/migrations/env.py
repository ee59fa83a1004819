"""Runs the migrations on the connection that `dialer_core.store.migration` hands in."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from dialer_core.store.schema import Base


def run() -> None:
    """All that is outstanding, in one transaction."""
    connection = context.config.attributes["connection"]
    assert isinstance(connection, Connection)
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        transactional_ddl=True,
    )
    connection.execution_options(writes=True)
    with context.begin_transaction():
        context.run_migrations()


run()
