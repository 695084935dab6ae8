"""The same table on each kind of database."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import create_engine, text

from alertd.core.measure_keys import FIGURES
from alertd.core.measures import Measure
from alertd.warehouse import open_warehouse
from alertd.warehouse.reading import Warehouse

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2022, 12, 15, 7, tzinfo=LONDON)
ENGINES = ("duckdb", "sqlite", "postgresql")

Build = Callable[..., Warehouse]


def measure(**keys: Any) -> Measure:
    given = {"id": "m", "name": "m", "grain": "month", "period": "month", "by": ["district"], "owner": "x"}
    if not {"sql", "table"} & keys.keys():
        keys["table"] = "t"
    if "statement" in keys:
        given["sql"] = "m.sql"
        keys.pop("table", None)
    if not set(FIGURES) & keys.keys():
        keys["value"] = "v"
    return Measure.model_validate(given | keys)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def build(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> Build:
    """Makes a warehouse of the test's engine from statements and rows: `build("CREATE TABLE ..", rows, "t")`."""

    def make(
        create: str | Sequence[str], rows: Sequence[dict[str, Any]] = (), table: str = "t", **options: Any
    ) -> Warehouse:
        if engine == "postgresql":
            url = request.getfixturevalue("postgres_url")
        else:
            url = f"{engine}:///{tmp_path / 'w.db'}"
        loader = create_engine(url)
        with loader.begin() as connection:
            for statement in [create] if isinstance(create, str) else create:
                connection.execute(text(statement.replace(":", "\\:")))
            if rows:
                names = list(rows[0])
                values = ", ".join(f":{name}" for name in names)
                connection.execute(text(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({values})"), list(rows))
        loader.dispose()
        options = {"timeout": timedelta(seconds=30), "max_rows": 1_000_000, "zone": LONDON} | options
        return open_warehouse(url if engine == "postgresql" else f"{engine}:///w.db", root=tmp_path, **options)

    return make
