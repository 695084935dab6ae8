"""The grid of periods x series that rows are placed on."""

from dataclasses import dataclass

import numpy as np

from alertd.core.errors import WarehouseError
from alertd.core.measures import Measure
from alertd.core.model import Key
from alertd.core.periods import Period
from alertd.core.places import Places
from alertd.core.roster import Expected, expected_series
from alertd.core.rows import Rows
from alertd.core.series import Bools, Floats, Ints

MAX_CELLS = 150_000_000
"""More cells than this (periods x series) is an error: one stray year would otherwise take all memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Usable rows with their cell: `cell = (slot - first) * len(keys) + series`."""

    rows: Rows
    keys: tuple[Key, ...]
    expected: Expected
    first: int
    periods: int
    cell: Ints
    column: Ints
    """The grid's column of each of the rows' own keys; -1 for one that no row names."""

    @property
    def shape(self) -> tuple[int, int]:
        """Periods and series."""
        return self.periods, len(self.keys)

    def scattered(self, numbers: Floats, unusable: Bools) -> Floats:
        """A number per row as a matrix of periods x series, NaN where there is no usable row."""
        matrix = np.full(self.shape, np.nan)
        matrix.reshape(-1)[self.cell] = numbers
        if unusable.any():
            matrix.reshape(-1)[self.cell[unusable]] = np.nan
        return matrix


def grid_of(measure: Measure, rows: Rows, places: Places, last: int | None = None) -> Grid:
    """Place rows on a grid from their first period to their last, or to the slot `last` where that is later.

    Raises `WarehouseError` where the grid would be absurdly large.
    """
    first, last = int(rows.slot.min()), max(int(rows.slot.max()), -(10**15) if last is None else last)
    seen = np.zeros(len(rows.keys), dtype=np.bool_)
    seen[rows.series] = True
    named = tuple(key for key, used in zip(rows.keys, seen.tolist(), strict=True) if used)
    newest = Period(measure.grain, last)
    expected = expected_series(measure, places, named, newest)
    keys = tuple(sorted({*named, *expected.absent})) if expected.absent else named
    series: Ints = rows.series.astype(np.int64)
    column = np.arange(len(rows.keys))
    if keys != rows.keys:
        place = {key: j for j, key in enumerate(keys)}
        column = np.full(len(rows.keys), -1, dtype=np.int64)
        column[seen] = [place[key] for key in named]
        series = column[series]
    periods = last - first + 1
    if periods * len(keys) > MAX_CELLS:
        raise WarehouseError(
            f"measure `{measure.id}` spans {periods:,} periods of {len(keys):,} series, from {Period(measure.grain, first)} to "
            f"{newest}: too many to hold; is the oldest period real? Leave it out in the measure's SQL"
        )
    cell = (rows.slot - first) * len(keys) + series
    return Grid(rows=rows, keys=keys, expected=expected, first=first, periods=periods, cell=cell, column=column)
