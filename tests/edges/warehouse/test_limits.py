"""A warehouse that cannot answer, or answers too much or too late, is an error that says so; it is never written to."""

import socket
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy.exc import DBAPIError

from alertd.core.errors import WarehouseError
from alertd.core.places import Places
from alertd.warehouse import open_warehouse
from alertd.warehouse.engines import prepare
from tests.edges.warehouse.conftest import NOW, Build, measure

TABLE = "CREATE TABLE t (month TEXT, district TEXT, v INTEGER)"
ONE = "SELECT '2022-10' AS month, 'A' AS district,"
COUNTING = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n)"
ENDLESS = {
    "duckdb": f"{ONE} sum(a.i * b.i) AS v FROM range(10000000) AS a(i), range(10000000) AS b(i)",
    "postgresql": f"{ONE} sum(a * b) AS v FROM generate_series(1, 10000000) AS a, generate_series(1, 10000000) AS b",
    "sqlite": f"{COUNTING} {ONE} sum(i) AS v FROM n",
}


def at(url: str, root: Path, **options: Any) -> Any:
    return open_warehouse(url, root=root, **({"timeout": timedelta(seconds=30), "max_rows": 1000} | options))


def test_a_query_that_takes_too_long_is_cancelled(build: Build, engine: str) -> None:
    warehouse = build(TABLE, timeout=timedelta(seconds=0.3))
    with pytest.raises(WarehouseError, match=r"took longer than 0\.3 seconds") as error:
        warehouse.read(measure(statement=ENDLESS[engine]), now=NOW, places=Places())
    assert error.value.reachable


def test_an_endless_stream_of_rows_is_ended_by_the_clock_too(build: Build, engine: str) -> None:
    """The rows come one by one, so no single fetch is long."""
    if engine != "sqlite":
        pytest.skip("only SQLite computes rows while they are fetched")
    endless = f"{COUNTING} {ONE} i AS v FROM n"
    warehouse = build(TABLE, timeout=timedelta(seconds=0.3), max_rows=10**12)
    with pytest.raises(WarehouseError, match="took longer"):
        warehouse.read(measure(statement=endless), now=NOW, places=Places())


def test_more_rows_than_allowed_is_an_error_and_never_a_truncation(build: Build) -> None:
    rows = [{"month": "2022-10", "district": f"p{i}", "v": i} for i in range(11)]
    allowed = build(TABLE, rows, max_rows=11)
    assert len(allowed.read(measure(), now=NOW, places=Places()).keys) == 11
    strict = replace(allowed, max_rows=10)
    with pytest.raises(WarehouseError, match="more than 10 rows"):
        strict.read(measure(), now=NOW, places=Places())


def test_an_unknown_table_or_column_is_the_querys_fault_and_not_the_warehouses(build: Build) -> None:
    warehouse = build(TABLE)
    for of in (measure(table="nowhere"), measure(value="nothing"), measure(statement="SELECT month, district FROM t")):
        with pytest.raises(WarehouseError, match=r"measure `m` failed") as error:
            warehouse.read(of, now=NOW, places=Places())
        assert error.value.reachable
        assert "\n" not in str(error.value)


def test_sql_that_does_more_than_read_never_reaches_the_database(build: Build, engine: str) -> None:
    warehouse = build(TABLE)
    with pytest.raises(WarehouseError, match=r"m\.sql:1:1: .*only reads"):
        warehouse.read(measure(statement="DELETE FROM t"), now=NOW, places=Places())
    with pytest.raises(WarehouseError, match="belongs to the database itself"):
        warehouse.read(measure(table="information_schema.tables"), now=NOW, places=Places())


