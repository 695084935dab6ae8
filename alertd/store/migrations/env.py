"""Run by Alembic; takes the connection that alertd hands over, or makes one where Alembic is used by itself."""

from alembic import context
from sqlalchemy import Connection, Engine

from alertd.store.tables import metadata


def _migrate(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


_given = context.config.attributes["connection"]
if isinstance(_given, Engine):
    with _given.begin() as _connection:
        _migrate(_connection)
else:
    _migrate(_given)
