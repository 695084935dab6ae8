"""Lays figures of periods x series out as Arrow tables, one row a period and series, with the time that each was loaded."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from alertd.core.periods import Grain
from alertd.demo.star.grid import Grid
from alertd.demo.star.spans import AS_AT, Span
from alertd.demo.star.table import Table

TYPES = {
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
    "INTEGER": pa.int32(),
    "DOUBLE": pa.float64(),
    "VARCHAR": pa.string(),
    "BOOLEAN": pa.bool_(),
}
_LAG_DAYS = {Grain.HOUR: 1, Grain.DAY: 1}
_USUAL_LAG = 2
_TEXT_PERIODS = (Grain.QUARTER, Grain.YEAR)


def loads(span: Span, rng: np.random.Generator, lag: int | None) -> NDArray[np.datetime64]:
    """When each period was loaded: `lag` days after its last day, in the small hours, one time in thirty a day or two late."""
    days = lag if lag is not None else _LAG_DAYS.get(span.grain, _USUAL_LAG)
    # One load a day brings all of the day's hours.
    _, batch = np.unique(span.last, return_inverse=True)
    batches = int(batch.max()) + 1
    late = (rng.random(batches) < 1 / 30) * rng.integers(1, 3, batches)
    minute = rng.integers(150, 330, batches)
    at = span.last.astype("M8[m]") + (days * 1440 + late * 1440 + minute)[batch].astype("m8[m]")
    moments: NDArray[np.datetime64] = at.astype("M8[us]")
    return moments


def coded(codes: NDArray[Any], values: Any, kind: pa.DataType) -> pa.Array:
    """Repeated values, each by its place in a list: texts once."""
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), pa.array(values, type=kind))


def long(grid: Grid, figures: Mapping[str, Any], *, lag: int | None = None) -> pa.Table:
    """The rows of a grid, period by period; those that were not loaded yet when the warehouse was frozen are left out."""
    periods, width = grid.shape
    times = loads(grid.span, grid.rng, lag)
    here = np.flatnonzero(times <= np.datetime64(AS_AT))
    period = np.repeat(here, width)
    series = np.tile(np.arange(width), len(here))
    columns: dict[str, pa.Array] = {}
    for one in grid.table.columns:
        kind = TYPES[one.type]
        if one.name == grid.table.period:
            labels = grid.span.labels if one.type == "VARCHAR" else grid.span.starts
            columns[one.name] = coded(period, list(labels) if one.type == "VARCHAR" else labels, kind)
        elif one.name in grid.series:
            columns[one.name] = coded(series, grid.series[one.name].tolist(), kind)
        elif one.name == "loaded_at":
            columns[one.name] = coded(period, times, kind)
        else:
            figure = np.broadcast_to(np.asarray(figures[one.name]), (periods, width))
            columns[one.name] = pa.array(np.ascontiguousarray(figure[here]).ravel(), type=kind)
    return pa.table(columns)


def listed(table: Table, columns: Mapping[str, Any]) -> pa.Table:
    """Rows of a table that has no grid, each column given whole."""
    return pa.table({one.name: _array(columns[one.name], TYPES[one.type]) for one in table.columns})


def _array(values: Any, kind: pa.DataType) -> pa.Array:
    if isinstance(values, (pa.Array, pa.ChunkedArray)):
        return values
    if isinstance(values, np.ndarray) and values.dtype.kind == "U":
        unique, codes = np.unique(values, return_inverse=True)
        return coded(codes, unique.tolist(), kind)
    return pa.array(values, type=kind)
