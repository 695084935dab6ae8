"""Read-only connections to each kind of database, bounded in time."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from sqlalchemy import URL, Connection, Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from alertd.core.errors import WarehouseError

_FILES = ("duckdb", "sqlite")
CONNECT_SECONDS = 10
"""How long a connection to PostgreSQL may take to come about."""
_LONGEST_TEXT = 10_000_000
_DUCKDB = {
    "enable_external_access": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,  # a table name never means a variable of this program
}
_duckdb_settings = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A database to read from."""

    engine: Engine
    shown: str
    secrets: tuple[str, ...]
    """The URL as it may be printed: without its password."""
    file: Path | None
    """The file that must be there; None for a server."""

    @property
    def kind(self) -> str:
        """SQLAlchemy's name of the dialect: `duckdb`, `sqlite`, `postgresql`, ..."""
        return self.engine.dialect.name


def source_at(text: str, root: Path) -> Source:
    """The database at a URL. Connects to nothing yet; raises `WarehouseError` where no connection could ever be made."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:  # a port that is no number is a ValueError
        raise WarehouseError(
            "`warehouse.url` is no database URL; write for example duckdb:///warehouse.duckdb or "
            "postgresql://reader@db.example.org/warehouse",
            reachable=False,
        ) from error
    shown = url.set(query={}).render_as_string(hide_password=True)
    file = _file(url, root, shown) if url.get_backend_name() in _FILES else None
    try:
        return Source(engine=_engine(url, file), shown=shown, file=file, secrets=_secrets(url))
    except NoSuchModuleError as error:
        raise WarehouseError(
            f"no driver for {shown} is installed: {url.drivername} is unknown here", reachable=False
        ) from error
    except ModuleNotFoundError as error:
        raise WarehouseError(
            f"no driver for {shown} is installed ({error.name} is missing); install alertd with the extra for this database",
            reachable=False,
        ) from error


def _secrets(url: URL) -> tuple[str, ...]:
    """What of a URL may stand in no message: the password, and every value of the query, where tokens are put."""
    values = (value if isinstance(value, str) else ",".join(value) for value in url.query.values())
    return (str(url.password or ""), *values)


def _file(url: URL, root: Path, shown: str) -> Path:
    if not url.database or url.database.startswith(":memory:"):
        raise WarehouseError(
            f"{shown} names no file, and a warehouse in memory would be empty; name a file", reachable=False
        )
    return (root / Path(url.database).expanduser()).resolve()


def _engine(url: URL, file: Path | None) -> Engine:
    # Without a pool no file stays open, and so locked against its loader, between rounds.
    if url.get_backend_name() == "sqlite":
        return create_engine("sqlite://", creator=lambda: _open_sqlite(file), poolclass=NullPool, hide_parameters=True)
    if url.get_backend_name() == "duckdb":
        arguments = {"read_only": True, "config": dict(_DUCKDB)}
        target = url.set(database=str(file), query={})
        return create_engine(target, connect_args=arguments, poolclass=NullPool, hide_parameters=True)
    if url.get_backend_name() in ("postgresql", "postgres"):
        if url.drivername in ("postgresql", "postgres"):
            url = url.set(drivername="postgresql+psycopg")
        arguments = {} if "connect_timeout" in url.query else {"connect_timeout": CONNECT_SECONDS}
        return create_engine(url, connect_args=arguments, poolclass=NullPool, hide_parameters=True)
    return create_engine(url, poolclass=NullPool, hide_parameters=True)


def _open_sqlite(file: Path | None) -> sqlite3.Connection:
    connection = sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True, check_same_thread=False)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_TEXT)  # one call of printf cannot be cancelled meanwhile
    connection.execute("PRAGMA schema_version").fetchone()  # so that a file of another kind is found out here
    return connection


def prepare(connection: Connection, limit: timedelta, zone: ZoneInfo) -> None:
    """Make a connection read only, its statements bounded, and its local time that of `zone`."""
    kind = connection.dialect.name
    if kind == "duckdb":
        with _duckdb_settings:  # the settings of a file are shared by all its connections in this process
            if not connection.exec_driver_sql("SELECT current_setting('lock_configuration')").scalar_one():
                connection.exec_driver_sql(f"SET GLOBAL TimeZone = '{zone.key}'")
                connection.exec_driver_sql("SET GLOBAL lock_configuration = true")
    elif kind == "postgresql":
        for setting in settings_of(limit, zone):
            connection.exec_driver_sql(setting)


def settings_of(limit: timedelta, zone: ZoneInfo) -> tuple[str, ...]:
    """What PostgreSQL is told at the beginning of every transaction, whichever driver speaks to it."""
    return (
        "SET TRANSACTION READ ONLY",
        f"SET LOCAL statement_timeout = {max(1, int(limit.total_seconds() * 1000))}",
        f"SET LOCAL TIME ZONE '{zone.key}'",
    )


@contextmanager
def time_limit(raw: Any, limit: timedelta) -> Iterator[Callable[[], bool]]:
    """Cancel what a driver's connection is doing once `limit` has passed; gives a function that says whether it has."""
    passed = threading.Event()

    def cancel() -> None:
        passed.set()
        _cancel(raw)

    timer = threading.Timer(limit.total_seconds(), cancel)
    timer.daemon = True
    timer.start()
    try:
        yield passed.is_set
    finally:
        timer.cancel()
        timer.join()  # a cancellation under way must not meet a closed connection


def _cancel(raw: Any) -> None:
    """Ask a driver's connection to give up, by whichever means it has; without one the next chunk ends it."""
    for name in ("interrupt", "cancel_safe", "cancel", "adbc_cancel"):
        stop = getattr(raw, name, None)
        if stop is not None:
            with suppress(Exception):  # drivers differ; a question that cannot be cancelled still ends as too late
                stop()
            return
