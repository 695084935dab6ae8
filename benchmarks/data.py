"""Made-up figures: matrices, blocks and tables of a monthly measure by place, 60 months to December 2022."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from alertd.core.measures import Measure
from alertd.core.periods import Grain, parse_period
from alertd.core.rules import Rule
from alertd.core.series import Floats, SeriesBlock
from alertd.warehouse import open_warehouse

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2023, 1, 15, 7, tzinfo=LONDON)
PERIODS = 60
FIRST = parse_period("2018-01").slot
ALL_COLUMNS = "SELECT month, place, v FROM feed"
IN_ORDER = ALL_COLUMNS + " ORDER BY place, month"

_FEED = """CREATE TABLE feed AS
SELECT (DATE '2018-01-01' + to_months(m::INT))::DATE AS month, 'Place ' || lpad(p::VARCHAR, 7, '0') AS place,
       100 + 10 * sqrt(-2 * ln(random() + 1e-12)) * cos(6.283185 * random()) AS v
FROM range(60) months(m), range({series}) places(p) ORDER BY {order}"""
ORDERS = {"by month": "m, p", "by place": "p, m", "shuffled": "hash(p * 60 + m)"}
"""How the rows of a table may lie: loaded month by month, place by place, or in no order."""


def measure(**keys: Any) -> Measure:
    """A monthly measure by place, of a value unless another figure is named."""
    given = {"id": "m", "name": "m", "table": "feed", "grain": "month", "period": "month", "by": ["place"]}
    given |= {"owner": "lead", "improvement": "decrease"}
    if not {"value", "count", "numerator", "grade"} & keys.keys():
        keys["value"] = "v"
    return Measure.model_validate(given | keys)


def rule(**keys: Any) -> Rule:
    """A rule on that measure; the benchmarked one unless another detector is named."""
    return Rule.model_validate({"id": "r", "measure": "m"} | (keys or {"spc": {"chart": "xmr", "rules": "mdc-2024"}}))


def figures(series: int, *, gaps: float = 0.0, seed: int = 1) -> Floats:
    """Normal figures about 100 (periods x series), a share of them missing."""
    random = np.random.default_rng(seed)
    matrix = random.normal(100.0, 10.0, (PERIODS, series))
    if gaps:
        for row in matrix:
            row[random.random(series) < gaps] = np.nan
    return matrix


def block_of(value: Floats, numerator: Floats | None = None, denominator: Floats | None = None) -> SeriesBlock:
    """A block of monthly figures by place."""
    return SeriesBlock(
        measure="m",
        grain=Grain.MONTH,
        by=("place",),
        keys=tuple((f"Place {j:07d}",) for j in range(value.shape[1])),
        first=FIRST,
        value=value,
        numerator=numerator,
        denominator=denominator,
        present=~np.isnan(value),
    )


def write_duckdb(path: Path, series: int, order: str = "by month") -> None:
    """A DuckDB file with the feed of so many places."""
    import duckdb

    with duckdb.connect(str(path)) as connection:
        connection.execute("SELECT setseed(0.5)")
        connection.execute(_FEED.format(series=series, order=ORDERS[order]))


def warehouse_at(url: str, folder: Path) -> Any:
    """A warehouse with room for the large feed."""
    return open_warehouse(url, root=folder, timeout=timedelta(minutes=10), max_rows=10**9, zone=LONDON)


def arrow_scan(path: Path, sql: str) -> Callable[[], int]:
    """Reads all of a question from a DuckDB file as Arrow batches, on a fresh connection, and drops them."""
    import duckdb

    def scan() -> int:
        with duckdb.connect(str(path), read_only=True) as connection:
            return sum(batch.num_rows for batch in connection.execute(sql).to_arrow_reader(491_520))

    return scan
