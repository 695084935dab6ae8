"""Reading measures: one bounded, read-only question each."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pyarrow as pa
from sqlalchemy import Connection, Select, literal, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from alertd.core.classify import classify
from alertd.core.errors import WarehouseError
from alertd.core.measures import Measure
from alertd.core.owners import Owner
from alertd.core.periods import Period
from alertd.core.places import Places
from alertd.core.postings import NEEDED
from alertd.core.redaction import redacted
from alertd.core.rows import UNREAD, Rows
from alertd.core.series import SeriesBlock
from alertd.warehouse.adbc import NotTheSameError, adbc_connection, batches
from alertd.warehouse.coding import rows_of
from alertd.warehouse.columns import ArrowColumn, Column, ObjectColumn
from alertd.warehouse.engines import Source, prepare, source_at, time_limit
from alertd.warehouse.quick import quick_block
from alertd.warehouse.statements import (
    distinct_values,
    every_column,
    first_and_last,
    measure_statement,
    postings_statement,
)
from alertd.warehouse.words import key_text, slot_of

Sized = TypeVar("Sized", Column, pa.Array)

_MOST_POSTINGS = 100_000
MAX_VALUES = 100_000
"""More different values of one column than this are not listed."""

_ARROW_ROWS = 491_520  # four row groups of DuckDB; few enough that a million series fit in memory beside them
_OBJECT_ROWS = 500_000
_FETCHED_ROWS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Warehouse:
    """A warehouse that answers questions about measures. It may be used from several threads."""

    source: Source
    timeout: timedelta
    max_rows: int
    zone: ZoneInfo
    """The zone that its SQL runs in: one for every question, since connections to a DuckDB file share theirs."""

    @classmethod
    def at(cls, url: str, *, root: Path, timeout: timedelta, max_rows: int, zone: ZoneInfo) -> "Warehouse":
        """The warehouse at a SQLAlchemy URL; nothing is connected to yet."""
        return cls(source=source_at(url, root), timeout=timeout, max_rows=max_rows, zone=zone)

    def read(self, measure: Measure, *, now: datetime, places: Places, as_of: bool = False) -> SeriesBlock:
        """A measure's series at `now` (aware, in the home's zone); `as_of` hides what came later.

        Raises `WarehouseError` where there is no answer, or one with more rows or later than allowed.
        """
        statement = measure_statement(measure, self.source.kind, now)

        def block_of(ask: Callable[[], Iterator[list[pa.Array]]], late: Callable[[], bool]) -> SeriesBlock:
            """Make a block of Arrow batches: the quick way, and where that gives up the careful one, asking anew."""
            block = quick_block(
                measure, self._bounded(_ahead(ask()), measure, late), now=now, places=places, as_of=as_of
            )
            if block is not None:
                return block
            chunks = ([ArrowColumn(array) for array in batch] for batch in self._bounded(_ahead(ask()), measure, late))
            return classify(measure, rows_of(measure, chunks, now.tzinfo), now=now, places=places, as_of=as_of)

        if self.source.kind == "postgresql":
            quick = self._by_adbc(measure, statement, block_of)
            if quick is not None:
                return quick
        with self._asking(f"measure `{measure.id}`") as (connection, late):
            if self.source.kind == "duckdb":
                return block_of(lambda: _duckdb_batches(connection, statement), late)
            rows = rows_of(measure, self._bounded(_row_chunks(connection, statement), measure, late), now.tzinfo)
        return classify(measure, rows, now=now, places=places, as_of=as_of)

    def rows(self, measure: Measure, *, now: datetime) -> Rows:
        """A measure's rows up to `now`, each with when it was loaded, for `classify` to place as they were known earlier.

        Raises `WarehouseError` as `read` does.
        """
        statement = measure_statement(measure, self.source.kind, now)
        with self._asking(f"measure `{measure.id}`") as (connection, late):
            return rows_of(measure, self._bounded(_row_chunks(connection, statement), measure, late), now.tzinfo)

    def postings(self, owner: Owner, now: datetime | None = None) -> list[dict[str, Any]]:
        """The rows of an owner's postings, by column name in small letters; raises `WarehouseError`."""
        statement = postings_statement(owner, self.source.kind, now)
        with self._asking(f"owner `{owner.id}`") as (connection, _):
            result = connection.execute(statement)
            names = [name.casefold() for name in tuple(result.keys())]
            missing = [name for name in (owner.by or "", *NEEDED) if name.casefold() not in names]
            if missing:
                wanted = ", ".join(f"`{name}`" for name in missing)
                raise WarehouseError(
                    f"owner `{owner.id}`: {owner.sql} gives no column {wanted}; its columns are {', '.join(names)}"
                )
            rows = result.fetchmany(_MOST_POSTINGS + 1)
        if len(rows) > _MOST_POSTINGS:
            raise WarehouseError(f"owner `{owner.id}` has more than {_MOST_POSTINGS:,} postings")
        own = owner.by or ""
        names = [own if name == own.casefold() else name for name in names]
        return [dict(zip(names, row, strict=True)) for row in rows]

    def _by_adbc(
        self, measure: Measure, statement: Select[Any], block_of: Callable[..., SeriesBlock]
    ) -> SeriesBlock | None:
        """Read a measure from PostgreSQL as Arrow; None where that cannot be, or fails in any way but by being late."""
        with adbc_connection(self.source, self.timeout, self.zone) as connection:
            if connection is None:
                return None
            with time_limit(connection, self.timeout) as late:
                try:
                    return block_of(lambda: batches(connection, statement), late)
                except (NotTheSameError, connection.Error, pa.ArrowException, OSError, TimeoutError) as error:
                    if late() or _cancelled_by_server(error):
                        raise self._too_late(f"measure `{measure.id}`") from error
                    return None  # the other driver meets the same, and says it in words that are known

    def columns(self, measure: Measure) -> dict[str, str]:
        """The columns that a measure's table or SQL has, with their types as the database calls them; reads no rows."""
        statement = every_column(measure, self.source.kind)
        with self._asking(f"measure `{measure.id}`") as (connection, _):
            description = connection.execute(statement).cursor.description
            return {str(item[0]): _type_name(connection, item[1]) for item in description}

    def values(self, measure: Measure, column: str) -> set[str]:
        """The different values of one of a measure's columns, as text; raises `WarehouseError` where they are too many."""
        statement = distinct_values(measure, self.source.kind, column, MAX_VALUES + 1)
        with self._asking(f"measure `{measure.id}`") as (connection, _):
            found = connection.execute(statement).scalars().all()
        if len(found) > MAX_VALUES:
            raise WarehouseError(
                f"measure `{measure.id}`: column `{column}` has more than {MAX_VALUES:,} different values"
            )
        return {text for text in map(key_text, found) if text is not None}

    def span(self, measure: Measure) -> tuple[Period, Period] | None:
        """The first and the last period that a measure has rows of; None where there are none, or none can be read."""
        statement = first_and_last(measure, self.source.kind, measure.period)
        with self._asking(f"measure `{measure.id}`") as (connection, _):
            ends = connection.execute(statement).one()
        slots = [slot_of(value, measure.grain, self.zone)[0] for value in ends]
        if UNREAD in slots:
            return None
        return Period(measure.grain, slots[0]), Period(measure.grain, slots[1])

    def ping(self) -> None:
        """Ask for nothing; raises `WarehouseError` where there is no answer."""
        with self._asking("a first question") as (connection, _):
            connection.execute(select(literal(1))).scalar_one()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep a DuckDB file open for the questions of one round: to open it takes longer than most of them.

        Its loader has to wait meanwhile. One that cannot be opened is left to the questions, which say so.
        """
        with ExitStack() as kept:
            if self.source.kind == "duckdb":
                with suppress(WarehouseError):
                    kept.enter_context(self._connected())
            yield

    def close(self) -> None:
        """Let go of every connection."""
        self.source.engine.dispose()

    def _bounded(
        self, answer: Iterator[list[Sized]], measure: Measure, late: Callable[[], bool]
    ) -> Iterator[list[Sized]]:
        """The answer in chunks of columns; more than `max_rows` is an error, never a truncation."""
        seen = 0
        for chunk in answer:
            if late():
                raise TimeoutError
            seen += len(chunk[0])
            if seen > self.max_rows:
                raise WarehouseError(
                    f"measure `{measure.id}` has more than {self.max_rows:,} rows, the limit `warehouse.max_rows`; "
                    "aggregate in its SQL, or raise the limit"
                )
            yield chunk

    @contextmanager
    def _asking(self, what: str) -> Iterator[tuple[Connection, Callable[[], bool]]]:
        """A prepared connection for one question, and whether it is late; every way to fail is a `WarehouseError`."""
        with self._connected() as connection, time_limit(_raw(connection), self.timeout) as late:
            try:
                yield connection, late
            except WarehouseError:
                raise
            except Exception as error:  # each driver has its own errors, and Arrow's readers pass them on unwrapped
                if late() or _cancelled_by_server(error):
                    raise self._too_late(what) from error
                if not _is_database_error(error):
                    raise
                lost = isinstance(error, DBAPIError) and error.connection_invalidated
                raise WarehouseError(
                    f"{what} failed at {self.source.shown}: {self._reason(error)}", reachable=not lost
                ) from error
            if late():
                raise WarehouseError(
                    f"{what} took longer than {self.timeout.total_seconds():g} seconds at {self.source.shown}"
                )

    def _too_late(self, what: str) -> WarehouseError:
        return WarehouseError(
            f"{what} took longer than {self.timeout.total_seconds():g} seconds, the limit `warehouse.timeout`, "
            f"and was cancelled at {self.source.shown}"
        )

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        source = self.source
        if source.file is not None and not _is_there(source.file):
            raise WarehouseError(
                f"the warehouse {source.shown} is not there: no file {source.file}; build it, or correct `warehouse.url` in "
                "config/alertd.yaml",
                reachable=False,
            )
        try:
            connection = source.engine.connect()
        except SQLAlchemyError as error:
            raise self._unreachable(error) from error
        except Exception as error:
            if not _is_database_error(error):
                raise
            raise self._unreachable(error) from error
        with connection:
            try:
                prepare(connection, self.timeout, self.zone)
            except SQLAlchemyError as error:
                raise self._unreachable(error) from error
            yield connection

    def _reason(self, error: Exception) -> str:
        return redacted(_reason(error), self.source.secrets)

    def _unreachable(self, error: Exception) -> WarehouseError:
        reason = self._reason(error)
        remedy = "see that the database runs and that `warehouse.url` in config/alertd.yaml is right"
        if "lock" in reason.lower():
            remedy = "another process is writing to it; wait for its end, or let it write to a copy"
        return WarehouseError(
            f"the warehouse {self.source.shown} cannot be reached: {reason}; {remedy}", reachable=False
        )


def _is_there(file: Path) -> bool:
    """Whether there is such a file; False too for a path that no system can have."""
    try:
        return file.is_file()
    except (OSError, ValueError):
        return False


def _cancelled_by_server(error: Exception) -> bool:
    """Whether the server's own limit, which is the same as ours, came first: PostgreSQL's `query_canceled`."""
    return getattr(getattr(error, "orig", error), "sqlstate", None) == "57014"


def _raw(connection: Connection) -> Any:
    return connection.connection.dbapi_connection


def _duckdb_batches(connection: Connection, statement: Select[Any]) -> Iterator[list[pa.Array]]:
    with connection.execute(statement).cursor.to_arrow_reader(_ARROW_ROWS) as reader:
        for batch in reader:
            yield batch.columns


def _ahead(batches: Iterator[list[pa.Array]]) -> Iterator[list[pa.Array]]:
    """The same batches, each fetched while the one before it is being used: both work outside Python for the most part."""
    with ThreadPoolExecutor(1, thread_name_prefix="warehouse") as fetching:
        coming = fetching.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = fetching.submit(next, batches, None)
            yield batch


def _row_chunks(connection: Connection, statement: Select[Any]) -> Iterator[list[Column]]:
    result = connection.execution_options(stream_results=True).execute(statement)
    width = len(result.keys())
    columns: list[list[Any]] = [[] for _ in range(width)]
    # SQLAlchemy takes the first row of a stream at once. The others come as plain tuples: its rows cost twice as much.
    rows: Sequence[Any] = result.fetchmany(1)
    while rows:
        for i, column in enumerate(columns):
            column.extend(map(itemgetter(i), rows))
        if len(columns[0]) >= _OBJECT_ROWS:
            yield [ObjectColumn(column) for column in columns]
            columns = [[] for _ in range(width)]
        rows = result.cursor.fetchmany(_FETCHED_ROWS)
    yield [ObjectColumn(column) for column in columns]


def _is_database_error(error: Exception) -> bool:
    return isinstance(error, SQLAlchemyError) or type(error).__module__.split(".")[0] in (
        "duckdb",
        "_duckdb",
        "pyarrow",
        "psycopg",
        "sqlite3",
    )


def _reason(error: Exception) -> str:
    """What the driver says, on one line, without SQLAlchemy's wrapping."""
    original = getattr(error, "orig", None) or error
    text = " ".join(str(original).split())
    return text if len(text) <= 400 else text[:399] + "…"


def _type_name(connection: Connection, code: Any) -> str:
    """What a database calls a column's type; empty where it does not say (SQLite)."""
    if code is None:
        return ""
    if connection.dialect.name == "postgresql":
        driver: Any = connection.connection.dbapi_connection
        known = driver.adapters.types.get(code)
        return "" if known is None else str(known.name)
    return str(getattr(code, "name", None) or code)
