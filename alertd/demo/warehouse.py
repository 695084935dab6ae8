"""Builds the demonstration's DuckDB file: the simulated tables, and one real one."""

from importlib.resources import files
from pathlib import Path

from alertd.demo.simulate import TABLES, Columns

ABOUT = "Simulated figures from a fixed seed; no real force or place. Only nypd_hate_crime is real (New York City open data)."


def build_warehouse(path: Path) -> None:
    """Write the demonstration's warehouse to `path`, replacing what is there; the same bytes of data every time."""
    write_tables(path, {name: make() for name, make in TABLES.items()}, about=ABOUT, real=True)


def write_tables(path: Path, tables: dict[str, Columns], *, about: str, real: bool = False) -> None:
    """Write tables of columns into a new DuckDB file, with a table `about` that says what they are."""
    import duckdb  # noqa: PLC0415 - heavy; `--help` must not wait for it
    import pyarrow  # noqa: PLC0415 - as above

    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        for name, columns in {"about": {"note": [about]}, **tables}.items():
            connection.register("incoming", pyarrow.table(columns))
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM incoming")
            connection.unregister("incoming")
        if real:
            source = files("alertd.demo") / "data" / "nypd_hate_crime_monthly.csv"
            connection.execute(
                "CREATE TABLE nypd_hate_crime AS SELECT * FROM read_csv(?, types = {'period': 'VARCHAR'})",
                [str(source)],
            )
