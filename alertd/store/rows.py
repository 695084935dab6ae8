"""Small helpers that several tables share."""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any, TypeVar

from sqlalchemy import Connection, RowMapping, Table, insert

Item = TypeVar("Item")


def insert_all(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows by one executemany; none is fine."""
    if rows:
        connection.execute(insert(table), rows)


def columns_of(record: Any, *, leave_out: Sequence[str] = ()) -> dict[str, Any]:
    """A record's fields by name, as a row."""
    return {field.name: getattr(record, field.name) for field in fields(record) if field.name not in leave_out}


def fields_from(kind: type[Any], row: RowMapping) -> dict[str, Any]:
    """The columns of a row that a record of `kind` has fields for."""
    return {field.name: row[field.name] for field in fields(kind) if field.name in row}


def chunks(items: Sequence[Item], size: int = 500) -> Iterator[Sequence[Item]]:
    """Pieces small enough for the bound variables of one statement."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
