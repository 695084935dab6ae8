"""PostgreSQL's answers as Arrow batches, where its ADBC driver is installed: three times as quick as rows.

It is as strict as the other way (read only, bounded in time, in the home's zone) and gives the same figures. Where it cannot
promise that, it gives nothing, and the rows of the other driver are read.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Select
from sqlalchemy.dialects.postgresql.base import PGDialect

from alertd.warehouse.engines import CONNECT_SECONDS, Source, settings_of

_SAME_IN_BOTH = frozenset(
    "bool int2 int4 int8 float8 numeric text varchar bpchar name date timestamp timestamptz".split()  # noqa: SIM905
)
"""Types that both drivers read as the same values; float4 is not among them: one gives 1.1, the other 1.10000002."""
_DAYS = (-719_162, 2_932_896)
"""The days that Python knows, the first of January 1970 being 0: years 1 to 9999."""


class NotTheSameError(Exception):
    """What the two drivers might read differently."""


@lru_cache(maxsize=1)
def _driver() -> Any:
    try:
        from adbc_driver_postgresql import dbapi  # noqa: PLC0415  slow to import, and need not be there
    except ImportError:
        return None
    return dbapi


@contextmanager
def adbc_connection(source: Source, limit: timedelta, zone: ZoneInfo) -> Iterator[Any]:
    """A read-only, bounded connection; None where there is no driver for it, or no connection comes about."""
    driver = _driver() if source.kind == "postgresql" else None
    if driver is None:
        yield None
        return
    url = source.engine.url.set(drivername="postgresql")
    if "connect_timeout" not in url.query:
        url = url.update_query_dict({"connect_timeout": str(CONNECT_SECONDS)})
    try:
        connection = driver.connect(url.render_as_string(hide_password=False))
    except driver.Error:
        yield None  # the other driver meets the same, and says it in words that are known
        return
    try:
        with connection.cursor() as cursor:
            for setting in settings_of(limit, zone):
                cursor.execute(setting)
        yield connection
    finally:
        connection.close()


def batches(connection: Any, statement: Select[Any]) -> Iterator[list[pa.Array]]:
    """The columns of an answer, batch by batch, as they come.

    Raises `NotTheSameError` where the other driver might give other values.
    """
    # The dates it binds are written into the text: what is bound comes in one piece, and a large answer would fill memory.
    dialect = PGDialect(paramstyle="named")  # type: ignore[no-untyped-call]
    compiled = statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    with connection.cursor() as cursor:
        cursor.execute(str(compiled))
        with cursor.fetch_record_batch() as reader:
            for field in reader.schema:
                kind = (field.metadata or {}).get(b"POSTGRESQL:type", b"").decode()
                if kind not in _SAME_IN_BOTH:
                    raise NotTheSameError(kind)
            for batch in reader:
                yield [_checked(column) for column in batch.columns]


def _checked(array: pa.Array) -> pa.Array:
    """A column whose dates are all such as Python knows; `infinity` comes as a date of no meaning."""
    if pa.types.is_date(array.type):
        first, last = _DAYS
        whole = array.cast(pa.int32())
    elif pa.types.is_timestamp(array.type):
        first, last = (day * 86_400_000_000 for day in _DAYS)
        whole = array.cast(pa.timestamp("us", tz=array.type.tz)).cast(pa.int64())
    else:
        return array
    ends = pc.min_max(whole).as_py()
    if ends["min"] is not None and not first <= ends["min"] <= ends["max"] <= last:
        raise NotTheSameError("date")
    return array
