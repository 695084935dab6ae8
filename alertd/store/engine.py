"""Opening the state database's engine, its transactions, and its errors in words."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, NoSuchModuleError, SQLAlchemyError

from alertd.core.errors import StateError
from alertd.core.redaction import redacted

_BUSY_SECONDS = 30.0
_WRITE = {"alertd_write": True}


def state_url(text: str, root: Path) -> URL:
    """Read the URL of a state database; a relative SQLite path is taken from `root`. Raises `StateError`."""
    try:
        url = make_url(text)
        backend = url.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise StateError("state.url is no database URL; write for example sqlite:///state.db") from error
    if backend in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise StateError(f"state.url: {backend} cannot hold the state; write a URL of SQLite or PostgreSQL")
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise StateError("state.url: the state must outlive the process; name a file, for example sqlite:///state.db")
    return url.set(drivername="sqlite", database=str(root / url.database))


def make_engine(url: URL) -> Engine:
    """Make the engine, with everything that durability needs set on each connection; raises `StateError`."""
    sqlite = url.get_backend_name() == "sqlite"
    arguments: dict[str, Any] = {"timeout": _BUSY_SECONDS} if sqlite else {"connect_timeout": 10}
    try:
        engine = create_engine(url, hide_parameters=True, pool_pre_ping=not sqlite, connect_args=arguments)
    except ModuleNotFoundError as error:
        raise StateError(
            f"state.url: the driver `{error.name}` for PostgreSQL is missing; install alertd[postgresql]"
        ) from error
    except ImportError as error:  # psycopg without its C library
        raise StateError(
            f"state.url: the PostgreSQL driver cannot be loaded ({error}); install alertd[postgresql]"
        ) from error
    event.listen(engine, "connect", _set_sqlite if sqlite else _check_postgresql)
    if sqlite:
        event.listen(engine, "begin", _same_file(str(url.database)))
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _same_file(path: str) -> Callable[[Connection], None]:
    """What refuses a database whose file was removed or replaced: SQLite would go on in the file that nobody sees."""
    known: dict[str, tuple[int, int]] = {}

    def check(_: Connection) -> None:
        try:
            found = os.stat(path)
        except OSError as error:
            raise StateError(f"state database {path} is gone; restore it, and start alertd again") from error
        identity = (found.st_dev, found.st_ino)
        if known.setdefault(path, identity) != identity:
            raise StateError(f"state database {path} was replaced while it was in use; start alertd again")

    return check


def _set_sqlite(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # transactions begin where `_begin_sqlite` says, not where the driver guesses
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def _begin_sqlite(connection: Connection) -> None:
    # A write lock taken at the start cannot fail halfway, as an upgrade from a read lock can.
    write = connection.get_execution_options().get("alertd_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _check_postgresql(connection: Any, _: object) -> None:
    with connection.cursor() as cursor:
        level = cursor.execute("SHOW synchronous_commit").fetchone()[0]
    connection.rollback()
    if level == "off":
        raise StateError(
            "state.url: this PostgreSQL has synchronous_commit = off, so a notice could be lost in a crash; "
            "write ALTER ROLE .. SET synchronous_commit = on for the role that alertd uses"
        )


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads; trouble becomes `StateError`."""
    with explained(engine), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes, committed at its end or not at all; trouble becomes `StateError`."""
    with explained(engine), engine.connect().execution_options(**_WRITE) as connection, connection.begin():
        yield connection


@contextmanager
def explained(engine: Engine) -> Iterator[None]:
    """Turn the database's own errors into a `StateError` that says what to do."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        url = engine.url
        where = (
            url.database if engine.dialect.name == "sqlite" else url.set(query={}).render_as_string(hide_password=True)
        )
        secrets = [str(url.password or ""), *(str(value) for value in url.query.values())]
        raise StateError(f"state database {where}: {redacted(_words(error), secrets)}") from error


_REMEDIES = (
    ("not a database", "the file is no SQLite database; move it away, or set state.url to another file"),
    ("malformed", "the file is damaged; restore it from a backup, or move it away and begin anew"),
    ("readonly", "it cannot be written; give the user that runs alertd write permission on the file and its folder"),
    ("unable to open", "the file cannot be opened; the folder must exist and be writable by the user that runs alertd"),
    ("is full", "the disk is full; make room, nothing more is sent until then"),
    ("disk i/o error", "the disk gave an error (full or failing); nothing more is sent until it can be written"),
    ("locked", f"another process kept it locked for more than {_BUSY_SECONDS:.0f} s; try again when that has finished"),
    ("no such table", "a table is missing, so this is not a database of alertd; set state.url to another one"),
    ("undefinedtable", "a table is missing, so this is not a database of alertd; set state.url to another one"),
    ("connection failed", "the server does not answer, or refuses the login; look at its address, role and password"),
    ("connection timeout", "the server does not answer; look at its address"),
)


def _words(error: Exception) -> str:
    original = getattr(error, "orig", None) or error
    said = f"{type(original).__name__} {original}".lower()
    for sign, remedy in _REMEDIES:
        if sign in said:
            return f"{remedy} ({_first_line(original)})"
    if isinstance(error, IntegrityError):
        return f"another process wrote the same thing first; run the round again ({_first_line(original)})"
    return _first_line(original)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
