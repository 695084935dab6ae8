"""data.police.uk's monthly files, loaded into a DuckDB warehouse of counts.

Nothing about one person is kept: no crime id, no coordinates, no age or ethnicity of who was searched; only counts by
month, district, category, outcome, and legislation.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from alertd.core.errors import UsageError, WarehouseError
from alertd.feeds.police_uk_layout import Source
from alertd.feeds.police_uk_rows import Counts, read
from alertd.feeds.police_uk_tables import create, write

Watch = Callable[[Sequence[Source]], Iterator[Source]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A file, and what became of its rows."""

    source: Source
    counts: Counts


def load(sources: Sequence[Source], warehouse: Path, *, now: datetime, watch: Watch = iter) -> list[Loaded]:
    """Load files one by one, each in a transaction of its own; a month that is there already is replaced.

    `now` is naive, and is written beside what is loaded. `watch` passes the files through, to show how far it is.
    Raises `UsageError` or `WarehouseError` where the warehouse cannot be written.
    """
    found = []
    with _opened(warehouse) as connection:
        create(connection)
        for source in watch(sources):
            counts = read(source)
            write(connection, source, counts, now)
            found.append(Loaded(source=source, counts=counts))
    return found


@contextmanager
def _opened(warehouse: Path) -> Iterator[Any]:
    import duckdb  # noqa: PLC0415 - heavy; `--help` must not wait for it

    if warehouse.is_dir():
        raise UsageError(f"{warehouse} is a folder; name a file, such as {warehouse / 'warehouse.duckdb'}")
    if not warehouse.absolute().parent.is_dir():
        raise UsageError(
            f"{warehouse} cannot be written: there is no folder {warehouse.absolute().parent}; make it first"
        )
    try:
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute("SET enable_progress_bar = false")
            yield connection
    except duckdb.Error as error:
        message = f"{warehouse} cannot be written as a warehouse of this feed: {str(error).splitlines()[0]}"
        raise WarehouseError(f"{message}; name another file, or end what has it open", reachable=False) from error
