"""Means and mean moving ranges down the columns of a baseline: as few passes over the figures as can be, gaps or none."""

from typing import NamedTuple

import numpy as np

from alertd.core.detect.base import Rows, how_many
from alertd.core.series import Bools, Floats, Ints

SCREEN = 3.267
"""Moving ranges of so many times their mean or more are left out by `screen` (the D4 of Wheeler's R chart)."""
_IN_CACHE = 2048
"""A baseline of 24 periods of so many series, and as many moving ranges, stay in the second-level cache."""


class Means(NamedTuple):
    """What a baseline says of each series; the arrays are the caller's own."""

    centre: Floats
    """The mean; NaN where there is no figure."""
    moving_range: Floats
    """The mean moving range; NaN where there is none."""
    points: Ints
    """How many figures there are."""
    lowest: Floats
    highest: Floats

    @classmethod
    def of(cls, series: int, periods: int) -> "Means":
        """Arrays to fill in."""
        centre, moving_range, lowest, highest = np.empty((4, series))
        return cls(centre, moving_range, np.full(series, periods), lowest, highest)

    def part(self, here: slice) -> "Means":
        """Some series of these, as a window on the same arrays."""
        return Means(
            self.centre[here], self.moving_range[here], self.points[here], self.lowest[here], self.highest[here]
        )


def means(inside: Floats, *, screen: bool = False) -> Means:
    """The mean and the mean moving range of each column (periods x series, NaN where missing).

    Moving ranges join neighbouring periods only: a missing period spans nothing (R11). Every column's result is the same
    to the last bit whatever other columns are there.
    """
    periods, series = inside.shape
    found = Means.of(series, periods)
    buffer, ranges = np.empty((2, periods, min(series, _IN_CACHE)))
    few: list[Rows] = []
    many_gaps = False
    for start in range(0, series, _IN_CACHE):
        here = slice(start, min(start + _IN_CACHE, series))
        out, width = found.part(here), here.stop - start
        part = buffer[:, :width]
        np.copyto(part, inside[:, here])
        if many_gaps:  # where the series before had many, these mostly have too
            _with_gaps(part, out, screen=screen)
            many_gaps = 4 * np.count_nonzero(out.points < periods) > width
            continue
        _sum_columns(part, out.centre)
        gaps = np.flatnonzero(np.isnan(out.centre))
        many_gaps = periods < 2 or 4 * len(gaps) > width
        if many_gaps:
            _with_gaps(part, out, screen=screen)
        else:
            _without_gaps(part, ranges[1:, :width], out, screen=screen)
            if len(gaps):
                few.append(gaps + start)
    if few:
        columns = np.concatenate(few)
        some = Means.of(len(columns), periods)
        _with_gaps(np.ascontiguousarray(inside[:, columns]), some, screen=screen)
        for whole, piece in zip(found, some, strict=True):
            whole[columns] = piece
    return found


def _without_gaps(inside: Floats, ranges: Floats, out: Means, *, screen: bool) -> None:
    """Fill in what follows once `out.centre` holds the sums; `ranges` is room for the moving ranges."""
    np.divide(out.centre, len(inside), out=out.centre)
    np.minimum.reduce(inside, axis=0, out=out.lowest)
    np.maximum.reduce(inside, axis=0, out=out.highest)
    np.subtract(inside[1:], inside[:-1], out=ranges)
    np.abs(ranges, out=ranges)
    _sum_columns(ranges, out.moving_range)
    np.divide(out.moving_range, len(ranges), out=out.moving_range)
    if screen:
        _screened(ranges, out.moving_range)


def _with_gaps(inside: Floats, out: Means, *, screen: bool) -> None:
    here: Bools = inside == inside  # only NaN differs from itself
    out.points[:] = how_many(here)
    np.fmin.reduce(inside, axis=0, out=out.lowest, initial=np.inf)
    np.fmax.reduce(inside, axis=0, out=out.highest, initial=-np.inf)
    filled = np.fmax(inside, 0.0)  # the positive part and the negative part: 0 where missing, quicker than a choice
    if not out.lowest.min(initial=0.0) >= 0:
        filled += np.fmin(inside, 0.0)
    _sum_columns(filled, out.centre)
    np.divide(out.centre, out.points, out=out.centre)
    ranges = np.subtract(inside[1:], inside[:-1], out=filled[1:])
    np.abs(ranges, out=ranges)
    kept = ranges.copy() if screen else ranges
    np.fmax(ranges, 0.0, out=ranges)
    _sum_columns(ranges, out.moving_range)
    np.divide(out.moving_range, how_many(here[1:] & here[:-1]), out=out.moving_range)
    if screen:
        _screened(kept, out.moving_range)


def _screened(ranges: Floats, mean: Floats) -> None:
    kept = (ranges < SCREEN * mean) | (mean == 0)  # where nothing moves, nothing is large
    kept &= ranges == ranges
    _sum_columns(np.where(kept, ranges, 0.0), mean)
    np.divide(mean, how_many(kept), out=mean)


def _sum_columns(matrix: Floats, out: Floats) -> None:
    """Add up each column from the first row to the last.

    NumPy adds up a column that stands alone in another order, which shows in the last bit.
    """
    if matrix.shape[1] == 1 and len(matrix):
        out[:] = np.add.accumulate(matrix, axis=0)[-1]
    else:
        np.add.reduce(matrix, axis=0, out=out)
