"""The schema's version: known at a glance when opening, brought up to date by Alembic when it is not."""

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from alertd.core.errors import StateError
from alertd.store.engine import reading, writing
from alertd.store.tables import metadata

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006")
"""Every revision that this alertd knows, oldest first."""
HEAD = REVISIONS[-1]
MIGRATIONS = Path(__file__).parent / "migrations"
_UPGRADE_LOCK = 7_310_061  # any number that nothing else on the server is likely to lock


def schema_version(engine: Engine) -> str | None:
    """The schema's revision; None for an empty database. Raises `StateError` for a newer one and a foreign one."""
    with reading(engine) as connection:
        return _version(connection)


def upgrade_schema(engine: Engine) -> None:
    """Bring the schema to `HEAD`; beside another process that does the same, one waits for the other."""
    from alembic import command  # noqa: PLC0415  costs as long as the rest of a command's start
    from alembic.config import Config  # noqa: PLC0415

    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _UPGRADE_LOCK})
        if _version(connection) == HEAD:
            return
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def require_head(engine: Engine) -> None:
    """Refuse a schema that is older than this alertd; raises `StateError`."""
    version = schema_version(engine)
    if version != HEAD:
        found = "has no tables yet" if version is None else f"is at schema {version}"
        raise StateError(f"the state database {found} and this alertd needs {HEAD}; run `alertd db upgrade`")


def _version(connection: Connection) -> str | None:
    tables = set(inspect(connection).get_table_names())
    if "alembic_version" not in tables:
        # A schema of PostgreSQL may be shared, a SQLite file that holds other tables is a mistake in the URL.
        foreign = tables if connection.dialect.name == "sqlite" else tables & set(metadata.tables)
        if foreign:
            raise StateError(
                f"the state database holds tables that are not alertd's ({', '.join(sorted(foreign)[:3])}); "
                "give alertd a database of its own in state.url"
            )
        return None
    versions = list(connection.execute(text("SELECT version_num FROM alembic_version")).scalars())
    if not versions:
        return None
    if versions[0] not in REVISIONS:
        raise StateError(
            f"the state database is at schema {versions[0]}, which this alertd does not know; "
            "a newer alertd has used it, so install that one, or set state.url to another database"
        )
    return str(versions[0])