def test_a_connection_of_the_warehouse_cannot_write(build: Build) -> None:
    """Not even a statement that the guard would have let through."""
    warehouse = build(TABLE)
    for statement in ("INSERT INTO t VALUES ('2022-10', 'A', 1)", "CREATE TABLE u (a INTEGER)"):
        with warehouse.source.engine.connect() as connection:
            prepare(connection, warehouse.timeout, NOW.tzinfo)
            with pytest.raises(DBAPIError):
                connection.exec_driver_sql(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_text('{file}')",
        "COPY t TO '{file}.out'",
        "ATTACH '{file}' AS x",
        "SET enable_external_access = true",
    ],
)
def test_duckdb_reaches_no_other_file_and_keeps_its_settings(tmp_path: Path, statement: str) -> None:
    file = tmp_path / "secret.txt"
    file.write_text("secret")
    with duckdb.connect(str(tmp_path / "w.duckdb")) as connection:
        connection.execute(TABLE)
    warehouse = at("duckdb:///w.duckdb", tmp_path)
    with warehouse.source.engine.connect() as connection:
        prepare(connection, warehouse.timeout, NOW.tzinfo)
        with pytest.raises(DBAPIError):
            connection.exec_driver_sql(statement.format(file=file))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["secret.txt", "w.duckdb"]


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
def test_a_file_that_is_not_there_is_said_and_not_created(tmp_path: Path, kind: str) -> None:
    warehouse = at(f"{kind}:///missing.db", tmp_path)
    for ask in (
        warehouse.ping,
        lambda: warehouse.read(measure(), now=NOW, places=Places()),
        lambda: warehouse.columns(measure()),
    ):
        with pytest.raises(WarehouseError, match=rf"{kind}:///missing\.db is not there.*warehouse\.url") as error:
            ask()
        assert not error.value.reachable
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
def test_a_file_of_another_kind_is_not_reachable(tmp_path: Path, kind: str) -> None:
    (tmp_path / "w.db").write_bytes(b"this is no database, whatever its name says; " * 100)
    with pytest.raises(WarehouseError, match="cannot be reached") as error:
        at(f"{kind}:///w.db", tmp_path).ping()
    assert not error.value.reachable


def test_a_file_that_another_process_writes_is_said_to_be_locked(tmp_path: Path) -> None:
    file = tmp_path / "w.duckdb"
    hold = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); c.execute('CREATE TABLE t (a INTEGER)'); "
        "print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "held\n"
        with pytest.raises(WarehouseError, match="another process is writing to it") as error:
            at("duckdb:///w.duckdb", tmp_path).ping()
        writer.communicate()
    assert not error.value.reachable
    at("duckdb:///w.duckdb", tmp_path).ping()


def test_no_file_stays_open_between_questions(tmp_path: Path) -> None:
    file = tmp_path / "w.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(TABLE)
    warehouse = at("duckdb:///w.duckdb", tmp_path)
    warehouse.read(measure(), now=NOW, places=Places())
    with duckdb.connect(str(file)) as connection:  # a writer gets in
        connection.execute("INSERT INTO t VALUES ('2022-10', 'A', 1)")
    assert warehouse.read(measure(), now=NOW, places=Places()).periods == 1


def test_a_file_is_open_for_as_long_as_it_is_held_and_no_longer(tmp_path: Path) -> None:
    file = tmp_path / "w.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(TABLE)
    warehouse = at("duckdb:///w.duckdb", tmp_path)
    with warehouse.held():
        for _ in range(2):
            assert warehouse.read(measure(), now=NOW, places=Places()).periods == 0
            with pytest.raises(duckdb.ConnectionException):  # no writer gets in
                duckdb.connect(str(file))
    with duckdb.connect(str(file)) as connection:
        connection.execute("INSERT INTO t VALUES ('2022-10', 'A', 1)")
    assert warehouse.read(measure(), now=NOW, places=Places()).periods == 1


def test_a_file_that_cannot_be_held_is_told_of_by_the_question(tmp_path: Path) -> None:
    warehouse = at("duckdb:///w.duckdb", tmp_path)
    with warehouse.held(), pytest.raises(WarehouseError, match="is not there"):
        warehouse.ping()


def test_several_threads_may_ask_at_once(build: Build) -> None:
    warehouse = build(TABLE, [{"month": "2022-10", "district": "A", "v": 1}])
    found: list[Any] = []

    def ask() -> None:
        found.append(warehouse.read(measure(), now=NOW, places=Places()).data_version)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_a_server_that_refuses_is_not_reachable_and_its_password_is_not_told(tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(WarehouseError, match=rf"postgresql://reader:\*\*\*@127\.0\.0\.1:{port}/w") as error:
        at(f"postgresql://reader:hush@127.0.0.1:{port}/w", tmp_path).ping()
    assert not error.value.reachable
    assert "hush" not in str(error.value)


@pytest.mark.parametrize(
    "url",
    ["warehouse.duckdb", "duckdb://", "duckdb:///:memory:", "sqlite://", "nosuch://x/y", "mssql+mssqlpython://x/y", ""],
)
def test_a_url_that_can_never_work_is_refused_at_once(tmp_path: Path, url: str) -> None:
    with pytest.raises(WarehouseError) as error:
        at(url, tmp_path)
    assert not error.value.reachable


def test_a_file_name_with_odd_characters_is_found(tmp_path: Path) -> None:
    name = "ware house #20% ü.db"
    connection = sqlite3.connect(tmp_path / name)
    connection.execute(TABLE)
    connection.close()
    at(f"sqlite:///{name}", tmp_path).ping()
