"""Cells of the grid without a row: which are missing, which are none, and which never were."""

from datetime import tzinfo

import numpy as np

from alertd.core.clock_changes import is_skipped
from alertd.core.faults import Problem
from alertd.core.grid import Grid
from alertd.core.measures import Measure
from alertd.core.periods import Grain
from alertd.core.series import Bools, FaultKind, Floats, Ints


def settle_absent(
    measure: Measure,
    grid: Grid,
    present: Bools,
    matrices: tuple[Floats | None, ...],
    problems: list[Problem],
    zone: tzinfo | None,
    *,
    complete: bool = False,
) -> None:
    """Name missing periods, and name or (where no row means none) fill missing series.

    `matrices` are filled in place. `complete` says that the feed covers every period of the grid.
    """
    fed: Bools = np.any(present, axis=1)
    whole = measure.zeros and (complete or measure.event is not None or not measure.by)
    silent = np.flatnonzero(np.logical_not(fed))
    skipped = _skipped(measure, grid, silent, zone)
    silent = silent[~np.isin(silent, skipped)]
    if whole:
        fed = np.ones_like(fed)
    elif silent.size and measure.is_fed:
        problems.append(
            Problem(kind=FaultKind.MISSING_PERIOD, keys=(), column=None, slot=silent + grid.first, found="")
        )
    begun = np.where(present.any(axis=0), present.argmax(axis=0), grid.periods)
    if measure.zeros:
        begun[grid.expected.rostered(grid.keys)] = 0
    row = np.arange(grid.periods)[:, None]
    gap: Bools = ~present & fed[:, None] & (row >= begun)
    if grid.expected.dated:
        opened, closed = grid.expected.bounds(grid.keys)
        gap &= (row + grid.first >= opened) & (row + grid.first <= closed)
    gap[skipped] = False
    if measure.zeros:
        for matrix in matrices:
            if matrix is not None:
                matrix[gap] = 0.0
    elif gap.any() and measure.is_fed:
        column, period = np.divmod(np.flatnonzero(gap.T), grid.periods)
        problems.append(
            Problem(kind=FaultKind.MISSING_SERIES, keys=grid.keys, column=column, slot=period + grid.first, found="")
        )


def _skipped(measure: Measure, grid: Grid, silent: Ints, zone: tzinfo | None) -> Ints:
    """The rows of the grid whose hour the clocks of the zone skip, so that nothing is missing there."""
    if measure.grain is not Grain.HOUR:
        return silent[:0]
    return np.array([row for row in silent.tolist() if is_skipped(grid.first + row, zone)], dtype=np.int64)
