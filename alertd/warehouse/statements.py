"""The one statement that a measure is read by."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnClause,
    Date,
    Dialect,
    FromClause,
    Select,
    TextClause,
    bindparam,
    column,
    func,
    select,
    table,
    text,
)
from sqlalchemy.types import UserDefinedType

from alertd.core.errors import WarehouseError
from alertd.core.measures import Measure
from alertd.core.owners import Owner
from alertd.warehouse.guard import Bound, bounds_in, check_sql, check_table
from alertd.warehouse.words import EARLIEST


class _WrittenDate(UserDefinedType[date]):
    """A date that says what it is where it is written into a statement's text, as one that is bound does."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "DATE"

    def literal_processor(self, dialect: Dialect) -> Callable[[date], str]:  # noqa: ARG002
        return lambda value: f"CAST('{value.isoformat()}' AS DATE)"


def measure_statement(measure: Measure, dialect: str, now: datetime) -> Select[Any]:
    """All rows of a measure: exactly its columns, in no order, in one question."""
    source = _source(measure, dialect, measure.columns, now)
    return select(*(source.c[name] for name in measure.columns))


def every_column(measure: Measure, dialect: str) -> Select[Any]:
    """Whatever columns a measure's table or SQL has, and no row."""
    return select(text("*")).select_from(_source(measure, dialect, (), None)).limit(0)


def distinct_values(measure: Measure, dialect: str, name: str, most: int) -> Select[Any]:
    """The different values of one column of a measure."""
    source = _source(measure, dialect, (name,), None)
    return select(source.c[name]).distinct().limit(most)


def first_and_last(measure: Measure, dialect: str, name: str) -> Select[Any]:
    """The smallest and the largest value of one column of a measure."""
    source = _source(measure, dialect, (name,), None)
    return select(func.min(source.c[name]), func.max(source.c[name]))


def postings_statement(owner: Owner, dialect: str, now: datetime | None) -> TextClause:
    """All rows of an owner's postings, with whatever columns its SQL gives."""
    if owner.statement is None:
        raise WarehouseError(f"owner `{owner.id}`: the file {owner.sql} was not read")
    return _bound(owner.statement, dialect, now, f"owner `{owner.id}`: {owner.sql}")


def _source(measure: Measure, dialect: str, names: tuple[str, ...], now: datetime | None) -> FromClause:
    columns: list[ColumnClause[Any]] = [column(name) for name in names]
    if measure.table is not None:
        problem = check_table(measure.table)
        if problem is not None:
            raise WarehouseError(f"measure `{measure.id}`: {problem}")
        schema, _, name = measure.table.rpartition(".")
        return table(name, *columns, schema=schema or None)
    if measure.statement is None:
        raise WarehouseError(f"measure `{measure.id}`: the file {measure.sql} was not read")
    clause = _bound(measure.statement, dialect, now, f"measure `{measure.id}`: {measure.sql}")
    return clause.columns(*columns).subquery("measure_rows")


def _bound(statement: str, dialect: str, now: datetime | None, whose: str) -> TextClause:
    """A statement of an SQL file, checked to read only, with its parameters bound."""
    problems = check_sql(statement, dialect)
    if problems:
        first = problems[0]
        raise WarehouseError(f"{whose}:{first.line}:{first.column}: {first.message}")
    prepared, used = _prepared(statement, dialect)
    until = date(9999, 1, 1) if now is None else now.date() + timedelta(days=1)
    values = {Bound.SINCE: EARLIEST, Bound.UNTIL: until}
    # DuckDB, SQLite and others bind it as it is; written out, it must not be mistaken for text.
    kind = _WrittenDate() if dialect == "postgresql" else Date()
    return text(prepared).bindparams(*(bindparam(name.value, values[name], type_=kind) for name in used))


@lru_cache(maxsize=1024)
def _prepared(statement: str, dialect: str) -> tuple[str, tuple[Bound, ...]]:
    """The text with every colon escaped that opens no bound parameter, and without what follows its statement."""
    bounds = bounds_in(statement, dialect)
    parts, here = [], 0
    for position, character in enumerate(statement[: bounds.end]):
        if character == ":" and position not in bounds.at:
            parts += [statement[here:position], "\\:"]
            here = position + 1
    parts += [statement[here : bounds.end], "\n"]  # a comment may stand on the last line
    return "".join(parts), tuple(sorted(set(bounds.at.values())))
